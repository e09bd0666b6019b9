/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "checkers/mysql/mysql_lib.h"
#include "checkers/mysql/mysql_link.h"
#include "lib/util.h"

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

/* The names of RESULT's columns; the array is the caller's. */
static const char **rows_names(MYSQL_RES *result)
{
	const MYSQL_FIELD *fields = mysql_fetch_fields(result);
	unsigned count = mysql_num_fields(result);
	const char **names = xcalloc(count ? count : 1, sizeof(*names));
	unsigned i;

	for (i = 0; i < count; i++)
		names[i] = fields[i].name;
	return names;
}

/* The same with the client library. */
static int rows_ask_library(MYSQL *mysql, const char *sql, mysql_row_fn *take,
			    void *arg)
{
	struct mysql_row row;
	const char **names;
	MYSQL_RES *result;
	bool more = true;
	int error;

	if (mysql_real_query(mysql, sql, strlen(sql)) != 0)
		return -1;
	result = mysql_use_result(mysql);
	if (!result)
		return mysql_errno(mysql) ? -1 : rows_drain_results(mysql);
	names = rows_names(result);
	row.columns = mysql_num_fields(result);
	row.names = names;
	while (more && (row.values = mysql_fetch_row(result))) {
		row.lengths = mysql_fetch_lengths(result);
		more = take(arg, &row);
	}
	free(names);
	error = mysql_errno(mysql) ? -1 : 0;
	if (!error && !more)
		rows_drain(mysql, result);
	mysql_free_result(result);
	return error ? error : rows_drain_results(mysql);
}

int mysql_rows_ask(struct mysql_link *link, const char *sql, mysql_row_fn *take,
		   void *arg)
{
	return link->mysql ? rows_ask_library(link->mysql, sql, take, arg) :
			     mysql_wire_ask(&link->wire, sql, take, arg);
}
