/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "tests/unit/balance_world.h"

static struct world *quorum_world(uint32_t count, uint32_t quorum,
				  uint32_t hysteresis, bool sorry)
{
	struct world *world = world_pool(count, CHECK_TCP);
	uint32_t i;

	world->conf.global.compat = true;
	world->vs[0].quorum = quorum;
	world->vs[0].hysteresis = hysteresis;
	if (sorry)
		endpoint_parse(&world->vs[0].sorry.addr, "10.9.9.9:3306");
	for (i = 0; i < count; i++)
		world->uses[i][0].alpha = true;
	return world;
}

/* What keepalived keeps of a virtual server, and its two rules. */
struct plain_quorum {
	bool up;
};

static void plain_step(struct plain_quorum *plain, int64_t sum, int64_t quorum,
		       int64_t hysteresis)
{
	if (!plain->up && sum >= quorum + hysteresis)
		plain->up = true;
	else if (plain->up && (sum == 0 || sum < quorum - hysteresis))
		plain->up = false;
}

static void quorum_walk(uint64_t *seed)
{
	uint32_t count = 1 + random_below(seed, 6);
	uint32_t quorum = 1 + random_below(seed, count + 1);
	uint32_t hysteresis = random_below(seed, quorum);
	bool sorry = random_below(seed, 2);
	struct world *world = quorum_world(count, quorum, hysteresis, sorry);
	struct plain_quorum plain = { 0 };
	struct balance_vs_view view;
	struct table table = { 0 };
	struct balance *balance;
	uint32_t i, step;

	for (i = 0; i < count; i++) {
		world->servers[i].weight = random_below(seed, 3);
		world->servers[i].inhibit = random_below(seed, 2);
		world->checks[i].fall = 1;
	}
	balance = balance_new(&world->conf, 0);
	for (step = 0; step < 40; step++) {
		uint32_t sum = 0, want;

		say(balance, random_below(seed, count),
		    random_below(seed, 2) ? PROBE_OK : PROBE_REFUSED, s(step));
		balance_decide(balance, s(step), &table);
		table_assert_valid(&world->conf, &table);
		for (i = 0; i < count; i++)
			if (standing_is(balance, i) == STANDING_UP)
				sum += world->servers[i].weight;
		plain_step(&plain, sum, quorum, hysteresis);
		balance_view_vs(balance, 0, &view);
		cr_assert_eq(view.quorum, plain.up, "step %u: sum %u", step,
			     sum);
		for (i = 0, want = 0; i < count; i++)
			want += standing_is(balance, i) == STANDING_UP &&
				world->servers[i].weight;
		if (sorry && !plain.up)
			want = 1;
		cr_assert_eq(serving(&table), want, "step %u", step);
	}
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

Test(balance_quorum, agrees_with_keepalived)
{
	uint64_t seed = 7;
	uint32_t i;

	for (i = 0; i < 500; i++)
		quorum_walk(&seed);
}

static void say_all(struct balance *balance, uint32_t from, uint32_t to,
		    enum outcome outcome, usec_t now)
{
	for (; from < to; from++) {
		say(balance, from, outcome, now);
		say(balance, from, outcome, now);
	}
}

Test(balance_quorum, hysteresis_and_the_sorry_server)
{
	struct world *world = quorum_world(8, 4, 2, true);
	struct table table = { 0 };
	struct balance *balance = balance_new(&world->conf, 0);

	/* keepalived shows the sorry server from the start under alpha. */
	balance_decide(balance, 0, &table);
	cr_assert_eq(table.nr_dests, 1);
	cr_assert_eq(table.dests[0].ref, REF_SORRY);
	cr_assert_eq(level_of(balance, 0), LEVEL_SORRY);
	say_all(balance, 0, 5, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	cr_assert_eq(table.dests[0].ref, REF_SORRY, "5 < quorum + hysteresis");
	say_all(balance, 5, 6, PROBE_OK, s(2));
	balance_decide(balance, s(2), &table);
	cr_assert_eq(table.nr_dests, 6);
	say_all(balance, 2, 6, PROBE_REFUSED, s(3));
	balance_decide(balance, s(3), &table);
	cr_assert_eq(table.nr_dests, 2, "2 is not below quorum - hysteresis");
	say_all(balance, 1, 2, PROBE_REFUSED, s(4));
	balance_decide(balance, s(4), &table);
	cr_assert_eq(table.nr_dests, 1);
	cr_assert_eq(table.dests[0].ref, REF_SORRY);
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* A pool that starts is not sorry yet: nobody knows. */
Test(balance_quorum, no_sorry_server_before_the_checks_have_ended)
{
	struct world *world = quorum_world(2, 1, 0, true);
	struct balance *balance;
	struct balance_event event;
	struct table table = { 0 };

	world->conf.global.compat = false;
	world->uses[0][0].alpha = world->uses[1][0].alpha = false;
	balance = balance_new(&world->conf, 0);
	balance_decide(balance, 0, &table);
	cr_assert_eq(table.nr_dests, 0);
	cr_assert_eq(level_of(balance, 0), LEVEL_STARTING);
	say_all(balance, 0, 1, PROBE_REFUSED, s(1));
	balance_decide(balance, s(1), &table);
	cr_assert_eq(table.nr_dests, 0, "the other one may still come");
	while (balance_next_event(balance, &event))
		cr_assert_neq(event.kind, EVENT_QUORUM_DOWN);
	say_all(balance, 1, 2, PROBE_REFUSED, s(2));
	balance_decide(balance, s(2), &table);
	cr_assert_eq(table.nr_dests, 1);
	cr_assert_eq(level_of(balance, 0), LEVEL_SORRY);
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* People name one of the servers as the sorry server, as a last resort. */
Test(balance_quorum, a_server_may_be_the_sorry_server)
{
	struct world *world = quorum_world(2, 1, 0, true);
	struct table table = { 0 };
	struct balance *balance;

	world->vs[0].sorry.addr = world->servers[0].addr;
	world->servers[0].inhibit = world->servers[1].inhibit = true;
	balance = balance_new(&world->conf, 0);
	say_all(balance, 0, 2, PROBE_REFUSED, s(1));
	balance_decide(balance, s(1), &table);
	table_assert_valid(&world->conf, &table);
	cr_assert_eq(table.nr_dests, 2);
	cr_assert_eq(table.dests[0].weight, 1);
	cr_assert_eq(table.dests[0].ref, REF_SORRY);
	cr_assert_eq(table.dests[1].weight, 0);
	say_all(balance, 0, 1, PROBE_OK, s(2));
	balance_decide(balance, s(2), &table);
	cr_assert_eq(table.nr_dests, 2);
	cr_assert_eq(table.dests[0].ref, 0);
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* The operator's word stands above: there is no sorry server then. */
Test(balance_quorum, the_operator_takes_out_a_sorry_server_that_is_a_server)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance_server_view view;
	struct table table = { 0 };
	struct balance *balance;
	unsigned round;

	world->vs[0].sorry.addr = world->servers[0].addr;
	world->vs[0].sorry.forward.method = FORWARD_DR;
	balance = balance_new(&world->conf, 0);
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	for (round = 0; round < 3; round++) {
		say(balance, 0, PROBE_REFUSED, s(2 + round));
		say(balance, 1, PROBE_REFUSED, s(2 + round));
	}
	balance_decide(balance, s(5), &table);
	cr_assert_eq(table.nr_dests, 1);
	cr_assert_eq(table.dests[0].ref, REF_SORRY);
	cr_assert_eq(level_of(balance, 0), LEVEL_SORRY);
	/* People see what is wanted of it, whoever it serves as. */
	balance_view_server(balance, 0, &view);
	cr_assert(view.wanted);
	cr_assert_eq(view.weight, table.dests[0].weight);
	balance_override(balance, 0, OVERRIDE_DISABLE, 0, s(6));
	cr_assert_eq(weight_of(balance, 0, s(6)), OUT);
	balance_decide(balance, s(6), &table);
	cr_assert_eq(serving(&table), 1,
		     "the last that served, and is not out");
	cr_assert_eq(table.dests[0].ref, 1);
	cr_assert_eq(level_of(balance, 0), LEVEL_LAST_RESORT);
	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(7));
	cr_assert_eq(weight_of(balance, 0, s(7)), OUT, "it is down");
	balance_override(balance, 0, OVERRIDE_NONE, 0, s(8));
	balance_decide(balance, s(8), &table);
	cr_assert_eq(table.nr_dests, 1);
	cr_assert_eq(table.dests[0].ref, REF_SORRY);
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

Test(balance_quorum, sorry_server_inhibit)
{
	struct world *world = quorum_world(1, 1, 0, true);
	struct table table = { 0 };
	struct balance *balance;

	world->vs[0].sorry.inhibit = true;
	world->vs[0].base_weight = 100;
	balance = balance_new(&world->conf, 0);
	say_all(balance, 0, 1, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	cr_assert_eq(table.nr_dests, 2);
	cr_assert_eq(table.dests[1].weight, 0);
	say_all(balance, 0, 1, PROBE_REFUSED, s(2));
	balance_decide(balance, s(2), &table);
	cr_assert_eq(table.nr_dests, 1);
	cr_assert_eq(table.dests[0].weight, 100);
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

Test(balance_quorum, is_announced_once_each_way)
{
	struct world *world = quorum_world(2, 2, 0, false);
	struct balance *balance = balance_new(&world->conf, 0);
	static const int want[] = { EVENT_QUORUM_DOWN, EVENT_QUORUM_UP,
				    EVENT_QUORUM_DOWN };
	struct balance_event event;
	size_t seen = 0, i;

	for (i = 0; i < 4; i++) {
		say_all(balance, 0, 2, i % 2 ? PROBE_OK : PROBE_REFUSED,
			s(i + 1));
		weight_of(balance, 0, s(i + 1));
		weight_of(balance, 0, s(i + 1));
		if (i == 2)
			break;
	}
	while (balance_next_event(balance, &event)) {
		if (event.server != TABLE_NO_REF)
			continue;
		cr_assert_lt(seen, ARRAY_SIZE(want));
		cr_assert_eq((int)event.kind, want[seen], "event %zu", seen);
		seen++;
	}
	cr_assert_eq(seen, ARRAY_SIZE(want));
	balance_free(balance);
	world_free(world);
}
