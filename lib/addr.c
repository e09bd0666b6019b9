/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/index.h"
#include "lib/util.h"

int addr_parse(struct addr *addr, const char *text, size_t len)
{
	char copy[INET6_ADDRSTRLEN];

	memset(addr, 0, sizeof(*addr));
	if (len == 0 || len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, &addr->v4) == 1) {
		addr->family = AF_INET;
		return 0;
	}
	if (inet_pton(AF_INET6, copy, &addr->v6) == 1) {
		addr->family = AF_INET6;
		return 0;
	}
	memset(addr, 0, sizeof(*addr));
	return -EINVAL;
}

const char *addr_format(const struct addr *addr, char *out)
{
	if (addr->family == AF_UNSPEC ||
	    !inet_ntop(addr->family, addr->bytes, out, ADDR_TEXT_MAX))
		snprintf(out, ADDR_TEXT_MAX, "none");
	return out;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool addr_is_set(const struct addr *addr)
{
	return addr->family != AF_UNSPEC;
}

const char *endpoint_format(const struct endpoint *ep, char *out)
{
	char text[ADDR_TEXT_MAX];

	addr_format(&ep->addr, text);
	if (ep->port == 0)
		snprintf(out, ENDPOINT_TEXT_MAX, "%s", text);
	else if (ep->addr.family == AF_INET6)
		snprintf(out, ENDPOINT_TEXT_MAX, "[%s]:%u", text, ep->port);
	else
		snprintf(out, ENDPOINT_TEXT_MAX, "%s:%u", text, ep->port);
	return out;
}

int endpoint_cmp(const struct endpoint *a, const struct endpoint *b)
{
	int order = addr_cmp(&a->addr, &b->addr);

	if (order)
		return order;
	return a->port < b->port ? -1 : a->port > b->port;
}

socklen_t endpoint_to_sockaddr(const struct endpoint *ep,
			       struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (void *)ss;
	struct sockaddr_in6 *in6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (ep->addr.family == AF_INET6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_addr = ep->addr.v6;
		in6->sin6_port = htons(ep->port);
		return sizeof(*in6);
	}
	in->sin_family = AF_INET;
	in->sin_addr = ep->addr.v4;
	in->sin_port = htons(ep->port);
	return sizeof(*in);
}

static int addr_endpoint_parse_port(const char *text, uint16_t *port)
{
	unsigned long value = 0;
	size_t i;

	for (i = 0; text[i]; i++) {
		if (text[i] < '0' || text[i] > '9' || i > 4)
			return -EINVAL;
		value = value * 10 + (unsigned long)(text[i] - '0');
	}
	if (i == 0 || value > UINT16_MAX)
		return -EINVAL;
	*port = (uint16_t)value;
	return 0;
}

int endpoint_parse(struct endpoint *ep, const char *text)
{
	const char *end;

	memset(ep, 0, sizeof(*ep));
	if (text[0] == '[') {
		end = strchr(text, ']');
		if (!end || addr_parse(&ep->addr, text + 1,
				       (size_t)(end - text) - 1) < 0)
			return -EINVAL;
		if (end[1] == '\0')
			return 0;
		return end[1] == ':' ?
			       addr_endpoint_parse_port(end + 2, &ep->port) :
			       -EINVAL;
	}
	end = strchr(text, ':');
	if (end && !strchr(end + 1, ':')) {
		if (addr_parse(&ep->addr, text, (size_t)(end - text)) < 0)
			return -EINVAL;
		return addr_endpoint_parse_port(end + 1, &ep->port);
	}
	return addr_parse(&ep->addr, text, strlen(text));
}

uint32_t addr_hash(const struct addr *addr)
{
	return hash_bytes(addr->bytes, sizeof(addr->bytes)) ^ addr->family;
}

/* Eight bytes a step; the padding is zero. A pool's endpoints are many. */
uint32_t endpoint_hash(const struct endpoint *ep)
{
	uint64_t parts[sizeof(*ep) / sizeof(uint64_t)], hash = 0;
	size_t i;

	_Static_assert(sizeof(parts) == sizeof(*ep), "no byte is left over");
	memcpy(parts, ep, sizeof(parts));
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		hash = (hash ^ parts[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 32;
	}
	return (uint32_t)hash;
}
