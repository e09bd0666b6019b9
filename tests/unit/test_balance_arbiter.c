/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/balance_world.h"

/* Servers 0 .. COUNT-1, each said OUTCOME. */
static void say_each(struct balance *balance, uint32_t count,
		     enum outcome outcome, usec_t now)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		say(balance, i, outcome, now);
}

/* Every server's lag, as often as the row takes (fall is 2). */
static void say_lags(struct balance *balance, uint32_t count,
		     const double *lags, usec_t now)
{
	uint32_t round, i;

	for (round = 0; round < 2; round++)
		for (i = 0; i < count; i++)
			say_lag(balance, i, lags[i], now + s(round));
}

static struct world *lag_world(uint32_t count, uint32_t correlated)
{
	struct world *world = world_pool(count, CHECK_MYSQL);

	world->vs[0].correlated = correlated;
	return world;
}

Test(balance_arbiter, a_hard_failure_leaves_while_anything_is_left)
{
	struct world *world = world_pool(3, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);

	say_each(balance, 3, PROBE_OK, s(1));
	say_each(balance, 2, PROBE_HUNG, s(2));
	say_each(balance, 2, PROBE_HUNG, s(3));
	/* min_serving (2) is for soft failures: no dead server is kept. */
	cr_assert_str_eq(weights(balance, s(3)), "- - 1");
	cr_assert_eq(level_of(balance, 0), LEVEL_NORMAL);
	balance_free(balance);
	world_free(world);
}

Test(balance_arbiter, soft_failures_leave_worst_first_down_to_min_serving)
{
	static const struct {
		double lags[5];
		const char *weights;
		enum level level;
	} cases[] = {
		{ { 0, 0, 0, 0, 0 }, "1 1 1 1 1", LEVEL_NORMAL },
		{ { 0, 40, 0, 0, 0 }, "1 0 1 1 1", LEVEL_NORMAL },
		{ { 0, 40, 90, 0, 0 }, "1 0 0 1 1", LEVEL_NORMAL },
		{ { 40, 300, 90, 0, 0 }, "1 0 0 1 1", LEVEL_HOLDING },
		{ { 500, 300, 90, 40, 0 }, "0 0 1 1 1", LEVEL_HOLDING },
		{ { 500, 300, 90, 41, 600 }, "0 1 1 1 0", LEVEL_HOLDING },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *world = lag_world(5, 0);
		struct balance *balance = balance_new(&world->conf, 0);

		say_each(balance, 5, PROBE_OK, s(1));
		weight_of(balance, 0, s(1));
		say_lags(balance, 5, cases[i].lags, s(2));
		cr_expect_str_eq(weights(balance, s(4)), cases[i].weights,
				 "case %zu: %s", i, weights(balance, s(4)));
		cr_expect_eq(level_of(balance, 0), cases[i].level);
		balance_free(balance);
		world_free(world);
	}
}

/* A number, a percentage, more than there are. */
Test(balance_arbiter, min_serving_in_its_units)
{
	static const struct {
		struct conf_share share;
		uint32_t keeps;
	} cases[] = {
		{ { 0, false }, 1 },  { { 1, false }, 1 }, { { 3, false }, 3 },
		{ { 9, false }, 5 },  { { 0, true }, 1 },  { { 1, true }, 1 },
		{ { 20, true }, 1 },  { { 21, true }, 2 }, { { 50, true }, 3 },
		{ { 100, true }, 5 },
	};
	static const double lags[] = { 50, 51, 52, 53, 54 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *world = lag_world(5, 0);
		struct balance *balance = balance_new(&world->conf, 0);
		struct balance_vs_view view;
		struct table table = { 0 };

		world->vs[0].min_serving = cases[i].share;
		say_lags(balance, 5, lags, s(1));
		balance_decide(balance, s(3), &table);
		balance_view_vs(balance, 0, &view);
		cr_expect_eq(serving(&table), cases[i].keeps, "case %zu", i);
		cr_expect_eq(view.need, cases[i].keeps, "case %zu", i);
		table_free(&table);
		balance_free(balance);
		world_free(world);
	}
}

Test(balance_arbiter, enter_and_leave_at_different_lags)
{
	static const struct {
		double lag;
		int weight;
	} story[] = {
		{ 29, 1 }, { 31, 1 }, { 32, 0 }, { 31, 0 }, { 29, 0 },
		{ 11, 0 }, { 10, 1 }, { 29, 1 }, { 31, 1 }, { 33, 0 },
	};
	struct world *world = lag_world(3, 0);
	struct balance *balance = balance_new(&world->conf, 0);
	size_t i;

	say_each(balance, 3, PROBE_OK, s(1));
	for (i = 0; i < ARRAY_SIZE(story); i++) {
		say_lag(balance, 0, story[i].lag, s(2 + i));
		cr_expect_eq(weight_of(balance, 0, s(2 + i)), story[i].weight,
			     "step %zu, lag %g", i, story[i].lag);
	}
	balance_free(balance);
	world_free(world);
}

Test(balance_arbiter, a_falling_lag_is_left_alone)
{
	struct world *world = lag_world(6, 0);
	struct balance *balance = balance_new(&world->conf, 0);
	unsigned i;

	say_each(balance, 6, PROBE_OK, s(1));
	say_lag(balance, 0, 900, s(2));
	for (i = 0; i < 20; i++) {
		say_lag(balance, 0, 800 - i * 30, s(3 + i));
		cr_assert_eq(weight_of(balance, 0, s(3 + i)), 1);
	}
	say_lag(balance, 0, 235, s(30));
	cr_assert_eq(weight_of(balance, 0, s(30)), 0, "it rises again");
	/* Not so a server that returns with a lag: it is out until resume_lag. */
	say(balance, 1, PROBE_REFUSED, s(31));
	say(balance, 1, PROBE_REFUSED, s(32));
	for (i = 0; i < 20; i++) {
		say_lag(balance, 1, 600 - i * 30, s(33 + i));
		cr_assert_eq(weight_of(balance, 1, s(33 + i)),
			     600 - i * 30 <= 10 ? 1 : 0);
	}
	balance_free(balance);
	world_free(world);
}

/* NULL is not a number: no lag known says nothing about it. */
Test(balance_arbiter, an_unknown_lag_changes_nothing)
{
	struct world *world = lag_world(3, 0);
	struct balance *balance = balance_new(&world->conf, 0);
	static const double lags[] = { 60, 0, 0 };
	unsigned i;

	say_lags(balance, 3, lags, s(1));
	for (i = 0; i < 5; i++) {
		say(balance, 0, PROBE_OK, s(4 + i));
		say(balance, 1, PROBE_OK, s(4 + i));
		cr_assert_str_eq(weights(balance, s(4 + i)), "0 1 1");
	}
	balance_free(balance);
	world_free(world);
}

/* 100 and 101 s, back and forth: who serves stays, until clearly worse. */
Test(balance_arbiter, near_equals_do_not_take_turns)
{
	struct world *world = lag_world(2, 0);
	struct balance *balance = balance_new(&world->conf, 0);
	double lags[2] = { 100, 101 };
	unsigned i;

	say_lags(balance, 2, lags, s(1));
	cr_assert_str_eq(weights(balance, s(2)), "1 0");
	for (i = 0; i < 10; i++) {
		lags[i % 2] += 10;
		say_lags(balance, 2, lags, s(4 + i * 2));
		cr_assert_str_eq(weights(balance, s(5 + i * 2)), "1 0");
	}
	lags[0] = 300;
	say_lags(balance, 2, lags, s(40));
	cr_assert_str_eq(weights(balance, s(41)), "0 1");
	balance_free(balance);
	world_free(world);
}

Test(balance_arbiter, kinds_of_softness_are_ranked)
{
	/* From the best to the worst. */
	static const enum outcome order[] = { PROBE_ROLE, PROBE_SOURCE_LOST,
					      PROBE_LAGGING,
					      PROBE_REPLICATION_BROKEN };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		for (j = 0; j < ARRAY_SIZE(order); j++) {
			struct world *world = lag_world(2, 0);
			struct balance *balance = balance_new(&world->conf, 0);

			say(balance, 0, order[i], s(1));
			say(balance, 1, order[j], s(1));
			cr_expect_str_eq(weights(balance, s(1)),
					 i <= j ? "1 0" : "0 1");
			balance_free(balance);
			world_free(world);
		}
	}
}

/* Two writers are worse than none: there the role is a hard failure. */
Test(balance_arbiter, a_role_is_hard_where_a_source_is_wanted)
{
	struct world *world = lag_world(2, 0);
	struct balance *balance;

	world_needs_source(world);
	balance = balance_new(&world->conf, 0);
	say_each(balance, 2, PROBE_OK, s(1));
	say(balance, 0, PROBE_ROLE, s(2));
	say(balance, 0, PROBE_ROLE, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "- 1");
	balance_free(balance);
	world_free(world);
}

/*
 * The race that asking before testing loses: three servers, two must serve. One
 * begins to fail (its row is not full yet) while another lags.
 */
Test(balance_arbiter, what_is_about_to_fail_does_not_count_as_left_over)
{
	struct world *world = lag_world(3, 0);
	struct balance *balance;
	static const double lags[] = { 60, 0, 0 };

	world->vs[0].min_serving = (struct conf_share){ 2, false };
	world->checks[1].fall = 4;
	balance = balance_new(&world->conf, 0);
	say_each(balance, 3, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1 1");
	say(balance, 1, PROBE_HUNG, s(2));
	say_lag(balance, 0, lags[0], s(2));
	say_lag(balance, 0, lags[0], s(3));
	cr_assert_eq(standing_is(balance, 0), STANDING_UP);
	cr_assert_str_eq(weights(balance, s(3)), "1 1 1");
	cr_assert_eq(standing_is(balance, 0), STANDING_SOFT);
	/* It passes again: now there are two without the lagging one. */
	say(balance, 1, PROBE_OK, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "0 1 1");
	/* Once out, it is not let in again by a single lost probe. */
	say(balance, 1, PROBE_HUNG, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "0 1 1");
	say(balance, 1, PROBE_HUNG, s(6));
	say(balance, 1, PROBE_HUNG, s(7));
	say(balance, 1, PROBE_HUNG, s(8));
	cr_assert_str_eq(weights(balance, s(8)), "1 - 1");
	balance_free(balance);
	world_free(world);
}

Test(balance_arbiter, backups_serve_only_below_min_serving)
{
	struct world *world = lag_world(6, 0);
	struct balance *balance;

	world->servers[4].backup = world->servers[5].backup = true;
	balance = balance_new(&world->conf, 0);
	say_each(balance, 6, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1 1 1 0 0");
	say_each(balance, 2, PROBE_CLOSED, s(2));
	say_each(balance, 2, PROBE_CLOSED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "- - 1 1 0 0");
	/* Backups come before soft-failed servers are kept. */
	say_lag(balance, 2, 70, s(4));
	say_lag(balance, 2, 70, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "- - 0 1 1 1");
	say(balance, 5, PROBE_CLOSED, s(6));
	say(balance, 5, PROBE_CLOSED, s(7));
	cr_assert_str_eq(weights(balance, s(7)), "- - 0 1 1 -");
	say(balance, 4, PROBE_CLOSED, s(8));
	say(balance, 4, PROBE_CLOSED, s(9));
	cr_assert_str_eq(weights(balance, s(9)), "- - 1 1 - -");
	say(balance, 0, PROBE_OK, s(10));
	say(balance, 5, PROBE_OK, s(10));
	cr_assert_str_eq(weights(balance, s(10)), "1 - 0 1 - 0");
	balance_free(balance);
	world_free(world);
}

Test(balance_arbiter, the_last_serving_set_stays_in)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	uint32_t i;

	say_each(balance, 4, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	/* One dies alone, long before; then the rest, within a round. */
	say(balance, 0, PROBE_CLOSED, s(2));
	say(balance, 0, PROBE_CLOSED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "- 1 1 1");
	for (i = 1; i < 4; i++) {
		say(balance, i, PROBE_HUNG, s(100));
		say(balance, i, PROBE_HUNG, s(101 + i));
		weight_of(balance, 0, s(101 + i));
	}
	cr_assert_str_eq(weights(balance, s(104)), "- 1 1 1");
	cr_assert_eq(level_of(balance, 0), LEVEL_LAST_RESORT);
	cr_assert_str_eq(weights(balance, s(9000)), "- 1 1 1");
	/* Anything alive ends it. */
	say(balance, 0, PROBE_OK, s(9001));
	cr_assert_str_eq(weights(balance, s(9001)), "1 0 0 0");
	cr_assert_eq(level_of(balance, 0), LEVEL_NORMAL);
	cr_assert_str_eq(weights(balance, balance_next_wake(balance)),
			 "1 - - -");
	balance_free(balance);
	world_free(world);
}

/* A pool of three whose servers have all failed, at s(4), and are in still. */
static struct balance *last_resort(const struct world *world)
{
	struct balance *balance = balance_new(&world->conf, 0);

	say_each(balance, 3, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	say_each(balance, 3, PROBE_HUNG, s(3));
	say_each(balance, 3, PROBE_HUNG, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 1 1");
	cr_assert_eq(level_of(balance, 0), LEVEL_LAST_RESORT);
	return balance;
}

/*
 * All return at once, and the probes say so one after the other. Who is not asked
 * yet gets nobody new, and keeps the connections that it has.
 */
Test(balance_arbiter, a_last_resort_is_asked_before_it_is_out)
{
	struct world *world = world_pool(3, CHECK_MYSQL);
	struct balance *balance = last_resort(world);
	struct verdict late = { .check = 2,
				.outcome = PROBE_HUNG,
				.when = s(60.4),
				.duration = 1000000 };

	say(balance, 0, PROBE_OK, s(60));
	cr_assert_str_eq(weights(balance, s(60)), "1 0 0");
	/* This probe began while all were down: it says nothing of now. */
	balance_verdict(balance, &late, s(60.4));
	cr_assert_str_eq(weights(balance, s(60.4)), "1 0 0");
	say(balance, 1, PROBE_OK, s(60.5));
	cr_assert_str_eq(weights(balance, s(60.5)), "1 1 0");
	late.when = s(61.5);
	cr_assert(balance_verdict(balance, &late, s(61.5)),
		  "its word is waited for");
	cr_assert_str_eq(weights(balance, s(61.5)), "1 1 -");
	/* From here on it is as any server that is down. */
	say(balance, 2, PROBE_OK, s(62));
	say(balance, 2, PROBE_HUNG, s(63));
	say(balance, 2, PROBE_HUNG, s(64));
	cr_assert_str_eq(weights(balance, s(64)), "1 1 -");
	balance_free(balance);
	world_free(world);
}

/* No longer than it takes to ask each once more: 2 s, give or take, and 1 s. */
Test(balance_arbiter, a_last_resort_without_a_word_is_out_after_a_round)
{
	struct world *world = world_pool(3, CHECK_MYSQL);
	struct balance *balance = last_resort(world);
	struct verdict again = { .check = 1,
				 .outcome = PROBE_OK,
				 .when = s(62) };

	world->checks[1].rise = 3;
	say(balance, 0, PROBE_OK, s(60));
	cr_assert_str_eq(weights(balance, s(60)), "1 0 0");
	cr_assert_eq(balance_next_wake(balance), s(63.1));
	/* On its way up it is neither in nor out. */
	balance_verdict(balance, &again, s(62));
	cr_assert_str_eq(weights(balance, s(63)), "1 0 0");
	cr_assert_str_eq(weights(balance, s(63.1)), "1 - -");
	balance_free(balance);
	world_free(world);
}

/* Where old connections must not go on, or could write in two places. */
Test(balance_arbiter, a_last_resort_is_out_at_once_where_it_does_harm)
{
	enum { CUT, SOURCE, WAYS } way;

	for (way = CUT; way < WAYS; way++) {
		struct world *world = world_pool(3, CHECK_MYSQL);
		struct balance *balance;

		if (way == CUT)
			world->vs[0].on_leave = LEAVE_CUT;
		else
			world_needs_source(world);
		balance = last_resort(world);
		say(balance, 0, PROBE_OK, s(60));
		cr_assert_str_eq(weights(balance, s(60)), "1 - -");
		balance_free(balance);
		world_free(world);
	}
}

Test(balance_arbiter, no_last_resort_where_there_is_another)
{
	unsigned way;

	for (way = 0; way < 3; way++) {
		struct world *world = world_pool(2, CHECK_HTTP);
		struct balance *balance;

		world->conf.global.compat = way == 0;
		if (way == 1)
			endpoint_parse(&world->vs[0].sorry.addr, "10.9.9.9:80");
		balance = balance_new(&world->conf, 0);
		if (way < 2)
			say_each(balance, 2, PROBE_OK, s(1));
		weight_of(balance, 0, s(1));
		say_each(balance, 2, PROBE_HUNG, s(2));
		say_each(balance, 2, PROBE_HUNG, s(3));
		/* compat: empty; sorry server; never served. */
		cr_assert_str_eq(weights(balance, s(3)), "- -");
		cr_assert_eq(level_of(balance, 0),
			     way == 1 ? LEVEL_SORRY : LEVEL_NOTHING);
		balance_free(balance);
		world_free(world);
	}
}

/* A quorum is not lost, and no sorry server shown, for lag. */
Test(balance_arbiter, soft_failures_count_for_the_quorum)
{
	struct world *world = lag_world(4, 0);
	static const double lags[] = { 60, 60, 60, 60 };
	struct balance *balance;
	struct balance_vs_view view;

	world->vs[0].quorum = 3;
	endpoint_parse(&world->vs[0].sorry.addr, "10.9.9.9:3306");
	balance = balance_new(&world->conf, 0);
	say_each(balance, 4, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	say_lags(balance, 4, lags, s(2));
	cr_assert_str_eq(weights(balance, s(4)), "1 1 0 0");
	balance_view_vs(balance, 0, &view);
	cr_assert(view.quorum);
	cr_assert_eq(view.level, LEVEL_HOLDING);
	cr_assert_eq(view.kept, 2);
	cr_assert_eq(view.soft, 4);
	cr_assert_eq(view.need, 2);
	balance_free(balance);
	world_free(world);
}

/* Every order of one snapshot's verdicts: the same table. */
Test(balance_arbiter, the_order_of_verdicts_does_not_count)
{
	static const double lags[] = { 55, 500, 0, 44, 0 };
	uint32_t order[5] = { 0, 1, 2, 3, 4 }, c[5] = { 0 }, i = 1, k,
		 count = 1;
	char first[64];

	first[0] = '\0';
	for (;;) {
		struct world *world = lag_world(5, 80);
		struct balance *balance = balance_new(&world->conf, 0);
		unsigned round;

		for (round = 0; round < 9; round++) {
			for (k = 0; k < 5; k++) {
				uint32_t one = order[k];

				if (one == 2 && round > 1)
					say(balance, one, PROBE_HUNG,
					    s(round * 2));
				else
					say_lag(balance, one,
						round ? lags[one] : 0,
						s(round * 2));
			}
			weight_of(balance, 0, s(round * 2));
		}
		if (!first[0])
			snprintf(first, sizeof(first), "%s",
				 weights(balance, s(30)));
		cr_assert_str_eq(weights(balance, s(30)), first);
		balance_free(balance);
		world_free(world);
		/* The next permutation (Heap's). */
		while (i < 5 && c[i] >= i)
			c[i++] = 0;
		if (i == 5)
			break;
		k = order[i];
		order[i] = order[i % 2 ? c[i] : 0];
		order[i % 2 ? c[i] : 0] = k;
		c[i]++;
		i = 1;
		count++;
	}
	cr_assert_eq(count, 120);
	cr_assert_str_eq(first, "1 0 - 1 1");
}
