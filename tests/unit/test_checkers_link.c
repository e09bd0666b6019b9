/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the client library is let go: sessions of helpers to a small server in a
 * process of its own, which tells what it hears.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkers/mysql/mysql_lib.h"
#include "checkers/mysql/mysql_link.h"
#include "checkers/mysql/mysql_session.h"
#include "lib/util.h"

/* The library's: handles are counted as they are made and closed. */
MYSQL *__real_mysql_init(MYSQL *mysql);
MYSQL *__wrap_mysql_init(MYSQL *mysql);
void __real_mysql_close(MYSQL *mysql);
void __wrap_mysql_close(MYSQL *mysql);

static unsigned handles;
static int library_fd; /* of the handle that was closed last */

MYSQL *__wrap_mysql_init(MYSQL *mysql)
{
	handles++;
	return __real_mysql_init(mysql);
}

void __wrap_mysql_close(MYSQL *mysql)
{
	handles--;
	library_fd = mysql_lib_socket(mysql);
	__real_mysql_close(mysql);
}

#define COM_QUIT 1
#define SESSION_ID 77

static int told; /* by the server: a line for each login and each command */
static pid_t server;
static struct mysql_session session = { .sock = -1, .spare = -1 };
static struct mysql_request request;
static struct mysql_reply reply;

static void server_put(int fd, unsigned char sequence, const void *bytes,
		       size_t length)
{
	unsigned char out[256] = { (unsigned char)length, 0, 0, sequence };

	memcpy(out + 4, bytes, length);
	if (send(fd, out, 4 + length, MSG_NOSIGNAL) < 0)
		_exit(1);
}

static void server_greet(int fd)
{
	static const char text[] = "\x0a"
				   "5.5.5-10.11.6-MariaDB\0"
				   "\x4d\0\0\0"
				   "12345678\0"
				   "\x0f\xa2\x21\2\0\x18\0\x15"
				   "\0\0\0\0\0\0\0\0\0\0"
				   "abcdefghijkl\0"
				   "mysql_native_password";

	server_put(fd, 0, text, sizeof(text));
}

/* One row of one column to a SELECT, and OK to all else. */
static void server_answer(int fd, const char *sql)
{
	static const char column[] = "\3def\0\0\0\1a\0"
				     "\x0c\x21\0\xff\0\0\0\xfd\0\0\0\0\0";

	if (strncmp(sql, "SELECT", 6) != 0) {
		server_put(fd, 1, "\0\0\0\2\0\0\0", 7);
		return;
	}
	server_put(fd, 1, "\1", 1);
	server_put(fd, 2, column, sizeof(column) - 1);
	server_put(fd, 3, "\xfe\0\0\2\0", 5);
	server_put(fd, 4, "\0011", 2);
	server_put(fd, 5, "\xfe\0\0\2\0", 5);
}

/* A packet's text, ended by NUL. False: the client has gone. */
static bool server_take(int fd, char *text)
{
	unsigned char head[4];
	size_t length;

	if (recv(fd, head, sizeof(head), MSG_WAITALL) != sizeof(head))
		return false;
	length = (size_t)head[0] | (size_t)head[1] << 8;
	if (recv(fd, text, length, MSG_WAITALL) != (ssize_t)length)
		return false;
	text[length] = '\0';
	return true;
}

static void server_serve(int fd, int pipe)
{
	char text[65536];

	server_greet(fd);
	if (!server_take(fd, text))
		return;
	server_put(fd, 2, "\0\0\0\2\0\0\0", 7);
	dprintf(pipe, "login\n");
	while (server_take(fd, text)) {
		if (text[0] == COM_QUIT) {
			dprintf(pipe, "quit\n");
			return;
		}
		dprintf(pipe, "%.10s\n", text + 1);
		server_answer(fd, text + 1);
	}
	dprintf(pipe, "gone\n");
}

static void server_run(int listener, int pipe)
{
	int fd;

	/* A test that is ended by its time limit takes no leave. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		server_serve(fd, pipe);
		close(fd);
	}
	_exit(0);
}

static void begin(void)
{
	static struct conf_mysql mysql = { .username = "check",
					   .password = "secret",
					   .query = "SELECT 1",
					   .tls = MYSQL_TLS_PREFERRED };
	static struct conf_check check = { .kind = CHECK_MYSQL,
					   .timeout = 60 * USEC_PER_SEC,
					   .mysql = &mysql };
	struct sockaddr_in here = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int pair[2];

	cr_assert_eq(bind(listener, (struct sockaddr *)&here, size), 0);
	cr_assert_eq(listen(listener, 8), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&here, &size), 0);
	cr_assert_eq(pipe(pair), 0);
	server = fork();
	cr_assert_geq(server, 0);
	if (server == 0)
		server_run(listener, pair[1]);
	close(listener);
	close(pair[1]);
	told = pair[0];
	endpoint_parse(&check.dst, "127.0.0.1:1");
	check.dst.port = ntohs(here.sin_port);
	cr_assert_eq(mysql_request_fill(&request, &check, NULL), 0);
	request.session = 1;
	request.deadline = clock_now() + check.timeout;
}

static void end(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static void expect_told(const char *text)
{
	char line[64] = "";
	size_t used = 0;

	while (used + 1 < sizeof(line) && read(told, line + used, 1) == 1 &&
	       line[used] != '\n')
		used++;
	line[used] = '\0';
	cr_expect_str_eq(line, text);
}

static void probe(void)
{
	memset(&reply, 0, sizeof(reply));
	mysql_session_probe(&session, &request, &reply);
	cr_expect_eq(reply.outcome, PROBE_OK, "%s", reply.text);
}

Test(checkers_link, the_library_is_let_go_after_the_login, .init = begin,
     .fini = end, .timeout = 60)
{
	probe();
	cr_assert(session.link);
	cr_assert_null(session.link->mysql);
	cr_expect_eq(handles, 0);
	cr_expect_eq(fcntl(library_fd, F_GETFD), -1);
	cr_expect_geq(fcntl(session.sock, F_GETFD), 0);
	cr_expect_eq(mysql_link_id(session.link), SESSION_ID);
	cr_expect_str_eq(mysql_link_version(session.link), "10.11.6-MariaDB");
	expect_told("login");
	expect_told("SET SESSIO");
	expect_told("SELECT 1");
	expect_told("SHOW GLOBA");
	expect_told("SHOW GLOBA");
	/* The same session, and the server has heard no goodbye. */
	probe();
	cr_expect_eq(handles, 0);
	expect_told("SELECT 1");
	expect_told("SHOW GLOBA");
	expect_told("SHOW GLOBA");
	mysql_session_close(&session);
	expect_told("quit");
}

Test(checkers_link, an_order_asks_for_nothing_else, .init = begin, .fini = end,
     .timeout = 60)
{
	probe();
	mysql_session_close(&session);
	cr_assert_eq(mysql_request_evict(&request, ""), 0);
	mysql_request_nothing_else(&request);
	probe();
	cr_expect(reply.facts.have & FACT_EVICTED);
	cr_expect_null(session.link);
	cr_expect_eq(handles, 0);
	expect_told("login");
	expect_told("SET SESSIO");
	expect_told("SELECT 1");
	expect_told("SHOW GLOBA");
	expect_told("SHOW GLOBA");
	expect_told("quit");
	expect_told("login");
	expect_told("SET SESSIO");
	expect_told("SHOW GLOBA");
	expect_told("SHOW PROCE");
	expect_told("quit");
}
