/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address of this host that a connection to a server comes from, addresses
 * that may move to another host excepted.
 *
 * The kernel chooses by its routes; on a balancer it may choose a service address
 * that is held at the moment. A probe from there would be cut by the next
 * takeover, and an answer to it may go to the other balancer. Then another
 * address of the same interface is taken, the server's network first.
 */
#ifndef EVENKEEL_DAEMON_PROC_OWN_ADDRESS_H
#define EVENKEEL_DAEMON_PROC_OWN_ADDRESS_H

#include <net/if.h>
#include <stdbool.h>

#include "lib/addr.h"

struct ifaddrs;

struct own_address {
	struct addr addr; /* AF_UNSPEC: this host has none that stays */
	char link[IF_NAMESIZE]; /* its interface; "" with AF_UNSPEC */
};

/*
 * The name of the interface of IFA, into OUT, which is returned: getifaddrs()
 * gives IPv4 addresses that have a label with that, "eth0:1".
 */
const char *own_address_link(const struct ifaddrs *ifa, char out[IF_NAMESIZE]);

/* Whether ADDR may move to another host. */
typedef bool own_address_moves(void *arg, const struct addr *addr);

/*
 * Fill OUT with the address for connections to SERVER; ALL is from getifaddrs().
 * Returns 0, or -errno: there is no way to SERVER, or no socket.
 */
int own_address_find(const struct ifaddrs *all, const struct addr *server,
		     own_address_moves *moves, void *arg,
		     struct own_address *out);

/*
 * The choice alone: FROM is the kernel's choice of an address for connections to
 * SERVER. Pure.
 */
void own_address_choose(const struct ifaddrs *all, const struct addr *server,
			const struct addr *from, own_address_moves *moves,
			void *arg, struct own_address *out);

#endif
