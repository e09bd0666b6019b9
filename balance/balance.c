/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance/balance.h"

#include <stdlib.h>

#include "balance/balance_internal.h"

static const char *const standing_names[STANDINGS] = {
	[STANDING_UNKNOWN] = "unknown", [STANDING_UP] = "up",
	[STANDING_HELD] = "held",	[STANDING_DRAIN] = "drain",
	[STANDING_DOWN] = "down",	[STANDING_SOFT] = "soft-failed",
	[STANDING_SPARE] = "spare",
};

static const char *const level_names[LEVELS] = {
	[LEVEL_NORMAL] = "normal",
	[LEVEL_STARTING] = "starting",
	[LEVEL_UNPROVEN] = "unproven",
	[LEVEL_SORRY] = "sorry",
	[LEVEL_NOTHING] = "nothing",
	[LEVEL_HOLDING] = "holding",
	[LEVEL_UPSTREAM] = "upstream-failure",
	[LEVEL_LAST_RESORT] = "last-resort",
};

const char *standing_name(enum standing standing)
{
	return standing_names[standing < STANDINGS ? standing :
						     STANDING_UNKNOWN];
}

const char *level_name(enum level level)
{
	return level_names[level < LEVELS ? level : LEVEL_NORMAL];
}

/*
 * keepalived puts a server in before its first check, unless `alpha` says that
 * the check (or the server) must prove itself first.
 */
static void balance_presume_compat(struct balance *balance)
{
	const struct conf *conf = balance->conf;
	const struct conf_use *use;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		/*
		 * Servers are in from the start: no UP event, but a DOWN one.
		 */
		balance->servers[i].notified = conf->global.init_notifies ?
						       NOTIFIED_NOTHING :
						       NOTIFIED_UP;
		balance_for_each_use (&conf->servers[i], use) {
			const struct conf_check *check =
				&conf->checks[use->check];

			/* A server of unknown role may not receive writes. */
			if (use->alpha || check->traits.needs_source ||
			    conf->virtual_servers[conf->servers[i].vs].writers) {
				balance->servers[i].notified = NOTIFIED_NOTHING;
				continue;
			}
			health_presume_weakly(
				&balance->checks[use->check].health,
				check->rise);
			balance->checks[use->check].presumed = true;
		}
	}
}

struct balance *balance_new(const struct conf *conf, usec_t now)
{
	struct balance *balance = xcalloc(1, sizeof(*balance));
	uint32_t i, largest = 0;

	balance->conf = conf;
	balance->checks = xcalloc(conf->nr_checks, sizeof(*balance->checks));
	balance->servers = xcalloc(conf->nr_servers, sizeof(*balance->servers));
	balance->services =
		xcalloc(conf->nr_virtual_servers, sizeof(*balance->services));
	if (conf->global.compat)
		balance_presume_compat(balance);
	for (i = 0; i < conf->nr_servers; i++) {
		balance->servers[i].since = now;
		ramp_forget(&balance->servers[i].ramp);
		fastest_forget(&balance->servers[i].latency);
		saturation_forget(&balance->servers[i].saturation);
		cold_forget(&balance->servers[i].cold);
	}
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		balance->services[i].level = LEVEL_STARTING;
		correlate_init(balance, i);
		if (conf->virtual_servers[i].nr_servers > largest)
			largest = conf->virtual_servers[i].nr_servers;
	}
	balance->candidates = xcalloc(largest, sizeof(*balance->candidates));
	balance->values = xcalloc(largest, sizeof(*balance->values));
	return balance;
}

void balance_free(struct balance *balance)
{
	uint32_t i;

	if (!balance)
		return;
	for (i = 0; i < balance->conf->nr_checks; i++)
		free(balance->checks[i].more);
	free(balance->checks);
	free(balance->servers);
	free(balance->services);
	free(balance->candidates);
	free(balance->values);
	free(balance->events);
	free(balance->notices);
	free(balance->leaving);
	free(balance);
}

const struct conf *balance_conf(const struct balance *balance)
{
	return balance->conf;
}

/*
 * The event for a change of standing: notify scripts are told once when a
 * server begins to serve at all, and once when the server ceases to.
 */
static enum balance_event_kind balance_event_kind(struct server_state *state,
						  enum standing after)
{
	switch (after) {
	case STANDING_UP:
	case STANDING_SOFT:
		if (state->notified == NOTIFIED_UP)
			break;
		state->notified = NOTIFIED_UP;
		return EVENT_SERVER_UP;
	case STANDING_DOWN:
		if (state->notified == NOTIFIED_DOWN)
			break;
		state->notified = NOTIFIED_DOWN;
		return EVENT_SERVER_DOWN;
	case STANDING_UNKNOWN:
	case STANDING_HELD:
	case STANDING_DRAIN:
	case STANDING_SPARE:
	case STANDINGS:
		break;
	}
	return EVENT_SERVER_OTHER;
}

/*
 * The time of the verdict that moved SERVER's standing. A decision may come
 * long after its verdicts: without IPVS a decision is made only on request.
 */
static usec_t balance_moved(const struct balance *balance, uint32_t server,
			    usec_t now)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	usec_t moved = 0;
	const struct conf_use *use;

	balance_for_each_use (conf, use)
		if (balance->checks[use->check].moved > moved)
			moved = balance->checks[use->check].moved;
	return moved > balance->servers[server].since ? moved : now;
}

static void balance_settle_server(struct balance *balance, uint32_t vs,
				  uint32_t server, usec_t now)
{
	struct server_state *state = &balance->servers[server];
	enum standing after = standing_of_server(balance, server);
	uint8_t before = state->standing,
		told = (uint8_t)writers_told(balance, server);
	enum balance_event_kind kind;

	state->share = standing_share(balance, server);
	if (after == before)
		return;
	ramp_standing(balance, server, (enum standing)before, after, now);
	state->standing = (uint8_t)after;
	state->since = balance_moved(balance, server, now);
	state->choice.served = state->choice.serves;
	/* Whether a writer serves is known when all servers are. */
	if (writers_hold_back(&balance->conf->virtual_servers[vs]) &&
	    (after == STANDING_UP || after == STANDING_SOFT)) {
		state->seat.was = told;
		state->seat.pending = true;
		return;
	}
	state->seat.spare = state->seat.pending = false;
	kind = balance_event_kind(state, after);
	if (told != after || kind != EVENT_SERVER_OTHER)
		balance_add_event(balance, kind, vs, server, told,
				  (uint8_t)after);
}

void balance_decide(struct balance *balance, usec_t now, struct table *wanted)
{
	const struct conf *conf = balance->conf;
	uint32_t vs, i;

	balance_tell(balance, .kind = INPUT_DECIDE, .now = now);
	balance->wake = balance->awaits = 0;
	table_clear(wanted);
	leaving_decide(balance, now);
	for (vs = 0; vs < conf->nr_virtual_servers; vs++) {
		const struct conf_virtual_server *cvs =
			&conf->virtual_servers[vs];

		balance_for_each_server (cvs, i)
			balance_settle_server(balance, vs, i, now);
		pause_decide(balance, vs, now);
		if (pause_holds(balance, vs)) {
			build_service(balance, vs, now, wanted);
			continue;
		}
		arbiter_choose(balance, vs, now);
		source_decide(balance, vs);
		quorum_decide(balance, vs);
		saturation_decide(balance, vs, now);
		ramp_decide(balance, vs, now);
		cold_decide(balance, vs, now);
		fastest_decide(balance, vs, now);
		headroom_decide(balance, vs, now);
		build_service(balance, vs, now, wanted);
	}
	balance_tell(balance, .kind = INPUT_DECIDED, .now = now,
		     .table = wanted);
}
