/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `writers N`: never more than N servers serve; those that serve stay. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/balance_writer_pool.h"

static const struct story {
	const char *what;
	uint32_t writers;
	const char *steps[9][2]; /* results, then weights */
} stories[] = {
	{ "two sources at once never share the writes",
	  1,
	  { { "+r", "1 -" },
	    { "rr", "1 -" },
	    { "r+", "- 1" },
	    { "++", "- 1" },
	    { "++", "- 1" } } },
	{ "the second dies: the first serves again, unasked",
	  1,
	  { { "+r", "1 -" },
	    { "x+", "- 1" },
	    { "++", "- 1" },
	    { "+x", "1 -" },
	    { "++", "1 -" } } },
	{ "all are sources from the start: the first of the file",
	  1,
	  { { "+++", "1 - -" },
	    { "+++", "1 - -" },
	    { "x++", "- 1 -" },
	    { "+++", "- 1 -" },
	    { "+x+", "1 - -" } } },
	{ "the first result does not choose, the order does",
	  1,
	  { { ".+", "- 0" }, { "++", "1 -" } } },
	{ "a dead first server holds nobody up",
	  1,
	  { { ".+", "- 0" }, { "x+", "- 1" } } },
	{ "no role, no candidate",
	  1,
	  { { "m.", "- -" },
	    { "mm", "- -" },
	    { "m+", "- 1" },
	    { "+m", "- 1" },
	    { "+x", "1 -" } } },
	{ "a writer that cannot be judged goes on",
	  1,
	  { { "+r", "1 -" }, { "mr", "1 -" }, { "m+", "1 -" } } },
	{ "nobody left: the last writer is the last resort, alone",
	  1,
	  { { "+r", "1 -" },
	    { "x+", "- 1" },
	    { "xx", "- 1" },
	    { "xr", "- 1" },
	    { "+x", "1 -" } } },
	{ "soft-failed alone goes on, and yields to a good one",
	  1,
	  { { "+r", "1 -" },
	    { "lr", "1 -" },
	    { "l+", "- 1" },
	    { "++", "- 1" } } },
	{ "a server that drains itself is cut when another writes",
	  1,
	  { { "+r", "1 -" }, { "dr", "0 -" }, { "d+", "- 1" } } },
	{ "two of three",
	  2,
	  { { "+++", "1 1 -" },
	    { "x++", "- 1 1" },
	    { "+++", "- 1 1" },
	    { "++x", "1 1 -" },
	    { "+xx", "1 - -" },
	    { "+++", "1 1 -" } } },
};

Test(balance_writers, as_told)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(stories); i++) {
		const struct story *story = &stories[i];
		uint32_t count = (uint32_t)strlen(story->steps[0][0]);
		struct world *world = writer_pool(count, story->writers);
		struct balance *balance = balance_new(&world->conf, 0);

		world->vs[0].correlated = 0;
		for (k = 0; k < 9 && story->steps[k][0]; k++)
			cr_expect_str_eq(hear(balance, story->steps[k][0],
					      s(2 * (double)(k + 1))),
					 story->steps[k][1], "%s: step %zu, %s",
					 story->what, k + 1,
					 story->steps[k][0]);
		balance_free(balance);
		world_free(world);
	}
}

/* One that is never heard of holds its place for a while only. */
Test(balance_writers, waits_for_the_first_results_not_for_ever)
{
	struct world *world = writer_pool(2, 1);
	struct balance *balance = balance_new(&world->conf, 0);
	usec_t wake;

	cr_assert_str_eq(hear(balance, ".+", s(1)), "- 0");
	wake = balance_next_wake(balance);
	cr_assert(wake > s(1) && wake < s(30));
	cr_expect_eq(standing_is(balance, 1), STANDING_UP);
	cr_expect_str_eq(weights(balance, wake), "- 1");
	/* And late is late. */
	cr_expect_str_eq(hear(balance, "++", wake + s(1)), "- 1");
	cr_expect_eq(standing_is(balance, 0), STANDING_SPARE);
	balance_free(balance);
	world_free(world);
}

/* A backup that serves goes on when the primary is back. */
Test(balance_writers, does_not_fail_back)
{
	struct world *world = writer_pool(2, 1);
	struct balance *balance = balance_new(&world->conf, 0);

	world->servers[0].backup = true;
	cr_expect_str_eq(hear(balance, "++", s(1)), "- 1");
	cr_expect_str_eq(hear(balance, "+x", s(2)), "1 -");
	cr_expect_str_eq(hear(balance, "++", s(3)), "1 -");
	cr_assert(balance_failback(balance, 1));
	cr_expect_str_eq(weights(balance, s(4)), "- 1");
	cr_expect_str_eq(hear(balance, "++", s(5)), "- 1");
	world->vs[0].writers = 0;
	cr_expect_not(balance_failback(balance, 1));
	balance_free(balance);
	world_free(world);
}

/* What the operator takes out makes room; what he drains is cut by another. */
Test(balance_writers, obeys_the_operator)
{
	struct world *world = writer_pool(3, 1);
	struct balance *balance = balance_new(&world->conf, 0);

	cr_expect_str_eq(hear(balance, "+rr", s(1)), "1 - -");
	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(2));
	cr_expect_str_eq(weights(balance, s(2)), "0 - -");
	cr_expect_str_eq(hear(balance, "++r", s(3)), "- 1 -");
	balance_override(balance, 0, OVERRIDE_NONE, 0, s(4));
	cr_expect_str_eq(hear(balance, "++r", s(4)), "- 1 -");
	balance_override(balance, 1, OVERRIDE_DISABLE, 0, s(5));
	cr_expect_str_eq(hear(balance, "++r", s(5)), "1 - -");
	/* A weight of 0 takes no seat. */
	balance_override(balance, 0, OVERRIDE_WEIGHT, 0, s(6));
	balance_override(balance, 1, OVERRIDE_NONE, 0, s(6));
	cr_expect_str_eq(hear(balance, "++r", s(6)), "0 1 -");
	balance_free(balance);
	world_free(world);
}

/* A server of weight 0 that comes up is no reason to give anybody a term. */
Test(balance_writers, gives_no_term_for_a_server_without_weight)
{
	struct world *world = writer_pool(3, 1);
	struct balance *balance = balance_new(&world->conf, 0);

	cr_assert_str_eq(hear(balance, "r+r", s(1)), "- 1 -");
	balance_seat(balance, 0, 3);
	balance_seat(balance, 2, 5);
	balance_override(balance, 0, OVERRIDE_WEIGHT, 0, s(2));
	cr_assert_str_eq(hear(balance, "r+r", s(2)), "- 1 -");
	cr_expect_str_eq(hear(balance, "++r", s(3)), "0 1 -");
	cr_expect_eq(term_of(balance, 1), 1);
	cr_expect_str_eq(hear(balance, "x+r", s(4)), "- 1 -");
	cr_expect_eq(term_of(balance, 1), 1);
	balance_free(balance);
	world_free(world);
}

struct told {
	char text[16][64];
	size_t count;
};

static void drain_events(struct balance *balance, struct told *told)
{
	static const char *const kinds[] = {
		[EVENT_SERVER_UP] = "UP",	[EVENT_SERVER_DOWN] = "DOWN",
		[EVENT_SERVER_SPARE] = "SPARE", [EVENT_SERVER_OTHER] = "",
		[EVENT_QUORUM_UP] = "QUORUM",	[EVENT_QUORUM_DOWN] = "QUORUM",
		[EVENT_LEVEL] = "LEVEL",
	};
	struct balance_event event;

	told->count = 0;
	while (balance_next_event(balance, &event))
		if (event.server != TABLE_NO_REF && told->count < 16)
			snprintf(told->text[told->count++],
				 sizeof(told->text[0]), "%u %s>%s %s",
				 event.server, standing_name(event.before),
				 standing_name(event.after), kinds[event.kind]);
}

#define ASSERT_TOLD(told, ...)                                              \
	do {                                                                \
		const char *const want[] = { __VA_ARGS__ };                 \
		size_t one;                                                 \
                                                                            \
		cr_expect_eq((told).count, ARRAY_SIZE(want));               \
		for (one = 0; one < (told).count && one < ARRAY_SIZE(want); \
		     one++)                                                 \
			cr_expect_str_eq((told).text[one], want[one]);      \
	} while (0)

Test(balance_writers, tells_who_serves_and_who_is_spare)
{
	struct world *world = writer_pool(2, 1);
	struct balance *balance = balance_new(&world->conf, 0);
	struct balance_notice notice;
	struct balance_vs_view pool;
	char text[512];
	struct told told;

	hear(balance, "+r", s(1));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "1 unknown>down DOWN", "0 unknown>up UP");
	cr_expect_not(balance_next_notice(balance, &notice));
	hear(balance, "x+", s(2));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "0 up>down DOWN", "1 down>up UP");
	hear(balance, "++", s(3));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "0 down>spare SPARE");
	cr_expect_eq(standing_is(balance, 0), STANDING_SPARE);
	cr_assert(balance_next_notice(balance, &notice));
	cr_expect_eq(notice.kind, NOTICE_SOURCES_MANY);
	balance_notice_text(balance, &notice, text, sizeof(text));
	cr_expect_not_null(strstr(text, "2 sources, 1 wanted: 10.0.0.2:3306 "
					"serves"),
			   "%s", text);
	cr_expect_not_null(strstr(text, "10.0.0.1:3306; make"), "%s", text);
	balance_reason(balance, 0, 0, s(3), text, sizeof(text));
	cr_expect_not_null(strstr(text, "spare: 1 of its pool may serve"), "%s",
			   text);
	balance_view_vs(balance, 0, &pool);
	cr_expect_eq(pool.writers, 1);
	cr_expect_eq(pool.spares, 1);
	cr_expect_eq(pool.sources, 2);
	cr_expect_eq(pool.serving, 1);
	hear(balance, "+x", s(4));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "1 up>down DOWN", "0 spare>up UP");
	cr_assert(balance_next_notice(balance, &notice));
	cr_expect_eq(notice.kind, NOTICE_SOURCES_ONE);
	balance_notice_text(balance, &notice, text, sizeof(text));
	cr_expect_not_null(strstr(text, "1 sources again"), "%s", text);
	hear(balance, "++", s(5));
	hear(balance, "x+", s(6));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "1 down>spare SPARE", "0 up>down DOWN",
		    "1 spare>up UP");
	hear(balance, "++", s(7));
	hear(balance, "x+", s(8));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "0 down>spare SPARE", "0 spare>down DOWN");
	balance_free(balance);
	world_free(world);
}

/* The scripts must not take a server for the writer that does not serve. */
Test(balance_writers, tells_up_of_none_that_waits)
{
	struct world *world = writer_pool(2, 1);
	struct balance *balance = balance_new(&world->conf, 0);
	struct told told;
	usec_t wake;

	hear(balance, ".+", s(1));
	drain_events(balance, &told);
	cr_expect_eq(told.count, 0);
	hear(balance, "++", s(2));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "0 unknown>up UP", "1 unknown>spare SPARE");
	balance_free(balance);
	/* The first one is never heard of. */
	balance = balance_new(&world->conf, 0);
	hear(balance, ".+", s(1));
	wake = balance_next_wake(balance);
	cr_assert_str_eq(weights(balance, wake), "- 1");
	drain_events(balance, &told);
	ASSERT_TOLD(told, "1 unknown>up UP");
	balance_free(balance);
	/* It fails while it waits. */
	balance = balance_new(&world->conf, 0);
	hear(balance, ".+", s(1));
	hear(balance, ".x", s(2));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "1 unknown>down DOWN");
	balance_free(balance);
	world_free(world);
}

Test(balance_writers, tells_up_of_a_soft_failed_one_when_it_serves)
{
	struct world *world = writer_pool(2, 1);
	struct balance *balance = balance_new(&world->conf, 0);
	struct told told;

	world->vs[0].correlated = 0;
	hear(balance, "++", s(1));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "0 unknown>up UP", "1 unknown>spare SPARE");
	hear(balance, "+l", s(2));
	drain_events(balance, &told);
	ASSERT_TOLD(told, "1 spare>soft-failed ");
	cr_assert_str_eq(hear(balance, "xl", s(3)), "- 1");
	drain_events(balance, &told);
	ASSERT_TOLD(told, "0 up>down DOWN", "1 soft-failed>soft-failed UP");
	balance_free(balance);
	world_free(world);
}

static void override_and_drain(struct balance *balance, uint32_t server,
			       enum balance_override_kind kind, usec_t now,
			       struct told *told)
{
	balance_override(balance, server, kind, 0, now);
	weights(balance, now);
	drain_events(balance, told);
}

Test(balance_writers, tells_up_of_none_that_an_operator_takes_out)
{
	struct world *world = writer_pool(2, 1);
	struct balance *balance = balance_new(&world->conf, 0);
	struct told told;

	hear(balance, "++", s(1));
	drain_events(balance, &told);
	override_and_drain(balance, 1, OVERRIDE_DRAIN, s(2), &told);
	ASSERT_TOLD(told, "1 spare>up ");
	override_and_drain(balance, 1, OVERRIDE_NONE, s(3), &told);
	ASSERT_TOLD(told, "1 up>spare ");
	override_and_drain(balance, 1, OVERRIDE_DISABLE, s(4), &told);
	ASSERT_TOLD(told, "1 spare>up ");
	/* The writer goes and returns, with nobody in its place. */
	override_and_drain(balance, 0, OVERRIDE_DISABLE, s(5), &told);
	cr_expect_eq(told.count, 0);
	override_and_drain(balance, 0, OVERRIDE_NONE, s(6), &told);
	ASSERT_TOLD(told, "0 up>up UP");
	override_and_drain(balance, 1, OVERRIDE_NONE, s(7), &told);
	ASSERT_TOLD(told, "1 up>spare ");
	override_and_drain(balance, 0, OVERRIDE_DISABLE, s(8), &told);
	ASSERT_TOLD(told, "1 spare>up UP");
	override_and_drain(balance, 0, OVERRIDE_NONE, s(9), &told);
	ASSERT_TOLD(told, "0 up>spare SPARE");
	balance_free(balance);
	world_free(world);
}

/* Every node of a cluster is writable; that is no error. */
Test(balance_writers, says_nothing_of_spare_nodes_of_a_cluster)
{
	struct world *world = writer_pool(3, 1);
	struct balance *balance = balance_new(&world->conf, 0);
	struct balance_notice notice;
	uint32_t i;

	for (i = 0; i < 3; i++)
		world->checks[i].traits.many_sources = true;
	cr_expect_str_eq(hear(balance, "+++", s(1)), "1 - -");
	cr_expect_not(balance_next_notice(balance, &notice));
	cr_expect_eq(standing_is(balance, 2), STANDING_SPARE);
	balance_free(balance);
	world_free(world);
}

Test(balance_writers, stays_over_a_restart)
{
	struct world *world = writer_pool(2, 1);
	struct balance *before = balance_new(&world->conf, 0), *balance;
	struct table empty = { 0 }, table = { 0 };

	hear(before, "++", s(1));
	hear(before, "x+", s(2));
	cr_assert_str_eq(hear(before, "++", s(3)), "- 1");
	balance_decide(before, s(3), &table);
	/* With the kernel's table, and after a boot without one. */
	balance = restarted(world, before, &table, s(4));
	cr_expect_str_eq(weights(balance, s(4)), "- 1");
	cr_expect_str_eq(hear(balance, "+.", s(5)), "- 1");
	cr_expect_str_eq(hear(balance, "++", s(6)), "- 1");
	balance_free(balance);
	balance = restarted(world, before, &empty, s(4));
	cr_expect_str_eq(hear(balance, "+.", s(5)), "0 -");
	cr_expect_str_eq(hear(balance, ".+", s(6)), "- 1");
	balance_free(balance);
	balance = restarted(world, before, &empty, s(4));
	cr_expect_str_eq(hear(balance, "+.", s(5)), "0 -");
	cr_expect_str_eq(hear(balance, ".x", s(6)), "1 -");
	balance_free(balance);
	balance_free(before);
	table_free(&table);
	world_free(world);
}

/* A reload that brings `writers` keeps one of those that serve. */
Test(balance_writers, begins_with_a_reload)
{
	struct world *world = writer_pool(3, 0), *edited = writer_pool(3, 1);
	struct balance *before = balance_new(&world->conf, 0);
	struct balance *balance = balance_new(&edited->conf, s(2));

	cr_assert_str_eq(hear(before, "r++", s(1)), "- 1 1");
	balance_inherit(balance, before, s(2));
	cr_expect_str_eq(weights(balance, s(2)), "- 1 -");
	cr_expect_str_eq(hear(balance, "+++", s(3)), "- 1 -");
	cr_expect_eq(standing_is(balance, 2), STANDING_SPARE);
	balance_free(before);
	/* And ends with one. */
	before = balance;
	balance = balance_new(&world->conf, s(4));
	balance_inherit(balance, before, s(4));
	cr_expect_str_eq(weights(balance, s(4)), "1 1 1");
	cr_expect_eq(standing_is(balance, 2), STANDING_UP);
	balance_free(before);
	balance_free(balance);
	world_free(edited);
	world_free(world);
}

/* A balancer in reserve sees another world, and moves nobody by it. */
Test(balance_writers, in_reserve_follows)
{
	struct world *world = writer_pool(3, 1);
	struct balance *active = balance_new(&world->conf, 0);
	struct balance *reserve = balance_new(&world->conf, 0);

	balance_reserve(reserve, true);
	hear(active, "+++", s(1));
	hear(reserve, "+++", s(1));
	tell_terms(active, reserve, 3);
	/* The reserve alone does not reach the writer. */
	cr_expect_str_eq(hear(reserve, "x++", s(2)), "- 1 -");
	tell_terms(reserve, active, 3);
	cr_expect_str_eq(hear(active, "+++", s(2)), "1 - -");
	cr_expect_str_eq(hear(reserve, "+++", s(3)), "1 - -");
	/* It takes over while it does not: now its choice counts. */
	cr_expect_str_eq(hear(reserve, "x++", s(4)), "- 1 -");
	balance_reserve(reserve, false);
	weights(reserve, s(4));
	balance_reserve(active, true);
	tell_terms(reserve, active, 3);
	cr_expect_str_eq(weights(active, s(4)), "- 1 -");
	cr_expect_str_eq(hear(reserve, "+++", s(5)), "- 1 -");
	balance_free(active);
	balance_free(reserve);
	world_free(world);
}

/* The server that wrote leaves the file; its term is not given again. */
Test(balance_writers, a_term_outlives_its_server)
{
	struct world *both = writer_pool(2, 1), *second = writer_pool(2, 1);
	struct balance *balance = balance_new(&both->conf, 0);
	struct seats seats = { 0 };

	cr_assert_str_eq(hear(balance, "++", s(1)), "1 -");
	cr_assert_eq(term_of(balance, 0), 1);
	share_seats(balance, &seats);
	second->servers[0] = second->servers[1];
	second->vs[0].nr_servers = 1;
	second->conf.nr_servers = 1;
	balance = reloaded(balance, second, &seats, s(2));
	cr_expect_str_eq(hear(balance, ".+", s(2)), "1");
	cr_expect_eq(term_of(balance, 0), 2);
	share_seats(balance, &seats);
	balance = reloaded(balance, both, &seats, s(3));
	cr_expect_str_eq(hear(balance, "++", s(3)), "- 1");
	cr_expect_eq(term_of(balance, 0), 1);
	cr_expect_eq(term_of(balance, 1), 2);
	balance_free(balance);
	world_free(second);
	world_free(both);
}
