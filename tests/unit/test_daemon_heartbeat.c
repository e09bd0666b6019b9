/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "daemon/proc/heartbeat.h"

#define PATIENCE 5

/* A child that has answered once, so that it is not starting any more. */
static struct heartbeat settled(void)
{
	struct heartbeat hb;

	heartbeat_start(&hb, PATIENCE);
	cr_assert_eq(heartbeat_beat(&hb), HEARTBEAT_ASK);
	heartbeat_answer(&hb, hb.number);
	return hb;
}

/* How many questions are asked in vain before it is given up. */
static int questions(struct heartbeat *hb)
{
	int count = 0;

	while (heartbeat_beat(hb) == HEARTBEAT_ASK && count < 1000)
		count++;
	return count;
}

Test(heartbeat, one_that_answers_is_asked_for_ever)
{
	struct heartbeat hb = settled();
	int i;

	for (i = 0; i < 100000; i++) {
		cr_assert_eq(heartbeat_beat(&hb), HEARTBEAT_ASK);
		cr_assert_not(heartbeat_is_quiet(&hb));
		heartbeat_answer(&hb, hb.number);
	}
}

Test(heartbeat, one_that_is_silent_is_given_up_after_its_patience)
{
	struct heartbeat hb = settled();

	cr_assert_eq(questions(&hb), PATIENCE);
	cr_assert(heartbeat_is_quiet(&hb));
}

Test(heartbeat, any_late_answer_counts)
{
	struct heartbeat hb = settled();
	uint32_t first;
	int i;

	heartbeat_beat(&hb);
	first = hb.number;
	for (i = 1; i < PATIENCE; i++)
		cr_assert_eq(heartbeat_beat(&hb), HEARTBEAT_ASK);
	cr_assert(heartbeat_is_quiet(&hb));
	heartbeat_answer(&hb, first);
	cr_assert_not(heartbeat_is_quiet(&hb));
	cr_assert_eq(questions(&hb), PATIENCE);
}

/* Parsing a large file takes longer than an answer may. */
Test(heartbeat, a_configuration_gives_it_time)
{
	struct heartbeat hb = settled();
	uint32_t before;

	heartbeat_beat(&hb);
	before = hb.number;
	heartbeat_busy(&hb);
	/* The answer to a question of before says nothing of the new work. */
	heartbeat_answer(&hb, before);
	cr_assert_eq(questions(&hb), HEARTBEAT_BUSY);
	cr_assert_not(heartbeat_is_quiet(&hb));

	hb = settled();
	heartbeat_busy(&hb);
	heartbeat_beat(&hb);
	heartbeat_answer(&hb, hb.number);
	cr_assert_eq(questions(&hb), PATIENCE);
}

/* However many configurations it is given. */
Test(heartbeat, reloads_do_not_hide_silence)
{
	struct heartbeat hb = settled();
	int i;

	for (i = 0; heartbeat_beat(&hb) == HEARTBEAT_ASK; i++) {
		cr_assert_lt(i, HEARTBEAT_BUSY);
		heartbeat_busy(&hb);
	}
}

/* A compromised child cannot answer what it was not asked yet. */
Test(heartbeat, answers_in_advance_are_none)
{
	struct heartbeat hb = settled();
	int count;

	for (count = 0; heartbeat_beat(&hb) == HEARTBEAT_ASK; count++)
		heartbeat_answer(&hb, hb.number + 1);
	cr_assert_eq(count, PATIENCE);
}

/* It needs to read no question for either. */
Test(heartbeat, an_answer_counts_once_and_no_question_has_number_0)
{
	struct heartbeat hb = settled();
	uint32_t last = hb.number;
	int count;

	for (count = 0; heartbeat_beat(&hb) == HEARTBEAT_ASK; count++) {
		heartbeat_answer(&hb, 0);
		heartbeat_answer(&hb, last);
		cr_assert_lt(count, PATIENCE);
	}
	cr_assert_eq(count, PATIENCE);
}

Test(heartbeat, no_answer_counts_to_a_question_that_was_not_sent)
{
	struct heartbeat hb = settled();
	uint32_t next = hb.number + 1;
	int count;

	for (count = 0; heartbeat_beat(&hb) == HEARTBEAT_ASK; count++) {
		heartbeat_unasked(&hb);
		heartbeat_answer(&hb, next);
		cr_assert_lt(count, PATIENCE);
	}
	cr_assert_eq(count, PATIENCE);
	hb = settled();
	heartbeat_beat(&hb);
	heartbeat_unasked(&hb);
	heartbeat_beat(&hb);
	heartbeat_answer(&hb, next);
	cr_assert_eq(questions(&hb), PATIENCE);
}

/* The start is work too. */
Test(heartbeat, one_that_never_comes_up_is_given_up)
{
	struct heartbeat hb;

	heartbeat_start(&hb, PATIENCE);
	cr_assert_eq(questions(&hb), HEARTBEAT_BUSY);
}

/* A sign that it stands still. */
Test(heartbeat, one_that_is_doubted_is_asked_soon_and_given_up_soon)
{
	struct heartbeat hb = settled();

	cr_assert_eq(heartbeat_pause(&hb), HEARTBEAT_EVERY);
	cr_assert(heartbeat_doubt(&hb));
	cr_assert_eq(heartbeat_pause(&hb), HEARTBEAT_DOUBT_EVERY);
	/* The sign again is no other doubt, which would give it more time. */
	cr_assert_eq(heartbeat_beat(&hb), HEARTBEAT_ASK);
	cr_assert_not(heartbeat_doubt(&hb));
	cr_assert_eq(questions(&hb), HEARTBEAT_DOUBTS - 1);
	cr_assert_lt(HEARTBEAT_DOUBTS, PATIENCE);
}

Test(heartbeat, an_answer_gives_the_doubt_the_lie)
{
	struct heartbeat hb = settled();
	int i;

	for (i = 0; i < 1000; i++) {
		cr_assert(heartbeat_doubt(&hb));
		cr_assert_eq(heartbeat_beat(&hb), HEARTBEAT_ASK);
		cr_assert_eq(heartbeat_beat(&hb), HEARTBEAT_ASK);
		heartbeat_answer(&hb, hb.number - 1);
		cr_assert_eq(heartbeat_pause(&hb), HEARTBEAT_EVERY);
	}
	cr_assert_eq(questions(&hb), PATIENCE);
}

/* Short beats are no seconds of its patience. */
Test(heartbeat, a_doubt_leaves_the_patience_as_it_was)
{
	struct heartbeat hb = settled();

	heartbeat_beat(&hb);
	heartbeat_doubt(&hb);
	heartbeat_beat(&hb);
	heartbeat_beat(&hb);
	heartbeat_answer(&hb, hb.number);
	cr_assert_eq(questions(&hb), PATIENCE);
}

Test(heartbeat, one_that_reads_a_configuration_is_not_doubted)
{
	struct heartbeat hb = settled();

	heartbeat_busy(&hb);
	cr_assert_not(heartbeat_doubt(&hb));
	cr_assert_eq(questions(&hb), HEARTBEAT_BUSY);
}
