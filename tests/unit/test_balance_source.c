/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools of writers, `role source`: a role that was never seen is no licence to
 * write, and two servers that both show it are said.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_world.h"

static struct world *source_pool(uint32_t count)
{
	struct world *world = world_pool(count, CHECK_MYSQL);

	world_needs_source(world);
	return world;
}

static struct balance *reloaded(struct world *world, struct balance *old,
				usec_t now)
{
	struct balance *balance = balance_new(&world->conf, now);

	balance_inherit(balance, old, now);
	balance_free(old);
	return balance;
}

/* The check cannot log in, and the balancer is new: who is the source? */
Test(balance_source, serves_nobody_whose_role_was_never_seen)
{
	struct world *world = source_pool(2);
	struct balance *balance = balance_new(&world->conf, 0);
	char text[512];

	say(balance, 0, PROBE_MISCONFIGURED, s(1));
	say(balance, 1, PROBE_MISCONFIGURED, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "- -");
	cr_assert_eq(standing_is(balance, 0), STANDING_HELD);
	cr_assert_eq(level_of(balance, 0), LEVEL_NOTHING);
	balance_reason(balance, 0, 0, s(1), text, sizeof(text));
	cr_expect_not_null(strstr(text, "role"), "%s", text);
	say(balance, 0, PROBE_OK, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 -");
	/* What proved itself stays: a password that is wrong empties no pool. */
	say(balance, 0, PROBE_MISCONFIGURED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 -");
	/* So it is as the last resort. */
	say(balance, 0, PROBE_REFUSED, s(4));
	say(balance, 0, PROBE_REFUSED, s(5));
	say(balance, 1, PROBE_REFUSED, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "1 -");
	cr_assert_eq(level_of(balance, 0), LEVEL_LAST_RESORT);
	balance_free(balance);
	world_free(world);
}

/* Every outcome, alone and repeated, but the one that shows the role. */
Test(balance_source, is_proved_by_nothing_but_a_good_result)
{
	unsigned outcome, i;
	bool compat = false;

	do {
		for (outcome = 0; outcome < PROBE_OUTCOMES; outcome++) {
			struct world *world;
			struct balance *balance;

			if (outcome == PROBE_OK)
				continue;
			world = source_pool(2);
			world->conf.global.compat = compat;
			balance = balance_new(&world->conf, 0);
			cr_expect_str_eq(weights(balance, 0), "- -");
			for (i = 0; i < 4; i++) {
				const char *got;

				say(balance, 0, (enum outcome)outcome,
				    s(1 + i));
				got = weights(balance, s(1 + i));
				cr_expect(got[0] == '-' || got[0] == '0',
					  "%s: %s", outcome_info(outcome)->name,
					  got);
			}
			balance_free(balance);
			world_free(world);
		}
		compat = !compat;
	} while (compat);
}

/* A pool of readers becomes one of writers by a reload. */
Test(balance_source, a_reload_that_asks_for_the_role_waits_for_it)
{
	struct world *world = world_pool(3, CHECK_MYSQL);
	struct world *edited = source_pool(3);
	struct facts writable = { .have = FACT_READ_ONLY };
	struct facts reader = { .have = FACT_READ_ONLY, .read_only = 1 };
	struct balance *balance = balance_new(&world->conf, 0);

	say(balance, 0, PROBE_OK, s(1));
	say_facts(balance, 1, PROBE_OK, &reader, s(1));
	say_facts(balance, 2, PROBE_OK, &writable, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1 1");
	balance = reloaded(edited, balance, s(2));
	/* Nothing new for those two; what is connected there stays so far. */
	cr_assert_str_eq(weights(balance, s(2)), "0 0 1");
	say(balance, 0, PROBE_MISCONFIGURED, s(3));
	say(balance, 1, PROBE_ROLE, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "0 - 1");
	/* Nor is one that served as a reader the last resort of writers. */
	say(balance, 0, PROBE_REFUSED, s(4));
	say(balance, 2, PROBE_REFUSED, s(4));
	say(balance, 2, PROBE_REFUSED, s(5));
	cr_assert_str_eq(weights(balance, s(5)), "- - 1");
	balance_free(balance);
	/* An edit of anything else takes the proof along. */
	world_needs_source(world);
	balance = balance_new(&world->conf, 0);
	say(balance, 0, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	edited->checks[0].timeout = s(3);
	balance = reloaded(edited, balance, s(2));
	say(balance, 0, PROBE_MISCONFIGURED, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 - -");
	balance_free(balance);
	world_free(world);
	world_free(edited);
}

/* Our predecessor proved it; the first result that says otherwise is enough. */
Test(balance_source, a_start_goes_on_and_the_first_role_counts)
{
	struct world *world = source_pool(2);
	struct table actual = { 0 };
	struct balance *balance;
	uint32_t i;

	table_add_service(&actual)->key = world->keys[0][0];
	for (i = 0; i < 2; i++) {
		struct table_dest *dest = table_add_dest(&actual);

		dest->rip = world->servers[i].addr;
		dest->weight = 1;
	}
	balance = balance_new(&world->conf, s(1));
	balance_adopt(balance, &actual, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1");
	say(balance, 0, PROBE_MISCONFIGURED, s(2));
	say(balance, 1, PROBE_ROLE, s(2));
	cr_assert_str_eq(weights(balance, s(2)), "1 -");
	balance_free(balance);
	table_free(&actual);
	world_free(world);
}

static bool next_notice(struct balance *balance, enum balance_notice_kind kind,
			const char *says)
{
	struct balance_notice notice;
	char text[512];

	if (!balance_next_notice(balance, &notice))
		return false;
	balance_notice_text(balance, &notice, text, sizeof(text));
	cr_expect_not_null(strstr(text, says), "%s", text);
	return notice.kind == kind;
}

Test(balance_source, two_sources_are_said_once)
{
	struct world *world = source_pool(3);
	struct balance *balance;
	struct balance_vs_view view;
	char text[512];
	unsigned i;

	world->servers[2].backup = true;
	balance = balance_new(&world->conf, 0);
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_ROLE, s(1));
	weight_of(balance, 0, s(1));
	cr_assert_not(next_notice(balance, NOTICE_SOURCES_MANY, ""));
	for (i = 0; i < 3; i++) {
		say(balance, 2, PROBE_OK, s(2 + i));
		weight_of(balance, 0, s(2 + i));
	}
	cr_assert(next_notice(balance, NOTICE_SOURCES_MANY,
			      "2 sources, 10.0.0.1:3306 and 10.0.0.3:3306"));
	cr_assert_not(next_notice(balance, NOTICE_SOURCES_MANY, ""));
	balance_view_vs(balance, 0, &view);
	cr_assert_eq(view.sources, 2);
	balance_reason(balance, 0, 0, s(5), text, sizeof(text));
	cr_expect_not_null(strstr(text, "2 sources"), "%s", text);
	/* One that the operator took out is known to be writable, and meant. */
	balance_override(balance, 2, OVERRIDE_DISABLE, 0, s(6));
	weight_of(balance, 0, s(6));
	cr_assert(next_notice(balance, NOTICE_SOURCES_ONE, "one source"));
	balance_override(balance, 2, OVERRIDE_NONE, 0, s(7));
	weight_of(balance, 0, s(7));
	cr_assert(next_notice(balance, NOTICE_SOURCES_MANY, "2 sources"));
	/* A reload is no news. */
	balance = reloaded(world, balance, s(8));
	weight_of(balance, 0, s(8));
	cr_assert_not(next_notice(balance, NOTICE_SOURCES_MANY, ""));
	balance_free(balance);
	world_free(world);
}

Test(balance_source, many_are_meant_in_a_cluster_and_without_the_role)
{
	struct world *world = source_pool(3);
	struct balance *balance;
	uint32_t i;

	for (i = 0; i < 3; i++)
		world->checks[i].traits.many_sources = true;
	balance = balance_new(&world->conf, 0);
	for (i = 0; i < 3; i++)
		say(balance, i, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1 1");
	cr_assert_not(next_notice(balance, NOTICE_SOURCES_MANY, ""));
	balance_free(balance);
	world_free(world);
	world = world_pool(3, CHECK_MYSQL);
	balance = balance_new(&world->conf, 0);
	for (i = 0; i < 3; i++)
		say(balance, i, PROBE_OK, s(1));
	weight_of(balance, 0, s(1));
	cr_assert_not(next_notice(balance, NOTICE_SOURCES_MANY, ""));
	balance_free(balance);
	world_free(world);
}

/* The file asks for fewer writers than there are sources. */
Test(balance_source, too_many_after_a_reload_is_said)
{
	struct world *two = source_pool(2), *one = source_pool(2);
	struct balance *balance = balance_new(&two->conf, 0);

	two->vs[0].writers = 2;
	one->vs[0].writers = 1;
	say(balance, 0, PROBE_OK, s(1));
	say(balance, 1, PROBE_OK, s(1));
	weights(balance, s(1));
	cr_expect_not(next_notice(balance, NOTICE_SOURCES_MANY, ""));
	balance = reloaded(one, balance, s(2));
	weights(balance, s(2));
	cr_expect(next_notice(balance, NOTICE_SOURCES_MANY,
			      "2 sources, 1 wanted"));
	weights(balance, s(3));
	cr_expect_not(next_notice(balance, NOTICE_SOURCES_MANY, ""));
	balance = reloaded(two, balance, s(4));
	weights(balance, s(4));
	cr_expect(next_notice(balance, NOTICE_SOURCES_ONE,
			      "2 sources again, 2 wanted"));
	balance_free(balance);
	world_free(two);
	world_free(one);
}

Test(balance_source, the_last_one_gone_is_said)
{
	struct world *world = source_pool(2);
	struct balance *balance = balance_new(&world->conf, 0);
	uint32_t i;

	world->vs[0].writers = 1;
	for (i = 0; i < 2; i++)
		say(balance, i, PROBE_OK, s(1));
	weights(balance, s(1));
	cr_assert(next_notice(balance, NOTICE_SOURCES_MANY, "2 sources"));
	for (i = 0; i < 2; i++) {
		say(balance, 0, PROBE_REFUSED, s(2 + i));
		say(balance, 1, PROBE_REFUSED, s(2 + i));
	}
	weights(balance, s(4));
	cr_expect(
		next_notice(balance, NOTICE_SOURCES_ONE, "no source any more"));
	balance_free(balance);
	world_free(world);
}

/* However many there are, the way out is said. */
Test(balance_source, a_list_of_many_leaves_room_for_the_way_out)
{
	struct world *world = source_pool(40);
	struct balance *balance;
	uint32_t i, writers;

	for (writers = 0; writers < 2; writers++) {
		balance = balance_new(&world->conf, 0);
		world->vs[0].writers = writers;
		for (i = 0; i < 40; i++)
			say(balance, i, PROBE_OK, s(1));
		weights(balance, s(1));
		cr_expect(next_notice(balance, NOTICE_SOURCES_MANY,
				      writers ? "10.0.0.4:3306 and 36 more; "
						"make the spare ones "
						"read-only, or 'evenkeel "
						"failback SERVER' lets a spare "
						"one serve instead" :
						"10.0.0.3:3306 and 37 more: "
						"all of them are writable, and "
						"writes may go to each; make "
						"all but one read-only, or "
						"disable them"));
		balance_free(balance);
	}
	world_free(world);
}
