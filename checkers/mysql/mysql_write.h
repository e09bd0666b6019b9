/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statement of `write_check`: see mysql_write.c. */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_WRITE_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_WRITE_H

#include <stddef.h>
#include <stdint.h>

/* Room for the longest statement. */
#define MYSQL_WRITE_SQL_MAX 1024

/*
 * SQL gets the statement that writes this balancer's row for server SERVER_ID
 * into TABLE ("DB.TABLE"). BALANCER is a host name; bytes that no host name has
 * are left out. Returns 0, or -E2BIG.
 */
int mysql_write_query(char *sql, size_t size, const char *table,
		      uint32_t server_id, const char *balancer);

#endif
