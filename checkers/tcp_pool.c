/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/tcp_pool.h"

#include <unistd.h>

#include "checkers/probe_socket.h"

static size_t tcp_pool_index(sa_family_t family)
{
	return family == AF_INET6;
}

int tcp_pool_take(struct tcp_pool *pool, sa_family_t family)
{
	size_t i = tcp_pool_index(family);

	if (pool->used[i] > 0)
		return pool->fds[i][--pool->used[i]];
	return net_stream(family);
}

void tcp_pool_give(struct tcp_pool *pool, sa_family_t family, int fd, bool keep)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	size_t i = tcp_pool_index(family);

	/* In this state connect() disconnects. */
	if (connect(fd, &nowhere, sizeof(nowhere)) == 0 && keep &&
	    pool->used[i] < TCP_POOL_KEPT)
		pool->fds[i][pool->used[i]++] = fd;
	else
		close(fd);
}

void tcp_pool_clear(struct tcp_pool *pool)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		while (pool->used[i] > 0)
			close(pool->fds[i][--pool->used[i]]);
	}
}
