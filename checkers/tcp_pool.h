/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets that are used again. Making a TCP socket and throwing it away costs
 * the kernel as much as the probe does; disconnecting one (which resets the
 * connection) and connecting it to the next server is cheaper. Only sockets
 * that are like new are kept: no address, device or mark was set on them, and
 * their last connection succeeded.
 */
#ifndef EVENKEEL_CHECKERS_TCP_POOL_H
#define EVENKEEL_CHECKERS_TCP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "checkers/probe.h"

/* Of each family; as many as are under way in one waking-up on a busy day. */
#define TCP_POOL_KEPT (PROBE_SOCKETS_KEPT / 2)

struct tcp_pool {
	int fds[2][TCP_POOL_KEPT]; /* IPv4, IPv6 */
	size_t used[2];
};

/*
 * A non-blocking socket of FAMILY that is not connected, new or like new. The
 * descriptor, or -errno.
 */
int tcp_pool_take(struct tcp_pool *pool, sa_family_t family);

/* End the connection of FD with a reset, and keep the socket or close it. */
void tcp_pool_give(struct tcp_pool *pool, sa_family_t family, int fd,
		   bool keep);

/* Close the sockets in the pool. */
void tcp_pool_clear(struct tcp_pool *pool);

#endif
