/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `failback manual`: a failed server waits, unless no other could serve. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_writer_pool.h"

/* COUNT servers, those of BACKUPS (one bit each) as backups. */
static struct world *manual_pool(uint32_t count, unsigned backups)
{
	struct world *world = writer_pool(count, 0);
	uint32_t i;

	world->vs[0].failback_manual = true;
	world->vs[0].correlated = 0;
	for (i = 0; i < count; i++)
		world->servers[i].backup = backups & 1u << i;
	return world;
}

static const struct story {
	const char *what;
	unsigned backups;
	const char *steps[9][2]; /* results, "f" and a server; weights */
} stories[] = {
	{ "a primary does not come back beside its backup",
	  2,
	  { { "++", "1 0" },
	    { "x+", "- 1" },
	    { "++", "0 1" },
	    { "++", "0 1" },
	    { "f0", "1 0" },
	    { "x+", "- 1" },
	    { "++", "0 1" } } },
	{ "the second dies: the first serves again, unasked",
	  2,
	  { { "++", "1 0" },
	    { "x+", "- 1" },
	    { "++", "0 1" },
	    { "+x", "1 -" },
	    { "++", "1 0" } } },
	{ "of equal servers the failed one waits",
	  0,
	  { { "+++", "1 1 1" },
	    { "x++", "- 1 1" },
	    { "+++", "0 1 1" },
	    { "+x+", "0 - 1" },
	    { "+++", "0 0 1" },
	    { "++x", "1 1 -" },
	    { "f2", "1 1 -" },
	    { "+++", "1 1 1" } } },
	{ "a failed one whose failback was said while it was down comes back",
	  0,
	  { { "++", "1 1" },
	    { "x+", "- 1" },
	    { "f0", "- 1" },
	    { "++", "1 1" } } },
	{ "a server that never served has never failed",
	  0,
	  { { "+x", "1 -" }, { "++", "1 1" } } },
	{ "a soft failure is none",
	  0,
	  { { "+++", "1 1 1" }, { "l++", "0 1 1" }, { "0++", "1 1 1" } } },
	{ "a good one that waits is better than a soft-failed one",
	  0,
	  { { "++", "1 1" },
	    { "x+", "- 1" },
	    { "xl", "- 1" },
	    { "+l", "1 0" },
	    { "+0", "1 1" } } },
	{ "the only one comes back by itself",
	  0,
	  { { "+x", "1 -" }, { "xx", "1 -" }, { "+x", "1 -" } } },
	{ "all failed: the first one back serves, the other waits",
	  0,
	  { { "++", "1 1" },
	    { "xx", "1 1" },
	    { "+x", "1 -" },
	    { "++", "1 0" } } },
	{ "who cannot be judged is not waited for",
	  0,
	  { { "++", "1 1" },
	    { "x+", "- 1" },
	    { "+m", "0 1" },
	    { "+x", "1 -" } } },
};

static const char *story_step(struct balance *balance, const char *step,
			      usec_t now)
{
	if (step[0] != 'f')
		return hear(balance, step, now);
	cr_assert(balance_failback(balance, (uint32_t)(step[1] - '0')));
	return weights(balance, now);
}

Test(balance_failback, as_told)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(stories); i++) {
		const struct story *story = &stories[i];
		uint32_t count = (uint32_t)strlen(story->steps[0][0]);
		struct world *world = manual_pool(count, story->backups);
		struct balance *balance = balance_new(&world->conf, 0);

		for (k = 0; k < 9 && story->steps[k][0]; k++)
			cr_expect_str_eq(story_step(balance, story->steps[k][0],
						    s(2 * (double)(k + 1))),
					 story->steps[k][1], "%s: step %zu, %s",
					 story->what, k + 1,
					 story->steps[k][0]);
		balance_free(balance);
		world_free(world);
	}
}

static const char *last_event(struct balance *balance, uint32_t server)
{
	struct balance_event event;
	const char *said = "nothing";

	while (balance_next_event(balance, &event)) {
		if (event.server != server)
			continue;
		said = event.kind == EVENT_SERVER_UP	? "up" :
		       event.kind == EVENT_SERVER_DOWN	? "down" :
		       event.kind == EVENT_SERVER_SPARE ? "spare" :
							  "other";
	}
	return said;
}

/* The server is spare, the scripts are told, the reason names the way out. */
Test(balance_failback, is_told)
{
	struct world *world = manual_pool(2, 0);
	struct balance *balance = balance_new(&world->conf, 0);
	struct balance_vs_view view;
	char reason[512];

	hear(balance, "++", s(2));
	cr_expect_str_eq(last_event(balance, 0), "up");
	hear(balance, "x+", s(4));
	cr_expect_str_eq(last_event(balance, 0), "down");
	hear(balance, "++", s(6));
	cr_expect_str_eq(last_event(balance, 0), "spare");
	cr_expect_eq(standing_is(balance, 0), STANDING_SPARE);
	balance_view_vs(balance, 0, &view);
	cr_expect_eq(view.spares, 1);
	balance_reason(balance, 0, 0, s(6), reason, sizeof(reason));
	cr_expect(strstr(reason, "evenkeel failback"), "%s", reason);
	balance_failback(balance, 0);
	weights(balance, s(7));
	cr_expect_str_eq(last_event(balance, 0), "up");
	cr_expect_eq(standing_is(balance, 0), STANDING_UP);
	balance_free(balance);
	world_free(world);
}

/*
 * After a restart the server that failed waits, also if its check is the first
 * to end, and also with an empty table in the kernel.
 */
Test(balance_failback, over_a_restart)
{
	struct world *world = manual_pool(2, 2);
	struct balance *before = balance_new(&world->conf, 0), *after;
	struct table empty = { 0 }, kernel = { 0 };

	hear(before, "++", s(2));
	hear(before, "x+", s(4));
	cr_assert_str_eq(hear(before, "++", s(6)), "0 1");
	balance_decide(before, s(6), &kernel);

	after = restarted(world, before, &kernel, s(7));
	cr_expect_str_eq(weights(after, s(7)), "0 1");
	cr_expect_str_eq(hear(after, "+.", s(8)), "0 1");
	cr_expect_str_eq(hear(after, "++", s(9)), "0 1");
	balance_free(after);

	after = restarted(world, before, &empty, s(7));
	cr_expect_str_eq(hear(after, "+.", s(8)), "0 -");
	cr_expect_str_eq(hear(after, "++", s(9)), "0 1");
	balance_free(after);

	/* The second one died meanwhile: its check says so, or never ends. */
	after = restarted(world, before, &empty, s(7));
	cr_expect_str_eq(hear(after, "+.", s(8)), "0 -");
	cr_expect_str_eq(hear(after, "+x", s(9)), "1 -");
	balance_free(after);
	after = restarted(world, before, &empty, s(7));
	cr_expect_str_eq(hear(after, "+.", s(8)), "0 -");
	cr_expect_str_eq(weights(after, balance_next_wake(after)), "1 -");
	balance_free(after);

	table_free(&kernel);
	balance_free(before);
	world_free(world);
}

/* The other balancer saw the failure, this one did not. */
Test(balance_failback, is_shared)
{
	struct world *world = manual_pool(2, 2);
	struct balance *a = balance_new(&world->conf, 0);
	struct balance *b = balance_new(&world->conf, 0);

	hear(a, "++", s(2));
	hear(b, "++", s(2));
	hear(a, "x+", s(4));
	cr_expect_str_eq(hear(a, "++", s(6)), "0 1");
	cr_expect_str_eq(hear(b, "++", s(6)), "1 0");
	tell_terms(a, b, 2);
	cr_expect_str_eq(weights(b, s(7)), "0 1");
	balance_failback(b, 0);
	cr_expect_str_eq(weights(b, s(8)), "1 0");
	tell_terms(b, a, 2);
	cr_expect_str_eq(weights(a, s(8)), "1 0");
	balance_free(a);
	balance_free(b);
	world_free(world);
}

/* A reserve remembers a server that is still down, and no short failure. */
Test(balance_failback, in_reserve)
{
	struct world *world = manual_pool(2, 2);
	struct balance *balance = balance_new(&world->conf, 0);

	balance_reserve(balance, true);
	hear(balance, "++", s(2));
	hear(balance, "x+", s(4));
	cr_expect_str_eq(hear(balance, "++", s(6)), "1 0");
	cr_expect_eq(balance_terms_given(balance), 0);
	hear(balance, "x+", s(8));
	balance_reserve(balance, false);
	cr_expect_str_eq(hear(balance, "x+", s(10)), "- 1");
	cr_expect_gt(balance_terms_given(balance), 0);
	cr_expect_str_eq(hear(balance, "++", s(12)), "0 1");
	balance_free(balance);
	world_free(world);
}

/* The pool goes on with another file. */
static struct balance *edited(struct balance *old, const struct world *world,
			      usec_t now)
{
	struct balance *balance = balance_new(&world->conf, now);

	balance_inherit(balance, old, now);
	balance_free(old);
	return balance;
}

/*
 * Those with the youngest term leave the file, and a new server serves beside
 * who waits: what is kept must tell them apart after a restart, and the other
 * balancer, which may never have known those that left.
 */
Test(balance_failback, the_youngest_term_leaves_the_file)
{
	struct world *before = manual_pool(3, 4), *after = manual_pool(3, 4);
	struct balance *balance = balance_new(&before->conf, 0), *second;
	struct table empty = { 0 };
	int64_t term;

	/* The third server is a backup, and never began to serve. */
	hear(balance, "+++", s(2));
	hear(balance, "x++", s(4));
	cr_assert_str_eq(hear(balance, "+++", s(6)), "0 1 0");
	after->servers[1] = after->servers[2];
	after->vs[0].nr_servers = 2;
	after->conf.nr_servers = 2;
	balance = edited(balance, after, s(7));
	cr_expect_str_eq(weights(balance, s(7)), "0 1");
	term = term_of(balance, 1);
	cr_expect_gt(term, term_of(balance, 0));
	weights(balance, s(8));
	cr_expect_eq(term_of(balance, 1), term, "once");
	second = restarted(after, balance, &empty, s(9));
	cr_expect_str_eq(hear(second, "+.", s(10)), "0 -");
	cr_expect_str_eq(hear(second, "+.+", s(11)), "0 1");
	balance_free(second);
	balance_free(balance);
	world_free(before);
	world_free(after);
}

Test(balance_failback, switched_on_and_off_by_a_reload)
{
	struct world *manual = manual_pool(3, 0),
		     *automatic = manual_pool(3, 0),
		     *writers = manual_pool(3, 0);
	struct balance *balance = balance_new(&manual->conf, 0);

	automatic->vs[0].failback_manual = false;
	writers->vs[0].writers = 1;
	hear(balance, "+++", s(2));
	hear(balance, "x++", s(4));
	cr_expect_str_eq(hear(balance, "+++", s(6)), "0 1 1");
	balance = edited(balance, manual, s(7));
	cr_expect_str_eq(hear(balance, "+++", s(8)), "0 1 1");
	balance = edited(balance, automatic, s(9));
	cr_expect_str_eq(hear(balance, "+++", s(10)), "1 1 1");
	cr_expect_eq(standing_is(balance, 0), STANDING_UP);
	/* All that serve stay. */
	balance = edited(balance, manual, s(11));
	cr_expect_str_eq(hear(balance, "+++", s(12)), "1 1 1");
	hear(balance, "+x+", s(14));
	cr_expect_str_eq(hear(balance, "+++", s(16)), "1 0 1");
	balance = edited(balance, writers, s(17));
	cr_expect_str_eq(hear(balance, "+++", s(18)), "1 - -");
	/* The spare one that had failed waits. */
	balance = edited(balance, manual, s(19));
	cr_expect_str_eq(hear(balance, "+++", s(20)), "1 0 1");
	balance_free(balance);
	world_free(manual);
	world_free(automatic);
	world_free(writers);
}

/*
 * All are dead, so that no term says who failed, and the daemon starts anew: the
 * first one back serves and the others wait, whatever the order, and whatever the
 * kernel's table has.
 */
static const struct dead_pool {
	const char *what;
	const char *before[4]; /* results until all are dead */
	const char *after[4][2]; /* results after the restart; weights */
} dead_pools[] = {
	{ "together, and the second one returns first",
	  { "++", "xx" },
	  { { "x+", "- 1" },
	    { "++", "0 1" },
	    { "+x", "1 -" },
	    { "++", "1 0" } } },
	{ "together, and the first one returns first",
	  { "++", "xx" },
	  { { "+x", "1 -" }, { "++", "1 0" } } },
	{ "one after the other, and the one that failed first returns first",
	  { "++", "x+", "xx" },
	  { { "+x", "1 -" }, { "++", "1 0" } } },
	{ "one after the other, and the last one returns first",
	  { "++", "x+", "xx" },
	  { { "x+", "- 1" }, { "++", "0 1" } } },
	{ "two of three after the first",
	  { "+++", "x++", "xxx" },
	  { { "xx+", "- - 1" }, { "x++", "- 0 1" }, { "+++", "0 0 1" } } },
};

/* Restarted with nothing in the kernel, or with what was there. */
static void dead_pool_returns(const struct dead_pool *one, bool booted)
{
	struct world *world = manual_pool((uint32_t)strlen(one->before[0]), 0);
	struct balance *before = balance_new(&world->conf, 0), *after;
	struct table kernel = { 0 }, empty = { 0 };
	usec_t now = s(2);
	size_t i;

	for (i = 0; i < 4 && one->before[i]; i++, now += s(2))
		hear(before, one->before[i], now);
	balance_decide(before, now, &kernel);
	after = restarted(world, before, booted ? &empty : &kernel, now);
	for (i = 0; i < 4 && one->after[i][0]; i++, now += s(2))
		cr_expect_str_eq(hear(after, one->after[i][0], now),
				 one->after[i][1], "%s: %s, %s", one->what,
				 one->after[i][0],
				 booted ? "booted" : "restarted");
	balance_free(before);
	balance_free(after);
	table_free(&kernel);
	world_free(world);
}

Test(balance_failback, all_dead_over_a_restart)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dead_pools); i++) {
		dead_pool_returns(&dead_pools[i], true);
		dead_pool_returns(&dead_pools[i], false);
	}
}

/* In reserve a restarted daemon remembers who is dead, until it is back. */
Test(balance_failback, all_dead_over_a_restart_in_reserve)
{
	struct world *world = manual_pool(2, 0);
	struct balance *before = balance_new(&world->conf, 0), *after;
	struct table empty = { 0 };

	hear(before, "++", s(2));
	hear(before, "xx", s(4));
	after = restarted(world, before, &empty, s(5));
	balance_reserve(after, true);
	weights(after, s(5));
	hear(after, "xx", s(6));
	balance_reserve(after, false);
	cr_expect_str_eq(hear(after, "+x", s(8)), "1 -");
	cr_expect_str_eq(hear(after, "++", s(10)), "1 0");
	balance_free(after);
	after = restarted(world, before, &empty, s(5));
	balance_reserve(after, true);
	hear(after, "++", s(6));
	balance_reserve(after, false);
	cr_expect_str_eq(weights(after, s(7)), "1 1", "both are back");
	balance_free(after);
	balance_free(before);
	world_free(world);
}

/* What is to be kept is told once, and again when it is over. */
Test(balance_failback, falls_are_told)
{
	struct world *world = manual_pool(2, 0);
	struct balance *balance = balance_new(&world->conf, 0);
	uint64_t falls;

	hear(balance, "++", s(2));
	cr_expect_eq(balance_falls(balance), 0);
	hear(balance, "xx", s(4));
	falls = balance_falls(balance);
	cr_expect_gt(falls, 0);
	hear(balance, "xx", s(6));
	cr_expect_eq(balance_falls(balance), falls);
	hear(balance, "x+", s(8));
	cr_expect_gt(balance_falls(balance), falls);
	balance_free(balance);
	world_free(world);
}

/*
 * A server that failed is taken out of the file, the daemon starts anew, and again
 * with the server put back: it has its old term, and waits.
 */
Test(balance_failback, out_of_the_file_and_back_over_restarts)
{
	struct world *both = manual_pool(2, 0), *one = manual_pool(2, 0);
	struct balance *balance = balance_new(&both->conf, 0), *next;
	struct table empty = { 0 };
	int64_t first, second;

	hear(balance, "++", s(2));
	hear(balance, "x+", s(4));
	first = term_of(balance, 0);
	second = term_of(balance, 1);
	cr_assert_lt(first, second);
	balance_free(balance);

	/* The waiting server alone is in the file: it has the last word. */
	one->vs[0].nr_servers = 1;
	one->conf.nr_servers = 1;
	balance = balance_new(&one->conf, s(5));
	balance_seat(balance, 0, first);
	balance_seat_left(balance, 0, second);
	balance_adopt(balance, &empty, s(5));
	cr_expect_str_eq(hear(balance, "+", s(6)), "1");
	cr_expect_gt(term_of(balance, 0), second, "none is given twice");
	first = term_of(balance, 0);

	next = balance_new(&both->conf, s(7));
	balance_seat(next, 0, first);
	balance_seat(next, 1, second);
	balance_adopt(next, &empty, s(7));
	cr_expect_str_eq(hear(next, ".+", s(8)), "- 0");
	cr_expect_str_eq(hear(next, "++", s(9)), "1 0");
	balance_free(next);
	balance_free(balance);
	world_free(both);
	world_free(one);
}
