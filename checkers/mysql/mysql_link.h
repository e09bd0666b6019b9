/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session with a server. Every session begins with the client library; one under
 * TLS stays with it, another goes on by mysql_wire.h.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_LINK_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_LINK_H

#include <mysql.h>
#include <stdbool.h>

#include "checkers/mysql/mysql_wire.h"

struct mysql_link {
	MYSQL *mysql; /* the library's; NULL: it has let the session go */
	/* From here on if it has: */
	struct mysql_wire wire;
	unsigned long id; /* of the session in the server */
	char *version; /* of the server, as it greeted */
};

/* A session of MYSQL, logged in or not, which is taken; not NULL. */
struct mysql_link *mysql_link_new(MYSQL *mysql);

/* Say goodbye and free it. The wire's socket stays the caller's. NULL is fine. */
void mysql_link_free(struct mysql_link *link);

/*
 * Let the library go if it is not needed any more: LINK goes on over SOCK, a copy
 * of the library's descriptor, and at a fraction of the memory. Otherwise there is
 * no effect.
 */
void mysql_link_let_go(struct mysql_link *link, int sock);

/* Of the last question, or of the login: 0, or the error's number. */
unsigned mysql_link_errno(const struct mysql_link *link);
const char *mysql_link_error(const struct mysql_link *link);
const char *mysql_link_version(const struct mysql_link *link);
unsigned long mysql_link_id(const struct mysql_link *link);

/*
 * COUNT questions, at most MYSQL_WIRE_AHEAD, will be asked in this order by
 * mysql_rows_ask(), one right after the other: they may be sent now. The strings
 * are the caller's, and are those that will be asked with.
 */
void mysql_link_ahead(struct mysql_link *link, const char *const *sql,
		      unsigned count);

#endif
