/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After the query has been answered: is the server as the file wants it? The
 * examination goes through cluster, replication and role, in this order, and
 * asks no more questions than the check needs:
 *
 *	always			SHOW GLOBAL STATUS and VARIABLES, a few names: the
 *				facts, read_only, wsrep_*
 *	a member of a group	its state
 *	role, or max_lag	the replication's status
 *	lag_source heartbeat	the table
 *
 * The lag itself is only reported: the limit is applied where all servers of a
 * pool are seen at once.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_EXAMINE_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_EXAMINE_H

#include "checkers/mysql/mysql_session.h"

/*
 * Examine the server of SESSION, which is open. REPLY holds PROBE_OK, or the
 * query's outcome; in the second case only facts are added. If the connection
 * breaks or the time is up, SESSION is closed.
 */
void mysql_examine(struct mysql_session *session,
		   const struct mysql_request *request,
		   struct mysql_reply *reply);

/*
 * FIRST (NULL: nothing) and then REQUEST's query will be asked over LINK now, and a
 * server that answers will be examined: all that can go out together does so
 * now.
 */
void mysql_examine_ahead(struct mysql_link *link,
			 const struct mysql_request *request,
			 const char *first);

/*
 * Whether a server with these FACTS can have the role WANTED, given its
 * replication in REPLICA. PROBE_OK or PROBE_ROLE, with the reason in TEXT.
 * Pure.
 */
struct mysql_replica;
enum outcome mysql_examine_role(enum mysql_role wanted,
				const struct facts *facts,
				const struct mysql_replica *replica, char *text,
				size_t size);

#endif
