/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first look at a server, before the client library says a word: how to log
 * in, as the file wants it and the greeting allows it.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_LOGIN_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_LOGIN_H

#include "checkers/mysql/mysql_lib.h"

/* How to log in. HAVE_KEY: the file names the server's public key. */
enum mysql_way mysql_way_choose(enum mysql_tls tls, bool have_key,
				const struct mysql_greeting *greeting);

/* For LOGIN->refused. */
extern const char mysql_login_no_key[];

/*
 * Wait for the greeting on SOCK, which is connected, and choose. A login that
 * must not be is refused, with the reason in LOGIN. Where there is no greeting
 * (an error, an end, the deadline), the library finds the same and reports it;
 * until then the library is allowed no more than PLAIN.
 */
enum mysql_way mysql_login_look(int sock, struct mysql_login *login,
				struct mysql_greeting *greeting);

/* Do not log in. */
enum mysql_way mysql_login_refuse(struct mysql_login *login,
				  enum outcome outcome, const char *why);

/* Whether the file can be read and holds a public key: a library that cannot
 * read it would ask the server for one. */
bool mysql_login_has_key(const char *path);

/* Keep a copy of SOCK in LOGIN, out of the watchdog's reach. */
void mysql_login_keep(struct mysql_login *login, int sock);

/* End sending and receiving on SOCK. */
void mysql_login_cut(int sock);

#endif
