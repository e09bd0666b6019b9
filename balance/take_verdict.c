/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict moves only the health of its check. The effect on servers is
 * decided later, once, on the snapshot of all checks.
 */
#include <string.h>

#include "balance/balance_internal.h"

/* Whether a server with an outcome of CLASS serves at all. */
static bool verdict_class_serves(enum outcome_class class)
{
	return class == OUTCOME_GOOD || class == OUTCOME_SOFT ||
	       class == OUTCOME_DRAIN;
}

/*
 * Whether the result judges the server's state. "Too many connections" shows a
 * running server, but the check saw neither role nor data nor cluster: a server
 * that is down for any of these would come in by such an answer. So the answer
 * is no step of any row, and costs weight only (saturation.c).
 */
static bool verdict_class_judges(enum outcome_class class)
{
	switch (class) {
	case OUTCOME_GOOD:
	case OUTCOME_HARD:
	case OUTCOME_SOFT:
	case OUTCOME_DRAIN:
		return true;
	case OUTCOME_UNKNOWN:
	case OUTCOME_SATURATED:
	case OUTCOME_HOLD:
	case OUTCOME_CLASSES:
		break;
	}
	return false;
}

/* Two writers are worse than none: with `role source`, a wrong role is hard. */
static enum outcome_class verdict_class(const struct conf_check *check,
					unsigned outcome)
{
	if (outcome == PROBE_ROLE && check->traits.needs_source)
		return OUTCOME_HARD;
	return outcome_info(outcome)->class;
}

const struct facts *check_facts(const struct check_state *state)
{
	static const struct facts none;

	return state->more ? &state->more->facts : &none;
}

const char *check_text(const struct check_state *state)
{
	return state->more ? state->more->text : "";
}

static void verdict_check_keep_weight(struct check_state *state,
				      uint32_t weight)
{
	if (!state->more)
		state->more = xcalloc(1, sizeof(*state->more));
	state->more->facts.have |= FACT_WEIGHT;
	state->more->facts.weight = weight;
}

void check_presume_weight(struct check_state *state, uint32_t weight)
{
	verdict_check_keep_weight(state, weight);
	state->weight_presumed = true;
}

void check_inherit_weight(struct check_state *state,
			  const struct check_state *old)
{
	const struct facts *facts = check_facts(old);

	if (facts->have & FACT_WEIGHT) {
		verdict_check_keep_weight(state, facts->weight);
		state->weight_presumed = old->weight_presumed;
	}
}

/*
 * A script that reports no weight leaves the last one. And a probe that FAILED may
 * have learned a part only: a server that died between two answers has not lost its
 * room for connections, by which it is limited when it comes back cold.
 */
static void verdict_keep_facts(struct facts *facts, const struct facts *fresh,
			       bool failed)
{
	const struct facts was = *facts;
	uint32_t kept = FACT_WEIGHT;

	if (failed)
		kept |= FACT_MAX_CONNECTIONS | FACT_THREADS_CONNECTED;
	kept &= was.have & ~fresh->have;
	*facts = *fresh;
	facts->have |= kept;
	if (kept & FACT_WEIGHT)
		facts->weight = was.weight;
	if (kept & FACT_MAX_CONNECTIONS)
		facts->max_connections = was.max_connections;
	if (kept & FACT_THREADS_CONNECTED)
		facts->threads_connected = was.threads_connected;
}

/*
 * A weight found at the start may be a script's or an older file's. A good
 * result without a weight restores the file's.
 */
static void verdict_keep_weight(struct check_state *state,
				const struct verdict *verdict,
				enum outcome_class class)
{
	bool says = verdict->facts.have & FACT_WEIGHT;

	if (!state->weight_presumed || (!says && class != OUTCOME_GOOD))
		return;
	state->weight_presumed = false;
	if (!says)
		state->more->facts.have &= ~(uint32_t)FACT_WEIGHT;
}

/*
 * Most checks of most pools pass without text or facts: allocate nothing then.
 */
static void verdict_keep_more(struct check_state *state,
			      const struct verdict *verdict)
{
	enum outcome_class class = outcome_info(verdict->outcome)->class;
	bool text = verdict->text[0] && class != OUTCOME_GOOD;

	if (!state->more && !text && !verdict->facts.have)
		return;
	if (!state->more)
		state->more = xcalloc(1, sizeof(*state->more));
	if (verdict->facts.have)
		verdict_keep_facts(&state->more->facts, &verdict->facts,
				   !verdict_class_serves(class));
	state->more->text[0] = '\0';
	if (text)
		memcpy(state->more->text, verdict->text,
		       sizeof(state->more->text));
}

static void verdict_keep(struct check_state *state,
			 const struct verdict *verdict, usec_t now)
{
	state->outcome = verdict->outcome;
	state->server_errno = verdict->server_errno;
	state->duration = verdict->duration;
	state->failures = verdict->failures;
	/* A child's clock reading must not put `when` into the future. */
	state->when = verdict->when < now ? verdict->when : now;
	verdict_keep_more(state, verdict);
}

/*
 * The role of `role source`: only a good result proves the role. A presumed
 * role is over with the first result that shows another, since a row of results
 * would be time to write in two places.
 */
static void verdict_role(struct check_state *state,
			 const struct conf_check *check,
			 enum outcome_class class,
			 const struct verdict *verdict)
{
	if (!check->traits.needs_source)
		return;
	if (class == OUTCOME_GOOD)
		state->role = ROLE_PROVED;
	else if (verdict->outcome == PROBE_ROLE && state->role == ROLE_PRESUMED)
		health_presume_weakly(&state->health, check->rise);
}

/* Take in a result that judges the server. Returns whether a state changed. */
static bool verdict_step(struct check_state *state,
			 const struct conf_check *check,
			 enum outcome_class class,
			 const struct verdict *verdict)
{
	bool serves = verdict_class_serves(class);
	bool failed = state->failing, changed, down;

	verdict_role(state, check, class, verdict);
	changed = health_step(&state->health, serves, check->rise, check->fall);
	down = health_state(&state->health, check->rise) == HEALTH_DOWN;
	state->goods = serves ? state->goods + (state->goods < UINT32_MAX) : 0;
	if (state->goods >= check->rise || down)
		state->presumed = false;
	state->proven = true;
	state->failing = !serves;
	if (!serves && down)
		soft_forget(state);
	else
		changed |= soft_step(state, check, class, verdict);
	/* Only a server that answers can request or withdraw a drain. */
	if (class == OUTCOME_DRAIN)
		state->drain = true;
	else if (class == OUTCOME_GOOD)
		state->drain = false;
	return changed || failed != state->failing;
}

/* The script's last weight; -1 if the script never reported one. */
static int64_t verdict_weight(const struct check_state *state)
{
	const struct facts *facts = check_facts(state);

	return facts->have & FACT_WEIGHT ? (int64_t)facts->weight : -1;
}

/* The sessions in the server of CHECK have ended. */
static void verdict_evicted(struct balance *balance, uint32_t check)
{
	const struct conf *conf = balance->conf;
	const struct conf_use *use;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++)
		balance_for_each_use (&conf->servers[i], use)
			if (use->check == check)
				balance->servers[i].evict = false;
}

bool balance_verdict(struct balance *balance, const struct verdict *verdict,
		     usec_t now)
{
	const struct conf_check *check;
	struct check_state *state, before;
	enum outcome_class class;
	bool changed = false;
	int64_t weight;

	balance_tell(balance, .kind = INPUT_VERDICT, .verdict = verdict,
		     .now = now);
	if (verdict->check >= balance->conf->nr_checks)
		return false;
	check = &balance->conf->checks[verdict->check];
	class = verdict_class(check, verdict->outcome);
	state = &balance->checks[verdict->check];
	if (verdict->facts.have & FACT_EVICTED)
		verdict_evicted(balance, verdict->check);
	before = *state;
	weight = verdict_weight(state);
	verdict_keep(state, verdict, now);
	verdict_keep_weight(state, verdict, class);
	stats_verdict(&state->stats, verdict, class, state->when);
	if (class == OUTCOME_UNKNOWN)
		return false;
	if (verdict_class_judges(class)) {
		state->held = false;
		changed = verdict_step(state, check, class, verdict);
	} else if (class == OUTCOME_HOLD) {
		state->held = true;
	}
	changed = changed || state->held != before.held ||
		  state->drain != before.drain ||
		  state->proven != before.proven ||
		  state->role != before.role ||
		  state->presumed != before.presumed;
	if (changed)
		state->moved = state->when;
	return changed || (balance->wake && now >= balance->wake) ||
	       (class == OUTCOME_HARD && now < balance->awaits) ||
	       verdict_weight(state) != weight ||
	       state->stats.restarts != before.stats.restarts ||
	       state->stats.saturations != before.stats.saturations;
}
