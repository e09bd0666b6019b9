/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "tests/unit/balance_world.h"

/* Every outcome, three in a row, on a server that is up and on a new one. */
Test(balance_standing, every_class_of_outcome)
{
	static const struct {
		enum outcome_class class;
		enum standing from_up, from_new;
	} cases[] = {
		{ OUTCOME_UNKNOWN, STANDING_UP, STANDING_UNKNOWN },
		{ OUTCOME_GOOD, STANDING_UP, STANDING_UP },
		{ OUTCOME_HARD, STANDING_DOWN, STANDING_DOWN },
		{ OUTCOME_SATURATED, STANDING_UP, STANDING_UNKNOWN },
		{ OUTCOME_HOLD, STANDING_UP, STANDING_HELD },
		{ OUTCOME_DRAIN, STANDING_DRAIN, STANDING_DRAIN },
	};
	unsigned outcome, i, k;

	for (outcome = 0; outcome < PROBE_OUTCOMES; outcome++) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			struct world *world = world_pool(2, CHECK_TCP);
			struct balance *balance = balance_new(&world->conf, 0);

			if (outcome_info(outcome)->class == cases[i].class) {
				say(balance, 0, PROBE_OK, s(1));
				for (k = 0; k < 6; k++)
					say(balance, k % 2, outcome, s(2 + k));
				weight_of(balance, 0, s(9));
				cr_expect_eq(standing_is(balance, 0),
					     cases[i].from_up, "%s",
					     outcome_info(outcome)->name);
				cr_expect_eq(standing_is(balance, 1),
					     cases[i].from_new, "%s",
					     outcome_info(outcome)->name);
			}
			balance_free(balance);
			world_free(world);
		}
	}
}

Test(balance_standing, the_worst_check_speaks)
{
	struct world *world = world_new();
	struct balance *balance;
	uint32_t server, a, b;

	world_vs(world);
	server = world_server(world, 1);
	a = world_check(world, server, CHECK_TCP);
	b = world_check(world, server, CHECK_HTTP);
	balance = balance_new(&world->conf, 0);
	cr_assert_eq(weight_of(balance, server, s(1)), OUT);
	say(balance, a, PROBE_OK, s(1));
	cr_assert_eq(weight_of(balance, server, s(1)), OUT);
	cr_assert_eq(standing_is(balance, server), STANDING_UNKNOWN);
	say(balance, b, PROBE_MISCONFIGURED, s(2));
	/* The only one, and it answers: it serves, though unproven. */
	cr_assert_eq(weight_of(balance, server, s(2)), 1);
	cr_assert_eq(standing_is(balance, server), STANDING_HELD);
	cr_assert_eq(level_of(balance, 0), LEVEL_UNPROVEN);
	say(balance, b, PROBE_DRAIN, s(3));
	cr_assert_eq(weight_of(balance, server, s(3)), 0);
	say(balance, a, PROBE_REFUSED, s(4));
	say(balance, a, PROBE_REFUSED, s(5));
	/* Down, but the last that served. */
	cr_assert_eq(weight_of(balance, server, s(5)), 1);
	cr_assert_eq(standing_is(balance, server), STANDING_DOWN);
	say(balance, a, PROBE_OK, s(6));
	say(balance, b, PROBE_OK, s(6));
	cr_assert_eq(weight_of(balance, server, s(6)), 1);
	balance_free(balance);
	world_free(world);
}

/* A drained server is not put back by one lost probe or a saturated one. */
Test(balance_standing, a_drain_ends_only_by_a_good_answer)
{
	static const enum outcome between[] = { PROBE_TIMEOUT, PROBE_SATURATED,
						PROBE_LOCAL_FAULT,
						PROBE_MISCONFIGURED };
	struct world *world = world_pool(1, CHECK_HTTP);
	struct balance *balance = balance_new(&world->conf, 0);
	size_t i;

	say(balance, 0, PROBE_OK, s(1));
	for (i = 0; i < ARRAY_SIZE(between); i++) {
		say(balance, 0, PROBE_DRAIN, s(2));
		say(balance, 0, between[i], s(3));
		cr_assert_eq(weight_of(balance, 0, s(3)), 0, "%s",
			     outcome_info(between[i])->name);
	}
	say(balance, 0, PROBE_OK, s(4));
	cr_assert_eq(weight_of(balance, 0, s(4)), 1);
	balance_free(balance);
	world_free(world);
}

Test(balance_standing, before_the_first_check)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct balance *balance;

	world->servers[2].nr_uses = 0; /* without a check: always up */
	balance = balance_new(&world->conf, 0);
	cr_assert_str_eq(weights(balance, 0), "- - 1");
	balance_free(balance);
	world->conf.global.compat = true;
	world->uses[1][0].alpha = true;
	balance = balance_new(&world->conf, 0);
	cr_assert_str_eq(weights(balance, 0), "1 - 1");
	cr_assert_eq(standing_is(balance, 1), STANDING_DOWN);
	/* keepalived: the first failure alone takes it down. */
	say(balance, 0, PROBE_REFUSED, s(1));
	say(balance, 1, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "- 1 1");
	balance_free(balance);
	world_free(world);
}

/* One check, two users, one of them alpha: a presumption is for one of them. */
Test(balance_standing, a_presumption_is_not_shared)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance;

	world->uses[1][0].check = 0;
	world->uses[1][0].alpha = true;
	world->conf.global.compat = true;
	balance = balance_new(&world->conf, 0);
	cr_assert_str_eq(weights(balance, 0), "1 -");
	say(balance, 0, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1");
	balance_free(balance);
	world_free(world);
}

Test(balance_standing, inhibit_keeps_it_at_weight_0)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance;

	world->servers[0].inhibit = true;
	world->servers[1].weight = INT32_MAX;
	world->vs[0].base_weight = 100;
	balance = balance_new(&world->conf, 0);
	cr_assert_str_eq(weights(balance, 0), "0 -");
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "100 2147483647");
	say(balance, 0, PROBE_HUNG, s(2));
	say(balance, 0, PROBE_HUNG, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "0 2147483647");
	balance_free(balance);
	world_free(world);
}

Test(balance_standing, a_script_sets_the_weight)
{
	struct world *world = world_pool(1, CHECK_MISC);
	struct facts facts = { .have = FACT_WEIGHT, .weight = 40 };
	struct balance *balance;
	uint32_t second;

	world->servers[0].weight = 10;
	second = world_check(world, 0, CHECK_MISC);
	balance = balance_new(&world->conf, 0);
	say_facts(balance, 0, PROBE_OK, &facts, s(1));
	say(balance, second, PROBE_OK, s(1));
	cr_assert_eq(weight_of(balance, 0, s(1)), 40);
	facts.weight = 3;
	say_facts(balance, second, PROBE_OK, &facts, s(2));
	cr_assert_eq(weight_of(balance, 0, s(2)), 33);
	facts.weight = 0;
	say_facts(balance, 0, PROBE_OK, &facts, s(3));
	cr_assert_eq(weight_of(balance, 0, s(3)), 0);
	cr_assert_eq(standing_is(balance, 0), STANDING_UP);
	/* Exit status 0 says no weight: the last one stays. So does one that
	 * comes between, whatever becomes of the server meanwhile. */
	facts = (struct facts){ .have = FACT_EXIT_STATUS };
	say_facts(balance, second, PROBE_OK, &facts, s(4));
	cr_assert_eq(weight_of(balance, 0, s(4)), 0);
	facts = (struct facts){ .have = FACT_WEIGHT, .weight = 40 };
	say_facts(balance, 0, PROBE_OK, &facts, s(5));
	facts = (struct facts){ .have = FACT_EXIT_STATUS, .exit_status = 1 };
	say_facts(balance, second, PROBE_SCRIPT, &facts, s(6));
	facts.exit_status = 0;
	say_facts(balance, second, PROBE_OK, &facts, s(7));
	cr_assert_eq(weight_of(balance, 0, s(7)), 33);
	balance_free(balance);
	world_free(world);
}

/* FILE_CHECK: keepalived's sum, which a number below 0 makes smaller. */
Test(balance_standing, a_file_adds_to_the_weight)
{
	struct world *world = world_pool(1, CHECK_FILE);
	struct facts facts = { .have = FACT_WEIGHT, .weight = 5 };
	struct balance *balance;
	uint32_t second;

	world->servers[0].weight = 10;
	second = world_check(world, 0, CHECK_FILE);
	world->checks[0].traits.reports_weight = true;
	world->checks[0].traits.adds_weight = true;
	world->checks[second].traits = world->checks[0].traits;
	balance = balance_new(&world->conf, 0);
	say_facts(balance, 0, PROBE_OK, &facts, s(1));
	say_facts(balance, second, PROBE_OK, &facts, s(1));
	cr_assert_eq(weight_of(balance, 0, s(1)), 20);
	facts.weight = (uint32_t)-12;
	say_facts(balance, second, PROBE_OK, &facts, s(2));
	cr_assert_eq(weight_of(balance, 0, s(2)), 3);
	facts.weight = (uint32_t)-INT32_MAX;
	say_facts(balance, second, PROBE_OK, &facts, s(3));
	cr_assert_eq(weight_of(balance, 0, s(3)), 0);
	cr_assert_eq(standing_is(balance, 0), STANDING_UP);
	facts.weight = INT32_MAX;
	say_facts(balance, second, PROBE_OK, &facts, s(4));
	cr_assert_eq(weight_of(balance, 0, s(4)), INT32_MAX);
	balance_free(balance);
	world_free(world);
}

Test(balance_standing, a_group_serves_under_each_of_its_keys)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct table table = { 0 };
	struct balance *balance;
	size_t i;

	world_key(world, 0);
	world_key(world, 0);
	world->keys[0][1].vip.port = 3307;
	world->servers[0].forward.method = FORWARD_NAT;
	world->servers[1].addr.port = 0; /* takes the port of each service */
	balance = balance_new(&world->conf, 0);
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	table_assert_valid(&world->conf, &table);
	cr_assert_eq(table.nr_services, 3);
	cr_assert_eq(table.nr_dests, 6);
	for (i = 0; i < 3; i++) {
		const struct table_service *svc = &table.services[i];

		cr_assert_eq(service_key_cmp(&svc->key, &world->keys[0][i]), 0);
		cr_assert_eq(table.dests[svc->first_dest].rip.port, 3306);
		cr_assert_eq(table.dests[svc->first_dest + 1].rip.port,
			     i == 1 ? 3307 : 3306);
	}
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

Test(balance_standing, the_scripts_are_told_once)
{
	static const struct {
		enum outcome outcome;
		int event; /* -1: none */
	} story[] = {
		{ PROBE_OK, EVENT_SERVER_UP },
		{ PROBE_OK, -1 },
		{ PROBE_DRAIN, EVENT_SERVER_OTHER },
		{ PROBE_OK, EVENT_SERVER_OTHER },
		{ PROBE_HUNG, -1 },
		{ PROBE_HUNG, EVENT_SERVER_DOWN },
		{ PROBE_DRAIN, EVENT_SERVER_OTHER },
		{ PROBE_OK, EVENT_SERVER_UP },
	};
	struct world *world = world_pool(2, CHECK_HTTP);
	struct balance *balance = balance_new(&world->conf, 0);
	struct balance_event event;
	size_t i;

	say(balance, 1, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	while (balance_next_event(balance, &event))
		;
	for (i = 0; i < ARRAY_SIZE(story); i++) {
		int got = -1;

		say(balance, 0, story[i].outcome, s(2 + i));
		weight_of(balance, 0, s(2 + i));
		while (balance_next_event(balance, &event))
			if (event.server == 0)
				got = (int)event.kind;
		cr_expect_eq(got, story[i].event, "step %zu: %d", i, got);
	}
	balance_free(balance);
	world_free(world);
}
