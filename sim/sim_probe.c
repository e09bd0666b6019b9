/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checker's part: a probe of each server on its timetable. */
#include <stdio.h>

#include "sim/sim_internal.h"

static enum outcome probe_outcome(const struct sim *sim,
				  const struct sim_server *one)
{
	if (!one->up)
		return PROBE_REFUSED;
	if (one->hung)
		return PROBE_HUNG;
	if (one->misconfigured)
		return PROBE_MISCONFIGURED;
	if (one->connections >= sim->script->max_connections)
		return PROBE_SATURATED;
	if (one->source_lost)
		return PROBE_SOURCE_LOST;
	return one->role ? PROBE_ROLE : PROBE_OK;
}

static void probe_facts(const struct sim *sim, const struct sim_server *one,
			struct facts *facts)
{
	*facts = (struct facts){
		.have = FACT_THREADS_RUNNING | FACT_THREADS_CONNECTED |
			FACT_MAX_CONNECTIONS | FACT_UPTIME | FACT_IS_REPLICA,
		.threads_running = one->running,
		.threads_connected = one->connections,
		.max_connections = sim->script->max_connections,
		.uptime = sim->now - one->booted,
		.is_replica = 1,
		.lag = (usec_t)(one->lag * USEC_PER_SEC),
	};
	/*
	 * Whole seconds, as servers report; without a source no lag is known.
	 */
	facts->uptime -= facts->uptime % USEC_PER_SEC;
	if (!one->source_lost)
		facts->have |= FACT_LAG;
}

static void probe_one(struct sim *sim, uint32_t server)
{
	const struct conf *conf = sim->script->conf;
	struct sim_server *one = &sim->servers[server];
	uint32_t check = conf->servers[server].uses[0].check;
	struct verdict verdict = { .check = check, .when = sim->now };
	enum outcome outcome = probe_outcome(sim, one);
	double crowd = (double)one->running / sim->script->cores;
	struct balance_check_view view;

	balance_view_check(sim->balance, check, sim->now, &view);
	verdict.outcome = (uint16_t)outcome;
	verdict.duration = (uint32_t)(800 * (crowd > 1 ? crowd : 1));
	if (outcome_info(outcome)->class != OUTCOME_GOOD)
		verdict.failures = view.failures + 1;
	if (outcome == PROBE_OK || outcome == PROBE_SOURCE_LOST ||
	    outcome == PROBE_ROLE)
		probe_facts(sim, one, &verdict.facts);
	if (balance_verdict(sim->balance, &verdict, sim->now))
		sim->decide = true;
	one->probe_at =
		sim->now + (verdict.failures == 0 ?
				    conf->checks[check].delay_loop :
				    conf->checks[check].delay_before_retry);
}

void sim_probe_step(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->script->servers; i++)
		if (sim->now >= sim->servers[i].probe_at)
			probe_one(sim, i);
}
