/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Index of a configuration by names that outlive it: a kernel service, and a
 * server's address in the service. Lookups go through a hash.
 */
#include <stdlib.h>

#include "balance/balance_internal.h"

uint32_t name_hash(const struct service_key *key, const struct endpoint *addr)
{
	uint32_t hash = endpoint_hash(&key->vip);

	hash = hash * 31 + key->fwmark + ((uint32_t)key->family << 16) +
	       key->protocol;
	return addr ? hash * 31 + endpoint_hash(addr) : hash;
}

static void name_put(struct name_index *ix, uint32_t vs, uint32_t server,
		     const struct service_key *key, const struct endpoint *addr)
{
	uint32_t at = ix->used++;

	ix->names[at] = (struct name){ vs, server, key, addr };
	index_put(&ix->index, name_hash(key, addr), at);
}

void name_index_init(struct name_index *ix, const struct conf *conf)
{
	uint32_t count = 0, v, k, i;

	for (v = 0; v < conf->nr_virtual_servers; v++)
		count += conf->virtual_servers[v].nr_keys *
			 (conf->virtual_servers[v].nr_servers + 1);
	ix->index = (struct index){ 0 };
	index_reserve(&ix->index, count);
	ix->names = xcalloc(count, sizeof(*ix->names));
	ix->used = 0;
	for (v = 0; v < conf->nr_virtual_servers; v++) {
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[v];

		for (k = 0; k < vs->nr_keys; k++) {
			name_put(ix, v, TABLE_NO_REF, &vs->keys[k], NULL);
			balance_for_each_server (vs, i)
				name_put(ix, v, i, &vs->keys[k],
					 &conf->servers[i].addr);
		}
	}
}

void name_index_free(struct name_index *ix)
{
	index_free(&ix->index);
	free(ix->names);
}

uint32_t name_find(const struct name_index *ix, const struct service_key *key,
		   const struct endpoint *addr)
{
	struct index_walk walk;
	uint32_t at;

	index_for_each (&ix->index, name_hash(key, addr), &walk, at) {
		const struct name *name = &ix->names[at];

		if (service_key_cmp(name->key, key) != 0 ||
		    !addr != !name->addr)
			continue;
		if (!addr || endpoint_cmp(name->addr, addr) == 0)
			return at;
	}
	return INDEX_END;
}
