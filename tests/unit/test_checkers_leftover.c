/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that we are done with and the server is not. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "checkers/leftover.h"
#include "checkers/mysql/mysql_lib.h"
#include "checkers/mysql/mysql_session.h"
#include "checkers/mysql/mysql_watchdog.h"
#include "lib/util.h"

/* Oracle's library does not tell its socket before a login is done, and closes
 * that of a login that fails: nothing is left behind then. */
#ifdef MARIADB_PACKAGE_VERSION
#define LEFT_BY_LOGINS LEFTOVERS_MAX
#else
#define LEFT_BY_LOGINS 0
#endif

static int listener;
static struct sockaddr_in where;

static void leftover_listen(void)
{
	socklen_t size = sizeof(where);

	where = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(listener, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&where, size), 0);
	cr_assert_eq(listen(listener, 8), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&where, &size),
		     0);
}

/* A connection that is one of the LEFTOVERS; returns the server's end. */
static int leftover_make(struct leftovers *leftovers, enum mysql_stage stage,
			 bool hung)
{
	struct leftover leftover = { .stage = stage, .hung = hung };

	leftover.sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(connect(leftover.sock, (struct sockaddr *)&where,
			     sizeof(where)),
		     0);
	leftovers_add(leftovers, &leftover);
	return accept(listener, NULL, NULL);
}

static void expect_soon(struct leftovers *leftovers, unsigned count)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int i;

	for (i = 0; i < 1000; i++) {
		if (leftovers_sweep(leftovers) == count)
			return;
		nanosleep(&pause, NULL);
	}
	cr_expect_eq(leftovers->count, count);
}

Test(checkers_leftover, is_there_until_the_server_closes,
     .init = leftover_listen)
{
	struct leftovers leftovers = { .count = 0 };
	struct linger reset = { .l_onoff = 1 };
	int server[2];

	server[0] = leftover_make(&leftovers, MYSQL_STAGE_QUERY, true);
	server[1] = leftover_make(&leftovers, MYSQL_STAGE_REPLICATION, false);
	cr_expect_eq(leftovers_sweep(&leftovers), 2);
	cr_expect_neq(leftovers.of[0].port, 0);
	cr_expect_neq(leftovers.of[0].port, leftovers.of[1].port);
	cr_expect(leftovers_hang(&leftovers, MYSQL_STAGE_QUERY));
	cr_expect_not(leftovers_hang(&leftovers, MYSQL_STAGE_REPLICATION));
	close(server[0]);
	expect_soon(&leftovers, 1);
	cr_expect_not(leftovers_hang(&leftovers, MYSQL_STAGE_QUERY));
	setsockopt(server[1], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(server[1]);
	expect_soon(&leftovers, 0);
}

Test(checkers_leftover, an_answer_that_comes_too_late_ends_it,
     .init = leftover_listen)
{
	struct leftovers leftovers = { .count = 0 };
	int server = leftover_make(&leftovers, MYSQL_STAGE_QUERY, true);

	cr_assert_eq(send(server, "late", 4, MSG_NOSIGNAL), 4);
	expect_soon(&leftovers, 0);
	close(server);
}

static int error_of(int sock)
{
	int error = -1;
	socklen_t size = sizeof(error);

	getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

Test(checkers_leftover, no_more_than_there_may_be, .init = leftover_listen)
{
	struct leftovers leftovers = { .count = 0 };
	int server[3], i;
	char byte;

	for (i = 0; i < 3; i++)
		server[i] = leftover_make(&leftovers, MYSQL_STAGE_QUERY, true);
	cr_expect_eq(leftovers_sweep(&leftovers), LEFTOVERS_MAX);
	/* The third was reset: the server sees that at once. */
	cr_expect_lt(recv(server[2], &byte, 1, 0), 0);
	/* The first is given up in the same way, and the second stays. */
	leftovers_give_up(&leftovers);
	cr_expect_eq(leftovers_sweep(&leftovers), 1);
	cr_expect_eq(error_of(server[0]), EPIPE);
	cr_expect_eq(error_of(server[1]), 0);
	leftovers_clear(&leftovers);
	cr_expect_eq(leftovers_sweep(&leftovers), 0);
	for (i = 0; i < 3; i++)
		close(server[i]);
}

/* All further descriptors are the watchdog's, the others are spared. */
static int leftover_last_descriptor(void)
{
	int fd, last = 0;

	do {
		fd = dup(listener);
		cr_assert_geq(fd, 0);
		last = fd > last ? fd : last;
	} while (fd < 40);
	return last;
}

/* Without TLS, Oracle's library would not even connect: it wants a key then. */
static enum outcome leftover_ask(struct mysql_session *session, int spared,
				 usec_t time)
{
	static struct conf_mysql mysql = { .username = "check",
					   .tls = MYSQL_TLS_PREFERRED };
	struct conf_check check = { .kind = CHECK_MYSQL,
				    .timeout = USEC_PER_SEC,
				    .mysql = &mysql };
	struct mysql_request request;
	struct mysql_reply reply = { .outcome = PROBE_NONE };
	char text[32];

	snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(where.sin_port));
	endpoint_parse(&check.dst, text);
	cr_assert_eq(mysql_request_fill(&request, &check, NULL), 0);
	request.deadline = clock_now() + time;
	mysql_watchdog_start(spared, request.deadline);
	mysql_session_probe(session, &request, &reply);
	mysql_watchdog_stop();
	return (enum outcome)reply.outcome;
}

/* Two probes for which this host was too busy, and then the server hangs. */
Test(checkers_leftover, a_busy_host_is_not_the_servers_last_word,
     .init = leftover_listen)
{
	struct mysql_session session = { .link = NULL, .sock = -1 };
	int i, spared = leftover_last_descriptor();
	enum outcome outcome = PROBE_LOCAL_FAULT;

	cr_assert_eq(mysql_lib_prepare(), 0);
	for (i = 0; i < LEFTOVERS_MAX; i++)
		cr_expect_eq(leftover_ask(&session, spared, -USEC_PER_SEC),
			     PROBE_LOCAL_FAULT);
	cr_assert_eq(session.leftovers.count, LEFT_BY_LOGINS);
	/* It may be too busy just now, but not for ever. */
	for (i = 0; i < 50 && outcome == PROBE_LOCAL_FAULT; i++)
		outcome = leftover_ask(&session, spared, USEC_PER_SEC / 5);
	cr_expect_eq(outcome, PROBE_HUNG);
	leftovers_clear(&session.leftovers);
}
