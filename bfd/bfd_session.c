/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bfd/bfd_session.h"

#include <string.h>

/* RFC 5880, 6.8.3: a session that is not up sends no more often. */
#define BFD_IDLE_LEAST USEC_PER_SEC

static usec_t bfd_larger(usec_t a, usec_t b)
{
	return a > b ? a : b;
}

/* The interval that we want to send at, in the state at hand. */
static usec_t bfd_session_desired(const struct bfd_session *session)
{
	const struct bfd_terms *terms = &session->terms;

	if (session->state == BFD_UP)
		return terms->min_tx;
	return bfd_larger(bfd_larger(terms->idle_tx, terms->min_tx),
			  BFD_IDLE_LEAST);
}

/* The values of RFC 5880, 6.8.1, for a neighbour of whom nothing is known. */
static void bfd_session_forget(struct bfd_session *session)
{
	session->remote = (struct bfd_remote){ .state = BFD_DOWN, .min_rx = 1 };
	session->heard = 0;
}

static void bfd_session_settle(struct bfd_session *session)
{
	session->polling = false;
	session->tx = bfd_session_desired(session);
	session->rx = session->terms.min_rx;
}

static usec_t bfd_session_patience(const struct bfd_session *session)
{
	return session->terms.multiplier * bfd_session_desired(session);
}

void bfd_session_begin(struct bfd_session *session,
		       const struct bfd_terms *terms, uint32_t discriminator,
		       usec_t now)
{
	*session = (struct bfd_session){ .terms = *terms,
					 .discriminator = discriminator,
					 .state = BFD_DOWN };
	bfd_session_forget(session);
	bfd_session_settle(session);
	session->silent_until = now + bfd_session_patience(session);
	session->next = terms->passive ? 0 : now;
}

enum bfd_finding bfd_session_finding(const struct bfd_session *session)
{
	if (session->state == BFD_UP)
		return BFD_FINDING_UP;
	return session->silent_until ? BFD_FINDING_NONE : BFD_FINDING_DOWN;
}

usec_t bfd_session_detection(const struct bfd_session *session)
{
	if (session->heard == 0)
		return 0;
	return session->remote.multiplier *
	       bfd_larger(session->rx, session->remote.min_tx);
}

/* Whether the neighbour is to get packets at intervals: 6.8.7. */
static bool bfd_session_sends(const struct bfd_session *session)
{
	const struct bfd_remote *remote = &session->remote;

	if (session->terms.passive && remote->discriminator == 0)
		return false;
	if (remote->min_rx == 0)
		return false;
	return !remote->demand || session->polling ||
	       session->state != BFD_UP || remote->state != BFD_UP;
}

/* From one packet to the next: 75 to 100 % of the agreed interval, or to 90 %. */
static usec_t bfd_session_interval(const struct bfd_session *session,
				   uint32_t random)
{
	usec_t whole = bfd_larger(session->tx, session->remote.min_rx);
	usec_t most = session->terms.multiplier == 1 ? whole * 9 / 10 : whole;
	usec_t least = whole * 3 / 4;

	return least + (usec_t)((uint64_t)(most - least) * random >> 32);
}

/* The plan after a change: the packet comes as early as the new interval says. */
static void bfd_session_plan(struct bfd_session *session, usec_t now)
{
	usec_t least = session->sent + bfd_session_interval(session, 0);
	usec_t most = session->sent + bfd_session_interval(session, UINT32_MAX);

	if (!bfd_session_sends(session))
		session->next = 0;
	else if (session->next == 0 || session->next > most)
		session->next = bfd_larger(least, now);
}

/*
 * Terms that differ while the session is up are polled for. The old interval of
 * sending counts on if it is shorter, the old one of receiving if it is longer.
 */
void bfd_session_agree(struct bfd_session *session,
		       const struct bfd_terms *terms, usec_t now)
{
	usec_t tx = session->tx, rx = session->rx;
	bool other = session->terms.min_tx != terms->min_tx ||
		     session->terms.min_rx != terms->min_rx;

	session->terms = *terms;
	if (session->state != BFD_UP) {
		bfd_session_settle(session);
	} else if (other) {
		session->polling = true;
		session->tx = terms->min_tx < tx ? terms->min_tx : tx;
		session->rx = bfd_larger(terms->min_rx, rx);
	}
	bfd_session_plan(session, now);
}

/* Enter STATE; returns bits of enum bfd_want. */
static unsigned bfd_session_enter(struct bfd_session *session,
				  enum bfd_state state, enum bfd_diag diag)
{
	enum bfd_state before = session->state;

	session->state = state;
	bfd_session_settle(session);
	if (state == BFD_DOWN)
		session->diag = (uint8_t)diag;
	if (state == BFD_UP) {
		session->diag = BFD_DIAG_NONE;
		session->silent_until = 0;
		/* The interval is another than the one that was said in Init. */
		session->polling = true;
	}
	if (state == BFD_UP || before == BFD_UP)
		return BFD_WANT_PACKET | BFD_WANT_REPORT;
	return BFD_WANT_PACKET;
}

/* RFC 5880, 6.8.6: our state after the neighbour's. */
static unsigned bfd_session_follow(struct bfd_session *session,
				   enum bfd_state said)
{
	switch (session->state) {
	case BFD_DOWN:
		if (said == BFD_DOWN)
			return bfd_session_enter(session, BFD_INIT,
						 BFD_DIAG_NONE);
		if (said == BFD_INIT)
			return bfd_session_enter(session, BFD_UP,
						 BFD_DIAG_NONE);
		return 0;
	case BFD_INIT:
		if (said == BFD_INIT || said == BFD_UP)
			return bfd_session_enter(session, BFD_UP,
						 BFD_DIAG_NONE);
		if (said == BFD_ADMIN_DOWN)
			return bfd_session_enter(session, BFD_DOWN,
						 BFD_DIAG_NEIGHBOR_DOWN);
		return 0;
	case BFD_UP:
		if (said == BFD_DOWN || said == BFD_ADMIN_DOWN)
			return bfd_session_enter(session, BFD_DOWN,
						 BFD_DIAG_NEIGHBOR_DOWN);
		return 0;
	case BFD_ADMIN_DOWN:
		return 0;
	}
	return 0;
}

static enum bfd_drop bfd_session_judge(const struct bfd_session *session,
				       const struct bfd_packet *packet)
{
	if (packet->yours && packet->yours != session->discriminator)
		return BFD_DROP_DISCRIMINATOR;
	if (packet->yours == 0 && packet->state != BFD_DOWN &&
	    packet->state != BFD_ADMIN_DOWN)
		return BFD_DROP_STATE;
	/* A session that is ending takes nothing any more. */
	return session->state == BFD_ADMIN_DOWN ? BFD_DROP_STATE : BFD_TAKEN;
}

static void bfd_session_learn(struct bfd_session *session,
			      const struct bfd_packet *packet)
{
	session->remote = (struct bfd_remote){
		.state = packet->state,
		.diag = packet->diag,
		.multiplier = packet->multiplier,
		.demand = packet->demand,
		.discriminator = packet->mine,
		.min_tx = packet->min_tx,
		.min_rx = packet->min_rx,
	};
}

enum bfd_drop bfd_session_receive(struct bfd_session *session,
				  const struct bfd_packet *packet, usec_t now,
				  unsigned *want)
{
	enum bfd_drop drop = bfd_session_judge(session, packet);
	bool was_ended = session->remote.state == BFD_ADMIN_DOWN;

	*want = 0;
	if (drop != BFD_TAKEN)
		return drop;
	bfd_session_learn(session, packet);
	session->heard = now;
	if (session->polling && packet->final)
		bfd_session_settle(session);
	*want = bfd_session_follow(session, packet->state);
	/* The reason that people read is another. */
	if (was_ended != (packet->state == BFD_ADMIN_DOWN))
		*want |= BFD_WANT_REPORT;
	if (packet->poll)
		*want |= BFD_WANT_ANSWER;
	bfd_session_plan(session, now);
	return BFD_TAKEN;
}

unsigned bfd_session_expire(struct bfd_session *session, usec_t now)
{
	unsigned want = 0;

	if (session->silent_until && now >= session->silent_until) {
		session->silent_until = 0;
		want |= BFD_WANT_REPORT;
	}
	if (session->heard == 0 ||
	    now < session->heard + bfd_session_detection(session))
		return want;
	bfd_session_forget(session);
	if (session->state == BFD_INIT || session->state == BFD_UP)
		want |= bfd_session_enter(session, BFD_DOWN, BFD_DIAG_EXPIRED);
	bfd_session_plan(session, now);
	return want;
}

usec_t bfd_session_next(const struct bfd_session *session)
{
	usec_t dates[] = {
		session->next,
		session->silent_until,
		session->heard ?
			session->heard + bfd_session_detection(session) :
			0,
	};
	usec_t first = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dates); i++)
		if (dates[i] && (first == 0 || dates[i] < first))
			first = dates[i];
	return first;
}

bool bfd_session_is_due(const struct bfd_session *session, usec_t now)
{
	return session->next && now >= session->next;
}

bool bfd_session_packet(struct bfd_session *session, bool final,
			uint32_t random, usec_t now, struct bfd_packet *packet)
{
	bool sends = bfd_session_sends(session);

	if (!sends && !final)
		return false;
	*packet = (struct bfd_packet){
		.state = session->state,
		.diag = session->diag,
		/* A packet has one of the two flags at most. */
		.poll = session->polling && !final,
		.final = final,
		.multiplier = session->terms.multiplier,
		.mine = session->discriminator,
		.yours = session->remote.discriminator,
		.min_tx = (uint32_t)bfd_session_desired(session),
		.min_rx = (uint32_t)session->terms.min_rx,
	};
	/* An answer does not put off the poll of our own. */
	if (final && session->next)
		return true;
	session->sent = now;
	session->next = sends ? now + bfd_session_interval(session, random) : 0;
	return true;
}

void bfd_session_end(struct bfd_session *session)
{
	session->state = BFD_ADMIN_DOWN;
	session->diag = BFD_DIAG_ADMIN_DOWN;
	bfd_session_settle(session);
}
