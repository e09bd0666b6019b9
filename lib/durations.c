/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/durations.h"

const usec_t durations_bounds[DURATIONS_BOUNDS] = {
	USEC_PER_MSEC,	     5 * USEC_PER_MSEC / 2, 5 * USEC_PER_MSEC,
	10 * USEC_PER_MSEC,  25 * USEC_PER_MSEC,    100 * USEC_PER_MSEC,
	500 * USEC_PER_MSEC, USEC_PER_SEC,	    5 * USEC_PER_SEC,
};

void durations_add(struct durations *durations, usec_t duration)
{
	unsigned i = 0;

	while (i < DURATIONS_BOUNDS && duration > durations_bounds[i])
		i++;
	durations->counts[i]++;
	durations->sum += (uint64_t)duration;
}
