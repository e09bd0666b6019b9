/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation with one MySQL server, in the helper: log in or go on with
 * the session that is open, ask the query, read the facts, say what was found.
 * It blocks; mysql_watchdog.h ends it in time.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_SESSION_H
#define EVENKEEL_CHECKERS_MYSQL_SESSION_H

#include <mysql.h>
#include <stdint.h>

#include "checkers/mysql_msg.h"

struct mysql_session {
	MYSQL *mysql; /* NULL: not logged in */
	uint64_t key; /* whose login it is */
};

/* Do what REQUEST says and fill REPLY; its serial is the caller's. */
void mysql_session_probe(struct mysql_session *session,
			 const struct mysql_request *request,
			 struct mysql_reply *reply);

/* Say goodbye (COM_QUIT) and close; nothing happens if it is not open. */
void mysql_session_close(struct mysql_session *session);

/*
 * Run SQL and hand rows to ROW until it returns false or they end; what is left
 * of a long answer is thrown away. Returns 0, or -1 with the reason in
 * mysql_errno(). A statement without a result has no rows.
 */
int mysql_session_rows(MYSQL *mysql, const char *sql,
		       bool (*row)(void *arg, MYSQL_ROW values,
				   const unsigned long *lengths,
				   unsigned columns),
		       void *arg);

#endif
