/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `write_check DB.TABLE`: a server that should be written to is written to.
 *
 * Each balancer has one row for each server, with the key (server_id, balancer),
 * so two of them write side by side without a lock between them, and the row of
 * the time is replaced and not added to. The values are literals, not
 * @@server_id or USER(), which a replica would compute anew when it applies
 * statements (binlog_format=STATEMENT). The session's sql_log_bin is left on:
 * the row reaches the replicas, where `lag_source heartbeat DB.TABLE` reads it.
 */
#include "checkers/mysql/mysql_write.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "checkers/mysql/mysql_heartbeat.h"

#define WRITE_NAME_MAX 64

static void write_host(char out[WRITE_NAME_MAX], const char *balancer)
{
	size_t used = 0;

	for (; *balancer && used + 1 < WRITE_NAME_MAX; balancer++)
		if (isalnum((unsigned char)*balancer) ||
		    strchr("-_.", *balancer))
			out[used++] = *balancer;
	out[used] = '\0';
}

int mysql_write_query(char *sql, size_t size, const char *table,
		      uint32_t server_id, const char *balancer)
{
	char name[MYSQL_WRITE_SQL_MAX], host[WRITE_NAME_MAX];
	int length;

	if (mysql_heartbeat_name(name, sizeof(name), table) < 0)
		return -E2BIG;
	write_host(host, balancer);
	length = snprintf(sql, size,
			  "REPLACE INTO %s (server_id, balancer, ts) VALUES "
			  "(%u, '%s', CURRENT_TIMESTAMP(6))",
			  name, server_id, host);
	return length < 0 || (size_t)length >= size ? -E2BIG : 0;
}
