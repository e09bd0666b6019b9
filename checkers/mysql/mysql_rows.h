/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A statement, and the rows of its answer. */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_ROWS_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_ROWS_H

#include <stdbool.h>

struct mysql_link;

struct mysql_row {
	unsigned columns;
	char **values; /* each ended by NUL, or NULL */
	const unsigned long *lengths;
	const char *const *names;
};

/* NULL for NULL, for no such column, and for a value with a NUL inside. */
const char *mysql_row_text(const struct mysql_row *row, unsigned column);

typedef bool mysql_row_fn(void *arg, const struct mysql_row *row);

/*
 * Run SQL and hand rows to TAKE until it returns false or they end; the rest of
 * a long answer is thrown away. Returns 0, or -1 with the reason in
 * mysql_link_errno(). A statement without a result has no rows.
 */
int mysql_rows_ask(struct mysql_link *link, const char *sql, mysql_row_fn *take,
		   void *arg);

#endif
