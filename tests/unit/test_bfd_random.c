/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two BFD sessions against each other, with a wire that delays, loses and is cut, with
 * other terms and new processes in between: random histories on a clock of their own.
 * A failure prints its seed.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bfd/bfd_session.h"

#define MS USEC_PER_MSEC
#define HISTORIES 300
#define STEPS 40
#define WIRE 64
/* Less than any two packets are apart at the least. */
#define DELAY_MAX (2 * MS)

struct flight {
	usec_t when; /* 0: free */
	unsigned to;
	uint8_t bytes[BFD_PACKET_LENGTH];
};

struct world {
	unsigned seed;
	unsigned random;
	usec_t now;
	struct bfd_session ends[2];
	unsigned downs[2]; /* how often an end left Up */
	uint32_t discriminators;
	unsigned loss; /* per mille */
	struct flight wire[WIRE];
};

static unsigned draw(struct world *world, unsigned below)
{
	world->random = world->random * 1103515245u + 12345u;
	return (world->random >> 8) % below;
}

static struct bfd_terms draw_terms(struct world *world, bool may_wait)
{
	return (struct bfd_terms){
		.min_rx = (50 + draw(world, 400)) * MS,
		.min_tx = (50 + draw(world, 400)) * MS,
		.idle_tx = (1000 + draw(world, 1000)) * MS,
		.multiplier = (uint8_t)(1 + draw(world, 6)),
		.passive = may_wait && draw(world, 3) == 0,
	};
}

static void send_packet(struct world *world, unsigned end, bool final)
{
	struct bfd_session *session = &world->ends[end];
	struct bfd_packet packet;
	unsigned i;

	if (!bfd_session_packet(session, final, draw(world, 1u << 24) << 8,
				world->now, &packet))
		return;
	cr_assert_not(packet.poll && packet.final, "seed %u", world->seed);
	if (draw(world, 1000) < world->loss)
		return;
	for (i = 0; i < WIRE && world->wire[i].when; i++)
		;
	cr_assert_lt(i, WIRE, "seed %u: a storm", world->seed);
	world->wire[i].when = world->now + 1 + draw(world, DELAY_MAX);
	world->wire[i].to = !end;
	bfd_packet_encode(&packet, world->wire[i].bytes);
}

static void act(struct world *world, unsigned end, unsigned want)
{
	if (want & BFD_WANT_ANSWER)
		send_packet(world, end, true);
	else if (want & BFD_WANT_PACKET)
		send_packet(world, end, false);
	if (bfd_session_is_due(&world->ends[end], world->now))
		send_packet(world, end, false);
}

static void judge(struct world *world, unsigned end, enum bfd_state before)
{
	const struct bfd_session *session = &world->ends[end];

	if (before == BFD_UP && session->state != BFD_UP)
		world->downs[end]++;
	if (session->state == BFD_UP)
		cr_assert_lt(world->now,
			     session->heard + bfd_session_detection(session),
			     "seed %u: up without being heard", world->seed);
	cr_assert(bfd_session_next(session) == 0 ||
			  bfd_session_next(session) > world->now,
		  "seed %u: what was due is due still", world->seed);
}

static void deliver(struct world *world, struct flight *flight)
{
	struct bfd_session *session = &world->ends[flight->to];
	enum bfd_state before = session->state;
	struct bfd_packet packet;
	unsigned want = 0;

	cr_assert_eq(bfd_packet_decode(flight->bytes, sizeof(flight->bytes),
				       &packet),
		     BFD_TAKEN);
	flight->when = 0;
	/* Time comes first, as the process's timers may. */
	act(world, flight->to, bfd_session_expire(session, world->now));
	if (bfd_session_receive(session, &packet, world->now, &want) ==
	    BFD_TAKEN)
		act(world, flight->to, want);
	judge(world, flight->to, before);
}

static void run_until(struct world *world, usec_t end)
{
	struct flight *flight;
	enum bfd_state before;
	usec_t first, next;
	unsigned i;

	for (;;) {
		first = end;
		flight = NULL;
		for (i = 0; i < WIRE; i++)
			if (world->wire[i].when &&
			    world->wire[i].when <= first) {
				flight = &world->wire[i];
				first = flight->when;
			}
		for (i = 0; i < 2; i++) {
			next = bfd_session_next(&world->ends[i]);
			if (next && next < first) {
				first = next;
				flight = NULL;
			}
		}
		world->now = first;
		if (flight) {
			deliver(world, flight);
			continue;
		}
		if (first == end)
			return;
		for (i = 0; i < 2; i++) {
			before = world->ends[i].state;
			act(world, i,
			    bfd_session_expire(&world->ends[i], world->now));
			judge(world, i, before);
		}
	}
}

static void begin(struct world *world, unsigned end)
{
	struct bfd_terms terms =
		draw_terms(world, !world->ends[!end].terms.passive);

	bfd_session_begin(&world->ends[end], &terms, ++world->discriminators,
			  world->now);
}

static void change(struct world *world)
{
	unsigned end = draw(world, 2);
	struct bfd_terms terms;

	switch (draw(world, 6)) {
	case 0:
		world->loss = 1000; /* cut */
		break;
	case 1:
		world->loss = draw(world, 600);
		break;
	case 2:
		begin(world, end); /* a new process */
		break;
	case 3:
		world->loss = 0;
		break;
	default:
		terms = draw_terms(world, false);
		terms.passive = world->ends[end].terms.passive;
		bfd_session_agree(&world->ends[end], &terms, world->now);
		break;
	}
}

/* Without loss both come up, agree, and stay up through each change. */
static void settle(struct world *world)
{
	struct bfd_terms terms;
	unsigned i, end;

	world->loss = 0;
	run_until(world, world->now + 30 * USEC_PER_SEC);
	for (i = 0; i < 2; i++) {
		const struct bfd_session *session = &world->ends[i];

		cr_assert_eq(session->state, BFD_UP, "seed %u", world->seed);
		cr_assert_eq(bfd_session_finding(session), BFD_FINDING_UP);
		cr_assert_not(session->polling, "seed %u", world->seed);
		cr_assert_eq(session->tx, session->terms.min_tx);
		cr_assert_eq(session->rx, session->terms.min_rx);
		cr_assert_eq(session->remote.min_tx,
			     world->ends[!i].terms.min_tx);
		cr_assert_eq(session->remote.discriminator,
			     world->ends[!i].discriminator);
		world->downs[i] = 0;
	}
	for (i = 0; i < 6; i++) {
		end = draw(world, 2);
		terms = draw_terms(world, false);
		terms.passive = world->ends[end].terms.passive;
		bfd_session_agree(&world->ends[end], &terms, world->now);
		run_until(world, world->now + draw(world, 3000) * MS);
	}
	cr_assert_eq(world->downs[0] + world->downs[1], 0,
		     "seed %u: other terms took a session down", world->seed);
}

/* A cut is seen by both within their detection times, and no earlier than that. */
static void cut(struct world *world)
{
	usec_t by[2];
	unsigned i;

	world->loss = 1000;
	run_until(world, world->now + DELAY_MAX + 1);
	for (i = 0; i < 2; i++)
		by[i] = world->ends[i].heard +
			bfd_session_detection(&world->ends[i]);
	for (i = 0; i < 2; i++) {
		unsigned first = by[0] <= by[1] ? i : !i;

		run_until(world, by[first] - 1);
		cr_assert_eq(world->ends[first].state, BFD_UP, "seed %u",
			     world->seed);
		run_until(world, by[first] + 1);
		cr_assert_eq(world->ends[first].state, BFD_DOWN, "seed %u",
			     world->seed);
		cr_assert_eq(world->ends[first].diag, BFD_DIAG_EXPIRED);
	}
}

static void history(unsigned seed)
{
	struct world *world = calloc(1, sizeof(*world));
	unsigned i;

	world->seed = world->random = seed;
	world->now = USEC_PER_SEC;
	begin(world, 0);
	begin(world, 1);
	for (i = 0; i < STEPS; i++) {
		change(world);
		run_until(world, world->now + draw(world, 4000) * MS);
	}
	settle(world);
	cut(world);
	settle(world);
	free(world);
}

Test(bfd_random, two_sessions)
{
	unsigned seed;

	for (seed = 1; seed <= HISTORIES; seed++)
		history(seed);
}
