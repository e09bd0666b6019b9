/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "tests/unit/balance_world.h"

static struct balance *healthy(struct world *world)
{
	struct balance *balance = balance_new(&world->conf, 0);
	uint32_t i;

	for (i = 0; i < world->conf.nr_checks; i++)
		say(balance, i, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	return balance;
}

/* The kernel counts ACTIVE connections at each server that it has. */
static bool count(struct balance *balance, uint32_t active, usec_t now)
{
	struct table table = { 0 };
	bool matters;
	size_t i;

	balance_decide(balance, now, &table);
	for (i = 0; i < table.nr_dests; i++)
		table.dests[i].active = active;
	matters = balance_note_connections(balance, &table);
	table_free(&table);
	return matters;
}

Test(balance_drain, until_the_connections_are_gone)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct balance *balance = healthy(world);
	struct balance_server_view view;

	count(balance, 0, s(1)); /* from before: says nothing of the drain */
	balance_override(balance, 1, OVERRIDE_DRAIN, 0, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 0 1");
	cr_assert_eq(balance_next_wake(balance), s(302));
	cr_assert_not(count(balance, 7, s(3)));
	cr_assert_str_eq(weights(balance, s(3)), "1 0 1");
	balance_view_server(balance, 1, &view);
	cr_assert_eq(view.override, OVERRIDE_DRAIN);
	cr_assert_eq(view.active, 7);
	cr_assert_not(view.drained);
	cr_assert(count(balance, 0, s(9)));
	cr_assert_str_eq(weights(balance, s(9)), "1 - 1");
	balance_view_server(balance, 1, &view);
	cr_assert(view.drained);
	cr_assert_eq(view.standing, STANDING_UP,
		     "it is not the checks' matter");
	cr_assert_eq(balance_next_wake(balance), 0);
	/* It stays out, whatever comes; "ready" brings it back at once. */
	say(balance, 1, PROBE_OK, s(10));
	cr_assert_str_eq(weights(balance, s(10)), "1 - 1");
	balance_override(balance, 1, OVERRIDE_NONE, 0, s(11));
	cr_assert_str_eq(weights(balance, s(11)), "1 1 1");
	balance_free(balance);
	world_free(world);
}

Test(balance_drain, until_the_time_is_over)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance = healthy(world);
	struct balance_server_view view;

	world->servers[0].drain_timeout = s(20);
	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(10));
	count(balance, 5, s(11));
	/* Said twice, it does not begin again. */
	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(25));
	count(balance, 5, s(26));
	cr_assert_str_eq(weights(balance, s(29.9)), "0 1");
	cr_assert_eq(balance_next_wake(balance), s(30));
	balance_view_server(balance, 0, &view);
	cr_assert(!view.drained && view.drain_cut == 0);
	cr_assert_str_eq(weights(balance, s(30)), "- 1");
	balance_view_server(balance, 0, &view);
	cr_assert(view.drained && view.drain_cut == 5);
	/* They were left, also when the kernel has forgotten them. */
	count(balance, 0, s(31));
	balance_view_server(balance, 0, &view);
	cr_assert_eq(view.drain_cut, 5);
	balance_free(balance);
	world_free(world);
}

Test(balance_drain, disable_weight_and_nonsense)
{
	struct world *world = world_pool(3, CHECK_HTTP);
	struct balance *balance = healthy(world);

	balance_override(balance, 0, OVERRIDE_DISABLE, 0, s(2));
	balance_override(balance, 1, OVERRIDE_WEIGHT, 7, s(2));
	balance_override(balance, 99, OVERRIDE_DISABLE, 0, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "- 7 1");
	/* A weight does not put in what its checks take out. */
	say(balance, 1, PROBE_DRAIN, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "- 0 1");
	say(balance, 1, PROBE_HUNG, s(4));
	say(balance, 1, PROBE_HUNG, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "- - 1");
	balance_override(balance, 2, OVERRIDE_WEIGHT, 0, s(6));
	cr_assert_str_eq(weights(balance, s(6)), "- - 0");
	balance_override(balance, 2, OVERRIDE_WEIGHT, UINT32_MAX, s(6));
	cr_assert_eq(weight_of(balance, 2, s(6)), INT32_MAX);
	balance_free(balance);
	world_free(world);
}

/* The operator stands above everything, the last resort too. */
Test(balance_drain, stands_above_checks_and_last_resort)
{
	struct world *world = world_pool(2, CHECK_HTTP);
	struct balance *balance = healthy(world);
	uint32_t i;

	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(2));
	weight_of(balance, 0, s(2));
	for (i = 0; i < 4; i++)
		say(balance, i % 2, PROBE_HUNG, s(3 + i));
	/* A dead one does not drain; the other one is the last that served. */
	cr_assert_str_eq(weights(balance, s(9)), "- 1");
	cr_assert_eq(level_of(balance, 0), LEVEL_LAST_RESORT);
	balance_override(balance, 1, OVERRIDE_DISABLE, 0, s(10));
	cr_assert_str_eq(weights(balance, s(10)), "- -");
	cr_assert_eq(level_of(balance, 0), LEVEL_NOTHING);
	balance_free(balance);
	world_free(world);
}

Test(balance_drain, survives_a_reload)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct balance *old = healthy(world), *balance;

	balance_override(old, 1, OVERRIDE_DRAIN, 0, s(2));
	count(old, 3, s(3));
	weight_of(old, 0, s(3));
	balance = balance_new(&world->conf, s(4));
	balance_inherit(balance, old, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 0 1");
	cr_assert_eq(balance_next_wake(balance), s(302));
	balance_free(balance);
	balance_free(old);
	world_free(world);
}

/* One drain is through, the other is not; the daemon is started anew. */
Test(balance_drain, survives_a_restart)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct balance *balance = healthy(world);
	struct table table = { 0 };

	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(2));
	weight_of(balance, 0, s(2));
	count(balance, 0, s(3));
	balance_override(balance, 1, OVERRIDE_DRAIN, 0, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "- 0 1");
	balance_decide(balance, s(3), &table);
	balance_free(balance);
	balance = balance_new(&world->conf, s(4));
	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(4));
	balance_override(balance, 1, OVERRIDE_DRAIN, 0, s(4));
	balance_adopt(balance, &table, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "- 0 1");
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* The second of three is not in the new file. */
static struct world *without_the_second(void)
{
	struct world *world = world_new();

	world_vs(world);
	world_check(world, world_server(world, 1), CHECK_TCP);
	world_check(world, world_server(world, 3), CHECK_TCP);
	return world;
}

static int leaving_weight(struct balance *balance, usec_t now)
{
	struct table table = { 0 };
	int weight = OUT;
	size_t i;

	balance_decide(balance, now, &table);
	table_assert_valid(balance_conf(balance), &table);
	for (i = 0; i < table.nr_dests; i++) {
		if (table.dests[i].ref != REF_LEAVING)
			continue;
		cr_assert_eq(weight, OUT, "one leaving server");
		weight = (int)table.dests[i].weight;
		cr_assert_eq(table.dests[i].rip.addr.bytes[3], 2);
		cr_assert_eq(table.dests[i].forward, FORWARD_DR);
	}
	table_free(&table);
	return weight;
}

Test(balance_leaving, a_server_gone_from_the_file_drains)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct world *edited = without_the_second();
	struct balance *old = healthy(world), *balance;
	char text[128];

	balance = balance_new(&edited->conf, s(10));
	balance_inherit(balance, old, s(10));
	balance_free(old);
	cr_assert_eq(leaving_weight(balance, s(10)), 0);
	cr_assert_eq(balance_next_wake(balance), s(310));
	balance_reason(balance, 0, REF_LEAVING, s(10), text, sizeof(text));
	cr_assert_str_eq(text, "not in the file any more: it drains; 2 of 2 "
			       "servers up");
	cr_assert_not(count(balance, 4, s(11)));
	/* One more reload keeps it, and its deadline. */
	old = balance;
	balance = balance_new(&edited->conf, s(100));
	balance_inherit(balance, old, s(100));
	balance_free(old);
	cr_assert_eq(leaving_weight(balance, s(309)), 0);
	cr_assert_eq(balance_next_wake(balance), s(310));
	cr_assert(count(balance, 0, s(309)));
	cr_assert_eq(leaving_weight(balance, s(309)), OUT);
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

Test(balance_leaving, ends_with_its_time_or_when_the_server_returns)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct world *edited = without_the_second();
	struct balance *first = healthy(world), *second, *third;

	second = balance_new(&edited->conf, s(10));
	balance_inherit(second, first, s(10));
	count(second, 4, s(11));
	third = balance_new(&world->conf, s(20));
	balance_inherit(third, second, s(20));
	cr_assert_eq(leaving_weight(third, s(20)), OUT);
	cr_assert_eq(leaving_weight(second, s(309.9)), 0);
	cr_assert_eq(leaving_weight(second, s(310)), OUT);
	balance_free(first);
	balance_free(second);
	balance_free(third);
	world_free(world);
	world_free(edited);
}

/* No leaving servers: under keepalived_compat, of what was out, of a service gone. */
Test(balance_leaving, none_where_none_belongs)
{
	unsigned way;

	for (way = 0; way < 3; way++) {
		struct world *world = world_pool(3, CHECK_TCP);
		struct world *edited = without_the_second();
		struct balance *old, *balance;

		edited->conf.global.compat = way == 0;
		old = healthy(world);
		if (way == 1) {
			say(old, 1, PROBE_REFUSED, s(2));
			say(old, 1, PROBE_REFUSED, s(3));
			weight_of(old, 0, s(3));
		}
		if (way == 2)
			edited->keys[0][0].vip.port = 3399;
		balance = balance_new(&edited->conf, s(10));
		balance_inherit(balance, old, s(10));
		cr_assert_eq(leaving_weight(balance, s(10)), OUT, "way %u",
			     way);
		balance_free(old);
		balance_free(balance);
		world_free(world);
		world_free(edited);
	}
}
