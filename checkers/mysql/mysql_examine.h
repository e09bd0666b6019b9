/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After the query has been answered: is the server what the file wants? Its
 * cluster, its replication, its role, in this order, and no more questions than
 * the check needs:
 *
 *	always			SHOW GLOBAL STATUS and VARIABLES, a few names: the
 *				facts, read_only, wsrep_*
 *	a member of a group	its state
 *	role, or max_lag	the replication's status
 *	lag_source heartbeat	the table
 *
 * The lag itself is only reported: what is too much is decided where all
 * servers of a pool are seen at once.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_EXAMINE_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_EXAMINE_H

#include "checkers/mysql/mysql_session.h"

/*
 * Examine the server of SESSION, which is open. REPLY says PROBE_OK, or what the
 * query found already; then only facts are added. If the connection breaks or
 * the time is up, SESSION is closed.
 */
void mysql_examine(struct mysql_session *session,
		   const struct mysql_request *request,
		   struct mysql_reply *reply);

/*
 * Whether a server with these FACTS can be what is WANTED, given that it
 * replicates as REPLICA says. PROBE_OK or PROBE_ROLE, with why in TEXT. Pure.
 */
struct mysql_replica;
enum outcome mysql_examine_role(enum mysql_role wanted,
				const struct facts *facts,
				const struct mysql_replica *replica, char *text,
				size_t size);

#endif
