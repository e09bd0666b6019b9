/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quorum and sorry server, with keepalived's arithmetic: the weights (as in the
 * file) of the servers that serve are summed; the quorum is gained at quorum +
 * hysteresis and lost below quorum - hysteresis, or at a sum of 0. With a sorry
 * server, losing the quorum replaces all servers by it. A soft-failed server
 * counts even while ejected: the sorry server must not replace servers that
 * could serve.
 *
 * A starting pool has neither: while servers whose first check has not ended
 * could still make the quorum, no event is sent and no sorry server put in. A
 * pool that is already in the kernel at the start continues from there: see
 * adopt.c.
 *
 * A sorry server that is also a server of the pool obeys the operator's
 * override: if drained or disabled, the pool has no sorry server, and the
 * servers that are up serve.
 */
#include "balance/balance_internal.h"

uint32_t quorum_sorry_as_server(const struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct endpoint sorry, addr;
	uint32_t i;

	if (!addr_is_set(&conf->sorry.addr.addr))
		return TABLE_NO_REF;
	conf_dest_endpoint(&conf->keys[0], &conf->sorry.addr,
			   &conf->sorry.forward, &sorry);
	balance_for_each_server (conf, i) {
		conf_dest_endpoint(&conf->keys[0],
				   &balance->conf->servers[i].addr,
				   &balance->conf->servers[i].forward, &addr);
		if (endpoint_cmp(&addr, &sorry) == 0)
			return i;
	}
	return TABLE_NO_REF;
}

bool quorum_has_sorry(const struct balance *balance, uint32_t vs)
{
	uint32_t server = quorum_sorry_as_server(balance, vs);

	if (server != TABLE_NO_REF)
		return !override_takes_out(&balance->servers[server].override);
	return addr_is_set(&balance->conf->virtual_servers[vs].sorry.addr.addr);
}

static bool quorum_possible(const struct balance *balance, uint32_t vs,
			    uint64_t needed)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint64_t sum = balance->services[vs].up_weight;
	bool unknown = false;
	uint32_t i;

	balance_for_each_server (conf, i) {
		if (balance->servers[i].standing != STANDING_UNKNOWN ||
		    override_takes_out(&balance->servers[i].override))
			continue;
		unknown = true;
		sum += balance->servers[i].share;
	}
	return unknown && sum >= needed;
}

static enum level quorum_level(const struct balance *balance, uint32_t vs,
			       bool pending)
{
	const struct vs_state *state = &balance->services[vs];

	if (pending)
		return LEVEL_STARTING;
	if (state->sorry)
		return LEVEL_SORRY;
	if (state->serving == 0)
		return LEVEL_NOTHING;
	if (state->last_resort)
		return LEVEL_LAST_RESORT;
	if (state->held)
		return LEVEL_UNPROVEN;
	if (state->freeze.on)
		return LEVEL_UPSTREAM;
	return state->kept ? LEVEL_HOLDING : LEVEL_NORMAL;
}

static void quorum_tell(struct balance *balance, uint32_t vs, bool quorum,
			bool known, enum level before)
{
	struct vs_state *state = &balance->services[vs];

	if (known && (!state->quorum_known || quorum != state->quorum)) {
		balance_add_event(balance,
				  quorum ? EVENT_QUORUM_UP : EVENT_QUORUM_DOWN,
				  vs, TABLE_NO_REF, (uint8_t)before,
				  state->level);
		state->quorum_known = true;
	} else if (state->level != (uint8_t)before) {
		balance_add_event(balance, EVENT_LEVEL, vs, TABLE_NO_REF,
				  (uint8_t)before, state->level);
	}
	state->quorum = quorum;
}

void quorum_decide(struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	enum level before = state->level;
	uint64_t gain = (uint64_t)conf->quorum + conf->hysteresis;
	uint64_t keep = conf->quorum > conf->hysteresis ?
				conf->quorum - conf->hysteresis :
				0;
	bool stood = state->quorum ||
		     (state->quorum_found && !state->quorum_known);
	uint64_t needed = stood ? keep : gain;
	/*
	 * A server at 0 at the start may be soft-failed; count it until judged.
	 */
	uint64_t weight = state->up_weight + (stood ? state->unjudged : 0);
	bool quorum = state->up_weight > 0 && weight >= needed;
	bool pending = !quorum && !state->quorum_known &&
		       quorum_possible(balance, vs, needed);

	state->sorry = !quorum && !pending && quorum_has_sorry(balance, vs);
	state->level = (uint8_t)quorum_level(balance, vs,
					     pending && state->serving == 0);
	quorum_tell(balance, vs, quorum, !pending, before);
}
