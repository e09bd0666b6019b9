/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the decision to the wanted table: see build.c. */
#ifndef EVENKEEL_BALANCE_BUILD_H
#define EVENKEEL_BALANCE_BUILD_H

#include "balance/balance.h"

struct server_state;

/* Where a server stands in the wanted table. */
enum placement {
	PLACEMENT_OUT,
	PLACEMENT_ZERO, /* in, with weight 0 */
	PLACEMENT_IN,
};

/* Whether a new count of connections may end the stay of a failed SERVER. */
bool build_notes(const struct balance *balance, uint32_t server);
/*
 * Until when the connections of SERVER, which is down and was the last resort, wait
 * for a probe that has looked since others took its place; 0: they do not.
 */
usec_t build_awaited(const struct balance *balance, uint32_t server);
/* Whether no check has judged the server yet. */
bool build_is_unjudged(const struct server_state *state);
/* WEIGHT of the file in the kernel's unit, at most INT32_MAX. */
uint32_t build_weight(const struct conf_virtual_server *vs, uint32_t weight);
/* Place all servers of VS, and add its services and servers to WANTED. */
void build_service(struct balance *balance, uint32_t vs, usec_t now,
		   struct table *wanted);

#endif
