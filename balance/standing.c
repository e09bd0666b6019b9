/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the checks of a server to its standing. A server is up if all its checks
 * are; the worst check decides. The order of badness:
 *
 *	down > drain > unknown > held > soft > up
 *
 * "Held" is a check that cannot judge (a wrong password, a blocked checker). If
 * the server was proven (or presumed) before, that judgement stays and the check
 * does not make it worse; only a server that never proved itself is held.
 *
 * A check may be up by presumption: the kernel's table served by it, a reload
 * edited its options, keepalived_compat. Since several servers can share a
 * check, a presumption counts only for the servers for which it was made:
 *
 *	was up		up until the check fails `fall` times
 *	was drained	drained until then, or until it passes `rise` times
 *	was down	down until it passes `rise` times
 *	was at zero	unknown until it passes `rise` times or fails `fall` times
 *	new		unknown until then; up under keepalived_compat, if the
 *			use of the check is not "alpha"
 *
 * A server whose role was never seen may not receive writes: with `role source`
 * no server is up by a presumption, unless the server served under the previous
 * daemon or the check had seen the role before an edit.
 */
#include "balance/balance_internal.h"

bool standing_may_write(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		uint32_t check = use->check;

		if (balance->conf->checks[check].traits.needs_source &&
		    balance->checks[check].role == ROLE_UNKNOWN)
			return false;
	}
	return true;
}

bool server_is_proven(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (conf, use)
		if (balance->checks[use->check].proven)
			return true;
	return false;
}

/*
 * Whether USE's check is up only by a presumption that is not this server's, or
 * has not seen the role of `role source`.
 */
static bool standing_unproven(const struct balance *balance, uint32_t server,
			      const struct conf_use *use)
{
	if (balance->conf->checks[use->check].traits.needs_source &&
	    balance->checks[use->check].role == ROLE_UNKNOWN)
		return true;
	if (!balance->checks[use->check].presumed)
		return false;
	switch ((enum prior)balance->servers[server].prior) {
	case PRIOR_UP:
	case PRIOR_DRAIN:
		return false;
	case PRIOR_DOWN:
	case PRIOR_ZERO:
		return true;
	case PRIOR_NEW:
		break;
	}
	return !balance->conf->global.compat || use->alpha;
}

enum standing standing_of_use(const struct balance *balance, uint32_t server,
			      const struct conf_use *use)
{
	const struct check_state *state = &balance->checks[use->check];
	const struct conf_check *check = &balance->conf->checks[use->check];
	enum health_state health = health_state(&state->health, check->rise);
	enum prior prior = balance->servers[server].prior;

	if (health == HEALTH_DOWN)
		return STANDING_DOWN;
	if (health == HEALTH_UP && !standing_unproven(balance, server, use)) {
		if (state->drain || (state->presumed && prior == PRIOR_DRAIN))
			return STANDING_DRAIN;
		return soft_is_bad(state, check) ? STANDING_SOFT : STANDING_UP;
	}
	if (prior == PRIOR_DOWN)
		return STANDING_DOWN;
	/* A new server that fails its first probe is down: no `fall`. */
	if (health == HEALTH_UP && prior != PRIOR_ZERO && state->proven &&
	    state->goods == 0)
		return STANDING_DOWN;
	if (state->held)
		return STANDING_HELD;
	/* alpha: an unproven server is down, unless found at weight 0. */
	return use->alpha && !balance->servers[server].adopted_zero ?
		       STANDING_DOWN :
		       STANDING_UNKNOWN;
}

static const uint8_t standing_badness[STANDINGS] = {
	[STANDING_UP] = 0,	[STANDING_SOFT] = 1,  [STANDING_HELD] = 2,
	[STANDING_UNKNOWN] = 3, [STANDING_DRAIN] = 4, [STANDING_DOWN] = 5,
	[STANDING_SPARE] = 0, /* none by its checks */
};

bool standing_worse(enum standing a, enum standing b)
{
	return standing_badness[a] > standing_badness[b];
}

enum standing standing_of_server(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	enum standing worst = STANDING_UP;
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		enum standing one = standing_of_use(balance, server, use);

		if (standing_worse(one, worst))
			worst = one;
	}
	return worst;
}

/* keepalived's sum: each check's weight, as a difference to the file's. */
uint32_t standing_share(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	int64_t share = conf->weight;
	const struct conf_use *use;

	if (balance->servers[server].override.kind == OVERRIDE_WEIGHT)
		return balance->servers[server].override.weight;
	balance_for_each_use (conf, use) {
		uint32_t check = use->check;
		const struct conf_traits *traits =
			&balance->conf->checks[check].traits;
		const struct facts *facts =
			check_facts(&balance->checks[check]);

		if (!traits->reports_weight || !(facts->have & FACT_WEIGHT))
			continue;
		if (traits->adds_weight)
			share += (int32_t)facts->weight;
		else
			share += (int64_t)facts->weight - conf->weight;
	}
	if (share < 0)
		return 0;
	return share > INT32_MAX ? INT32_MAX : (uint32_t)share;
}
