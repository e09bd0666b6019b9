/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share and nobody else sees. */
#ifndef EVENKEEL_BALANCE_INTERNAL_H
#define EVENKEEL_BALANCE_INTERNAL_H

#include "balance/balance.h"
#include "balance/health.h"

/*
 * What is remembered of a check: fixed in size, so that a verdict costs no
 * allocation.
 */
struct check_state {
	struct health health;
	bool presumed; /* health is a presumption no row of results has settled */
	bool proven; /* a verdict that says something about the server has come */
	bool held; /* the last verdict was about the check itself, not the server */
	bool drain; /* the last good verdict asked for weight 0 */
	uint16_t outcome;
	uint16_t server_errno;
	uint32_t duration;
	uint32_t failures;
	uint32_t goods; /* verdicts in a row that were good */
	usec_t when;
	struct facts facts; /* of the last verdict that had any */
	char text[VERDICT_TEXT_MAX]; /* of the last verdict */
};

/* Where a server stands in the wanted table. */
enum place {
	PLACE_OUT,
	PLACE_ZERO, /* in, with weight 0 */
	PLACE_IN,
};

/* What a server was when this balance began: see standing.c. */
enum was {
	WAS_NEW,
	WAS_UP,
	WAS_DRAIN,
	WAS_DOWN,
};

/* What the notify scripts have been told last. */
enum told {
	TOLD_NOTHING,
	TOLD_UP,
	TOLD_DOWN,
};

struct server_state {
	uint8_t standing; /* enum standing */
	uint8_t place; /* enum place */
	uint8_t was; /* enum was */
	uint8_t told; /* enum told */
	bool found_zero; /* the kernel had it with weight 0; true until it is known */
	bool serves; /* the arbiter's choice */
	uint32_t share; /* its weight in the file's unit, a script's word included */
	uint32_t weight; /* wanted */
	usec_t since;
};

struct vs_state {
	uint8_t level; /* enum level */
	bool quorum;
	bool quorum_known;
	bool sorry; /* the sorry server is in */
	uint32_t up, serving;
	uint64_t up_weight;
};

struct balance {
	const struct conf *conf;
	struct check_state *checks;
	struct server_state *servers;
	struct vs_state *services;
	struct balance_event *events; /* a queue: [event_first, nr_events) */
	size_t nr_events, event_first, room_events;
};

/* standing.c: from the checks to the server. */
enum standing standing_of_server(const struct balance *balance,
				 uint32_t server);
/* What one of its checks alone says, and which of two is worse. */
enum standing standing_of_use(const struct balance *balance, uint32_t server,
			      const struct conf_use *use);
bool standing_worse(enum standing a, enum standing b);
/* The server's weight in the file's unit, with what a script said of it. */
uint32_t standing_share(const struct balance *balance, uint32_t server);

/* arbiter.c: who of the pool serves; sets server_state.serves and vs counts. */
void arbiter_choose(struct balance *balance, uint32_t vs);

/* quorum.c: whether the quorum stands and whether the sorry server is in. */
void quorum_decide(struct balance *balance, uint32_t vs);

/* build.c: the place and weight of each server, and the table. */
void build_service(struct balance *balance, uint32_t vs, struct table *wanted);

/* balance.c */
void balance_add_event(struct balance *balance, enum balance_event_kind kind,
		       uint32_t vs, uint32_t server, uint8_t before,
		       uint8_t after);

#endif
