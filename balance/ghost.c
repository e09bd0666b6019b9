/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ghosts: servers that a reload took out of the file while the kernel has them.
 * They drain like those that the operator drains: weight 0 until the connections
 * are gone or drain_timeout is over. A virtual server that is not in the file
 * any more goes with all its servers, and keepalived_compat knows no ghosts.
 */
#include "balance/internal.h"

/* The virtual server in IX that has a key of OLD (and ADDR); or INDEX_END. */
static uint32_t ghost_find(const struct name_index *ix,
			   const struct conf_virtual_server *old,
			   const struct endpoint *addr)
{
	uint32_t k, at;

	for (k = 0; k < old->nr_keys; k++) {
		at = name_find(ix, &old->keys[k], addr);
		if (at != INDEX_END)
			return ix->names[at].vs;
	}
	return INDEX_END;
}

/* GHOST, if CONF has its service still and does not name it (again). */
static void ghost_add(struct balance *balance, const struct name_index *ix,
		      const struct conf_virtual_server *old, struct ghost ghost)
{
	ghost.vs = ghost_find(ix, old, NULL);
	if (ghost.vs == INDEX_END ||
	    ghost_find(ix, old, &ghost.addr) != INDEX_END)
		return;
	balance->ghosts = array_grow(balance->ghosts, balance->nr_ghosts,
				     &balance->room_ghosts, sizeof(ghost));
	balance->ghosts[balance->nr_ghosts++] = ghost;
}

void ghost_inherit(struct balance *balance, const struct balance *old,
		   usec_t now)
{
	const struct conf *conf = old->conf;
	struct name_index ix;
	size_t i;

	if (balance->conf->global.compat)
		return;
	name_index_init(&ix, balance->conf);
	for (i = 0; i < old->nr_ghosts; i++)
		ghost_add(balance, &ix,
			  &conf->virtual_servers[old->ghosts[i].vs],
			  old->ghosts[i]);
	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *server = &conf->servers[i];
		struct ghost ghost = { .addr = server->addr,
				       .forward = server->forward,
				       .until = now + server->drain_timeout };

		if (old->servers[i].place != PLACE_OUT)
			ghost_add(balance, &ix,
				  &conf->virtual_servers[server->vs], ghost);
	}
	name_index_free(&ix);
}

void ghost_decide(struct balance *balance, usec_t now)
{
	size_t i, kept = 0;

	for (i = 0; i < balance->nr_ghosts; i++) {
		struct ghost *ghost = &balance->ghosts[i];

		if (now >= ghost->until || (ghost->counted && !ghost->active))
			continue;
		balance_wake_at(balance, ghost->until);
		balance->ghosts[kept++] = *ghost;
	}
	balance->nr_ghosts = kept;
}
