/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The differences between MariaDB's and Oracle's client libraries. There is one
 * file for each (mysql_tls_mariadb.c, mysql_tls_mysql.c) and configure chooses;
 * everything else is written against their common interface.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_LIB_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_LIB_H

#include <mysql.h>
#include <stdint.h>

#include "checkers/mysql/mysql_msg.h"
#include "lib/mysql_greeting.h"

/* Once in the zygote. Returns 0, or -1 if the library cannot be used. */
int mysql_lib_prepare(void);

struct mysql_login {
	const struct mysql_request *request;
	uint16_t port;
	/* A copy of the connection's descriptor, the caller's; -1: there was
	 * no connection, or the library does not tell in time. */
	int sock;
	/* Why the login was refused before a byte was sent, with its outcome;
	 * NULL: not refused. */
	const char *refused;
	enum outcome outcome;
};

/*
 * Log in on a handle that is not connected yet, as far as the file allows it to
 * the server that answers: see mysql_greeting.h. Returns whether there is a
 * session; if not, the reason is in LOGIN or in mysql_errno().
 */
bool mysql_lib_login(MYSQL *mysql, struct mysql_login *login);

/*
 * Whether MYSQL's session is in clear, with questions and results in the form that
 * mysql_wire.h knows.
 */
bool mysql_lib_can_let_go(MYSQL *mysql);

/* The descriptor of a session's socket. */
int mysql_lib_socket(MYSQL *mysql);

#endif
