/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/table_delta.h"

#include <string.h>

#include "lib/util.h"

enum table_delta_form {
	TABLE_DELTA_ROWS, /* the numbers of some servers */
	TABLE_DELTA_WHOLE,
};

/* The numbers of a server that change from table to table. */
static const size_t table_delta_numbers[] = {
	offsetof(struct table_dest, weight),
	offsetof(struct table_dest, u_threshold),
	offsetof(struct table_dest, l_threshold),
	offsetof(struct table_dest, active),
	offsetof(struct table_dest, inactive),
	offsetof(struct table_dest, persistent),
};

static uint32_t *table_delta_number(struct table_dest *dest, size_t i)
{
	return (void *)((char *)dest + table_delta_numbers[i]);
}

static uint32_t table_delta_value(const struct table_dest *dest, size_t i)
{
	uint32_t value;

	memcpy(&value, (const char *)dest + table_delta_numbers[i],
	       sizeof(value));
	return value;
}

static bool table_delta_same_service(const struct table_service *a,
				     const struct table_service *b)
{
	return service_key_cmp(&a->key, &b->key) == 0 &&
	       strcmp(a->scheduler, b->scheduler) == 0 &&
	       strcmp(a->pe_name, b->pe_name) == 0 && a->flags == b->flags &&
	       a->timeout == b->timeout && a->prefix == b->prefix &&
	       a->ref == b->ref && a->exclusive == b->exclusive &&
	       a->first_dest == b->first_dest && a->nr_dests == b->nr_dests;
}

static bool table_delta_same_dest(const struct table_dest *a,
				  const struct table_dest *b)
{
	return a->ref == b->ref && endpoint_cmp(&a->rip, &b->rip) == 0 &&
	       a->forward == b->forward && a->tun_type == b->tun_type &&
	       a->tun_port == b->tun_port && a->tun_flags == b->tun_flags;
}

static bool table_delta_same_shape(const struct table *a, const struct table *b)
{
	size_t i;

	if (a->nr_services != b->nr_services || a->nr_dests != b->nr_dests)
		return false;
	for (i = 0; i < a->nr_services; i++)
		if (!table_delta_same_service(&a->services[i], &b->services[i]))
			return false;
	for (i = 0; i < a->nr_dests; i++)
		if (!table_delta_same_dest(&a->dests[i], &b->dests[i]))
			return false;
	return true;
}

static unsigned table_delta_changed(const struct table_dest *a,
				    const struct table_dest *b)
{
	unsigned mask = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table_delta_numbers); i++)
		if (table_delta_value(a, i) != table_delta_value(b, i))
			mask |= 1u << i;
	return mask;
}

/* Each row: how many to pass over, plus one; which numbers; their changes. */
static void table_delta_pack_rows(struct pack *out, struct table *last,
				  const struct table *table)
{
	size_t i, k, next = 0;
	unsigned mask;

	for (i = 0; i < table->nr_dests; i++) {
		mask = table_delta_changed(&last->dests[i], &table->dests[i]);
		if (!mask)
			continue;
		pack_uint(out, i - next + 1);
		next = i + 1;
		pack_uint(out, mask);
		for (k = 0; k < ARRAY_SIZE(table_delta_numbers); k++)
			if (mask & 1u << k)
				pack_int(out,
					 (int64_t)table_delta_value(
						 &table->dests[i], k) -
						 table_delta_value(
							 &last->dests[i], k));
		last->dests[i] = table->dests[i];
	}
	pack_uint(out, 0);
}

static void table_delta_pack_endpoint(struct pack *out,
				      const struct endpoint *ep)
{
	pack_uint(out, ep->addr.family);
	pack_bytes(out, ep->addr.bytes,
		   ep->addr.family == AF_INET  ? sizeof(ep->addr.v4) :
		   ep->addr.family == AF_INET6 ? sizeof(ep->addr.v6) :
						 0);
	pack_uint(out, ep->port);
}

static void table_delta_pack_dest(struct pack *out,
				  const struct table_dest *dest)
{
	size_t k;

	table_delta_pack_endpoint(out, &dest->rip);
	for (k = 0; k < ARRAY_SIZE(table_delta_numbers); k++)
		pack_uint(out, table_delta_value(dest, k));
	pack_uint(out, dest->forward);
	pack_uint(out, dest->tun_type);
	pack_uint(out, dest->tun_port);
	pack_uint(out, dest->tun_flags);
	pack_uint(out, (uint32_t)(dest->ref + 1)); /* TABLE_NO_REF is 0 */
}

static void table_delta_pack_service(struct pack *out,
				     const struct table_service *service)
{
	table_delta_pack_endpoint(out, &service->key.vip);
	pack_uint(out, service->key.fwmark);
	pack_uint(out, service->key.family);
	pack_uint(out, service->key.protocol);
	pack_text(out, service->scheduler);
	pack_text(out, service->pe_name);
	pack_uint(out, service->flags);
	pack_uint(out, service->timeout);
	pack_uint(out, service->prefix);
	pack_uint(out, (uint32_t)(service->ref + 1));
	pack_uint(out, service->exclusive);
	pack_uint(out, service->nr_dests);
}

static struct table_service *
table_delta_add(struct table *table, const struct table_service *service)
{
	struct table_service *added = table_add_service(table);
	size_t first = added->first_dest;

	*added = *service;
	added->first_dest = first;
	added->nr_dests = 0; /* counted by table_add_dest() */
	return added;
}

static void table_delta_pack_whole(struct pack *out, struct table *last,
				   const struct table *table)
{
	size_t s, d;

	table_clear(last);
	pack_uint(out, table->nr_services);
	for (s = 0; s < table->nr_services; s++) {
		const struct table_service *service = &table->services[s];

		table_delta_pack_service(out, service);
		table_delta_add(last, service);
		for (d = service->first_dest;
		     d < service->first_dest + service->nr_dests; d++) {
			table_delta_pack_dest(out, &table->dests[d]);
			*table_add_dest(last) = table->dests[d];
		}
	}
}

void table_delta_pack(struct pack *out, struct table_memory *memory,
		      const struct table *table)
{
	if (memory->known && table_delta_same_shape(&memory->last, table)) {
		pack_uint(out, TABLE_DELTA_ROWS);
		table_delta_pack_rows(out, &memory->last, table);
		return;
	}
	pack_uint(out, TABLE_DELTA_WHOLE);
	table_delta_pack_whole(out, &memory->last, table);
	memory->known = true;
}

static void table_delta_unpack_rows(struct unpack *in, struct table *last)
{
	size_t at = 0, k;
	uint64_t skip, mask;

	for (;;) {
		skip = unpack_uint(in);
		if (in->failed || skip == 0)
			return;
		if (skip > last->nr_dests - at)
			break;
		at += (size_t)skip;
		mask = unpack_upto(in,
				   (1u << ARRAY_SIZE(table_delta_numbers)) - 1);
		for (k = 0; k < ARRAY_SIZE(table_delta_numbers); k++)
			if (mask & 1u << k)
				*table_delta_number(&last->dests[at - 1], k) +=
					(uint32_t)unpack_int(in);
		if (last->dests[at - 1].weight > INT32_MAX)
			break;
	}
	in->failed = true;
}

static void table_delta_unpack_endpoint(struct unpack *in, struct endpoint *ep)
{
	const unsigned char *bytes;
	size_t length;

	memset(ep, 0, sizeof(*ep));
	ep->addr.family = (uint16_t)unpack_upto(in, UINT16_MAX);
	bytes = unpack_bytes(in, &length);
	if (length != (ep->addr.family == AF_INET  ? sizeof(ep->addr.v4) :
		       ep->addr.family == AF_INET6 ? sizeof(ep->addr.v6) :
						     0))
		in->failed = true;
	else if (length > 0)
		memcpy(ep->addr.bytes, bytes, length);
	ep->port = (uint16_t)unpack_upto(in, UINT16_MAX);
}

static void table_delta_unpack_dest(struct unpack *in, struct table_dest *dest)
{
	size_t k;

	table_delta_unpack_endpoint(in, &dest->rip);
	for (k = 0; k < ARRAY_SIZE(table_delta_numbers); k++)
		*table_delta_number(dest, k) =
			(uint32_t)unpack_upto(in, UINT32_MAX);
	in->failed |= dest->weight > INT32_MAX;
	dest->forward = (uint8_t)unpack_upto(in, FORWARD_DR);
	dest->tun_type = (uint8_t)unpack_upto(in, TUNNEL_GRE);
	dest->tun_port = (uint16_t)unpack_upto(in, UINT16_MAX);
	dest->tun_flags = (uint16_t)unpack_upto(in, UINT16_MAX);
	dest->ref = (uint32_t)unpack_upto(in, UINT32_MAX) - 1;
}

/* Returns the number of its servers. */
static uint64_t table_delta_unpack_service(struct unpack *in,
					   struct table_service *service)
{
	table_delta_unpack_endpoint(in, &service->key.vip);
	service->key.fwmark = (uint32_t)unpack_upto(in, UINT32_MAX);
	service->key.family = (uint16_t)unpack_upto(in, UINT16_MAX);
	service->key.protocol = (uint16_t)unpack_upto(in, UINT16_MAX);
	unpack_text(in, service->scheduler, sizeof(service->scheduler));
	unpack_text(in, service->pe_name, sizeof(service->pe_name));
	service->flags = (uint32_t)unpack_upto(in, UINT32_MAX);
	service->timeout = (uint32_t)unpack_upto(in, UINT32_MAX);
	service->prefix = (uint32_t)unpack_upto(in, UINT32_MAX);
	service->ref = (uint32_t)unpack_upto(in, UINT32_MAX) - 1;
	service->exclusive = unpack_upto(in, 1);
	return unpack_uint(in);
}

void table_delta_unpack(struct unpack *in, struct table_memory *memory)
{
	struct table *last = &memory->last;
	uint64_t services, dests;

	if (unpack_upto(in, TABLE_DELTA_WHOLE) == TABLE_DELTA_ROWS) {
		in->failed |= !memory->known;
		table_delta_unpack_rows(in, last);
		return;
	}
	table_clear(last);
	memory->known = true;
	for (services = unpack_uint(in); services > 0 && !in->failed;
	     services--) {
		struct table_service service = { 0 };

		dests = table_delta_unpack_service(in, &service);
		table_delta_add(last, &service);
		for (; dests > 0 && !in->failed; dests--)
			table_delta_unpack_dest(in, table_add_dest(last));
	}
}
