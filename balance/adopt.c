/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's start: a new balance continues from the kernel's table, which
 * holds the last decision of the previous daemon. The operator's overrides are
 * known already. Each kernel entry is read as follows:
 *
 *	a server with a weight		up, until a check fails `fall` times
 *	a server with weight 0		keeps its connections until a check has
 *					judged it: `rise` good results let it
 *					serve, `fall` bad ones take it out
 *	the sorry server with a weight,	the quorum is lost, until the servers'
 *	and no server beside it		checks regain it
 *	servers with a weight		the quorum stood
 *	another entry in a service	leaving: as after a reload it has weight 0
 *	of the file			until its connections are gone
 *	a weight that is not the file's	a dynamic one is kept until the script
 *					reports another; less than the file's is
 *					the share of a ramp, of the response time,
 *					or of "too many connections", until a
 *					result shows otherwise
 *	an upper threshold above	headroom's, until headroom is measured
 *	or below the file's
 */
#include <stdlib.h>

#include "balance/balance_internal.h"

/* Kernel entries found for one virtual server. */
struct found {
	bool service; /* the kernel has it, with entries or without */
	bool any; /* an entry has a weight, in the file or not */
	uint32_t serving; /* servers of the file with a weight above 0 */
	uint32_t resting; /* with weight 0, neither drained nor disabled */
	const struct table_dest *sorry;
	uint32_t as_sorry; /* the server that is also the sorry server */
};

struct adoption {
	struct balance *balance;
	struct actual_index ix;
	bool *named; /* by position in the actual table */
	struct found *found; /* by virtual server */
	bool *proven; /* by check: proven before the adoption */
	usec_t now;
};

/*
 * The entry of ADDR in any service of VS; in a group, an entry with a weight is
 * preferred. With NAMED, every entry found is marked as named by the file.
 */
static const struct table_dest *adopt_find(struct adoption *adoption,
					   const struct conf_virtual_server *vs,
					   const struct endpoint *addr,
					   const struct conf_forward *forward,
					   bool named)
{
	const struct table_dest *found = NULL;
	uint32_t k;

	for (k = 0; k < vs->nr_keys; k++) {
		const struct table_dest *one =
			actual_find(&adoption->ix, &vs->keys[k], addr, forward);

		if (!one)
			continue;
		adoption->named[one - adoption->ix.actual->dests] |= named;
		if (!found || found->weight == 0)
			found = one;
	}
	return found;
}

/*
 * The first check of SERVER that may set the weight, and whether it ADDS to the
 * file's; or NULL.
 */
static struct check_state *adopt_dynamic(struct balance *balance,
					 const struct conf_server *conf,
					 bool *adds)
{
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		uint32_t check = use->check;

		if (!balance->conf->checks[check].traits.reports_weight)
			continue;
		*adds = balance->conf->checks[check].traits.adds_weight;
		return &balance->checks[check];
	}
	return NULL;
}

/* SERVER's weight by the operator, a script or the file, in this order. */
static uint32_t adopt_share(struct balance *balance, uint32_t server,
			    uint32_t weight)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct server_state *state = &balance->servers[server];
	uint32_t base = balance->conf->virtual_servers[conf->vs].base_weight;
	uint32_t share = (weight + base - 1) / base;
	bool adds = false;
	struct check_state *check = adopt_dynamic(balance, conf, &adds);

	if (state->override.kind == OVERRIDE_WEIGHT)
		return state->override.weight;
	if (!check)
		return conf->weight;
	check_presume_weight(check, adds ? share - conf->weight : share);
	return share;
}

/*
 * Attribute a weight other than the file's to the factor that can have set it.
 */
static void adopt_weight(struct balance *balance, uint32_t server,
			 uint32_t weight)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_virtual_server *vs =
		&balance->conf->virtual_servers[conf->vs];
	struct server_state *state = &balance->servers[server];
	uint32_t share = adopt_share(balance, server, weight);
	uint32_t full = build_weight(vs, share), part;

	if (full == 0 || full == weight || (weight > full && !vs->fastest))
		return;
	if ((uint64_t)weight * 100 > (uint64_t)full * UINT16_MAX)
		return;
	part = (uint32_t)(((uint64_t)weight * SHARE_FULL + full / 2) / full);
	if (conf->slow_start->time &&
	    !(vs->fastest &&
	      part >= vs->fastest_response.low * (SHARE_FULL / 100))) {
		ramp_adopt(balance, server, part);
	} else if (vs->fastest) {
		state->latency.factor = part;
	} else if (server_may_saturate(balance->conf, server)) {
		saturation_adopt(&state->saturation, part);
	}
}

static void adopt_threshold(struct balance *balance, uint32_t server,
			    const struct table_dest *found)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	struct server_state *state = &balance->servers[server];

	if (!balance->conf->virtual_servers[conf->vs].headroom.threshold ||
	    found->u_threshold == conf->u_threshold ||
	    found->u_threshold == 0 ||
	    !server_may_saturate(balance->conf, server))
		return;
	state->threshold.limit = found->u_threshold;
	state->threshold.busy = true;
}

static void adopt_serving(struct balance *balance, uint32_t server,
			  const struct table_dest *found, const bool *proven)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance->servers[server].choice.serves = true;
	balance->servers[server].adopted = true;
	/* The server served before: a restart of the daemon is no event. */
	balance->servers[server].notified =
		balance->conf->global.init_notifies ? NOTIFIED_NOTHING :
						      NOTIFIED_UP;
	inherit_up(balance, server, PRIOR_UP, PROBE_NONE, proven);
	balance_for_each_use (conf, use)
		if (balance->checks[use->check].role == ROLE_UNKNOWN)
			balance->checks[use->check].role = ROLE_PRESUMED;
	adopt_weight(balance, server, found->weight);
}

void adopt_zero(struct balance *balance, uint32_t server, const bool *own)
{
	balance->servers[server].adopted_zero = true;
	/*
	 * With inhibit_on_failure a down server has weight 0 too: do not
	 * presume.
	 */
	if (!balance->conf->servers[server].inhibit)
		inherit_up(balance, server, PRIOR_ZERO, PROBE_NONE, own);
}

static void adopt_server(struct adoption *adoption, uint32_t server)
{
	struct balance *balance = adoption->balance;
	const struct conf_server *conf = &balance->conf->servers[server];
	struct server_state *state = &balance->servers[server];
	const struct table_dest *found =
		adopt_find(adoption, &balance->conf->virtual_servers[conf->vs],
			   &conf->addr, &conf->forward, true);

	state->since = adoption->now;
	pause_adopt_server(balance, server, found);
	if (adoption->found[conf->vs].as_sorry == server)
		return;
	if (!found) {
		/* A drained server without an entry has finished its drain. */
		state->override.drained = state->override.kind ==
					  OVERRIDE_DRAIN;
		return;
	}
	if (found->weight == 0)
		adopt_zero(balance, server, adoption->proven);
	else
		adopt_serving(balance, server, found, adoption->proven);
	if (!cold_adopt(balance, server, found))
		adopt_threshold(balance, server, found);
}

/*
 * A server of the pool may also be the sorry server. The server is in as sorry
 * server if no other server serves, and as an ordinary server it would have
 * another weight or not hold the quorum alone.
 */
static bool adopt_is_sorry(const struct balance *balance, uint32_t vs,
			   const struct found *found)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t server = quorum_sorry_as_server(balance, vs), weight;
	const struct server_state *state;

	if (server == TABLE_NO_REF)
		return found->serving == 0;
	if (found->serving > 1)
		return false;
	state = &balance->servers[server];
	weight = state->override.kind == OVERRIDE_WEIGHT ?
			 state->override.weight :
			 balance->conf->servers[server].weight;
	return found->sorry->weight == build_weight(conf, 1) &&
	       (weight != 1 || conf->quorum > 1 + conf->hysteresis);
}

/*
 * Collect the entries of VS into its struct found; the balance does not change.
 */
static void adopt_look(struct adoption *adoption, uint32_t vs)
{
	const struct balance *balance = adoption->balance;
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct found *found = &adoption->found[vs];
	uint32_t i;

	found->as_sorry = TABLE_NO_REF;
	balance_for_each_server (conf, i) {
		const struct table_dest *one = adopt_find(
			adoption, conf, &balance->conf->servers[i].addr,
			&balance->conf->servers[i].forward, false);

		if (!one)
			continue;
		if (one->weight == 0) {
			found->resting += !override_takes_out(
				&balance->servers[i].override);
			continue;
		}
		found->serving++;
	}
	if (quorum_has_sorry(balance, vs))
		found->sorry = adopt_find(adoption, conf, &conf->sorry.addr,
					  &conf->sorry.forward, false);
}

/* Whether the sorry server serves, or would have by now. */
static bool adopt_lost(struct adoption *adoption, uint32_t vs)
{
	struct balance *balance = adoption->balance;
	struct found *found = &adoption->found[vs];

	if (!quorum_has_sorry(balance, vs))
		return false;
	if (found->sorry && found->sorry->weight > 0) {
		if (!adopt_is_sorry(balance, vs, found))
			return false;
		found->as_sorry = quorum_sorry_as_server(balance, vs);
		return true;
	}
	/* Only leaving servers or another sorry server serve: no server is left. */
	return found->any && found->serving == 0 && found->resting == 0;
}

static void adopt_service(struct adoption *adoption, uint32_t vs)
{
	struct balance *balance = adoption->balance;
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	const struct found *found = &adoption->found[vs];

	adopt_look(adoption, vs);
	if (adopt_lost(adoption, vs)) {
		state->sorry = true;
		state->quorum_known = true;
		state->level = LEVEL_SORRY;
	} else if (found->serving || (found->any && found->resting)) {
		state->quorum_found = true;
	}
	pause_adopt_service(balance, vs, found->service, found->any);
	/* The sorry server's entry beside the servers is not leaving. */
	if (quorum_has_sorry(balance, vs) &&
	    (state->sorry || conf->sorry.inhibit))
		adopt_find(adoption, conf, &conf->sorry.addr,
			   &conf->sorry.forward, true);
}

/* Keep as leaving all entries in the file's services that it does not name. */
static void adopt_leaving(struct adoption *adoption,
			  const struct name_index *names)
{
	const struct table *actual = adoption->ix.actual;
	size_t s, d;

	for (s = 0; s < actual->nr_services; s++) {
		const struct table_service *svc = &actual->services[s];
		uint32_t vs = name_find_service(names, &svc->key);

		if (vs == INDEX_END)
			continue;
		for (d = svc->first_dest; d < svc->first_dest + svc->nr_dests;
		     d++)
			if (!adoption->named[d])
				leaving_adopt(adoption->balance, vs, &svc->key,
					      &actual->dests[d], adoption->now);
	}
}

/* Find virtual servers that have an entry with a weight, in the file or not. */
static void adopt_any(struct adoption *adoption, const struct name_index *names)
{
	const struct table *actual = adoption->ix.actual;
	size_t s, d;

	for (s = 0; s < actual->nr_services; s++) {
		const struct table_service *svc = &actual->services[s];
		uint32_t vs = name_find_service(names, &svc->key);

		if (vs == INDEX_END)
			continue;
		adoption->found[vs].service = true;
		for (d = svc->first_dest; d < svc->first_dest + svc->nr_dests;
		     d++)
			if (actual->dests[d].weight > 0)
				adoption->found[vs].any = true;
	}
}

void balance_adopt(struct balance *balance, const struct table *actual,
		   usec_t now)
{
	const struct conf *conf = balance->conf;
	struct adoption adoption = { .balance = balance, .now = now };
	struct name_index names;
	uint32_t i;

	balance_tell(balance, .kind = INPUT_ADOPT, .table = actual, .now = now);
	adoption.named = xcalloc(actual->nr_dests, sizeof(*adoption.named));
	adoption.found =
		xcalloc(conf->nr_virtual_servers, sizeof(*adoption.found));
	adoption.proven = xcalloc(conf->nr_checks, sizeof(*adoption.proven));
	for (i = 0; i < conf->nr_checks; i++)
		adoption.proven[i] = balance->checks[i].proven;
	actual_index_init(&adoption.ix, actual);
	name_index_init(&names, conf);
	adopt_any(&adoption, &names);
	for (i = 0; i < conf->nr_virtual_servers; i++)
		adopt_service(&adoption, i);
	for (i = 0; i < conf->nr_servers; i++)
		adopt_server(&adoption, i);
	if (!conf->global.compat)
		adopt_leaving(&adoption, &names);
	name_index_free(&names);
	actual_index_free(&adoption.ix);
	free(adoption.named);
	free(adoption.proven);
	free(adoption.found);
}
