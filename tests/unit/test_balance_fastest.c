/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/unit/balance_world.h"

struct pool {
	struct world *world;
	struct balance *balance;
	uint32_t duration[8]; /* us */
	enum outcome outcome[8];
	usec_t now;
	uint32_t count;
};

static void pool_rounds(struct pool *pool, unsigned rounds)
{
	uint32_t i;

	while (rounds--) {
		pool->now += s(2);
		for (i = 0; i < pool->count; i++) {
			struct verdict verdict = {
				.check = i,
				.outcome = (uint16_t)pool->outcome[i],
				.when = pool->now,
				.duration = pool->duration[i],
			};

			balance_verdict(pool->balance, &verdict, pool->now);
		}
		weight_of(pool->balance, 0, pool->now);
	}
}

static void pool_begin(struct pool *pool, uint32_t count)
{
	uint32_t i;

	*pool = (struct pool){ .world = world_pool(count, CHECK_MYSQL),
			       .count = count,
			       .now = s(10) };
	pool->world->vs[0].base_weight = 100;
	pool->world->vs[0].fastest = true;
	for (i = 0; i < count; i++) {
		pool->duration[i] = 1000;
		pool->outcome[i] = PROBE_OK;
	}
	pool->balance = balance_new(&pool->world->conf, pool->now);
	pool_rounds(pool, 20);
}

static const char *pool_weights(struct pool *pool)
{
	return weights(pool->balance, pool->now);
}

static void pool_end(struct pool *pool)
{
	balance_free(pool->balance);
	world_free(pool->world);
}

Test(balance_fastest, follows_the_time_within_its_bounds)
{
	struct pool pool;
	int last, weight;
	unsigned i;

	pool_begin(&pool, 4);
	cr_assert_str_eq(pool_weights(&pool), "100 100 100 100");
	pool.duration[1] = 1600; /* 1000 / 1600: 62 % */
	last = 100;
	for (i = 0; i < 40; i++) {
		pool_rounds(&pool, 1);
		weight = weight_of(pool.balance, 1, pool.now);
		cr_assert(abs(weight - last) <= 5, "a step of %d",
			  last - weight);
		last = weight;
	}
	cr_assert(abs(last - 62) <= 5, "%d", last);
	pool.duration[1] = 90000;
	pool_rounds(&pool, 60);
	cr_assert_eq(weight_of(pool.balance, 1, pool.now), 50, "the range");
	pool.duration[1] = 100;
	pool_rounds(&pool, 90);
	cr_assert_eq(weight_of(pool.balance, 1, pool.now), 150, "the range");
	/* And all the way back. */
	pool.duration[1] = 1000;
	pool_rounds(&pool, 90);
	cr_assert(abs(weight_of(pool.balance, 1, pool.now) - 100) <= 5);
	pool_end(&pool);
}

Test(balance_fastest, small_differences_are_none)
{
	struct pool pool;

	pool_begin(&pool, 4);
	pool.duration[0] = 950;
	pool.duration[1] = 1100;
	pool.duration[2] = 1140;
	pool_rounds(&pool, 100);
	cr_assert_str_eq(pool_weights(&pool), "100 100 100 100");
	pool_end(&pool);
}

Test(balance_fastest, stands_still_while_servers_come_and_go)
{
	struct pool pool;
	int before;

	pool_begin(&pool, 4);
	pool.duration[1] = 1600;
	pool_rounds(&pool, 6);
	pool.outcome[3] = PROBE_CLOSED;
	pool_rounds(&pool, 2);
	before = weight_of(pool.balance, 1, pool.now);
	pool_rounds(&pool, 2);
	cr_assert_eq(weight_of(pool.balance, 1, pool.now), before);
	/* The others carry its load as long as it is out: their times show that. */
	pool_rounds(&pool, 60);
	cr_assert_eq(weight_of(pool.balance, 1, pool.now), before);
	pool.outcome[3] = PROBE_OK;
	pool_rounds(&pool, 2);
	cr_assert_eq(weight_of(pool.balance, 1, pool.now), before);
	pool_rounds(&pool, 20);
	cr_assert_lt(weight_of(pool.balance, 1, pool.now), before);
	pool_end(&pool);
}

/* Out for lag, for good, or never in: what is missing is missed. */
Test(balance_fastest, stands_still_while_one_is_ejected)
{
	static const enum outcome reasons[] = { PROBE_LAGGING, PROBE_HUNG,
						PROBE_MISCONFIGURED };
	struct pool pool;
	size_t i;
	int before;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		pool_begin(&pool, 4);
		if (reasons[i] == PROBE_MISCONFIGURED) {
			balance_free(pool.balance);
			pool.balance = balance_new(&pool.world->conf, pool.now);
		}
		pool.outcome[3] = reasons[i];
		pool_rounds(&pool, 12);
		before = weight_of(pool.balance, 1, pool.now);
		pool.duration[1] = 1600;
		pool_rounds(&pool, 60);
		cr_assert_eq(weight_of(pool.balance, 1, pool.now), before, "%s",
			     outcome_info(reasons[i])->name);
		pool_end(&pool);
	}
}

/* A server that is meant to be out is missed for three rounds only. */
Test(balance_fastest, goes_on_without_those_that_are_meant_to_be_out)
{
	struct pool pool;
	unsigned way;

	for (way = 0; way < 3; way++) {
		pool_begin(&pool, 4);
		if (way == 0)
			pool.world->servers[3].backup = true;
		else if (way == 1)
			pool.world->servers[3].weight = 0;
		else
			balance_override(pool.balance, 3, OVERRIDE_DISABLE, 0,
					 pool.now);
		pool_rounds(&pool, 8);
		pool.duration[1] = 1600;
		pool_rounds(&pool, 40);
		cr_assert_lt(weight_of(pool.balance, 1, pool.now), 100,
			     "way %u", way);
		pool_end(&pool);
	}
}

Test(balance_fastest, needs_samples_and_its_keyword)
{
	struct pool pool;

	pool_begin(&pool, 4);
	balance_free(pool.balance);
	pool.duration[1] = 9000;
	pool.balance = balance_new(&pool.world->conf, pool.now);
	pool_rounds(&pool, 4);
	cr_assert_str_eq(pool_weights(&pool), "100 100 100 100");
	balance_free(pool.balance);
	pool.world->vs[0].fastest = false;
	pool.balance = balance_new(&pool.world->conf, pool.now);
	pool_rounds(&pool, 50);
	cr_assert_str_eq(pool_weights(&pool), "100 100 100 100");
	pool_end(&pool);
}

Test(balance_fastest, ends_with_a_reload_to_another_scheduler)
{
	struct balance *next;
	struct pool pool;

	pool_begin(&pool, 4);
	pool.duration[1] = 9000;
	pool_rounds(&pool, 50);
	cr_assert_str_eq(pool_weights(&pool), "100 50 100 100");
	pool.world->vs[0].fastest = false;
	next = balance_new(&pool.world->conf, pool.now);
	balance_inherit(next, pool.balance, pool.now);
	balance_free(pool.balance);
	pool.balance = next;
	cr_assert_str_eq(pool_weights(&pool), "100 100 100 100");
	pool_end(&pool);
}

/* "Too many connections" takes weight, never the server; it comes back. */
Test(balance_saturation, a_saturated_server_gets_less)
{
	static const int falls[] = { 70, 49, 34, 24, 17, 12, 10, 10, 10 };
	struct pool pool;
	size_t i;

	pool_begin(&pool, 3);
	pool.world->vs[0].fastest = false;
	pool.outcome[0] = PROBE_SATURATED;
	for (i = 0; i < ARRAY_SIZE(falls); i++) {
		pool_rounds(&pool, 1);
		cr_assert(abs(weight_of(pool.balance, 0, pool.now) -
			      falls[i]) <= 1,
			  "round %zu: %d", i,
			  weight_of(pool.balance, 0, pool.now));
		cr_assert_eq(standing_is(pool.balance, 0), STANDING_UP);
	}
	pool.outcome[0] = PROBE_OK;
	pool_rounds(&pool, 4);
	cr_assert_eq(weight_of(pool.balance, 0, pool.now), 30);
	pool_rounds(&pool, 15);
	cr_assert_str_eq(pool_weights(&pool), "100 100 100");
	cr_assert_eq(balance_next_wake(pool.balance), 0);
	pool_end(&pool);
}
