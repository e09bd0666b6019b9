/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A socket of ours for the client library, with probe_path client.
 *
 * Neither client library takes a socket that somebody else has made, and the mark
 * of a socket takes a right that a helper does not have. But a library asks for
 * its socket by socket() and connect(), and a program's own definitions of these
 * come before those of the C library. So this program defines both. They are the
 * system calls and nothing else, until a socket is lent: then the next socket()
 * of its family is the lent one, and connect() on it goes to the service address.
 *
 * The library itself is given the server's own address, so a certificate is
 * compared with the server's and not with that of the pool. All between the
 * library and the server stays as it is: a TCP connection, TLS if wanted. A relay
 * by a local socket would not do, since to the methods of MySQL a local socket is
 * as good as an encrypted one, and passwords would leave in clear.
 *
 * Used in helpers, which have one thread and one login at a time.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_SOCKET_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_SOCKET_H

#include "lib/addr.h"

/*
 * Lend FD, a TCP socket that is not connected, to the next socket() of its
 * family: taken, whatever comes of it. A connect() on it goes to SERVICE.
 */
void mysql_socket_lend(int fd, const struct endpoint *service);
/* The login is over: a socket that nobody asked for is closed. */
void mysql_socket_done(void);

#endif
