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
	const struct announcing_input blind = {
		.good = true, .channel = true, .others = 1, .confirmed = 1
	};
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
	struct announcing_input input = {
		.complete = true, .channel = true, .others = 1, .confirmed = 1
	};
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	input.others = input.confirmed = 0;
	step(&state, &input, NOW(1));
	cr_assert_eq(state.why, ANNOUNCING_WHY_LAST);
	step(&state, &input, NOW(1000));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	input.silent = true;
	cr_assert(step(&state, &input, NOW(1001)), "the reason is news");
	cr_assert_eq(state.why, ANNOUNCING_WHY_SILENT);
	input.silent = false;
	input.others = input.confirmed = 1;
	step(&state, &input, NOW(1002));
	step(&state, &input, NOW(1004));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

/* Pools that fail everywhere at one moment: the others' reports are awaited. */
Test(announcing, no_withdrawal_before_the_others_are_heard)
{
	struct announcing_input input = {
		.complete = true, .channel = true, .others = 1, .confirmed = 1
	};
	struct conf_announce_group conf = plain;
	struct announcing state;

	conf.withdraw_delay = 0;
	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	announcing_step(&state, &conf, &input, NOW(1));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	cr_assert_eq(state.due, NOW(1) + ANNOUNCING_HEARSAY);
	input.others = input.confirmed = 0;
	announcing_step(&state, &conf, &input, NOW(2));
	announcing_step(&state, &conf, &input, NOW(9));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	input.others = input.confirmed = 1;
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

/*
 * A daemon that stood still knows nothing of its pools: they have to work for
 * announce_delay before the address is back.
 */
Test(announcing, a_lease_that_ran_out_begins_anew)
{
	struct announcing_input input = works;
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	step(&state, &works, NOW(0));
	announcing_lapse(&state, NOW(60));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
	step(&state, &works, NOW(60));
	cr_assert_eq(state.due, NOW(70));
	cr_assert_eq(state.why, ANNOUNCING_WHY_LEASE, "until it is back");
	step(&state, &works, NOW(70));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	/* A drain is the operator's word, which a standstill does not make old. */
	input.drained = true;
	announcing_begin(&state, ANNOUNCING_DRAIN, NOW(80));
	step(&state, &input, NOW(80));
	announcing_lapse(&state, NOW(90));
	step(&state, &input, NOW(90));
	cr_assert_eq(state.why, ANNOUNCING_WHY_DRAIN);
}

/* More than there are others: the health of the pools withdraws nothing. */
Test(announcing, more_announcers_wanted_than_there_are)
{
	const struct announcing_input input = {
		.complete = true, .channel = true, .others = 3, .confirmed = 3
	};
	struct conf_announce_group conf = plain;
	struct announcing state;

	conf.min_announcers = 4;
	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	announcing_step(&state, &conf, &input, NOW(1));
	announcing_step(&state, &conf, &input, NOW(1000));
	cr_assert_eq(state.where, ANNOUNCING_UP);
	cr_assert_eq(state.why, ANNOUNCING_WHY_LAST);
}

Test(announcing, drained_before_the_start_is_never_announced)
{
	const struct announcing_input input = { .drained = true };
	struct announcing state;

	announcing_begin(&state, ANNOUNCING_UP, NOW(0));
	cr_assert(step(&state, &input, NOW(0)));
	cr_assert_eq(state.where, ANNOUNCING_NOWHERE);
}

/*
 * Several balancers, which hear each other's reports late, or not at all: each
 * looks at itself every second, and reports it every two seconds, and at
 * once when it is news. A report is on its way for less than a second, or lost.
 */

#define BOXES 8
#define TICK (S / 10)
#define REPORTS_AGE (10 * S)

struct report {
	bool works;
	usec_t when; /* it comes, or has come; 0: none */
};

struct box {
	struct announcing state;
	struct announcing_input input;
	bool good, drained, alive;
	unsigned part; /* of the network */
	bool saw; /* of itself: that it announces, and works */
	usec_t looks, speaks; /* the next time */
	struct report flying[BOXES], heard[BOXES]; /* from each other one */
};

static struct world {
	unsigned seed, nr;
	unsigned loss; /* % of reports */
	struct conf_announce_group conf;
	struct box boxes[BOXES];
	usec_t now;
} w;

static unsigned draw(unsigned below)
{
	return (unsigned)rand() % below;
}

static bool box_announces(const struct box *box)
{
	return box->alive && box->state.where == ANNOUNCING_UP;
}

static void box_speaks(unsigned from)
{
	struct report *flying;
	unsigned to;

	w.boxes[from].speaks = w.now + 2 * S;
	for (to = 0; to < w.nr; to++) {
		flying = &w.boxes[to].flying[from];
		if (to == from || flying->when || draw(100) < w.loss)
			continue;
		flying->works = w.boxes[from].saw;
		flying->when = w.now + TICK * (1 + draw(9));
	}
}

static void box_looks(unsigned i)
{
	struct box *box = &w.boxes[i];
	bool saw = box_announces(box) && box->good;
	bool news = saw != box->saw;

	if (w.now < box->looks)
		news = false;
	else
		box->saw = saw;
	if (w.now >= box->looks)
		box->looks = w.now + S;
	if (news || w.now >= box->speaks)
		box_speaks(i);
}

/* A report that comes when the network has fallen apart is lost. */
static void box_hears(unsigned i)
{
	struct box *box = &w.boxes[i];
	unsigned k;

	for (k = 0; k < w.nr; k++) {
		struct report *flying = &box->flying[k];

		if (!flying->when || flying->when > w.now)
			continue;
		if (w.boxes[k].part == box->part)
			box->heard[k] = *flying;
		flying->when = 0;
	}
}

static void box_steps(unsigned i)
{
	struct box *box = &w.boxes[i];
	unsigned k;

	box->input = (struct announcing_input){
		.complete = true,
		.channel = true,
		.good = box->good,
		.drained = box->drained,
	};
	for (k = 0; k < w.nr; k++) {
		const struct report *heard = &box->heard[k];

		if (k == i)
			continue;
		if (!heard->when || w.now - heard->when > REPORTS_AGE)
			box->input.silent = true;
		else if (heard->works)
			announcing_count(&box->state, &box->input, heard->when);
	}
	announcing_step(&box->state, &w.conf, &box->input, w.now);
}

static void world_ticks(void)
{
	unsigned i;

	for (i = 0; i < w.nr; i++) {
		if (!w.boxes[i].alive)
			continue;
		box_hears(i);
		box_steps(i);
		box_looks(i);
	}
	w.now += TICK;
}

/* So many must announce at any time. */
static unsigned world_least(void)
{
	return w.conf.min_announcers < w.nr ? w.conf.min_announcers : w.nr;
}

static unsigned world_counts(void)
{
	unsigned i, count = 0;

	for (i = 0; i < w.nr; i++)
		count += box_announces(&w.boxes[i]);
	return count;
}

/* All announce, and have heard so. */
static void world_begin(unsigned seed)
{
	unsigned i;

	memset(&w, 0, sizeof(w));
	srand(seed);
	w.seed = seed;
	w.nr = 3 + draw(BOXES - 2);
	w.now = NOW(0);
	w.conf = plain;
	w.conf.min_announcers = draw(5) ? 1 + draw(2) : w.nr + draw(2);
	w.conf.withdraw_delay = draw(4) * S;
	for (i = 0; i < w.nr; i++) {
		w.boxes[i].alive = w.boxes[i].good = true;
		w.boxes[i].looks = w.boxes[i].speaks = w.now + draw(20) * TICK;
		announcing_begin(&w.boxes[i].state, ANNOUNCING_NOWHERE, w.now);
	}
	while (w.now < NOW(20))
		world_ticks();
	cr_assert_eq(world_counts(), w.nr);
}

/* Pools fail and work again, some or all; channels are cut and lose reports. */
static void world_suffers(void)
{
	unsigned i;

	switch (draw(5)) {
	case 0:
		for (i = 0; i < w.nr; i++)
			w.boxes[i].good = draw(6) == 0;
		break;
	case 1:
		for (i = 0; i < w.nr; i++)
			w.boxes[i].part = draw(3);
		break;
	case 2:
		for (i = 0; i < w.nr; i++)
			w.boxes[i].part = 0;
		break;
	case 3:
		w.loss = draw(4) * 30;
		break;
	default:
		i = draw(w.nr);
		w.boxes[i].good = !w.boxes[i].good;
	}
}

/*
 * Whatever is lost between them, and whatever fails when: pools that fail never
 * withdraw so many announcements that fewer than min_announcers are left.
 */
Test(announcing_random, never_all_withdrawn, .timeout = 120)
{
	unsigned seed, round;
	usec_t end;

	for (seed = 1; seed <= 2000; seed++) {
		world_begin(seed);
		for (round = 0; round < 15; round++) {
			world_suffers();
			for (end = w.now + draw(150) * TICK; w.now < end;) {
				world_ticks();
				cr_assert_geq(world_counts(), world_least(),
					      "seed %u: %u of %u announce",
					      seed, world_counts(), w.nr);
			}
		}
	}
}

/*
 * After a random history, when nothing has changed for a minute: those whose
 * pools work announce, and others only if those are too few. Drained ones never
 * do.
 */
static void world_check(void)
{
	unsigned i, good = 0;

	for (i = 0; i < w.nr; i++)
		good += w.boxes[i].alive && w.boxes[i].good &&
			!w.boxes[i].drained;
	for (i = 0; i < w.nr; i++) {
		const struct box *box = &w.boxes[i];
		unsigned others = good - (box->good && !box->drained);

		if (!box->alive)
			continue;
		cr_assert_eq(box_announces(box),
			     !box->drained && (box->good ||
					       others < w.conf.min_announcers),
			     "seed %u, box %u of %u that work", w.seed, i,
			     good);
	}
}

/* Balancers die and are drained as well, and all is well in the end. */
Test(announcing_random, settles_as_the_pools_are, .timeout = 120)
{
	unsigned seed, round, i;
	usec_t end;

	for (seed = 1; seed <= 300; seed++) {
		world_begin(seed);
		for (round = 0; round < 12; round++) {
			struct box *box = &w.boxes[draw(w.nr)];

			switch (draw(4)) {
			case 0:
				box->alive = !box->alive;
				memset(box->heard, 0, sizeof(box->heard));
				announcing_begin(&box->state,
						 ANNOUNCING_NOWHERE, w.now);
				break;
			case 1:
				box->drained = !box->drained;
				break;
			default:
				world_suffers();
			}
			for (end = w.now + draw(200) * TICK; w.now < end;)
				world_ticks();
		}
		w.loss = 0;
		for (i = 0; i < w.nr; i++)
			w.boxes[i].part = 0;
		for (end = w.now + 60 * S; w.now < end;)
			world_ticks();
		world_check();
	}
}

/* All servers die everywhere at once: there is no moment without a route. */
Test(announcing_random, pools_that_fail_everywhere_withdraw_nothing)
{
	unsigned seed, i;
	usec_t end;

	for (seed = 1; seed <= 50; seed++) {
		world_begin(seed);
		w.loss = draw(4) * 30;
		for (i = 0; i < w.nr; i++)
			w.boxes[i].good = false;
		for (end = w.now + 100 * S; w.now < end;) {
			world_ticks();
			cr_assert_eq(world_counts(), w.nr, "seed %u", seed);
		}
	}
}
