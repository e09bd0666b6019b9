/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_socket.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without these bits it is the type of a socket alone. */
#define SOCKET_TYPE_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

static struct {
	bool waits; /* FD is for the next socket() */
	bool given; /* FD is the library's, for its next connect() */
	int fd;
	struct sockaddr_storage service;
	socklen_t size;
} mysql_socket_lent;

void mysql_socket_lend(int fd, const struct endpoint *service)
{
	int flags;

	/* As high numbers are kept from the watchdog, a low one is taken. */
	mysql_socket_lent.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	close(fd);
	if (mysql_socket_lent.fd < 0)
		return;
	flags = fcntl(mysql_socket_lent.fd, F_GETFL);
	if (flags >= 0)
		(void)fcntl(mysql_socket_lent.fd, F_SETFL, flags & ~O_NONBLOCK);
	mysql_socket_lent.size =
		endpoint_to_sockaddr(service, &mysql_socket_lent.service);
	mysql_socket_lent.waits = true;
}

void mysql_socket_done(void)
{
	if (mysql_socket_lent.waits)
		close(mysql_socket_lent.fd);
	mysql_socket_lent.waits = false;
	mysql_socket_lent.given = false;
}

/* The C library's, but for a socket that is lent; see above. */
__attribute__((visibility("default"))) int socket(int domain, int type,
						  int protocol)
{
	if (!mysql_socket_lent.waits ||
	    domain != mysql_socket_lent.service.ss_family ||
	    (type & ~SOCKET_TYPE_FLAGS) != SOCK_STREAM)
		return (int)syscall(SYS_socket, domain, type, protocol);
	mysql_socket_lent.waits = false;
	mysql_socket_lent.given = true;
	return mysql_socket_lent.fd;
}

__attribute__((visibility("default"))) int
connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (mysql_socket_lent.given && fd == mysql_socket_lent.fd) {
		mysql_socket_lent.given = false;
		addr = (const struct sockaddr *)&mysql_socket_lent.service;
		len = mysql_socket_lent.size;
	}
	return (int)syscall(SYS_connect, fd, addr, len);
}
