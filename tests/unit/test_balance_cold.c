/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `cold_pool_limit`: a pool that comes back cold as a whole. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/balance_world.h"

#define COUNT 4

struct cold_pool {
	struct world *world;
	struct balance *balance;
	struct table table;
	usec_t now;
	usec_t started; /* when all servers were started */
	uint32_t running, connected;
};

static struct cold_pool pool;

static void setup(void)
{
	uint32_t i;

	memset(&pool, 0, sizeof(pool));
	pool.world = world_pool(COUNT, CHECK_MYSQL);
	pool.world->vs[0].base_weight = 100;
	pool.world->vs[0].cold_pool_limit = 10;
	for (i = 0; i < COUNT; i++)
		pool.world->servers[i].slow_start = &pool.world->slow_start;
	pool.now = s(100000);
	pool.started = s(1);
	pool.balance = balance_new(&pool.world->conf, pool.now);
}

static void teardown(void)
{
	balance_free(pool.balance);
	world_free(pool.world);
	table_free(&pool.table);
}

TestSuite(balance_cold, .init = setup, .fini = teardown);

static void probe(uint32_t server, enum outcome outcome)
{
	struct facts facts = {
		.have = FACT_THREADS_RUNNING | FACT_THREADS_CONNECTED |
			FACT_MAX_CONNECTIONS | FACT_UPTIME,
		.threads_running = pool.running,
		.threads_connected = pool.connected,
		.max_connections = 1000,
		.uptime = pool.now - pool.started,
	};

	say_facts(pool.balance, server, outcome,
		  outcome == PROBE_OK ? &facts : NULL, pool.now);
}

/* For SECONDS, all are probed each second, with OUTCOME. */
static void pass(unsigned seconds, enum outcome outcome)
{
	uint32_t i;

	while (seconds-- > 0) {
		pool.now += s(1);
		for (i = 0; i < COUNT; i++)
			probe(i, outcome);
		balance_decide(pool.balance, pool.now, &pool.table);
	}
}

/* The upper thresholds of the servers in the table, "100 100 -". */
static const char *limits(void)
{
	static char text[256];
	size_t used = 0, d;

	text[0] = '\0';
	for (d = 0; d < pool.table.nr_dests; d++) {
		const struct table_dest *dest = &pool.table.dests[d];

		cr_assert_leq(dest->l_threshold, dest->u_threshold);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%u", d ? " " : "",
					 dest->u_threshold);
	}
	return text;
}

static uint32_t limit_of(uint32_t server)
{
	cr_assert_lt(server, pool.table.nr_dests);
	return pool.table.dests[server].u_threshold;
}

/* All are down for a minute, refusing, and start again. */
static void power_cut(void)
{
	pass(5, PROBE_OK);
	cr_assert_eq(limit_of(0), 0);
	pass(60, PROBE_REFUSED);
	pool.started = pool.now;
}

Test(balance_cold, the_limit_is_there_before_the_first_client)
{
	power_cut();
	cr_assert_eq(level_of(pool.balance, 0), LEVEL_LAST_RESORT);
	cr_expect_str_eq(limits(), "100 100 100 100");
	/* A server is back before the others, and is not buried either. */
	pool.now += s(1);
	probe(0, PROBE_OK);
	balance_decide(pool.balance, pool.now, &pool.table);
	cr_expect_eq(limit_of(0), 100);
}

/* Killed between two answers of a probe, which has then learned a part only. */
Test(balance_cold, a_server_that_dies_in_a_probe_has_its_limit)
{
	static const uint32_t learned[COUNT] = { FACT_UPTIME,
						 FACT_THREADS_CONNECTED,
						 FACT_MAX_CONNECTIONS,
						 FACT_THREADS_RUNNING };
	struct facts facts = { .threads_connected = 1,
			       .max_connections = 1000 };
	uint32_t i;

	pass(5, PROBE_OK);
	pool.now += s(1);
	for (i = 0; i < COUNT; i++) {
		facts.have = learned[i];
		say_facts(pool.balance, i, PROBE_REFUSED, &facts, pool.now);
	}
	pass(5, PROBE_REFUSED);
	cr_assert_eq(level_of(pool.balance, 0), LEVEL_LAST_RESORT);
	cr_expect_str_eq(limits(), "100 100 100 100");
}

/* A server that is silent may be full of clients behind a blind checker. */
Test(balance_cold, a_blind_checker_limits_nobody)
{
	pass(5, PROBE_OK);
	pass(60, PROBE_HUNG);
	cr_assert_eq(level_of(pool.balance, 0), LEVEL_LAST_RESORT);
	cr_expect_str_eq(limits(), "0 0 0 0");
	/* They kept running all the time: half, and up from there. */
	pass(1, PROBE_OK);
	cr_expect_eq(limit_of(0), 500);
	pass(40, PROBE_OK);
	cr_expect_str_eq(limits(), "0 0 0 0");
}

Test(balance_cold, it_rises_while_the_queue_is_sane)
{
	uint32_t before;

	power_cut();
	pool.running = 5;
	pass(1, PROBE_OK);
	cr_expect_str_eq(limits(), "100 100 100 100");
	pass(30, PROBE_OK);
	cr_expect_geq(limit_of(2), 480);
	cr_expect_leq(limit_of(2), 620);
	/* 20 queries hold it, up to its floor; 40 cut it. */
	pool.running = 20;
	pass(10, PROBE_OK);
	before = limit_of(2);
	pass(10, PROBE_OK);
	cr_expect_eq(limit_of(2), before);
	pool.running = 40;
	pass(10, PROBE_OK);
	cr_expect_lt(limit_of(2), before * 3 / 4);
	cr_expect_geq(limit_of(2), 100);
	pool.running = 5;
	pass(70, PROBE_OK);
	cr_expect_str_eq(limits(), "0 0 0 0");
	pass(10, PROBE_OK);
	cr_expect_str_eq(limits(), "0 0 0 0");
}

/* A queue that never gets sane must not keep clients out for ever. */
Test(balance_cold, it_has_a_floor)
{
	uint32_t before;

	power_cut();
	pool.running = 100;
	pass(60, PROBE_OK);
	before = limit_of(0);
	cr_expect_gt(before, 150);
	cr_expect_lt(before, 250);
	pass(550, PROBE_OK);
	cr_expect_str_eq(limits(), "0 0 0 0");
}

/* IPVS counts connections that have ended, or whose server has died. */
Test(balance_cold, dead_connections_take_no_room)
{
	size_t d;

	power_cut();
	for (d = 0; d < pool.table.nr_dests; d++) {
		pool.table.dests[d].active = 7;
		pool.table.dests[d].inactive = 30;
	}
	balance_note_connections(pool.balance, &pool.table);
	pass(1, PROBE_REFUSED);
	cr_expect_str_eq(limits(), "137 137 137 137");
	/* New ones come, the dead ones are the same; then some are forgotten. */
	for (d = 0; d < pool.table.nr_dests; d++)
		pool.table.dests[d].active = 90;
	balance_note_connections(pool.balance, &pool.table);
	pool.running = 20;
	pass(1, PROBE_OK);
	cr_expect_str_eq(limits(), "107 107 107 107");
	for (d = 0; d < pool.table.nr_dests; d++)
		pool.table.dests[d].active = 3;
	balance_note_connections(pool.balance, &pool.table);
	pass(1, PROBE_OK);
	cr_expect_leq(limit_of(0), 105);
}

/*
 * While the first one is back the third is out, and begins anew in the kernel. The
 * others were not looked at, and have kept their entries and what these count.
 */
Test(balance_cold, a_server_that_was_out_has_no_dead_connections)
{
	size_t d;

	power_cut();
	for (d = 0; d < pool.table.nr_dests; d++) {
		pool.table.dests[d].active = 70;
		pool.table.dests[d].inactive = 30;
	}
	balance_note_connections(pool.balance, &pool.table);
	pass(1, PROBE_REFUSED);
	cr_assert_str_eq(limits(), "200 200 200 200");
	pool.now += s(1);
	probe(0, PROBE_OK);
	balance_decide(pool.balance, pool.now, &pool.table);
	pool.now += s(0.1);
	probe(2, PROBE_REFUSED);
	balance_decide(pool.balance, pool.now, &pool.table);
	cr_assert_str_eq(limits(), "200 200 200", "the third is out");
	pool.running = 20;
	pass(1, PROBE_OK);
	cr_expect_str_eq(limits(), "200 200 100 200");
}

Test(balance_cold, the_files_threshold_is_tighter)
{
	pool.world->servers[1].u_threshold = 60;
	pool.world->servers[2].u_threshold = 900;
	power_cut();
	cr_expect_str_eq(limits(), "100 60 100 100");
	pool.running = 0;
	pass(120, PROBE_OK);
	cr_expect_str_eq(limits(), "0 60 900 0");
}

/* A warm server would get all that the cold ones refuse. */
Test(balance_cold, a_pool_with_a_warm_server_is_not_limited)
{
	uint32_t i, second;

	pass(5, PROBE_OK);
	for (second = 0; second < 30; second++) {
		pool.now += s(1);
		for (i = 0; i < COUNT; i++)
			probe(i, i == 3 ? PROBE_OK : PROBE_REFUSED);
		balance_decide(pool.balance, pool.now, &pool.table);
	}
	pool.started = pool.now;
	for (second = 0; second < 30; second++) {
		pool.now += s(1);
		for (i = 0; i < COUNT; i++) {
			usec_t started = pool.started;

			if (i == 3)
				pool.started = s(1);
			probe(i, PROBE_OK);
			pool.started = started;
		}
		balance_decide(pool.balance, pool.now, &pool.table);
		cr_assert_str_eq(limits(), "0 0 0 0");
	}
}

Test(balance_cold, off_and_without_slow_start)
{
	pool.world->vs[0].cold_pool_limit = 0;
	power_cut();
	cr_expect_str_eq(limits(), "0 0 0 0");
	pool.world->vs[0].cold_pool_limit = 10;
	pool.world->servers[0].slow_start = &pool.world->no_slow_start;
	pass(1, PROBE_REFUSED);
	pass(1, PROBE_REFUSED);
	cr_expect_str_eq(limits(), "0 100 100 100");
}

static struct balance *reloaded(void)
{
	struct balance *balance = balance_new(&pool.world->conf, pool.now);

	balance_inherit(balance, pool.balance, pool.now);
	balance_free(pool.balance);
	return balance;
}

Test(balance_cold, a_reload)
{
	uint32_t before;

	power_cut();
	pass(20, PROBE_OK);
	before = limit_of(0);
	cr_assert_gt(before, 100);
	pool.balance = reloaded();
	balance_decide(pool.balance, pool.now, &pool.table);
	cr_expect_eq(limit_of(0), before);
	pool.world->vs[0].cold_pool_limit = 0;
	pool.balance = reloaded();
	balance_decide(pool.balance, pool.now, &pool.table);
	cr_expect_str_eq(limits(), "0 0 0 0");
}

/* The next daemon goes on from the kernel's threshold, and a warm pool has none. */
Test(balance_cold, a_restart)
{
	struct table kernel = { 0 };
	uint32_t before;
	bool young;

	power_cut();
	pass(25, PROBE_OK);
	before = limit_of(0);
	for (young = true;; young = false) {
		balance_decide(pool.balance, pool.now, &kernel);
		kernel.dests[0].u_threshold = before;
		balance_free(pool.balance);
		pool.balance = balance_new(&pool.world->conf, pool.now);
		balance_adopt(pool.balance, &kernel, pool.now);
		balance_decide(pool.balance, pool.now, &pool.table);
		cr_expect_eq(limit_of(0), before, "kept until it is known");
		if (!young)
			pool.started = s(1);
		pass(1, PROBE_OK);
		if (!young)
			break;
		cr_expect_geq(limit_of(0), before - 1);
		cr_expect_leq(limit_of(0), before + 60, "%u, %u", limit_of(0),
			      before);
	}
	cr_expect_eq(limit_of(0), 0);
	table_free(&kernel);
}

Test(balance_cold, it_is_explained)
{
	char why[512];

	power_cut();
	pass(1, PROBE_OK);
	balance_reason(pool.balance, 0, 0, pool.now, why, sizeof(why));
	cr_expect(strstr(why, "cold pool, connections let in 10.0%"), "%s",
		  why);
}
