/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `cold_pool_limit`, for the files of this room: see cold.c. */
#ifndef EVENKEEL_BALANCE_COLD_H
#define EVENKEEL_BALANCE_COLD_H

#include <stdbool.h>

#include "balance/balance.h"

struct table_dest;

/* The connections that a server of a cold pool is given. */
struct cold {
	uint32_t share; /* of max_connections; SHARE_FULL: no limit */
	uint32_t limit; /* the upper threshold for it; 0: none */
	uint32_t stale; /* active connections to the process that died */
	bool adopted; /* LIMIT was found in the kernel, and SHARE is a guess */
	uint8_t gate; /* enum gate, at the last step */
	usec_t since; /* when it began to rise; 0: not yet */
	usec_t stepped;
};

/* Whether fewer connections are let in than max_connections allows. */
bool cold_runs(const struct cold *cold);
/* The server is let in whole, without a limit of ours. */
void cold_forget(struct cold *cold);
/*
 * The pool is cold as a whole, and SERVER, whose ramp would be at RAMP (of
 * SHARE_FULL), begins to serve.
 */
void cold_begin(struct balance *balance, uint32_t server, uint32_t ramp);
/*
 * Take FOUND's upper threshold for a limit of a predecessor. Returns false if
 * SERVER cannot have any.
 */
bool cold_adopt(struct balance *balance, uint32_t server,
		const struct table_dest *found);
/* Move the limits of the servers of VS; the ramps have been decided. */
void cold_decide(struct balance *balance, uint32_t vs, usec_t now);

#endif
