/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/same_pools.h"

#include <string.h>

#include "conf/conf.h"
#include "lib/index.h"

/* The protocol is a part of the name: an address may have a service of each. */
static bool same_pool(const struct conf_virtual_server *a,
		      const struct conf_virtual_server *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       a->keys[0].protocol == b->keys[0].protocol &&
	       a->keys[0].family == b->keys[0].family;
}

uint32_t *same_pools(const struct conf *conf, const struct conf *before)
{
	uint32_t *found = xcalloc(conf->nr_virtual_servers, sizeof(*found));
	const struct conf_virtual_server *vs;
	struct index index = { 0 };
	struct index_walk walk;
	uint32_t i;

	for (i = 0; before && i < before->nr_virtual_servers; i++)
		index_put(&index, hash_text(before->virtual_servers[i].name),
			  i);
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		vs = &conf->virtual_servers[i];
		index_for_each (&index, hash_text(vs->name), &walk, found[i])
			if (same_pool(vs, &before->virtual_servers[found[i]]))
				break;
	}
	index_free(&index);
	return found;
}
