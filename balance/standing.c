/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the checks of a server to its standing. A server is up if all its checks
 * are; the worst check speaks for it. The order of badness:
 *
 *	down > drain > unknown > held > up
 *
 * "Held" is a check that cannot judge (a wrong password, a blocked checker). If
 * the server was proven (or presumed) before, that judgement stays and the check
 * does not make it worse; only a server that never proved itself is held.
 */
#include "balance/internal.h"

static enum standing standing_of_check(const struct check_state *state,
				       const struct conf_check *check)
{
	switch (health_state(&state->health, check->rise)) {
	case HEALTH_DOWN:
		return STANDING_DOWN;
	case HEALTH_UP:
		return state->drain ? STANDING_DRAIN : STANDING_UP;
	case HEALTH_UNKNOWN:
		return state->held ? STANDING_HELD : STANDING_UNKNOWN;
	}
	return STANDING_UNKNOWN;
}

static const uint8_t standing_badness[STANDINGS] = {
	[STANDING_UP] = 0,    [STANDING_HELD] = 1, [STANDING_UNKNOWN] = 2,
	[STANDING_DRAIN] = 3, [STANDING_DOWN] = 4,
};

enum standing standing_of_server(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	enum standing worst = STANDING_UP;
	uint32_t i;

	for (i = 0; i < conf->nr_uses; i++) {
		uint32_t check = conf->uses[i].check;
		enum standing one = standing_of_check(
			&balance->checks[check], &balance->conf->checks[check]);

		/* alpha: what has not proven itself is down. */
		if (one == STANDING_UNKNOWN && conf->uses[i].alpha)
			one = STANDING_DOWN;
		if (standing_badness[one] > standing_badness[worst])
			worst = one;
	}
	return worst;
}
