/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs/validate.h"

#include <netinet/in.h>
#include <string.h>

static bool validate_addr_is_any(const struct addr *addr)
{
	static const uint8_t none[sizeof(addr->bytes)];

	return memcmp(addr->bytes, none, sizeof(none)) == 0;
}

static bool validate_addr_is_multicast(const struct addr *addr)
{
	if (addr->family == AF_INET6)
		return addr->bytes[0] == 0xff;
	return (addr->bytes[0] & 0xf0) == 0xe0;
}

static bool validate_addr_is_broadcast(const struct addr *addr)
{
	return addr->family == AF_INET && addr->v4.s_addr == INADDR_BROADCAST;
}

static const char *validate_addr(const struct addr *addr)
{
	if (addr->family != AF_INET && addr->family != AF_INET6)
		return "the address is neither IPv4 nor IPv6";
	if (validate_addr_is_any(addr))
		return "the address is empty";
	if (validate_addr_is_multicast(addr))
		return "the address is a multicast address";
	if (validate_addr_is_broadcast(addr))
		return "the address is the broadcast address";
	return NULL;
}

static bool validate_name_is_good(const char *name)
{
	size_t i;

	for (i = 0; i < TABLE_NAME_MAX && name[i]; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return false;
	return i < TABLE_NAME_MAX;
}

static const char *validate_key(const struct table_service *service)
{
	const struct service_key *key = &service->key;

	if (key->family != AF_INET && key->family != AF_INET6)
		return "the address family is neither IPv4 nor IPv6";
	if (key->fwmark) {
		if (key->protocol || key->vip.port ||
		    addr_is_set(&key->vip.addr))
			return "a firewall mark excludes an address, port and protocol";
		return NULL;
	}
	if (key->protocol != IPPROTO_TCP && key->protocol != IPPROTO_UDP &&
	    key->protocol != IPPROTO_SCTP)
		return "the protocol is none of TCP, UDP and SCTP";
	if (key->vip.addr.family != key->family)
		return "the address is not of the service's address family";
	if (key->vip.port == 0 && !(service->flags & SERVICE_PERSISTENT))
		return "port 0 (every port) needs persistence";
	return validate_addr(&key->vip.addr);
}

static const char *validate_persistence(const struct table_service *service)
{
	bool persistent = service->flags & SERVICE_PERSISTENT;

	if (persistent && service->timeout == 0)
		return "persistence needs a timeout";
	if (service->timeout > IPVS_TIMEOUT_MAX)
		return "the persistence timeout is too long";
	if (service->prefix < 1 ||
	    service->prefix > (service->key.family == AF_INET6 ? 128 : 32))
		return "the prefix length of persistence is out of range";
	if (service->pe_name[0] && !persistent)
		return "a persistence engine needs persistence";
	return NULL;
}

const char *ipvs_validate_service(const struct table_service *service)
{
	const char *wrong = validate_key(service);

	if (wrong)
		return wrong;
	if (service->scheduler[0] == '\0' ||
	    !validate_name_is_good(service->scheduler))
		return "the scheduler's name is not one";
	if (!validate_name_is_good(service->pe_name))
		return "the persistence engine's name is not one";
	if (service->flags & ~(uint32_t)SERVICE_FLAGS_ALL)
		return "an unknown flag is set";
	return validate_persistence(service);
}

static const char *validate_tunnel(const struct table_dest *dest)
{
	if (dest->forward != FORWARD_TUN)
		return NULL;
	if (dest->tun_type > TUNNEL_GRE)
		return "the tunnel type is unknown";
	if (dest->tun_type == TUNNEL_GUE && dest->tun_port == 0)
		return "a GUE tunnel needs a port";
	if (dest->tun_type != TUNNEL_GUE && (dest->tun_flags & TUNNEL_REMCSUM))
		return "remote checksums are for GUE tunnels only";
	if (dest->tun_type == TUNNEL_IPIP && dest->tun_flags)
		return "an IPIP tunnel has no checksum";
	if (dest->tun_flags & ~(TUNNEL_CSUM | TUNNEL_REMCSUM))
		return "an unknown tunnel flag is set";
	return NULL;
}

const char *ipvs_validate_dest(const struct table_service *service,
			       const struct table_dest *dest)
{
	const char *wrong = validate_addr(&dest->rip.addr);

	if (wrong)
		return wrong;
	if (dest->forward > FORWARD_DR)
		return "the forwarding method is unknown";
	if (dest->rip.addr.family != service->key.family &&
	    dest->forward != FORWARD_TUN)
		return "only a tunnel can lead to the other address family";
	if (dest->weight > INT32_MAX)
		return "the weight is too large";
	if (dest->u_threshold > INT32_MAX)
		return "the upper threshold is too large";
	if (dest->l_threshold > dest->u_threshold)
		return "the lower threshold is above the upper one";
	return validate_tunnel(dest);
}
