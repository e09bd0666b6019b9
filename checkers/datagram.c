/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/datagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "checkers/check.h"
#include "checkers/check_path.h"
#include "checkers/probe_socket.h"
#include "lib/loop.h"

/* Then the loop looks at the other sockets. */
#define DATAGRAM_TURN 8

struct datagram_probe {
	struct loop_io io;
	struct check *check;
	const struct datagram_kind *kind;
	uint64_t token;
	unsigned strays; /* the server's, or wakings-up for nothing */
	unsigned foreign; /* of other hosts */
	int fd;
};

void datagram_no_answer(const struct conf_check *conf,
			struct probe_result *result)
{
	probe_result_fill(result, PROBE_TIMEOUT, 0);
	snprintf(result->text, sizeof(result->text),
		 "no answer within the time limit");
}

static void datagram_end(struct datagram_probe *probe)
{
	probe->check->probe = NULL;
	loop_io_stop(&probe->io);
	close(probe->fd);
	free(probe);
}

/* FD is connected, but sockets of ICMP get the packets of others all the same. */
static bool datagram_is_from(const struct conf_check *conf,
			     const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *v6 = (const void *)from;
	const struct sockaddr_in *v4 = (const void *)from;
	struct addr addr = { .family = from->ss_family };

	if (from->ss_family == AF_INET)
		addr.v4 = v4->sin_addr;
	else if (from->ss_family == AF_INET6)
		addr.v6 = v6->sin6_addr;
	return addr_cmp(&addr, &conf->dst.addr) == 0;
}

enum datagram_got {
	DATAGRAM_NONE,
	DATAGRAM_STRAY,
	DATAGRAM_FOREIGN,
	DATAGRAM_ANSWER, /* or an error: the probe has a result */
};

static enum datagram_got datagram_take(struct datagram_probe *probe,
				       struct probe_result *result)
{
	const struct conf_check *conf = probe->check->conf;
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof(from);
	uint8_t room[DATAGRAM_ROOM];
	struct datagram answer = { .bytes = room };
	/* With this the kernel says how long it was. */
	ssize_t got = recvfrom(probe->fd, room, sizeof(room), MSG_TRUNC,
			       (struct sockaddr *)&from, &size);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return DATAGRAM_NONE;
	if (got < 0) {
		net_fill_reported(result, errno);
		return DATAGRAM_ANSWER;
	}
	if (!datagram_is_from(conf, &from))
		return DATAGRAM_FOREIGN;
	answer.length = (size_t)got;
	answer.kept = answer.length < sizeof(room) ? answer.length :
						     sizeof(room);
	probe_result_fill(result, PROBE_OK, 0);
	return probe->kind->judge(conf, probe->token, &answer, result) ?
		       DATAGRAM_ANSWER :
		       DATAGRAM_STRAY;
}

/* Whether there were too many; packets of other hosts are not the server's. */
static bool datagram_is_enough(const struct datagram_probe *probe,
			       struct probe_result *result)
{
	const char *which = "that answer something else";
	enum outcome outcome = PROBE_GARBAGE;

	if (probe->foreign >= DATAGRAM_STRAYS_MAX) {
		which = "from other hosts";
		outcome = PROBE_LOCAL_FAULT;
	} else if (probe->strays < DATAGRAM_STRAYS_MAX) {
		return false;
	}
	probe_result_fill(result, outcome, 0);
	snprintf(result->text, sizeof(result->text), "%u datagrams %s",
		 DATAGRAM_STRAYS_MAX, which);
	return true;
}

/*
 * Take the datagrams that have come. Returns true when RESULT ends the probe. Each waking-up
 * without an answer counts, so that nothing can keep us awake for ever.
 */
static bool datagram_read(struct datagram_probe *probe,
			  struct probe_result *result)
{
	enum datagram_got got;
	int i = 0;

	do {
		got = datagram_take(probe, result);
		if (got == DATAGRAM_ANSWER)
			return true;
		if (got == DATAGRAM_FOREIGN)
			probe->foreign++;
		else if (i == 0 || got == DATAGRAM_STRAY)
			probe->strays++;
	} while (got != DATAGRAM_NONE && ++i < DATAGRAM_TURN);
	return datagram_is_enough(probe, result);
}

static void datagram_ready(struct loop_io *io, unsigned what)
{
	struct datagram_probe *probe =
		container_of(io, struct datagram_probe, io);
	struct check *check = probe->check;
	struct probe_result result;

	if (!datagram_read(probe, &result))
		return;
	datagram_end(probe);
	check_finish(check, &result);
}

/*
 * With the first of these options the network's "nobody is there" is an error
 * of the socket, of whatever sort it is. Refused, the probe waits it out.
 */
static int datagram_send(struct datagram_probe *probe)
{
	const struct conf_check *conf = probe->check->conf;
	bool v6 = conf->dst.addr.family == AF_INET6;
	uint8_t room[DATAGRAM_ROOM];
	struct sockaddr_storage ss;
	int on = 1, error;
	socklen_t size;
	size_t length;

	(void)setsockopt(probe->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			 v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
	if (getrandom(&probe->token, sizeof(probe->token), 0) !=
	    (ssize_t)sizeof(probe->token))
		return EAGAIN;
	error = check_is_lent(probe->check) ? 0 : net_bind(probe->fd, conf);
	if (error)
		return error;
	size = endpoint_to_sockaddr(&conf->dst, &ss);
	if (connect(probe->fd, (struct sockaddr *)&ss, size) < 0)
		return errno;
	length = probe->kind->ask(conf, probe->token, room);
	return send(probe->fd, room, length, 0) < 0 ? errno : 0;
}

static void datagram_fail(struct check *check, const struct datagram_kind *kind,
			  int error, bool no_socket)
{
	struct probe_result result;

	probe_result_fill(&result, net_outcome(error), error);
	if (no_socket && error == EACCES && kind->denied)
		snprintf(result.text, sizeof(result.text), "%s", kind->denied);
	check_finish(check, &result);
}

/* Main's, with the mark, or one of our own; or -errno. */
static int datagram_socket(struct check *check,
			   const struct datagram_kind *kind)
{
	sa_family_t family = check->conf->dst.addr.family;
	int fd;

	if (check_is_lent(check)) {
		/* Answers to an older question must not wait in it. */
		fd = check_take_socket(check);
		return fd < 0 ? -check->path.error : fd;
	}
	fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    kind->protocol(family));
	return fd < 0 ? -errno : fd;
}

int datagram_start(struct check *check, const struct datagram_kind *kind)
{
	struct datagram_probe *probe;
	int fd = datagram_socket(check, kind);
	int error = fd < 0 ? -fd : 0;

	if (fd >= 0) {
		probe = xcalloc(1, sizeof(*probe));
		*probe = (struct datagram_probe){ .check = check,
						  .kind = kind,
						  .fd = fd };
		error = datagram_send(probe);
		if (!error)
			error = -loop_io_start(check_loop(check), &probe->io,
					       fd, LOOP_READ, datagram_ready);
		if (!error) {
			check->probe = probe;
			return 0;
		}
		free(probe);
		close(fd);
	}
	if (net_is_shortage(error))
		return -error;
	datagram_fail(check, kind, error, fd < 0);
	return 0;
}

void datagram_cancel(struct check *check)
{
	datagram_end(check->probe);
}

/* An answer that has arrived by now counts, however late the loop looks at it. */
void datagram_expire(struct check *check, struct probe_result *result)
{
	struct datagram_probe *probe = check->probe;

	if (!datagram_read(probe, result))
		probe->kind->silence(check->conf, result);
	datagram_end(probe);
}
