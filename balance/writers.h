/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seats of a pool with `writers N`: see writers.c. */
#ifndef EVENKEEL_BALANCE_WRITERS_H
#define EVENKEEL_BALANCE_WRITERS_H

#include "balance/balance.h"

struct server_state;

/* The better servers first; equal ones go by their terms. */
enum seat_rank {
	SEAT_GOOD,
	SEAT_SOFT,
	SEAT_FAILED, /* for the last resort */
	SEAT_NEVER,
};

struct seat {
	int64_t term; /* when the seat was given last; 0: never */
	uint8_t rank; /* enum seat_rank, as of this decision */
	uint8_t was; /* enum standing, as of the last event */
	bool pending; /* a change is not told yet; `was` is set */
	bool due; /* serves by the failure of a younger term */
	bool fell; /* failback.c: served and failed, without a term for it */
	bool fell_told; /* the same, as of the last decision */
	bool barred; /* the arbiter must pass the server over */
	bool spare; /* could serve, and is barred */
};

/* Whether VS holds servers back, and a server that is up may be spare. */
bool writers_hold_back(const struct conf_virtual_server *vs);
/* How well SERVER could serve, now. */
enum seat_rank writers_rank(struct balance *balance, uint32_t vs,
			    uint32_t server, usec_t now);
/* Bar the servers of VS beyond its seats; before the arbiter takes any. */
void writers_admit(struct balance *balance, uint32_t vs, usec_t now);
/* Give terms, and tell changes, by what the arbiter has taken. */
void writers_settle(struct balance *balance, uint32_t vs, bool last_resort);
/* Whether VS is served, so that a server beside must keep no connection. */
bool writers_cut(const struct balance *balance, uint32_t vs);
/* SERVER has its term from elsewhere: the pool gives no older one any more. */
void writers_note_term(struct balance *balance, uint32_t server);
/* LEFT was a server of VS before the file was edited. */
struct server_state;
void writers_note_left(struct balance *balance, uint32_t vs,
		       const struct server_state *left);
/* The standing for people: STANDING_SPARE for a spare. */
enum standing writers_shown(const struct balance *balance, uint32_t server);
/* The same, as of the last event. */
enum standing writers_told(const struct balance *balance, uint32_t server);

#endif
