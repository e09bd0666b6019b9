/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's start: the kernel's table is the last word of our predecessor,
 * and a new balance goes on from there. Linear: a hash, no nested walks.
 */
#include <stdlib.h>

#include "balance/internal.h"
#include "lib/index.h"

/* The kernel's entries, found by service and address. */
struct adopt_index {
	struct index index;
	const struct table *actual;
	uint32_t *service_of; /* by position in actual->dests */
};

static void adopt_index_init(struct adopt_index *ix, const struct table *actual)
{
	uint32_t s, d;

	ix->actual = actual;
	ix->service_of = xcalloc(actual->nr_dests, sizeof(*ix->service_of));
	index_init(&ix->index, (uint32_t)actual->nr_dests);
	for (s = 0; s < actual->nr_services; s++) {
		const struct table_service *svc = &actual->services[s];

		for (d = (uint32_t)svc->first_dest;
		     d < svc->first_dest + svc->nr_dests; d++) {
			ix->service_of[d] = s;
			index_put(&ix->index,
				  inherit_hash(&svc->key,
					       &actual->dests[d].rip),
				  d);
		}
	}
}

static const struct table_dest *adopt_find(const struct adopt_index *ix,
					   const struct service_key *key,
					   const struct endpoint *addr)
{
	struct endpoint rip = *addr;
	uint32_t d;

	if (rip.port == 0)
		rip.port = key->vip.port;
	for (d = index_first(&ix->index, inherit_hash(key, &rip));
	     d != INDEX_END; d = index_next(&ix->index, d)) {
		const struct table_service *svc =
			&ix->actual->services[ix->service_of[d]];

		if (service_key_cmp(&svc->key, key) == 0 &&
		    endpoint_cmp(&ix->actual->dests[d].rip, &rip) == 0)
			return &ix->actual->dests[d];
	}
	return NULL;
}

static void adopt_server(struct balance *balance, const struct adopt_index *ix,
			 uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_virtual_server *vs =
		&balance->conf->virtual_servers[conf->vs];
	const struct table_dest *found = NULL;
	uint32_t k, full;

	/* Of a group, any service that serves by it will do. */
	for (k = 0; k < vs->nr_keys && (!found || !found->weight); k++) {
		const struct table_dest *one =
			adopt_find(ix, &vs->keys[k], &conf->addr);

		if (one)
			found = one;
	}
	if (!found)
		return;
	if (found->weight == 0) {
		balance->servers[server].found_zero = true;
		return;
	}
	balance->servers[server].serves = true;
	inherit_up(balance, server, WAS_UP, PROBE_NONE, NULL);
	full = build_weight(vs, conf->weight);
	if (found->weight < full)
		ramp_adopt(balance, server,
			   (uint32_t)((uint64_t)found->weight * SHARE_FULL /
				      full));
}

void balance_adopt(struct balance *balance, const struct table *actual,
		   usec_t now)
{
	struct adopt_index ix;
	uint32_t i;

	adopt_index_init(&ix, actual);
	for (i = 0; i < balance->conf->nr_servers; i++) {
		adopt_server(balance, &ix, i);
		balance->servers[i].since = now;
	}
	index_free(&ix.index);
	free(ix.service_of);
}
