/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writers: a pool with `writers N` has N seats, and only a server on a seat
 * serves. Two databases that both take writes cannot be merged again, so the
 * pool never has more; a server that could serve and finds no seat is a spare.
 *
 * Terms decide about the seats. A term is a number that grows by one with each
 * seat that is given in the pool, so that the youngest term is the last word on
 * who writes. Of the servers that could serve, those with the youngest terms
 * sit:
 *
 *	the writer goes on		its term is the youngest
 *	the writer fails		a spare sits, and gets a younger term
 *	the failed writer returns	its term is older: it is the spare
 *	the second writer fails too	the first sits again, unasked
 *	the operator asks for a server	the server gets the youngest term
 *
 * A server that leaves the file takes its term along, and brings it back when
 * it returns: the pool remembers the youngest term of all, gives none twice,
 * and gives a younger one to those that serve in the place of who left.
 *
 * Terms are all that the choice remembers. Two balancers that know the same
 * terms and see the same servers choose the same; the daemon keeps the terms
 * over a restart and exchanges them with the other balancer (a term that comes
 * from there counts like one given here). A balancer gives terms when a server
 * begins to serve: to each that serves while one with a younger term does not,
 * so that nobody comes back into a seat that is taken. None is given for going
 * on, or two balancers that see different servers would outbid each other for
 * ever. A balancer without clients (the one in reserve of
 * a pair) gives none at all: its own view of the network must not move the
 * writes of the one that has the clients.
 *
 * The order of the servers, best first:
 *
 *	good before soft-failed before failed (failed: the last resort)
 *	the younger term
 *	without any terms: a server that serves now
 *	a primary before a backup
 *	the order of the file
 *
 * A server whose role is not known is no candidate: neither one whose check
 * cannot log in, nor one that keepalived_compat takes for up before its first
 * check. A server whose first check has not ended holds its place in the order
 * for a while without serving; else the first check to end, and not the order,
 * would choose the writer of a pool that starts.
 *
 * A server beside the seats keeps no connection while another server writes,
 * since an old connection writes as well as a new one.
 */
#include "balance/balance_internal.h"

/* How long a server may hold its place before its first check ends. */
#define WRITERS_PATIENCE_ROUNDS 2
#define WRITERS_PATIENCE (5 * USEC_PER_SEC)

bool writers_hold_back(const struct conf_virtual_server *vs)
{
	return vs->writers > 0 || failback_is_manual(vs);
}

static bool writers_may_wait(struct balance *balance, uint32_t vs,
			     uint32_t server, usec_t now)
{
	const struct server_state *state = &balance->servers[server];
	usec_t until = state->since + WRITERS_PATIENCE +
		       WRITERS_PATIENCE_ROUNDS * balance->services[vs].round;

	if (state->share == 0 || now >= until)
		return false;
	balance_wake_at(balance, until);
	return true;
}

enum seat_rank writers_rank(struct balance *balance, uint32_t vs,
			    uint32_t server, usec_t now)
{
	const struct server_state *state = &balance->servers[server];
	const struct choice *choice = &state->choice;

	if (override_takes_out(&state->override))
		return SEAT_NEVER;
	switch ((enum standing)state->standing) {
	case STANDING_UP:
		return SEAT_GOOD;
	case STANDING_SOFT:
		/* An upstream event excuses a writer that goes on, but is no reason for
		 * another server to begin. */
		return choice->serves && correlate_excuses(balance, vs, server,
							   now) ?
			       SEAT_GOOD :
			       SEAT_SOFT;
	case STANDING_UNKNOWN:
		return writers_may_wait(balance, vs, server, now) ? SEAT_GOOD :
								    SEAT_NEVER;
	case STANDING_DOWN:
		return (choice->serves || choice->left != 0) &&
				       standing_may_write(balance, server) ?
			       SEAT_FAILED :
			       SEAT_NEVER;
	case STANDING_HELD:
	case STANDING_DRAIN:
	case STANDING_SPARE:
	case STANDINGS:
		break;
	}
	return SEAT_NEVER;
}

/* A smaller key sits before; where keys are equal, the order of the file. */
#define KEY_RANK_SHIFT 62
#define KEY_TERM_SHIFT 2
#define KEY_TERM_MAX ((INT64_C(1) << (KEY_RANK_SHIFT - KEY_TERM_SHIFT)) - 1)
#define KEY_NEW (1 << 1) /* no terms, and the server does not serve now */
#define KEY_BACKUP (1 << 0)

static uint64_t writers_key(const struct balance *balance, uint32_t server)
{
	const struct server_state *state = &balance->servers[server];
	int64_t term = state->seat.term;
	uint64_t older;

	if (term > KEY_TERM_MAX)
		term = KEY_TERM_MAX;
	older = (uint64_t)(KEY_TERM_MAX - term);
	return (uint64_t)state->seat.rank << KEY_RANK_SHIFT |
	       older << KEY_TERM_SHIFT |
	       (term == 0 && !state->choice.serves ? KEY_NEW : 0) |
	       (balance->conf->servers[server].backup ? KEY_BACKUP : 0);
}

/* Those that may sit, the first one first. */
static uint32_t writers_sort(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct candidate *candidates = balance->candidates;
	uint32_t i, count = 0;

	balance_for_each_server (conf, i) {
		struct seat *seat = &balance->servers[i].seat;

		seat->barred = true;
		seat->rank = (uint8_t)writers_rank(balance, vs, i, now);
		if (seat->rank == SEAT_NEVER)
			continue;
		candidates[count].key = writers_key(balance, i);
		candidates[count++].server = i;
	}
	candidates_sort(candidates, count);
	return count;
}

void writers_admit(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i, count, seats = conf->writers;

	balance->services[vs].waits = false;
	if (conf->writers == 0) {
		balance_for_each_server (conf, i)
			balance->servers[i].seat.barred = false;
		return;
	}
	count = writers_sort(balance, vs, now);
	for (i = 0; i < count && seats > 0; i++) {
		struct server_state *state =
			&balance->servers[balance->candidates[i].server];

		state->seat.barred = false;
		balance->services[vs].waits |= state->standing ==
					       STANDING_UNKNOWN;
		/* A server without weight takes no seat. */
		seats -= state->share > 0;
	}
}

/*
 * The youngest term beside the seats: of the servers that do not serve, those
 * included that have left the file, since they may return.
 */
static int64_t writers_beside(const struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	int64_t beside = balance->services[vs].left_term;
	uint32_t i;

	balance_for_each_server (conf, i) {
		const struct server_state *state = &balance->servers[i];

		if (!state->choice.next && state->seat.term > beside)
			beside = state->seat.term;
	}
	return beside;
}

static void writers_give(struct balance *balance, uint32_t vs, uint32_t server)
{
	struct seat *seat = &balance->servers[server].seat;

	seat->term = ++balance->services[vs].last_term;
	seat->due = false;
	balance->given++;
}

/*
 * Whether a server begins to serve with this decision. To have been the last
 * resort before is not to have served, and to have no weight is not to serve.
 */
static bool writers_begins(const struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i;

	balance_for_each_server (conf, i)
		if (balance->servers[i].choice.next &&
		    balance->servers[i].share > 0 &&
		    (!balance->servers[i].choice.serves ||
		     balance->services[vs].last_resort))
			return true;
	return false;
}

static void writers_settle_terms(struct balance *balance, uint32_t vs,
				 bool last_resort)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	bool begins = writers_begins(balance, vs);
	int64_t beside = writers_beside(balance, vs);
	uint32_t i;

	balance_for_each_server (conf, i) {
		const struct server_state *state = &balance->servers[i];
		struct seat *seat = &balance->servers[i].seat;

		if (!state->choice.next || state->share == 0 || last_resort) {
			seat->due = false;
			continue;
		}
		/* A server that stays gets a younger term as well; else the one
		 * that left would take the seat back when it returns. */
		seat->due |= begins;
		seat->due &= beside > seat->term;
		if (!balance->reserve && (seat->due || seat->term == 0))
			writers_give(balance, vs, i);
	}
}

enum standing writers_shown(const struct balance *balance, uint32_t server)
{
	const struct server_state *state = &balance->servers[server];

	return state->seat.spare && state->standing != STANDING_DOWN ?
		       STANDING_SPARE :
		       (enum standing)state->standing;
}

enum standing writers_told(const struct balance *balance, uint32_t server)
{
	const struct seat *seat = &balance->servers[server].seat;

	return seat->pending ? (enum standing)seat->was :
			       writers_shown(balance, server);
}

/*
 * The scripts are told once of each: serves, spare, down. Who ceased to serve
 * for another reason (an operator, a soft failure) is told of again.
 */
static enum balance_event_kind
writers_event_kind(struct server_state *state, enum standing after, bool serves)
{
	bool up = after == STANDING_UP || after == STANDING_SOFT;

	if (up && serves && state->notified != NOTIFIED_UP) {
		state->notified = NOTIFIED_UP;
		return EVENT_SERVER_UP;
	}
	if (after == STANDING_SPARE && state->notified != NOTIFIED_SPARE) {
		state->notified = NOTIFIED_SPARE;
		return EVENT_SERVER_SPARE;
	}
	if (!serves && state->notified == NOTIFIED_UP)
		state->notified = NOTIFIED_NOTHING;
	return EVENT_SERVER_OTHER;
}

static void writers_tell(struct balance *balance, uint32_t vs, uint32_t server)
{
	struct server_state *state = &balance->servers[server];
	bool good = state->seat.barred && state->seat.rank == SEAT_GOOD &&
		    state->standing != STANDING_UNKNOWN;
	enum standing before = writers_told(balance, server), after;
	enum balance_event_kind kind;

	/* Whether it is a spare one is known when nobody is waited for. */
	if (good && balance->services[vs].waits && !state->seat.spare)
		return;
	state->seat.spare = good;
	state->seat.pending = false;
	after = writers_shown(balance, server);
	/* After a reload without the word, a spare is none any more. */
	kind = writers_event_kind(state, after,
				  balance->conf->virtual_servers[vs].writers ?
					  state->choice.next &&
						  state->share > 0 :
					  !state->seat.barred);
	if (after != before || kind != EVENT_SERVER_OTHER)
		balance_add_event(balance, kind, vs, server, (uint8_t)before,
				  (uint8_t)after);
}

void writers_settle(struct balance *balance, uint32_t vs, bool last_resort)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	uint32_t i;

	state->written = false;
	state->spares = 0;
	if (conf->writers)
		writers_settle_terms(balance, vs, last_resort);
	balance_for_each_server (conf, i) {
		const struct server_state *one = &balance->servers[i];

		writers_tell(balance, vs, i);
		state->written |= one->choice.next && one->share > 0 &&
				  !last_resort;
		state->spares += one->seat.spare;
	}
}

bool writers_cut(const struct balance *balance, uint32_t vs)
{
	return balance->conf->virtual_servers[vs].writers > 0 &&
	       balance->services[vs].written;
}

void writers_note_term(struct balance *balance, uint32_t server)
{
	struct vs_state *state =
		&balance->services[balance->conf->servers[server].vs];

	if (balance->servers[server].seat.term > state->last_term)
		state->last_term = balance->servers[server].seat.term;
}

void writers_note_left(struct balance *balance, uint32_t vs,
		       const struct server_state *left)
{
	if (left->seat.term > balance->services[vs].left_term)
		balance->services[vs].left_term = left->seat.term;
}

void balance_seat(struct balance *balance, uint32_t server, int64_t term)
{
	struct seat *seat;

	balance_tell(balance, .kind = INPUT_SEAT, .server = server,
		     .term = term);
	if (server >= balance->conf->nr_servers)
		return;
	seat = &balance->servers[server].seat;
	if (term > seat->term) {
		seat->term = term;
		seat->fell = false;
	}
	writers_note_term(balance, server);
}

uint64_t balance_terms_given(const struct balance *balance)
{
	return balance->given;
}

void balance_fell(struct balance *balance, uint32_t server)
{
	balance_tell(balance, .kind = INPUT_FELL, .server = server);
	if (server >= balance->conf->nr_servers)
		return;
	balance->servers[server].seat.fell = true;
	balance->servers[server].seat.fell_told = true;
}

uint64_t balance_falls(const struct balance *balance)
{
	return balance->falls;
}

void balance_seat_left(struct balance *balance, uint32_t vs, int64_t term)
{
	struct vs_state *state;

	balance_tell(balance, .kind = INPUT_SEAT_LEFT, .vs = vs, .term = term);
	if (vs >= balance->conf->nr_virtual_servers)
		return;
	state = &balance->services[vs];
	if (term > state->left_term)
		state->left_term = term;
	if (term > state->last_term)
		state->last_term = term;
}

void balance_reserve(struct balance *balance, bool reserve)
{
	balance_tell(balance, .kind = INPUT_RESERVE, .reserve = reserve);
	balance->reserve = reserve;
}

bool balance_failback(struct balance *balance, uint32_t server)
{
	uint32_t vs;

	balance_tell(balance, .kind = INPUT_FAILBACK, .server = server);
	if (server >= balance->conf->nr_servers)
		return false;
	vs = balance->conf->servers[server].vs;
	if (balance->conf->virtual_servers[vs].writers > 0)
		writers_give(balance, vs, server);
	else if (failback_is_manual(&balance->conf->virtual_servers[vs]))
		failback_rejoin(balance, vs, server);
	else
		return false;
	return true;
}
