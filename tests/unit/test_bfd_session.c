/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine of a BFD session, step by step, by RFC 5880, section 6. */
#include <criterion/criterion.h>

#include "bfd/bfd_session.h"

#define MS USEC_PER_MSEC
#define T0 (100 * USEC_PER_SEC)
#define MINE 77u
#define THEIRS 88u

static struct bfd_session session;
static const struct bfd_terms usual = { .min_rx = 50 * MS,
					.min_tx = 40 * MS,
					.idle_tx = USEC_PER_SEC,
					.multiplier = 5 };

/* The neighbour's packet: 100 ms both ways, multiplier 3. */
static struct bfd_packet packet_of(enum bfd_state state, uint32_t yours)
{
	return (struct bfd_packet){ .state = state,
				    .multiplier = 3,
				    .mine = THEIRS,
				    .yours = yours,
				    .min_tx = 100 * MS,
				    .min_rx = 100 * MS };
}

static enum bfd_drop take(struct bfd_packet packet, usec_t now, unsigned *want)
{
	return bfd_session_receive(&session, &packet, now, want);
}

/* Receive it, which must count; returns bits of enum bfd_want. */
static unsigned hear(enum bfd_state state, uint32_t yours, usec_t now)
{
	unsigned want;

	cr_assert_eq(take(packet_of(state, yours), now, &want), BFD_TAKEN);
	return want;
}

static struct bfd_packet sent(usec_t now, bool final)
{
	struct bfd_packet packet;

	cr_assert(bfd_session_packet(&session, final, 0, now, &packet));
	return packet;
}

static void begin(void)
{
	bfd_session_begin(&session, &usual, MINE, T0);
}

/* Up, and the poll that begins with it answered. */
static void begin_up(void)
{
	struct bfd_packet answer = packet_of(BFD_UP, MINE);
	unsigned want;

	begin();
	hear(BFD_DOWN, 0, T0);
	hear(BFD_INIT, MINE, T0);
	answer.final = true;
	cr_assert_eq(take(answer, T0, &want), BFD_TAKEN);
	cr_assert_eq(session.state, BFD_UP);
	cr_assert_not(session.polling);
}

/* The table of 6.8.6: state, the neighbour's, the state then. */
Test(bfd_session, states)
{
	static const enum bfd_state next[4][4] = {
		[BFD_ADMIN_DOWN] = { 0, 0, 0, 0 },
		[BFD_DOWN] = { BFD_DOWN, BFD_INIT, BFD_UP, BFD_DOWN },
		[BFD_INIT] = { BFD_DOWN, BFD_INIT, BFD_UP, BFD_UP },
		[BFD_UP] = { BFD_DOWN, BFD_DOWN, BFD_UP, BFD_UP },
	};
	struct bfd_packet packet;
	unsigned state, said, want;

	for (state = BFD_ADMIN_DOWN; state <= BFD_UP; state++)
		for (said = BFD_ADMIN_DOWN; said <= BFD_UP; said++) {
			begin();
			session.state = (enum bfd_state)state;
			packet = packet_of((enum bfd_state)said, MINE);
			take(packet, T0, &want);
			cr_expect_eq(session.state, next[state][said],
				     "%u hears %u", state, said);
		}
}

Test(bfd_session, others_packets_change_nothing)
{
	struct bfd_session before;
	struct bfd_packet packet;
	unsigned want;

	begin_up();
	before = session;
	packet = packet_of(BFD_DOWN, MINE + 1);
	cr_expect_eq(take(packet, T0 + MS, &want), BFD_DROP_DISCRIMINATOR);
	packet = packet_of(BFD_UP, 0);
	cr_expect_eq(take(packet, T0 + MS, &want), BFD_DROP_STATE);
	packet = packet_of(BFD_INIT, 0);
	packet.poll = true;
	cr_expect_eq(take(packet, T0 + MS, &want), BFD_DROP_STATE);
	cr_expect_eq(want, 0);
	cr_expect_arr_eq(&session, &before, sizeof(session));
}

Test(bfd_session, comes_up)
{
	struct bfd_packet packet;

	begin();
	cr_expect(bfd_session_is_due(&session, T0));
	cr_expect_eq(bfd_session_finding(&session), BFD_FINDING_NONE);
	packet = sent(T0, false);
	cr_expect_eq(packet.state, BFD_DOWN);
	cr_expect_eq(packet.yours, 0);
	cr_expect_eq(packet.min_tx, USEC_PER_SEC);
	cr_expect_eq(packet.min_rx, 50 * MS);
	cr_expect_eq(packet.multiplier, 5);
	cr_expect_eq(session.next, T0 + USEC_PER_SEC * 3 / 4);

	cr_expect_eq(hear(BFD_DOWN, 0, T0 + MS), BFD_WANT_PACKET);
	cr_expect_eq(session.state, BFD_INIT);
	packet = sent(T0 + MS, false);
	cr_expect_eq(packet.yours, THEIRS);
	cr_expect_eq(hear(BFD_UP, MINE, T0 + 2 * MS),
		     BFD_WANT_PACKET | BFD_WANT_REPORT);
	cr_expect_eq(bfd_session_finding(&session), BFD_FINDING_UP);
	packet = sent(T0 + 2 * MS, false);
	cr_expect_eq(packet.min_tx, 40 * MS);
	cr_expect(packet.poll);
	/* The larger of our wish and the neighbour's limit, less a quarter. */
	cr_expect_eq(session.next, T0 + 77 * MS);
	cr_expect_eq(bfd_session_detection(&session), 300 * MS);
}

Test(bfd_session, silence_takes_it_down_at_the_detection_time)
{
	begin_up();
	hear(BFD_UP, MINE, T0 + 50 * MS);
	cr_expect_eq(bfd_session_expire(&session, T0 + 350 * MS - 1), 0);
	cr_expect_eq(session.state, BFD_UP);
	cr_expect_leq(bfd_session_next(&session), T0 + 350 * MS);
	cr_expect_eq(bfd_session_expire(&session, T0 + 350 * MS),
		     BFD_WANT_PACKET | BFD_WANT_REPORT);
	cr_expect_eq(session.state, BFD_DOWN);
	cr_expect_eq(session.diag, BFD_DIAG_EXPIRED);
	cr_expect_eq(bfd_session_finding(&session), BFD_FINDING_DOWN);
	/* The neighbour may have forgotten us as well. */
	cr_expect_eq(sent(T0 + 350 * MS, false).yours, 0);
}

Test(bfd_session, nothing_is_said_before_its_time)
{
	begin();
	cr_expect_eq(bfd_session_expire(&session, T0 + 5 * USEC_PER_SEC - 1),
		     0);
	cr_expect_eq(bfd_session_finding(&session), BFD_FINDING_NONE);
	cr_expect_eq(bfd_session_expire(&session, T0 + 5 * USEC_PER_SEC),
		     BFD_WANT_REPORT);
	cr_expect_eq(bfd_session_finding(&session), BFD_FINDING_DOWN);
}

Test(bfd_session, the_neighbors_operator)
{
	unsigned want;

	begin_up();
	want = hear(BFD_ADMIN_DOWN, MINE, T0 + MS);
	cr_expect_eq(want, BFD_WANT_PACKET | BFD_WANT_REPORT);
	cr_expect_eq(session.diag, BFD_DIAG_NEIGHBOR_DOWN);
	cr_expect_eq(hear(BFD_ADMIN_DOWN, MINE, T0 + 2 * MS), 0);
	/* No longer administratively: that is news, though it is down still. */
	cr_expect(hear(BFD_DOWN, 0, T0 + 3 * MS) & BFD_WANT_REPORT);
}

Test(bfd_session, an_answer_is_owed_in_any_state)
{
	struct bfd_packet poll = packet_of(BFD_DOWN, 0), packet;
	unsigned want;

	begin();
	poll.poll = true;
	poll.min_rx = 0;
	cr_assert_eq(take(poll, T0, &want), BFD_TAKEN);
	cr_expect(want & BFD_WANT_ANSWER);
	packet = sent(T0, true);
	cr_expect(packet.final);
	cr_expect_not(packet.poll);
	/* It wants no other packets. */
	cr_expect_eq(session.next, 0);
	cr_expect_not(bfd_session_packet(&session, false, 0, T0 + MS, &packet));
}

Test(bfd_session, passive)
{
	struct bfd_terms terms = usual;
	struct bfd_packet packet;

	terms.passive = true;
	bfd_session_begin(&session, &terms, MINE, T0);
	cr_expect_not(bfd_session_is_due(&session, T0 + USEC_PER_SEC));
	cr_expect_not(bfd_session_packet(&session, false, 0, T0, &packet));
	hear(BFD_DOWN, 0, T0 + MS);
	cr_expect(bfd_session_is_due(&session, T0 + MS));
	sent(T0 + MS, false);
	/* Silence makes it wait again. */
	bfd_session_expire(&session, T0 + USEC_PER_SEC);
	cr_expect_eq(session.next, 0);
}

Test(bfd_session, a_neighbor_on_demand_gets_no_packets_but_polls)
{
	struct bfd_packet packet = packet_of(BFD_UP, MINE);
	struct bfd_terms terms = usual;
	unsigned want;

	begin_up();
	packet.demand = true;
	cr_assert_eq(take(packet, T0 + MS, &want), BFD_TAKEN);
	cr_expect_eq(session.next, 0);
	terms.min_tx = 30 * MS;
	bfd_session_agree(&session, &terms, T0 + 2 * MS);
	cr_expect(bfd_session_is_due(&session, session.next));
	cr_expect(sent(session.next, false).poll);
}

/* 6.8.3: an interval that surprises the neighbour waits for F. */
Test(bfd_session, other_intervals_are_polled_for)
{
	struct bfd_terms terms = usual;
	struct bfd_packet packet;
	unsigned want;

	begin_up();
	sent(T0 + MS, false);
	terms.min_tx = 400 * MS;
	terms.min_rx = 10 * MS;
	bfd_session_agree(&session, &terms, T0 + 2 * MS);
	packet = sent(T0 + 80 * MS, false);
	cr_expect(packet.poll);
	cr_expect_eq(packet.min_tx, 400 * MS);
	cr_expect_eq(packet.min_rx, 10 * MS);
	cr_expect_eq(session.next, T0 + 155 * MS, "by the old interval");
	cr_expect_eq(session.rx, 50 * MS, "we wait by the old one");

	packet = packet_of(BFD_UP, MINE);
	packet.final = true;
	cr_assert_eq(take(packet, T0 + 90 * MS, &want), BFD_TAKEN);
	cr_expect_eq(session.rx, 10 * MS);
	packet = sent(T0 + 155 * MS, false);
	cr_expect_not(packet.poll);
	cr_expect_eq(session.next, T0 + 455 * MS);
}

Test(bfd_session, the_same_terms_need_no_poll)
{
	begin_up();
	bfd_session_agree(&session, &usual, T0 + MS);
	cr_expect_not(session.polling);
	cr_expect_eq(session.state, BFD_UP);
}

Test(bfd_session, packets_are_spread)
{
	struct bfd_packet packet;

	begin_up();
	bfd_session_packet(&session, false, 0, T0, &packet);
	cr_expect_eq(session.next, T0 + 75 * MS);
	bfd_session_packet(&session, false, UINT32_MAX, T0, &packet);
	cr_expect_leq(session.next, T0 + 100 * MS);
	cr_expect_gt(session.next, T0 + 99 * MS);
	/* The neighbour waits for one packet: it must not come at the last moment. */
	session.terms.multiplier = 1;
	bfd_session_packet(&session, false, UINT32_MAX, T0, &packet);
	cr_expect_leq(session.next, T0 + 90 * MS);
	/* A packet that is heard meanwhile does not bring the packet forward. */
	hear(BFD_UP, MINE, T0 + MS);
	cr_expect_gt(session.next, T0 + 89 * MS);
}

Test(bfd_session, the_end)
{
	unsigned want;

	begin_up();
	bfd_session_end(&session);
	cr_expect_eq(sent(T0, false).state, BFD_ADMIN_DOWN);
	cr_expect_eq(sent(T0, false).diag, BFD_DIAG_ADMIN_DOWN);
	cr_expect_eq(take(packet_of(BFD_UP, MINE), T0, &want), BFD_DROP_STATE);
}
