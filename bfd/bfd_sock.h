/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of BFD: RFC 5881 section 4 and RFC 5883 section 5. Packets are received at
 * one port for each family and for one hop or several; a session sends from a port of
 * its own. None of it needs a capability.
 */
#ifndef EVENKEEL_BFD_BFD_SOCK_H
#define EVENKEEL_BFD_BFD_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

/* A received datagram. */
struct bfd_datagram {
	struct addr from;
	int ttl; /* or hop limit; -1: not known */
	size_t length; /* whole, of which DATA has the beginning */
	uint8_t data[64];
};

/* A socket for the packets that neighbours send; or -errno. */
int bfd_sock_listen(sa_family_t family, bool multihop);
/* Returns 0, or -errno: -EAGAIN if there is none. */
int bfd_sock_receive(int fd, struct bfd_datagram *datagram);
/*
 * A socket to send from, with the address SOURCE (no family: FAMILY's any) and a port
 * from 49152 on, whose packets begin with TTL hops. Returns it, or -errno.
 */
int bfd_sock_open(sa_family_t family, const struct addr *source, int ttl);
/* Returns 0 or -errno. */
int bfd_sock_send(int fd, const struct addr *to, bool multihop,
		  const uint8_t *data, size_t length);

#endif
