/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_world.h"

/* Each server's Threads_connected, max_connections and Max_used_connections. */
struct fill {
	uint32_t connected, max, used;
};

static void say_fill(struct balance *balance, uint32_t server,
		     const struct fill *fill, usec_t now)
{
	struct facts facts = {
		.have = FACT_THREADS_CONNECTED | FACT_MAX_CONNECTIONS |
			(fill->used ? FACT_MAX_USED : 0),
		.threads_connected = fill->connected,
		.max_connections = fill->max,
		.max_used = fill->used,
	};

	say_facts(balance, server, PROBE_OK, &facts, now);
}

static struct balance_headroom view_of(const struct world *world,
				       const struct fill *fills)
{
	struct balance *balance = balance_new(&world->conf, 0);
	struct balance_headroom view;
	uint32_t i;

	for (i = 0; i < world->conf.nr_servers; i++)
		say_fill(balance, i, &fills[i], s(1));
	weight_of(balance, 0, s(1));
	balance_view_headroom(balance, 0, &view);
	balance_free(balance);
	return view;
}

Test(balance_headroom, how_many_may_fail)
{
	static const struct {
		struct fill fills[4];
		int32_t survives, peak;
	} cases[] = {
		/* room is max - 10 */
		{ { { 75, 310, 0 },
		    { 75, 310, 0 },
		    { 75, 310, 0 },
		    { 75, 310, 0 } },
		  3,
		  3 },
		{ { { 75, 160, 0 },
		    { 75, 160, 0 },
		    { 75, 160, 0 },
		    { 75, 160, 0 } },
		  2,
		  2 },
		{ { { 75, 159, 0 },
		    { 75, 160, 0 },
		    { 75, 160, 0 },
		    { 75, 160, 0 } },
		  1,
		  1 },
		{ { { 75, 160, 140 },
		    { 75, 160, 140 },
		    { 75, 160, 140 },
		    { 75, 160, 140 } },
		  2,
		  0 },
		{ { { 160, 160, 0 },
		    { 160, 160, 0 },
		    { 160, 160, 0 },
		    { 160, 160, 0 } },
		  -1,
		  -1 },
		{ { { 0, 160, 0 }, { 0, 160, 0 }, { 0, 160, 0 }, { 0, 160, 0 } },
		  3,
		  3 },
	};
	struct world *world = world_pool(4, CHECK_MYSQL);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct balance_headroom view = view_of(world, cases[i].fills);

		cr_expect_eq(view.survives, cases[i].survives, "case %zu: %d",
			     i, view.survives);
		cr_expect_eq(view.survives_peak, cases[i].peak, "case %zu: %d",
			     i, view.survives_peak);
		cr_expect_eq(view.target, 2);
	}
	world_free(world);
}

Test(balance_headroom, who_runs_full_first)
{
	static const struct fill fills[] = {
		{ 75, 400, 0 }, { 75, 151, 0 }, { 75, 400, 0 }, { 68, 400, 0 }
	};
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance_headroom view = view_of(world, fills);

	/* 293 connections over two survivors. */
	cr_assert_eq(view.worst, 1);
	cr_assert_eq(view.worst_need, 147);
	cr_assert_eq(view.worst_max, 151);
	cr_assert_eq(view.used, 293);
	/* A heavy survivor takes more than its number. */
	world->servers[0].weight = 3;
	view = view_of(world, fills);
	cr_assert_eq(view.worst, 1);
	world->vs[0].headroom.survive = (struct conf_share){ 1, false };
	view = view_of(world, fills);
	cr_assert_eq(view.target, 1);
	/* The heavy one dies: three share 293. */
	cr_assert_eq(view.worst_need, 98);
	world_free(world);
}

/* The plain reading: every choice of k dead servers, equal weights or not. */
Test(balance_headroom, agrees_with_trying_them_all)
{
	uint64_t seed = 11;
	uint32_t round, i, mask;

	for (round = 0; round < 400; round++) {
		uint32_t count = 2 + random_below(&seed, 5), total = 0;
		struct world *world = world_pool(count, CHECK_MYSQL);
		struct fill fills[8] = { 0 };
		struct balance_headroom view;
		int32_t want = (int32_t)count - 1;

		for (i = 0; i < count; i++) {
			fills[i].connected = random_below(&seed, 150);
			fills[i].max = 100 + random_below(&seed, 400);
			total += fills[i].connected;
			world->servers[i].weight = 1 + random_below(&seed, 3);
		}
		for (mask = 1; mask < 1u << count; mask++) {
			uint32_t sum = 0, left = 0;
			bool fits = true;

			for (i = 0; i < count; i++)
				if (mask & (1u << i)) {
					sum += world->servers[i].weight;
					left++;
				}
			for (i = 0; i < count; i++)
				if (mask & (1u << i))
					fits &= (total * world->servers[i]
								 .weight +
						 sum - 1) /
							sum <=
						fills[i].max - 10;
			if (!fits && (int32_t)(count - left) <= want)
				want = (int32_t)(count - left) - 1;
		}
		view = view_of(world, fills);
		cr_assert_eq(view.survives, want, "round %u: %d, not %d", round,
			     view.survives, want);
		world_free(world);
	}
}

static unsigned notices(struct balance *balance, char *last)
{
	struct balance_notice notice;
	unsigned seen = 0;

	while (balance_next_notice(balance, &notice)) {
		balance_notice_text(balance, &notice, last, 256);
		seen |= 1u << notice.kind;
	}
	return seen;
}

Test(balance_headroom, says_once_when_it_is_tight_and_when_it_is_over)
{
	static const struct {
		uint32_t connected;
		unsigned notices;
	} story[] = {
		{ 50, 0 },
		{ 75, 0 },
		{ 76, 1u << NOTICE_POOL_TIGHT },
		{ 77, 0 },
		{ 128, 1u << NOTICE_SERVER_TIGHT },
		{ 113, 0 },
		{ 75, 1u << NOTICE_SERVER_ROOMY },
		{ 72, 0 },
		{ 71, 1u << NOTICE_POOL_ROOMY },
	};
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	char text[256];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(story); i++) {
		struct fill fill = { story[i].connected, 160, 0 };
		usec_t now = s(10 + 2 * i);

		for (k = 0; k < 4; k++)
			say_fill(balance, k, &fill, now);
		weight_of(balance, 0, now);
		cr_expect_eq(notices(balance, text), story[i].notices,
			     "step %zu", i);
		if (story[i].notices == 1u << NOTICE_POOL_TIGHT)
			cr_expect_str_eq(
				text,
				"the pool survives 1 of 4 servers (1 at the "
				"highest use seen), 2 are wanted; if 2 fail, "
				"10.0.0.1:3306 needs 152 of its 160 connections");
		if (story[i].notices == 1u << NOTICE_SERVER_TIGHT)
			cr_expect_str_eq(text, "10.0.0.4:3306 uses 128 of its "
					       "160 connections (high 80%)");
	}
	balance_free(balance);
	world_free(world);
}

static void note(struct balance *balance, const struct table *table,
		 uint32_t active, uint32_t inactive)
{
	size_t i;

	for (i = 0; i < table->nr_dests; i++) {
		table->dests[i].active = active;
		table->dests[i].inactive = inactive;
	}
	balance_note_connections(balance, table);
}

/*
 * A 32nd of the limit that stands is no edit, and one more is, either way. The
 * limit is what is counted here, and 10 more.
 */
Test(balance_headroom, a_threshold_moves_by_more_than_a_32nd)
{
	static const struct fill high = { 140, 160, 0 };
	static const struct {
		uint32_t counted, limit;
	} steps[] = {
		{ 150, 160 }, { 155, 160 }, { 145, 160 }, { 156, 166 },
		{ 161, 166 }, { 151, 166 }, { 150, 160 }, { 150, 160 },
	};
	struct world *world = world_pool(1, CHECK_MYSQL);
	struct balance *balance;
	struct table table = { 0 };
	uint32_t i;

	world->vs[0].headroom.threshold = true;
	balance = balance_new(&world->conf, 0);
	say_fill(balance, 0, &high, s(2));
	balance_decide(balance, s(2), &table);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		note(balance, &table, steps[i].counted, 0);
		balance_decide(balance, s(4 + 2 * i), &table);
		cr_expect_eq(table.dests[0].u_threshold, steps[i].limit,
			     "step %u: %u", i, table.dests[0].u_threshold);
	}
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

Test(balance_headroom, thresholds_follow)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0), *next;
	static const struct fill low = { 20, 160, 0 }, high = { 140, 160, 0 },
				 full = { 155, 160, 0 };
	struct table table = { 0 };
	uint32_t i;

	world->vs[0].headroom.threshold = true;
	for (i = 0; i < 4; i++)
		say_fill(balance, i, i ? &low : &high, s(2));
	balance_decide(balance, s(2), &table);
	cr_assert_eq(table.dests[0].u_threshold, 0, "nothing counted yet");
	note(balance, &table, 100, 30);
	balance_decide(balance, s(4), &table);
	table_assert_valid(&world->conf, &table);
	/* 130 here + (160 - 10 - 140) more. */
	cr_assert_eq(table.dests[0].u_threshold, 140);
	cr_assert_eq(table.dests[0].l_threshold, 126);
	cr_assert_eq(table.dests[1].u_threshold, 0);
	/* A small move is no edit, a large one is. */
	note(balance, &table, 102, 30);
	balance_decide(balance, s(6), &table);
	cr_assert_eq(table.dests[0].u_threshold, 140);
	note(balance, &table, 60, 30);
	balance_decide(balance, s(8), &table);
	cr_assert_eq(table.dests[0].u_threshold, 100);
	/* The file's own limit, if that is tighter. */
	world->servers[0].u_threshold = 80;
	world->servers[0].l_threshold = 10;
	balance_decide(balance, s(10), &table);
	cr_assert_eq(table.dests[0].u_threshold, 80);
	cr_assert_eq(table.dests[0].l_threshold, 10);
	world->servers[0].u_threshold = world->servers[0].l_threshold = 0;
	/* Two of four full: theirs stand; three: all are lifted. */
	say_fill(balance, 0, &full, s(11));
	say_fill(balance, 1, &full, s(11));
	balance_decide(balance, s(12), &table);
	cr_assert(table.dests[0].u_threshold && table.dests[1].u_threshold);
	say_fill(balance, 2, &full, s(13));
	balance_decide(balance, s(14), &table);
	for (i = 0; i < 4; i++)
		cr_assert_eq(table.dests[i].u_threshold, 0);
	/* A file without the keyword takes them away. */
	say_fill(balance, 2, &low, s(15));
	balance_decide(balance, s(16), &table);
	cr_assert(table.dests[0].u_threshold);
	world->vs[0].headroom.threshold = false;
	next = balance_new(&world->conf, s(17));
	balance_inherit(next, balance, s(17));
	balance_decide(next, s(17), &table);
	cr_assert_eq(table.dests[0].u_threshold, 0);
	balance_free(next);
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

Test(balance_headroom, facts_of_several_checks_are_put_together)
{
	struct world *world = world_pool(1, CHECK_MYSQL);
	struct facts http = { .have = FACT_HTTP_STATUS, .http_status = 200 };
	struct fill fill = { 7, 151, 0 };
	struct facts facts;
	struct balance *balance;
	uint32_t check = world_check(world, 0, CHECK_HTTP);

	balance = balance_new(&world->conf, 0);
	balance_view_facts(balance, 0, &facts);
	cr_assert_eq(facts.have, 0);
	say_facts(balance, check, PROBE_OK, &http, s(1));
	say_fill(balance, 0, &fill, s(1));
	balance_view_facts(balance, 0, &facts);
	cr_assert_eq(facts.have, FACT_HTTP_STATUS | FACT_THREADS_CONNECTED |
					 FACT_MAX_CONNECTIONS);
	cr_assert_eq(facts.http_status, 200);
	cr_assert_eq(facts.max_connections, 151);
	balance_free(balance);
	world_free(world);
}
