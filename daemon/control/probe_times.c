/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/probe_times.h"

#include <stdlib.h>

#include "daemon/control/same_pools.h"
#include "lib/index.h"
#include "lib/log.h"

/* A virtual server has one element of the array of durations for each kind. */
struct probe_times_pool {
	uint32_t first;
	uint32_t kinds; /* a bit for each */
};

/* An element that a check counts in. Positions are 1 higher than the indices. */
struct probe_times_use {
	uint32_t at1;
	uint32_t next1; /* of the same check; 0: no more */
};

struct probe_times {
	uint32_t nr_checks;
	struct probe_times_pool *pools;
	struct durations *durations;
	struct probe_times_use *uses;
	uint32_t *first_use1; /* of each check; 0: none */
};

static uint32_t probe_times_bit(enum check_kind kind)
{
	return UINT32_C(1) << kind;
}

static uint32_t probe_times_at(const struct probe_times_pool *pool,
			       enum check_kind kind)
{
	return pool->first + (uint32_t)__builtin_popcount(
				     pool->kinds & (probe_times_bit(kind) - 1));
}

const struct durations *probe_times_get(const struct probe_times *times,
					uint32_t vs, enum check_kind kind)
{
	const struct probe_times_pool *pool = &times->pools[vs];

	return pool->kinds & probe_times_bit(kind) ?
		       &times->durations[probe_times_at(pool, kind)] :
		       NULL;
}

/* Lay out the elements of each virtual server; returns their number. */
static uint32_t probe_times_lay(struct probe_times *times,
				const struct conf *conf,
				const struct probe_times *old,
				const uint32_t *found)
{
	struct probe_times_pool *pool;
	uint32_t nr = 0, i, k;

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *server = &conf->servers[i];

		pool = &times->pools[server->vs];
		for (k = 0; k < server->nr_uses; k++)
			pool->kinds |= probe_times_bit(
				conf->checks[server->uses[k].check].kind);
	}
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		pool = &times->pools[i];
		pool->first = nr;
		if (found[i] != INDEX_END)
			pool->kinds |= old->pools[found[i]].kinds;
		nr += (uint32_t)__builtin_popcount(pool->kinds);
	}
	return nr;
}

static void probe_times_inherit(struct probe_times *times,
				const struct conf *conf,
				const struct probe_times *old,
				const uint32_t *found)
{
	const struct durations *durations;
	unsigned kind;
	uint32_t i;

	for (i = 0; i < conf->nr_virtual_servers; i++) {
		for (kind = 0; found[i] != INDEX_END && kind < CHECK_KINDS;
		     kind++) {
			durations = probe_times_get(old, found[i],
						    (enum check_kind)kind);
			if (durations)
				times->durations[probe_times_at(
					&times->pools[i],
					(enum check_kind)kind)] = *durations;
		}
	}
}

/* CHECK counts once for a virtual server, however many of its servers use it. */
static void probe_times_use(struct probe_times *times, uint32_t check,
			    uint32_t at, uint32_t *nr)
{
	uint32_t first1 = times->first_use1[check];

	if (first1 > 0 && times->uses[first1 - 1].at1 == at + 1)
		return;
	times->uses[*nr] =
		(struct probe_times_use){ .at1 = at + 1, .next1 = first1 };
	times->first_use1[check] = ++*nr;
}

static void probe_times_link(struct probe_times *times, const struct conf *conf)
{
	uint32_t i, k, nr = 0;

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *server = &conf->servers[i];

		for (k = 0; k < server->nr_uses; k++) {
			uint32_t check = server->uses[k].check;

			probe_times_use(
				times, check,
				probe_times_at(&times->pools[server->vs],
					       conf->checks[check].kind),
				&nr);
		}
	}
}

static size_t probe_times_count_uses(const struct conf *conf)
{
	size_t nr = 0;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++)
		nr += conf->servers[i].nr_uses;
	return nr;
}

struct probe_times *probe_times_new(const struct conf *conf,
				    const struct conf *before,
				    const struct probe_times *old)
{
	struct probe_times *times = xcalloc(1, sizeof(*times));
	uint32_t *found = same_pools(conf, before);
	uint32_t nr;

	times->nr_checks = conf->nr_checks;
	times->pools = xcalloc(conf->nr_virtual_servers, sizeof(*times->pools));
	nr = probe_times_lay(times, conf, old, found);
	times->durations = xcalloc(nr, sizeof(*times->durations));
	times->uses =
		xcalloc(probe_times_count_uses(conf), sizeof(*times->uses));
	times->first_use1 =
		xcalloc(conf->nr_checks, sizeof(*times->first_use1));
	probe_times_inherit(times, conf, old, found);
	probe_times_link(times, conf);
	free(found);
	return times;
}

void probe_times_free(struct probe_times *times)
{
	if (!times)
		return;
	free(times->pools);
	free(times->durations);
	free(times->uses);
	free(times->first_use1);
	free(times);
}

void probe_times_add(struct probe_times *times, uint32_t check, usec_t duration)
{
	uint32_t at1;

	if (check >= times->nr_checks)
		return;
	for (at1 = times->first_use1[check]; at1 > 0;
	     at1 = times->uses[at1 - 1].next1)
		durations_add(&times->durations[times->uses[at1 - 1].at1 - 1],
			      duration);
}
