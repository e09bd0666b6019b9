/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the feed. */
#ifndef EVENKEEL_DAEMON_CONTROL_FEED_INTERNAL_H
#define EVENKEEL_DAEMON_CONTROL_FEED_INTERNAL_H

#include "daemon/control/walk.h"
#include "lib/durations.h"
#include "lib/sheet.h"
#include "lib/util.h"

struct view;

struct feed {
	struct view_walk walk;
	struct sheet sheet;
	usec_t started; /* by the monotonic clock; 0: not yet */
	usec_t turn; /* likewise: the slice at hand began */
	usec_t held; /* the longest slice, us */
	usec_t wall; /* the wall clock less the loop's */
	char bounds[DURATIONS_BOUNDS + 1][24]; /* columns of a histogram */
};

/* WHEN by the wall clock, to the millisecond; 0 (never): not known. */
void feed_when(struct feed *feed, const char *key, usec_t when);

/* The rows of the daemon, its sync threads, VRRP and the announced groups. */
void feed_daemon(struct feed *feed, const struct view *view);

#endif
