/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's schedulers, as far as they matter to the decision (after
 * ip_vs_wlc.c, sed, nq, wrr, fo). Any other scheduler chooses at random by
 * weight, as mh, sh and dh do with many clients.
 */
#include <string.h>

#include "sim/sim_internal.h"

/* The server's weight, or 0 if it has as many connections as it may. */
static uint32_t schedule_share(const struct sim_server *server)
{
	return server->limit == 0 || server->connections < server->limit ?
		       server->weight :
		       0;
}

typedef double sched_cost(const struct sim_server *server);

static double schedule_cost_wlc(const struct sim_server *server)
{
	return (double)server->connections / server->weight;
}

static double schedule_cost_lc(const struct sim_server *server)
{
	return server->connections;
}

static double schedule_cost_sed(const struct sim_server *server)
{
	return (server->connections + 1.0) / server->weight;
}

static double schedule_cost_nq(const struct sim_server *server)
{
	return server->connections ? schedule_cost_sed(server) : -1;
}

static double schedule_cost_fo(const struct sim_server *server)
{
	return -(double)server->weight;
}

static const struct {
	const char *name;
	sched_cost *cost;
} schedulers[] = {
	{ "wlc", schedule_cost_wlc }, { "lc", schedule_cost_lc },
	{ "sed", schedule_cost_sed }, { "nq", schedule_cost_nq },
	{ "fo", schedule_cost_fo },
};

static uint32_t sim_cheapest(const struct sim *sim, sched_cost *cost)
{
	uint32_t i, best = SIM_ALL;
	double least = 0;

	for (i = 0; i < sim->script->servers; i++) {
		const struct sim_server *server = &sim->servers[i];
		double one;

		if (schedule_share(server) == 0)
			continue;
		one = cost(server);
		if (best == SIM_ALL || one < least) {
			best = i;
			least = one;
		}
	}
	return best;
}

/*
 * Round robin by credit: a server earns its weight, the richest serves and
 * pays.
 */
static uint32_t sim_robin(struct sim *sim, bool weighted)
{
	struct sim_server *best = NULL;
	int64_t all = 0;
	uint32_t i;

	for (i = 0; i < sim->script->servers; i++) {
		struct sim_server *server = &sim->servers[i];
		uint32_t weight = weighted ? server->weight : 1;

		if (schedule_share(server) == 0)
			continue;
		server->credit += weight;
		all += weight;
		if (!best || server->credit > best->credit)
			best = server;
	}
	if (!best)
		return SIM_ALL;
	best->credit -= all;
	return (uint32_t)(best - sim->servers);
}

static uint32_t sim_random(struct sim *sim)
{
	uint64_t all = 0, pick;
	uint32_t i;

	for (i = 0; i < sim->script->servers; i++)
		all += schedule_share(&sim->servers[i]);
	if (all == 0)
		return SIM_ALL;
	pick = (uint64_t)(sim_uniform(&sim->seed) * (double)all);
	for (i = 0; i + 1 < sim->script->servers; i++) {
		uint32_t share = schedule_share(&sim->servers[i]);

		if (pick < share)
			break;
		pick -= share;
	}
	return i;
}

uint32_t sim_schedule(struct sim *sim)
{
	const char *name = sim->script->conf->virtual_servers[0].scheduler;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(schedulers); i++)
		if (strcmp(name, schedulers[i].name) == 0)
			return sim_cheapest(sim, schedulers[i].cost);
	if (strcmp(name, "wrr") == 0 || strcmp(name, "rr") == 0)
		return sim_robin(sim, name[0] == 'w');
	return sim_random(sim);
}
