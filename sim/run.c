/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run, step by step: orders, load, probes, decision. */
#include <stdio.h>
#include <stdlib.h>

#include "sim/sim_internal.h"

uint64_t sim_failed(const struct sim *sim)
{
	return sim->failed;
}

void sim_sample(const struct sim *sim, uint32_t server,
		struct sim_sample *sample)
{
	const struct sim_server *one = &sim->servers[server];
	struct balance_server_view view;

	balance_view_server(sim->balance, server, &view);
	sample->up = one->up;
	sample->serves = view.serves;
	sample->weight = one->weight;
	sample->connections = one->connections;
	sample->running = one->running_mean;
	sample->warmth = sim_load_warmth(sim, server);
}

static void run_tell(const struct sim *sim, const struct balance_event *event)
{
	char text[512];
	int used = 0;

	switch (event->kind) {
	case EVENT_SERVER_UP:
	case EVENT_SERVER_DOWN:
	case EVENT_SERVER_SPARE:
	case EVENT_SERVER_OTHER:
		used = snprintf(text, sizeof(text),
				"s%u: %s -> %s: ", event->server + 1,
				standing_name(event->before),
				standing_name(event->after));
		break;
	case EVENT_QUORUM_UP:
	case EVENT_QUORUM_DOWN:
	case EVENT_LEVEL:
		used = snprintf(text, sizeof(text), "pool: %s -> %s",
				level_name(event->before),
				level_name(event->after));
		break;
	}
	balance_reason(sim->balance, 0, event->server, sim->now, text + used,
		       sizeof(text) - (size_t)used);
	sim->watcher->event(sim->watcher->arg, sim->now - SIM_START, text);
}

/*
 * Stand in for the kernel: take the wanted weights and thresholds, and count
 * connections.
 */
static void run_program(struct sim *sim)
{
	size_t i;

	for (i = 0; i < sim->script->servers; i++)
		sim->servers[i].weight = sim->servers[i].limit = 0;
	for (i = 0; i < sim->wanted.nr_dests; i++) {
		struct table_dest *dest = &sim->wanted.dests[i];

		if (dest->ref >= sim->script->servers)
			continue;
		sim->servers[dest->ref].weight = dest->weight;
		sim->servers[dest->ref].limit = dest->u_threshold;
		dest->active = sim->servers[dest->ref].connections;
	}
}

static void run_decide(struct sim *sim)
{
	usec_t wake = balance_next_wake(sim->balance);
	struct balance_event event;

	if (!sim->decide && (wake == 0 || sim->now < wake))
		return;
	sim->decide = false;
	balance_decide(sim->balance, sim->now, &sim->wanted);
	run_program(sim);
	while (balance_next_event(sim->balance, &event))
		if (sim->watcher->event)
			run_tell(sim, &event);
	if (sim->watcher->decision)
		sim->watcher->decision(sim->watcher->arg, sim, &sim->wanted);
}

static void run_second(struct sim *sim)
{
	uint32_t i;

	if (++sim->steps < USEC_PER_SEC / SIM_STEP)
		return;
	for (i = 0; i < sim->script->servers; i++) {
		sim->servers[i].running_mean =
			sim->servers[i].running_sum / sim->steps;
		sim->servers[i].running_sum = 0;
	}
	sim->steps = 0;
	run_program(sim);
	if (balance_note_connections(sim->balance, &sim->wanted))
		sim->decide = true;
	if (sim->watcher->second)
		sim->watcher->second(sim->watcher->arg, sim);
}

void sim_run(const struct sim_script *script, uint64_t seed,
	     const struct sim_watcher *watcher)
{
	struct sim *sim = xcalloc(1, sizeof(*sim));
	uint32_t i;

	sim->script = script;
	sim->watcher = watcher;
	sim->seed = seed;
	sim->now = SIM_START;
	sim->balance = balance_new(script->conf, SIM_START);
	sim->decide = true;
	sim_load_init(sim);
	/* The first probes all at once, the following ones spread. */
	sim_probe_step(sim);
	for (i = 0; i < script->servers; i++)
		sim->servers[i].probe_at =
			SIM_START + script->conf->checks[0].delay_loop *
					    (i + 1) / script->servers;
	run_decide(sim);
	while (sim->now < SIM_START + script->until) {
		sim->now += SIM_STEP;
		sim_order_step(sim);
		sim_load_step(sim);
		sim_probe_step(sim);
		run_decide(sim);
		run_second(sim);
	}
	balance_free(sim->balance);
	table_free(&sim->wanted);
	free(sim);
}
