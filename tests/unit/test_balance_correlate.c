/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "tests/unit/balance_world.h"

/*
 * A pool with a probe every 2 s a server, spread over the round as a checker
 * does; OUTCOME(i) is what server i says from then on.
 */
struct story {
	struct world *world;
	struct balance *balance;
	enum outcome outcomes[16];
	usec_t now;
	uint32_t count;
	uint32_t fewest; /* servers with a weight, since story_begin() */
	bool alarmed; /* LEVEL_UPSTREAM was told */
};

static void story_begin(struct story *story, uint32_t count)
{
	uint32_t i;

	story->world = world_pool(count, CHECK_MYSQL);
	story->balance = balance_new(&story->world->conf, 0);
	story->count = story->fewest = count;
	story->now = 0;
	story->alarmed = false;
	for (i = 0; i < count; i++) {
		story->outcomes[i] = PROBE_OK;
		say(story->balance, i, PROBE_OK, 0);
	}
	weight_of(story->balance, 0, 0);
}

static void story_rounds(struct story *story, unsigned rounds)
{
	usec_t gap = s(2) / story->count;
	struct balance_event event;
	struct table table = { 0 };
	uint32_t i;

	while (rounds--) {
		for (i = 0; i < story->count; i++) {
			story->now += gap;
			say(story->balance, i, story->outcomes[i], story->now);
			balance_decide(story->balance, story->now, &table);
			if (serving(&table) < story->fewest)
				story->fewest = serving(&table);
		}
	}
	while (balance_next_event(story->balance, &event))
		if (event.kind == EVENT_LEVEL && event.after == LEVEL_UPSTREAM)
			story->alarmed = true;
	table_free(&table);
}

static void story_end(struct story *story)
{
	balance_free(story->balance);
	world_free(story->world);
}

/* The source dies: every replica says so, one after the other. Nobody leaves. */
Test(balance_correlate, the_source_dies)
{
	uint32_t count, i;

	for (count = 2; count <= 9; count++) {
		struct story story;

		story_begin(&story, count);
		story_rounds(&story, 5);
		for (i = 0; i < count; i++)
			story.outcomes[i] = PROBE_SOURCE_LOST;
		story_rounds(&story, 100);
		cr_assert_eq(story.fewest, count, "%u of %u left serving",
			     story.fewest, count);
		cr_assert(story.alarmed);
		cr_assert_eq(level_of(story.balance, 0), LEVEL_UPSTREAM);
		/* It ends by itself, and nobody leaves in the end either. */
		for (i = 0; i < count; i++) {
			story.outcomes[i] = PROBE_OK;
			story_rounds(&story, 5);
		}
		cr_assert_eq(story.fewest, count, "%u of %u left serving",
			     story.fewest, count);
		cr_assert_eq(level_of(story.balance, 0), LEVEL_NORMAL);
		story_end(&story);
	}
}

/* One replica alone is one replica's fault: it leaves within a few rounds. */
Test(balance_correlate, one_alone_is_not_an_event)
{
	struct story story;

	story_begin(&story, 6);
	story_rounds(&story, 5);
	story.outcomes[3] = PROBE_REPLICATION_BROKEN;
	story_rounds(&story, 2);
	cr_assert_eq(story.fewest, 6, "its peers had no say yet");
	story_rounds(&story, 3);
	cr_assert_str_eq(weights(story.balance, story.now), "1 1 1 0 1 1");
	cr_assert_not(story.alarmed);
	story_end(&story);
}

/* Five of eight, one every ten rounds: no window holds enough of them. */
Test(balance_correlate, a_slow_spread_is_not_an_event)
{
	struct story story;
	uint32_t i;

	story_begin(&story, 8);
	for (i = 0; i < 5; i++) {
		story.outcomes[i] = PROBE_ROLE;
		story_rounds(&story, 10);
	}
	cr_assert_not(story.alarmed);
	cr_assert_eq(level_of(story.balance, 0), LEVEL_HOLDING);
	cr_assert_eq(story.fewest, 4, "min_serving");
	story_end(&story);
}

/* Who joins during the freeze is excused; who was out before stays out. */
Test(balance_correlate, late_and_early_ones)
{
	struct story story;
	uint32_t i;

	story_begin(&story, 6);
	story.outcomes[0] = PROBE_REPLICATION_BROKEN;
	story_rounds(&story, 10);
	for (i = 1; i < 5; i++)
		story.outcomes[i] = PROBE_SOURCE_LOST;
	story_rounds(&story, 10);
	story.outcomes[5] = PROBE_SOURCE_LOST;
	story_rounds(&story, 20);
	cr_assert_str_eq(weights(story.balance, story.now), "0 1 1 1 1 1");
	/* Most return; the one that does not has 90 s to catch up. */
	for (i = 1; i < 5; i++)
		story.outcomes[i] = PROBE_OK;
	story_rounds(&story, 2);
	cr_assert_str_eq(weights(story.balance, story.now), "0 1 1 1 1 1");
	story_rounds(&story, 42);
	cr_assert_str_eq(weights(story.balance, story.now), "0 1 1 1 1 1");
	story_rounds(&story, 3);
	cr_assert_str_eq(weights(story.balance, story.now), "0 1 1 1 1 0");
	story_end(&story);
}

Test(balance_correlate, off_means_off)
{
	struct story story;
	uint32_t i;

	story_begin(&story, 6);
	story.world->vs[0].correlated = 0;
	for (i = 0; i < 6; i++)
		story.outcomes[i] = PROBE_SOURCE_LOST;
	story_rounds(&story, 10);
	cr_assert_not(story.alarmed);
	cr_assert_eq(story.fewest, 3);
	story_end(&story);
}

/* The wait needs no verdict: a time is named, and then it is over. */
Test(balance_correlate, names_the_time_of_the_next_decision)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	unsigned i;
	usec_t wake;

	for (i = 0; i < 4; i++)
		say(balance, i, PROBE_OK, s(1));
	cr_assert_str_eq(weights(balance, s(1)), "1 1 1 1");
	cr_assert_eq(balance_next_wake(balance), 0);
	say(balance, 0, PROBE_ROLE, s(2));
	say(balance, 0, PROBE_ROLE, s(3));
	cr_assert_str_eq(weights(balance, s(3)), "1 1 1 1");
	wake = balance_next_wake(balance);
	cr_assert_eq(wake, s(6));
	cr_assert_str_eq(weights(balance, wake - 1), "1 1 1 1");
	cr_assert_str_eq(weights(balance, wake), "0 1 1 1");
	cr_assert_eq(balance_next_wake(balance), 0);
	balance_free(balance);
	world_free(world);
}

/* The daemon starts while the source is dead: the adopted servers stay. */
Test(balance_correlate, at_a_start)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	struct table table = { 0 };
	unsigned i, round;

	for (i = 0; i < 4; i++)
		say(balance, i, PROBE_OK, s(1));
	balance_decide(balance, s(1), &table);
	balance_free(balance);
	balance = balance_new(&world->conf, s(2));
	balance_adopt(balance, &table, s(2));
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 4; i++) {
			usec_t now = s(2 + 2 * round) + i * 1000;

			say(balance, i, PROBE_SOURCE_LOST, now);
			cr_assert_str_eq(weights(balance, now), "1 1 1 1");
		}
	}
	table_free(&table);
	balance_free(balance);
	world_free(world);
}

/* A server that returns with a lag waits outside, whatever its peers say. */
Test(balance_correlate, a_returning_server_is_not_let_in_to_be_judged)
{
	struct story story;

	story_begin(&story, 5);
	story.outcomes[2] = PROBE_REFUSED;
	story_rounds(&story, 5);
	cr_assert_str_eq(weights(story.balance, story.now), "1 1 - 1 1");
	story.outcomes[2] = PROBE_REPLICATION_BROKEN;
	story_rounds(&story, 1);
	cr_assert_str_eq(weights(story.balance, story.now), "1 1 0 1 1");
	story_end(&story);
}

/* A pool of one has no peers: its failure is its own. */
Test(balance_correlate, one_server_is_no_correlation)
{
	struct story story;

	story_begin(&story, 1);
	story.outcomes[0] = PROBE_SOURCE_LOST;
	story_rounds(&story, 9);
	cr_assert_not(story.alarmed);
	cr_assert_eq(level_of(story.balance, 0), LEVEL_HOLDING);
	story_end(&story);
}
