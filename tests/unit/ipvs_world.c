/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

struct table_service *world_service(struct table *table, unsigned number)
{
	struct table_service *svc = table_add_service(table);

	svc->key.family = AF_INET;
	svc->key.protocol = IPPROTO_TCP;
	svc->key.vip.addr.family = AF_INET;
	svc->key.vip.addr.v4.s_addr = htonl(0x0a000000 + number);
	svc->key.vip.port = 3306;
	strcpy(svc->scheduler, "wlc");
	svc->prefix = 32;
	return svc;
}

struct table_dest *world_dest(struct table *table, unsigned number,
			      uint32_t weight)
{
	struct table_dest *dest = table_add_dest(table);

	dest->rip.addr.family = AF_INET;
	dest->rip.addr.v4.s_addr = htonl(0x0a010000 + number);
	dest->rip.port = 3306;
	dest->weight = weight;
	return dest;
}

struct ipvs_keys world_keys(const struct table *table)
{
	struct ipvs_keys keys = { 0 };

	ipvs_keys_add_table(&keys, table);
	ipvs_keys_sort(&keys);
	return keys;
}

/* xorshift64* */
uint32_t world_random(struct world_random *random, uint32_t below)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * 0x2545f4914f6cdd1dULL) >> 33) %
	       below;
}

static void to_ipv6(struct addr *addr)
{
	uint32_t number = addr->v4.s_addr;

	memset(addr, 0, sizeof(*addr));
	addr->family = AF_INET6;
	addr->bytes[0] = 0xfd;
	memcpy(addr->bytes + 12, &number, sizeof(number));
}

static void random_dest(struct world_random *random, struct table *table,
			bool ipv6)
{
	struct table_dest *dest = world_dest(table, 1 + world_random(random, 8),
					     world_random(random, 3) * 50);

	dest->forward = (uint8_t)world_random(random, 4);
	if (dest->forward == FORWARD_TUN) {
		dest->tun_type = (uint8_t)world_random(random, 3);
		if (dest->tun_type == TUNNEL_GUE)
			dest->tun_port =
				(uint16_t)(1 + world_random(random, 2));
		if (dest->tun_type != TUNNEL_IPIP)
			dest->tun_flags = world_random(random, 2) * TUNNEL_CSUM;
		if (world_random(random, 4) == 0)
			ipv6 = !ipv6;
	}
	if (ipv6)
		to_ipv6(&dest->rip.addr);
	dest->u_threshold = world_random(random, 2) * 100;
	if (dest->u_threshold)
		dest->l_threshold = world_random(random, 2) * 50;
}

static void random_service(struct world_random *random, struct table *table)
{
	static const char *const schedulers[] = { "rr", "wlc", "mh" };
	struct table_service *svc =
		world_service(table, 1 + world_random(random, 4));

	svc->key.vip.port = (uint16_t)(1 + world_random(random, 2));
	if (world_random(random, 3) == 0)
		svc->key.protocol = IPPROTO_UDP;
	if (world_random(random, 3) == 0) {
		svc->key.family = AF_INET6;
		to_ipv6(&svc->key.vip.addr);
	}
	if (world_random(random, 4) == 0) {
		memset(&svc->key.vip, 0, sizeof(svc->key.vip));
		svc->key.protocol = 0;
		svc->key.fwmark = 1 + world_random(random, 3);
	}
	snprintf(svc->scheduler, sizeof(svc->scheduler), "%s",
		 schedulers[world_random(random, 3)]);
	svc->prefix = svc->key.family == AF_INET6 ? 128 : 32;
	svc->flags = world_random(random, 2) * SERVICE_SCHED1;
	svc->timeout = 1 + world_random(random, 2);
	if (world_random(random, 3) == 0) {
		svc->flags |= SERVICE_PERSISTENT;
		svc->prefix -= world_random(random, 2);
	}
}

void world_random_table(struct world_random *random, struct table *table,
			unsigned max)
{
	uint32_t services = world_random(random, max + 1);

	table_clear(table);
	while (services--) {
		uint32_t dests = world_random(random, 6);
		bool ipv6;

		random_service(random, table);
		ipv6 = table->services[table->nr_services - 1].key.family ==
		       AF_INET6;
		while (dests--)
			random_dest(random, table, ipv6);
	}
	if (ipvs_sort_table(table, NULL) < 0)
		ipvs_drop_duplicates(table);
}

/* Slow and simple on purpose: it shares nothing with ipvs_diff(). */
static size_t missing_in(const struct table *seen, const struct table *wanted)
{
	size_t i, j, k, count = 0;

	for (i = 0; i < wanted->nr_services; i++) {
		const struct table_service *svc = &wanted->services[i];
		const struct table_service *have = NULL;

		for (j = 0; j < seen->nr_services; j++)
			if (service_key_cmp(&seen->services[j].key,
					    &svc->key) == 0)
				have = &seen->services[j];
		if (!have || ipvs_compare_services(have, svc))
			count++;
		for (j = 0; j < svc->nr_dests; j++) {
			const struct table_dest *dest =
				&wanted->dests[svc->first_dest + j];
			bool found = false;

			for (k = 0; have && k < have->nr_dests; k++) {
				const struct table_dest *other =
					&seen->dests[have->first_dest + k];

				if (endpoint_cmp(&other->rip, &dest->rip) ==
					    0 &&
				    !ipvs_compare_dests(other, dest))
					found = true;
			}
			count += !found;
		}
	}
	return count;
}

size_t world_distance(const struct table *seen, const struct table *wanted)
{
	return missing_in(seen, wanted) + missing_in(wanted, seen);
}
