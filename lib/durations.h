/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often something took how long: counts by fixed bounds, and the sum. The
 * bounds are close where a healthy server of a local network answers, and reach
 * to where a probe is given up.
 */
#ifndef EVENKEEL_LIB_DURATIONS_H
#define EVENKEEL_LIB_DURATIONS_H

#include <stdint.h>

#include "lib/util.h"

#define DURATIONS_BOUNDS 9

/* Rising; a duration belongs to the first bound that is not below it. */
extern const usec_t durations_bounds[DURATIONS_BOUNDS];

struct durations {
	/* For each bound, and at the end of all that are longer. */
	uint64_t counts[DURATIONS_BOUNDS + 1];
	uint64_t sum; /* us */
};

void durations_add(struct durations *durations, usec_t duration);

#endif
