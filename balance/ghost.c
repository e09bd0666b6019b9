/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ghosts: servers that a reload took out of the file while the kernel has them.
 * They drain like those that the operator drains: weight 0 until the connections
 * are gone or drain_timeout is over. A virtual server that is not in the file
 * any more goes with all its servers, and keepalived_compat knows no ghosts.
 */
#include <stdlib.h>
#include <string.h>

#include "balance/internal.h"

/* Everything in CONF by service and address; a service alone, too. */
struct ghost_index {
	struct index index;
	const struct conf *conf;
	uint32_t *vs; /* by position */
	const struct service_key **key;
	const struct endpoint **addr; /* NULL: the service alone */
	uint32_t used;
};

static void ghost_index_put(struct ghost_index *ix, uint32_t vs,
			    const struct service_key *key,
			    const struct endpoint *addr)
{
	uint32_t at = ix->used++;

	ix->vs[at] = vs;
	ix->key[at] = key;
	ix->addr[at] = addr;
	index_put(&ix->index, inherit_hash(key, addr), at);
}

static void ghost_index_init(struct ghost_index *ix, const struct conf *conf)
{
	uint32_t count = 0, v, k, i;

	for (v = 0; v < conf->nr_virtual_servers; v++)
		count += conf->virtual_servers[v].nr_keys *
			 (conf->virtual_servers[v].nr_servers + 1);
	memset(ix, 0, sizeof(*ix));
	ix->conf = conf;
	index_init(&ix->index, count);
	ix->vs = xcalloc(count, sizeof(*ix->vs));
	ix->key = xcalloc(count, sizeof(*ix->key));
	ix->addr = xcalloc(count, sizeof(*ix->addr));
	for (v = 0; v < conf->nr_virtual_servers; v++) {
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[v];

		for (k = 0; k < vs->nr_keys; k++) {
			ghost_index_put(ix, v, &vs->keys[k], NULL);
			for (i = 0; i < vs->nr_servers; i++)
				ghost_index_put(
					ix, v, &vs->keys[k],
					&conf->servers[vs->first_server + i]
						 .addr);
		}
	}
}

static void ghost_index_free(struct ghost_index *ix)
{
	index_free(&ix->index);
	free(ix->vs);
	free(ix->key);
	free(ix->addr);
}

/* The virtual server in CONF that has KEY (and the server ADDR); or INDEX_END. */
static uint32_t ghost_find(const struct ghost_index *ix,
			   const struct conf_virtual_server *old,
			   const struct endpoint *addr)
{
	uint32_t k, at;

	for (k = 0; k < old->nr_keys; k++) {
		const struct service_key *key = &old->keys[k];

		for (at = index_first(&ix->index, inherit_hash(key, addr));
		     at != INDEX_END; at = index_next(&ix->index, at)) {
			if (service_key_cmp(ix->key[at], key) != 0 ||
			    !addr != !ix->addr[at])
				continue;
			if (!addr || endpoint_cmp(ix->addr[at], addr) == 0)
				return ix->vs[at];
		}
	}
	return INDEX_END;
}

/* GHOST, if CONF has its service still and does not name it (again). */
static void ghost_add(struct balance *balance, const struct ghost_index *ix,
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
	struct ghost_index ix;
	size_t i;

	if (balance->conf->global.compat)
		return;
	ghost_index_init(&ix, balance->conf);
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
	ghost_index_free(&ix);
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
