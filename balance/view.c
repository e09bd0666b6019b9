/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision's memory, for display. */
#include "balance/balance_internal.h"

/*
 * A check on schedule sends at least one verdict in an interval. A check
 * without a verdict for three intervals and a margin for a loaded host is
 * stuck.
 */
#define STALE_INTERVALS 3
#define STALE_MARGIN (5 * USEC_PER_SEC)

static bool view_check_is_stale(const struct conf_check *conf,
				const struct check_state *state, usec_t now)
{
	usec_t interval = conf->delay_loop > conf->delay_before_retry ?
				  conf->delay_loop :
				  conf->delay_before_retry;

	return state->when != 0 &&
	       now - state->when >
		       STALE_INTERVALS * (interval + conf->timeout) +
			       STALE_MARGIN;
}

void balance_view_check(const struct balance *balance, uint32_t check,
			usec_t now, struct balance_check_view *view)
{
	const struct check_state *state = &balance->checks[check];
	const struct conf_check *conf = &balance->conf->checks[check];

	view->state = (uint8_t)health_state(&state->health, conf->rise);
	view->proven = state->proven;
	view->stale = view_check_is_stale(conf, state, now);
	view->failures = state->failures;
	view->outcome = state->outcome;
	view->server_errno = state->server_errno;
	view->duration = state->duration;
	view->when = state->when;
	view->text = check_text(state);
}

static bool view_moves(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct server_state *state = &balance->servers[server];
	const struct conf_use *use;

	if (state->override.kind == OVERRIDE_WEIGHT)
		return false;
	balance_for_each_use (conf, use)
		if (balance->conf->checks[use->check].traits.reports_weight)
			return true;
	return ramp_runs(&state->ramp) || state->latency.factor != SHARE_FULL ||
	       state->saturation.factor < SHARE_FULL || cold_runs(&state->cold);
}

static bool view_is_judged(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (conf, use)
		if (!balance->checks[use->check].proven)
			return false;
	return true;
}

void balance_view_server(const struct balance *balance, uint32_t server,
			 struct balance_server_view *view)
{
	const struct server_state *state = &balance->servers[server];

	view->standing = writers_shown(balance, server);
	view->term = state->seat.term;
	view->fell = state->seat.fell;
	view->wanted = state->placement != PLACEMENT_OUT || state->as_sorry;
	view->weight = state->weight;
	view->since = state->since;
	view->serves = state->choice.serves;
	view->judged = view_is_judged(balance, server);
	view->ramp = state->ramp.share;
	view->latency_factor = state->latency.factor;
	view->saturation = state->saturation.factor;
	view->let_in = state->cold.share;
	view->override = state->override.kind;
	view->override_weight = state->override.weight;
	view->override_since = state->override.since;
	view->drained = state->override.drained;
	view->drain_cut = state->override.cut;
	view->counted = state->connections.counted;
	view->active = state->connections.active;
	view->inactive = state->connections.inactive;
	view->moves = view_moves(balance, server);
}

/* The arbiter does not count during a pause, and the checks go on. */
static void view_count_paused(const struct balance *balance, uint32_t vs,
			      struct balance_vs_view *view)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i;

	view->up = view->soft = view->serving = 0;
	balance_for_each_server (conf, i) {
		const struct server_state *one = &balance->servers[i];

		view->up += one->standing == STANDING_UP;
		view->soft += one->standing == STANDING_SOFT;
		view->serving += one->placement == PLACEMENT_IN &&
				 one->weight > 0;
	}
}

void balance_view_vs(const struct balance *balance, uint32_t vs,
		     struct balance_vs_view *view)
{
	const struct vs_state *state = &balance->services[vs];

	view->level = state->level;
	view->quorum = state->quorum;
	view->up = state->up;
	view->serving = state->serving;
	view->up_weight = state->up_weight;
	view->soft = state->soft;
	view->kept = state->kept;
	view->backups = state->backups;
	view->need = state->need;
	view->frozen = state->freeze.on;
	view->sources = state->sources;
	view->writers = balance->conf->virtual_servers[vs].writers;
	view->spares = state->spares;
	view->paused_until = state->pause.until;
	view->keeps = state->pause.until > 0 && state->pause.keeps;
	if (view->keeps)
		view_count_paused(balance, vs, view);
}

uint32_t balance_stale_checks(const struct balance *balance, usec_t now)
{
	uint32_t i, stale = 0;

	for (i = 0; i < balance->conf->nr_checks; i++)
		stale += view_check_is_stale(&balance->conf->checks[i],
					     &balance->checks[i], now);
	return stale;
}

#define TAKE(bit, field)                         \
	do {                                     \
		if (news & (bit))                \
			to->field = from->field; \
	} while (0)

static void view_facts_merge(struct facts *to, const struct facts *from)
{
	uint32_t news = from->have & ~to->have;

	TAKE(FACT_LAG, lag);
	TAKE(FACT_READ_ONLY, read_only);
	TAKE(FACT_IS_REPLICA, is_replica);
	TAKE(FACT_CHANNELS, channels);
	TAKE(FACT_THREADS_RUNNING, threads_running);
	TAKE(FACT_THREADS_CONNECTED, threads_connected);
	TAKE(FACT_MAX_CONNECTIONS, max_connections);
	TAKE(FACT_MAX_USED, max_used);
	TAKE(FACT_WAIT_TIMEOUT, wait_timeout);
	TAKE(FACT_UPTIME, uptime);
	TAKE(FACT_WEIGHT, weight);
	TAKE(FACT_HTTP_STATUS, http_status);
	TAKE(FACT_EXIT_STATUS, exit_status);
	to->have |= news;
}

/* Field by field: each fact from the first check that has it. */
void balance_view_facts(const struct balance *balance, uint32_t server,
			struct facts *facts)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	*facts = (struct facts){ 0 };
	balance_for_each_use (conf, use) {
		const struct facts *one =
			check_facts(&balance->checks[use->check]);

		if (one->have & ~facts->have)
			view_facts_merge(facts, one);
	}
}
