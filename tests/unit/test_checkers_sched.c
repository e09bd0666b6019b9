/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of points in time, beside a list that is searched from end to end. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "checkers/sched.h"

#define ITEMS 200

static struct sched_item items[ITEMS];

/* The earliest time among the items that are in, by looking at each. */
static usec_t earliest(size_t *in)
{
	usec_t best = INT64_MAX;
	size_t i;

	*in = 0;
	for (i = 0; i < ITEMS; i++) {
		if (items[i].place == 0)
			continue;
		(*in)++;
		if (items[i].when < best)
			best = items[i].when;
	}
	return best;
}

Test(checkers_sched, agrees_with_a_plain_search)
{
	struct sched sched = { 0 };
	struct sched_item *first;
	size_t in;
	int step, i;

	srand(4711);
	for (step = 0; step < 20000; step++) {
		i = rand() % ITEMS;
		if (rand() % 3 == 0)
			sched_clear(&sched, &items[i]);
		else
			sched_set(&sched, &items[i], rand() % 500);
		first = sched_first(&sched);
		if (!first) {
			earliest(&in);
			cr_assert_eq(in, 0);
			continue;
		}
		cr_assert_eq(first->when, earliest(&in), "step %d", step);
		cr_assert_eq(in, sched.used);
	}
	sched_free(&sched);
}

Test(checkers_sched, comes_out_in_order)
{
	struct sched sched = { 0 };
	struct sched_item *first;
	usec_t last = -1;
	int i;

	srand(1);
	for (i = 0; i < ITEMS; i++)
		sched_set(&sched, &items[i], rand() % 50);
	for (i = 0; i < ITEMS; i++) {
		first = sched_first(&sched);
		cr_assert_geq(first->when, last);
		last = first->when;
		sched_clear(&sched, first);
		cr_assert_eq(first->place, 0);
	}
	cr_assert_null(sched_first(&sched));
	sched_clear(&sched, &items[0]);
	cr_assert_null(sched_first(&sched));
	sched_free(&sched);
}
