/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headroom: will the rest accept the connections if some servers die?
 *
 * The connections of all (Threads_connected now, Max_used_connections at the
 * worst) are spread over the survivors by weight, and each must have room for
 * its part below max_connections less the reserve. The dead are taken to be the
 * heaviest: the worst case. Computed for k = 0, 1, ... by bisection, since who
 * survives k + 1 survives k.
 */
#include <stdlib.h>

#include "balance/internal.h"

/* What is over again only with so much to spare, in percent. */
#define HEADROOM_SPARE 5
#define HEADROOM_BACK 10

struct load {
	const struct balance *balance;
	const struct candidate *byweight; /* ascending; key is the weight */
	uint32_t count;
	uint32_t reserve;
	uint64_t total; /* connections to be spread */
};

const struct facts *headroom_facts(const struct balance *balance,
				   uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	uint32_t i;

	for (i = 0; i < conf->nr_uses; i++) {
		const struct facts *facts =
			&balance->checks[conf->uses[i].check].facts;

		if ((facts->have & FACT_MAX_CONNECTIONS) &&
		    (facts->have & FACT_THREADS_CONNECTED) &&
		    facts->max_connections > 0)
			return facts;
	}
	return NULL;
}

static uint32_t headroom_room(const struct facts *facts, uint32_t reserve)
{
	return facts->max_connections > reserve ?
		       facts->max_connections - reserve :
		       0;
}

/* The part of the survivor at AT if all but the LEFT lightest are dead. */
static uint64_t load_part(const struct load *load, uint32_t at, uint32_t left,
			  uint64_t lightest)
{
	uint64_t own = load->byweight[at].key;

	/* A heavier one survives instead of the heaviest of the light ones. */
	if (at >= left)
		lightest += own - load->byweight[left - 1].key;
	return lightest ? (load->total * own + lightest - 1) / lightest : 0;
}

/*
 * Whether all fit if DEAD of them are gone; WORST: who is the nearest to its
 * limit then, and NEED: its connections.
 */
static bool load_fits(const struct load *load, uint32_t dead, uint32_t *worst,
		      uint64_t *need)
{
	uint32_t left = load->count - dead, i;
	uint64_t lightest = 0;
	double fullest = -1;
	bool fits = true;

	for (i = 0; i < left; i++)
		lightest += load->byweight[i].key;
	for (i = 0; i < load->count; i++) {
		uint32_t server = load->byweight[i].server;
		const struct facts *facts =
			headroom_facts(load->balance, server);
		uint64_t part = load_part(load, i, left, lightest);
		uint32_t room = headroom_room(facts, load->reserve);
		double full = (double)part / (room ? room : 1);

		fits = fits && part <= room;
		if (full <= fullest)
			continue;
		fullest = full;
		*worst = server;
		*need = part;
	}
	return fits;
}

/* The most that may die; -1: it is too much as it is. */
static int32_t load_survives(const struct load *load)
{
	int32_t low = -1, high = (int32_t)load->count - 1;
	uint32_t worst;
	uint64_t need;

	while (low < high) {
		int32_t middle = low + (high - low + 1) / 2;

		if (load_fits(load, (uint32_t)middle, &worst, &need))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static int candidate_cmp(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->server < y->server ? -1 : x->server > y->server;
}

static void headroom_collect(const struct balance *balance, uint32_t vs,
			     struct balance_headroom *view)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct candidate *sorted = balance->candidates;
	uint32_t i;

	for (i = conf->first_server; i < conf->first_server + conf->nr_servers;
	     i++) {
		const struct facts *facts = headroom_facts(balance, i);

		if (!balance->servers[i].serves ||
		    balance->servers[i].share == 0)
			continue;
		if (!facts) {
			view->unknown++;
			continue;
		}
		sorted[view->servers].key = balance->servers[i].share;
		sorted[view->servers++].server = i;
		view->used += facts->threads_connected;
		view->peak += (facts->have & FACT_MAX_USED) &&
					      facts->max_used >
						      facts->threads_connected ?
				      facts->max_used :
				      facts->threads_connected;
		view->room += headroom_room(facts, conf->headroom.reserve);
	}
	qsort(sorted, view->servers, sizeof(*sorted), candidate_cmp);
}

void balance_view_headroom(const struct balance *balance, uint32_t vs,
			   struct balance_headroom *view)
{
	const struct conf_headroom *conf =
		&balance->conf->virtual_servers[vs].headroom;
	struct load load = { .balance = balance,
			     .byweight = balance->candidates,
			     .reserve = conf->reserve };
	uint32_t target;

	*view = (struct balance_headroom){ .worst = TABLE_NO_REF,
					   .survives = -1,
					   .survives_peak = -1 };
	headroom_collect(balance, vs, view);
	if (view->servers == 0)
		return;
	target = conf->survive.percent ? (uint32_t)((uint64_t)view->servers *
						    conf->survive.value / 100) :
					 conf->survive.value;
	if (target > view->servers - 1)
		target = view->servers - 1;
	view->target = target;
	load.count = view->servers;
	load.total = view->peak;
	view->survives_peak = load_survives(&load);
	load.total = view->used;
	view->survives = load_survives(&load);
	load_fits(&load, target, &view->worst, &view->worst_need);
	view->worst_max = headroom_facts(balance, view->worst)->max_connections;
}

/* Whether the pool would survive its target with SPARE percent more load. */
static bool headroom_is_enough(const struct balance *balance, uint32_t vs,
			       const struct balance_headroom *view,
			       uint32_t spare)
{
	struct load load = {
		.balance = balance,
		.byweight = balance->candidates,
		.count = view->servers,
		.reserve = balance->conf->virtual_servers[vs].headroom.reserve,
		.total = view->used * (100 + spare) / 100,
	};
	uint32_t worst;
	uint64_t need;

	return load_fits(&load, view->target, &worst, &need);
}

static void headroom_watch_pool(struct balance *balance, uint32_t vs)
{
	struct vs_state *state = &balance->services[vs];
	struct balance_headroom view;

	balance_view_headroom(balance, vs, &view);
	if (view.servers == 0)
		return;
	if (!state->tight && !headroom_is_enough(balance, vs, &view, 0)) {
		state->tight = true;
		balance_add_notice(balance, NOTICE_POOL_TIGHT, vs,
				   TABLE_NO_REF);
	} else if (state->tight &&
		   headroom_is_enough(balance, vs, &view, HEADROOM_SPARE)) {
		state->tight = false;
		balance_add_notice(balance, NOTICE_POOL_ROOMY, vs,
				   TABLE_NO_REF);
	}
}

static void headroom_watch_server(struct balance *balance, uint32_t vs,
				  uint32_t server)
{
	const struct conf_headroom *conf =
		&balance->conf->virtual_servers[vs].headroom;
	struct server_state *state = &balance->servers[server];
	const struct facts *facts = headroom_facts(balance, server);
	uint64_t used, high, back;

	if (!facts)
		return;
	used = (uint64_t)facts->threads_connected * 100;
	high = (uint64_t)facts->max_connections * conf->high;
	back = conf->high > HEADROOM_BACK ?
		       (uint64_t)facts->max_connections *
			       (conf->high - HEADROOM_BACK) :
		       0;
	if (!state->busy && used >= high) {
		state->busy = true;
		balance_add_notice(balance, NOTICE_SERVER_TIGHT, vs, server);
	} else if (state->busy && used < back) {
		state->busy = false;
		balance_add_notice(balance, NOTICE_SERVER_ROOMY, vs, server);
	}
}

void headroom_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	uint32_t i, known = 0;

	if (state->measured && now - state->measured < state->round) {
		balance_wake_at(balance, state->measured + state->round);
		return;
	}
	for (i = conf->first_server; i < conf->first_server + conf->nr_servers;
	     i++) {
		known += headroom_facts(balance, i) != NULL;
		headroom_watch_server(balance, vs, i);
	}
	if (known == 0)
		return;
	state->measured = now;
	balance_wake_at(balance, now + state->round);
	headroom_watch_pool(balance, vs);
	threshold_decide(balance, vs);
}
