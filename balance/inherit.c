/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reload: a new balance takes over state from the old one. Lookups go through
 * hashes, so the cost is linear.
 */
#include <stdlib.h>

#include "balance/balance_internal.h"
#include "lib/index.h"

/* Presume no soft failure, unless SOFT is its outcome. */
static void inherit_soft(struct check_state *state,
			 const struct conf_check *check, enum outcome soft)
{
	if (soft == PROBE_NONE) {
		health_presume(&state->soft, check->rise, check->fall);
	} else if (!state->soft.known) {
		state->soft.known = true;
		state->soft_outcome = soft;
	}
}

void inherit_up(struct balance *balance, uint32_t server, enum prior prior,
		enum outcome soft, const bool *own)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance->servers[server].prior = (uint8_t)prior;
	balance_for_each_use (conf, use) {
		uint32_t check = use->check;

		if (own && own[check])
			continue;
		health_presume(&balance->checks[check].health,
			       balance->conf->checks[check].rise,
			       balance->conf->checks[check].fall);
		balance->checks[check].presumed = true;
		/* At weight 0, the first result tells the lag. */
		if (prior != PRIOR_ZERO)
			inherit_soft(&balance->checks[check],
				     &balance->conf->checks[check], soft);
	}
}

static void inherit_check(struct check_state *check,
			  const struct check_state *old)
{
	*check = *old;
	if (!old->more)
		return;
	check->more = xcalloc(1, sizeof(*check->more));
	*check->more = *old->more;
}

/* A search for the checks of one configuration in another, in their order. */
struct inherit_search {
	const struct conf *old;
	uint32_t next; /* behind the last one found: most edits keep the order */
	const struct conf_check *found_for, *found; /* that pair, or NULL */
	struct index index; /* of all; made when the order fails */
};

static uint32_t inherit_find_by_hash(struct inherit_search *search,
				     const struct conf_check *check)
{
	const struct conf *old = search->old;
	struct index_walk walk;
	uint32_t o;

	for (o = search->index.used; o < old->nr_checks; o++)
		index_put(&search->index, conf_check_hash(&old->checks[o]), o);
	index_for_each (&search->index, conf_check_hash(check), &walk, o) {
		if (conf_check_equal(check, &old->checks[o]))
			break;
	}
	return o;
}

/* The position of the old check that is equal to CHECK, or INDEX_END. */
static uint32_t inherit_find_check(struct inherit_search *search,
				   const struct conf_check *check)
{
	uint32_t o = search->next;

	if (o >= search->old->nr_checks ||
	    !conf_check_equal_like(check, &search->old->checks[o],
				   search->found_for, search->found))
		o = inherit_find_by_hash(search, check);
	if (o != INDEX_END) {
		search->next = o + 1;
		search->found_for = check;
		search->found = &search->old->checks[o];
	}
	return o;
}

/* Returns, by new check, whether it was found among the old ones. Caller frees. */
static bool *inherit_checks(struct balance *balance, const struct balance *old)
{
	const struct conf *conf = balance->conf;
	bool *found = xcalloc(conf->nr_checks, sizeof(*found));
	struct inherit_search search = { .old = old->conf };
	uint32_t i, o;

	for (i = 0; i < conf->nr_checks; i++) {
		o = inherit_find_check(&search, &conf->checks[i]);
		if (o == INDEX_END)
			continue;
		inherit_check(&balance->checks[i], &old->checks[o]);
		found[i] = true;
	}
	index_free(&search.index);
	return found;
}

/* A factor is dropped when its keyword is gone from the file. */
static void inherit_factors(struct server_state *state, const struct conf *all,
			    uint32_t server)
{
	const struct conf_server *conf = &all->servers[server];
	const struct conf_virtual_server *vs = &all->virtual_servers[conf->vs];

	if (conf->slow_start->time == 0)
		ramp_forget(&state->ramp);
	if (conf->slow_start->time == 0 || vs->cold_pool_limit == 0)
		cold_forget(&state->cold);
	if (!vs->fastest)
		fastest_forget(&state->latency);
	if (!vs->headroom.threshold || !server_may_saturate(all, server))
		state->threshold.limit = 0;
	if (!server_may_saturate(all, server))
		saturation_forget(&state->saturation);
}

/* The known role of the old server AT. */
static enum role inherit_role_of(const struct balance *old, uint32_t at)
{
	const struct conf_server *conf = &old->conf->servers[at];
	enum role best = ROLE_UNKNOWN;
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		const struct check_state *state = &old->checks[use->check];
		const struct facts *facts = check_facts(state);

		if (state->role > best)
			best = state->role;
		if (best == ROLE_UNKNOWN && (facts->have & FACT_READ_ONLY) &&
		    !facts->read_only)
			best = ROLE_PRESUMED;
	}
	return best;
}

/* An edited check with `role source` goes by the role seen before the edit. */
static void inherit_role(struct balance *balance, const struct balance *old,
			 uint32_t server, uint32_t at, const bool *found)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	enum role role = inherit_role_of(old, at);
	const struct conf_use *use;

	balance_for_each_use (conf, use)
		if (!found[use->check])
			balance->checks[use->check].role = (uint8_t)role;
	/* Connections stay until the role is seen, new clients wait. */
	if (!standing_may_write(balance, server) &&
	    old->servers[at].placement != PLACEMENT_OUT)
		balance->servers[server].adopted_zero = true;
}

/* The script's last weight holds until the edited check reports another. */
static void inherit_weight(struct balance *balance, const struct balance *old,
			   uint32_t server, uint32_t at, const bool *found)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_server *before = &old->conf->servers[at];
	uint32_t i, o = 0;

	for (i = 0; i < conf->nr_uses; i++) {
		uint32_t check = conf->uses[i].check;

		if (!balance->conf->checks[check].traits.reports_weight)
			continue;
		while (o < before->nr_uses &&
		       !old->conf->checks[before->uses[o].check]
				.traits.reports_weight)
			o++;
		if (o == before->nr_uses)
			return;
		if (!found[check])
			check_inherit_weight(
				&balance->checks[check],
				&old->checks[before->uses[o].check]);
		o++;
	}
}

/* KEPT: by old server, whether it is in the file still. */
static void inherit_server(struct balance *balance, const struct balance *old,
			   struct name_index *ix, uint32_t server,
			   const bool *found, bool *kept)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_virtual_server *vs =
		&balance->conf->virtual_servers[conf->vs];
	struct server_state *state = &balance->servers[server];
	uint32_t at = INDEX_END, k;

	for (k = 0; k < vs->nr_keys && at == INDEX_END; k++)
		at = name_find_server(ix, &vs->keys[k], &conf->addr);
	if (at == INDEX_END) {
		/* A leaving server is in the file again; its connections may remain. */
		if (leaving_was(old, ix, vs, &conf->addr))
			adopt_zero(balance, server, found);
		return;
	}
	kept[at] = true;
	*state = old->servers[at];
	state->adopted = state->adopted && !server_is_proven(old, at);
	inherit_factors(state, balance->conf, server);
	inherit_role(balance, old, server, at, found);
	inherit_weight(balance, old, server, at, found);
	switch ((enum standing)state->standing) {
	case STANDING_UP:
		inherit_up(balance, server, PRIOR_UP, PROBE_NONE, found);
		break;
	case STANDING_SOFT:
		inherit_up(balance, server, PRIOR_UP, soft_outcome(old, at),
			   found);
		break;
	case STANDING_DRAIN:
		inherit_up(balance, server, PRIOR_DRAIN, PROBE_NONE, found);
		break;
	case STANDING_DOWN:
		state->prior = PRIOR_DOWN;
		break;
	case STANDING_UNKNOWN:
	case STANDING_HELD:
	case STANDING_SPARE:
	case STANDINGS:
		state->prior = PRIOR_NEW;
		if (state->adopted_zero)
			adopt_zero(balance, server, found);
		break;
	}
}

static void inherit_service(struct balance *balance, uint32_t vs,
			    const struct balance *old, uint32_t old_vs,
			    const bool *kept)
{
	struct vs_state *state = &balance->services[vs];
	usec_t round = state->round;
	uint32_t i;

	*state = old->services[old_vs];
	state->round = round;
	balance_for_each_server (&old->conf->virtual_servers[old_vs], i)
		if (!kept[i])
			writers_note_left(balance, vs, &old->servers[i]);
}

/* The old virtual server of VS; INDEX_END: the file has it anew. */
static uint32_t inherit_find_service(const struct balance *balance, uint32_t vs,
				     const struct name_index *ix)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t k, at = INDEX_END;

	for (k = 0; k < conf->nr_keys && at == INDEX_END; k++)
		at = name_find_service(ix, &conf->keys[k]);
	return at;
}

/* All terms are known: pools that a reload made manual start from them. */
static void inherit_begin_failback(struct balance *balance,
				   const struct balance *old,
				   const struct name_index *ix)
{
	uint32_t i, at;

	for (i = 0; i < balance->conf->nr_virtual_servers; i++) {
		at = inherit_find_service(balance, i, ix);
		if (at != INDEX_END)
			failback_begin(balance, i,
				       &old->conf->virtual_servers[at]);
	}
}

static void inherit_services(struct balance *balance, const struct balance *old,
			     const struct name_index *ix, const bool *kept)
{
	const struct conf *conf = balance->conf;
	uint32_t i, at;

	for (i = 0; i < conf->nr_virtual_servers; i++) {
		at = inherit_find_service(balance, i, ix);
		if (at != INDEX_END)
			inherit_service(balance, i, old, at, kept);
	}
	/* A server may come from another pool than most of its servers. */
	for (i = 0; i < conf->nr_servers; i++)
		writers_note_term(balance, i);
	inherit_begin_failback(balance, old, ix);
}

void balance_inherit(struct balance *balance, const struct balance *old,
		     usec_t now)
{
	const struct conf *conf = balance->conf;
	bool *found = inherit_checks(balance, old);
	bool *kept = xcalloc(old->conf->nr_servers, sizeof(*kept));
	struct name_index ix;
	uint32_t i;

	balance->reserve = old->reserve;
	balance->given = old->given;
	balance->falls = old->falls;
	name_index_init(&ix, old->conf);
	for (i = 0; i < conf->nr_servers; i++) {
		balance->servers[i].since = now;
		inherit_server(balance, old, &ix, i, found, kept);
		ramp_sync(balance, i);
		saturation_sync(balance, i);
	}
	inherit_services(balance, old, &ix, kept);
	name_index_free(&ix);
	leaving_inherit(balance, old, kept, now);
	free(kept);
	free(found);
}
