/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writers: the number of servers of a pool that are up by `role source`. Two
 * such servers take writes that will never meet, so more than one is logged as
 * loudly as possible. A cluster whose nodes are all writable declares so in its
 * check and is left alone; so is a server that the operator took out. With
 * `writers`, as many sources are right; those beyond do not serve (writers.c),
 * and are logged all the same.
 */
#include "balance/balance_internal.h"

bool source_is_one(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct server_state *state = &balance->servers[server];
	const struct conf_use *use;

	if (state->standing != STANDING_UP ||
	    override_takes_out(&state->override))
		return false;
	balance_for_each_use (conf, use) {
		uint32_t check = use->check;
		const struct conf_check *one = &balance->conf->checks[check];

		if (one->traits.needs_source &&
		    balance->checks[check].role == ROLE_PROVED &&
		    !one->traits.many_sources)
			return true;
	}
	return false;
}

void source_decide(struct balance *balance, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct vs_state *state = &balance->services[vs];
	uint32_t i, count = 0, wanted = conf->writers ? conf->writers : 1;
	uint32_t beyond;

	balance_for_each_server (conf, i)
		count += source_is_one(balance, i);
	state->sources = count;
	/* Not the count: a reload may want another number. */
	beyond = count > wanted ? count - wanted : 0;
	if (beyond > 0 && beyond != state->sources_notified)
		balance_add_notice(balance, NOTICE_SOURCES_MANY, vs,
				   TABLE_NO_REF);
	else if (beyond == 0 && state->sources_notified > 0)
		balance_add_notice(balance, NOTICE_SOURCES_ONE, vs,
				   TABLE_NO_REF);
	state->sources_notified = beyond;
}
