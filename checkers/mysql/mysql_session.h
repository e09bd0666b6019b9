/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation with one MySQL server, in the helper: log in or go on with
 * the session that is open, ask the query, read the facts, report. The
 * conversation blocks; mysql_watchdog.h ends it in time.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_SESSION_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_SESSION_H

#include <stdint.h>

#include "checkers/mysql/mysql_classify.h"
#include "checkers/leftover.h"
#include "checkers/mysql/mysql_msg.h"

struct mysql_link;

/* The last request to a session. */
enum mysql_stage {
	MYSQL_STAGE_LOGIN,
	MYSQL_STAGE_QUERY,
	MYSQL_STAGE_REPLICATION, /* its status or a heartbeat */
};

struct mysql_session {
	struct mysql_link *link; /* NULL: not logged in */
	int sock; /* a copy of its socket; -1: none */
	int spare; /* for the next login the clients' way; -1: none */
	enum mysql_stage stage;
	uint64_t key; /* whose login it is, and whose are the leftovers */
	struct leftovers leftovers; /* sockets above MYSQL_WATCHDOG_BEYOND */
	enum outcome said; /* by the last probe that could judge */
	usec_t aside; /* time of this probe that no answer took */
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

/*
 * Where a process has several sessions: only the one in use has a descriptor
 * that the watchdog may shut down. A session that is paused may only be resumed.
 */
void mysql_session_pause(struct mysql_session *session);
void mysql_session_resume(struct mysql_session *session);

/* Put an outcome and words for it into REPLY. */
void mysql_reply_say(struct mysql_reply *reply, enum outcome outcome,
		     const char *text);

/* Fill REPLY from LINK's last error; returns the judgement. */
struct mysql_judgement mysql_session_judge(const struct mysql_link *link,
					   const struct mysql_request *request,
					   struct mysql_reply *reply);

#endif
