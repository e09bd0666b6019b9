/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_heartbeat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Clocks under NTP differ by less; a time zone is more. */
#define HEARTBEAT_AHEAD_MAX (5 * USEC_PER_SEC)
/* Seconds since 1970 beyond all reason, but far from an overflow. */
#define HEARTBEAT_SECONDS_MAX 1e11

/* Appends NAME of LENGTH bytes in backquotes; returns the new place in SQL. */
static size_t heartbeat_quote(char *sql, size_t at, const char *name,
			      size_t length)
{
	size_t i;

	sql[at++] = '`';
	for (i = 0; i < length; i++) {
		if (name[i] == '`')
			sql[at++] = '`';
		sql[at++] = name[i];
	}
	sql[at++] = '`';
	return at;
}

/* TABLE, "DB.TABLE", in backquotes into OUT, ended by NUL. */
int mysql_heartbeat_name(char *out, size_t size, const char *table)
{
	const char *dot = strchr(table, '.');
	size_t at = 0;

	if (!dot || 2 * strlen(table) + 8 > size)
		return -E2BIG;
	at = heartbeat_quote(out, at, table, (size_t)(dot - table));
	out[at++] = '.';
	at = heartbeat_quote(out, at, dot + 1, strlen(dot + 1));
	out[at] = '\0';
	return 0;
}

/*
 * UNIX_TIMESTAMP() of a TIMESTAMP does not depend on a time zone, and that of
 * other types goes by the server's. @@timestamp is the time of the statement.
 */
int mysql_heartbeat_query(char *sql, size_t size, const char *table,
			  bool others)
{
	static const char head[] =
		"SELECT UNIX_TIMESTAMP(MAX(ts)), @@timestamp, COUNT(ts) FROM ";
	static const char tail[] = " WHERE server_id <> @@server_id";
	size_t at = sizeof(head) - 1;

	if (sizeof(head) + sizeof(tail) > size)
		return -E2BIG;
	memcpy(sql, head, at);
	if (mysql_heartbeat_name(sql + at, size - sizeof(tail) - at, table) < 0)
		return -E2BIG;
	at += strlen(sql + at);
	memcpy(sql + at, tail, sizeof(tail));
	if (!others)
		sql[at] = '\0';
	return 0;
}

/* Seconds with a fraction; a text that is no time gives 0. */
static bool heartbeat_time(const char *text, usec_t *time)
{
	char *end;
	double seconds;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	seconds = strtod(text, &end);
	if (*end != '\0' || !(seconds > 0) || seconds > HEARTBEAT_SECONDS_MAX)
		return false;
	*time = (usec_t)(seconds * (double)USEC_PER_SEC);
	return true;
}

enum outcome mysql_heartbeat_judge(const char *const *values,
				   struct facts *facts, char *text, size_t size)
{
	const char *rows = values[MYSQL_HEARTBEAT_ROWS];
	usec_t newest, now;

	if (!rows || strcmp(rows, "0") == 0) {
		snprintf(text, size, "the heartbeat table has no row%s",
			 rows ? " of another server" : "");
		return PROBE_MISCONFIGURED;
	}
	if (!heartbeat_time(values[MYSQL_HEARTBEAT_NEWEST], &newest) ||
	    !heartbeat_time(values[MYSQL_HEARTBEAT_NOW], &now)) {
		snprintf(text, size,
			 "column ts of the heartbeat table is no time");
		return PROBE_MISCONFIGURED;
	}
	if (newest - now > HEARTBEAT_AHEAD_MAX) {
		snprintf(text, size,
			 "the newest heartbeat is %lld s ahead: clocks or time "
			 "zones differ",
			 (long long)((newest - now) / USEC_PER_SEC));
		return PROBE_MISCONFIGURED;
	}
	facts->lag = newest < now ? now - newest : 0;
	facts->have |= FACT_LAG;
	return PROBE_OK;
}
