/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random histories through the real decision, recorded, and played again: equal
 * at every step. And recordings that were cut or damaged.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/replay.h"
#include "sim/replay_story.h"
#include "tests/unit/histories.h"
#include "tests/unit/replay_world.h"

#define HISTORIES HISTORIES_OF(2000)
#define STEPS 60

static void replay_must_not_differ(void *arg, usec_t wall, uint64_t step,
				   const char *text)
{
	cr_assert_fail("seed %llu: step %llu: %s", *(unsigned long long *)arg,
		       (unsigned long long)step, text);
}

static struct replay_counts replay_all(const unsigned char *data, size_t length,
				       const struct replay_watcher *watcher)
{
	struct replay *replay = replay_new(watcher, NULL);
	struct replay_counts counts;

	replay_file(replay, data, length);
	counts = *replay_counts(replay);
	replay_free(replay);
	return counts;
}

Test(replay, of_random_histories_decides_the_same)
{
	uint64_t seed, decisions = 0;

	for (seed = 1; seed <= HISTORIES; seed++) {
		struct replay_watcher watcher = {
			.differs = replay_must_not_differ, .arg = &seed
		};
		struct replay_world world;
		struct replay_counts counts;
		unsigned i;

		replay_world_init(&world, seed);
		for (i = 0; i < STEPS; i++) {
			replay_world_step(&world);
			if (replay_world_below(&world.seed, 50) == 0)
				replay_world_begin(&world, RECORD_ROLLED);
		}
		replay_world_flush(&world);
		counts = replay_all(world.file.data, world.file.used, &watcher);
		cr_assert_eq(counts.unreadable, 0, "seed %llu",
			     (unsigned long long)seed);
		cr_assert_eq(counts.gaps, 0);
		cr_assert_eq(counts.differing, 0);
		decisions += counts.decisions;
		replay_world_free(&world);
	}
	cr_assert_gt(decisions, HISTORIES * STEPS / 2);
}

/* The memory of the balance is taken up in the middle, at any step. */
Test(replay, from_a_snapshot_decides_the_same)
{
	uint64_t seed, decisions = 0;

	for (seed = 1; seed <= HISTORIES / 2; seed++) {
		struct replay_watcher watcher = {
			.differs = replay_must_not_differ, .arg = &seed
		};
		struct replay_world world;
		struct replay_counts counts;
		size_t from;
		unsigned i;

		replay_world_init(&world, seed);
		for (i = 0; i < STEPS / 2; i++)
			replay_world_step(&world);
		replay_world_flush(&world);
		from = world.file.used;
		replay_world_begin(&world, RECORD_ROLLED);
		for (i = 0; i < STEPS / 2; i++)
			replay_world_step(&world);
		replay_world_flush(&world);
		counts = replay_all(world.file.data + from,
				    world.file.used - from, &watcher);
		cr_assert_eq(counts.unreadable + counts.gaps + counts.differing,
			     0);
		decisions += counts.decisions;
		replay_world_free(&world);
	}
	cr_assert_gt(decisions, HISTORIES * STEPS / 8);
}

/*
 * The default window of `evenkeel replay`: what is said of the last records of a
 * file, and of a frame that is cut behind them, is inside of it.
 */
Test(replay, spans_a_recording_to_its_last_record)
{
	static const struct replay_watcher silent;
	uint64_t seed;

	for (seed = 1; seed <= 50; seed++) {
		struct replay_world world;
		struct replay_counts counts;
		usec_t first = 0, last = 0;
		size_t cut;
		unsigned i;

		replay_world_init(&world, seed);
		for (i = 0; i < STEPS; i++)
			replay_world_step(&world);
		replay_world_flush(&world);
		for (cut = 0; cut < 2; cut++) {
			size_t length = world.file.used - cut;

			cr_assert(recording_span(world.file.data, length,
						 &first, &last));
			counts = replay_all(world.file.data, length, &silent);
			cr_assert_eq(counts.first, first);
			cr_assert_eq(counts.last, last, "seed %llu: %lld us",
				     (unsigned long long)seed,
				     (long long)(counts.last - last));
		}
		replay_world_free(&world);
	}
}

/* The items of LENGTH bytes: inputs, and the kind of the last item. */
static unsigned read_inputs(const unsigned char *data, size_t length,
			    enum record_item_kind *last, unsigned *damaged)
{
	struct recording_reader *reader = recording_reader_new(data, length);
	struct record_item item;
	unsigned inputs = 0;

	*last = RECORD_ITEM_END;
	*damaged = 0;
	while (recording_next(reader, &item)) {
		inputs += item.kind == RECORD_ITEM_INPUT;
		*damaged += item.kind == RECORD_ITEM_DAMAGE;
		*last = item.kind;
	}
	recording_reader_free(reader);
	return inputs;
}

/* A recording of a few frames. */
static void small_world(struct replay_world *world, uint64_t seed)
{
	unsigned i;

	replay_world_init(world, seed);
	for (i = 0; i < 30; i++) {
		replay_world_step(world);
		if (i % 5 == 4)
			replay_world_flush(world);
		if (i == 15)
			replay_world_begin(world, RECORD_GAP);
	}
	replay_world_flush(world);
}

Test(replay, reads_a_file_that_is_cut_at_any_byte)
{
	struct replay_world world;
	unsigned char *copy;
	unsigned inputs, before = 0, damaged, cuts = 0, whole = 0;
	enum record_item_kind last;
	size_t length;

	small_world(&world, 7);
	for (length = 0; length <= world.file.used; length++) {
		/* Of its own size, so that reading beyond it is seen. */
		copy = xcalloc(length + !length, 1);
		memcpy(copy, world.file.data, length);
		inputs = read_inputs(copy, length, &last, &damaged);
		free(copy);
		cr_assert_eq(damaged, 0, "at byte %zu", length);
		cr_assert_geq(inputs, before, "at byte %zu", length);
		before = inputs;
		if (last == RECORD_ITEM_CUT)
			cuts++;
		else
			whole++;
	}
	/* All but the ends of frames. */
	cr_assert_gt(whole, 5);
	cr_assert_lt(whole, 40);
	cr_assert_eq(cuts + whole, world.file.used + 1);
	cr_assert_gt(before, 20);
	replay_world_free(&world);
}

/* A single wrong bit anywhere is found; what is whole elsewhere is played. */
Test(replay, finds_every_wrong_bit)
{
	static const struct replay_watcher nobody;
	struct replay_world world;
	struct replay_counts counts;
	enum record_item_kind last;
	unsigned damaged;
	size_t bit;

	small_world(&world, 9);
	for (bit = 0; bit < world.file.used * 8; bit += 3) {
		world.file.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		read_inputs(world.file.data, world.file.used, &last, &damaged);
		cr_assert(damaged == 1 || last == RECORD_ITEM_CUT,
			  "bit %zu: %u damaged places", bit, damaged);
		if (bit % 8 == 0) {
			counts = replay_all(world.file.data, world.file.used,
					    &nobody);
			cr_assert_eq(counts.differing, 0, "bit %zu", bit);
		}
		world.file.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	replay_world_free(&world);
}

/* A decision that is not the recorded one is named: a test of the tests. */
static void note_difference(void *arg, usec_t wall, uint64_t step,
			    const char *text)
{
	snprintf(arg, REPLAY_TEXT_MAX, "%s", text);
}

static const char replay_pool[] =
	"virtual_server 192.0.2.1 3306 {\nprotocol TCP\n"
	"lvs_sched wlc\nlvs_method DR\n"
	"real_server 10.0.0.1 3306 {\nweight 1\nTCP_CHECK {\n}\n%s}\n%s}\n";

/* The checks of OTHER that a recording with one TCP_CHECK cannot judge. */
static uint32_t replay_unheard_of(const char *check, const char *server)
{
	static const struct replay_watcher watcher;
	struct recording_writer *writer = recording_writer_new();
	struct recording_begin begin = { .reason = RECORD_START, .now = 5 };
	char text[1024];
	struct conf *conf, *other;
	struct balance *balance;
	struct replay *replay;
	const unsigned char *data;
	size_t length;
	uint32_t unheard;

	snprintf(text, sizeof(text), replay_pool, "", "");
	conf = replay_world_parse(text);
	snprintf(text, sizeof(text), replay_pool, check, server);
	other = replay_world_parse(text);
	balance = balance_new(conf, 5);
	recording_writer_begin(writer, &begin, balance);
	data = recording_writer_take(writer, &length);
	replay = replay_new(&watcher, other);
	replay_file(replay, data, length);
	unheard = replay_other_unheard(replay);
	replay_free(replay);
	balance_free(balance);
	conf_free(other);
	conf_free(conf);
	recording_writer_free(writer);
	return unheard;
}

Test(replay, counts_the_checks_that_nothing_was_recorded_for)
{
	static const char server[] =
		"real_server 10.0.0.2 3306 {\nweight 1\nTCP_CHECK {\n}\n}\n";

	cr_expect_eq(replay_unheard_of("", ""), 0);
	/* Another kind, and the second of the same kind. */
	cr_expect_eq(replay_unheard_of("PING_CHECK {\n}\n", ""), 1);
	cr_expect_eq(replay_unheard_of("TCP_CHECK {\nconnect_port 1\n}\n", ""),
		     1);
	/* A server that the recording has not. */
	cr_expect_eq(replay_unheard_of("", server), 1);
	cr_expect_eq(replay_unheard_of("PING_CHECK {\n}\n", server), 2);
}

Test(replay, names_the_server_that_was_decided_otherwise)
{
	char said[REPLAY_TEXT_MAX] = "";
	struct replay_watcher watcher = { .differs = note_difference,
					  .arg = said };
	struct recording_writer *writer = recording_writer_new();
	struct recording_begin begin = { .reason = RECORD_START, .now = 5 };
	struct conf *conf = replay_world_parse(
		"virtual_server 192.0.2.1 3306 {\nprotocol TCP\n"
		"lvs_sched wlc\nlvs_method DR\n"
		"real_server 10.0.0.1 3306 {\nweight 1\n}\n}\n");
	struct balance *balance = balance_new(conf, 5);
	struct balance_input input = { .kind = INPUT_DECIDE, .now = 9 };
	struct table wanted = { 0 };
	const unsigned char *data;
	size_t length;

	recording_writer_begin(writer, &begin, balance);
	balance_decide(balance, 9, &wanted);
	cr_assert_eq(wanted.nr_dests, 1);
	wanted.dests[0].weight += 7;
	recording_writer_hear(writer, &input);
	input = (struct balance_input){ .kind = INPUT_DECIDED,
					.table = &wanted };
	recording_writer_hear(writer, &input);
	data = recording_writer_take(writer, &length);
	cr_assert_eq(replay_all(data, length, &watcher).differing, 1);
	cr_expect(strstr(said, "10.0.0.1:3306 of TCP 192.0.2.1:3306: "
			       "recorded: weight"),
		  "%s", said);
	table_free(&wanted);
	balance_free(balance);
	conf_free(conf);
	recording_writer_free(writer);
}

/* A pool of two servers without checks; the second has WEIGHT. */
static struct conf *plotted_conf(unsigned weight)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "virtual_server 192.0.2.1 3306 {\nprotocol TCP\n"
		 "lvs_sched wlc\nlvs_method DR\n"
		 "real_server 10.0.0.1 3306 {\nweight 40\n}\n"
		 "real_server 10.0.0.2 3306 {\nweight %u\n}\n}\n",
		 weight);
	return replay_world_parse(text);
}

static void plot_configured(void *arg, const struct replay *replay, usec_t wall)
{
	story_configured(arg, replay, "other");
}

static void plot_decided(void *arg, const struct replay *replay, usec_t wall)
{
	story_decided(arg, replay, wall);
}

/* Sixty decisions, a second apart; the second server is drained before the 30th. */
static const unsigned char *plotted_history(struct recording_writer *writer,
					    struct conf *conf, size_t *length)
{
	struct recording_begin begin = { .reason = RECORD_START,
					 .now = USEC_PER_SEC };
	struct balance *balance = balance_new(conf, USEC_PER_SEC);
	struct table wanted = { 0 };
	unsigned second;
	usec_t now;

	recording_writer_clock(writer, 1700000000 * USEC_PER_SEC);
	recording_writer_begin(writer, &begin, balance);
	balance_listen(balance, recording_writer_hear, writer);
	for (second = 1; second <= 60; second++) {
		now = second * USEC_PER_SEC;
		if (second == 30)
			balance_override(balance, 1, OVERRIDE_DRAIN, 0, now);
		balance_decide(balance, now, &wanted);
	}
	table_free(&wanted);
	balance_free(balance);
	return recording_writer_take(writer, length);
}

/* The plot beside another configuration has the server that differs, twice. */
Test(replay, plots_the_weights_of_both_configurations)
{
	struct story story;
	struct replay_watcher watcher = { .configured = plot_configured,
					  .decided = plot_decided,
					  .arg = &story };
	struct recording_writer *writer = recording_writer_new();
	struct conf *conf = plotted_conf(10), *other = plotted_conf(40);
	usec_t start = 1700000001 * USEC_PER_SEC;
	struct replay *replay = replay_new(&watcher, other);
	size_t length, size;
	const unsigned char *data = plotted_history(writer, conf, &length);
	char *plot, *first, *second, *end;
	FILE *out = open_memstream(&plot, &size);

	story_init(&story, start, start + 60 * USEC_PER_SEC, true);
	replay_file(replay, data, length);
	story_pause(&story, start + 60 * USEC_PER_SEC);
	cr_expect_eq(replay_counts(replay)->differing, 0);
	story_plot(&story, out);
	fclose(out);
	cr_expect(strstr(plot, "@: 40"), "%s", plot);
	first = strstr(plot, "\n10.0.0.2:3306");
	cr_assert(first, "%s", plot);
	second = strstr(first + 1, "\n  would have been");
	cr_assert(second, "%s", plot);
	cr_expect_null(strstr(plot, "10.0.0.1:3306"), "%s", plot);
	end = strchr(second + 1, '\n');
	/* A quarter of the highest weight, then drained; the highest, then drained. */
	cr_expect(strstr(first, "|:::::"), "%s", plot);
	cr_expect(strstr(second, "|@@@@@"), "%s", plot);
	cr_expect_eq(strncmp(second - 6, "00000|", 6), 0, "%s", plot);
	cr_expect_eq(strncmp(end - 6, "00000|", 6), 0, "%s", plot);
	free(plot);
	story_free(&story);
	replay_free(replay);
	recording_writer_free(writer);
	conf_free(conf);
	conf_free(other);
}
