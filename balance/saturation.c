/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Too many connections" (1040): the server serves its connections and has no
 * slot for more. Taking the server out would put its load on its peers, which
 * would run full next; so each such answer takes 30 % of the weight, and each
 * round without one gives 5 % of the full weight back. A tenth is always left.
 */
#include "balance/balance_internal.h"

#define SATURATION_LEAST (SHARE_FULL / 10)
#define SATURATION_BACK (SHARE_FULL / 20)

static uint32_t saturation_count(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;
	uint32_t sum = 0;

	balance_for_each_use (conf, use)
		sum += balance->checks[use->check].stats.saturations;
	return sum;
}

void saturation_adopt(struct saturation *saturation, uint32_t share)
{
	saturation->factor = share;
	saturation->adopted = true;
}

void saturation_forget(struct saturation *saturation)
{
	saturation->factor = SHARE_FULL;
}

void saturation_sync(struct balance *balance, uint32_t server)
{
	balance->servers[server].saturation.count =
		saturation_count(balance, server);
}

/*
 * A weight found below the file's stays until a check's result: the weight may
 * be the share of a full server, or an older file's.
 */
static bool saturation_is_confirmed(const struct balance *balance,
				    uint32_t server)
{
	return saturation_count(balance, server) !=
		       balance->servers[server].saturation.count ||
	       server_is_proven(balance, server);
}

static void saturation_step(struct balance *balance, uint32_t server,
			    usec_t round, usec_t now)
{
	struct server_state *state = &balance->servers[server];
	uint32_t sum = saturation_count(balance, server);

	if (state->saturation.adopted &&
	    !saturation_is_confirmed(balance, server))
		return;
	if (state->saturation.adopted && sum == state->saturation.count)
		state->saturation.factor = SHARE_FULL;
	state->saturation.adopted = false;
	if (sum != state->saturation.count) {
		state->saturation.factor = state->saturation.factor / 10 * 7;
		if (state->saturation.factor < SATURATION_LEAST)
			state->saturation.factor = SATURATION_LEAST;
		state->saturation.moved = now;
		state->saturation.count = sum;
	} else if (state->saturation.factor < SHARE_FULL &&
		   now - state->saturation.moved >= round) {
		state->saturation.factor += SATURATION_BACK;
		if (state->saturation.factor > SHARE_FULL)
			state->saturation.factor = SHARE_FULL;
		state->saturation.moved = now;
	}
	if (state->saturation.factor < SHARE_FULL)
		balance_wake_at(balance, state->saturation.moved + round);
}

/* No weight moves: the kernel decides about a server without free slots. */
static void saturation_ignore(struct balance *balance, uint32_t server)
{
	saturation_forget(&balance->servers[server].saturation);
	saturation_sync(balance, server);
	balance->servers[server].saturation.adopted = false;
}

void saturation_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i;

	balance_for_each_server (conf, i) {
		if (conf->steady)
			saturation_ignore(balance, i);
		else
			saturation_step(balance, i, balance->services[vs].round,
					now);
	}
}
