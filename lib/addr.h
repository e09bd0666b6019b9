/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses and endpoints: an IPv4 or IPv6 address, and one with a port. The
 * structs are plain values, compared and copied as such; unused bytes are
 * always zero, so that equal endpoints are equal byte by byte.
 */
#ifndef EVENKEEL_LIB_ADDR_H
#define EVENKEEL_LIB_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct addr {
	uint16_t family; /* AF_INET, AF_INET6, or AF_UNSPEC: no address */
	uint16_t pad;
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];
	};
};

struct endpoint {
	struct addr addr;
	uint16_t port; /* host byte order; 0: none */
	uint16_t pad;
};

/* Room for any formatted address ("ff..."), and for "[address]:port". */
#define ADDR_TEXT_MAX 48
#define ENDPOINT_TEXT_MAX 56

/*
 * Read a numeric address of LEN bytes. Returns 0 or -EINVAL; host names are
 * never looked up.
 */
int addr_parse(struct addr *addr, const char *text, size_t len);

/* Write an address as text into OUT (ADDR_TEXT_MAX bytes); returns OUT. */
const char *addr_format(const struct addr *addr, char *out);

/* Order by family, then by address in network byte order. */
int addr_cmp(const struct addr *a, const struct addr *b);

/* Whether ADDR has a family. */
bool addr_is_set(const struct addr *addr);

/* "192.0.2.1:3306" or "[2001:db8::1]:3306", without ":port" if it is 0. */
const char *endpoint_format(const struct endpoint *ep, char *out);

/* Orders by address, then by port; below, at or above 0. */
int endpoint_cmp(const struct endpoint *a, const struct endpoint *b);

/* Fill SS for connect() or bind(); returns its length. */
socklen_t endpoint_to_sockaddr(const struct endpoint *ep,
			       struct sockaddr_storage *ss);

/*
 * Read "ADDRESS:PORT", "[ADDRESS]:PORT", or an address without a port (port 0).
 * Returns 0 or -EINVAL.
 */
int endpoint_parse(struct endpoint *ep, const char *text);

/* Hashes for lib/index.h; equal ones have the same. */
uint32_t addr_hash(const struct addr *addr);
uint32_t endpoint_hash(const struct endpoint *ep);

#endif
