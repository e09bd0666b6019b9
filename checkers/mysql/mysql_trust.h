/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The demands of MariaDB's client library on the server's certificate. Until 3.3
 * the chain and the name are two options; from 3.4 on one option asks for both,
 * and only a function of ours can leave the name out. There is one file for each
 * (mysql_trust_option.c, mysql_trust_function.c) and configure chooses.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_TRUST_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_TRUST_H

#include <mysql.h>

#include "checkers/mysql/mysql_msg.h"

/*
 * The login that is about to begin on MYSQL asks for TLS. A process logs in on
 * one handle at a time. Returns 0 or -1.
 */
int mysql_trust_set(MYSQL *mysql, enum mysql_tls tls);

#endif
