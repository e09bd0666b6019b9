/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `cold_pool_limit`: after a power cut all servers are cold at once. Slow start
 * is of no use then, since equal weights share out the same load; all clients
 * connect again in the same second, and every server is buried under queries
 * that its empty cache makes slow. So the kernel is told to let in only a part
 * of the connections, and the part grows as a ramp does:
 *
 *	u = share of max_connections + inactive + stale (as IPVS counts)
 *
 *	share	begins at cold_pool_limit (higher for a server that kept
 *		running), grows to 1 over the time of slow_start while the
 *		queue is sane, holds and shrinks as the ramp would, and has a
 *		floor that is at 1 after ten times the time
 *	stale	active, as IPVS counts while the port refuses: connections to
 *		the process that died, whose end nobody has seen. The last resort
 *		stays in the table, so they do for a quarter of an hour
 *
 * A client beyond that is refused by the kernel at once, and its pool tries
 * again, which costs less than a query that nobody waits for any more.
 *
 * The limit must be there before the first client: while the last resort serves
 * and a server's port refuses, its host is up and its database is not, and it
 * has the limit already. A server that does not answer at all has none: it may
 * be the checker that is blind, and the server full of clients.
 *
 * Only a pool of which every serving server is cold is limited: a warm one would
 * get all that the cold ones refuse. Without max_connections (MYSQL_CHECK) there
 * is no limit, nor without slow_start.
 */
#include "balance/cold.h"

#include "balance/balance_internal.h"

#define COLD_FLOOR_TIMES 10

bool cold_runs(const struct cold *cold)
{
	return cold->share < SHARE_FULL;
}

void cold_forget(struct cold *cold)
{
	*cold = (struct cold){ .share = SHARE_FULL };
}

static const struct conf_virtual_server *
cold_conf(const struct balance *balance, uint32_t server)
{
	const struct conf *conf = balance->conf;

	return &conf->virtual_servers[conf->servers[server].vs];
}

/* Whether SERVER can have a limit at all. */
static bool cold_may(const struct balance *balance, uint32_t server)
{
	return cold_conf(balance, server)->cold_pool_limit > 0 &&
	       balance->conf->servers[server].slow_start->time > 0 &&
	       server_may_saturate(balance->conf, server);
}

static uint32_t cold_from(const struct balance *balance, uint32_t server)
{
	return cold_conf(balance, server)->cold_pool_limit * (SHARE_FULL / 100);
}

void cold_begin(struct balance *balance, uint32_t server, uint32_t ramp)
{
	const struct conf_slow_start *slow =
		balance->conf->servers[server].slow_start;
	struct cold *cold = &balance->servers[server].cold;
	uint32_t from;

	if (!cold_may(balance, server))
		return;
	/* A ramp that begins higher is of a server that kept running. */
	from = cold_from(balance, server);
	if (ramp > slow->from * (SHARE_FULL / 100) && ramp > from)
		from = ramp;
	*cold = (struct cold){ .share = from, .stale = cold->stale };
}

bool cold_adopt(struct balance *balance, uint32_t server,
		const struct table_dest *found)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	struct cold *cold = &balance->servers[server].cold;

	if (!cold_may(balance, server) || found->u_threshold == 0 ||
	    found->u_threshold == conf->u_threshold)
		return false;
	cold->share = cold_from(balance, server);
	cold->limit = found->u_threshold;
	cold->adopted = true;
	return true;
}

/* The first facts say how far the predecessor had come. */
static void cold_judge_adopted(struct balance *balance, uint32_t server,
			       const struct facts *facts, usec_t now)
{
	struct cold *cold = &balance->servers[server].cold;
	uint64_t share =
		(uint64_t)cold->limit * SHARE_FULL / facts->max_connections;

	cold->adopted = false;
	if (share >= SHARE_FULL || !ramp_is_young(balance, server, now))
		cold_forget(cold);
	else if (share > cold->share)
		cold->share = (uint32_t)share;
}

static uint32_t cold_floor(uint32_t from, usec_t age, usec_t whole)
{
	if (age >= whole)
		return SHARE_FULL;
	return from + (uint32_t)((double)(SHARE_FULL - from) * (double)age /
				 (double)whole);
}

static void cold_step(struct balance *balance, uint32_t server, uint32_t queue,
		      usec_t now)
{
	const struct conf_slow_start *slow =
		balance->conf->servers[server].slow_start;
	struct cold *cold = &balance->servers[server].cold;
	uint32_t from = cold_from(balance, server), floor;
	usec_t interval = ramp_interval(slow), dt;
	uint64_t share = cold->share;

	if (cold->since == 0)
		cold->since = cold->stepped = now;
	dt = now - cold->stepped;
	if (dt >= interval) {
		cold->stepped = now;
		/* A late decision must not make it jump. */
		if (dt > 2 * interval)
			dt = 2 * interval;
		cold->gate = (uint8_t)ramp_gate(balance, server, queue);
		if (cold->gate == GATE_OPEN)
			share += (uint64_t)(SHARE_FULL - from) * (uint64_t)dt /
				 (uint64_t)slow->time;
		else if (cold->gate == GATE_CUTS)
			share = share * 7 / 10;
		floor = cold_floor(from, now - cold->since,
				   slow->time * COLD_FLOOR_TIMES);
		if (share < floor)
			share = floor;
		cold->share = share < SHARE_FULL ? (uint32_t)share : SHARE_FULL;
	}
	if (cold_runs(cold))
		balance_wake_at(balance, cold->stepped + interval);
	else
		cold_forget(cold);
}

static void cold_limit(struct balance *balance, uint32_t server,
		       const struct facts *facts)
{
	struct server_state *state = &balance->servers[server];
	uint64_t limit = (uint64_t)facts->max_connections * state->cold.share /
			 SHARE_FULL;

	if (limit == 0)
		limit = 1;
	/* IPVS counts connections that have ended for a while. */
	if (state->connections.counted) {
		if (state->cold.stale > state->connections.active)
			state->cold.stale = state->connections.active;
		limit += state->connections.inactive;
	}
	limit += state->cold.stale;
	state->cold.limit = limit > INT32_MAX ? INT32_MAX : (uint32_t)limit;
}

/* Whether the host of SERVER answers, and its database does not run. */
static bool cold_is_refused(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	if (balance->servers[server].standing != STANDING_DOWN)
		return false;
	balance_for_each_use (conf, use)
		if (balance->checks[use->check].outcome == PROBE_REFUSED)
			return true;
	return false;
}

static void cold_decide_server(struct balance *balance, uint32_t server,
			       uint32_t queue, usec_t now)
{
	struct server_state *state = &balance->servers[server];
	const struct facts *facts = headroom_facts(balance, server);

	/* The server's entry stays, with the dead connections that IPVS counts in it. */
	if (!state->choice.serves && build_awaited(balance, server) > now)
		return;
	/* With a ramp the pool is not cold as a whole, and weights do it. */
	if (!state->choice.serves || !cold_may(balance, server) ||
	    ramp_runs(&state->ramp)) {
		cold_forget(&state->cold);
		return;
	}
	if (cold_is_refused(balance, server)) {
		cold_begin(balance, server, 0);
		state->cold.stale = state->connections.counted ?
					    state->connections.active :
					    0;
	}
	if (!cold_runs(&state->cold) || !facts)
		return;
	/* The kernel forgets a server that leaves the table, and so must we. */
	if (state->placement == PLACEMENT_OUT) {
		state->connections.counted = false;
		state->cold.stale = 0;
	}
	if (state->cold.adopted)
		cold_judge_adopted(balance, server, facts, now);
	if (cold_runs(&state->cold) && (state->standing == STANDING_UP ||
					state->standing == STANDING_SOFT))
		cold_step(balance, server, queue, now);
	if (cold_runs(&state->cold))
		cold_limit(balance, server, facts);
}

void cold_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i, queue;

	if (conf->cold_pool_limit == 0)
		return;
	queue = ramp_limit(balance, conf);
	balance_for_each_server (conf, i)
		cold_decide_server(balance, i, queue, now);
}
