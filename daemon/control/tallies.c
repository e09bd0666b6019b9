/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/tallies.h"

#include <stdlib.h>

#include "daemon/control/same_pools.h"
#include "lib/index.h"

struct tallies_check {
	uint32_t results[PROBE_OUTCOMES];
};

struct tallies_server {
	uint32_t transitions[STANDINGS][STANDINGS]; /* from, to */
};

struct tallies {
	uint32_t nr_checks, nr_servers;
	struct tallies_check *checks;
	struct tallies_server *servers;
};

static uint32_t tallies_hash(uint32_t vs, const struct endpoint *addr)
{
	return hash_bytes(addr->addr.bytes, sizeof(addr->addr.bytes)) ^
	       (vs * 0x9e3779b1u + addr->port);
}

/* Of NOW, a server of CONF that was BEFORE. */
static void tallies_inherit_checks(struct tallies *tallies,
				   const struct conf *conf,
				   const struct conf_server *now,
				   const struct conf *old_conf,
				   const struct conf_server *before,
				   const struct tallies *old)
{
	uint32_t i, check, past;

	for (i = 0; i < now->nr_uses && i < before->nr_uses; i++) {
		check = now->uses[i].check;
		past = before->uses[i].check;
		if (conf->checks[check].kind == old_conf->checks[past].kind)
			tallies->checks[check] = old->checks[past];
	}
}

static bool tallies_is_server(const struct conf *conf, uint32_t server,
			      uint32_t vs, const struct endpoint *addr)
{
	return conf->servers[server].vs == vs &&
	       endpoint_cmp(&conf->servers[server].addr, addr) == 0;
}

static void tallies_make_index(struct index *index, const struct conf *conf)
{
	uint32_t i;

	index_reserve(index, conf->nr_servers);
	for (i = 0; i < conf->nr_servers; i++)
		index_put(index,
			  tallies_hash(conf->servers[i].vs,
				       &conf->servers[i].addr),
			  i);
}

/*
 * The server of CONF in VS with ADDR, or INDEX_END. It is mostly LIKELY, and only a
 * search that fails there makes the INDEX, which is empty before.
 */
static uint32_t tallies_find(struct index *index, const struct conf *conf,
			     uint32_t likely, uint32_t vs,
			     const struct endpoint *addr)
{
	struct index_walk walk;
	uint32_t i;

	if (likely < conf->nr_servers &&
	    tallies_is_server(conf, likely, vs, addr))
		return likely;
	if (!index->slots)
		tallies_make_index(index, conf);
	index_for_each (index, tallies_hash(vs, addr), &walk, i)
		if (tallies_is_server(conf, i, vs, addr))
			break;
	return i;
}

static void tallies_inherit(struct tallies *tallies, const struct conf *conf,
			    const struct conf *before,
			    const struct tallies *old)
{
	uint32_t *pools = same_pools(conf, before), i, past, vs, likely = 0;
	struct index index = { 0 };

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *server = &conf->servers[i];

		vs = pools[server->vs];
		if (vs == INDEX_END)
			continue;
		past = tallies_find(&index, before, likely, vs, &server->addr);
		if (past == INDEX_END)
			continue;
		likely = past + 1;
		tallies->servers[i] = old->servers[past];
		tallies_inherit_checks(tallies, conf, server, before,
				       &before->servers[past], old);
	}
	index_free(&index);
	free(pools);
}

struct tallies *tallies_new(const struct conf *conf, const struct conf *before,
			    const struct tallies *old)
{
	struct tallies *tallies = xcalloc(1, sizeof(*tallies));

	tallies->nr_checks = conf->nr_checks;
	tallies->nr_servers = conf->nr_servers;
	tallies->checks = xcalloc(conf->nr_checks, sizeof(*tallies->checks));
	tallies->servers = xcalloc(conf->nr_servers, sizeof(*tallies->servers));
	if (before && old)
		tallies_inherit(tallies, conf, before, old);
	return tallies;
}

void tallies_free(struct tallies *tallies)
{
	if (!tallies)
		return;
	free(tallies->checks);
	free(tallies->servers);
	free(tallies);
}

void tallies_result(struct tallies *tallies, uint32_t check, unsigned outcome)
{
	if (check < tallies->nr_checks && outcome < PROBE_OUTCOMES)
		tallies->checks[check].results[outcome]++;
}

void tallies_transition(struct tallies *tallies,
			const struct balance_event *event)
{
	if (event->server >= tallies->nr_servers ||
	    event->before >= STANDINGS || event->after >= STANDINGS ||
	    event->before == event->after)
		return;
	tallies->servers[event->server]
		.transitions[event->before][event->after]++;
}

uint32_t tallies_results(const struct tallies *tallies, uint32_t check,
			 enum outcome outcome)
{
	return tallies->checks[check].results[outcome];
}

uint32_t tallies_transitions(const struct tallies *tallies, uint32_t server,
			     enum standing from, enum standing to)
{
	return tallies->servers[server].transitions[from][to];
}
