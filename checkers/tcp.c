/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP_CHECK: the server's kernel accepts a connection.
 *
 * The answer to the SYN says it all, so the handshake is not completed: the
 * last ACK is held back, and disconnecting sends a reset in its place. The
 * server's process never hears of the probe. The unfinished handshake halves
 * the cost on both sides, and keeps a MySQL server from counting a failed
 * connection, which would end with the server blocking this host (error 1129).
 * If we come too late for the kernel's delay of ACKs, the connection is made
 * and reset: just as right, and merely less quiet.
 *
 * A hung process passes this check, because its kernel still accepts.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/check.h"
#include "checkers/check_path.h"
#include "checkers/probe_socket.h"
#include "checkers/probe.h"
#include "checkers/tcp_pool.h"
#include "lib/loop.h"

struct tcp_probe {
	struct loop_io io;
	struct check *check;
	int fd;
};

/* Whether the probe's socket is one like any other. */
static bool tcp_is_plain(const struct check *check)
{
	const struct conf_check *conf = check->conf;

	return !check_is_lent(check) && !conf->bind_if &&
	       !addr_is_set(&conf->bind.addr) && conf->bind.port == 0;
}

/* The socket has done its work; ERROR is the result of the connect. */
static void tcp_release(struct check *check, int fd, int error)
{
	if (check_is_lent(check))
		check_reset_socket(check);
	else if (error == 0)
		tcp_pool_give(check_shared(check), check->conf->dst.addr.family,
			      fd, tcp_is_plain(check));
	else
		close(fd);
}

static void tcp_end(struct tcp_probe *probe, int error)
{
	probe->check->probe = NULL;
	loop_io_stop(&probe->io);
	tcp_release(probe->check, probe->fd, error);
	free(probe);
}

static void tcp_ready(struct loop_io *io, unsigned what)
{
	struct tcp_probe *probe = container_of(io, struct tcp_probe, io);
	struct check *check = probe->check;
	socklen_t size = sizeof(int);
	struct probe_result result;
	int error = 0;

	/* An error makes it readable too: without it there is none to ask. */
	if (what != LOOP_WRITE &&
	    getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	tcp_end(probe, error);
	net_fill_reported(&result, error);
	check_finish(check, &result);
}

static int tcp_connect(int fd, const struct check *check)
{
	struct sockaddr_storage ss;
	socklen_t size = endpoint_to_sockaddr(check_dst(check), &ss);
	bool as_it_is = check_is_lent(check) || tcp_is_plain(check);
	int error = as_it_is ? 0 : net_bind(fd, check->conf);
	int quickack = 0;

	if (error)
		return error;
	/* See above. If the kernel refuses, the probe is as good without. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &quickack,
			 sizeof(quickack));
	return connect(fd, (struct sockaddr *)&ss, size) < 0 ? errno : 0;
}

static int tcp_watch(struct check *check, int fd)
{
	struct tcp_probe *probe = xcalloc(1, sizeof(*probe));
	int error;

	probe->check = check;
	probe->fd = fd;
	error = loop_io_start(check_loop(check), &probe->io, fd,
			      LOOP_READ | LOOP_WRITE, tcp_ready);
	if (error < 0) {
		tcp_release(check, fd, -error);
		free(probe);
		return error;
	}
	check->probe = probe;
	return 0;
}

static int tcp_open_socket(struct check *check)
{
	sa_family_t family = check->conf->dst.addr.family;

	if (check_is_lent(check))
		return check_socket(check);
	return tcp_is_plain(check) ?
		       tcp_pool_take(check_shared(check), family) :
		       net_stream(family);
}

static int tcp_start(struct check *check)
{
	int fd = tcp_open_socket(check);
	int error;

	if (fd < 0) {
		if (net_is_shortage(-fd))
			return fd;
		check_finish_errno(check, PROBE_LOCAL_FAULT, -fd);
		return 0;
	}
	error = tcp_connect(fd, check);
	if (error == EINPROGRESS)
		return tcp_watch(check, fd);
	tcp_release(check, fd, error);
	if (net_is_shortage(error))
		return -error;
	check_finish_errno(check, net_outcome(error), error);
	return 0;
}

static void tcp_cancel(struct check *check)
{
	tcp_end(check->probe, ECANCELED);
}

static void tcp_expire(struct check *check, struct probe_result *result)
{
	tcp_end(check->probe, ETIMEDOUT);
	probe_result_fill(result, PROBE_TIMEOUT, 0);
}

static void *tcp_open(const struct probe_means *means)
{
	return xcalloc(1, sizeof(struct tcp_pool));
}

static void tcp_close(void *shared)
{
	tcp_pool_clear(shared);
	free(shared);
}

const struct probe_type probe_tcp = {
	.name = "tcp",
	.sockets = 1,
	.start = tcp_start,
	.cancel = tcp_cancel,
	.expire = tcp_expire,
	.open = tcp_open,
	.close = tcp_close,
};
