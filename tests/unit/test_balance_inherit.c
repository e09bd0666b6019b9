/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "tests/unit/balance_world.h"

/* An old pool of three: up, down, drained; then a reload to NEW. */
static struct balance *reload(struct world *world, struct balance *old,
			      usec_t now)
{
	struct balance *balance = balance_new(&world->conf, now);

	balance_inherit(balance, old, now);
	balance_free(old);
	return balance;
}

static struct balance *mixed_pool(struct world *world)
{
	struct balance *balance = balance_new(&world->conf, 0);

	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_REFUSED, s(1));
	say(balance, 2, PROBE_OK, s(1));
	say(balance, 2, PROBE_DRAIN, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 - 0");
	return balance;
}

Test(balance_inherit, the_same_file_changes_nothing)
{
	struct world *world = world_pool(3, CHECK_HTTP);
	struct balance *balance = mixed_pool(world);
	struct balance_event event;

	while (balance_next_event(balance, &event))
		;
	balance = reload(world, balance, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 - 0");
	cr_assert_not(balance_next_event(balance, &event));
	/* The row goes on where it was: fall is 2. */
	say(balance, 0, PROBE_REFUSED, s(3));
	balance = reload(world, balance, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 - 0");
	say(balance, 0, PROBE_REFUSED, s(4));
	/* Down, but the last that served; so it is after a reload too. */
	cr_assert_str_eq(weights(balance, s(4)), "1 - 0");
	cr_assert_eq(standing_is(balance, 0), STANDING_DOWN);
	cr_assert_eq(level_of(balance, 0), LEVEL_LAST_RESORT);
	balance = reload(world, balance, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "1 - 0");
	balance_free(balance);
	world_free(world);
}

Test(balance_inherit, an_edited_check_changes_nobodys_state)
{
	struct world *world = world_pool(3, CHECK_HTTP);
	struct world *edited = world_pool(3, CHECK_HTTP);
	struct balance *balance;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		edited->checks[i].timeout = s(3);
		edited->checks[i].rise = 2;
		edited->checks[i].fall = 3;
	}
	balance = reload(edited, mixed_pool(world), s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 - 0");
	/* Each is left by a full row of the new length only. */
	for (i = 0; i < 2; i++) {
		cr_assert_str_eq(weights(balance, s(3 + i)), "1 - 0");
		say(balance, 0, PROBE_REFUSED, s(3 + i));
		say(balance, 1, PROBE_OK, s(3 + i));
	}
	cr_assert_str_eq(weights(balance, s(5)), "1 1 0");
	say(balance, 0, PROBE_REFUSED, s(6));
	say(balance, 2, PROBE_OK, s(6));
	cr_assert_str_eq(weights(balance, s(6)), "- 1 0");
	say(balance, 2, PROBE_OK, s(7));
	cr_assert_str_eq(weights(balance, s(7)), "- 1 1");
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

/* In another order, with one more in front: each check's row goes on. */
Test(balance_inherit, checks_that_have_moved_keep_their_rows)
{
	static const unsigned hosts[] = { 9, 3, 1, 2 };
	struct world *world = world_new(), *moved = world_new();
	struct balance *balance;
	unsigned host;
	size_t i;

	world_vs(world);
	for (host = 1; host <= 3; host++)
		world_check(world, world_server(world, host), CHECK_HTTP);
	world_vs(moved);
	for (i = 0; i < ARRAY_SIZE(hosts); i++)
		world_check(moved, world_server(moved, hosts[i]), CHECK_HTTP);
	balance = balance_new(&world->conf, 0);
	for (i = 0; i < 3; i++)
		say(balance, (uint32_t)i, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1 1");
	/* Fall is 2; half of it is counted before the reload. */
	say(balance, 0, PROBE_REFUSED, s(2));
	balance = reload(moved, balance, s(2));
	say(balance, 0, PROBE_OK, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 1 1 1");
	say(balance, 1, PROBE_REFUSED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 1 1 1");
	say(balance, 2, PROBE_REFUSED, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 1 - 1");
	balance_free(balance);
	world_free(world);
	world_free(moved);
}

/* keepalived puts it back up: reference "wrong results". Not even in compat. */
Test(balance_inherit, a_down_server_stays_down_in_compat_too)
{
	struct world *world = world_pool(3, CHECK_HTTP);
	struct world *edited = world_pool(3, CHECK_HTTP);
	struct balance *balance;

	world->conf.global.compat = edited->conf.global.compat = true;
	edited->checks[1].timeout = s(3);
	balance = reload(edited, mixed_pool(world), s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 - 0");
	say(balance, 1, PROBE_LOCAL_FAULT, s(3));
	say(balance, 1, PROBE_MISCONFIGURED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 - 0");
	say(balance, 1, PROBE_OK, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 1 0");
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

Test(balance_inherit, another_kind_of_check_and_one_more)
{
	struct world *world = world_pool(3, CHECK_HTTP);
	struct world *edited = world_pool(3, CHECK_TCP);
	struct balance *balance;

	world_check(edited, 0, CHECK_HTTP);
	balance = reload(edited, mixed_pool(world), s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 - 0");
	say(balance, 3, PROBE_REFUSED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 - 0");
	say(balance, 3, PROBE_REFUSED, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 - 0");
	cr_assert_eq(standing_is(balance, 0), STANDING_DOWN);
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

Test(balance_inherit, weights_apply_and_servers_come_go_and_move)
{
	struct world *world = world_pool(3, CHECK_HTTP);
	struct world *edited = world_new();
	struct balance *balance;
	static const unsigned hosts[] = { 2, 7, 1 };
	uint32_t i;

	world_vs(edited);
	for (i = 0; i < 3; i++)
		world_check(edited, world_server(edited, hosts[i]), CHECK_HTTP);
	edited->servers[2].weight = 9;
	balance = reload(edited, mixed_pool(world), s(2));
	/* The second was down, the seventh is new, the first is up. */
	cr_assert_str_eq(weights(balance, s(2)), "- - 9");
	cr_assert_eq(standing_is(balance, 0), STANDING_DOWN);
	cr_assert_eq(standing_is(balance, 1), STANDING_UNKNOWN);
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

Test(balance_inherit, a_service_added_to_a_group)
{
	struct world *world = world_pool(3, CHECK_HTTP);
	struct world *edited = world_pool(3, CHECK_HTTP);
	struct table table = { 0 };
	struct balance *balance;

	world_key(edited, 0);
	edited->keys[0][0].vip.port = 3399; /* the old key is the second now */
	edited->keys[0][1] = world->keys[0][0];
	edited->checks[0].timeout = s(9);
	balance = reload(edited, mixed_pool(world), s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 - 0");
	balance_decide(balance, s(2), &table);
	cr_assert_eq(table.nr_dests, 4);
	cr_assert_eq(level_of(balance, 0), LEVEL_NORMAL);
	table_free(&table);
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

/* Two virtual servers share a host's check; its state differs between them. */
Test(balance_inherit, a_shared_check_edited)
{
	struct world *world = world_new(), *edited = world_new();
	struct balance *balance;
	uint32_t i, check;
	struct world *worlds[] = { world, edited };

	for (i = 0; i < 2; i++) {
		world_vs(worlds[i]);
		check = world_check(worlds[i], world_server(worlds[i], 1),
				    CHECK_TCP);
		world_vs(worlds[i]);
		world_use(worlds[i], world_server(worlds[i], 1), check);
		world_check(worlds[i], 1, CHECK_HTTP);
	}
	edited->checks[0].timeout = s(4);
	edited->checks[1].timeout = s(4);
	balance = balance_new(&world->conf, 0);
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_STATUS, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 -");
	balance = reload(edited, balance, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 -");
	say(balance, 0, PROBE_OK, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 -");
	say(balance, 1, PROBE_OK, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 1");
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

Test(balance_inherit, the_kernels_table_is_adopted)
{
	struct world *world = world_pool(4, CHECK_TCP);
	struct table table = { 0 };
	struct balance *balance = balance_new(&world->conf, 0);
	uint32_t i;

	for (i = 0; i < 3; i++)
		say(balance, i, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	cr_assert_eq(table.nr_dests, 3);
	table.dests[1].weight = 0;
	balance_free(balance);
	balance = balance_new(&world->conf, s(2));
	balance_adopt(balance, &table, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 0 1 -");
	/* It was up: it takes a full row of failures. */
	say(balance, 0, PROBE_REFUSED, s(3));
	say(balance, 1, PROBE_LOCAL_FAULT, s(3));
	say(balance, 2, PROBE_MISCONFIGURED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 0 1 -");
	say(balance, 0, PROBE_REFUSED, s(4));
	say(balance, 1, PROBE_OK, s(4));
	say(balance, 3, PROBE_OK, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "- 1 1 1");
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

static bool judged(const struct balance *balance, uint32_t server)
{
	struct balance_server_view view;

	balance_view_server(balance, server, &view);
	return view.judged;
}

/* Nobody has looked at a server that is taken over, serving or not. */
Test(balance_inherit, what_is_taken_over_is_not_judged)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct table table = { 0 };
	struct balance *balance = balance_new(&world->conf, 0);
	uint32_t second;

	say(balance, 0, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	cr_assert(judged(balance, 0));
	balance_free(balance);
	second = world_check(world, 0, CHECK_TCP);
	balance = balance_new(&world->conf, s(2));
	balance_adopt(balance, &table, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 -");
	cr_assert_eq(standing_is(balance, 0), STANDING_UP);
	cr_assert(!judged(balance, 0));
	say(balance, 0, PROBE_OK, s(3));
	weights(balance, s(3));
	cr_assert(!judged(balance, 0), "it has a check more");
	say(balance, second, PROBE_REFUSED, s(3));
	weights(balance, s(3));
	cr_assert(judged(balance, 0));
	cr_assert(!judged(balance, 1));
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* Found at 0, and as late as it was: the first result says so. */
Test(balance_inherit, adoption_lets_nobody_in_that_lags)
{
	struct world *world = world_pool(2, CHECK_MYSQL);
	struct table table = { 0 };
	struct balance *balance = balance_new(&world->conf, 0);

	world->checks[1].fall = 3;
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	table.dests[1].weight = 0;
	balance_free(balance);
	balance = balance_new(&world->conf, s(2));
	balance_adopt(balance, &table, s(2));
	say(balance, 0, PROBE_OK, s(3));
	say_lag(balance, 1, 900, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 0");
	cr_assert_eq(standing_is(balance, 1), STANDING_SOFT);
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* A server that was found long ago is down, and its check is edited. */
Test(balance_inherit, adoption_ends_with_the_first_results)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct world *edited = world_pool(2, CHECK_TCP);
	struct table table = { 0 };
	struct balance *balance = balance_new(&world->conf, 0);

	edited->checks[1].timeout = s(3);
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	balance_free(balance);
	balance = balance_new(&world->conf, s(2));
	balance_adopt(balance, &table, s(2));
	say(balance, 0, PROBE_OK, s(3));
	say(balance, 1, PROBE_REFUSED, s(3));
	say(balance, 1, PROBE_REFUSED, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 -");
	balance = reload(edited, balance, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "1 -");
	table_free(&table);
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

/* The kernel could not be read until now; the checks did not wait for it. */
Test(balance_inherit, adoption_after_the_first_checks)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct table table = { 0 };
	struct balance *balance = balance_new(&world->conf, 0);
	struct balance_server_view view;
	uint32_t i;

	for (i = 0; i < 3; i++)
		say(balance, i, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	balance_free(balance);
	balance = balance_new(&world->conf, s(2));
	say(balance, 0, PROBE_OK, s(3));
	say(balance, 1, PROBE_REFUSED, s(3));
	say(balance, 0, PROBE_OK, s(20));
	balance_adopt(balance, &table, s(60));
	cr_assert_str_eq(weights(balance, s(60)), "1 - 1");
	table_free(&table);
	balance_free(balance);
	/* Nobody asked for a decision meanwhile: each is as old as its result. */
	balance = balance_new(&world->conf, s(2));
	say(balance, 0, PROBE_OK, s(3));
	say(balance, 0, PROBE_OK, s(20));
	weight_of(balance, 0, s(60));
	balance_view_server(balance, 0, &view);
	cr_assert_eq(view.since, s(3));
	balance_view_server(balance, 1, &view);
	cr_assert_eq(view.since, s(2));
	balance_free(balance);
	world_free(world);
}

/* The same host in two services, at weight 0 in the one of them only. */
Test(balance_inherit, adoption_of_a_shared_check)
{
	struct world *world = world_new();
	struct table table = { 0 };
	struct balance *balance;
	uint32_t check, order;

	world_vs(world);
	check = world_check(world, world_server(world, 1), CHECK_TCP);
	world_vs(world);
	world_use(world, world_server(world, 1), check);
	for (order = 0; order < 2; order++) {
		balance = balance_new(&world->conf, 0);
		say(balance, 0, PROBE_OK, s(1));
		balance_decide(balance, s(1), &table);
		table.dests[order].weight = 0;
		balance_free(balance);
		balance = balance_new(&world->conf, s(2));
		balance_adopt(balance, &table, s(2));
		cr_assert_str_eq(weights(balance, s(2)), order ? "1 0" : "0 1");
		say(balance, 0, PROBE_OK, s(3));
		cr_assert_str_eq(weights(balance, s(3)), "1 1");
		balance_free(balance);
	}
	table_free(&table);
	world_free(world);
}

/* A soft failure is not forgotten over an edit, nor is one invented. */
Test(balance_inherit, soft_failures_over_an_edit)
{
	struct world *world = world_pool(3, CHECK_MYSQL);
	struct world *edited = world_pool(3, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	uint32_t i;

	world->vs[0].correlated = edited->vs[0].correlated = 0;
	for (i = 0; i < 3; i++) {
		say_lag(balance, i, i == 1 ? 99 : 0, s(1));
		edited->checks[i].timeout = s(7);
	}
	cr_assert_str_eq(weights(balance, s(2)), "1 0 1");
	balance = reload(edited, balance, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 0 1");
	say_lag(balance, 0, 99, s(4));
	say_lag(balance, 1, 10, s(4));
	cr_assert_str_eq(weights(balance, s(4)), "1 1 1");
	say_lag(balance, 0, 99, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "0 1 1");
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

static unsigned ups(struct balance *balance)
{
	struct balance_event event;
	unsigned count = 0;

	while (balance_next_event(balance, &event))
		count += event.kind == EVENT_SERVER_UP;
	return count;
}

/* Up without a probe: presumed by keepalived_compat, or found in the table. */
Test(balance_inherit, rs_init_notifies_tells_of_servers_that_are_up_at_first)
{
	struct world *world = world_pool(2, CHECK_HTTP);
	struct balance *balance, *adopted;
	struct table table = { 0 };
	int told;

	for (told = 0; told < 2; told++) {
		world->conf.global.init_notifies = told;
		world->conf.global.compat = true;
		balance = balance_new(&world->conf, 0);
		cr_assert_str_eq(weights(balance, s(1)), "1 1");
		cr_expect_eq(ups(balance), told ? 2 : 0);
		balance_decide(balance, s(1), &table);
		say(balance, 0, PROBE_OK, s(1));
		say(balance, 1, PROBE_OK, s(1));
		world->conf.global.compat = false;
		adopted = balance_new(&world->conf, s(2));
		balance_adopt(adopted, &table, s(2));
		cr_assert_str_eq(weights(adopted, s(2)), "1 1");
		cr_expect_eq(ups(adopted), told ? 2 : 0);
		balance = reload(world, balance, s(4));
		cr_assert_str_eq(weights(balance, s(4)), "1 1");
		cr_expect_eq(ups(balance), 0);
		balance_free(balance);
		balance_free(adopted);
	}
	table_free(&table);
	world_free(world);
}
