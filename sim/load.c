/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Servers and clients. The model only counts running queries: with exponential
 * work and shared cores, the number of queries that end in a short step is a
 * Poisson number around (busy cores) x (step) / (time of a query).
 */
#include "sim/sim_internal.h"

static const double step = (double)SIM_STEP / USEC_PER_SEC;

double sim_load_warmth(const struct sim *sim, uint32_t server)
{
	double warmth = sim->servers[server].warmed / sim->script->warm;

	return warmth < 1 ? warmth : 1;
}

void sim_load_drop(struct sim *sim, uint32_t server)
{
	struct sim_server *one = &sim->servers[server];

	sim->failed += one->running;
	if (sim->script->held)
		sim->reconnect += one->connections;
	one->connections = one->running = 0;
}

static void load_complete(struct sim *sim, uint32_t server)
{
	struct sim_server *one = &sim->servers[server];
	const struct sim_script *script = sim->script;
	double time, busy = one->running < script->cores ? one->running :
							   script->cores;
	uint32_t done;

	if (!one->up || one->hung)
		return;
	time = script->service *
	       (1 + (script->cold - 1) * (1 - sim_load_warmth(sim, server)));
	done = sim_poisson(&sim->seed, busy * step / time);
	if (done > one->running)
		done = one->running;
	one->running -= done;
	one->warmed += done;
	if (!script->held)
		one->connections -= done;
}

/* Connect to the scheduler's choice of server. Returns SIM_ALL on failure. */
static uint32_t load_connect(struct sim *sim)
{
	uint32_t server = sim_schedule(sim);

	if (server == SIM_ALL || !sim->servers[server].up ||
	    sim->servers[server].connections >= sim->script->max_connections) {
		sim->failed++;
		return SIM_ALL;
	}
	sim->servers[server].connections++;
	return server;
}

static void load_short(struct sim *sim)
{
	uint32_t count = sim_poisson(&sim->seed, sim->demand * step);

	while (count--) {
		uint32_t server = load_connect(sim);

		if (server != SIM_ALL)
			sim->servers[server].running++;
	}
}

/* Pools renew their connections, each at its time. */
static void load_renew(struct sim *sim)
{
	uint32_t i, count;

	for (i = 0; i < sim->script->servers; i++) {
		struct sim_server *one = &sim->servers[i];
		uint32_t idle = one->connections - one->running;
		uint32_t ended = sim_poisson(&sim->seed,
					     idle * step / sim->script->life);

		if (ended > idle)
			ended = idle;
		one->connections -= ended;
		sim->reconnect += ended;
	}
	/*
	 * A connection is tried once a step, and after a failure in the next.
	 */
	for (count = sim->reconnect; count > 0; count--)
		if (load_connect(sim) != SIM_ALL)
			sim->reconnect--;
}

/* Queries take idle connections at random. */
static void load_held(struct sim *sim)
{
	uint32_t count =
		sim->waiting + sim_poisson(&sim->seed, sim->demand * step);
	uint32_t idle = 0, i;

	load_renew(sim);
	for (i = 0; i < sim->script->servers; i++)
		idle += sim->servers[i].connections - sim->servers[i].running;
	for (; count > 0 && idle > 0; count--, idle--) {
		uint32_t pick = (uint32_t)(sim_uniform(&sim->seed) * idle);

		for (i = 0; i + 1 < sim->script->servers; i++) {
			uint32_t have = sim->servers[i].connections -
					sim->servers[i].running;

			if (pick < have)
				break;
			pick -= have;
		}
		sim->servers[i].running++;
	}
	sim->waiting = count;
}

void sim_load_init(struct sim *sim)
{
	const struct sim_script *script = sim->script;
	uint32_t i;

	sim->demand = script->demand * script->servers * script->cores /
		      script->service;
	sim->reconnect = script->held ? script->clients : 0;
	for (i = 0; i < script->servers; i++) {
		sim->servers[i].up = true;
		sim->servers[i].warmed = script->warm;
		/* Servers have been running for a day. */
		sim->servers[i].booted = SIM_START - 86400 * USEC_PER_SEC;
	}
}

void sim_load_step(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->script->servers; i++) {
		struct sim_server *one = &sim->servers[i];

		load_complete(sim, i);
		one->lag += one->lag_rate * step;
		if (one->lag < 0)
			one->lag = one->lag_rate = 0;
	}
	if (sim->script->held)
		load_held(sim);
	else
		load_short(sim);
	for (i = 0; i < sim->script->servers; i++)
		sim->servers[i].running_sum += sim->servers[i].running;
}
