/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of durations by their bounds. */
#include <criterion/criterion.h>

#include "lib/durations.h"

Test(durations, belong_to_the_first_bound_that_is_not_below)
{
	struct durations durations = { 0 };
	usec_t last = durations_bounds[DURATIONS_BOUNDS - 1];
	unsigned i;

	durations_add(&durations, 0);
	for (i = 0; i < DURATIONS_BOUNDS; i++) {
		cr_assert(i == 0 ||
			  durations_bounds[i] > durations_bounds[i - 1]);
		durations_add(&durations, durations_bounds[i]);
		durations_add(&durations, durations_bounds[i] + 1);
	}
	cr_expect_eq(durations.counts[0], 2);
	for (i = 1; i < DURATIONS_BOUNDS; i++)
		cr_expect_eq(durations.counts[i], 2, "%u", i);
	cr_expect_eq(durations.counts[DURATIONS_BOUNDS], 1);
	durations_add(&durations, 1000 * last);
	cr_expect_eq(durations.counts[DURATIONS_BOUNDS], 2);
	cr_expect_gt(durations.sum, (uint64_t)(1000 * last));
}
