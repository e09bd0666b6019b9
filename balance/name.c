/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Index of a configuration by names that outlive it: a kernel service, and a
 * server's address in the service. Lookups go through a hash.
 *
 * Two configurations, before and after a reload, mostly have their servers in the
 * same order. So a search for a server looks first behind the one found last, and
 * servers are hashed only once a search has failed there.
 */
#include "balance/balance_internal.h"

uint32_t name_hash(const struct service_key *key, const struct endpoint *addr)
{
	uint32_t hash = endpoint_hash(&key->vip);

	hash = hash * 31 + key->fwmark + ((uint32_t)key->family << 16) +
	       key->protocol;
	return addr ? hash * 31 + endpoint_hash(addr) : hash;
}

static bool name_has_key(const struct conf_virtual_server *vs,
			 const struct service_key *key)
{
	uint32_t k;

	for (k = 0; k < vs->nr_keys; k++)
		if (service_key_cmp(&vs->keys[k], key) == 0)
			return true;
	return false;
}

static bool name_is_server(const struct conf *conf, uint32_t server,
			   const struct service_key *key,
			   const struct endpoint *addr)
{
	const struct conf_server *its = &conf->servers[server];

	return endpoint_cmp(&its->addr, addr) == 0 &&
	       name_has_key(&conf->virtual_servers[its->vs], key);
}

void name_index_init(struct name_index *ix, const struct conf *conf)
{
	uint32_t v, k;

	*ix = (struct name_index){ .conf = conf };
	index_reserve(&ix->services, conf->nr_virtual_servers);
	for (v = 0; v < conf->nr_virtual_servers; v++) {
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[v];

		for (k = 0; k < vs->nr_keys; k++)
			index_put(&ix->services, name_hash(&vs->keys[k], NULL),
				  v);
	}
}

static void name_index_servers(struct name_index *ix)
{
	const struct conf *conf = ix->conf;
	uint32_t i, k;

	index_reserve(&ix->servers, conf->nr_servers);
	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[conf->servers[i].vs];

		for (k = 0; k < vs->nr_keys; k++)
			index_put(&ix->servers,
				  name_hash(&vs->keys[k],
					    &conf->servers[i].addr),
				  i);
	}
}

void name_index_free(struct name_index *ix)
{
	index_free(&ix->services);
	index_free(&ix->servers);
}

uint32_t name_find_service(const struct name_index *ix,
			   const struct service_key *key)
{
	struct index_walk walk;
	uint32_t vs;

	index_for_each (&ix->services, name_hash(key, NULL), &walk, vs)
		if (name_has_key(&ix->conf->virtual_servers[vs], key))
			break;
	return vs;
}

uint32_t name_find_server(struct name_index *ix, const struct service_key *key,
			  const struct endpoint *addr)
{
	struct index_walk walk;
	uint32_t server;

	if (ix->next < ix->conf->nr_servers &&
	    name_is_server(ix->conf, ix->next, key, addr))
		return ix->next++;
	if (!ix->servers.slots)
		name_index_servers(ix);
	index_for_each (&ix->servers, name_hash(key, addr), &walk, server)
		if (name_is_server(ix->conf, server, key, addr)) {
			ix->next = server + 1;
			break;
		}
	return server;
}
