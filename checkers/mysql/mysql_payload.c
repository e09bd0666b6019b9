/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/mysql/mysql_link.h"
#include "checkers/mysql/mysql_rows.h"
#include "lib/util.h"

static const char payload_set[] = "/* evenkeel integrity */ "
				  "SET @evenkeel_payload = ?";
static const char payload_ask[] =
	"/* evenkeel integrity */ SELECT @@server_id, @@hostname, @@port, "
	"SHA2(@evenkeel_payload, 256), @evenkeel_payload";

/* Columns of the answer. */
enum { PAYLOAD_ID, PAYLOAD_HOST, PAYLOAD_PORT, PAYLOAD_SUM, PAYLOAD_ECHO };

struct payload_exchange {
	uint8_t *sent;
	size_t size;
	struct payload_found *found;
	bool answered;
};

/* Returns 0, or -1 with the reason in mysql_errno(). */
static int payload_upload(MYSQL *mysql, const struct payload_exchange *exchange)
{
	unsigned long length = exchange->size;
	MYSQL_STMT *stmt = mysql_stmt_init(mysql);
	MYSQL_BIND bind;
	int error;

	if (!stmt)
		return -1;
	memset(&bind, 0, sizeof(bind));
	bind.buffer_type = MYSQL_TYPE_LONG_BLOB;
	bind.buffer = exchange->sent;
	bind.buffer_length = length;
	bind.length = &length;
	error = mysql_stmt_prepare(stmt, payload_set, strlen(payload_set)) ||
		mysql_stmt_bind_param(stmt, &bind) || mysql_stmt_execute(stmt);
	mysql_stmt_close(stmt);
	return error ? -1 : 0;
}

static void payload_name_server(const struct mysql_row *row,
				struct payload_found *found)
{
	const char *id = mysql_row_text(row, PAYLOAD_ID);
	const char *host = mysql_row_text(row, PAYLOAD_HOST);
	const char *port = mysql_row_text(row, PAYLOAD_PORT);

	snprintf(found->server, sizeof(found->server),
		 "server_id %.20s, %.64s:%.8s", id ? id : "?",
		 host ? host : "?", port ? port : "?");
}

static bool payload_take_answer(void *arg, const struct mysql_row *row)
{
	struct payload_exchange *exchange = arg;
	struct payload_found *found = exchange->found;
	struct payload_answer answer = { 0 };

	if (row->columns != PAYLOAD_ECHO + 1 || !row->values[PAYLOAD_SUM])
		return false;
	answer.digest = row->values[PAYLOAD_SUM];
	answer.digest_length = row->lengths[PAYLOAD_SUM];
	answer.got = (const uint8_t *)row->values[PAYLOAD_ECHO];
	answer.back = answer.got ? row->lengths[PAYLOAD_ECHO] : 0;
	payload_compare(exchange->sent, exchange->size, &answer, found);
	payload_name_server(row, found);
	exchange->answered = true;
	return false;
}

int mysql_payload_send(struct mysql_link *link,
		       const struct mysql_request *request,
		       struct payload_found *found)
{
	struct payload_exchange exchange = { .size = request->payload,
					     .found = found };
	int error;

	exchange.sent = malloc(exchange.size);
	if (!exchange.sent)
		return PROBE_LOCAL_FAULT;
	payload_fill(exchange.sent, exchange.size, request->seed);
	error = payload_upload(link->mysql, &exchange);
	if (error == 0)
		error = mysql_rows_ask(link, payload_ask, payload_take_answer,
				       &exchange);
	free(exchange.sent);
	if (error < 0)
		return -1;
	return exchange.answered ? PROBE_OK : PROBE_MISCONFIGURED;
}
