/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Correlated failure: when a share of the pool turns soft-bad within three
 * rounds, the servers are not the cause. The source died, its heartbeat
 * stopped, a password expired, our own network lags: one event upstream of all
 * servers. No server is ejected for such an event until the cause ends.
 *
 * To tell one bad server from the first of many, a server that turns soft-bad
 * stays in for a round and a half: by then each of its peers has been probed
 * once more.
 *
 *	soft-bad servers of the last three rounds >= correlated_failure
 *	(and at least two)		the pool freezes: these servers, and
 *					any that join them, are excused
 *	fewer than correlated_failure	the freeze ends; servers still bad may
 *					catch up: a replica tries its source
 *					again once a minute only (by default)
 */
#include "balance/balance_internal.h"

#define CORRELATE_ROUNDS 3
#define CORRELATE_CATCH_UP (90 * USEC_PER_SEC)

static usec_t correlate_round(const struct conf *conf, uint32_t vs)
{
	const struct conf_virtual_server *cvs = &conf->virtual_servers[vs];
	usec_t round = USEC_PER_SEC;
	const struct conf_use *use;
	uint32_t s;

	balance_for_each_server (cvs, s) {
		balance_for_each_use (&conf->servers[s], use) {
			const struct conf_check *check =
				&conf->checks[use->check];

			if (check->delay_loop > round)
				round = check->delay_loop;
		}
	}
	return round;
}

void correlate_init(struct balance *balance, uint32_t vs)
{
	balance->services[vs].round = correlate_round(balance->conf, vs);
}

/* Soft-bad servers since SINCE, and the servers that answer at all. */
static void correlate_count(const struct balance *balance, uint32_t vs,
			    usec_t since, uint32_t *bad, uint32_t *all)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i;

	*bad = *all = 0;
	balance_for_each_server (conf, i) {
		const struct server_state *state = &balance->servers[i];

		if (state->standing == STANDING_SOFT) {
			*all += 1;
			*bad += state->since >= since;
		} else if (state->standing == STANDING_UP) {
			*all += 1;
		}
	}
}

void correlate_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	usec_t since = state->freeze.on ? state->freeze.from :
					  now - CORRELATE_ROUNDS * state->round;
	uint32_t bad, all;
	bool many;

	correlate_count(balance, vs, since, &bad, &all);
	many = conf->correlated > 0 && bad >= 2 &&
	       (uint64_t)bad * 100 >= (uint64_t)all * conf->correlated;
	if (many && !state->freeze.on)
		state->freeze.from = since;
	else if (!many && state->freeze.on)
		state->freeze.ended = now;
	state->freeze.on = many;
	state->soft_bad = bad;
}

static usec_t correlate_catch_up(const struct vs_state *state)
{
	usec_t rounds = CORRELATE_ROUNDS * state->round;

	return rounds > CORRELATE_CATCH_UP ? rounds : CORRELATE_CATCH_UP;
}

bool correlate_excuses(struct balance *balance, uint32_t vs, uint32_t server,
		       usec_t now)
{
	const struct vs_state *state = &balance->services[vs];
	const struct server_state *one = &balance->servers[server];
	usec_t until = one->since + state->round * 3 / 2;

	if (balance->conf->virtual_servers[vs].correlated == 0)
		return false;
	if (state->freeze.on && one->since >= state->freeze.from)
		return true;
	/*
	 * A server that was out already is not let in by a delay. The present
	 * `serves` must not count: a decision just made may have kept the
	 * server for min_serving.
	 */
	if (!one->choice.served)
		return false;
	if (state->freeze.ended && one->since >= state->freeze.from &&
	    one->since <= state->freeze.ended)
		until = state->freeze.ended + correlate_catch_up(state);
	if (now >= until)
		return false;
	balance_wake_at(balance, until);
	return true;
}
