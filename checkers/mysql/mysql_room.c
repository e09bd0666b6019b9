/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_room.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "checkers/mysql/mysql_examine.h"
#include "checkers/mysql/mysql_link.h"
#include "checkers/mysql/mysql_rows.h"
#include "checkers/mysql/mysql_watchdog.h"
#include "checkers/probe_socket.h"

/* A statement ends in the server by this part of the probe's time before it. */
#define ROOM_MARGIN 10
/* How often the ends of earlier sessions are looked for. */
#define ROOM_LOOK_NSEC (20 * 1000 * 1000)
#define ROOM_SQL_MAX 192

static bool room_endpoint(struct endpoint *ep, const char *text, uint16_t port)
{
	ep->port = port;
	return text && addr_parse(&ep->addr, text, strlen(text)) == 0;
}

/* Connect without ending the handshake, as TCP_CHECK does. An errno, or 0. */
static int room_connect(int sock, const struct mysql_request *request)
{
	struct endpoint to, from;
	struct sockaddr_storage ss;
	socklen_t size;
	int quickack = 0;

	if (room_endpoint(&from,
			  mysql_request_string(request, MYSQL_STRING_BIND),
			  0)) {
		size = endpoint_to_sockaddr(&from, &ss);
		if (bind(sock, (struct sockaddr *)&ss, size) < 0)
			return errno;
	}
	if (!room_endpoint(&to,
			   mysql_request_string(request, MYSQL_STRING_HOST),
			   request->port))
		return EINVAL;
	(void)setsockopt(sock, IPPROTO_TCP, TCP_QUICKACK, &quickack,
			 sizeof(quickack));
	size = endpoint_to_sockaddr(&to, &ss);
	return connect(sock, (struct sockaddr *)&ss, size) < 0 ? errno : 0;
}

/* Whether the server's kernel still answers; costs the server nothing. */
static enum outcome room_knock(const struct mysql_request *request)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct endpoint to;
	struct pollfd poll_for = { .events = POLLOUT };
	socklen_t size = sizeof(int);
	int sock, error;
	bool reported;

	if (!room_endpoint(&to,
			   mysql_request_string(request, MYSQL_STRING_HOST), 0))
		return PROBE_LOCAL_FAULT;
	sock = socket(to.addr.family,
		      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return PROBE_LOCAL_FAULT;
	error = room_connect(sock, request);
	poll_for.fd = sock;
	reported = error == EINPROGRESS;
	if (reported) {
		/* The watchdog ends this. */
		while (poll(&poll_for, 1, -1) < 0 && errno == EINTR)
			;
		error = 0;
		if (getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
			error = errno;
	}
	(void)connect(sock, &none, sizeof(none));
	close(sock);
	if (mysql_watchdog_expired())
		return PROBE_TIMEOUT;
	return reported ? net_outcome_reported(error) : net_outcome(error);
}

bool mysql_room_may_connect(const struct mysql_request *request)
{
	struct endpoint to;
	int sock, error;

	if (!room_endpoint(&to,
			   mysql_request_string(request, MYSQL_STRING_HOST), 0))
		return false;
	sock = net_stream(to.addr.family);
	if (sock < 0)
		return false;
	error = room_connect(sock, request);
	close(sock);
	return error == 0 || error == EINPROGRESS;
}

static void room_say(struct mysql_session *session, struct mysql_reply *reply)
{
	char text[2 * VERDICT_TEXT_MAX];
	enum outcome outcome = session->said;

	/* The earlier sessions answered, and the server does not get round to
	 * ending them. */
	if (outcome == PROBE_NONE || outcome == PROBE_OK)
		outcome = PROBE_HUNG;
	snprintf(text, sizeof(text),
		 "%s; %d sessions of earlier probes are in the server still",
		 outcome_info(outcome)->text, LEFTOVERS_MAX);
	if (mysql_watchdog_late())
		mysql_reply_say(reply, PROBE_LOCAL_FAULT,
				"this host was too busy to probe in time");
	else
		mysql_reply_say(reply, outcome, text);
}

bool mysql_room_make(struct mysql_session *session,
		     const struct mysql_request *request,
		     struct mysql_reply *reply)
{
	const struct timespec pause = { .tv_nsec = ROOM_LOOK_NSEC };
	enum outcome outcome;

	if (leftovers_sweep(&session->leftovers) < LEFTOVERS_MAX)
		return true;
	outcome = room_knock(request);
	if (outcome != PROBE_OK) {
		mysql_reply_say(reply, outcome, outcome_info(outcome)->text);
		return false;
	}
	while (!mysql_watchdog_expired()) {
		if (leftovers_sweep(&session->leftovers) < LEFTOVERS_MAX)
			return true;
		nanosleep(&pause, NULL);
	}
	room_say(session, reply);
	return false;
}

/* Returns -1 only if the connection is lost; else *ERROR has the server's. */
static int room_command(struct mysql_link *link, const char *sql,
			mysql_row_fn *take, void *arg, unsigned *error)
{
	*error = 0;
	if (mysql_rows_ask(link, sql, take, arg) == 0)
		return 0;
	*error = mysql_link_errno(link);
	return mysql_is_client_error(*error) ? -1 : 0;
}

static bool room_take_any(void *arg, const struct mysql_row *row)
{
	*(bool *)arg = true;
	return false;
}

/*
 * MySQL's limit is for SELECT alone, so that locks need one too, in whole
 * seconds. A proxy may give itself out for the wrong kind, so the other kind's
 * words are tried when these are not known. ALONE: nothing else comes before the
 * query, which may go out together with this.
 */
static int room_limit(struct mysql_link *link,
		      const struct mysql_request *request, bool alone)
{
	usec_t limit = request->timeout - request->timeout / ROOM_MARGIN;
	unsigned seconds =
		(unsigned)((limit + USEC_PER_SEC - 1) / USEC_PER_SEC);
	bool mariadb = strstr(mysql_link_version(link), "MariaDB");
	unsigned error = 1;
	char sql[ROOM_SQL_MAX];
	bool row;
	int i;

	for (i = 0; i < 2 && error; i++, mariadb = !mariadb) {
		if (mariadb)
			snprintf(sql, sizeof(sql),
				 "SET SESSION max_statement_time=%.6f",
				 (double)limit / (double)USEC_PER_SEC);
		else
			snprintf(sql, sizeof(sql),
				 "SET SESSION max_execution_time=%lld, "
				 "lock_wait_timeout=%u, "
				 "innodb_lock_wait_timeout=%u",
				 (long long)(limit / USEC_PER_MSEC), seconds,
				 seconds);
		if (i == 0 && alone)
			mysql_examine_ahead(link, request, sql);
		if (room_command(link, sql, room_take_any, &row, &error) < 0)
			return -1;
	}
	return 0;
}

/* A session of an earlier probe, looked for in the process list. */
struct room_search {
	const struct leftover *leftover;
	bool found;
};

/* A session's number alone might be another's by now; with our port it is not. */
static bool room_take_session(void *arg, const struct mysql_row *row)
{
	struct room_search *search = arg;
	const char *id = mysql_row_text(row, 0);
	const char *host = mysql_row_text(row, 2);
	const char *port = host ? strrchr(host, ':') : NULL;

	search->found |= id && port &&
			 strtoul(id, NULL, 10) == search->leftover->id &&
			 strtoul(port + 1, NULL, 10) == search->leftover->port;
	return true;
}

/*
 * End the session of a probe that ran out of time. The list is not asked of
 * information_schema, whose answer needs the storage that may stand still.
 */
static int room_kill(struct mysql_link *link, struct leftover *leftover)
{
	struct room_search search = { .leftover = leftover };
	char sql[ROOM_SQL_MAX];
	unsigned error;
	bool any;

	if (room_command(link, "SHOW PROCESSLIST", room_take_session, &search,
			 &error) < 0)
		return -1;
	if (!search.found)
		return 0;
	leftover->killed = true;
	snprintf(sql, sizeof(sql), "KILL %lu", leftover->id);
	return room_command(link, sql, room_take_any, &any, &error);
}

static bool room_has_to_kill(const struct leftover *leftover)
{
	return leftover->hung && !leftover->killed && leftover->id;
}

int mysql_room_begin(struct mysql_session *session,
		     const struct mysql_request *request)
{
	struct leftover *of = session->leftovers.of;
	bool alone = !request->evict && request->payload == 0;
	unsigned i;

	for (i = 0; i < session->leftovers.count; i++)
		alone = alone && !room_has_to_kill(&of[i]);
	if (room_limit(session->link, request, alone) < 0)
		return -1;
	for (i = 0; i < session->leftovers.count; i++) {
		if (room_has_to_kill(&of[i]) &&
		    room_kill(session->link, &of[i]) < 0)
			return -1;
	}
	return 0;
}
