/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chain from the verdicts to the weight of one server, a line for each
 * link, in the order of the decision. The lines are read from the memory of the
 * last decision; no value is computed here.
 */
#include "balance/balance_internal.h"

struct explainer {
	const struct balance *balance;
	const struct conf_virtual_server *vs;
	const struct conf_server *conf;
	const struct server_state *state;
	uint32_t vs_index, server;
	usec_t now;
	void (*emit)(void *arg, const char *step, const char *text);
	void *arg;
	struct text line;
	char text[512];
};

static struct text *explain_begin(struct explainer *ex)
{
	ex->line = text_in(ex->text, sizeof(ex->text));
	return &ex->line;
}

static void explain_end(struct explainer *ex, const char *step)
{
	ex->emit(ex->arg, step, ex->text);
}

/* The lag of the newest result, or the last known lag. */
static void explain_replication(struct text *line,
				const struct check_state *check)
{
	const struct facts *facts = check_facts(check);

	if (facts->have & FACT_READ_ONLY)
		text_add(line, ", %s",
			 facts->read_only ? "read-only" : "writable");
	if ((facts->have & FACT_IS_REPLICA) && !facts->is_replica)
		text_add(line, ", not a replica");
	else if ((facts->have & FACT_CHANNELS) && facts->channels > 1)
		text_add(line, ", a replica with %u channels", facts->channels);
	else if (facts->have & FACT_IS_REPLICA)
		text_add(line, ", a replica");
	if (!check->lag_known)
		return;
	text_add(line, facts->have & FACT_LAG ? ", lag " : ", last known lag ");
	text_add_seconds(line, check->lag);
}

static void explain_learned(struct text *line, const struct check_state *check,
			    usec_t now)
{
	const struct check_stats *stats = &check->stats;

	if (stats->runnings)
		text_add(line, ", Threads_running %u.%u",
			 stats->running_quick / STATS_UNIT,
			 stats->running_quick % STATS_UNIT * 10 / STATS_UNIT);
	explain_replication(line, check);
	if (stats->boot_seen) {
		text_add(line, ", running for ");
		text_add_seconds(line, now - stats->booted);
	}
	if (check->when) {
		text_add(line, ", last result ");
		text_add_seconds(line, now - check->when);
		text_add(line, " ago");
	}
}

static void explain_checks(struct explainer *ex)
{
	const struct conf_use *use;

	balance_for_each_use (ex->conf, use) {
		const struct conf_check *check =
			&ex->balance->conf->checks[use->check];
		struct text *line = explain_begin(ex);

		reason_check(line, ex->balance, ex->server, use);
		text_add(line, " (rise %u, fall %u)", check->rise, check->fall);
		explain_learned(line, &ex->balance->checks[use->check],
				ex->now);
		explain_end(ex, "check");
	}
	if (ex->conf->nr_uses == 0) {
		text_add(explain_begin(ex), "none: always taken for up");
		explain_end(ex, "check");
	}
}

static void explain_standing(struct explainer *ex)
{
	struct text *line = explain_begin(ex);

	text_add(line, "%s for ", standing_name(ex->state->standing));
	text_add_seconds(line, ex->now - ex->state->since);
	if (ex->conf->nr_uses > 1)
		text_add(line, ", the worst of its checks");
	explain_end(ex, "standing");
}

static void explain_operator(struct explainer *ex)
{
	const struct server_state *state = ex->state;
	struct text *line = explain_begin(ex);

	switch ((enum balance_override_kind)state->override.kind) {
	case OVERRIDE_NONE:
		return;
	case OVERRIDE_DRAIN:
		text_add(line, "drain for ");
		text_add_seconds(line, ex->now - state->override.since);
		text_add(line, " of ");
		text_add_seconds(line, ex->conf->drain_timeout);
		if (state->override.drained)
			text_add(line, ", it is through");
		else if (state->connections.counted)
			text_add(line, ", %u connections left",
				 state->connections.active);
		break;
	case OVERRIDE_DISABLE:
		text_add(line, "disabled for ");
		text_add_seconds(line, ex->now - state->override.since);
		break;
	case OVERRIDE_WEIGHT:
		text_add(line, "weight %u instead of the file's %u",
			 state->override.weight, ex->conf->weight);
		break;
	}
	explain_end(ex, "operator");
}

static void explain_pause(struct explainer *ex)
{
	const struct pause *pause = &ex->balance->services[ex->vs_index].pause;
	struct text *line = explain_begin(ex);

	if (pause->until == 0)
		return;
	text_add(line, "the pool is paused for another ");
	text_add_seconds(line,
			 pause->until > ex->now ? pause->until - ex->now : 0);
	text_add(line, pause->keeps ? ": its table stays as it is" :
				      ", but there was no table to keep: the "
				      "checks decide");
	explain_end(ex, "operator");
}

static const char *explain_choice(const struct explainer *ex)
{
	const struct server_state *state = ex->state;
	const struct vs_state *vs = &ex->balance->services[ex->vs_index];

	if (override_takes_out(&state->override))
		return "out by the operator";
	if (state->choice.serves && vs->last_resort)
		return "serves as the last resort: nothing better is left";
	if (state->choice.serves && state->standing == STANDING_SOFT)
		return vs->freeze.on ? "serves: the cause is upstream" :
				       "serves, though soft-failed";
	if (state->choice.serves)
		return "serves";
	if (state->seat.spare)
		return ex->vs->writers ?
			       "does not serve: a writer too many (spare)" :
			       "does not serve: waits for a failback (spare)";
	if (ex->conf->backup && state->standing == STANDING_UP)
		return "does not serve: a backup that is not needed";
	if (state->standing == STANDING_SOFT)
		return "ejected: the others are enough";
	if (build_awaited(ex->balance, ex->server) > ex->now)
		return "does not serve: it was the last resort, and keeps its "
		       "connections until a probe has looked";
	return "does not serve";
}

static void explain_pool(struct explainer *ex)
{
	const struct vs_state *vs = &ex->balance->services[ex->vs_index];
	struct text *line = explain_begin(ex);

	text_add(line, "%s; min_serving %u, serving %u, level %s",
		 explain_choice(ex), vs->need, vs->serving,
		 level_name((enum level)vs->level));
	reason_pool(line, ex->balance, ex->vs_index);
	if (ex->vs->writers)
		text_add(line, "; writers %u, term %lld", ex->vs->writers,
			 (long long)ex->state->seat.term);
	else if (failback_is_manual(ex->vs))
		text_add(line, "; failback manual, term %lld",
			 (long long)ex->state->seat.term);
	explain_end(ex, "pool");
}

static const char *const gate_words[] = {
	[GATE_OPEN] = "it rises",
	[GATE_HOLDS] = "it holds",
	[GATE_CUTS] = "it is cut",
};

static void explain_weight(struct explainer *ex)
{
	const struct server_state *state = ex->state;
	struct text *line = explain_begin(ex);

	text_add(line, "%u", state->share);
	if (ex->vs->base_weight != 1)
		text_add(line, " x base %u", ex->vs->base_weight);
	if (ramp_runs(&state->ramp)) {
		reason_factor(line, " x slow start", state->ramp.share);
		text_add(line, " (%s, limit of Threads_running %u)",
			 gate_words[state->ramp.gate],
			 state->ramp.limit / STATS_UNIT);
	}
	if (ex->vs->fastest)
		reason_factor(line, " x response time", state->latency.factor);
	if (state->saturation.factor < SHARE_FULL)
		reason_factor(line, " x too many connections",
			      state->saturation.factor);
	if (state->placement != PLACEMENT_IN)
		text_add(line, ", if it served");
	explain_end(ex, "weight");
}

static void explain_result(struct explainer *ex)
{
	struct text *line = explain_begin(ex);

	switch ((enum placement)ex->state->placement) {
	case PLACEMENT_OUT:
		text_add(line, ex->state->as_sorry ?
				       "in the table as the sorry server" :
				       "not in the table");
		break;
	case PLACEMENT_ZERO:
		text_add(line, "in the table with weight 0: what is connected "
			       "stays, nothing new comes");
		break;
	case PLACEMENT_IN:
		text_add(line, "in the table with weight %u",
			 ex->state->weight);
		break;
	}
	if (cold_runs(&ex->state->cold)) {
		reason_factor(line, ", of a cold pool: connections let in",
			      ex->state->cold.share);
		text_add(line, " (%s), upper threshold %u",
			 gate_words[ex->state->cold.gate],
			 ex->state->cold.limit);
	} else if (ex->state->threshold.limit) {
		text_add(line, ", upper threshold %u",
			 ex->state->threshold.limit);
	}
	explain_end(ex, "result");
}

void balance_explain(const struct balance *balance, uint32_t server, usec_t now,
		     void (*emit)(void *arg, const char *step,
				  const char *text),
		     void *arg)
{
	struct explainer ex = { .balance = balance,
				.server = server,
				.now = now,
				.emit = emit,
				.arg = arg };

	if (server >= balance->conf->nr_servers)
		return;
	ex.conf = &balance->conf->servers[server];
	ex.state = &balance->servers[server];
	ex.vs_index = ex.conf->vs;
	ex.vs = &balance->conf->virtual_servers[ex.vs_index];
	explain_checks(&ex);
	explain_standing(&ex);
	explain_operator(&ex);
	explain_pause(&ex);
	explain_pool(&ex);
	explain_weight(&ex);
	explain_result(&ex);
}
