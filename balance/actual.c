/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lookup of the kernel's entries by service and address, and the connections
 * that the kernel counts for each server. Lookups go through a hash, so the
 * cost is linear.
 */
#include <stdlib.h>

#include "balance/balance_internal.h"

void actual_index_init(struct actual_index *ix, const struct table *actual)
{
	uint32_t s, d;

	ix->actual = actual;
	ix->service_of = xcalloc(actual->nr_dests, sizeof(*ix->service_of));
	ix->index = (struct index){ 0 };
	index_reserve(&ix->index, actual->nr_dests);
	for (s = 0; s < actual->nr_services; s++) {
		const struct table_service *svc = &actual->services[s];

		for (d = (uint32_t)svc->first_dest;
		     d < svc->first_dest + svc->nr_dests; d++) {
			ix->service_of[d] = s;
			index_put(&ix->index,
				  name_hash(&svc->key, &actual->dests[d].rip),
				  d);
		}
	}
}

const struct table_dest *actual_find(const struct actual_index *ix,
				     const struct service_key *key,
				     const struct endpoint *addr,
				     const struct conf_forward *forward)
{
	struct endpoint rip;
	struct index_walk walk;
	uint32_t d;

	conf_dest_endpoint(key, addr, forward, &rip);
	index_for_each (&ix->index, name_hash(key, &rip), &walk, d) {
		const struct table_service *svc =
			&ix->actual->services[ix->service_of[d]];

		if (service_key_cmp(&svc->key, key) == 0 &&
		    endpoint_cmp(&ix->actual->dests[d].rip, &rip) == 0)
			return &ix->actual->dests[d];
	}
	return NULL;
}

void actual_index_free(struct actual_index *ix)
{
	index_free(&ix->index);
	free(ix->service_of);
}

/* Sum over all services of VS. */
static struct connections actual_count(const struct actual_index *ix,
				       const struct conf_virtual_server *vs,
				       const struct endpoint *addr,
				       const struct conf_forward *forward)
{
	struct connections count = { .counted = true };
	uint32_t k;

	for (k = 0; k < vs->nr_keys; k++) {
		const struct table_dest *dest =
			actual_find(ix, &vs->keys[k], addr, forward);

		if (!dest)
			continue;
		count.active += dest->active;
		count.inactive += dest->inactive;
	}
	return count;
}

bool balance_note_connections(struct balance *balance,
			      const struct table *actual)
{
	const struct conf *conf = balance->conf;
	struct actual_index ix;
	bool matters = false;
	uint32_t i;

	balance_tell(balance, .kind = INPUT_CONNECTIONS, .table = actual);
	actual_index_init(&ix, actual);
	for (i = 0; i < conf->nr_servers; i++) {
		struct server_state *state = &balance->servers[i];
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[conf->servers[i].vs];

		state->connections = actual_count(&ix, vs,
						  &conf->servers[i].addr,
						  &conf->servers[i].forward);
		matters |= override_note(state) || vs->headroom.threshold ||
			   build_notes(balance, i);
	}
	for (i = 0; i < balance->nr_leaving; i++) {
		struct leaving *leaving = &balance->leaving[i];

		leaving->active =
			actual_count(&ix, &conf->virtual_servers[leaving->vs],
				     &leaving->addr, &leaving->forward)
				.active;
		leaving->counted = true;
		matters |= leaving->active == 0;
	}
	actual_index_free(&ix);
	return matters;
}
