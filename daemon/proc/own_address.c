/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/own_address.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/util.h"

/* Any port: nothing is sent. */
#define OWN_ADDRESS_PORT 9

static bool own_address_read(const struct sockaddr *sa, struct addr *out)
{
	memset(out, 0, sizeof(*out));
	if (sa && sa->sa_family == AF_INET)
		out->v4 =
			((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	else if (sa && sa->sa_family == AF_INET6)
		out->v6 = ((const struct sockaddr_in6 *)(const void *)sa)
				  ->sin6_addr;
	else
		return false;
	out->family = sa->sa_family;
	return true;
}

/* An address that does for connections to hosts beyond the link. */
static bool own_address_is_usable(const struct addr *addr)
{
	if (addr->family == AF_INET6)
		return !IN6_IS_ADDR_LINKLOCAL(&addr->v6) &&
		       !IN6_IS_ADDR_LOOPBACK(&addr->v6);
	return ntohl(addr->v4.s_addr) >> 24 != IN_LOOPBACKNET;
}

static bool own_address_shares_net(const struct ifaddrs *ifa,
				   const struct addr *own,
				   const struct addr *server)
{
	size_t size = own->family == AF_INET6 ? 16 : 4, i;
	struct addr mask;

	if (!own_address_read(ifa->ifa_netmask, &mask))
		return false;
	for (i = 0; i < size; i++)
		if ((own->bytes[i] ^ server->bytes[i]) & mask.bytes[i])
			return false;
	return true;
}

const char *own_address_link(const struct ifaddrs *ifa, char out[IF_NAMESIZE])
{
	snprintf(out, IF_NAMESIZE, "%.*s", (int)strcspn(ifa->ifa_name, ":"),
		 ifa->ifa_name);
	return out;
}

/* The interface that has ADDR, into OUT; "" if there is none. */
static void own_address_find_link(const struct ifaddrs *all,
				  const struct addr *addr,
				  char out[IF_NAMESIZE])
{
	struct addr own;

	out[0] = '\0';
	for (; all; all = all->ifa_next)
		if (own_address_read(all->ifa_addr, &own) &&
		    addr_cmp(&own, addr) == 0) {
			own_address_link(all, out);
			return;
		}
}

void own_address_choose(const struct ifaddrs *all, const struct addr *server,
			const struct addr *from, own_address_moves *moves,
			void *arg, struct own_address *out)
{
	char link[IF_NAMESIZE], name[IF_NAMESIZE];
	const struct ifaddrs *ifa;
	int best = -1, score;
	struct addr own;

	memset(out, 0, sizeof(*out));
	own_address_find_link(all, from, link);
	if (!moves(arg, from)) {
		out->addr = *from;
		snprintf(out->link, sizeof(out->link), "%s", link);
		return;
	}
	for (ifa = all; ifa; ifa = ifa->ifa_next) {
		if (!own_address_read(ifa->ifa_addr, &own) ||
		    own.family != server->family ||
		    !own_address_is_usable(&own) || moves(arg, &own))
			continue;
		score = 2 * own_address_shares_net(ifa, &own, server) +
			(strcmp(own_address_link(ifa, name), link) == 0);
		if (score <= best)
			continue;
		best = score;
		out->addr = own;
		own_address_link(ifa, out->link);
	}
}

/* The kernel's choice. Returns 0 or -errno. */
static int own_address_ask(const struct addr *server, struct addr *from)
{
	const struct endpoint to = { .addr = *server,
				     .port = OWN_ADDRESS_PORT };
	struct sockaddr_storage ss;
	socklen_t size = endpoint_to_sockaddr(&to, &ss);
	int fd = socket(server->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&ss, size) < 0)
		error = -errno;
	size = sizeof(ss);
	if (error == 0 && getsockname(fd, (struct sockaddr *)&ss, &size) < 0)
		error = -errno;
	close(fd);
	if (error == 0 && !own_address_read((struct sockaddr *)&ss, from))
		error = -EAFNOSUPPORT;
	return error;
}

int own_address_find(const struct ifaddrs *all, const struct addr *server,
		     own_address_moves *moves, void *arg,
		     struct own_address *out)
{
	struct addr from;
	int error;

	memset(out, 0, sizeof(*out));
	error = own_address_ask(server, &from);
	if (error == 0)
		own_address_choose(all, server, &from, moves, arg, out);
	return error;
}
