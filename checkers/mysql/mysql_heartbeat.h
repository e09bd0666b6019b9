/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lag by a heartbeat table: the source writes the time into a row again and
 * again (pt-heartbeat does, or an event), and how old the newest time is on a
 * replica is how old its data is. A heartbeat shows the lag that
 * Seconds_Behind_Master hides: by a source in trouble, a slow IO thread, a
 * chain of replicas. Pure.
 *
 * The times are the database servers': the row's time is the source's, "now" is
 * the replica's. Our own clock has no part in it.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_HEARTBEAT_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_HEARTBEAT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/verdict.h"

/* Room for two identifiers in quotes and the words around them. */
#define MYSQL_HEARTBEAT_SQL_MAX 1024

/*
 * Write the query for TABLE ("DB.TABLE") to SQL. OTHERS: leave out the row with
 * the server's own id. Returns 0, or -E2BIG.
 */
int mysql_heartbeat_query(char *sql, size_t size, const char *table,
			  bool others);

/* The query's result: one row of these columns, in this order; or NULLs. */
enum {
	MYSQL_HEARTBEAT_NEWEST, /* s since 1970 */
	MYSQL_HEARTBEAT_NOW,
	MYSQL_HEARTBEAT_ROWS, /* with a time in them */
	MYSQL_HEARTBEAT_COLUMNS,
};

/*
 * Returns PROBE_OK and the lag in FACTS, or PROBE_MISCONFIGURED and why in
 * TEXT: an empty table, or times that make no sense, are never lag 0.
 */
enum outcome mysql_heartbeat_judge(const char *const *values,
				   struct facts *facts, char *text,
				   size_t size);

/* TABLE ("DB.TABLE") in backquotes into OUT. Returns 0, or -E2BIG. */
int mysql_heartbeat_name(char *out, size_t size, const char *table);

#endif
