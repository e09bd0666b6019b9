/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's override of a server: overrides take precedence over status
 * files, and status files over checks.
 *
 *	drain	weight 0; out once its connections are gone, or drain_timeout
 *		is over; a server that dies meanwhile is out as any other
 *	disable	out at once
 *	weight	another weight; the checks decide whether the server serves
 *	ready	no override (a ramp is armed only by a restart meanwhile)
 */
#include "balance/balance_internal.h"

void balance_override(struct balance *balance, uint32_t server,
		      enum balance_override_kind kind, uint32_t weight,
		      usec_t now)
{
	struct server_state *state;

	balance_tell(balance, .kind = INPUT_OVERRIDE, .server = server,
		     .override = kind, .weight = weight, .now = now);
	if (server >= balance->conf->nr_servers)
		return;
	state = &balance->servers[server];
	/* Repeating "drain" does not restart its timer. */
	if (state->override.kind != (uint8_t)kind) {
		state->override.since = now;
		state->override.drained = false;
		state->override.cut = 0;
		/*
		 * An older count must not end the drain: clients may have come.
		 */
		state->connections.counted = false;
	}
	state->override.kind = (uint8_t)kind;
	state->override.weight = kind == OVERRIDE_WEIGHT ? weight : 0;
}

bool override_takes_out(const struct override *override)
{
	return override->kind == OVERRIDE_DRAIN ||
	       override->kind == OVERRIDE_DISABLE;
}

bool override_note(const struct server_state *state)
{
	return state->override.kind == OVERRIDE_DRAIN &&
	       !state->override.drained && state->connections.active == 0;
}

static bool override_is_through(struct balance *balance, uint32_t server,
				usec_t now)
{
	struct server_state *state = &balance->servers[server];
	usec_t until = state->override.since +
		       balance->conf->servers[server].drain_timeout;

	if (state->override.drained)
		return true;
	if (state->connections.counted && state->connections.active == 0)
		return true;
	if (now >= until) {
		state->override.cut = state->connections.counted ?
					      state->connections.active :
					      0;
		return true;
	}
	balance_wake_at(balance, until);
	return false;
}

bool override_placement(struct balance *balance, uint32_t server, usec_t now,
			enum placement *placement)
{
	struct server_state *state = &balance->servers[server];

	switch ((enum balance_override_kind)state->override.kind) {
	case OVERRIDE_NONE:
	case OVERRIDE_WEIGHT:
		return false;
	case OVERRIDE_DISABLE:
		*placement = PLACEMENT_OUT;
		return true;
	case OVERRIDE_DRAIN:
		state->override.drained =
			override_is_through(balance, server, now);
		*placement =
			state->override.drained ||
					(state->standing == STANDING_DOWN &&
					 !balance->conf->servers[server]
						  .inhibit) ?
				PLACEMENT_OUT :
				PLACEMENT_ZERO;
		return true;
	}
	return false;
}
