/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation with one MySQL server, in the helper: log in or go on with
 * the session that is open, ask the query, read the facts, report. The
 * conversation blocks; mysql_watchdog.h ends it in time.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_SESSION_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_SESSION_H

#include <mysql.h>
#include <stdint.h>

#include "checkers/mysql/mysql_classify.h"
#include "checkers/leftover.h"
#include "checkers/mysql/mysql_msg.h"

/* The last request to a session. */
enum mysql_stage {
	MYSQL_STAGE_LOGIN,
	MYSQL_STAGE_QUERY,
	MYSQL_STAGE_REPLICATION, /* its status or a heartbeat */
};

struct mysql_session {
	MYSQL *mysql; /* NULL: not logged in */
	int sock; /* a copy of its socket; -1: none */
	enum mysql_stage stage;
	uint64_t key; /* whose login it is, and whose are the leftovers */
	struct leftovers leftovers; /* sockets above MYSQL_WATCHDOG_BEYOND */
	enum outcome said; /* by the last probe that could judge */
	/* Facts learned of the server since the login. */
	const char *const *replica_sql; /* see mysql_replica_statements() */
	bool heartbeat_plain; /* the table has no server_id */
};

/* Carry out REQUEST and fill REPLY, but for its serial, which is the
 * caller's. */
void mysql_session_probe(struct mysql_session *session,
			 const struct mysql_request *request,
			 struct mysql_reply *reply);

/*
 * Say goodbye (COM_QUIT) and close; the connection is one of the leftovers
 * until the server has closed it too. No effect if SESSION is not open.
 */
void mysql_session_close(struct mysql_session *session);

/* Put an outcome and words for it into REPLY. */
void mysql_reply_say(struct mysql_reply *reply, enum outcome outcome,
		     const char *text);

/* Fill REPLY from the library's last error; returns the judgement. */
struct mysql_judgement mysql_session_judge(MYSQL *mysql,
					   const struct mysql_request *request,
					   struct mysql_reply *reply);

struct mysql_row {
	unsigned columns;
	MYSQL_ROW values;
	const unsigned long *lengths;
	const MYSQL_FIELD *fields;
};

/* NULL for NULL, for no such column, and for a value with a NUL inside. */
const char *mysql_row_text(const struct mysql_row *row, unsigned column);

typedef bool mysql_row_fn(void *arg, const struct mysql_row *row);

/*
 * Run SQL and hand rows to TAKE until it returns false or they end; the rest of
 * a long answer is thrown away. Returns 0, or -1 with the reason in
 * mysql_errno(). A statement without a result has no rows.
 */
int mysql_session_rows(MYSQL *mysql, const char *sql, mysql_row_fn *take,
		       void *arg);

#endif
