/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures and the pictures of a drill, on times of our own. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/drill_plot.h"
#include "ctl/drill_stats.h"

#define MS USEC_PER_MSEC

static struct drill_stats stats;
static char news[DRILL_NEWS_MAX];

static void setup(void)
{
	drill_stats_init(&stats, 100 * MS);
}

static void teardown(void)
{
	drill_stats_free(&stats);
}

TestSuite(ctl_drill, .init = setup, .fini = teardown);

/* An answer of server ID that was asked for at START. */
static bool answer(usec_t start, usec_t took, uint32_t id)
{
	struct drill_result result = { .start = start,
				       .end = start + took,
				       .kind = DRILL_ANSWERED,
				       .id = id };

	snprintf(result.name, sizeof(result.name), "db%u", id);
	return drill_stats_add(&stats, &result, news);
}

static bool fail(usec_t start, usec_t took, enum drill_kind kind)
{
	struct drill_result result = { .start = start,
				       .end = start + took,
				       .kind = kind };

	return drill_stats_add(&stats, &result, news);
}

static usec_t longest(void)
{
	return stats.longest.to - stats.longest.from;
}

Test(ctl_drill, gap_is_between_answers_not_attempts)
{
	unsigned i;

	for (i = 0; i < 10; i++)
		answer(i * 100 * MS, 5 * MS, 1);
	for (; i < 25; i++)
		fail(i * 100 * MS, 1 * MS, DRILL_REFUSED);
	answer(2500 * MS, 5 * MS, 2);
	cr_assert_eq(longest(), 1600 * MS, "%lld", (long long)longest());
	cr_assert_eq(stats.longest.from, 905 * MS);
	cr_assert_eq(stats.longest.before, 0);
	cr_assert_eq(stats.longest.after, 1);
	cr_assert_eq(drill_stats_failed(&stats), 15);
}

Test(ctl_drill, one_hung_attempt_among_answers_is_no_gap)
{
	unsigned i;

	for (i = 0; i < 30; i++) {
		answer(i * 100 * MS, 5 * MS, 1);
		if (i == 20)
			fail(0, 2000 * MS, DRILL_NO_LOGIN);
	}
	cr_assert_eq(longest(), 100 * MS);
}

/* Two servers; the answer of the first arrived before that of the second, and is
 * counted after it. */
Test(ctl_drill, answers_out_of_order_make_no_gap)
{
	answer(0, 5 * MS, 1);
	answer(200 * MS, 105 * MS, 2);
	answer(100 * MS, 50 * MS, 1);
	cr_expect_eq(stats.last_answer, 305 * MS);
	cr_expect_eq(stats.last_server, 1);
	answer(700 * MS, 5 * MS, 1);
	cr_expect_eq(stats.longest.from, 305 * MS, "%lld",
		     (long long)stats.longest.from);
	cr_expect_eq(stats.longest.to, 705 * MS, "%lld",
		     (long long)stats.longest.to);
	cr_expect_eq(stats.longest.before, 1);
	cr_expect_eq(stats.longest.after, 0);
	cr_expect_eq(drill_stats_waiting(&stats, 705 * MS), 0);
}

Test(ctl_drill, an_older_answer_does_not_say_how_a_server_is_now)
{
	struct drill_result late = { .start = 100 * MS,
				     .end = 150 * MS,
				     .kind = DRILL_ANSWERED,
				     .id = 1,
				     .name = "db1",
				     .read_only = true };

	answer(200 * MS, 5 * MS, 1);
	drill_stats_add(&stats, &late, news);
	cr_expect_eq(stats.servers[0].first, 150 * MS);
	cr_expect_eq(stats.servers[0].last, 205 * MS);
	cr_expect_not(stats.servers[0].read_only);
	cr_expect_eq(stats.servers[0].answers, 2);
}

Test(ctl_drill, a_gap_at_either_end_counts)
{
	answer(3000 * MS, 5 * MS, 1);
	cr_assert_eq(longest(), 3005 * MS);
	cr_assert_eq(stats.longest.before, DRILL_NO_SERVER);
	cr_assert_eq(drill_stats_waiting(&stats, 8005 * MS), 5000 * MS);
	drill_stats_end(&stats, 8005 * MS);
	cr_assert_eq(longest(), 5000 * MS);
	cr_assert_eq(stats.longest.after, DRILL_NO_SERVER);
}

/* Of two that are as long, the first; as long as allowed is not longer. */
Test(ctl_drill, a_gap_of_the_same_length_is_no_longer_one)
{
	unsigned i;

	answer(0, 5 * MS, 1);
	answer(700 * MS, 5 * MS, 2);
	answer(1400 * MS, 5 * MS, 3);
	cr_expect_eq(longest(), 700 * MS);
	cr_expect_eq(stats.longest.from, 5 * MS);
	cr_expect_eq(stats.longest.after, 1);
	cr_expect_not(drill_stats_gap_exceeds(&stats, 700 * MS));
	cr_expect(drill_stats_gap_exceeds(&stats, 700 * MS - 1));
	cr_expect_not(drill_stats_gap_exceeds(&stats, 0), "any is allowed");
	/* Five intervals are no news of a known server, and more are. */
	for (i = 0; i < 2; i++) {
		usec_t last = stats.last_answer;

		cr_expect_eq(answer(last + 500 * MS + i - 5 * MS, 5 * MS, 3),
			     i == 1, "%s", news);
	}
}

Test(ctl_drill, no_answer_at_all_is_one_gap)
{
	fail(0, 1 * MS, DRILL_REFUSED);
	drill_stats_end(&stats, 4000 * MS);
	cr_assert_eq(longest(), 4000 * MS);
}

Test(ctl_drill, a_stopwatch_that_stood_still_says_so)
{
	usec_t due = 0;

	due = drill_stats_due(&stats, due, 1 * MS);
	cr_expect_eq(due, 100 * MS);
	due = drill_stats_due(&stats, due, 600 * MS);
	cr_expect_eq(due, 700 * MS, "what was missed is not made up for");
	cr_expect_eq(stats.stood_still, 0, "that may be any host");
	due = drill_stats_due(&stats, due, 1700 * MS);
	cr_expect_eq(due, 1800 * MS);
	cr_expect_eq(stats.stood_still, 1000 * MS);
	drill_stats_due(&stats, due, 2400 * MS);
	cr_expect_eq(stats.stood_still, 1600 * MS);
}

Test(ctl_drill, what_cannot_be_started_is_told_once_a_second)
{
	cr_expect(drill_stats_not_started(&stats, 0));
	cr_expect_not(drill_stats_not_started(&stats, 100 * MS));
	cr_expect_not(drill_stats_not_started(&stats, 999 * MS));
	cr_expect(drill_stats_not_started(&stats, 1000 * MS));
	cr_expect_eq(stats.not_started, 4);
	cr_expect_eq(drill_stats_failed(&stats), 0, "none of the service");
}

Test(ctl_drill, news_is_said_once)
{
	cr_assert(answer(0, 5 * MS, 1));
	cr_assert_str_eq(news, "db1 (server_id 1) answers");
	cr_assert_not(answer(100 * MS, 5 * MS, 1));
	cr_assert(fail(200 * MS, 1 * MS, DRILL_REFUSED));
	cr_assert_str_eq(news, "connection refused");
	cr_assert_not(fail(300 * MS, 1 * MS, DRILL_REFUSED));
	cr_assert(fail(400 * MS, 1 * MS, DRILL_LOST));
	cr_assert(answer(1105 * MS, 0, 1));
	cr_assert_str_eq(
		news,
		"db1 (server_id 1) answers, after 1.00 s without an answer");
	cr_assert(answer(1200 * MS, 5 * MS, 2), "another server is news");
	cr_assert_not(answer(1300 * MS, 5 * MS, 1));
	cr_assert(fail(1400 * MS, 1 * MS, DRILL_REFUSED),
		  "silent for longer than a second");
}

Test(ctl_drill, quantiles_are_ranks)
{
	uint32_t *times;
	usec_t i;
	size_t nr;

	cr_assert_null(drill_stats_times(&stats, &nr));
	for (i = 100; i > 0; i--)
		answer((100 - i) * 100 * MS, i * MS, 1);
	fail(11000 * MS, 2000 * MS, DRILL_NO_LOGIN);
	times = drill_stats_times(&stats, &nr);
	cr_assert_eq(nr, 100);
	cr_assert_eq(drill_stats_quantile(times, nr, 500), 50 * MS);
	cr_assert_eq(drill_stats_quantile(times, nr, 990), 99 * MS);
	cr_assert_eq(drill_stats_quantile(times, nr, 1000), 100 * MS);
	cr_assert_eq(drill_stats_quantile(times, 1, 500), 1 * MS);
	free(times);
}

Test(ctl_drill, more_servers_than_places)
{
	uint32_t id;

	for (id = 1; id <= 40; id++)
		answer(id * 100 * MS, 1 * MS, id);
	cr_assert_eq(stats.nr_servers, DRILL_SERVERS);
	cr_assert_eq(stats.servers[DRILL_SERVERS - 1].answers,
		     40 - DRILL_SERVERS + 1);
	cr_assert_str_eq(stats.servers[DRILL_SERVERS - 1].name, "all others");
}

Test(ctl_drill, errors_have_kinds)
{
	static const struct {
		const char *text;
		unsigned number;
		enum drill_kind kind;
	} cases[] = {
		{ "Can't connect to server on '192.0.2.1' (111)", 2002,
		  DRILL_REFUSED },
		{ "Can't connect to MySQL server on 'a(b' (113)", 2003,
		  DRILL_UNREACHABLE },
		{ "Can't connect to MySQL server on '::1:3306' (101)", 2003,
		  DRILL_UNREACHABLE },
		{ "Can't connect to server on '192.0.2.1' (110)", 2002,
		  DRILL_NO_LOGIN },
		{ "no number here", 2003, DRILL_NO_LOGIN },
		{ "Unknown server host 'nowhere' (-2)", 2005, DRILL_NAME },
		{ "Lost connection to server", 2013, DRILL_LOST },
		{ "Access denied", 1045, DRILL_LOGIN },
		{ "Plugin x could not be loaded: not allowed", 2013,
		  DRILL_LOGIN },
		{ "the server's choice of words", 5010, DRILL_LOGIN },
		{ "the server's choice of words", 2059, DRILL_LOGIN },
		{ "Too many connections", 1040, DRILL_FULL },
		{ "Server shutdown in progress", 1053, DRILL_CLOSING },
		{ "Host is blocked", 1129, DRILL_BLOCKED },
		{ "?", 4711, DRILL_OTHER },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(drill_classify(cases[i].number, cases[i].text),
			     cases[i].kind, "%u %s", cases[i].number,
			     cases[i].text);
}

Test(ctl_drill, read_only_has_several_spellings)
{
	static const char *const yes[] = { "1", "ON", "on", "NO_LOCK",
					   "NO_LOCK_NO_ADMIN" };
	static const char *const no[] = { "0", "OFF", "off", "" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(yes); i++)
		cr_expect(drill_is_read_only(yes[i]), "%s", yes[i]);
	for (i = 0; i < ARRAY_SIZE(no); i++)
		cr_expect_not(drill_is_read_only(no[i]), "%s", no[i]);
}

Test(ctl_drill, a_lost_errno_is_vague)
{
	cr_assert(drill_is_vague(2002, "on '192.0.2.1' (115)"));
	cr_assert_not(drill_is_vague(2002, "on '192.0.2.1' (111)"));
	cr_assert_not(drill_is_vague(2002, "on '192.0.2.1' (110)"));
	cr_assert_not(drill_is_vague(2013, "on '192.0.2.1' (115)"));
}

/* The print of DRAW at a WIDTH; the caller frees it. */
static char *drawn(void (*draw)(FILE *out, size_t width), size_t width)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(out);
	draw(out, width);
	fclose(out);
	return text;
}

static void timeline(FILE *out, size_t width)
{
	drill_plot_timeline(out, &stats, 4000 * MS, width);
}

static void times(FILE *out, size_t width)
{
	drill_plot_times(out, &stats, width);
}

static void take_over(void)
{
	unsigned i;

	for (i = 0; i < 40; i++) {
		if (i < 10)
			answer(i * 100 * MS, (i < 9 ? 3 : 30) * MS, 1);
		else if (i < 20)
			fail(i * 100 * MS, 1 * MS, DRILL_REFUSED);
		else
			answer(i * 100 * MS, 3 * MS, 2);
	}
}

Test(ctl_drill, timeline_shows_who_answered_when)
{
	char *text;

	take_over();
	text = drawn(timeline, 60);
	cr_expect_str_eq(
		text,
		"db1 (server_id 1)   ##########..............................\n"
		"db2 (server_id 2)   ....................####################\n"
		"connection refused  ..........xxxxxxxxxx....................\n"
		"                    0 s                                4.0 s\n",
		"\n%s", text);
	free(text);
}

Test(ctl_drill, times_are_drawn_between_the_fastest_and_the_slowest)
{
	char *text;

	take_over();
	text = drawn(times, 49);
	cr_expect_str_eq(text,
			 "<    5 ms       29  #############################\n"
			 "<   10 ms        0  \n"
			 "<   20 ms        0  \n"
			 "<   50 ms        1  #\n",
			 "\n%s", text);
	free(text);
}

Test(ctl_drill, few_among_many_are_seen)
{
	unsigned i;
	char *text;

	for (i = 0; i < 999; i++)
		answer(i * MS, 3 * MS, 1);
	answer(i * MS, 7 * MS, 1);
	text = drawn(times, 60);
	cr_expect_not_null(strstr(text, "1  #\n"), "%s", text);
	free(text);
}

Test(ctl_drill, pictures_keep_to_the_width)
{
	struct drill_result long_name = { .end = 1, .kind = DRILL_ANSWERED };
	size_t width, length;
	char *text, *line, *rest;

	take_over();
	memset(long_name.name, 'n', sizeof(long_name.name) - 1);
	drill_stats_add(&stats, &long_name, news);
	for (width = 0; width < 200; width++) {
		text = drawn(width % 2 ? timeline : times, width);
		cr_assert(width >= DRILL_PLOT_MIN || text[0] == '\0');
		for (rest = text; (line = strsep(&rest, "\n"));) {
			length = strlen(line);
			cr_assert(length <= width, "%zu: %s", width, line);
		}
		free(text);
	}
}

Test(ctl_drill, nothing_to_draw_draws_nothing)
{
	char *text = drawn(timeline, 80);

	cr_assert_str_eq(text, "");
	free(text);
	text = drawn(times, 80);
	cr_assert_str_eq(text, "");
	free(text);
}
