/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's pause of a virtual server: its table stays as it was decided
 * last, against all news of the checks, until the pause is taken back or its time is
 * over. The checks go on, so that states are shown and the end of the pause
 * finds them known.
 *
 *	a verdict		changes the state of its server, not the table
 *	slow start, thresholds,	stand still
 *	response time, seats
 *	a drain, a weight	counts from the end of the pause on, and a drain
 *				has its whole time then
 *	a change by others	is repaired: the table that is kept is the wanted
 *				one
 *	a reload		a server of both files stays as it is, a new one
 *				waits for the end, one that is not in the file
 *				any more drains; the rest is as the file says
 *	a restart		the kernel's table is kept
 *	a boot			nothing is left to be kept: the checks decide,
 *				as without a pause
 *
 * Nothing is copied for this: a server's placement and weight are its state, and
 * while a pause holds the decision leaves them alone (balance_decide()).
 */
#include "balance/pause.h"

#include "balance/balance_internal.h"

static struct vs_state *pause_vs(const struct balance *balance, uint32_t vs)
{
	return &balance->services[vs];
}

bool pause_holds(const struct balance *balance, uint32_t vs)
{
	const struct pause *pause = &pause_vs(balance, vs)->pause;

	return pause->until > 0 && pause->keeps;
}

/* A drain that was asked for meanwhile has its whole time from now on. */
static void pause_end(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct pause *pause = &pause_vs(balance, vs)->pause;
	uint32_t i;

	balance_for_each_server (conf, i) {
		struct override *override = &balance->servers[i].override;

		if (pause->keeps && override->kind == OVERRIDE_DRAIN &&
		    !override->drained && override->since >= pause->began)
			override->since = now;
	}
	*pause = (struct pause){ 0 };
}

void balance_pause(struct balance *balance, uint32_t vs, usec_t until,
		   usec_t now)
{
	struct vs_state *state;

	balance_tell(balance, .kind = INPUT_PAUSE, .vs = vs, .until = until,
		     .now = now);
	if (vs >= balance->conf->nr_virtual_servers)
		return;
	state = pause_vs(balance, vs);
	if (until <= now) {
		if (state->pause.until > 0)
			pause_end(balance, vs, now);
		return;
	}
	if (state->pause.until == 0 || !state->pause.keeps)
		state->pause.began = now;
	state->pause.until = until;
	state->pause.keeps = state->built;
}

void pause_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct pause *pause = &pause_vs(balance, vs)->pause;

	if (pause->until == 0)
		return;
	if (now < pause->until) {
		balance_wake_at(balance, pause->until);
		return;
	}
	pause_end(balance, vs, now);
	balance_add_notice(balance, NOTICE_PAUSE_OVER, vs, TABLE_NO_REF);
}

void pause_adopt_server(struct balance *balance, uint32_t server,
			const struct table_dest *found)
{
	struct server_state *state = &balance->servers[server];

	if (pause_vs(balance, balance->conf->servers[server].vs)->pause.until ==
	    0)
		return;
	state->weight = found ? found->weight : 0;
	state->placement = !found	     ? PLACEMENT_OUT :
			   found->weight > 0 ? PLACEMENT_IN :
					       PLACEMENT_ZERO;
}

void pause_adopt_service(struct balance *balance, uint32_t vs, bool known,
			 bool serving)
{
	struct vs_state *state = pause_vs(balance, vs);

	if (state->pause.until == 0)
		return;
	state->pause.keeps = known;
	if (!known || state->sorry)
		return;
	/* The level of before is not known; trackers go by the serving servers. */
	state->quorum = state->quorum_found;
	state->level = serving ? LEVEL_NORMAL : LEVEL_NOTHING;
}
