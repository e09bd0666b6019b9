/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `lvs_sched fastest`: the weight follows the response time, carefully. The
 * measurement is the probe's own time (a balancer at layer 4 sees no query),
 * two seconds old: strong reactions would move the clients in herds. So the
 * range is bounded, steps are small and small differences are ignored.
 *
 *	wanted = median of the pool / own average, within `range`
 *	the factor moves if wanted differs by more than `dead_band`, then by `step` a
 *	round until it is there; five samples are needed first
 *
 * The factor stands still while a ramp runs, while the pool is frozen or keeps
 * soft-failed servers, while a server is missing, and for three rounds after a
 * server came or went: response times then reflect the moment, and the load
 * that the others carry for the missing server. A backup, a server of weight 0
 * and a server that the operator took out are not missing.
 */
#include "balance/balance_internal.h"

#define FASTEST_SAMPLES 5
#define FASTEST_CALM_ROUNDS 3

/* The check whose time counts: the server's own before the network's. */
static const struct check_stats *fastest_stats(const struct balance *balance,
					       uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct check_stats *pick = NULL;
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		uint32_t check = use->check;

		if (!pick || balance->conf->checks[check].traits.times_server)
			pick = &balance->checks[check].stats;
	}
	return pick && pick->latencies >= FASTEST_SAMPLES && pick->latency ?
		       pick :
		       NULL;
}

static bool fastest_misses(const struct balance *balance, uint32_t server)
{
	const struct server_state *state = &balance->servers[server];

	return !state->choice.serves && state->share > 0 &&
	       !balance->conf->servers[server].backup &&
	       !override_takes_out(&state->override);
}

static bool fastest_is_calm(const struct balance *balance, uint32_t vs,
			    usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	const struct vs_state *state = &balance->services[vs];
	uint32_t i;

	if (state->ramping || state->freeze.on || state->kept)
		return false;
	balance_for_each_server (conf, i)
		if (fastest_misses(balance, i) ||
		    now - balance->servers[i].since <
			    FASTEST_CALM_ROUNDS * state->round)
			return false;
	return true;
}

static uint32_t fastest_percent(uint32_t value)
{
	return value * (SHARE_FULL / 100);
}

static uint32_t fastest_distance(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

static void fastest_step(const struct conf_fastest *conf,
			 struct server_state *state, uint32_t latency,
			 uint32_t median)
{
	uint64_t wanted = (uint64_t)median * SHARE_FULL / latency;
	uint32_t step = fastest_percent(conf->step), distance;

	if (wanted < fastest_percent(conf->low))
		wanted = fastest_percent(conf->low);
	if (wanted > fastest_percent(conf->high))
		wanted = fastest_percent(conf->high);
	distance = fastest_distance((uint32_t)wanted, state->latency.factor);
	if (distance > fastest_percent(conf->dead_band))
		state->latency.moving = true;
	if (!state->latency.moving)
		return;
	if (distance <= step) {
		state->latency.factor = (uint32_t)wanted;
		state->latency.moving = false;
	} else if (wanted > state->latency.factor) {
		state->latency.factor += step;
	} else {
		state->latency.factor -= step;
	}
}

void fastest_forget(struct latency *latency)
{
	latency->factor = SHARE_FULL;
	latency->moving = false;
}

void fastest_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	bool calm = conf->fastest && fastest_is_calm(balance, vs, now);
	uint32_t i, count = 0, median = 0;

	if (!conf->fastest)
		return;
	if (state->latency.acted && now - state->latency.acted < state->round) {
		balance_wake_at(balance, state->latency.acted + state->round);
		return;
	}
	state->latency.acted = now;
	balance_wake_at(balance, now + state->round);
	balance_for_each_server (conf, i) {
		const struct check_stats *one = fastest_stats(balance, i);

		if (one && balance->servers[i].choice.serves)
			balance->values[count++] = one->latency;
	}
	if (count)
		median = median_of(balance->values, count);
	state->latency.median = median;
	balance_for_each_server (conf, i) {
		struct server_state *server = &balance->servers[i];
		const struct check_stats *one = fastest_stats(balance, i);

		if (!one || one->latencies == server->latency.samples)
			continue;
		/* Samples from a standstill are used up as well. */
		server->latency.samples = one->latencies;
		if (calm && server->choice.serves && count > 1)
			fastest_step(&conf->fastest_response, server,
				     one->latency, median);
	}
}
