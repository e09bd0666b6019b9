/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Too many connections" (1040): the server serves its connections and has no
 * slot for more. Taking the server out would put its load on its peers, which
 * would run full next; so each such answer takes 30 % of the weight, and each
 * round without one gives 5 % of the full weight back. A tenth is always left.
 */
#include "balance/balance_internal.h"

#define CROWD_LEAST (SHARE_FULL / 10)
#define CROWD_BACK (SHARE_FULL / 20)

static uint32_t crowd_saturations(const struct balance *balance,
				  uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	uint32_t i, sum = 0;

	for (i = 0; i < conf->nr_uses; i++)
		sum += balance->checks[conf->uses[i].check].learned.saturations;
	return sum;
}

void crowd_sync(struct balance *balance, uint32_t server)
{
	balance->servers[server].saturations =
		crowd_saturations(balance, server);
}

/*
 * A weight found below the file's stays until a check's result: the weight may
 * be the share of a full server, or an older file's.
 */
static bool crowd_is_confirmed(const struct balance *balance, uint32_t server)
{
	return crowd_saturations(balance, server) !=
		       balance->servers[server].saturations ||
	       server_is_proven(balance, server);
}

static void crowd_step(struct balance *balance, uint32_t server, usec_t round,
		       usec_t now)
{
	struct server_state *state = &balance->servers[server];
	uint32_t sum = crowd_saturations(balance, server);

	if (state->crowd_adopted && !crowd_is_confirmed(balance, server))
		return;
	if (state->crowd_adopted && sum == state->saturations)
		state->crowd = SHARE_FULL;
	state->crowd_adopted = false;
	if (sum != state->saturations) {
		state->crowd = state->crowd / 10 * 7;
		if (state->crowd < CROWD_LEAST)
			state->crowd = CROWD_LEAST;
		state->crowded = now;
		state->saturations = sum;
	} else if (state->crowd < SHARE_FULL && now - state->crowded >= round) {
		state->crowd += CROWD_BACK;
		if (state->crowd > SHARE_FULL)
			state->crowd = SHARE_FULL;
		state->crowded = now;
	}
	if (state->crowd < SHARE_FULL)
		balance_wake_at(balance, state->crowded + round);
}

void crowd_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i;

	for (i = conf->first_server; i < conf->first_server + conf->nr_servers;
	     i++)
		crowd_step(balance, i, balance->services[vs].round, now);
}
