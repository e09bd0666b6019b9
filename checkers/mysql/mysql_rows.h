/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A statement, and the rows of its answer. */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_ROWS_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_ROWS_H

#include <mysql.h>
#include <stdbool.h>

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
int mysql_rows_ask(MYSQL *mysql, const char *sql, mysql_row_fn *take,
		   void *arg);

#endif
