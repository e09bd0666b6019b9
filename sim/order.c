/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carry out the scenario's orders at their times. */
#include <stdio.h>

#include "sim/sim_internal.h"

static void order_begin(struct sim *sim, uint32_t server)
{
	struct sim_server *one = &sim->servers[server];

	sim_load_drop(sim, server);
	one->up = true;
	one->hung = false;
	one->warmed = 0;
	one->booted = sim->now;
}

static void order_override(struct sim *sim, uint32_t server,
			   enum balance_override_kind kind)
{
	balance_override(sim->balance, server, kind, 0, sim->now);
	sim->decide = true;
}

static void order_apply(struct sim *sim, const struct sim_order *order,
			uint32_t server)
{
	struct sim_server *one = &sim->servers[server];

	switch (order->verb) {
	case SIM_STOP:
		one->up = false;
		sim_load_drop(sim, server);
		break;
	case SIM_BEGIN:
		order_begin(sim, server);
		break;
	case SIM_HANG:
		one->hung = true;
		break;
	case SIM_RESUME:
		one->hung = false;
		break;
	case SIM_LAG:
		one->lag = order->number;
		one->lag_rate = 0;
		break;
	case SIM_LAG_RISES:
		one->lag_rate = 1;
		break;
	case SIM_LAG_FALLS:
		one->lag_rate = -order->number;
		break;
	case SIM_SOURCE_LOST:
		one->source_lost = true;
		break;
	case SIM_SOURCE_BACK:
		one->source_lost = false;
		break;
	case SIM_ROLE:
		one->role = true;
		break;
	case SIM_FINE:
		one->role = one->source_lost = one->misconfigured = false;
		one->lag = one->lag_rate = 0;
		break;
	case SIM_MISCONFIGURED:
		one->misconfigured = true;
		break;
	case SIM_DRAIN:
		order_override(sim, server, OVERRIDE_DRAIN);
		break;
	case SIM_READY:
		order_override(sim, server, OVERRIDE_NONE);
		break;
	case SIM_DISABLE:
		order_override(sim, server, OVERRIDE_DISABLE);
		break;
	case SIM_DEMAND:
		sim->demand = order->number * sim->script->servers *
			      sim->script->cores / sim->script->service;
		break;
	case SIM_VERBS:
		break;
	}
}

static const char *const verb_texts[SIM_VERBS] = {
	[SIM_STOP] = "stops",
	[SIM_BEGIN] = "starts, cold",
	[SIM_HANG] = "hangs",
	[SIM_RESUME] = "answers again",
	[SIM_LAG] = "lags by",
	[SIM_LAG_RISES] = "falls behind",
	[SIM_LAG_FALLS] = "catches up",
	[SIM_SOURCE_LOST] = "loses its source",
	[SIM_SOURCE_BACK] = "has its source back",
	[SIM_ROLE] = "has the wrong role",
	[SIM_FINE] = "is as it should be",
	[SIM_MISCONFIGURED] = "refuses the check's password",
	[SIM_DRAIN] = "is drained by the operator",
	[SIM_READY] = "is made ready by the operator",
	[SIM_DISABLE] = "is disabled by the operator",
	[SIM_DEMAND] = "demand is",
};

static void order_tell(const struct sim *sim, const struct sim_order *order)
{
	char text[128], who[16] = "every server";

	if (!sim->watcher->event)
		return;
	if (order->server != SIM_ALL)
		snprintf(who, sizeof(who), "s%u", order->server + 1);
	if (order->verb == SIM_DEMAND)
		snprintf(text, sizeof(text), "demand is %g%% of capacity",
			 order->number * 100);
	else if (order->verb == SIM_LAG)
		snprintf(text, sizeof(text), "%s lags by %g s", who,
			 order->number);
	else
		snprintf(text, sizeof(text), "%s %s", who,
			 verb_texts[order->verb]);
	sim->watcher->event(sim->watcher->arg, sim->now - SIM_START, text);
}

void sim_order_step(struct sim *sim)
{
	const struct sim_script *script = sim->script;
	uint32_t i;

	for (; sim->next_order < script->nr_orders &&
	       SIM_START + script->orders[sim->next_order].at <= sim->now;
	     sim->next_order++) {
		const struct sim_order *order =
			&script->orders[sim->next_order];

		order_tell(sim, order);
		if (order->server != SIM_ALL || order->verb == SIM_DEMAND) {
			order_apply(sim, order,
				    order->server == SIM_ALL ? 0 :
							       order->server);
			continue;
		}
		for (i = 0; i < script->servers; i++)
			order_apply(sim, order, i);
	}
}
