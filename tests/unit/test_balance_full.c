/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Too many connections" (1040 and its kin) says that the server runs, and not
 * that it may serve: its role, its cluster and its data were never looked at.
 * So it leaves every state as it was, and takes weight from a server that is up.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_world.h"

#define HISTORIES 1500

static void say_full(struct balance *balance, uint32_t check, usec_t now,
		     unsigned times)
{
	while (times--)
		say(balance, check, PROBE_SATURATED, now++);
}

/* Reasons to be down that a login alone does not take back. */
Test(balance_full, never_brings_a_server_up)
{
	static const enum outcome reasons[] = {
		PROBE_ROLE,	   PROBE_NOT_READY, PROBE_SQL_UNEXPECTED,
		PROBE_SQL_ERROR,   PROBE_REFUSED,   PROBE_HUNG,
		PROBE_UNREACHABLE, PROBE_CLOSED,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		struct world *world = world_pool(2, CHECK_MYSQL);
		struct balance *balance;

		world_needs_source(world);
		balance = balance_new(&world->conf, 0);
		say(balance, 0, PROBE_OK, s(1));
		say(balance, 1, PROBE_OK, s(1));
		say(balance, 1, reasons[i], s(2));
		say(balance, 1, reasons[i], s(3));
		cr_assert_str_eq(weights(balance, s(3)), "1 -");
		say_full(balance, 1, s(4), 5);
		cr_expect_str_eq(weights(balance, s(5)), "1 -", "%s",
				 outcome_info(reasons[i])->name);
		cr_expect_eq(standing_is(balance, 1), STANDING_DOWN);
		say(balance, 1, PROBE_OK, s(6));
		cr_expect_eq(weight_of(balance, 1, s(6)) > 0, true);
		balance_free(balance);
		world_free(world);
	}
}

Test(balance_full, is_no_step_of_a_row)
{
	struct world *world = world_pool(2, CHECK_MYSQL);
	struct balance *balance;

	world->checks[1].rise = 3;
	balance = balance_new(&world->conf, 0);
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(2));
	say_full(balance, 1, s(3), 4);
	cr_assert_eq(weight_of(balance, 1, s(4)), OUT);
	cr_assert_eq(standing_is(balance, 1), STANDING_UNKNOWN);
	say(balance, 1, PROBE_OK, s(5));
	cr_assert_eq(weight_of(balance, 1, s(5)), 1);
	/* Nor does it break a row of failures: a wrong role stays one. */
	say(balance, 1, PROBE_NOT_READY, s(6));
	say_full(balance, 1, s(7), 1);
	cr_assert_eq(weight_of(balance, 1, s(7)), 1);
	say(balance, 1, PROBE_NOT_READY, s(8));
	cr_assert_eq(weight_of(balance, 1, s(8)), OUT);
	balance_free(balance);
	world_free(world);
}

Test(balance_full, an_ejected_one_stays_ejected_and_one_held_stays_held)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	unsigned i;

	for (i = 0; i < 3; i++)
		say(balance, i, PROBE_OK, s(1));
	say(balance, 3, PROBE_MISCONFIGURED, s(1));
	weight_of(balance, 0, s(1));
	for (i = 0; i < 30; i++) {
		say(balance, 0, PROBE_OK, s(2 + i));
		say(balance, 1, PROBE_OK, s(2 + i));
		say_lag(balance, 2, 900, s(2 + i));
		weight_of(balance, 0, s(2 + i));
	}
	cr_assert_str_eq(weights(balance, s(40)), "1 1 0 -");
	say_full(balance, 2, s(41), 5);
	say_full(balance, 3, s(41), 5);
	cr_assert_str_eq(weights(balance, s(42)), "1 1 0 -");
	cr_assert_eq(standing_is(balance, 2), STANDING_SOFT);
	cr_assert_eq(standing_is(balance, 3), STANDING_HELD);
	balance_free(balance);
	world_free(world);
}

/*
 * A hash that is to choose the same on every balancer has no weight that moves,
 * whether it moved before or was found in the kernel, and a place for each server.
 */
Test(balance_full, moves_no_weight_of_a_steady_pool)
{
	struct world *world = world_pool(2, CHECK_MYSQL);
	struct balance *balance;
	struct table table = { 0 };

	world->vs[0].base_weight = 100;
	balance = balance_new(&world->conf, 0);
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	say_full(balance, 1, s(2), 1);
	cr_assert_str_eq(weights(balance, s(3)), "100 70");
	balance_decide(balance, s(3), &table);
	balance_free(balance);
	world->vs[0].steady = true;
	world->servers[0].inhibit = world->servers[1].inhibit = true;
	balance = balance_new(&world->conf, s(4));
	balance_adopt(balance, &table, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "100 100");
	say_full(balance, 1, s(5), 3);
	cr_assert_str_eq(weights(balance, s(6)), "100 100");
	say(balance, 0, PROBE_OK, s(7));
	say(balance, 1, PROBE_REFUSED, s(7));
	say(balance, 1, PROBE_REFUSED, s(8));
	cr_assert_str_eq(weights(balance, s(8)), "100 0");
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* A check that two servers share, presumed up for one of them only. */
Test(balance_full, settles_no_presumption)
{
	struct world *world = world_pool(2, CHECK_MYSQL);
	struct table actual = { 0 };
	struct table_service *svc = table_add_service(&actual);
	struct balance *balance;

	world->uses[1][0].check = 0;
	svc->key = world->keys[0][0];
	svc->nr_dests = 0;
	table_add_dest(&actual)->rip = world->servers[0].addr;
	actual.dests[0].weight = 1;
	balance = balance_new(&world->conf, s(1));
	balance_adopt(balance, &actual, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 -");
	say_full(balance, 0, s(2), 3);
	cr_assert_str_eq(weights(balance, s(3)), "1 -");
	table_free(&actual);
	balance_free(balance);
	world_free(world);
}

Test(balance_full, is_never_called_passed)
{
	struct world *world = world_pool(2, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	char text[512];

	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_REFUSED, s(1));
	say_full(balance, 0, s(2), 1);
	say_full(balance, 1, s(2), 1);
	weight_of(balance, 0, s(3));
	balance_reason(balance, 0, 0, s(3), text, sizeof(text));
	cr_expect_null(strstr(text, "passed"), "%s", text);
	cr_expect_not_null(strstr(text, "too many connections"), "%s", text);
	balance_reason(balance, 0, 1, s(3), text, sizeof(text));
	cr_expect_null(strstr(text, "passed"), "%s", text);
	cr_expect_not_null(strstr(text, "too many connections"), "%s", text);
	balance_free(balance);
	world_free(world);
}

/* After any history: nobody's standing moves, and nobody is let in or out. */
Test(balance_full, leaves_every_state_as_it_was)
{
	uint64_t round;
	uint32_t i, k;

	for (round = 0; round < HISTORIES; round++) {
		uint64_t seed = round + 31;
		struct world *world =
			world_pool(1 + random_below(&seed, 5), CHECK_MYSQL);
		enum standing before[8];
		struct balance *balance;
		usec_t now = s(1);

		if (random_below(&seed, 3) == 0)
			world_needs_source(world);
		for (i = 0; i < world->conf.nr_checks; i++) {
			world->checks[i].rise = 1 + random_below(&seed, 3);
			world->checks[i].fall = 1 + random_below(&seed, 3);
		}
		world->conf.global.compat = random_below(&seed, 4) == 0;
		balance = balance_new(&world->conf, 0);
		for (k = random_below(&seed, 20); k > 0; k--) {
			for (i = 0; i < world->conf.nr_checks; i++)
				say(balance, i,
				    random_below(&seed, 2) ?
					    PROBE_OK :
					    (enum outcome)random_below(
						    &seed, PROBE_OUTCOMES),
				    now);
			weight_of(balance, 0, now);
			now += s(2);
		}
		weight_of(balance, 0, now);
		for (i = 0; i < world->conf.nr_servers; i++)
			before[i] = standing_is(balance, i);
		for (k = 0; k < 8; k++) {
			i = random_below(&seed, world->conf.nr_checks);
			say(balance, i, PROBE_SATURATED, now);
			weight_of(balance, 0, now);
		}
		for (i = 0; i < world->conf.nr_servers; i++)
			cr_assert_eq(standing_is(balance, i), before[i],
				     "seed %u server %u: %s to %s",
				     (unsigned)round, i,
				     standing_name(before[i]),
				     standing_name(standing_is(balance, i)));
		balance_free(balance);
		world_free(world);
	}
}
