/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When checks are due: properties over thousands of them, in no time at all. */
#include <criterion/criterion.h>

#include "checkers/timing.h"

#define SEC USEC_PER_SEC

static struct conf_check conf_of(usec_t delay_loop, usec_t warmup)
{
	return (struct conf_check){
		.delay_loop = delay_loop,
		.delay_before_retry = SEC,
		.warmup = warmup,
	};
}

Test(checkers_timing, first_round_is_within_its_bound_and_spread)
{
	static const struct {
		usec_t delay_loop, warmup, bound;
	} cases[] = {
		{ 60 * SEC, -1, SEC },
		{ SEC / 2, -1, SEC / 2 },
		{ 60 * SEC, 30 * SEC, 30 * SEC },
		{ 60 * SEC, 0, 0 },
		{ 2 * SEC, 5 * SEC, 5 * SEC },
	};
	struct conf_check conf;
	struct timing timing;
	size_t tenth[10], i, k;
	usec_t first;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(tenth, 0, sizeof(tenth));
		conf = conf_of(cases[i].delay_loop, cases[i].warmup);
		for (k = 0; k < 10000; k++) {
			timing_init(&timing, 99, (uint32_t)k);
			first = timing_first(&timing, &conf, 1000);
			cr_assert_geq(first, 1000);
			cr_assert_leq(first, 1000 + cases[i].bound);
			if (cases[i].bound)
				tenth[(first - 1000) * 10 / cases[i].bound]++;
		}
		for (k = 0; k < 10 && cases[i].bound; k++) {
			cr_assert_gt(tenth[k], 850, "case %zu: %zu", i, k);
			cr_assert_lt(tenth[k], 1150, "case %zu: %zu", i, k);
		}
	}
}

Test(checkers_timing, interval_is_the_files_and_phases_stay_spread)
{
	struct conf_check conf = conf_of(10 * SEC, -1);
	static struct timing timing[2000];
	static usec_t start[2000];
	size_t k, round, tenth[10] = { 0 };
	usec_t next, sum = 0;

	for (k = 0; k < 2000; k++) {
		timing_init(&timing[k], 1, (uint32_t)k * 7);
		start[k] = timing_first(&timing[k], &conf, 0);
		/* The second start is within an interval of the first. */
		next = timing_next(&timing[k], &conf, start[k], start[k],
				   false);
		cr_assert_leq(next - start[k], 10 * SEC);
		start[k] = next;
		for (round = 0; round < 20; round++) {
			next = timing_next(&timing[k], &conf, start[k],
					   start[k] + 3000, false);
			cr_assert_geq(next - start[k], 95 * SEC / 10);
			cr_assert_leq(next - start[k], 105 * SEC / 10);
			sum += next - start[k];
			start[k] = next;
		}
		tenth[start[k] % (10 * SEC) / SEC]++;
	}
	sum /= 2000 * 20;
	cr_assert_geq(sum, 995 * SEC / 100);
	cr_assert_leq(sum, 1005 * SEC / 100);
	for (k = 0; k < 10; k++) {
		cr_assert_gt(tenth[k], 140, "%zu: %zu", k, tenth[k]);
		cr_assert_lt(tenth[k], 260, "%zu: %zu", k, tenth[k]);
	}
}

Test(checkers_timing, retry_counts_from_the_end_and_does_not_jitter)
{
	struct conf_check conf = conf_of(10 * SEC, -1);
	struct timing timing;

	timing_init(&timing, 5, 5);
	cr_assert_eq(timing_next(&timing, &conf, 100 * SEC, 105 * SEC, true),
		     106 * SEC);
}

Test(checkers_timing, late_probe_is_followed_at_once_and_never_in_the_past)
{
	struct conf_check conf = conf_of(SEC, -1);
	struct timing timing;
	usec_t now = 107 * SEC;

	timing_init(&timing, 5, 5);
	timing_first(&timing, &conf, 0);
	cr_assert_eq(timing_next(&timing, &conf, 100 * SEC, now, false), now);
	/* One interval later the schedule is the usual one: no catching up. */
	cr_assert_gt(timing_next(&timing, &conf, now, now + 1000, false),
		     now + 9 * SEC / 10);
}

Test(checkers_timing, shortest_interval_leaves_room_for_others)
{
	struct conf_check conf = conf_of(1, -1);
	struct timing timing;

	conf.delay_before_retry = 0;
	timing_init(&timing, 5, 5);
	cr_assert_eq(timing_next(&timing, &conf, SEC, SEC + 1, false),
		     SEC + TIMING_MIN_GAP);
	cr_assert_eq(timing_next(&timing, &conf, SEC, SEC + 1, true),
		     SEC + TIMING_MIN_GAP);
}

Test(checkers_timing, same_seed_same_times)
{
	struct conf_check conf = conf_of(10 * SEC, -1);
	struct timing a, b, c;

	timing_init(&a, 5, 5);
	timing_init(&b, 5, 5);
	timing_init(&c, 6, 5);
	cr_assert_eq(timing_first(&a, &conf, 0), timing_first(&b, &conf, 0));
	cr_assert_neq(timing_next(&a, &conf, 0, 0, false),
		      timing_next(&c, &conf, 0, 0, false));
}
