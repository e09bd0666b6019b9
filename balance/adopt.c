/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's start: the kernel's table is the last word of our predecessor,
 * and a new balance goes on from there. The operator's words are known already.
 */
#include "balance/internal.h"

static void adopt_server(struct balance *balance, const struct actual_index *ix,
			 uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_virtual_server *vs =
		&balance->conf->virtual_servers[conf->vs];
	const struct table_dest *found = NULL;
	uint32_t k, full;

	/* Of a group, any service that serves by it will do. */
	for (k = 0; k < vs->nr_keys && (!found || !found->weight); k++) {
		const struct table_dest *one = actual_find(
			ix, &vs->keys[k], &conf->addr, &conf->forward);

		if (one)
			found = one;
	}
	if (!found) {
		/* Nothing is connected: such a drain is through. */
		balance->servers[server].drained =
			balance->servers[server].override == OVERRIDE_DRAIN;
		return;
	}
	if (found->weight == 0) {
		balance->servers[server].found_zero = true;
		return;
	}
	balance->servers[server].serves = true;
	/* It serves as before: a restart is no news to the notify scripts. */
	balance->servers[server].told = TOLD_UP;
	inherit_up(balance, server, WAS_UP, PROBE_NONE, NULL);
	for (k = 0; k < conf->nr_uses; k++)
		balance->checks[conf->uses[k].check].role = ROLE_PRESUMED;
	full = build_weight(vs, conf->weight);
	if (found->weight < full)
		ramp_adopt(balance, server,
			   (uint32_t)((uint64_t)found->weight * SHARE_FULL /
				      full));
}

void balance_adopt(struct balance *balance, const struct table *actual,
		   usec_t now)
{
	struct actual_index ix;
	uint32_t i;

	actual_index_init(&ix, actual);
	for (i = 0; i < balance->conf->nr_servers; i++) {
		adopt_server(balance, &ix, i);
		balance->servers[i].since = now;
	}
	actual_index_free(&ix);
}
