/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random pools with random histories; what must always hold is looked at after
 * every step. A failure names its seed, which reproduces it alone.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_world.h"

#define HISTORIES 1500
#define STEPS 40

static struct world *random_world(uint64_t *seed)
{
	struct world *world = world_new();
	uint32_t v, i, k, services = 1 + random_below(seed, 2);

	world->conf.global.compat = random_below(seed, 3) == 0;
	for (v = 0; v < services; v++) {
		uint32_t vs = world_vs(world);
		uint32_t count = 1 + random_below(seed, 6);

		world->vs[vs].base_weight = random_below(seed, 2) ? 100 : 1;
		world->vs[vs].quorum = 1 + random_below(seed, 3);
		world->vs[vs].correlated = random_below(seed, 2) * 60;
		world->vs[vs].min_serving =
			(struct conf_share){ random_below(seed, 101),
					     random_below(seed, 2) };
		if (random_below(seed, 3) == 0)
			endpoint_parse(&world->vs[vs].sorry.addr,
				       random_below(seed, 2) ? "10.9.9.9:3306" :
							       "10.0.0.1:3306");
		if (random_below(seed, 3) == 0)
			world_key(world, vs);
		for (i = 0; i < count; i++) {
			uint32_t server = world_server(world, i + 1);

			world->servers[server].weight = random_below(seed, 4);
			world->servers[server].inhibit = !random_below(seed, 3);
			/* A host of both services is often checked once. */
			if (v == 1 && i < world->vs[0].nr_servers &&
			    random_below(seed, 2))
				world_use(world, server, i);
			else
				world_check(world, server, CHECK_MYSQL);
			world->servers[server].backup = !random_below(seed, 5);
			if (v == 1 && !random_below(seed, 3))
				world_check(world, server, CHECK_HTTP);
			for (k = 0; k < world->servers[server].nr_uses; k++)
				world->uses[server][k].alpha =
					!random_below(seed, 4);
		}
	}
	for (i = 0; i < world->conf.nr_checks; i++) {
		world->checks[i].dst.port = (uint16_t)(3400 + i);
		world->checks[i].rise = 1 + random_below(seed, 3);
		world->checks[i].fall = 1 + random_below(seed, 3);
	}
	return world;
}

static enum outcome random_outcome(uint64_t *seed)
{
	static const enum outcome common[] = { PROBE_OK,   PROBE_OK,
					       PROBE_OK,   PROBE_REFUSED,
					       PROBE_HUNG, PROBE_DRAIN };

	if (random_below(seed, 3))
		return common[random_below(seed, ARRAY_SIZE(common))];
	return (enum outcome)random_below(seed, PROBE_OUTCOMES);
}

/* The rows of results that a reader of the log would count. */
struct rows {
	uint32_t good, hard;
};

static void rows_add(struct rows *rows, enum outcome outcome)
{
	switch (outcome_info(outcome)->class) {
	case OUTCOME_GOOD:
	case OUTCOME_DRAIN:
	case OUTCOME_SOFT:
		rows->good++;
		rows->hard = 0;
		break;
	case OUTCOME_HARD:
		rows->hard++;
		rows->good = 0;
		break;
	case OUTCOME_UNKNOWN:
	case OUTCOME_SATURATED:
	case OUTCOME_HOLD:
	case OUTCOME_CLASSES:
		break;
	}
}

/* Nobody changes state faster than the rows of its checks allow. */
static void assert_rows(const struct world *world, const struct rows *rows,
			uint32_t server, enum standing before,
			enum standing after)
{
	const struct conf_server *conf = &world->servers[server];
	bool allowed = conf->nr_uses == 0;
	uint32_t i;

	if (before == STANDING_UP && after == STANDING_DOWN)
		for (i = 0; i < conf->nr_uses; i++)
			allowed |= rows[conf->uses[i].check].hard >=
				   world->checks[conf->uses[i].check].fall;
	else if (before == STANDING_DOWN && after == STANDING_UP)
		for (i = 0; i < conf->nr_uses; i++)
			allowed |= rows[conf->uses[i].check].good >=
				   world->checks[conf->uses[i].check].rise;
	else
		return;
	/* Under keepalived_compat the first failure alone is enough. */
	if (world->conf.global.compat && after == STANDING_DOWN)
		return;
	cr_assert(allowed, "server %u: %s to %s too early", server,
		  standing_name(before), standing_name(after));
}

struct pair {
	struct world *world;
	struct balance *a, *b;
	struct rows rows[WORLD_CHECKS];
	struct table ta, tb;
	usec_t now;
	usec_t last[WORLD_VS]; /* when the pool was a last resort; 0: never */
};

/* One snapshot, fed to both in different orders. */
static void pair_step(struct pair *pair, uint64_t *seed)
{
	uint32_t count = pair->world->conf.nr_checks, i;
	uint32_t turn = random_below(seed, count);
	enum outcome outcomes[64];
	struct facts facts[64] = { 0 };

	pair->now += s(2);
	for (i = 0; i < count; i++) {
		outcomes[i] = random_outcome(seed);
		facts[i].have = random_below(seed, 2) ? FACT_LAG : 0;
		facts[i].lag = s(random_below(seed, 60));
	}
	for (i = 0; i < count; i++) {
		uint32_t other = count - 1 - (i + turn) % count;

		say_facts(pair->a, i, outcomes[i], &facts[i], pair->now);
		say_facts(pair->b, other, outcomes[other], &facts[other],
			  pair->now);
		rows_add(&pair->rows[i], outcomes[i]);
	}
}

/*
 * Who is down is out, but for a last resort that waits to be asked: for a round of
 * two seconds and a timeout of one, from when others took its place.
 */
static void assert_dead_are_out(const struct pair *pair, uint32_t server,
				const struct balance_server_view *view)
{
	const struct conf_server *conf = &pair->world->servers[server];
	usec_t last = pair->last[conf->vs];

	if (view->standing != STANDING_DOWN || !view->wanted || conf->inhibit ||
	    view->weight > 0 || view->serves)
		return;
	cr_assert(last > 0 && pair->now - last <= s(4),
		  "server %u is down, and in still", server);
}

/* What the arbiter owes to every pool, whatever happened. */
static void assert_pool(struct pair *pair, uint32_t vs)
{
	const struct conf_virtual_server *conf = &pair->world->vs[vs];
	uint32_t usable = 0, serve = 0, dead = 0, i;
	struct balance_server_view view;
	struct balance_vs_view pool;

	balance_view_vs(pair->a, vs, &pool);
	if (pool.level == LEVEL_LAST_RESORT)
		pair->last[vs] = pair->now;
	for (i = conf->first_server; i < conf->first_server + conf->nr_servers;
	     i++) {
		bool capable;

		balance_view_server(pair->a, i, &view);
		assert_dead_are_out(pair, i, &view);
		capable = pair->world->servers[i].weight > 0;
		if (view.standing == STANDING_UP ||
		    view.standing == STANDING_SOFT) {
			usable += capable;
			serve += capable && view.serves;
		} else if (view.standing == STANDING_DOWN) {
			dead += view.serves;
		} else {
			cr_assert(!view.serves ||
				  pool.level == LEVEL_UNPROVEN ||
				  pool.level == LEVEL_SORRY);
		}
	}
	cr_assert_geq(serve, usable < pool.need ? usable : pool.need,
		      "%u of %u usable serve, %u must", serve, usable,
		      pool.need);
	cr_assert(dead == 0 || usable == 0, "the dead mixed with the living");
	cr_assert(dead == 0 || pool.level == LEVEL_LAST_RESORT);
	cr_assert(pool.level != LEVEL_LAST_RESORT ||
		  !pair->world->conf.global.compat);
}

static void pair_check(struct pair *pair, bool rows)
{
	const struct conf *conf = &pair->world->conf;
	enum standing before[64];
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++)
		before[i] = standing_is(pair->a, i);
	balance_decide(pair->a, pair->now, &pair->ta);
	balance_decide(pair->b, pair->now, &pair->tb);
	cr_assert(table_same(&pair->ta, &pair->tb), "the order counts");
	table_assert_valid(conf, &pair->ta);
	for (i = 0; i < conf->nr_virtual_servers; i++)
		assert_pool(pair, i);
	for (i = 0; i < conf->nr_servers && rows; i++)
		assert_rows(pair->world, pair->rows, i, before[i],
			    standing_is(pair->a, i));
	/* Deciding again changes nothing. */
	balance_decide(pair->b, pair->now, &pair->tb);
	cr_assert(table_same(&pair->ta, &pair->tb),
		  "once more is not the same");
}

static void pair_end(struct pair *pair)
{
	table_free(&pair->ta);
	table_free(&pair->tb);
	balance_free(pair->a);
	balance_free(pair->b);
	world_free(pair->world);
}

Test(balance_random, histories)
{
	uint64_t round;
	uint32_t i;

	for (round = 0; round < HISTORIES; round++) {
		uint64_t seed = round;
		struct pair pair = { .world = random_world(&seed) };

		pair.a = balance_new(&pair.world->conf, 0);
		pair.b = balance_new(&pair.world->conf, 0);
		pair_check(&pair, true);
		for (i = 0; i < STEPS; i++) {
			pair_step(&pair, &seed);
			pair_check(&pair, true);
		}
		pair_end(&pair);
	}
}

/* What a fault of ours, of the file or of max_connections may never do. */
Test(balance_random, harmless_outcomes_take_nobody_out)
{
	static const enum outcome harmless[] = { PROBE_MISCONFIGURED,
						 PROBE_BLOCKED, PROBE_SATURATED,
						 PROBE_LOCAL_FAULT,
						 PROBE_NONE };
	uint64_t round;
	uint32_t i, k;

	for (round = 0; round < HISTORIES; round++) {
		uint64_t seed = round + 77;
		struct pair pair = { .world = random_world(&seed) };
		const struct conf *conf = &pair.world->conf;
		enum standing before[64];

		pair.a = balance_new(conf, 0);
		pair.b = balance_new(conf, 0);
		for (i = 0; i < 6; i++)
			pair_step(&pair, &seed);
		pair_check(&pair, false);
		for (i = 0; i < conf->nr_servers; i++)
			before[i] = standing_is(pair.a, i);
		for (k = 0; k < 20; k++) {
			for (i = 0; i < conf->nr_checks; i++) {
				enum outcome one = harmless[random_below(
					&seed, ARRAY_SIZE(harmless))];

				say(pair.a, i, one, pair.now);
				say(pair.b, i, one, pair.now);
			}
			pair_check(&pair, false);
		}
		for (i = 0; i < conf->nr_servers; i++)
			if (before[i] == STANDING_UP)
				cr_assert_eq(standing_is(pair.a, i),
					     STANDING_UP, "seed %u",
					     (unsigned)round);
		pair_end(&pair);
	}
}

/* The same world with some options of its checks edited. */
static struct world *edited_world(const struct world *world, uint64_t *seed)
{
	struct world *edited = xcalloc(1, sizeof(*edited));
	uint32_t i;

	*edited = *world;
	edited->conf.virtual_servers = edited->vs;
	edited->conf.servers = edited->servers;
	edited->conf.checks = edited->checks;
	for (i = 0; i < WORLD_VS; i++)
		edited->vs[i].keys = edited->keys[i];
	for (i = 0; i < edited->conf.nr_servers; i++)
		edited->servers[i].uses = edited->uses[i];
	for (i = 0; i < edited->conf.nr_checks; i++) {
		if (random_below(seed, 2))
			edited->checks[i].timeout += s(1);
		if (random_below(seed, 3) == 0)
			edited->checks[i].rise = 1 + random_below(seed, 3);
	}
	return edited;
}

Test(balance_random, an_edit_of_checks_moves_nobody)
{
	uint64_t round;
	uint32_t i;

	for (round = 0; round < HISTORIES; round++) {
		uint64_t seed = round + 5;
		struct pair pair = { .world = random_world(&seed) };
		struct world *edited = edited_world(pair.world, &seed);
		struct table after = { 0 };
		struct balance *balance;

		pair.a = balance_new(&pair.world->conf, 0);
		pair.b = balance_new(&pair.world->conf, 0);
		for (i = 0; i < 1 + round % 9; i++) {
			pair_step(&pair, &seed);
			pair_check(&pair, false);
		}
		balance = balance_new(&edited->conf, pair.now);
		balance_inherit(balance, pair.a, pair.now);
		balance_decide(balance, pair.now, &after);
		for (i = 0; i < edited->conf.nr_servers; i++) {
			enum standing was = standing_is(pair.a, i);

			if (was == STANDING_UP || was == STANDING_DOWN ||
			    was == STANDING_DRAIN)
				cr_assert_eq(
					standing_is(balance, i), was,
					"seed %u server %u: %s to %s",
					(unsigned)round, i, standing_name(was),
					standing_name(standing_is(balance, i)));
		}
		table_free(&after);
		balance_free(balance);
		world_free(edited);
		pair_end(&pair);
	}
}
