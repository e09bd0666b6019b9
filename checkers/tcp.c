/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP_CHECK: the server's kernel accepts a connection.
 *
 * The answer to the SYN says it all, so the handshake is not completed: the
 * last ACK is held back, and closing sends a reset in its place. The server's
 * process never hears of the probe. That halves the cost on both sides, and it
 * keeps a MySQL server from counting it as a failed connection, which would end
 * with the server blocking this host (error 1129). If the probe is not closed
 * within the kernel's delay for ACKs, the connection is made and reset: just as
 * right, and merely less quiet.
 *
 * A hung process passes this check, because its kernel still accepts.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/net.h"
#include "checkers/probe.h"
#include "lib/loop.h"

struct tcp_probe {
	struct loop_io io;
	struct check *check;
	int fd;
};

static void tcp_end(struct tcp_probe *probe)
{
	probe->check->probe = NULL;
	loop_io_stop(&probe->io);
	close(probe->fd);
	free(probe);
}

static void tcp_ready(struct loop_io *io, unsigned what)
{
	struct tcp_probe *probe = container_of(io, struct tcp_probe, io);
	struct check *check = probe->check;
	socklen_t size = sizeof(int);
	int error = 0;

	/* An error makes it readable too: without it there is none to ask. */
	if (what != LOOP_WRITE &&
	    getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	tcp_end(probe);
	check_finish_errno(check, net_outcome(error), error);
}

/* The file may say where the probe comes from. Returns 0 or an errno. */
static int tcp_bind(int fd, const struct conf_check *conf)
{
	struct sockaddr_storage ss;
	struct endpoint from = conf->bind;
	socklen_t size;

	if (conf->fwmark && setsockopt(fd, SOL_SOCKET, SO_MARK, &conf->fwmark,
				       sizeof(conf->fwmark)) < 0)
		return errno;
	if (conf->bind_if &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, conf->bind_if,
		       (socklen_t)strlen(conf->bind_if)) < 0)
		return errno;
	if (!addr_is_set(&from.addr) && from.port == 0)
		return 0;
	from.addr.family = conf->dst.addr.family;
	size = endpoint_to_sockaddr(&from, &ss);
	return bind(fd, (struct sockaddr *)&ss, size) < 0 ? errno : 0;
}

/* See above. If the kernel refuses, the probe is as good without. */
static void tcp_set_quiet(int fd)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	int quickack = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &quickack,
			 sizeof(quickack));
}

static int tcp_connect(int fd, const struct conf_check *conf)
{
	struct sockaddr_storage ss;
	socklen_t size = endpoint_to_sockaddr(&conf->dst, &ss);
	int error = tcp_bind(fd, conf);

	if (error)
		return error;
	tcp_set_quiet(fd);
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
		close(fd);
		free(probe);
		return error;
	}
	check->probe = probe;
	return 0;
}

static int tcp_start(struct check *check)
{
	int fd = socket(check->conf->dst.addr.family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0) {
		error = errno;
		if (net_is_shortage(error))
			return -error;
		check_finish_errno(check, PROBE_LOCAL_FAULT, error);
		return 0;
	}
	error = tcp_connect(fd, check->conf);
	if (error == EINPROGRESS)
		return tcp_watch(check, fd);
	close(fd);
	if (net_is_shortage(error))
		return -error;
	check_finish_errno(check, net_outcome(error), error);
	return 0;
}

static void tcp_cancel(struct check *check)
{
	tcp_end(check->probe);
}

static void tcp_expire(struct check *check, struct probe_result *result)
{
	tcp_end(check->probe);
	probe_result_fill(result, PROBE_TIMEOUT, 0);
}

const struct probe_type probe_tcp = {
	.name = "tcp",
	.start = tcp_start,
	.cancel = tcp_cancel,
	.expire = tcp_expire,
};
