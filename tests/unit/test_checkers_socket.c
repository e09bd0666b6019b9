/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket that is lent to the client library. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_socket.h"

/* A port of loopback that somebody listens on, or nobody. */
static struct endpoint place(bool listens, int *fd)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct endpoint ep = { .addr.family = AF_INET };
	socklen_t size = sizeof(sin);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(*fd, 0);
	cr_assert_eq(bind(*fd, (struct sockaddr *)&sin, size), 0);
	cr_assert(!listens || listen(*fd, 4) == 0);
	cr_assert_eq(getsockname(*fd, (struct sockaddr *)&sin, &size), 0);
	ep.addr.v4 = sin.sin_addr;
	ep.port = ntohs(sin.sin_port);
	return ep;
}

static int connect_to(int fd, const struct endpoint *to)
{
	struct sockaddr_storage ss;
	socklen_t size = endpoint_to_sockaddr(to, &ss);

	return connect(fd, (struct sockaddr *)&ss, size) < 0 ? errno : 0;
}

static bool is_same_file(int a, int b)
{
	static int on = 1000;
	socklen_t size = sizeof(on);
	int seen = 0;

	/* A value that nobody has set before. */
	on++;
	setsockopt(a, SOL_SOCKET, SO_RCVLOWAT, &on, sizeof(on));
	getsockopt(b, SOL_SOCKET, SO_RCVLOWAT, &seen, &size);
	return seen == on;
}

Test(mysql_socket, the_librarys_socket_is_the_one_that_is_lent)
{
	int listener, nobody, lent, copy, fd, other;
	struct endpoint service = place(true, &listener);
	struct endpoint server = place(false, &nobody);

	lent = fcntl(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
		     F_DUPFD_CLOEXEC, 64);
	copy = fcntl(lent, F_DUPFD_CLOEXEC, 80);
	mysql_socket_lend(lent, &service);
	cr_expect_lt(fcntl(lent, F_GETFD), 0, "it is taken");
	/* Other kinds of socket are not meant. */
	other = socket(AF_INET6, SOCK_STREAM, 0);
	cr_expect(other < 0 || !is_same_file(other, copy));
	other = socket(AF_INET, SOCK_DGRAM, 0);
	cr_expect_not(is_same_file(other, copy));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_expect(is_same_file(fd, copy));
	cr_expect_lt(fd, 64);
	cr_expect_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	cr_expect_eq(connect_to(fd, &server), 0, "it goes to the service");
	mysql_socket_done();
	cr_expect_geq(fcntl(fd, F_GETFD), 0);
	/* The next one is like any other. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_expect_not(is_same_file(fd, copy));
	cr_expect_eq(connect_to(fd, &server), ECONNREFUSED);
}

Test(mysql_socket, a_socket_that_nobody_asks_for_is_closed)
{
	int listener, fd;
	struct endpoint service = place(true, &listener);
	int lent = socket(AF_INET, SOCK_STREAM, 0);

	mysql_socket_lend(lent, &service);
	mysql_socket_done();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_expect_eq(fd, lent, "its number is free");
	/* A later connection goes to its own address. */
	close(listener);
	cr_expect_eq(connect_to(fd, &service), ECONNREFUSED);
}
