/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `headroom { threshold on }`: the kernel's upper thresholds are kept in step
 * with the servers' remaining room, so that the kernel stops in time between
 * two readings:
 *
 *	u = active + inactive (as IPVS counts) +
 *	    max_connections - reserve - Threads_connected
 *
 * The formula covers sessions that bypass the balancer, and the inactive
 * entries that IPVS counts and MySQL does not know. A threshold is set for a
 * server above `high` and taken away 10 points below; a small move is not worth
 * an edit. When nearly all servers are full, all thresholds are lifted: a 1040
 * from MySQL is a clearer answer than a reset from the kernel, and steering all
 * connections to the one server left would overload that server.
 */
#include "balance/balance_internal.h"

#define THRESHOLD_MOVE 32 /* a move of less than 1/32 is none */

static uint32_t threshold_wanted(const struct server_state *state,
				 const struct facts *facts, uint32_t reserve)
{
	uint64_t limit = (uint64_t)state->connections.active +
			 state->connections.inactive;
	uint64_t taken = (uint64_t)facts->threads_connected + reserve;

	if (facts->max_connections > taken)
		limit += facts->max_connections - taken;
	if (limit > INT32_MAX)
		limit = INT32_MAX;
	return limit ? (uint32_t)limit : 1;
}

static bool threshold_moved(uint32_t old, uint32_t new)
{
	uint32_t distance = old > new ? old - new : new - old;

	return old == 0 || distance > old / THRESHOLD_MOVE;
}

/* The number of full servers that serve; ALL: of servers that serve. */
static uint32_t threshold_full(const struct balance *balance, uint32_t vs,
			       uint32_t *all)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i, full = 0;

	*all = 0;
	balance_for_each_server (conf, i) {
		const struct server_state *state = &balance->servers[i];
		const struct facts *facts = headroom_facts(balance, i);

		if (!state->choice.serves || state->share == 0)
			continue;
		*all += 1;
		full += facts && (uint64_t)facts->threads_connected +
						 conf->headroom.reserve >=
					 facts->max_connections;
	}
	return full;
}

void threshold_decide(struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i, all, full;
	bool lift;

	if (!conf->headroom.threshold)
		return;
	full = threshold_full(balance, vs, &all);
	lift = full > 0 && (full + 1 >= all || full * 10 >= all * 9);
	balance_for_each_server (conf, i) {
		struct server_state *state = &balance->servers[i];
		const struct facts *facts = headroom_facts(balance, i);
		uint32_t wanted;

		/*
		 * A limit found in the kernel, or set before an edit, is kept.
		 */
		if (!lift && state->threshold.limit &&
		    (!facts || !state->connections.counted))
			continue;
		if (lift || !facts || !state->connections.counted ||
		    !state->threshold.busy) {
			state->threshold.limit = 0;
			continue;
		}
		wanted = threshold_wanted(state, facts, conf->headroom.reserve);
		if (threshold_moved(state->threshold.limit, wanted))
			state->threshold.limit = wanted;
	}
	balance->services[vs].lifted = lift;
}
