/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "balance/balance_internal.h"
#include "tests/unit/balance_world.h"

#define COUNT 4

/*
 * A pool that is probed every 2 s and decided at every probe and every wake.
 * What each server says stands in the arrays.
 */
struct pool {
	struct world *world;
	struct balance *balance;
	enum outcome outcome[8];
	uint32_t running[8];
	double started[8]; /* s; the server's start */
	double now;
	uint32_t count;
};

static void pool_probe(struct pool *pool)
{
	uint32_t i;

	for (i = 0; i < pool->count; i++) {
		struct facts facts = {
			.have = FACT_THREADS_RUNNING | FACT_UPTIME,
			.threads_running = pool->running[i],
			.uptime = s(floor(pool->now - pool->started[i])),
		};

		say_facts(pool->balance, i, pool->outcome[i],
			  pool->outcome[i] == PROBE_OK ? &facts : NULL,
			  s(pool->now));
	}
}

/* Until TIME: a probe every even second, decisions when they are wanted. */
static void pool_until(struct pool *pool, double time)
{
	struct table table = { 0 };

	while (pool->now < time) {
		usec_t next = s(pool->now + 2 - fmod(pool->now, 2));
		usec_t wake = balance_next_wake(pool->balance);

		if (wake && wake < next && wake > s(pool->now)) {
			pool->now = (double)wake / 1e6;
		} else {
			pool->now = (double)next / 1e6;
			pool_probe(pool);
		}
		balance_decide(pool->balance, s(pool->now), &table);
	}
	table_free(&table);
}

static void pool_make(struct pool *pool, uint32_t count)
{
	uint32_t i;

	*pool = (struct pool){ .world = world_pool(count, CHECK_MYSQL),
			       .count = count,
			       .now = 10000 };
	pool->world->vs[0].base_weight = 100;
	pool->world->vs[0].weights_move = true;
	for (i = 0; i < count; i++) {
		pool->world->servers[i].slow_start = &pool->world->slow_start;
		pool->outcome[i] = PROBE_OK;
		pool->running[i] = 4;
	}
	pool->balance = balance_new(&pool->world->conf, s(pool->now));
}

static void pool_begin(struct pool *pool, uint32_t count)
{
	pool_make(pool, count);
	pool_until(pool, 10010);
}

static int pool_weight(struct pool *pool, uint32_t server)
{
	return weight_of(pool->balance, server, s(pool->now));
}

/* Down for 20 s, back at pool->now; RESTART: its process is a new one. */
static void pool_bounce(struct pool *pool, uint32_t server, bool restart)
{
	pool->outcome[server] = PROBE_REFUSED;
	pool_until(pool, pool->now + 20);
	cr_assert_eq(pool_weight(pool, server), OUT);
	if (restart)
		pool->started[server] = pool->now - 1;
	pool->outcome[server] = PROBE_OK;
	pool_until(pool, pool->now + 2);
}

static void pool_end(struct pool *pool)
{
	balance_free(pool->balance);
	world_free(pool->world);
}

Test(balance_ramp, follows_the_clock_while_the_queue_is_sane)
{
	struct pool pool;
	double start;
	int last = 0, weight;

	pool_begin(&pool, COUNT);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 100 100");
	pool_bounce(&pool, 1, true);
	start = pool.now;
	cr_assert_eq(pool_weight(&pool, 1), 2, "from 2 %%");
	while (pool.now < start + 60) {
		double ideal;

		pool_until(&pool, pool.now + 1);
		weight = pool_weight(&pool, 1);
		ideal = 2 + 98.0 * (pool.now - start) / 60;
		cr_assert_geq(weight, last, "it never falls");
		cr_assert(fabs(weight - ideal) <= 6, "%d at %g s, not %g",
			  weight, pool.now - start, ideal);
		last = weight;
	}
	pool_until(&pool, start + 64);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 100 100");
	cr_assert_eq(balance_next_wake(pool.balance), 0, "nothing runs on");
	pool_end(&pool);
}

Test(balance_ramp, holds_and_cuts_by_the_queue)
{
	struct pool pool;
	int held;

	pool_begin(&pool, COUNT);
	pool_bounce(&pool, 1, true);
	pool_until(&pool, pool.now + 30);
	/* 18 is above 12 (peers: 4 x 1.5 = 6), below 24. */
	pool.running[1] = 18;
	pool_until(&pool, pool.now + 6);
	held = pool_weight(&pool, 1);
	cr_assert(held > 40 && held < 60, "%d", held);
	pool_until(&pool, pool.now + 20);
	cr_assert_leq(pool_weight(&pool, 1), held + 1);
	pool.running[1] = 90;
	pool_until(&pool, pool.now + 8);
	cr_assert_lt(pool_weight(&pool, 1), held * 7 / 10 + 1);
	/* Busy peers are the measure: 60 x 1.5 is the limit now. */
	pool.running[0] = pool.running[2] = pool.running[3] = 60;
	pool.running[1] = 80;
	pool_until(&pool, pool.now + 20);
	held = pool_weight(&pool, 1);
	pool_until(&pool, pool.now + 20);
	cr_assert_gt(pool_weight(&pool, 1), held + 20);
	pool_end(&pool);
}

/* However full its queue: the floor is full weight after ten times the time. */
Test(balance_ramp, nobody_starves)
{
	struct pool pool;
	double start;

	pool_begin(&pool, COUNT);
	pool.running[1] = 5000;
	pool_bounce(&pool, 1, true);
	start = pool.now;
	pool_until(&pool, start + 300);
	cr_assert(abs(pool_weight(&pool, 1) - 51) <= 2);
	pool_until(&pool, start + 602);
	cr_assert_eq(pool_weight(&pool, 1), 100);
	pool_end(&pool);
}

Test(balance_ramp, without_a_gate_or_a_reading_the_clock_alone)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool.world->slow_start.gate = false;
	pool.running[1] = 5000;
	pool_bounce(&pool, 1, true);
	pool_until(&pool, pool.now + 62);
	cr_assert_eq(pool_weight(&pool, 1), 100);
	pool_end(&pool);
}

Test(balance_ramp, saturation_holds_it)
{
	struct pool pool;
	int before;

	pool_begin(&pool, COUNT);
	pool_bounce(&pool, 1, true);
	pool_until(&pool, pool.now + 20);
	before = pool_weight(&pool, 1);
	pool.outcome[1] = PROBE_SATURATED;
	pool_until(&pool, pool.now + 8);
	cr_assert_lt(pool_weight(&pool, 1), before);
	pool_end(&pool);
}

/* A network blip: its uptime says that it kept its cache. */
Test(balance_ramp, starts_at_a_half_if_it_kept_running)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool_bounce(&pool, 1, false);
	cr_assert(abs(pool_weight(&pool, 1) - 50) <= 1);
	pool_end(&pool);
}

/* A supervisor starts it at once; its recovery then takes longer than ours. */
Test(balance_ramp, a_restart_before_it_is_known_to_be_down)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool.outcome[1] = PROBE_REFUSED;
	pool.started[1] = pool.now + 0.2;
	pool_until(&pool, pool.now + 20);
	cr_assert_eq(pool_weight(&pool, 1), OUT);
	pool.outcome[1] = PROBE_OK;
	pool_until(&pool, pool.now + 2);
	cr_assert_eq(pool_weight(&pool, 1), 2, "%d", pool_weight(&pool, 1));
	pool_end(&pool);
}

/* Down from the first probe on: nobody can tell since when it runs but itself. */
Test(balance_ramp, down_from_the_beginning)
{
	static const struct {
		double started;
		int weight;
	} cases[] = { { 0, 50 }, { 9990, 2 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pool pool;

		pool_make(&pool, COUNT);
		pool.outcome[1] = PROBE_REFUSED;
		pool.started[1] = cases[i].started;
		pool_until(&pool, 10010);
		cr_assert_eq(pool_weight(&pool, 1), OUT);
		pool.outcome[1] = PROBE_OK;
		pool_until(&pool, pool.now + 2);
		cr_assert_leq(abs(pool_weight(&pool, 1) - cases[i].weight), 1,
			      "%d", pool_weight(&pool, 1));
		pool_end(&pool);
	}
}

/* Faster than the checks look: only the uptime tells. */
Test(balance_ramp, a_restart_between_two_probes)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool_until(&pool, pool.now + 40);
	pool.started[2] = pool.now;
	pool_until(&pool, pool.now + 2);
	cr_assert_eq(pool_weight(&pool, 2), 2);
	pool_end(&pool);
}

Test(balance_ramp, lag_and_drain_arm_nothing)
{
	static const enum outcome away[] = { PROBE_ROLE, PROBE_DRAIN,
					     PROBE_REPLICATION_BROKEN };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(away); i++) {
		struct pool pool;

		pool_begin(&pool, COUNT);
		pool.outcome[1] = away[i];
		pool_until(&pool, pool.now + 20);
		cr_assert_eq(pool_weight(&pool, 1), 0);
		pool.outcome[1] = PROBE_OK;
		pool_until(&pool, pool.now + 2);
		cr_assert_eq(pool_weight(&pool, 1), 100);
		pool_end(&pool);
	}
}

/* But a server that was restarted while it was drained is cold. */
Test(balance_ramp, a_restart_during_a_drain)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool.outcome[1] = PROBE_DRAIN;
	pool_until(&pool, pool.now + 20);
	pool.started[1] = pool.now;
	pool_until(&pool, pool.now + 20);
	pool.outcome[1] = PROBE_OK;
	pool_until(&pool, pool.now + 2);
	cr_assert_eq(pool_weight(&pool, 1), 2, "%d", pool_weight(&pool, 1));
	pool_end(&pool);
}

/* Our own start, takeover or reload is nobody's restart. */
Test(balance_ramp, not_by_what_the_balancer_does)
{
	struct table table = { 0 };
	struct balance *next;
	struct pool pool;

	/* A first sight of long-running servers ramps nobody (pool_begin). */
	pool_begin(&pool, COUNT);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 100 100");
	/* Even if one of them is young: it was found at its full weight. */
	pool.started[3] = pool.now - 30;
	balance_decide(pool.balance, s(pool.now), &table);
	balance_free(pool.balance);
	pool.balance = balance_new(&pool.world->conf, s(pool.now));
	balance_adopt(pool.balance, &table, s(pool.now));
	pool_until(&pool, pool.now + 4);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 100 100");
	/* A reload in the middle of a ramp goes on with it. */
	pool_bounce(&pool, 1, true);
	pool_until(&pool, pool.now + 30);
	next = balance_new(&pool.world->conf, s(pool.now));
	balance_inherit(next, pool.balance, s(pool.now));
	cr_assert_eq(weight_of(next, 1, s(pool.now)), pool_weight(&pool, 1));
	balance_free(pool.balance);
	pool.balance = next;
	cr_assert(abs(pool_weight(&pool, 1) - 52) <= 5);
	pool_until(&pool, pool.now + 34);
	cr_assert_eq(pool_weight(&pool, 1), 100);
	table_free(&table);
	pool_end(&pool);
}

Test(balance_ramp, ends_with_a_reload_that_takes_slow_start_away)
{
	struct balance *next;
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool_bounce(&pool, 1, true);
	pool_until(&pool, pool.now + 10);
	cr_assert_lt(pool_weight(&pool, 1), 50);
	pool.world->slow_start.time = 0;
	next = balance_new(&pool.world->conf, s(pool.now));
	balance_inherit(next, pool.balance, s(pool.now));
	balance_free(pool.balance);
	pool.balance = next;
	cr_assert_eq(pool_weight(&pool, 1), 100);
	pool_until(&pool, pool.now + 10);
	cr_assert_eq(pool_weight(&pool, 1), 100);
	pool_end(&pool);
}

Test(balance_ramp, on_first_sight_of_a_young_server)
{
	struct pool pool;
	char why[256];

	pool_begin(&pool, COUNT);
	balance_free(pool.balance);
	pool.started[2] = pool.now - 20;
	pool.balance = balance_new(&pool.world->conf, s(pool.now));
	pool_until(&pool, pool.now + 2);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 2 100");
	balance_reason(pool.balance, 0, 2, s(pool.now), why, sizeof(why));
	cr_assert(strstr(why, "; slow start 2.0%"), "%s", why);
	pool_end(&pool);
}

/* All were restarted with the balancer, and answer one after the other. */
Test(balance_ramp, on_first_sight_of_a_young_pool)
{
	struct pool pool;
	uint32_t i;

	pool_begin(&pool, COUNT);
	balance_free(pool.balance);
	pool.balance = balance_new(&pool.world->conf, s(pool.now));
	for (i = 0; i < COUNT; i++)
		pool.started[i] = pool.now - 20;
	for (pool.count = 1; pool.count <= COUNT; pool.count++)
		pool_until(&pool, pool.now + 2);
	pool.count = COUNT;
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 100 100");
	/* Warm by now: a restart of one is ramped. */
	pool_until(&pool, pool.now + 100);
	pool_bounce(&pool, 3, true);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 100 2");
	pool_end(&pool);
}

/* Half-way in the kernel: our predecessor was killed in the middle of it. */
Test(balance_ramp, found_half_way)
{
	struct table table = { 0 };
	unsigned young;

	for (young = 0; young < 2; young++) {
		struct pool pool;

		pool_begin(&pool, COUNT);
		balance_decide(pool.balance, s(pool.now), &table);
		table.dests[1].weight = 40;
		balance_free(pool.balance);
		if (young)
			pool.started[1] = pool.now - 30;
		pool.balance = balance_new(&pool.world->conf, s(pool.now));
		balance_adopt(pool.balance, &table, s(pool.now));
		cr_assert_eq(pool_weight(&pool, 1), 40);
		pool_until(&pool, pool.now + 4);
		cr_assert(young ? pool_weight(&pool, 1) < 50 :
				  pool_weight(&pool, 1) == 100);
		pool_end(&pool);
	}
	table_free(&table);
}

Test(balance_ramp, found_half_way_without_a_check_to_prove_it)
{
	struct table table = { 0 };
	struct pool pool;
	unsigned i;

	pool_begin(&pool, COUNT);
	for (i = 0; i < COUNT; i++)
		pool.world->servers[i].nr_uses = 0;
	balance_decide(pool.balance, s(pool.now), &table);
	table.dests[1].weight = 40;
	balance_free(pool.balance);
	pool.balance = balance_new(&pool.world->conf, s(pool.now));
	balance_adopt(pool.balance, &table, s(pool.now));
	cr_assert_eq(pool_weight(&pool, 1), 40);
	pool_until(&pool, pool.now + 40);
	cr_assert_eq(pool_weight(&pool, 1), 100);
	pool_end(&pool);
	table_free(&table);
}

Test(balance_ramp, skipped_when_half_of_the_pool_is_cold)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool.outcome[0] = pool.outcome[1] = PROBE_REFUSED;
	pool_until(&pool, pool.now + 20);
	pool.started[0] = pool.started[1] = pool.now;
	pool.outcome[0] = pool.outcome[1] = PROBE_OK;
	pool_until(&pool, pool.now + 2);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 100 100 100");
	pool_end(&pool);
	/* Of two servers one alone still ramps: it has a warm peer. */
	pool_begin(&pool, 2);
	pool_bounce(&pool, 1, true);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "100 2");
	/* But not if that peer goes. */
	pool.outcome[0] = PROBE_REFUSED;
	pool_until(&pool, pool.now + 4);
	cr_assert_str_eq(weights(pool.balance, s(pool.now)), "- 100");
	pool_end(&pool);
}

Test(balance_ramp, off_by_default)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool.world->slow_start.time = 0;
	pool_bounce(&pool, 1, true);
	cr_assert_eq(pool_weight(&pool, 1), 100);
	pool_end(&pool);
}

static int number_order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

Test(balance_ramp, median)
{
	uint64_t seed = 3;
	uint32_t round, i;

	for (round = 0; round < 5000; round++) {
		uint32_t values[40], sorted[40];
		uint32_t count = 1 + random_below(&seed, 40);
		uint32_t range = 1 + random_below(&seed, 20), want;

		for (i = 0; i < count; i++)
			values[i] = sorted[i] = random_below(&seed, range);
		qsort(sorted, count, sizeof(*sorted), number_order);
		want = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
		cr_assert_eq(median_of(values, count), want);
	}
}

/* The host slept, the loop hung: a late decision is no jump to full weight. */
Test(balance_ramp, a_late_decision_makes_no_jump)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool_bounce(&pool, 1, true);
	pool.now += 40;
	cr_assert_lt(pool_weight(&pool, 1), 12);
	pool_end(&pool);
}

/* The ramping server's own queue is no measure for itself. */
Test(balance_ramp, the_peers_that_are_warm_are_the_measure)
{
	struct pool pool;
	int held;

	pool_begin(&pool, 2);
	pool.running[0] = 14;
	pool.running[1] = 24;
	pool_until(&pool, pool.now + 60);
	pool_bounce(&pool, 1, true);
	pool_until(&pool, pool.now + 10);
	held = pool_weight(&pool, 1);
	pool_until(&pool, pool.now + 20);
	cr_assert_leq(pool_weight(&pool, 1), held + 4, "held by 21, not by 28");
	pool_end(&pool);
}

/* A share that rounds to nothing is still a share. */
Test(balance_ramp, never_rounds_to_0)
{
	struct pool pool;

	pool_begin(&pool, COUNT);
	pool.world->vs[0].base_weight = 1;
	pool_bounce(&pool, 1, true);
	cr_assert_eq(pool_weight(&pool, 1), 1);
	pool_end(&pool);
}
