/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When an announce_group is announced: tables of one group, and histories of
 * several balancers that hear of each other late or not at all, on virtual time.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "announce/announcing.h"

#define S USEC_PER_SEC
#define NOW(s) (1000 * S + (usec_t)((s)*S))

static const struct conf_announce_group plain = {
	.name = "g",
	.ifname = "evk-up",
	.announce_delay = 10 * S,
	.withdraw_delay = 2 * S,
	.linger = 30 * S,
	.min_announcers = 1,
};

static const struct announcing_input works = { .complete = true, .good = true };
static const struct announcing_input failed = { .complete = true };

static bool step(struct announcing *state, const struct announcing_input *input,
		 usec_t now)
{
	return announcing_step(state, &plain, input, now);
}

Test(announcing, slowly_announced)
{
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_NOWHERE, NOW(0));
	cr_assert(!step(&state, &works, NOW(1)));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
	cr_assert_eq(state.due, NOW(11), "the delay begins when it works");
	cr_assert(!step(&state, &works, NOW(11) - 1));
	cr_assert(step(&state, &works, NOW(11)));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	cr_assert_eq(state.why, ANNOUNCING_WHY_GOOD);
	cr_assert_eq(state.since, NOW(11));
	cr_assert_eq(state.due, 0);
}

Test(announcing, a_failure_in_between_starts_the_delay_anew)
{
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_NOWHERE, NOW(0));
	step(&state, &works, NOW(0));
	step(&state, &failed, NOW(9));
	cr_assert_eq(state.why, ANNOUNCING_WHY_BAD);
	step(&state, &works, NOW(9.5));
	step(&state, &works, NOW(19));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
	step(&state, &works, NOW(19.5));
	cr_assert_eq(state.where, ANNOUNCING_UP);
}

Test(announcing, fast_withdrawn_but_not_by_one_blink)
{
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	step(&state, &works, NOW(0));
	step(&state, &failed, NOW(5));
	cr_assert_eq(state.due, NOW(7));
	step(&state, &works, NOW(6.9));
	step(&state, &failed, NOW(7));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	step(&state, &failed, NOW(9));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
	cr_assert_eq(announcing_lingers(&state, &plain, NOW(10)), 29 * S);
	cr_assert_eq(announcing_lingers(&state, &plain, NOW(39)), 0);
}

Test(announcing, nothing_before_the_first_verdicts)
{
	const struct announcing_input blind = { .good = true };
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_NOWHERE, NOW(0));
	step(&state, &blind, NOW(9));
	cr_assert_eq(state.why, ANNOUNCING_WHY_START);
	cr_assert_eq(state.turning, 0, "the delay does not run meanwhile");
	cr_assert_eq(state.due, NOW(10), "the end of the patience");
	step(&state, &blind, NOW(10));
	cr_assert_eq(state.due, NOW(20));
	step(&state, &blind, NOW(20));
	cr_assert_eq(state.where, ANNOUNCING_UP);
}

Test(announcing, who_starts_blind_waits_while_others_announce)
{
	const struct announcing_input blind = { .good = true,
						.channel = true,
						.others = 1 };
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_NOWHERE, NOW(0));
	step(&state, &blind, NOW(1000));
	step(&state, &blind, NOW(2000));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
	cr_assert_eq(state.why, ANNOUNCING_WHY_START);
}

Test(announcing, without_a_table_the_reason_is_no_server)
{
	const struct announcing_input input = { .no_table = true };
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	step(&state, &input, NOW(10));
	cr_assert_eq(state.where, ANNOUNCING_UP, "the delay has begun");
	step(&state, &input, NOW(12));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
	cr_assert_eq(state.why, ANNOUNCING_WHY_TABLE);
}

Test(announcing, what_a_killed_process_left_stays)
{
	const struct announcing_input blind = { 0 };
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	step(&state, &blind, NOW(0));
	step(&state, &blind, NOW(9));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	step(&state, &failed, NOW(9.5));
	step(&state, &failed, NOW(11.5));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

Test(announcing, never_the_last_one)
{
	struct announcing_input input = { .complete = true,
					  .channel = true,
					  .others = 1 };
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	input.others = 0;
	step(&state, &input, NOW(1));
	cr_assert_eq(state.why, ANNOUNCING_WHY_LAST);
	step(&state, &input, NOW(1000));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	input.silent = true;
	cr_assert(step(&state, &input, NOW(1001)), "the reason is news");
	cr_assert_eq(state.why, ANNOUNCING_WHY_SILENT);
	input.silent = false;
	input.others = 1;
	step(&state, &input, NOW(1002));
	step(&state, &input, NOW(1004));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

/* Pools that fail everywhere at one moment: the others' reports are awaited. */
Test(announcing, no_withdrawal_before_the_others_are_heard)
{
	struct announcing_input input = { .complete = true,
					  .channel = true,
					  .others = 1 };
	struct conf_announce_group conf = plain;
	struct announcing state;

	conf.withdraw_delay = 0;
	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	announcing_step(&state, &conf, &input, NOW(1));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	cr_assert_eq(state.due, NOW(1) + ANNOUNCING_HEARSAY);
	input.others = 0;
	announcing_step(&state, &conf, &input, NOW(2));
	announcing_step(&state, &conf, &input, NOW(9));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	input.others = 1;
	announcing_step(&state, &conf, &input, NOW(10));
	announcing_step(&state, &conf, &input, NOW(12));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

/* With `min_announcers 0` the health of the pools alone counts. */
Test(announcing, nobody_else_is_needed)
{
	const struct announcing_input input = { .complete = true,
						.channel = true,
						.silent = true };
	struct conf_announce_group conf = plain;
	struct announcing state;

	conf.min_announcers = 0;
	conf.withdraw_delay = 0;
	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	announcing_step(&state, &conf, &input, NOW(1));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

Test(announcing, without_a_channel_health_alone_counts)
{
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	step(&state, &failed, NOW(1));
	step(&state, &failed, NOW(3));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

Test(announcing, a_drain_counts_at_once_and_above_all)
{
	struct announcing_input input = {
		.complete = true, .good = true, .channel = true, .drained = true
	};
	struct conf_announce_group conf = plain;
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	announcing_step(&state, &conf, &input, NOW(1));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
	cr_assert_eq(state.why, ANNOUNCING_WHY_DRAIN);
	conf.drain_ifname = "evk-drain";
	announcing_step(&state, &conf, &input, NOW(2));
	cr_assert_eq(state.where, ANNOUNCING_DRAIN);
	input.drained = false;
	announcing_step(&state, &conf, &input, NOW(3));
	cr_assert_eq(state.where, ANNOUNCING_DRAIN, "back slowly");
	announcing_step(&state, &conf, &input, NOW(13));
	cr_assert_eq(state.where, ANNOUNCING_UP);
}

/* Each turn has a delay of its own, from its own beginning. */
Test(announcing, from_the_worse_place_both_ways)
{
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_DRAIN, NOW(0));
	step(&state, &works, NOW(1));
	step(&state, &failed, NOW(9));
	cr_assert_eq(state.due, NOW(11));
	cr_assert_eq(state.where, ANNOUNCING_DRAIN);
	step(&state, &failed, NOW(11));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

Test(announcing, drained_before_the_start_is_never_announced)
{
	const struct announcing_input input = { .drained = true };
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	cr_assert(step(&state, &input, NOW(0)));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

/* Several balancers, each of which hears the others' reports LATE. */

#define BOXES 5
#define LATE (S / 2)

struct box {
	struct announcing state;
	struct announcing_input input;
	bool good, drained, alive;
	/* What it says of itself, and since when the others know. */
	bool says, said;
	usec_t said_at;
};

static bool box_announces(const struct box *box)
{
	return box->alive && box->state.where == ANNOUNCING_UP;
}

static void box_report(struct box *box, usec_t now)
{
	bool says = box_announces(box) && box->good;

	if (says == box->says)
		return;
	box->said = now - box->said_at >= LATE ? box->says : box->said;
	box->says = says;
	box->said_at = now;
}

static bool box_heard(const struct box *box, usec_t now)
{
	return now - box->said_at >= LATE ? box->says : box->said;
}

static void boxes_step(struct box *boxes, usec_t now)
{
	unsigned i, k;

	for (i = 0; i < BOXES; i++) {
		struct box *box = &boxes[i];

		if (!box->alive)
			continue;
		box->input = (struct announcing_input){
			.complete = true,
			.channel = true,
			.good = box->good,
			.drained = box->drained,
		};
		for (k = 0; k < BOXES; k++) {
			if (k == i)
				continue;
			if (!boxes[k].alive)
				box->input.silent = true;
			else
				box->input.others += box_heard(&boxes[k], now);
		}
		announcing_step(&box->state, &plain, &box->input, now);
		box_report(box, now);
	}
}

static unsigned boxes_announcing(const struct box *boxes)
{
	unsigned i, count = 0;

	for (i = 0; i < BOXES; i++)
		count += box_announces(&boxes[i]);
	return count;
}

/*
 * After a random history, when nothing has changed for a minute: those whose
 * pools work announce, and nobody else does; if nobody's work, all do. Drained
 * ones never do.
 */
static void boxes_check(const struct box *boxes, unsigned seed)
{
	unsigned i, good = 0;

	for (i = 0; i < BOXES; i++)
		good += boxes[i].alive && boxes[i].good && !boxes[i].drained;
	for (i = 0; i < BOXES; i++) {
		const struct box *box = &boxes[i];
		unsigned others = good - (box->good && !box->drained);

		if (!box->alive)
			continue;
		cr_assert_eq(box_announces(box),
			     !box->drained && (box->good || others == 0),
			     "seed %u, box %u of %u that work", seed, i, good);
	}
}

Test(announcing_random, settles_and_never_leaves_nobody)
{
	struct box boxes[BOXES];
	unsigned seed, round, i;
	usec_t now, end;

	for (seed = 1; seed <= 300; seed++) {
		srand(seed);
		memset(boxes, 0, sizeof(boxes));
		now = NOW(0);
		for (i = 0; i < BOXES; i++) {
			boxes[i].alive = boxes[i].good = true;
			announcing_begin(&boxes[i].state, ANNOUNCING_NOWHERE,
					 now);
		}
		for (round = 0; round < 12; round++) {
			struct box *box = &boxes[rand() % BOXES];

			switch (rand() % 4) {
			case 0:
				box->alive = !box->alive;
				announcing_begin(&box->state,
						 ANNOUNCING_NOWHERE, now);
				break;
			case 1:
				box->drained = !box->drained;
				break;
			case 2:
				for (i = 0; i < BOXES; i++)
					boxes[i].good = !boxes[i].good;
				break;
			default:
				box->good = !box->good;
			}
			end = now + (round == 11 ? 60 : rand() % 20) * S;
			for (; now < end; now += S / 10)
				boxes_step(boxes, now);
		}
		boxes_check(boxes, seed);
	}
}

/* All servers die everywhere at once: there is no moment without a route. */
Test(announcing_random, pools_that_fail_everywhere_withdraw_nothing)
{
	struct box boxes[BOXES];
	unsigned i;
	usec_t now;

	memset(boxes, 0, sizeof(boxes));
	for (i = 0; i < BOXES; i++) {
		boxes[i].alive = boxes[i].good = true;
		announcing_begin(&boxes[i].state, ANNOUNCING_NOWHERE, NOW(0));
	}
	for (now = NOW(0); now < NOW(20); now += S / 10)
		boxes_step(boxes, now);
	cr_assert_eq(boxes_announcing(boxes), BOXES);
	for (i = 0; i < BOXES; i++)
		boxes[i].good = false;
	for (; now < NOW(120); now += S / 10) {
		boxes_step(boxes, now);
		cr_assert_eq(boxes_announcing(boxes), BOXES);
	}
}
