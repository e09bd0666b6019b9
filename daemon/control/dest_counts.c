/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/dest_counts.h"

#include "conf/conf.h"
#include "ipvs/sort.h"
#include "lib/table.h"

struct dest_counts dest_counts_get(const struct table *actual,
				   const struct conf_virtual_server *vs,
				   const struct endpoint *addr,
				   const struct conf_forward *forward)
{
	struct dest_counts counts = { 0 };
	uint32_t k;

	for (k = 0; actual && k < vs->nr_keys; k++) {
		const struct table_service *svc =
			ipvs_find_service(actual, &vs->keys[k]);
		const struct table_dest *dest;
		struct endpoint rip;

		conf_dest_endpoint(&vs->keys[k], addr, forward, &rip);
		dest = svc ? ipvs_find_dest(actual, svc, &rip) : NULL;
		if (!dest)
			continue;
		counts.found = true;
		counts.weight = dest->weight;
		counts.active += dest->active;
		counts.inactive += dest->inactive;
		counts.conns += (int64_t)dest->conns;
		counts.in_bytes += (int64_t)dest->in_bytes;
		counts.out_bytes += (int64_t)dest->out_bytes;
		counts.in_packets += (int64_t)dest->in_packets;
		counts.out_packets += (int64_t)dest->out_packets;
	}
	return counts;
}

struct dest_counts dest_counts_service(const struct table *actual,
				       const struct conf_virtual_server *vs)
{
	struct dest_counts counts = { 0 };
	uint32_t k;

	for (k = 0; actual && k < vs->nr_keys; k++) {
		const struct table_service *svc =
			ipvs_find_service(actual, &vs->keys[k]);

		if (!svc)
			continue;
		counts.found = true;
		counts.conns += (int64_t)svc->conns;
		counts.in_bytes += (int64_t)svc->in_bytes;
		counts.out_bytes += (int64_t)svc->out_bytes;
	}
	return counts;
}
