/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random histories of pools with `writers N`: never more than N servers serve;
 * those that serve stay; two balancers choose the same ones. And of pools with
 * `failback manual`: no failed server comes back beside one that serves, and
 * nobody healthy waits for a dead server.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_writer_pool.h"
#include "tests/unit/histories.h"

#define HISTORIES HISTORIES_OF(3000)
#define STEPS 60

/* One of the two balancers: with its own file, of the servers IN, by host. */
struct side {
	struct balance *balance;
	struct world *world;
	struct table table;
	struct seats seats;
	uint32_t in;
};

struct history {
	uint64_t seed;
	struct world *world; /* with all servers */
	struct side a, b;
	uint32_t count, writers; /* no writers: failback manual */
	char results[8]; /* of this step, by host */
	usec_t now;
};

static uint32_t everybody(const struct history *history)
{
	return (1u << history->count) - 1;
}

/* The file with the servers IN, each as it is in the history's world. */
static struct world *side_world(const struct history *history, uint32_t in)
{
	const struct world *all = history->world;
	struct world *world = world_new();
	uint32_t i;

	world_vs(world);
	world->vs[0].writers = history->writers;
	world->vs[0].failback_manual = history->writers == 0;
	world->vs[0].correlated = all->vs[0].correlated;
	world->conf.global.compat = all->conf.global.compat;
	for (i = 0; i < history->count; i++) {
		uint32_t server;

		if (!(in & 1u << i))
			continue;
		server = world_server(world, i + 1);
		world_check(world, server, CHECK_MYSQL);
		world->servers[server].backup = all->servers[i].backup;
		world->servers[server].inhibit = all->servers[i].inhibit;
		world->servers[server].weight = all->servers[i].weight;
		world->checks[server].fall = all->checks[i].fall;
	}
	if (all->checks[0].traits.needs_source)
		world_needs_source(world);
	return world;
}

static void side_begin(const struct history *history, struct side *side)
{
	side->in = everybody(history);
	side->world = side_world(history, side->in);
	side->balance = balance_new(&side->world->conf, 0);
}

static void side_end(struct side *side)
{
	balance_free(side->balance);
	table_free(&side->table);
	world_free(side->world);
}

static void side_reload(const struct history *history, struct side *side,
			uint32_t in)
{
	struct world *world = side_world(history, in ? in : 1);

	side->in = in ? in : 1;
	side->balance =
		reloaded(side->balance, world, &side->seats, history->now);
	world_free(side->world);
	side->world = world;
}

static void side_hear(const struct history *history, struct side *side)
{
	char results[8] = { 0 };
	uint32_t i, count = 0;

	for (i = 0; i < history->count; i++)
		if (side->in & 1u << i)
			results[count++] = history->results[i];
	hear(side->balance, results, history->now);
}

static void side_tell(struct side *from, struct side *to)
{
	share_seats(from->balance, &from->seats);
	share_seats(to->balance, &to->seats);
	hear_seats(to->balance, &to->seats, &from->seats);
}

static void side_restart(const struct history *history, struct side *side)
{
	struct balance *old = side->balance;
	uint32_t i;

	side->balance = restarted(side->world, old, &side->table, history->now);
	/* The state file has those that the configuration lacks, too. */
	for (i = 0; i < history->count; i++)
		if (!(side->in & 1u << i))
			balance_seat_left(side->balance, 0,
					  side->seats.term[i + 1]);
	balance_free(old);
}

/* By host, those of SIDE that serve. */
static uint32_t set_of(const struct side *side)
{
	struct balance_server_view view;
	uint32_t i, set = 0;

	for (i = 0; i < side->world->conf.nr_servers; i++) {
		balance_view_server(side->balance, i, &view);
		if (view.serves && view.weight > 0)
			set |= 1u << (host_of(side->balance, i) - 1);
	}
	return set;
}

static void side_decide(const struct history *history, struct side *side)
{
	balance_decide(side->balance, history->now, &side->table);
	cr_assert(history->writers == 0 ||
			  serving(&side->table) <= history->writers,
		  "seed %llu at %llu: %u serve",
		  (unsigned long long)history->seed,
		  (unsigned long long)history->now, serving(&side->table));
	table_assert_valid(&side->world->conf, &side->table);
	share_seats(side->balance, &side->seats);
}

static void history_begin(struct history *history, uint64_t round, bool manual)
{
	uint64_t seed = round;
	uint32_t i;

	memset(history, 0, sizeof(*history));
	history->seed = round;
	history->count = 2 + random_below(&seed, 4);
	history->writers = 1 + random_below(&seed, 2);
	if (manual)
		history->writers = 0;
	history->world = writer_pool(history->count, history->writers);
	if (random_below(&seed, 3) == 0)
		for (i = 0; i < history->count; i++)
			history->world->checks[i].traits.needs_source = false;
	history->world->conf.global.compat = random_below(&seed, 4) == 0;
	history->world->vs[0].correlated = random_below(&seed, 2) * 60;
	for (i = 0; i < history->count; i++) {
		history->world->servers[i].backup = !random_below(&seed, 4);
		history->world->servers[i].inhibit = !random_below(&seed, 4);
		history->world->servers[i].weight = random_below(&seed, 6) ? 1 :
									     0;
		history->world->checks[i].fall = 1 + random_below(&seed, 2);
	}
	side_begin(history, &history->a);
	side_begin(history, &history->b);
}

static void history_end(struct history *history)
{
	side_end(&history->a);
	side_end(&history->b);
	world_free(history->world);
}

static void history_results(struct history *history, uint64_t *seed)
{
	static const char all[] = "+++++xrmdl..";
	uint32_t i;

	history->now += s(2);
	for (i = 0; i < history->count; i++)
		history->results[i] = all[random_below(seed, sizeof(all) - 1)];
}

static void history_decide(struct history *history)
{
	side_decide(history, &history->a);
	side_decide(history, &history->b);
}

/* Another file now and then, without some of the servers. */
static uint32_t random_edit(const struct history *history, uint64_t *seed,
			    uint32_t in)
{
	if (random_below(seed, 10))
		return in;
	return random_below(seed, 2) ?
		       everybody(history) :
		       random_below(seed, everybody(history)) + 1;
}

/* The same results: the same choice, even if no word goes between the two. */
Test(balance_writers_random, balancers_that_see_the_same_agree)
{
	uint64_t round;
	uint32_t i, in;

	for (round = 0; round < HISTORIES; round++) {
		struct history history;
		uint64_t seed = round + 1000;

		history_begin(&history, round, round % 3 == 0);
		for (i = 0; i < STEPS; i++) {
			history_results(&history, &seed);
			in = random_edit(&history, &seed, history.a.in);
			if (in != history.a.in) {
				side_reload(&history, &history.a, in);
				side_reload(&history, &history.b, in);
			}
			side_hear(&history, &history.a);
			side_hear(&history, &history.b);
			if (random_below(&seed, 9) == 0)
				balance_failback(history.a.balance,
						 random_below(&seed,
							      history.count));
			side_tell(&history.a, &history.b);
			history_decide(&history);
			cr_assert(table_same(&history.a.table,
					     &history.b.table),
				  "seed %llu", (unsigned long long)round);
		}
		history_end(&history);
	}
}

/* Since the last event, whoever serves (unless down) was told to be up. */
static void assert_told(const struct history *history, struct side *side,
			bool up[9])
{
	struct balance_server_view view;
	struct balance_event event;
	uint32_t i;

	while (balance_next_event(side->balance, &event)) {
		if (event.server == TABLE_NO_REF)
			continue;
		if (event.kind == EVENT_SERVER_UP) {
			balance_view_server(side->balance, event.server, &view);
			cr_assert(view.serves, "seed %llu: %u is told up",
				  (unsigned long long)history->seed,
				  event.server);
		}
		if (event.kind != EVENT_SERVER_OTHER)
			up[host_of(side->balance, event.server)] =
				event.kind == EVENT_SERVER_UP;
	}
	for (i = 0; i < side->world->conf.nr_servers; i++) {
		balance_view_server(side->balance, i, &view);
		if (view.serves && view.weight > 0 &&
		    standing_is(side->balance, i) == STANDING_UP)
			cr_assert(up[host_of(side->balance, i)],
				  "seed %llu: %u serves untold",
				  (unsigned long long)history->seed, i);
	}
}

/*
 * Nobody who could go on stops, unless a word moved the seat or a server of a
 * better standing was found.
 */
Test(balance_writers_random, writers_stay)
{
	uint64_t round;
	uint32_t i, k;

	for (round = 0; round < HISTORIES; round++) {
		struct history history;
		struct side *a = &history.a;
		uint64_t seed = round + 2000;
		bool up[9] = { false };

		history_begin(&history, round, false);
		for (i = 0; i < STEPS; i++) {
			uint32_t before = set_of(a), after, in;

			/* The last resort is nobody's seat. */
			if (level_of(a->balance, 0) == LEVEL_LAST_RESORT)
				before = 0;
			history_results(&history, &seed);
			in = random_edit(&history, &seed, a->in);
			if (in != a->in)
				side_reload(&history, a, in);
			side_hear(&history, a);
			history_decide(&history);
			assert_told(&history, a, up);
			after = set_of(a);
			for (k = 0; k < a->world->conf.nr_servers; k++) {
				unsigned bit = 1u
					       << (host_of(a->balance, k) - 1);
				enum standing is = standing_is(a->balance, k);

				if (before & ~after & bit)
					cr_assert_neq(is, STANDING_UP,
						      "seed %llu: %u left",
						      (unsigned long long)round,
						      k);
				if (is == STANDING_SPARE)
					cr_assert_not(before & bit,
						      "seed %llu: %u is spare",
						      (unsigned long long)round,
						      k);
			}
		}
		history_end(&history);
	}
}

/* Both have the whole file, see that all is well, and hear each other. */
static void history_unite(struct history *history)
{
	uint32_t i;

	side_reload(history, &history->a, everybody(history));
	side_reload(history, &history->b, everybody(history));
	balance_reserve(history->b.balance, false);
	for (i = 0; i < 4; i++) {
		memset(history->results, '0', history->count);
		history->now += s(2);
		side_hear(history, &history->a);
		side_hear(history, &history->b);
		side_tell(&history->a, &history->b);
		side_tell(&history->b, &history->a);
		history_decide(history);
	}
}

/*
 * Two balancers with clients see different things, cut off from each other
 * now and then, restarted now and then, with servers that leave the file and
 * return. Once both see the same and hear each other, the same servers write,
 * and nothing moves any more.
 */
Test(balance_writers_random, balancers_agree_after_a_split)
{
	uint64_t round;
	uint32_t i;

	for (round = 0; round < HISTORIES; round++) {
		struct history history;
		struct side *a = &history.a, *b = &history.b;
		uint64_t seed = round + 3000;

		history_begin(&history, round, round % 3 == 0);
		balance_reserve(b->balance, random_below(&seed, 2));
		for (i = 0; i < STEPS; i++) {
			history_results(&history, &seed);
			side_hear(&history, a);
			if (random_below(&seed, 2))
				history_results(&history, &seed);
			side_hear(&history, b);
			history_decide(&history);
			if (random_below(&seed, 3) == 0)
				side_tell(a, b);
			if (random_below(&seed, 3) == 0)
				side_tell(b, a);
			if (random_below(&seed, 20) == 0)
				side_restart(&history, b);
			if (random_below(&seed, 20) == 0)
				side_reload(&history, a,
					    random_edit(&history, &seed,
							a->in));
			if (random_below(&seed, 20) == 0)
				side_reload(&history, b,
					    random_edit(&history, &seed,
							b->in));
			history_decide(&history);
		}
		history_unite(&history);
		cr_assert_eq(set_of(a), set_of(b), "seed %llu",
			     (unsigned long long)round);
		for (i = 0; i < history.count; i++)
			cr_assert_eq(term_of(a->balance, i),
				     term_of(b->balance, i), "seed %llu",
				     (unsigned long long)round);
		history_end(&history);
	}
}

/* By host, the servers of SIDE that are up and have a weight in the file. */
static uint32_t able_of(const struct side *side, enum standing least)
{
	uint32_t i, set = 0;

	for (i = 0; i < side->world->conf.nr_servers; i++) {
		enum standing is = standing_is(side->balance, i);

		if ((is == STANDING_UP || is == STANDING_SPARE ||
		     is == least) &&
		    side->world->servers[i].weight > 0)
			set |= 1u << (host_of(side->balance, i) - 1);
	}
	return set;
}

/* By host, the servers of SIDE that are DOWN. */
static uint32_t down_of(const struct side *side)
{
	uint32_t i, set = 0;

	for (i = 0; i < side->world->conf.nr_servers; i++)
		if (standing_is(side->balance, i) == STANDING_DOWN)
			set |= 1u << (host_of(side->balance, i) - 1);
	return set;
}

/*
 * FAILED served and went down since. Such a server begins to serve only if
 * none that served before, and did not fail, is still good.
 */
static void assert_none_returns(const struct side *side, uint32_t failed,
				uint32_t before, uint64_t seed)
{
	uint32_t now = set_of(side), good = able_of(side, STANDING_UP);

	cr_assert(!(now & ~before & failed) || !(before & ~failed & good),
		  "seed %llu: %x returned, %x of %x go on",
		  (unsigned long long)seed, now & ~before & failed, good,
		  before);
}

/* Somebody healthy serves if anybody is, unless a first result is waited for. */
static void assert_healthy_serve(const struct side *side, uint64_t seed)
{
	uint32_t now = set_of(side), i;

	for (i = 0; i < side->world->conf.nr_servers; i++)
		if (standing_is(side->balance, i) == STANDING_UNKNOWN)
			return;
	cr_assert(!able_of(side, STANDING_UP) ||
			  (now & able_of(side, STANDING_SOFT)),
		  "seed %llu: %x serve, %x could", (unsigned long long)seed,
		  now, able_of(side, STANDING_UP));
	cr_assert(!(now & down_of(side)) || !able_of(side, STANDING_UP),
		  "seed %llu: the dead %x serves", (unsigned long long)seed,
		  now & down_of(side));
}

/* Over reloads and restarts of the daemon; the file's servers stay. */
Test(balance_writers_random, failback_manual_waits_but_not_for_the_dead)
{
	uint64_t round;
	uint32_t i, returned = 0;

	for (round = 0; round < HISTORIES; round++) {
		struct history history;
		struct side *a = &history.a;
		uint64_t seed = round + 4000;
		uint32_t failed = 0;

		history_begin(&history, round, true);
		for (i = 0; i < STEPS; i++) {
			bool resort = level_of(a->balance, 0) ==
				      LEVEL_LAST_RESORT;
			uint32_t before = resort ? 0 : set_of(a), serve;

			history_results(&history, &seed);
			if (random_below(&seed, 20) == 0)
				side_reload(&history, a, everybody(&history));
			side_hear(&history, a);
			failed |= before & down_of(a);
			if (random_below(&seed, 9) == 0) {
				uint32_t who =
					random_below(&seed, history.count);

				balance_failback(a->balance, who);
				failed &= ~(1u << who);
			}
			side_decide(&history, a);
			assert_none_returns(a, failed, before, round);
			assert_healthy_serve(a, round);
			serve = set_of(a);
			if (level_of(a->balance, 0) == LEVEL_LAST_RESORT)
				serve = 0;
			returned += (serve & failed) != 0;
			failed &= ~serve;
		}
		history_end(&history);
	}
	cr_assert(returned > HISTORIES, "a test of nothing: %u", returned);
}
