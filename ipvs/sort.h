/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order in a table, and sets of service keys.
 *
 * The room's work on two tables is always a walk over both at once, so both
 * must be in order: services by service_key_cmp(), the servers of each by
 * endpoint_cmp(). The servers of one service stay next to each other; where in
 * the array those of another begin does not matter, so that ordering services
 * moves no server.
 */
#ifndef EVENKEEL_IPVS_SORT_H
#define EVENKEEL_IPVS_SORT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/table.h"

/* Two entries of one identity; DEST is NULL if the services are the same. */
struct ipvs_duplicate {
	const struct table_service *service;
	const struct table_dest *dest;
};

/*
 * Put TABLE in order. A table in order costs one pass, any other O(n log n).
 * Returns 0, or -EEXIST if two entries have one identity: the table is in order
 * all the same, and *DUPLICATE (NULL allowed) points at the second of the first
 * such pair.
 */
int ipvs_sort_table(struct table *table, struct ipvs_duplicate *duplicate);

/*
 * Of entries with one identity in an ordered table keep one: of services the
 * first one added. The kernel's dumps need it: they go on by index and repeat
 * entries that moved behind it. Returns how many were dropped.
 */
size_t ipvs_drop_duplicates(struct table *table);

/* In order, and without duplicates? One pass. */
bool ipvs_is_sorted(const struct table *table);

/* Binary search in an ordered table or service; NULL if it is not there. */
struct table_service *ipvs_find_service(const struct table *table,
					const struct service_key *key);
struct table_dest *ipvs_find_dest(const struct table *table,
				  const struct table_service *service,
				  const struct endpoint *rip);

/* Append a copy of SERVICE, without its servers, to TABLE; returns it. */
struct table_service *ipvs_append_service(struct table *table,
					  const struct table_service *service);

/*
 * OUT, whose former content is forgotten, becomes the union of A and B, both in
 * order; an entry in both is taken from B.
 */
void ipvs_join_tables(struct table *out, const struct table *a,
		      const struct table *b);

/*
 * A stretch of a table to walk over. An empty one is two null pointers, to which
 * nothing may be added, not even zero.
 */
struct ipvs_dests {
	const struct table_dest *at;
	const struct table_dest *end;
};

static inline struct ipvs_dests ipvs_dests(const struct table *table,
					   const struct table_service *service)
{
	struct ipvs_dests dests = { NULL, NULL };

	if (service && service->nr_dests) {
		dests.at = table->dests + service->first_dest;
		dests.end = dests.at + service->nr_dests;
	}
	return dests;
}

struct ipvs_services {
	const struct table_service *at;
	const struct table_service *end;
};

static inline struct ipvs_services ipvs_services(const struct table *table)
{
	struct ipvs_services services = { NULL, NULL };

	if (table->nr_services) {
		services.at = table->services;
		services.end = services.at + table->nr_services;
	}
	return services;
}

/*
 * Which of two stretches comes next in a walk over both: < 0 A, > 0 B, 0 both.
 * At least one must not be at its end.
 */
static inline int ipvs_dests_cmp(struct ipvs_dests a, struct ipvs_dests b)
{
	if (a.at == a.end)
		return 1;
	if (b.at == b.end)
		return -1;
	return endpoint_cmp(&a.at->rip, &b.at->rip);
}

static inline int ipvs_services_cmp(struct ipvs_services a,
				    struct ipvs_services b)
{
	if (a.at == a.end)
		return 1;
	if (b.at == b.end)
		return -1;
	return service_key_cmp(&a.at->key, &b.at->key);
}

/* A set of services, e.g. our own. An all-zero set is empty. */
struct ipvs_keys {
	struct service_key *keys;
	size_t nr;
	size_t room;
	bool sorted;
};

/* Append a copy of KEY, or of the keys of all services in TABLE. */
void ipvs_keys_add(struct ipvs_keys *set, const struct service_key *key);
void ipvs_keys_add_table(struct ipvs_keys *set, const struct table *table);
/* Orders the set and drops repeated keys; must precede ipvs_keys_has(). */
void ipvs_keys_sort(struct ipvs_keys *set);
bool ipvs_keys_has(const struct ipvs_keys *set, const struct service_key *key);
void ipvs_keys_clear(struct ipvs_keys *set); /* keeps the memory */
void ipvs_keys_free(
	struct ipvs_keys *set); /* frees the content, not the struct */

#endif
