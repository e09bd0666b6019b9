/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that a check has measured of its server over time: see stats.c. */
#ifndef EVENKEEL_BALANCE_STATS_H
#define EVENKEEL_BALANCE_STATS_H

#include "lib/verdict.h"

/* Averages of counts are in STATS_UNIT. */
#define STATS_UNIT 256

/* Uptime is counted in whole seconds, and answers take their time. */
#define STATS_BOOT_BLUR (5 * USEC_PER_SEC)

/* Each counter tells a user with a counter of its own of a new value. */
struct check_stats {
	uint32_t latency; /* us, average */
	uint32_t latencies; /* samples in the average; likewise below */
	uint32_t running_quick; /* Threads_running, in STATS_UNIT */
	uint32_t running_slow;
	uint32_t runnings;
	uint32_t saturations; /* "too many connections" so far */
	uint32_t restarts; /* seen by the uptime */
	usec_t booted; /* when the server was started; may be below 0 */
	usec_t boot_seen; /* when `booted` was last read; 0: never */
};

/* Add the measurements of VERDICT, which is of CLASS and came at WHEN. */
void stats_verdict(struct check_stats *stats, const struct verdict *verdict,
		   enum outcome_class class, usec_t when);

#endif
