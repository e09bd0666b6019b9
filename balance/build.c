/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the decision to the wanted table: which servers of a virtual server are
 * in it, with which weight, under each of its kernel services.
 *
 *	beside the seat of a writer	not in (writers.c)
 *	waits for a failback, on_leave cut	not in (failback.c)
 *	drained, disabled by operator	in, weight 0; out (override.c)
 *	serves				in, with its weight
 *	does not, inhibit_on_failure	in, weight 0
 *	asked for a drain		in, weight 0
 *	ejected for a soft failure	in, weight 0: its connections go on
 *	a backup that is not needed	in, weight 0
 *	not judged yet, and in before	in, weight 0 (its connections may live)
 *	not in the file any more	in, weight 0 (leaving.c)
 *	failed, on_leave keep		in, weight 0, for a while
 *	was the last resort, not asked since	in, weight 0, for a round
 *	else				not in
 */
#include <string.h>

#include "balance/balance_internal.h"

/* So long a takeover is by reason of the same failure as a server's. */
#define BUILD_EVICT_RESERVE (60 * USEC_PER_SEC)

bool build_is_unjudged(const struct server_state *state)
{
	return state->standing == STANDING_UNKNOWN ||
	       state->standing == STANDING_HELD;
}

/*
 * Whether a server that failed keeps its connections, by `on_leave keep`: until
 * they end, or until drain_timeout is over. Once out, it stays out.
 */
static bool build_keeps(struct balance *balance, uint32_t server, usec_t now)
{
	struct server_state *state = &balance->servers[server];
	const struct conf_server *conf = &balance->conf->servers[server];
	/* A server that was the last resort has left when it was relieved. */
	usec_t left = state->choice.relieved > state->since ?
			      state->choice.relieved :
			      state->since;
	usec_t until = left + conf->drain_timeout;

	if (balance->conf->virtual_servers[conf->vs].on_leave != LEAVE_KEEP ||
	    state->standing != STANDING_DOWN ||
	    state->placement == PLACEMENT_OUT || now >= until)
		return false;
	/* An older count says nothing of the connections that are left. */
	if (state->placement == PLACEMENT_IN)
		state->connections.counted = false;
	if (state->connections.counted && state->connections.active == 0)
		return false;
	balance_wake_at(balance, until);
	return true;
}

/* A probe of CHECK that begins in the worst moment ends so much later. */
static usec_t build_round(const struct conf_check *check)
{
	return check->delay_loop / 20 * 21 + check->timeout;
}

/*
 * Not where old connections could write in two places. A probe that began earlier
 * says nothing of now.
 */
usec_t build_awaited(const struct balance *balance, uint32_t server)
{
	const struct server_state *state = &balance->servers[server];
	const struct conf_server *conf = &balance->conf->servers[server];
	usec_t since = state->choice.relieved, until = 0;
	const struct conf_use *use;

	if (state->standing != STANDING_DOWN || since <= state->since ||
	    state->placement == PLACEMENT_OUT)
		return 0;
	balance_for_each_use (conf, use) {
		const struct check_state *check = &balance->checks[use->check];
		const struct conf_check *how =
			&balance->conf->checks[use->check];

		if (how->traits.needs_source ||
		    (check->failing && check->when - check->duration > since))
			return 0;
		if (since + build_round(how) > until)
			until = since + build_round(how);
	}
	return until;
}

/*
 * Whether the connections of SERVER wait for a probe: to take it out now and in
 * again a moment later would lose packets of theirs.
 */
static bool build_awaits(struct balance *balance, uint32_t server, usec_t now)
{
	usec_t until = build_awaited(balance, server);

	if (now >= until)
		return false;
	balance_wake_at(balance, until);
	if (until > balance->awaits)
		balance->awaits = until;
	return true;
}

bool build_notes(const struct balance *balance, uint32_t server)
{
	const struct server_state *state = &balance->servers[server];

	return state->standing == STANDING_DOWN &&
	       state->placement == PLACEMENT_ZERO &&
	       state->connections.active == 0 &&
	       balance->conf->virtual_servers[balance->conf->servers[server].vs]
			       .on_leave == LEAVE_KEEP;
}

/* Whether SERVER must not be in, or its old connections would go on. */
static bool build_cuts(const struct balance *balance, uint32_t server)
{
	const struct server_state *state = &balance->servers[server];
	const struct conf_virtual_server *vs =
		&balance->conf
			 ->virtual_servers[balance->conf->servers[server].vs];

	return vs->on_leave >= LEAVE_CUT &&
	       (state->standing == STANDING_DOWN || state->seat.barred);
}

static enum placement build_placement(struct balance *balance, uint32_t server,
				      usec_t now)
{
	const struct server_state *state = &balance->servers[server];
	const struct conf_server *conf = &balance->conf->servers[server];
	enum placement placement;

	if (!state->choice.serves && writers_cut(balance, conf->vs))
		return PLACEMENT_OUT;
	if (override_placement(balance, server, now, &placement))
		return placement;

	/* keepalived takes every server out while the sorry server serves. */
	if (state->choice.serves && !balance->services[conf->vs].sorry)
		return PLACEMENT_IN;
	if (build_cuts(balance, server))
		return PLACEMENT_OUT;
	if (conf->inhibit || state->standing == STANDING_DRAIN ||
	    build_keeps(balance, server, now) ||
	    build_awaits(balance, server, now))
		return PLACEMENT_ZERO;
	if (state->standing == STANDING_SOFT)
		return PLACEMENT_ZERO;
	if (state->standing == STANDING_UP && !state->choice.serves)
		return PLACEMENT_ZERO;
	if (state->adopted_zero && build_is_unjudged(state))
		return PLACEMENT_ZERO;
	/* Beside the sorry server: cut no server off before a check judges. */
	if (server_goes_on(balance, server))
		return PLACEMENT_ZERO;
	return PLACEMENT_OUT;
}

uint32_t build_weight(const struct conf_virtual_server *vs, uint32_t weight)
{
	uint64_t scaled = (uint64_t)weight * vs->base_weight;

	return scaled > INT32_MAX ? INT32_MAX : (uint32_t)scaled;
}

/* WEIGHT x PART of SHARE_FULL, rounded. */
static uint64_t build_part(uint64_t weight, uint32_t part)
{
	return (weight * part + SHARE_FULL / 2) / SHARE_FULL;
}

static uint32_t build_moved_weight(const struct conf_virtual_server *vs,
				   const struct server_state *state)
{
	/* Compute in thousandths, so that three roundings do not add up. */
	uint64_t weight = (uint64_t)build_weight(vs, state->share) * 1000;

	weight = build_part(weight, state->ramp.share);
	weight = build_part(weight, state->latency.factor);
	weight = (build_part(weight, state->saturation.factor) + 500) / 1000;
	if (weight == 0 && state->share > 0)
		return 1;
	return weight > INT32_MAX ? INT32_MAX : (uint32_t)weight;
}

/*
 * A balancer in reserve keeps the wish for a takeover, since the one that had the
 * clients may have died with the server. But after BUILD_EVICT_RESERVE the server
 * may have an honest use of another kind, and new sessions.
 */
static void build_age_wish(const struct balance *balance,
			   struct server_state *state, usec_t now)
{
	if (balance->reserve && state->evict_by == 0)
		state->evict_by = now + BUILD_EVICT_RESERVE;
	if (state->evict_by > 0 && now > state->evict_by)
		state->evict = false;
	if (!balance->reserve || !state->evict)
		state->evict_by = 0;
}

/*
 * Note that the sessions of a server that left are to end, until the checker has
 * done it or the server is in again.
 */
static void build_note_left(struct balance *balance, uint32_t server,
			    enum placement before, usec_t now)
{
	struct server_state *state = &balance->servers[server];
	const struct conf_virtual_server *vs =
		&balance->conf
			 ->virtual_servers[balance->conf->servers[server].vs];

	if (state->placement != PLACEMENT_OUT || vs->on_leave != LEAVE_KILL)
		state->evict = false;
	else if (before != PLACEMENT_OUT && build_cuts(balance, server))
		state->evict = true;
	build_age_wish(balance, state, now);
}

/*
 * Not by a balancer in reserve: its own view must not end sessions that go on by
 * way of the other one.
 */
bool balance_evicts(const struct balance *balance, uint32_t server)
{
	return server < balance->conf->nr_servers && !balance->reserve &&
	       balance->servers[server].evict;
}

static void build_decide_servers(struct balance *balance, uint32_t vs,
				 usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i;

	balance_for_each_server (conf, i) {
		struct server_state *state = &balance->servers[i];
		enum placement before = (enum placement)state->placement;

		if (!build_is_unjudged(state))
			state->adopted_zero = false;
		state->as_sorry = false;
		state->placement = (uint8_t)build_placement(balance, i, now);
		build_note_left(balance, i, before, now);
		state->weight = 0;
		if (state->placement == PLACEMENT_IN)
			state->weight = build_moved_weight(conf, state);
	}
}

static void build_dest(struct table *wanted, const struct service_key *key,
		       const struct endpoint *addr,
		       const struct conf_forward *forward)
{
	struct table_dest *dest = table_add_dest(wanted);

	conf_dest_endpoint(key, addr, forward, &dest->rip);
	dest->forward = forward->method;
	dest->tun_type = forward->tun_type;
	dest->tun_port = forward->tun_port;
	dest->tun_flags = forward->tun_flags;
}

/* The tightest of the file's limit and the server's own counts. */
static void build_threshold(struct table_dest *dest, uint32_t upper,
			    uint32_t lower)
{
	if (upper == 0 || (dest->u_threshold > 0 && dest->u_threshold <= upper))
		return;
	dest->u_threshold = upper;
	dest->l_threshold = lower;
}

static void build_server(const struct balance *balance, uint32_t server,
			 struct table *wanted, const struct service_key *key)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct server_state *state = &balance->servers[server];
	struct table_dest *dest;

	if (state->placement == PLACEMENT_OUT)
		return;
	build_dest(wanted, key, &conf->addr, &conf->forward);
	dest = &wanted->dests[wanted->nr_dests - 1];
	dest->weight = state->weight;
	dest->u_threshold = conf->u_threshold;
	dest->l_threshold = conf->l_threshold;
	dest->ref = server;
	build_threshold(dest, state->threshold.limit,
			state->threshold.limit - state->threshold.limit / 10);
	/* The next client comes in as soon as one has left. */
	build_threshold(dest, state->cold.limit, state->cold.limit);
}

static struct table_dest *build_find_dest(struct table *wanted,
					  const struct endpoint *addr)
{
	const struct table_service *svc =
		&wanted->services[wanted->nr_services - 1];
	size_t i;

	for (i = svc->first_dest; i < svc->first_dest + svc->nr_dests; i++)
		if (endpoint_cmp(&wanted->dests[i].rip, addr) == 0)
			return &wanted->dests[i];
	return NULL;
}

static void build_sorry(struct balance *balance, uint32_t vs,
			struct table *wanted, const struct service_key *key)
{
	const struct conf_sorry *sorry =
		&balance->conf->virtual_servers[vs].sorry;
	bool in = balance->services[vs].sorry;
	struct endpoint addr;
	struct table_dest *dest;
	uint32_t server;

	if (!quorum_has_sorry(balance, vs) || (!in && !sorry->inhibit))
		return;
	conf_dest_endpoint(key, &sorry->addr, &sorry->forward, &addr);
	/* The sorry server can also be a server of the pool. */
	dest = build_find_dest(wanted, &addr);
	if (dest && !in)
		return;
	if (!dest) {
		build_dest(wanted, key, &addr, &sorry->forward);
		dest = &wanted->dests[wanted->nr_dests - 1];
	}
	dest->weight =
		in ? build_weight(&balance->conf->virtual_servers[vs], 1) : 0;
	/* The thresholds belong to the server, not to the sorry server. */
	dest->u_threshold = dest->l_threshold = 0;
	dest->ref = REF_SORRY;
	server = quorum_sorry_as_server(balance, vs);
	if (server != TABLE_NO_REF) {
		balance->servers[server].as_sorry = true;
		balance->servers[server].weight = dest->weight;
	}
}

static void build_leaving(const struct balance *balance, uint32_t vs,
			  struct table *wanted, const struct service_key *key)
{
	size_t i;

	if (writers_cut(balance, vs))
		return;
	for (i = 0; i < balance->nr_leaving; i++) {
		const struct leaving *leaving = &balance->leaving[i];
		struct endpoint addr;

		if (leaving->vs != vs)
			continue;
		conf_dest_endpoint(key, &leaving->addr, &leaving->forward,
				   &addr);
		if (build_find_dest(wanted, &addr))
			continue;
		build_dest(wanted, key, &addr, &leaving->forward);
		wanted->dests[wanted->nr_dests - 1].ref = REF_LEAVING;
	}
}

static uint32_t build_prefix(const struct conf_virtual_server *conf,
			     const struct service_key *key)
{
	uint32_t whole = key->family == AF_INET6 ? 128 : 32;

	return conf->group_prefix_set && conf->prefix <= whole ? conf->prefix :
								 whole;
}

void build_service(struct balance *balance, uint32_t vs, usec_t now,
		   struct table *wanted)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t k, i;

	if (!pause_holds(balance, vs))
		build_decide_servers(balance, vs, now);
	balance->services[vs].built = true;
	for (k = 0; k < conf->nr_keys; k++) {
		struct table_service *svc = table_add_service(wanted);

		svc->key = conf->keys[k];
		memcpy(svc->scheduler, conf->scheduler, sizeof(svc->scheduler));
		memcpy(svc->pe_name, conf->pe_name, sizeof(svc->pe_name));
		svc->flags = conf->flags;
		svc->timeout = conf->persistence;
		svc->prefix = build_prefix(conf, &conf->keys[k]);
		svc->ref = vs;
		svc->exclusive = conf->writers > 0;
		balance_for_each_server (conf, i)
			build_server(balance, i, wanted, &conf->keys[k]);
		build_sorry(balance, vs, wanted, &conf->keys[k]);
		build_leaving(balance, vs, wanted, &conf->keys[k]);
	}
}
