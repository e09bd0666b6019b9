/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs/sort.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Among services with one identity the first one added stays first. */
static int sort_compare_services(const void *a, const void *b)
{
	const struct table_service *x = a;
	const struct table_service *y = b;
	int order = service_key_cmp(&x->key, &y->key);

	if (order)
		return order;
	return x->first_dest < y->first_dest ? -1 :
					       x->first_dest > y->first_dest;
}

static int sort_compare_dests(const void *a, const void *b)
{
	const struct table_dest *x = a;
	const struct table_dest *y = b;

	return endpoint_cmp(&x->rip, &y->rip);
}

static int sort_compare_keys(const void *a, const void *b)
{
	return service_key_cmp(a, b);
}

/* < 0 if not in order, 0 if in order, > 0 if in order with a duplicate. */
static int sort_look_at_services(const struct table *table,
				 struct ipvs_duplicate *duplicate)
{
	int seen = 0;
	size_t i;

	for (i = 1; i < table->nr_services; i++) {
		const struct table_service *svc = &table->services[i];
		int order = service_key_cmp(&svc[-1].key, &svc->key);

		if (order > 0)
			return -1;
		if (order == 0 && !seen) {
			seen = 1;
			duplicate->service = svc;
			duplicate->dest = NULL;
		}
	}
	return seen;
}

static int sort_look_at_dests(const struct table *table,
			      const struct table_service *svc,
			      struct ipvs_duplicate *duplicate)
{
	struct ipvs_dests dest = ipvs_dests(table, svc);
	int seen = 0;

	for (; dest.end - dest.at > 1; dest.at++) {
		int order = endpoint_cmp(&dest.at[0].rip, &dest.at[1].rip);

		if (order > 0)
			return -1;
		if (order == 0 && !seen) {
			seen = 1;
			duplicate->service = svc;
			duplicate->dest = &dest.at[1];
		}
	}
	return seen;
}

int ipvs_sort_table(struct table *table, struct ipvs_duplicate *duplicate)
{
	struct ipvs_duplicate found = { NULL, NULL }, here;
	int seen;
	size_t i;

	seen = sort_look_at_services(table, &found);
	if (seen < 0) {
		qsort(table->services, table->nr_services,
		      sizeof(*table->services), sort_compare_services);
		sort_look_at_services(table, &found);
	}
	for (i = 0; i < table->nr_services; i++) {
		struct table_service *svc = &table->services[i];

		seen = sort_look_at_dests(table, svc, &here);
		if (seen < 0) {
			qsort(table->dests + svc->first_dest, svc->nr_dests,
			      sizeof(*table->dests), sort_compare_dests);
			seen = sort_look_at_dests(table, svc, &here);
		}
		if (seen > 0 && !found.service)
			found = here;
	}
	if (duplicate)
		*duplicate = found;
	return found.service ? -EEXIST : 0;
}

static size_t sort_drop_dests(struct table *table, struct table_service *svc)
{
	struct table_dest *first;
	size_t i, kept = 1, dropped;

	if (svc->nr_dests < 2)
		return 0;
	first = table->dests + svc->first_dest;
	for (i = 1; i < svc->nr_dests; i++)
		if (endpoint_cmp(&first[kept - 1].rip, &first[i].rip) != 0)
			first[kept++] = first[i];
	dropped = svc->nr_dests - kept;
	svc->nr_dests = kept;
	return dropped;
}

size_t ipvs_drop_duplicates(struct table *table)
{
	struct table_service *svc = table->services;
	size_t i, kept = 0, dropped = 0;

	for (i = 0; i < table->nr_services; i++) {
		if (kept &&
		    service_key_cmp(&svc[kept - 1].key, &svc[i].key) == 0) {
			dropped++;
			continue;
		}
		svc[kept] = svc[i];
		dropped += sort_drop_dests(table, &svc[kept]);
		kept++;
	}
	table->nr_services = kept;
	return dropped;
}

bool ipvs_is_sorted(const struct table *table)
{
	struct ipvs_duplicate unused;
	size_t i;

	if (sort_look_at_services(table, &unused) != 0)
		return false;
	for (i = 0; i < table->nr_services; i++)
		if (sort_look_at_dests(table, &table->services[i], &unused) !=
		    0)
			return false;
	return true;
}

struct table_service *ipvs_find_service(const struct table *table,
					const struct service_key *key)
{
	size_t low = 0, high = table->nr_services;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = service_key_cmp(key, &table->services[mid].key);

		if (order == 0)
			return &table->services[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

struct table_dest *ipvs_find_dest(const struct table *table,
				  const struct table_service *service,
				  const struct endpoint *rip)
{
	struct table_dest want = { .rip = *rip };

	if (service->nr_dests == 0)
		return NULL;
	return bsearch(&want, table->dests + service->first_dest,
		       service->nr_dests, sizeof(want), sort_compare_dests);
}

struct table_service *ipvs_append_service(struct table *table,
					  const struct table_service *service)
{
	struct table_service *svc = table_add_service(table);
	size_t first_dest = svc->first_dest;

	*svc = *service;
	svc->first_dest = first_dest;
	svc->nr_dests = 0;
	return svc;
}

/* Append the servers of both to TABLE's last service, which is that of one. */
static void sort_join_dests(struct table *table, struct ipvs_dests a,
			    struct ipvs_dests b)
{
	while (a.at < a.end || b.at < b.end) {
		int order = ipvs_dests_cmp(a, b);

		*table_add_dest(table) = order < 0 ? *a.at : *b.at;
		if (order <= 0)
			a.at++;
		if (order >= 0)
			b.at++;
	}
}

void ipvs_join_tables(struct table *out, const struct table *a,
		      const struct table *b)
{
	struct ipvs_services in_a = ipvs_services(a);
	struct ipvs_services in_b = ipvs_services(b);

	table_clear(out);
	while (in_a.at < in_a.end || in_b.at < in_b.end) {
		int order = ipvs_services_cmp(in_a, in_b);
		const struct table_service *x = order <= 0 ? in_a.at++ : NULL;
		const struct table_service *y = order >= 0 ? in_b.at++ : NULL;

		assert(x || y);
		ipvs_append_service(out, y ? y : x);
		sort_join_dests(out, ipvs_dests(a, x), ipvs_dests(b, y));
	}
}

void ipvs_keys_add(struct ipvs_keys *set, const struct service_key *key)
{
	set->keys =
		array_grow(set->keys, set->nr, &set->room, sizeof(*set->keys));
	set->keys[set->nr++] = *key;
	set->sorted = false;
}

void ipvs_keys_add_table(struct ipvs_keys *set, const struct table *table)
{
	size_t i;

	for (i = 0; i < table->nr_services; i++)
		ipvs_keys_add(set, &table->services[i].key);
}

void ipvs_keys_sort(struct ipvs_keys *set)
{
	size_t i, kept = 0;

	if (set->sorted)
		return;
	if (set->nr > 1)
		qsort(set->keys, set->nr, sizeof(*set->keys),
		      sort_compare_keys);
	for (i = 0; i < set->nr; i++) {
		if (kept &&
		    service_key_cmp(&set->keys[kept - 1], &set->keys[i]) == 0)
			continue;
		set->keys[kept++] = set->keys[i];
	}
	set->nr = kept;
	set->sorted = true;
}

bool ipvs_keys_has(const struct ipvs_keys *set, const struct service_key *key)
{
	if (set->nr == 0)
		return false;
	return bsearch(key, set->keys, set->nr, sizeof(*key),
		       sort_compare_keys);
}

void ipvs_keys_clear(struct ipvs_keys *set)
{
	set->nr = 0;
	set->sorted = false;
}

void ipvs_keys_free(struct ipvs_keys *set)
{
	free(set->keys);
	memset(set, 0, sizeof(*set));
}
