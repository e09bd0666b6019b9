/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `failback manual`: a server that served and failed gets no new connections
 * while another one serves, until the operator says `failback`.
 *
 * The terms of writers.c are the memory here too, without its seats: the
 * servers with the youngest term of the pool are admitted, and so is a server
 * without any, which has never failed. When a server that serves goes down, all
 * others that are admitted get one younger term together, and the failed server
 * keeps its older one:
 *
 *	1 and 2 serve		terms 0 0	both admitted
 *	1 fails			terms 1 2	1 got one, to tell it from new ones
 *	1 returns		terms 1 2	1 waits: it is a spare
 *	2 fails			terms 3 2	1 serves, unasked
 *	2 returns		terms 3 2	2 waits
 *	failback 2		terms 3 3	both are admitted
 *
 * A server that waits serves all the same while no admitted one could: a good
 * one in the place of soft-failed ones, and before anything else is tried. So
 * no pool stays on a dead server because of a word that was not said. If that
 * happens, all that serve then get the younger term. While nobody serves there is
 * nobody to get one; that a server fell is then remembered as such, over a restart
 * too (balance_fell()).
 *
 * As with writers, terms are given only when a server fails or begins to serve
 * (or those of the youngest term are not in the file any more), so that two
 * balancers that see different servers do not outbid each other; a balancer in
 * reserve gives none, and forgets the failure of a server that is back. An
 * admitted server that is not judged yet is waited for a while, or the first check
 * to end after a start would decide instead of the terms.
 *
 * Only a hard failure counts. A soft failure, the operator's drain and a server
 * that leaves the file are no reasons to wait afterwards.
 */
#include "balance/balance_internal.h"

bool failback_is_manual(const struct conf_virtual_server *conf)
{
	return conf->failback_manual && conf->writers == 0;
}

static bool failback_is_admitted(const struct balance *balance, uint32_t vs,
				 uint32_t server)
{
	const struct seat *seat = &balance->servers[server].seat;

	return !seat->fell && (seat->term == 0 ||
			       seat->term == balance->services[vs].last_term);
}

/* Whether a check has found SERVER well: after a restart it may be presumed up. */
static bool failback_is_back(const struct balance *balance, uint32_t server)
{
	enum standing standing =
		(enum standing)balance->servers[server].standing;

	return standing != STANDING_DOWN && standing != STANDING_UNKNOWN &&
	       server_is_proven(balance, server);
}

/* The best servers on both sides: those admitted, and those that wait. */
struct failback_best {
	bool good, soft, judged; /* admitted; JUDGED: a good one is up */
	bool good_waits;
};

static void failback_note_best(const struct balance *balance, uint32_t vs,
			       uint32_t server, struct failback_best *best)
{
	const struct server_state *state = &balance->servers[server];
	bool up = state->standing != STANDING_UNKNOWN;

	if (state->share == 0)
		return;
	if (!failback_is_admitted(balance, vs, server)) {
		best->good_waits |= up && state->seat.rank == SEAT_GOOD;
		return;
	}
	best->soft |= state->seat.rank == SEAT_SOFT;
	best->judged |= up && state->seat.rank == SEAT_GOOD;
	/* A new server, without a term, is not waited for. */
	best->good |= (up || state->seat.term > 0) &&
		      state->seat.rank == SEAT_GOOD;
}

void failback_admit(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct failback_best best = { 0 };
	uint32_t i;

	if (!failback_is_manual(conf)) {
		balance_for_each_server (conf, i)
			balance->servers[i].seat.fell = false;
		return;
	}
	balance_for_each_server (conf, i) {
		struct server_state *state = &balance->servers[i];

		if (balance->reserve && failback_is_back(balance, i))
			state->seat.fell = false;
		state->seat.rank = (uint8_t)writers_rank(balance, vs, i, now);
		failback_note_best(balance, vs, i, &best);
	}
	balance->services[vs].waits = best.good && !best.judged;
	balance_for_each_server (conf, i)
		balance->servers[i].seat.barred =
			!failback_is_admitted(balance, vs, i) &&
			(best.good || (best.soft && !best.good_waits));
}

/*
 * Whether SERVER serves by this decision, and not as the last resort. A server that
 * fell and is found in the kernel's table by a restarted daemon does not, until a
 * check has found it well.
 */
static bool failback_serves(const struct balance *balance, uint32_t server)
{
	const struct server_state *state = &balance->servers[server];

	return state->choice.next && state->share > 0 &&
	       (!state->seat.fell || failback_is_back(balance, server));
}

/*
 * Note failures and beginnings; returns whether terms are to be given. They are as
 * well when those of the youngest term have left the file, since nothing else
 * tells a restarted daemon, or the other balancer, who waits.
 */
static bool failback_note_changes(struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	int64_t youngest = balance->services[vs].last_term;
	bool resort = balance->services[vs].last_resort, give = false;
	bool left = youngest > 0; /* nobody in the file has the youngest */
	uint32_t i;

	balance_for_each_server (conf, i) {
		struct server_state *state = &balance->servers[i];
		struct seat *seat = &state->seat;
		bool served = state->choice.serves && !resort;

		left &= seat->term != youngest;

		if (state->standing == STANDING_DOWN)
			seat->fell |= served;
		/* An older term says as much. */
		if (seat->term > 0 && seat->term < youngest)
			seat->fell = false;
		give |= seat->fell;
		if (!failback_serves(balance, i) ||
		    failback_is_admitted(balance, vs, i))
			seat->due = false;
		else if (!served)
			seat->due = true;
		give |= seat->due;
	}
	return give || left;
}

/* A younger term for all that are admitted or due; a failed server is not. */
static void failback_give(struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *pool = &balance->services[vs];
	int64_t older = pool->last_term > 0 ? pool->last_term : 1;
	uint32_t i;

	balance_for_each_server (conf, i) {
		struct seat *seat = &balance->servers[i].seat;

		if (seat->due ||
		    (seat->term > 0 && failback_is_admitted(balance, vs, i))) {
			seat->term = older + 1;
			seat->fell = false;
		} else if (seat->fell) {
			if (seat->term == 0)
				seat->term = older;
			seat->fell = false;
		}
		seat->due = false;
	}
	pool->last_term = older + 1;
	balance->given++;
}

static void failback_settle_terms(struct balance *balance, uint32_t vs,
				  bool last_resort)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	bool serves = false;
	uint32_t i;

	if (!failback_is_manual(conf) || !failback_note_changes(balance, vs) ||
	    last_resort || balance->reserve)
		return;
	balance_for_each_server (conf, i)
		serves |= failback_serves(balance, i);
	if (!serves)
		return;
	/* Somebody must have the youngest term. */
	balance_for_each_server (conf, i)
		balance->servers[i].seat.due |= failback_serves(balance, i);
	failback_give(balance, vs);
}

/* The state file has to be written: its content has changed. */
static void failback_tell_falls(struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i;

	balance_for_each_server (conf, i) {
		struct seat *seat = &balance->servers[i].seat;

		balance->falls += seat->fell != seat->fell_told;
		seat->fell_told = seat->fell;
	}
}

void failback_settle(struct balance *balance, uint32_t vs, bool last_resort)
{
	failback_settle_terms(balance, vs, last_resort);
	failback_tell_falls(balance, vs);
}

void failback_rejoin(struct balance *balance, uint32_t vs, uint32_t server)
{
	struct seat *seat = &balance->servers[server].seat;

	if (failback_is_admitted(balance, vs, server))
		return;
	if (!seat->fell) {
		seat->term = balance->services[vs].last_term;
		balance->given++;
		return;
	}
	/* The other balancer has seen the failure too, and must hear of this. */
	seat->due = true;
	failback_give(balance, vs);
}

/* The serving servers go on, and a writers' spare one waits. */
void failback_begin(struct balance *balance, uint32_t vs,
		    const struct conf_virtual_server *old)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *pool = &balance->services[vs];
	uint32_t i;

	if (!failback_is_manual(conf) || failback_is_manual(old))
		return;
	balance_for_each_server (conf, i) {
		struct server_state *state = &balance->servers[i];
		bool goes_on =
			state->choice.serves ||
			(old->writers == 0 && state->standing != STANDING_DOWN);

		if (!goes_on || state->seat.term == 0 ||
		    state->seat.term == pool->last_term)
			continue;
		state->seat.term = pool->last_term;
		balance->given++;
	}
}
