/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stopwatch of a drill: starts an attempt each interval, without regard to
 * those before, and ends each at its deadline.
 */
#ifndef EVENKEEL_CTL_DRILL_WATCH_H
#define EVENKEEL_CTL_DRILL_WATCH_H

#include "ctl/drill_probe.h"
#include "ctl/drill_stats.h"

/* Attempts under way at a time; some more while the oldest are being ended. */
#define DRILL_UNDER_WAY 250
#define DRILL_SLOTS (DRILL_UNDER_WAY + 10)

struct drill_report;

struct drill_watch {
	const struct drill_target *target;
	struct drill_stats stats;
	usec_t limit; /* attempts are started for so long */
	usec_t begin;
	usec_t took; /* the whole drill, when it is over */
	char texts[DRILL_KINDS][DRILL_TEXT_MAX]; /* last words of a kind */
	int not_started; /* the last errno of an attempt that was not; 0 */
	struct drill_report *report;
	struct drill_slot {
		pid_t pid; /* 0: free */
		int sock;
		usec_t start;
		bool logged_in;
	} slots[DRILL_SLOTS];
};

/* Run until the limit, or a SIGINT or SIGTERM. */
void drill_watch_run(struct drill_watch *watch);

#endif
