/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Announced addresses as data: where they are wanted, where the kernel has them,
 * and the changes between the two. Pure.
 *
 * An address that is announced is on exactly one interface: zebra announces
 * nothing of two connected routes to one address when it likes the other one,
 * and its attributes stay the old ones unless the address is deleted first. An
 * address that is not announced is on none. Its packets are served all the same:
 * a route of type local delivers them, without an address, so that IPVS sees
 * them, and no routing daemon sees that route.
 *
 * So the order is: routes that deliver, then addresses off, then addresses on,
 * then routes off that nobody needs.
 *
 * Addresses and routes bear PLACE_PROTO (addresses since Linux 5.18): the
 * leftovers of a killed process are found and taken over, or taken off. An
 * address with its full prefix on the interfaces of its group is taken for ours
 * without the mark; one with another prefix, or on any other interface, is the
 * administrator's, and only reported.
 */
#ifndef EVENKEEL_ANNOUNCE_PLACE_H
#define EVENKEEL_ANNOUNCE_PLACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define PLACE_PROTO 99 /* of addresses and of routes */
#define PLACE_FOREVER UINT32_MAX

/* An address of an interface, as the kernel has it. */
struct place_found {
	struct addr addr;
	char ifname[IFNAMSIZ];
	uint8_t prefix;
	bool marked; /* PLACE_PROTO */
	uint32_t valid; /* s, or PLACE_FOREVER */
};

struct place_kernel {
	struct place_found
		*addresses; /* all of the host, sorted by place_sort() */
	size_t nr_addresses, room_addresses;
	/* Of these, as place_sort() finds them, the few with a network. */
	struct place_found *networks;
	size_t nr_networks, room_networks;
	struct addr *routes; /* those of ours that deliver; sorted */
	size_t nr_routes, room_routes;
};

struct place_wanted {
	struct addr addr;
	const char *ifname; /* where it is to be; NULL: on none */
	const char *managed[2]; /* the group's interfaces; NULL: none */
	uint32_t lease; /* s, or PLACE_FOREVER */
	uint32_t group; /* the caller's number for it */
};

#define PLACE_NO_GROUP UINT32_MAX /* nobody wants it any more */

enum place_kind {
	PLACE_ROUTE_ON,
	PLACE_ADDRESS_OFF,
	PLACE_ADDRESS_ON,
	PLACE_RENEW, /* the address' lifetime */
	PLACE_ROUTE_OFF,
	PLACE_CONFLICT, /* no change: it is on another interface as well */
};

struct place_change {
	enum place_kind kind;
	struct addr addr;
	char ifname[IFNAMSIZ];
	uint8_t prefix;
	uint32_t lease;
	uint32_t group; /* of the place_wanted, or PLACE_NO_GROUP */
};

struct place_plan {
	struct place_change *changes;
	size_t nr, room;
};

void place_sort(struct place_kernel *kernel);
void place_free(struct place_kernel *kernel);

/*
 * The changes from KERNEL to the NR wanted, which are sorted in place, into PLAN,
 * which is cleared first.
 */
void place_plan(const struct place_kernel *kernel, struct place_wanted *wanted,
		size_t nr, struct place_plan *plan);
void place_plan_free(struct place_plan *plan);

/*
 * The interface of MANAGED that has ADDR, 0 or 1; -1: none has.
 */
int place_where(const struct place_kernel *kernel, const struct addr *addr,
		const char *const managed[2]);

/*
 * The host's own address with a network that ADDR is in, or NULL: an announced
 * address in a connected network is asked for by ARP, past the routers.
 */
const struct place_found *place_network(const struct place_kernel *kernel,
					const struct addr *addr);

#endif
