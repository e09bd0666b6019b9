/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What MariaDB's and Oracle's client libraries do not have in common. There is
 * one file for each (mysql_tls_mariadb.c, mysql_tls_mysql.c) and configure
 * chooses; everything else is written against what both offer.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_LIB_H
#define EVENKEEL_CHECKERS_MYSQL_LIB_H

#include <mysql.h>

#include "checkers/mysql_msg.h"

/* Once in the zygote. Returns 0, or -1 if the library cannot be used. */
int mysql_lib_prepare(void);

/*
 * Set the TLS mode and the certificates of REQUEST on a handle that is not
 * connected yet, and allow no authentication method that would tell the server
 * the password. Returns 0, or -1 if the library refuses.
 *
 * MYSQL_TLS_REQUIRED may be left to the caller, who sees after the login
 * whether the session is encrypted.
 */
int mysql_lib_set_security(MYSQL *mysql, const struct mysql_request *request);

/* The descriptor of a session's socket. */
int mysql_lib_socket(MYSQL *mysql);

#endif
