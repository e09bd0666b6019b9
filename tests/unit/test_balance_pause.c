/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's pause: the table stays as it is, the checks go on, and the end
 * finds a decision as good as any.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_world.h"

static struct balance *healthy(struct world *world, usec_t now)
{
	struct balance *balance = balance_new(&world->conf, now);
	uint32_t i;

	for (i = 0; i < world->conf.nr_checks; i++)
		say(balance, i, PROBE_OK, now);
	weight_of(balance, 0, now);
	return balance;
}

static void fail(struct balance *balance, uint32_t check, usec_t now)
{
	uint32_t i;

	for (i = 0; i < 3; i++)
		say(balance, check, PROBE_REFUSED, now);
}

static bool next_notice(struct balance *balance, enum balance_notice_kind kind)
{
	struct balance_notice notice;

	return balance_next_notice(balance, &notice) && notice.kind == kind;
}

static struct balance_vs_view pool_of(struct balance *balance)
{
	struct balance_vs_view view;

	balance_view_vs(balance, 0, &view);
	return view;
}

Test(balance_pause, the_table_stays_and_the_checks_go_on)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct balance *balance = healthy(world, s(1));
	char why[256];

	balance_pause(balance, 0, s(600), s(2));
	fail(balance, 0, s(3));
	cr_expect_str_eq(weights(balance, s(3)), "1 1 1");
	cr_expect_eq(standing_is(balance, 0), STANDING_DOWN);
	cr_expect_eq(pool_of(balance).up, 2, "the checks go on");
	cr_expect_eq(pool_of(balance).serving, 3);
	cr_expect_eq(pool_of(balance).paused_until, s(600));
	cr_expect_eq(balance_next_wake(balance), s(600));
	cr_expect(strstr(balance_reason(balance, 0, 0, s(3), why, sizeof(why)),
			 "paused"));
	balance_pause(balance, 0, 0, s(4));
	cr_expect_str_eq(weights(balance, s(4)), "- 1 1");
	cr_expect_not(next_notice(balance, NOTICE_PAUSE_OVER), "it was said");
	balance_free(balance);
	world_free(world);
}

Test(balance_pause, it_ends_by_itself)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance = healthy(world, s(1));

	balance_pause(balance, 0, s(60), s(2));
	balance_pause(balance, 0, s(100), s(3));
	fail(balance, 1, s(4));
	cr_expect_str_eq(weights(balance, s(99)), "1 1");
	cr_expect_not(next_notice(balance, NOTICE_PAUSE_OVER));
	cr_expect_str_eq(weights(balance, s(100)), "1 -");
	cr_expect(next_notice(balance, NOTICE_PAUSE_OVER));
	cr_expect_eq(pool_of(balance).paused_until, 0);
	cr_expect_str_eq(weights(balance, s(101)), "1 -");
	cr_expect_not(next_notice(balance, NOTICE_PAUSE_OVER), "said once");
	balance_free(balance);
	world_free(world);
}

/* A server that came back meanwhile is cold, and starts slowly at the end. */
Test(balance_pause, a_ramp_stands_still)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance;
	int before, after;

	world->vs[0].base_weight = 100;
	world->servers[3].slow_start = &world->slow_start;
	balance = healthy(world, s(1));
	fail(balance, 3, s(2));
	weight_of(balance, 3, s(3));
	say(balance, 3, PROBE_OK, s(4));
	weight_of(balance, 3, s(4));
	before = weight_of(balance, 3, s(8));
	cr_assert_lt(before, 100);
	balance_pause(balance, 0, s(60), s(9));
	cr_expect_eq(weight_of(balance, 3, s(30)), before);
	cr_expect_eq(weight_of(balance, 3, s(59)), before);
	after = weight_of(balance, 3, s(60));
	cr_expect_geq(after, before);
	cr_expect_leq(after, before + 20, "it must not jump");
	balance_free(balance);
	world_free(world);
}

/* A drain that is said meanwhile keeps its connections when it begins. */
Test(balance_pause, an_operators_word_counts_from_the_end_on)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct balance *balance = healthy(world, s(1));

	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(2));
	cr_expect_str_eq(weights(balance, s(2)), "0 1 1");
	balance_pause(balance, 0, s(1000), s(3));
	balance_override(balance, 1, OVERRIDE_DRAIN, 0, s(4));
	balance_override(balance, 2, OVERRIDE_WEIGHT, 7, s(4));
	cr_expect_str_eq(weights(balance, s(999)), "0 1 1");
	/* The first one's time is over, the second one's begins. */
	cr_expect_str_eq(weights(balance, s(1000)), "- 0 7");
	cr_expect_str_eq(weights(balance, s(1299)), "- 0 7");
	cr_expect_str_eq(weights(balance, s(1300)), "- - 7");
	balance_free(balance);
	world_free(world);
}

Test(balance_pause, all_die_meanwhile)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance = healthy(world, s(1));

	balance_pause(balance, 0, s(100), s(2));
	fail(balance, 0, s(3));
	fail(balance, 1, s(50));
	cr_expect_str_eq(weights(balance, s(99)), "1 1");
	cr_expect_eq(level_of(balance, 0), LEVEL_NORMAL);
	cr_expect_eq(pool_of(balance).up, 0);
	cr_expect_str_eq(weights(balance, s(100)), "1 1", "the last resort");
	cr_expect_eq(level_of(balance, 0), LEVEL_LAST_RESORT);
	balance_free(balance);
	world_free(world);
}

/* The writer fails: nobody else writes before the end, and no term is given. */
Test(balance_pause, a_writers_seat_stays)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance;
	uint64_t given;

	world->vs[0].writers = 1;
	balance = healthy(world, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 -");
	given = balance_terms_given(balance);
	balance_pause(balance, 0, s(100), s(2));
	fail(balance, 0, s(3));
	cr_expect_str_eq(weights(balance, s(50)), "1 -");
	cr_expect_eq(balance_terms_given(balance), given);
	cr_expect_str_eq(weights(balance, s(100)), "- 1");
	cr_expect_eq(balance_terms_given(balance), given + 1);
	balance_free(balance);
	world_free(world);
}

/* After a reload: the same servers as before, and new ones wait. */
Test(balance_pause, a_reload)
{
	struct world *world = world_pool(3, CHECK_TCP);
	struct world *grown = world_pool(4, CHECK_TCP);
	struct world *less = world_pool(2, CHECK_TCP);
	struct world *least = world_pool(1, CHECK_TCP);
	struct balance *balance = healthy(world, s(1)), *after, *last;
	struct table wanted = { 0 };

	fail(balance, 2, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 1 -");
	balance_pause(balance, 0, s(100), s(3));
	grown->servers[1].weight = 9;
	after = balance_new(&grown->conf, s(4));
	balance_inherit(after, balance, s(4));
	say(after, 2, PROBE_OK, s(5));
	say(after, 3, PROBE_OK, s(5));
	cr_expect_str_eq(weights(after, s(5)), "1 1 - -");
	last = balance_new(&less->conf, s(6));
	balance_inherit(last, after, s(6));
	cr_expect_str_eq(weights(last, s(6)), "1 1");
	balance_free(after);
	/* The other way: servers that leave the file drain. */
	after = balance_new(&least->conf, s(7));
	balance_inherit(after, last, s(7));
	balance_decide(after, s(8), &wanted);
	cr_expect_eq(wanted.nr_dests, 2);
	cr_expect_eq(wanted.dests[1].ref, REF_LEAVING);
	cr_expect_eq(wanted.dests[1].weight, 0);
	cr_expect_eq(pool_of(after).paused_until, s(100));
	table_free(&wanted);
	balance_free(balance);
	balance_free(after);
	balance_free(last);
	world_free(world);
	world_free(grown);
	world_free(less);
	world_free(least);
}

/* Weights of the kernel's table for a pool, -1: not in. */
static void kernel_has(const struct conf *conf, const int *weights_of,
		       struct table *table)
{
	struct table_service *svc;
	uint32_t i;

	table_clear(table);
	svc = table_add_service(table);
	svc->key = conf->virtual_servers[0].keys[0];
	for (i = 0; i < conf->nr_servers; i++) {
		struct table_dest *dest;

		if (weights_of[i] < 0)
			continue;
		dest = table_add_dest(table);
		conf_dest_endpoint(&svc->key, &conf->servers[i].addr,
				   &conf->servers[i].forward, &dest->rip);
		dest->forward = conf->servers[i].forward.method;
		dest->weight = (uint32_t)weights_of[i];
	}
}

Test(balance_pause, a_restart_keeps_the_kernels_table)
{
	static const int was[] = { 3, 0, -1, 1 };
	struct world *world = world_pool(4, CHECK_TCP);
	struct balance *balance = balance_new(&world->conf, s(1));
	struct table table = { 0 };

	balance_pause(balance, 0, s(100), s(1));
	kernel_has(&world->conf, was, &table);
	balance_adopt(balance, &table, s(1));
	cr_expect_str_eq(weights(balance, s(1)), "3 0 - 1");
	cr_expect_eq(level_of(balance, 0), LEVEL_NORMAL);
	say(balance, 0, PROBE_REFUSED, s(2));
	fail(balance, 0, s(2));
	say(balance, 1, PROBE_OK, s(2));
	say(balance, 2, PROBE_OK, s(2));
	cr_expect_str_eq(weights(balance, s(2)), "3 0 - 1");
	cr_expect_str_eq(weights(balance, s(100)), "- 1 1 1");
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* A host that boots has no table to be kept, and must not stay without. */
Test(balance_pause, a_boot_is_decided_by_the_checks)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance = balance_new(&world->conf, s(1));
	struct table table = { 0 };

	balance_pause(balance, 0, s(100), s(1));
	balance_adopt(balance, &table, s(1));
	say(balance, 0, PROBE_OK, s(2));
	cr_expect_str_eq(weights(balance, s(2)), "1 -");
	cr_expect_eq(pool_of(balance).paused_until, s(100));
	cr_expect_not(pool_of(balance).keeps);
	/* Said again, there is one. */
	balance_pause(balance, 0, s(200), s(3));
	say(balance, 1, PROBE_OK, s(4));
	cr_expect_str_eq(weights(balance, s(4)), "1 -");
	cr_expect_str_eq(weights(balance, s(200)), "1 1");
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

#define HISTORIES 1000
#define STEPS 60

static struct world *random_pool(uint64_t *seed)
{
	struct world *world =
		world_pool(2 + random_below(seed, 4), CHECK_MYSQL);
	uint32_t i;

	world->vs[0].base_weight = random_below(seed, 2) ? 100 : 1;
	world->vs[0].correlated = random_below(seed, 2) * 60;
	world->vs[0].writers = random_below(seed, 3) ? 0 : 1;
	world->vs[0].quorum = 1 + random_below(seed, 2);
	if (random_below(seed, 3) == 0)
		endpoint_parse(&world->vs[0].sorry.addr, "10.9.9.9:3306");
	for (i = 0; i < world->conf.nr_servers; i++) {
		if (random_below(seed, 2))
			world->servers[i].slow_start = &world->slow_start;
		world->servers[i].inhibit = !random_below(seed, 4);
		world->servers[i].backup = !random_below(seed, 5);
	}
	return world;
}

static void random_news(struct balance *balance, const struct world *world,
			uint64_t *seed, usec_t now)
{
	static const enum outcome outcomes[] = { PROBE_OK, PROBE_OK,
						 PROBE_REFUSED, PROBE_LAGGING };
	uint32_t i;

	for (i = 0; i < world->conf.nr_checks; i++) {
		struct facts facts = {
			.have = FACT_LAG | FACT_UPTIME | FACT_THREADS_RUNNING,
			.lag = s(random_below(seed, 50)),
			.uptime = random_below(seed, 200),
			.threads_running = random_below(seed, 60)
		};

		say_facts(balance, i,
			  outcomes[random_below(seed, ARRAY_SIZE(outcomes))],
			  &facts, now);
	}
	if (random_below(seed, 4) == 0)
		balance_override(
			balance, random_below(seed, world->conf.nr_servers),
			(enum balance_override_kind)random_below(seed, 4),
			random_below(seed, 5), now);
	if (random_below(seed, 8) == 0)
		balance_failback(balance,
				 random_below(seed, world->conf.nr_servers));
}

/*
 * Another balance that goes on from this one: by a reload, or by a restart that
 * finds the kernel's table.
 */
static struct balance *successor(struct balance *old, const struct world *world,
				 const struct table *kernel, uint64_t *seed,
				 usec_t until, usec_t now)
{
	struct balance *balance = balance_new(&world->conf, now);

	if (random_below(seed, 2)) {
		balance_inherit(balance, old, now);
	} else {
		balance_pause(balance, 0, until, now);
		balance_adopt(balance, kernel, now);
	}
	balance_free(old);
	return balance;
}

/* At a restart, entries beyond the file's servers are called otherwise. */
static bool same_weights(const struct table *a, const struct table *b)
{
	size_t i;

	if (a->nr_dests != b->nr_dests || a->nr_services != b->nr_services)
		return false;
	for (i = 0; i < a->nr_dests; i++)
		if (endpoint_cmp(&a->dests[i].rip, &b->dests[i].rip) != 0 ||
		    a->dests[i].weight != b->dests[i].weight)
			return false;
	return true;
}

static void random_history(uint64_t start)
{
	uint64_t seed = start;
	struct world *world = random_pool(&seed);
	struct balance *balance = balance_new(&world->conf, s(1));
	struct table before = { 0 }, table = { 0 };
	struct balance_notice notice;
	usec_t now = s(1), until = 0;
	unsigned step;

	balance_decide(balance, now, &before);
	for (step = 0; step < STEPS; step++) {
		now += s(1 + random_below(&seed, 5));
		random_news(balance, world, &seed, now);
		if (random_below(&seed, 12) == 0) {
			until = random_below(&seed, 3) ?
					now + s(1 + random_below(&seed, 60)) :
					0;
			balance_pause(balance, 0, until, now);
		} else if (random_below(&seed, 12) == 0 && until > now) {
			balance = successor(balance, world, &before, &seed,
					    until, now);
		}
		balance_decide(balance, now, &table);
		table_assert_valid(&world->conf, &table);
		if (until > now)
			cr_assert(same_weights(&before, &table),
				  "seed %llu, step %u: the table moved",
				  (unsigned long long)start, step);
		else
			cr_assert_eq(pool_of(balance).paused_until, 0,
				     "seed %llu: it does not end",
				     (unsigned long long)start);
		cr_assert(until <= now || (balance_next_wake(balance) > 0 &&
					   balance_next_wake(balance) <= until),
			  "seed %llu: nobody ends it",
			  (unsigned long long)start);
		while (balance_next_notice(balance, &notice))
			;
		balance_decide(balance, now, &before);
	}
	balance_free(balance);
	world_free(world);
	table_free(&before);
	table_free(&table);
}

Test(balance_pause, random_histories)
{
	uint64_t i;

	for (i = 1; i <= HISTORIES; i++)
		random_history(i * 7919);
}
