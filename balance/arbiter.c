/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arbiter: one authority per pool, which looks at one snapshot of all its
 * servers and says who serves. Single servers never decide for themselves, so
 * the order in which verdicts arrive cannot matter.
 *
 * Who serves, best group first; a later group is used only if every earlier one
 * is empty:
 *	1. servers that are up;
 *	2. servers that answer but could not be judged, since the check itself is
 *	   misconfigured: a wrong password in our file must not empty a pool.
 */
#include "balance/internal.h"

static uint32_t arbiter_take(struct balance *balance,
			     const struct conf_virtual_server *vs,
			     enum standing standing)
{
	uint32_t i, taken = 0;

	for (i = vs->first_server; i < vs->first_server + vs->nr_servers; i++) {
		struct server_state *state = &balance->servers[i];

		if (state->standing != (uint8_t)standing)
			continue;
		state->serves = true;
		taken++;
	}
	return taken;
}

void arbiter_choose(struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	uint32_t i;

	for (i = conf->first_server; i < conf->first_server + conf->nr_servers;
	     i++)
		balance->servers[i].serves = false;
	state->up = arbiter_take(balance, conf, STANDING_UP);
	state->serving = state->up;
	if (state->up == 0)
		state->serving = arbiter_take(balance, conf, STANDING_HELD);
	state->up_weight = 0;
	for (i = conf->first_server; i < conf->first_server + conf->nr_servers;
	     i++)
		if (balance->servers[i].serves)
			state->up_weight += balance->servers[i].share;
}
