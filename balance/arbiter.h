/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice of the serving servers of a pool: see arbiter.c. */
#ifndef EVENKEEL_BALANCE_ARBITER_H
#define EVENKEEL_BALANCE_ARBITER_H

#include "balance/balance.h"

struct choice {
	bool serves; /* the arbiter's choice */
	bool served; /* `serves` when the standing last changed */
	bool next; /* the next `serves`, while the arbiter is choosing */
	usec_t left; /* when the server ceased to serve; 0: never did */
	usec_t relieved; /* when others took its place as last resort; 0: never */
};

/*
 * Whether SERVER served in the kernel's table at the start, and no check has
 * judged it since.
 */
bool server_goes_on(const struct balance *balance, uint32_t server);
/* Choose for VS: sets `choice` of its servers, and the counts of vs_state. */
void arbiter_choose(struct balance *balance, uint32_t vs, usec_t now);

#endif
