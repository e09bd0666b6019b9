/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce/place.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

static int place_cmp_addr(const void *a, const void *b)
{
	return addr_cmp(a, b);
}

static int place_cmp_found(const void *a, const void *b)
{
	const struct place_found *x = a, *y = b;
	int order = addr_cmp(&x->addr, &y->addr);

	return order ? order : strcmp(x->ifname, y->ifname);
}

static int place_cmp_wanted(const void *a, const void *b)
{
	const struct place_wanted *x = a, *y = b;

	return addr_cmp(&x->addr, &y->addr);
}

static uint8_t place_full(const struct addr *addr)
{
	return addr->family == AF_INET6 ? 128 : 32;
}

/* Announced addresses are many and have none: each is held against these. */
static void place_find_networks(struct place_kernel *kernel)
{
	size_t i;

	kernel->nr_networks = 0;
	for (i = 0; i < kernel->nr_addresses; i++) {
		const struct place_found *found = &kernel->addresses[i];

		if (found->prefix == 0 ||
		    found->prefix >= place_full(&found->addr) ||
		    strcmp(found->ifname, "lo") == 0)
			continue;
		kernel->networks =
			array_grow(kernel->networks, kernel->nr_networks,
				   &kernel->room_networks, sizeof(*found));
		kernel->networks[kernel->nr_networks++] = *found;
	}
}

void place_sort(struct place_kernel *kernel)
{
	if (kernel->nr_addresses)
		qsort(kernel->addresses, kernel->nr_addresses,
		      sizeof(*kernel->addresses), place_cmp_found);
	if (kernel->nr_routes)
		qsort(kernel->routes, kernel->nr_routes,
		      sizeof(*kernel->routes), place_cmp_addr);
	place_find_networks(kernel);
}

void place_free(struct place_kernel *kernel)
{
	free(kernel->addresses);
	free(kernel->routes);
	free(kernel->networks);
	*kernel = (struct place_kernel){ 0 };
}

void place_plan_free(struct place_plan *plan)
{
	free(plan->changes);
	*plan = (struct place_plan){ 0 };
}

/* The first entry that is not below ADDR. */
static size_t place_first(const struct place_kernel *kernel,
			  const struct addr *addr)
{
	size_t low = 0, high = kernel->nr_addresses, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (addr_cmp(&kernel->addresses[middle].addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool place_is_at(const struct place_kernel *kernel, size_t at,
			const struct addr *addr)
{
	return at < kernel->nr_addresses &&
	       addr_cmp(&kernel->addresses[at].addr, addr) == 0;
}

static bool place_is(const char *ifname, const char *other)
{
	return other && strcmp(ifname, other) == 0;
}

/* No other prefix than that of a host is ever set here. */
static bool place_is_ours(const struct place_found *found,
			  const char *const managed[2])
{
	return found->marked || (found->prefix == place_full(&found->addr) &&
				 (place_is(found->ifname, managed[0]) ||
				  place_is(found->ifname, managed[1])));
}

int place_where(const struct place_kernel *kernel, const struct addr *addr,
		const char *const managed[2])
{
	const struct place_found *found;
	size_t i;

	for (i = place_first(kernel, addr); place_is_at(kernel, i, addr); i++) {
		found = &kernel->addresses[i];
		if (!place_is_ours(found, managed))
			continue;
		if (place_is(found->ifname, managed[0]))
			return 0;
		if (place_is(found->ifname, managed[1]))
			return 1;
	}
	return -1;
}

static bool place_in_network(const struct addr *addr,
			     const struct place_found *found)
{
	unsigned bytes = found->prefix / 8, bits = found->prefix % 8;
	uint8_t mask = (uint8_t)(0xff00u >> bits);

	if (found->addr.family != addr->family)
		return false;
	if (memcmp(found->addr.bytes, addr->bytes, bytes) != 0)
		return false;
	return bits == 0 ||
	       ((found->addr.bytes[bytes] ^ addr->bytes[bytes]) & mask) == 0;
}

const struct place_found *place_network(const struct place_kernel *kernel,
					const struct addr *addr)
{
	size_t i;

	for (i = 0; i < kernel->nr_networks; i++)
		if (place_in_network(addr, &kernel->networks[i]))
			return &kernel->networks[i];
	return NULL;
}

/* A change of WANTED (NULL: of a leftover) on IFNAME is added to PLAN. */
static struct place_change *place_add(struct place_plan *plan,
				      enum place_kind kind,
				      const struct place_wanted *wanted,
				      const struct addr *addr,
				      const char *ifname)
{
	struct place_change *change;

	plan->changes = array_grow(plan->changes, plan->nr, &plan->room,
				   sizeof(*change));
	change = &plan->changes[plan->nr++];
	memset(change, 0, sizeof(*change));
	change->kind = kind;
	change->addr = *addr;
	change->prefix = place_full(addr);
	change->lease = wanted ? wanted->lease : 0;
	change->group = wanted ? wanted->group : PLACE_NO_GROUP;
	if (ifname)
		memcpy(change->ifname, ifname,
		       strnlen(ifname, sizeof(change->ifname) - 1));
	return change;
}

/* A lease that has run for a third of its time is renewed. */
static bool place_is_stale(const struct place_found *found, uint32_t lease)
{
	if (lease == PLACE_FOREVER || found->valid == PLACE_FOREVER)
		return lease != found->valid;
	return found->valid > lease || found->valid <= lease - lease / 3;
}

/* Address WANTED alone; the routes are walked apart. */
static void place_plan_address(const struct place_kernel *kernel,
			       const struct place_wanted *wanted,
			       struct place_plan *plan)
{
	const struct addr *addr = &wanted->addr;
	uint8_t full = place_full(addr);
	bool there = false;
	size_t i;

	for (i = place_first(kernel, addr); place_is_at(kernel, i, addr); i++) {
		const struct place_found *found = &kernel->addresses[i];

		if (place_is(found->ifname, wanted->ifname) &&
		    found->prefix == full) {
			there = true;
			if (place_is_stale(found, wanted->lease))
				place_add(plan, PLACE_RENEW, wanted, addr,
					  found->ifname);
		} else if (place_is_ours(found, wanted->managed)) {
			place_add(plan, PLACE_ADDRESS_OFF, wanted, addr,
				  found->ifname)
				->prefix = found->prefix;
		} else {
			place_add(plan, PLACE_CONFLICT, wanted, addr,
				  found->ifname)
				->prefix = found->prefix;
			/* An interface has an IPv6 address once. */
			there = there ||
				(addr->family == AF_INET6 &&
				 place_is(found->ifname, wanted->ifname));
		}
	}
	if (wanted->ifname && !there)
		place_add(plan, PLACE_ADDRESS_ON, wanted, addr, wanted->ifname);
}

static bool place_is_wanted(const struct place_wanted *wanted, size_t nr,
			    const struct addr *addr)
{
	const struct place_wanted key = { .addr = *addr };

	return nr && bsearch(&key, wanted, nr, sizeof(*wanted),
			     place_cmp_wanted) != NULL;
}

static bool place_has_route(const struct place_kernel *kernel,
			    const struct addr *addr)
{
	return kernel->nr_routes &&
	       bsearch(addr, kernel->routes, kernel->nr_routes,
		       sizeof(*kernel->routes), place_cmp_addr) != NULL;
}

/* Addresses and routes with our mark that the file does not want any more. */
static void place_plan_leftovers(const struct place_kernel *kernel,
				 const struct place_wanted *wanted, size_t nr,
				 struct place_plan *plan)
{
	size_t i;

	for (i = 0; i < kernel->nr_addresses; i++) {
		const struct place_found *found = &kernel->addresses[i];

		if (found->marked && !place_is_wanted(wanted, nr, &found->addr))
			place_add(plan, PLACE_ADDRESS_OFF, NULL, &found->addr,
				  found->ifname)
				->prefix = found->prefix;
	}
	for (i = 0; i < kernel->nr_routes; i++)
		if (!place_is_wanted(wanted, nr, &kernel->routes[i]))
			place_add(plan, PLACE_ROUTE_OFF, NULL,
				  &kernel->routes[i], NULL);
}

/* By kind; within a kind by address and interface. */
static int place_cmp_change(const void *a, const void *b)
{
	const struct place_change *x = a, *y = b;
	int order = (x->kind > y->kind) - (x->kind < y->kind);

	if (order == 0)
		order = addr_cmp(&x->addr, &y->addr);
	return order ? order : strcmp(x->ifname, y->ifname);
}

void place_plan(const struct place_kernel *kernel, struct place_wanted *wanted,
		size_t nr, struct place_plan *plan)
{
	size_t i;

	plan->nr = 0;
	if (nr)
		qsort(wanted, nr, sizeof(*wanted), place_cmp_wanted);
	for (i = 0; i < nr; i++) {
		if (!place_has_route(kernel, &wanted[i].addr))
			place_add(plan, PLACE_ROUTE_ON, &wanted[i],
				  &wanted[i].addr, NULL);
		place_plan_address(kernel, &wanted[i], plan);
	}
	place_plan_leftovers(kernel, wanted, nr, plan);
	if (plan->nr)
		qsort(plan->changes, plan->nr, sizeof(*plan->changes),
		      place_cmp_change);
}
