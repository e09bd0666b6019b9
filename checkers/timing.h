/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a check is to be probed: pure arithmetic, the time and the seed are
 * arguments.
 *
 * - The first probes are spread over the first second (or over `warmup`, if the
 *   file sets one), so that a start is quick and yet no burst.
 * - The wait after that first probe is a random part of delay_loop. From then
 *   on the checks are spread evenly over the whole interval, and stay so.
 * - delay_loop counts from the start of one probe to the start of the next,
 *   give or take 5 % (jitter 10 % wide), so that checks that happen to meet
 *   part again, and the mean interval is the one in the file.
 * - A failure that is not final yet is looked at again after
 *   delay_before_retry, counted from the end of the failed probe.
 * - A probe that took longer than the interval is followed at once; missed
 *   probes are not made up for.
 */
#ifndef EVENKEEL_CHECKERS_TIMING_H
#define EVENKEEL_CHECKERS_TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/util.h"

/* However short the intervals in the file, a probe starts this long after the
 * last one: the loop must get round to the others. */
#define TIMING_MIN_GAP (10 * USEC_PER_MSEC)

struct timing {
	uint64_t seed; /* the check's own */
	uint32_t round; /* how many random numbers were drawn */
	bool spread; /* the wait that spreads the checks is still to come */
};

/* SEED: the process's random number; the check's content is mixed in. */
void timing_init(struct timing *timing, uint64_t seed, uint32_t check_hash);

/* The start of the first probe, between NOW and NOW + its spread. */
usec_t timing_first(struct timing *timing, const struct conf_check *conf,
		    usec_t now);

/*
 * The start of the next probe. STARTED and NOW: the last one's start and end;
 * RETRY: it failed and the failure is not final. Never before NOW.
 */
usec_t timing_next(struct timing *timing, const struct conf_check *conf,
		   usec_t started, usec_t now, bool retry);

#endif
