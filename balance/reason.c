/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reason for a server's state, in line: the deciding check with its
 * finding and the compared numbers, then the state of the pool.
 */
#include "balance/balance_internal.h"

static void reason_outcome(struct text *line, const struct check_state *state)
{
	text_add(line, "%s",
		 check_text(state)[0] ? check_text(state) :
					outcome_info(state->outcome)->text);
	if (state->server_errno)
		text_add(line, " (error %u)", state->server_errno);
}

static bool reason_is_full(const struct check_state *state)
{
	return outcome_info(state->outcome)->class == OUTCOME_SATURATED;
}

/* The last result judges nothing: the server keeps its standing. */
static void reason_full(struct text *line, const struct check_state *state,
			enum standing standing)
{
	text_add(line, " got no slot, so the server stays %s: ",
		 standing_name(standing));
	reason_outcome(line, state);
}

static void reason_up(struct text *line, const struct conf_check *conf,
		      const struct check_state *state)
{
	if (!state->proven && state->outcome == PROBE_NONE) {
		text_add(line, " not checked yet, taken over as serving");
	} else if (state->held || state->outcome == PROBE_LOCAL_FAULT) {
		text_add(line, " still counts as up, cannot judge now: ");
		reason_outcome(line, state);
	} else if (state->failing) {
		text_add(line,
			 " failed %u of %u times in a row: ", state->failures,
			 conf->fall);
		reason_outcome(line, state);
	} else if (state->drain) {
		text_add(line, " asks for a drain: ");
		reason_outcome(line, state);
	} else if (outcome_info(state->outcome)->class != OUTCOME_GOOD) {
		text_add(line, " still counts as up: ");
		reason_outcome(line, state);
	} else {
		text_add(line, " passed in %u.%03u ms", state->duration / 1000,
			 state->duration % 1000);
	}
}

static void reason_soft(struct text *line, const struct conf_check *conf,
			const struct check_state *state)
{
	text_add(line, " answers, but: ");
	if (state->soft_outcome != PROBE_LAGGING || !state->lag_known ||
	    conf->traits.max_lag == 0) {
		if (state->outcome == state->soft_outcome)
			reason_outcome(line, state);
		else
			text_add(line, "%s",
				 outcome_info(state->soft_outcome)->text);
		return;
	}
	text_add(line, "replication lag ");
	text_add_seconds(line, state->lag);
	text_add(line, ", limit ");
	text_add_seconds(line, conf->traits.max_lag);
	text_add(line, ", back at ");
	text_add_seconds(line, conf->traits.resume_lag);
}

static void reason_down(struct text *line, const struct conf_check *conf,
			const struct check_state *state)
{
	if (state->outcome == PROBE_NONE) {
		text_add(line, " not checked yet, taken over as down");
	} else if (state->goods) {
		text_add(line,
			 " passed %u of the %u times in a row that it takes",
			 state->goods, conf->rise);
	} else {
		text_add(line, " failed %u times in a row (fall %u): ",
			 state->failures, conf->fall);
		reason_outcome(line, state);
	}
}

static void reason_unknown(struct text *line, const struct conf_check *conf,
			   const struct check_state *state)
{
	if (state->outcome == PROBE_NONE) {
		text_add(line, " has not ended yet");
	} else if (state->goods) {
		text_add(line,
			 " passed %u of the %u times in a row that it takes",
			 state->goods, conf->rise);
	} else {
		text_add(line, " cannot judge: ");
		reason_outcome(line, state);
	}
}

static void reason_standing(struct text *line, const struct conf_check *conf,
			    const struct check_state *state,
			    const struct conf_use *use, enum standing standing)
{
	switch (standing) {
	case STANDING_UP:
	case STANDING_DRAIN:
		reason_up(line, conf, state);
		break;
	case STANDING_SOFT:
		reason_soft(line, conf, state);
		break;
	case STANDING_DOWN:
		if (use->alpha && state->outcome == PROBE_NONE)
			text_add(line, " has not ended yet (alpha)");
		else
			reason_down(line, conf, state);
		break;
	case STANDING_UNKNOWN:
	case STANDING_HELD:
	case STANDING_SPARE:
	case STANDINGS:
		reason_unknown(line, conf, state);
		break;
	}
}

void reason_check(struct text *line, const struct balance *balance,
		  uint32_t server, const struct conf_use *use)
{
	const struct conf_check *conf = &balance->conf->checks[use->check];
	const struct check_state *state = &balance->checks[use->check];
	enum standing standing = standing_of_use(balance, server, use);
	char text[ENDPOINT_TEXT_MAX];

	text_add(line, "%s %s", check_kind_name(conf->kind),
		 conf_check_target(conf, text));
	if (reason_is_full(state)) {
		reason_full(line, state, standing);
	} else {
		reason_standing(line, conf, state, use, standing);
	}
	if (standing == STANDING_HELD && conf->traits.needs_source &&
	    state->role == ROLE_UNKNOWN)
		text_add(line, "; its role was never seen, so it may not "
			       "serve writes");
}

/* The check that decides: the worst one, the first of equals. */
static void reason_checks(struct text *line, const struct balance *balance,
			  uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *pick = NULL;
	const struct conf_use *use;

	balance_for_each_use (conf, use)
		if (!pick ||
		    standing_worse(standing_of_use(balance, server, use),
				   standing_of_use(balance, server, pick)))
			pick = use;
	if (!pick)
		text_add(line, "no check");
	else
		reason_check(line, balance, server, pick);
}

void reason_pool(struct text *line, const struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	const struct vs_state *state = &balance->services[vs];

	text_add(line, "; %u of %u servers up", state->up, conf->nr_servers);
	if (conf->quorum > 1 || addr_is_set(&conf->sorry.addr.addr))
		text_add(line, ", weight %llu, quorum %u %s",
			 (unsigned long long)state->up_weight, conf->quorum,
			 state->quorum ? "reached" : "not reached");
	switch ((enum level)state->level) {
	case LEVEL_SORRY:
		text_add(line, ", the sorry server serves");
		break;
	case LEVEL_UNPROVEN:
		text_add(line, ", servers that cannot be judged serve");
		break;
	case LEVEL_UPSTREAM:
		text_add(line,
			 ", %u soft-failed at once (correlated_failure "
			 "%u%%): a cause upstream, nobody is ejected",
			 state->soft_bad, conf->correlated);
		break;
	case LEVEL_HOLDING:
		text_add(line, ", %u of %u soft-failed kept to serve with %u",
			 state->kept, state->soft, state->need);
		break;
	case LEVEL_LAST_RESORT:
		text_add(line, ", the last %u that served are left in",
			 state->serving);
		break;
	case LEVEL_NORMAL:
	case LEVEL_STARTING:
	case LEVEL_NOTHING:
	case LEVELS:
		break;
	}
	if (state->backups)
		text_add(line, ", %u backup servers serve", state->backups);
	if (conf->writers == 0 && state->sources > 1)
		text_add(line, ", %u sources: more than one is writable",
			 state->sources);
	else if (conf->writers && state->sources > conf->writers)
		text_add(line, ", %u sources, %u wanted", state->sources,
			 conf->writers);
}

void reason_factor(struct text *line, const char *what, uint32_t factor)
{
	text_add(line, "%s %u.%u%%", what, factor / (SHARE_FULL / 100),
		 factor % (SHARE_FULL / 100) / (SHARE_FULL / 1000));
}

/* Why the server's weight is not the file's. */
static void reason_weight(struct text *line, const struct balance *balance,
			  uint32_t server)
{
	const struct server_state *state = &balance->servers[server];

	switch ((enum balance_override_kind)state->override.kind) {
	case OVERRIDE_NONE:
		break;
	case OVERRIDE_DRAIN:
		text_add(line, "; the operator drains it");
		break;
	case OVERRIDE_DISABLE:
		text_add(line, "; the operator disabled it");
		break;
	case OVERRIDE_WEIGHT:
		text_add(line, "; the operator set weight %u",
			 state->override.weight);
		break;
	}
	if (ramp_runs(&state->ramp))
		reason_factor(line, "; slow start", state->ramp.share);
	if (cold_runs(&state->cold))
		reason_factor(line, "; cold pool, connections let in",
			      state->cold.share);
	if (state->latency.factor != SHARE_FULL)
		reason_factor(line, "; by response time",
			      state->latency.factor);
	if (state->saturation.factor < SHARE_FULL)
		reason_factor(line, "; too many connections:",
			      state->saturation.factor);
}

static void reason_spare(struct text *line,
			 const struct conf_virtual_server *vs)
{
	if (vs->writers)
		text_add(line,
			 "; spare: %u of its pool may serve at a time, and "
			 "others do",
			 vs->writers);
	else
		text_add(line, "; spare: it failed while others served, and "
			       "waits for 'evenkeel failback'");
}

static void reason_server(struct text *line, const struct balance *balance,
			  uint32_t server)
{
	reason_checks(line, balance, server);
	if (balance->servers[server].seat.spare)
		reason_spare(line,
			     &balance->conf->virtual_servers
				      [balance->conf->servers[server].vs]);
	reason_weight(line, balance, server);
}

const char *balance_reason(const struct balance *balance, uint32_t vs,
			   uint32_t server, usec_t now, char *out, size_t size)
{
	struct text line = text_in(out, size);

	if (vs >= balance->conf->nr_virtual_servers)
		return out;
	if (server != TABLE_NO_REF && pause_holds(balance, vs))
		text_add(&line, "paused, the table stays as it is; ");
	if (server == REF_SORRY)
		text_add(&line, "sorry server");
	else if (server == REF_LEAVING)
		text_add(&line, "not in the file any more: it drains");
	else if (server < balance->conf->nr_servers)
		reason_server(&line, balance, server);
	reason_pool(&line, balance, vs);
	return out;
}
