/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Headroom: can the other servers accept all connections if some servers die?
 *
 * The connections of all servers (Threads_connected now, Max_used_connections
 * at the worst) are spread over the survivors by weight, and each survivor must
 * have room for its part below max_connections less the reserve. In the worst
 * case the heaviest servers die. The number that may die is found by bisection,
 * since a pool that survives k + 1 survives k; a decision looks at the file's k
 * only.
 */
#include "balance/balance_internal.h"

/* Hysteresis: a warning clears only with this much (percent) to spare. */
#define HEADROOM_SPARE 5
#define HEADROOM_BACK 10

struct load {
	const struct balance *balance;
	struct candidate *byweight; /* ascending; key is the weight */
	uint32_t *room; /* of each of them: max_connections - reserve */
	uint32_t count;
	uint64_t total; /* connections to be spread */
};

bool server_may_saturate(const struct conf *conf, uint32_t server)
{
	const struct conf_server *cs = &conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (cs, use)
		if (conf->checks[use->check].traits.counts_connections)
			return true;
	return false;
}

const struct facts *headroom_facts(const struct balance *balance,
				   uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		const struct facts *facts =
			check_facts(&balance->checks[use->check]);

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
static uint64_t headroom_load_part(const struct load *load, uint32_t at,
				   uint32_t left, uint64_t lightest)
{
	uint64_t own = load->byweight[at].key;

	/* A heavier server survives instead of the heaviest light one. */
	if (at >= left)
		lightest += own - load->byweight[left - 1].key;
	return lightest ? (load->total * own + lightest - 1) / lightest : 0;
}

/*
 * Whether all connections fit if DEAD servers are gone; AT: the server then
 * nearest to its limit, NEED: its connections.
 */
static bool headroom_load_fits(const struct load *load, uint32_t dead,
			       uint32_t *at, uint64_t *need)
{
	uint32_t left = load->count - dead, i;
	uint64_t lightest = 0;
	double fullest = -1;
	bool fits = true;

	for (i = 0; i < left; i++)
		lightest += load->byweight[i].key;
	for (i = 0; i < load->count; i++) {
		uint64_t part = headroom_load_part(load, i, left, lightest);
		double full = (double)part / (load->room[i] + 1.0);

		fits = fits && part <= load->room[i];
		if (full <= fullest)
			continue;
		fullest = full;
		*at = i;
		*need = part;
	}
	return fits;
}

/* The most servers that may die; -1: too many connections with none dead. */
static int32_t headroom_load_survives(const struct load *load)
{
	int32_t low = -1, high = (int32_t)load->count - 1;
	uint32_t at;
	uint64_t need;

	while (low < high) {
		int32_t middle = low + (high - low + 1) / 2;

		if (headroom_load_fits(load, (uint32_t)middle, &at, &need))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void headroom_add(const struct balance *balance, uint32_t server,
			 struct balance_headroom *view)
{
	const struct facts *facts = headroom_facts(balance, server);
	uint32_t used;

	if (!facts) {
		view->unknown++;
		return;
	}
	used = facts->threads_connected;
	balance->candidates[view->servers].key = balance->servers[server].share;
	balance->candidates[view->servers++].server = server;
	view->used += used;
	view->peak += (facts->have & FACT_MAX_USED) && facts->max_used > used ?
			      facts->max_used :
			      used;
}

/* Collect serving servers by weight, and fill LOAD and the sums of VIEW. */
static void headroom_collect(const struct balance *balance, uint32_t vs,
			     struct load *load, struct balance_headroom *view)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	const struct conf_share *survive = &conf->headroom.survive;
	uint32_t i;

	*view = (struct balance_headroom){ .worst = TABLE_NO_REF,
					   .survives = -1,
					   .survives_peak = -1 };
	balance_for_each_server (conf, i)
		if (balance->servers[i].choice.serves &&
		    balance->servers[i].share)
			headroom_add(balance, i, view);
	load->byweight = balance->candidates;
	load->room = balance->values;
	load->count = view->servers;
	load->total = view->used;
	candidates_sort(load->byweight, load->count);
	for (i = 0; i < load->count; i++) {
		load->room[i] = headroom_room(
			headroom_facts(balance, load->byweight[i].server),
			conf->headroom.reserve);
		view->room += load->room[i];
	}
	view->target = survive->percent ? (uint32_t)((uint64_t)view->servers *
						     survive->value / 100) :
					  survive->value;
	if (view->servers && view->target > view->servers - 1)
		view->target = view->servers - 1;
}

void balance_view_headroom(const struct balance *balance, uint32_t vs,
			   struct balance_headroom *view)
{
	struct load load;
	uint32_t at;

	headroom_collect(balance, vs, &load, view);
	if (view->servers == 0)
		return;
	load.total = view->peak;
	view->survives_peak = headroom_load_survives(&load);
	load.total = view->used;
	view->survives = headroom_load_survives(&load);
	headroom_load_fits(&load, view->target, &at, &view->worst_need);
	view->worst = load.byweight[at].server;
	view->worst_max = headroom_facts(balance, view->worst)->max_connections;
}

static void headroom_watch_pool(struct balance *balance, uint32_t vs)
{
	struct vs_state *state = &balance->services[vs];
	struct balance_headroom view;
	struct load load;
	uint32_t at;
	uint64_t need;

	headroom_collect(balance, vs, &load, &view);
	if (view.servers == 0)
		return;
	/* A tight pool is roomy again only with HEADROOM_SPARE. */
	if (state->tight)
		load.total = view.used * (100 + HEADROOM_SPARE) / 100;
	if (headroom_load_fits(&load, view.target, &at, &need) != state->tight)
		return;
	state->tight = !state->tight;
	balance_add_notice(balance,
			   state->tight ? NOTICE_POOL_TIGHT : NOTICE_POOL_ROOMY,
			   vs, TABLE_NO_REF);
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
	if (!state->threshold.busy && used >= high) {
		state->threshold.busy = true;
		balance_add_notice(balance, NOTICE_SERVER_TIGHT, vs, server);
	} else if (state->threshold.busy && used < back) {
		state->threshold.busy = false;
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
	balance_for_each_server (conf, i) {
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
