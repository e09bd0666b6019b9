/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_rows.h"

#include <string.h>
#include <sys/socket.h>

#include "checkers/mysql/mysql_lib.h"

/* Rows and further results that are read to keep a session usable. */
#define MYSQL_ROWS_MAX 1000
#define MYSQL_RESULTS_MAX 16

/* Read the rest of a result if it is short, else break it off. */
static void rows_drain(MYSQL *mysql, MYSQL_RES *result)
{
	unsigned rows = 0;

	while (mysql_fetch_row(result)) {
		if (++rows == MYSQL_ROWS_MAX) {
			shutdown(mysql_lib_socket(mysql), SHUT_RDWR);
			break;
		}
	}
}

/* A procedure has several results: the first counts. */
static int rows_drain_results(MYSQL *mysql)
{
	MYSQL_RES *result;
	int results;
	int next;

	for (results = 0; results < MYSQL_RESULTS_MAX; results++) {
		next = mysql_next_result(mysql);
		if (next != 0)
			return next < 0 ? 0 : -1;
		result = mysql_use_result(mysql);
		if (result) {
			rows_drain(mysql, result);
			mysql_free_result(result);
		}
	}
	shutdown(mysql_lib_socket(mysql), SHUT_RDWR);
	return 0;
}

const char *mysql_row_text(const struct mysql_row *row, unsigned column)
{
	const char *value = column < row->columns ? row->values[column] : NULL;

	return value && strlen(value) == row->lengths[column] ? value : NULL;
}

int mysql_rows_ask(MYSQL *mysql, const char *sql, mysql_row_fn *take, void *arg)
{
	struct mysql_row row;
	MYSQL_RES *result;
	bool more = true;
	int error;

	if (mysql_real_query(mysql, sql, strlen(sql)) != 0)
		return -1;
	result = mysql_use_result(mysql);
	if (!result)
		return mysql_errno(mysql) ? -1 : rows_drain_results(mysql);
	row.columns = mysql_num_fields(result);
	row.fields = mysql_fetch_fields(result);
	while (more && (row.values = mysql_fetch_row(result))) {
		row.lengths = mysql_fetch_lengths(result);
		more = take(arg, &row);
	}
	error = mysql_errno(mysql) ? -1 : 0;
	if (!error && !more)
		rows_drain(mysql, result);
	mysql_free_result(result);
	return error ? error : rows_drain_results(mysql);
}
