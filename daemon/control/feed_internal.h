/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the feed. */
#ifndef EVENKEEL_DAEMON_CONTROL_FEED_INTERNAL_H
#define EVENKEEL_DAEMON_CONTROL_FEED_INTERNAL_H

#include "lib/durations.h"
#include "lib/sheet.h"
#include "lib/table.h"
#include "lib/util.h"

struct view;

struct feed {
	const struct control_ops *ops;
	void *arg;
	struct sheet sheet;
	bool begun;
	uint32_t generation; /* of the configuration that it is of */
	usec_t started; /* by the monotonic clock; 0: not yet */
	usec_t turn; /* likewise: the slice at hand began */
	usec_t held; /* the longest slice, us */
	usec_t wall; /* the wall clock less the loop's */
	/*
	 * The kernel's table as it was at the beginning: another request may have
	 * the view's own read anew meanwhile.
	 */
	bool reached;
	struct table table;
	uint32_t vs, server; /* the next ones */
	bool opened; /* the row of VS is written */
	char bounds[DURATIONS_BOUNDS + 1][24]; /* columns of a histogram */
};

/* WHEN by the wall clock, to the millisecond; 0 (never): not known. */
void feed_when(struct feed *feed, const char *key, usec_t when);

/* The rows of the daemon, its sync threads, VRRP and the announced groups. */
void feed_daemon(struct feed *feed, const struct view *view);

#endif
