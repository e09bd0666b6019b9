/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMTP_CHECK: the connection that smtp_talk.h speaks over. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/check.h"
#include "checkers/check_path.h"
#include "checkers/probe_socket.h"
#include "checkers/smtp_talk.h"
#include "lib/loop.h"

struct smtp_probe {
	struct loop_io io;
	struct check *check;
	struct smtp_talk talk;
	bool connected;
	int fd;
};

static void smtp_end(struct smtp_probe *probe)
{
	probe->check->probe = NULL;
	loop_io_stop(&probe->io);
	close(probe->fd);
	free(probe);
}

static void smtp_finish(struct smtp_probe *probe,
			const struct probe_result *result)
{
	struct check *check = probe->check;

	smtp_end(probe);
	check_finish(check, result);
}

static void smtp_fail(struct smtp_probe *probe, int error)
{
	struct probe_result result;

	probe_result_fill(&result, net_outcome(error), error);
	smtp_finish(probe, &result);
}

/* The server has closed or reset, which we hear when we read or when we write. */
static void smtp_closed(struct smtp_probe *probe)
{
	struct probe_result result;

	smtp_talk_closed(&probe->talk, &result);
	smtp_finish(probe, &result);
}

/* A command has room in any socket, so a part of it is a failure too. */
static void smtp_say(struct smtp_probe *probe)
{
	char room[SMTP_COMMAND_MAX];
	size_t length =
		smtp_talk_say(&probe->talk, probe->check->conf->smtp, room);
	ssize_t sent = send(probe->fd, room, length, MSG_NOSIGNAL);

	if (sent < 0 && net_outcome(errno) == PROBE_CLOSED)
		smtp_closed(probe);
	else if (sent != (ssize_t)length)
		smtp_fail(probe, sent < 0 ? errno : ENOBUFS);
}

/* The loop reads once a turn: a server that never stops sending delays no other
 * check. */
static void smtp_read(struct loop_io *io, unsigned what)
{
	struct smtp_probe *probe = container_of(io, struct smtp_probe, io);
	struct probe_result result;
	char bytes[SMTP_LINE_MAX];
	ssize_t got = recv(probe->fd, bytes, sizeof(bytes), 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0 && net_outcome(errno) != PROBE_CLOSED) {
		net_fill_reported(&result, errno);
		smtp_finish(probe, &result);
		return;
	}
	if (got <= 0) {
		smtp_closed(probe);
		return;
	}
	switch (smtp_talk_take(&probe->talk, bytes, (size_t)got, &result)) {
	case SMTP_READS:
		break;
	case SMTP_SAYS:
		smtp_say(probe);
		break;
	case SMTP_ENDS:
		smtp_finish(probe, &result);
		break;
	}
}

static void smtp_connected(struct loop_io *io, unsigned what)
{
	struct smtp_probe *probe = container_of(io, struct smtp_probe, io);
	struct probe_result result;
	socklen_t size = sizeof(int);
	int error = 0;

	if (getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error) {
		net_fill_reported(&result, error);
		smtp_finish(probe, &result);
		return;
	}
	probe->connected = true;
	loop_io_stop(&probe->io);
	error = loop_io_start(check_loop(probe->check), &probe->io, probe->fd,
			      LOOP_READ, smtp_read);
	if (error < 0)
		smtp_fail(probe, -error);
}

static int smtp_connect(int fd, const struct check *check)
{
	struct sockaddr_storage ss;
	socklen_t size = endpoint_to_sockaddr(check_dst(check), &ss);
	int error = check_is_lent(check) ? 0 : net_bind(fd, check->conf);

	if (error)
		return error;
	if (connect(fd, (struct sockaddr *)&ss, size) == 0 ||
	    errno == EINPROGRESS)
		return 0;
	return errno;
}

static int smtp_start(struct check *check)
{
	int fd = check_is_lent(check) ?
			 check_copy_socket(check) :
			 net_stream(check->conf->dst.addr.family);
	struct smtp_probe *probe;
	int error = fd < 0 ? -fd : smtp_connect(fd, check);

	if (!error) {
		probe = xcalloc(1, sizeof(*probe));
		probe->check = check;
		probe->fd = fd;
		error = -loop_io_start(check_loop(check), &probe->io, fd,
				       LOOP_WRITE, smtp_connected);
		if (!error) {
			check->probe = probe;
			return 0;
		}
		free(probe);
	}
	if (fd >= 0)
		close(fd);
	if (net_is_shortage(error))
		return -error;
	check_finish_errno(check, net_outcome(error), error);
	return 0;
}

static void smtp_cancel(struct check *check)
{
	smtp_end(check->probe);
}

static void smtp_expire(struct check *check, struct probe_result *result)
{
	struct smtp_probe *probe = check->probe;

	if (probe->connected)
		smtp_talk_expired(&probe->talk, result);
	else
		probe_result_fill(result, PROBE_TIMEOUT, 0);
	smtp_end(probe);
}

const struct probe_type probe_smtp = {
	.name = "smtp",
	.sockets = 1,
	.start = smtp_start,
	.cancel = smtp_cancel,
	.expire = smtp_expire,
};
