/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leaving servers: the kernel has them and the file does not name them any
 * more, since a reload or since the daemon was started with another file. A
 * leaving server drains as with the operator's drain: weight 0 until its
 * connections are gone or drain_timeout is over. A virtual server that is not
 * in the file any more is removed with all its servers, and keepalived_compat
 * keeps no leaving servers.
 */
#include "balance/balance_internal.h"

/* The default, for a server whose drain_timeout is not known any more. */
#define LEAVING_TIMEOUT (300 * USEC_PER_SEC)

/* The virtual server in IX that has a key of OLD; or INDEX_END. */
static uint32_t leaving_find(const struct name_index *ix,
			     const struct conf_virtual_server *old)
{
	uint32_t k, vs = INDEX_END;

	for (k = 0; k < old->nr_keys && vs == INDEX_END; k++)
		vs = name_find_service(ix, &old->keys[k]);
	return vs;
}

/* Is there a server with ADDR under a key of OLD? */
static bool leaving_is_named(struct name_index *ix,
			     const struct conf_virtual_server *old,
			     const struct endpoint *addr)
{
	uint32_t k;

	for (k = 0; k < old->nr_keys; k++)
		if (name_find_server(ix, &old->keys[k], addr) != INDEX_END)
			return true;
	return false;
}

static void leaving_put(struct balance *balance, const struct leaving *leaving)
{
	balance->leaving = array_grow(balance->leaving, balance->nr_leaving,
				      &balance->room_leaving, sizeof(*leaving));
	balance->leaving[balance->nr_leaving++] = *leaving;
}

/*
 * Add LEAVING, if CONF still has its service and does not name the server
 * (again).
 */
static void leaving_add(struct balance *balance, struct name_index *ix,
			const struct conf_virtual_server *old,
			struct leaving leaving)
{
	leaving.vs = leaving_find(ix, old);
	if (leaving.vs == INDEX_END || leaving_is_named(ix, old, &leaving.addr))
		return;
	leaving_put(balance, &leaving);
}

/* In a group, several services have the same server. */
static bool leaving_is_known(const struct balance *balance,
			     const struct conf_virtual_server *vs,
			     const struct service_key *key,
			     const struct leaving *leaving)
{
	struct endpoint addr;
	size_t i;

	for (i = 0; vs->nr_keys > 1 && i < balance->nr_leaving; i++) {
		if (balance->leaving[i].vs != leaving->vs)
			continue;
		conf_dest_endpoint(key, &balance->leaving[i].addr,
				   &balance->leaving[i].forward, &addr);
		if (endpoint_cmp(&addr, &leaving->addr) == 0)
			return true;
	}
	return false;
}

void leaving_adopt(struct balance *balance, uint32_t vs,
		   const struct service_key *key, const struct table_dest *dest,
		   usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct leaving leaving = { .vs = vs,
				   .addr = dest->rip,
				   .forward = { .method = dest->forward,
						.tun_type = dest->tun_type,
						.tun_port = dest->tun_port,
						.tun_flags =
							dest->tun_flags } };
	usec_t longest = 0;
	uint32_t i;

	/* In a group, the first service with the server stands for all. */
	if (leaving_is_known(balance, conf, key, &leaving))
		return;
	balance_for_each_server (conf, i)
		if (balance->conf->servers[i].drain_timeout > longest)
			longest = balance->conf->servers[i].drain_timeout;
	leaving.until = now + (longest ? longest : LEAVING_TIMEOUT);
	leaving_put(balance, &leaving);
}

bool leaving_was(const struct balance *old, const struct name_index *ix,
		 const struct conf_virtual_server *vs,
		 const struct endpoint *addr)
{
	uint32_t at = INDEX_END, k;
	size_t i;

	if (old->nr_leaving == 0)
		return false;
	for (k = 0; k < vs->nr_keys && at == INDEX_END; k++)
		at = name_find_service(ix, &vs->keys[k]);
	if (at == INDEX_END)
		return false;
	for (i = 0; i < old->nr_leaving; i++)
		if (old->leaving[i].vs == at &&
		    endpoint_cmp(&old->leaving[i].addr, addr) == 0)
			return true;
	return false;
}

/* Add the old file's sorry server, if the new file has another or none. */
static void leaving_inherit_sorry(struct balance *balance,
				  const struct balance *old,
				  struct name_index *ix, uint32_t vs,
				  usec_t now)
{
	const struct conf_virtual_server *conf =
		&old->conf->virtual_servers[vs];
	struct leaving leaving = { .addr = conf->sorry.addr,
				   .forward = conf->sorry.forward,
				   .until = now + LEAVING_TIMEOUT };
	uint32_t at = leaving_find(ix, conf);

	if (!addr_is_set(&conf->sorry.addr.addr) || at == INDEX_END ||
	    endpoint_cmp(&balance->conf->virtual_servers[at].sorry.addr,
			 &conf->sorry.addr) == 0)
		return;
	if (old->services[vs].sorry || conf->sorry.inhibit)
		leaving_add(balance, ix, conf, leaving);
}

void leaving_inherit(struct balance *balance, const struct balance *old,
		     const bool *kept, usec_t now)
{
	const struct conf *conf = old->conf;
	struct name_index ix;
	uint32_t vs;
	size_t i;

	if (balance->conf->global.compat)
		return;
	name_index_init(&ix, balance->conf);
	for (i = 0; i < old->nr_leaving; i++)
		leaving_add(balance, &ix,
			    &conf->virtual_servers[old->leaving[i].vs],
			    old->leaving[i]);
	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *server = &conf->servers[i];
		struct leaving leaving = { .addr = server->addr,
					   .forward = server->forward,
					   .until = now +
						    server->drain_timeout };

		if (!kept[i] && old->servers[i].placement != PLACEMENT_OUT)
			leaving_add(balance, &ix,
				    &conf->virtual_servers[server->vs],
				    leaving);
	}
	for (vs = 0; vs < conf->nr_virtual_servers; vs++)
		leaving_inherit_sorry(balance, old, &ix, vs, now);
	name_index_free(&ix);
}

void leaving_decide(struct balance *balance, usec_t now)
{
	size_t i, kept = 0;

	for (i = 0; i < balance->nr_leaving; i++) {
		struct leaving *leaving = &balance->leaving[i];

		if (!pause_holds(balance, leaving->vs)) {
			if (now >= leaving->until ||
			    (leaving->counted && !leaving->active))
				continue;
			balance_wake_at(balance, leaving->until);
		}
		balance->leaving[kept++] = *leaving;
	}
	balance->nr_leaving = kept;
}
