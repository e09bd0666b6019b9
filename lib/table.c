/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

void table_clear(struct table *table)
{
	table->nr_services = 0;
	table->nr_dests = 0;
}

void table_free(struct table *table)
{
	free(table->services);
	free(table->dests);
	memset(table, 0, sizeof(*table));
}

void table_swap(struct table *a, struct table *b)
{
	struct table keep = *a;

	*a = *b;
	*b = keep;
}

void table_copy(struct table *to, const struct table *from)
{
	table_free(to);
	*to = (struct table){ .nr_services = from->nr_services,
			      .room_services = from->nr_services + 1,
			      .nr_dests = from->nr_dests,
			      .room_dests = from->nr_dests + 1 };
	to->services = xcalloc(to->room_services, sizeof(*to->services));
	to->dests = xcalloc(to->room_dests, sizeof(*to->dests));
	if (from->nr_services > 0)
		memcpy(to->services, from->services,
		       from->nr_services * sizeof(*to->services));
	if (from->nr_dests > 0)
		memcpy(to->dests, from->dests,
		       from->nr_dests * sizeof(*to->dests));
}

struct table_service *table_add_service(struct table *table)
{
	struct table_service *svc;

	table->services = array_grow(table->services, table->nr_services,
				     &table->room_services, sizeof(*svc));
	svc = &table->services[table->nr_services++];
	memset(svc, 0, sizeof(*svc));
	svc->ref = TABLE_NO_REF;
	svc->first_dest = table->nr_dests;
	return svc;
}

struct table_dest *table_add_dest(struct table *table)
{
	struct table_dest *dest;

	table->dests = array_grow(table->dests, table->nr_dests,
				  &table->room_dests, sizeof(*dest));
	dest = &table->dests[table->nr_dests++];
	memset(dest, 0, sizeof(*dest));
	dest->ref = TABLE_NO_REF;
	table->services[table->nr_services - 1].nr_dests++;
	return dest;
}

int service_key_cmp(const struct service_key *a, const struct service_key *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->fwmark != b->fwmark)
		return a->fwmark < b->fwmark ? -1 : 1;
	if (a->protocol != b->protocol)
		return a->protocol < b->protocol ? -1 : 1;
	return endpoint_cmp(&a->vip, &b->vip);
}

static const char *table_protocol_name(unsigned protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	}
	return "?";
}

const char *service_key_format(const struct service_key *key, char *out)
{
	char text[ENDPOINT_TEXT_MAX];

	if (key->fwmark)
		snprintf(out, SERVICE_TEXT_MAX, "FWM %u%s", key->fwmark,
			 key->family == AF_INET6 ? " IPv6" : "");
	else
		snprintf(out, SERVICE_TEXT_MAX, "%s %s",
			 table_protocol_name(key->protocol),
			 endpoint_format(&key->vip, text));
	return out;
}
