/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a MySQL helper that a hostile server has taken over could say to the
 * checker, and what texts a server could have put into the library's errors,
 * the values of its facts and the status of its replication; and what names of
 * tables a file could have.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/mysql/mysql_classify.h"
#include "checkers/mysql/mysql_cluster.h"
#include "checkers/mysql/mysql_facts.h"
#include "checkers/mysql/mysql_heartbeat.h"
#include "checkers/mysql/mysql_msg.h"
#include "checkers/mysql/mysql_replica.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_reply(const uint8_t *data, size_t size)
{
	struct mysql_reply reply;
	struct probe_result result;
	struct mysql_kept kept;
	size_t i;

	/* The number is the checker's secret no more once a helper has it. */
	memset(&reply, 0, sizeof(reply));
	memcpy(&reply, data, size < sizeof(reply) ? size : sizeof(reply));
	if (mysql_reply_read(data, size, reply.serial, &result, &kept) < 0)
		return;
	if (result.outcome == PROBE_NONE || result.outcome >= PROBE_OUTCOMES ||
	    outcome_info(result.outcome)->class == OUTCOME_DRAIN)
		abort();
	for (i = 0; result.text[i]; i++) {
		if (result.text[i] < ' ' || result.text[i] > '~')
			abort();
	}
	if (i >= sizeof(result.text))
		abort();
}

static void fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct mysql_failure failure;
	struct mysql_judgement judgement;
	struct facts facts = { 0 };
	const char *words;
	size_t length;
	char *value;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	failure = (struct mysql_failure){
		.number = size > 3 ? data[0] * 256u + data[1] : 2013,
		.text = size > 3 ? text + 3 : text,
		.connected = size > 3 && data[2] & 1,
		.expired = size > 3 && data[2] & 2,
	};
	judgement = mysql_classify(&failure);
	if (judgement.outcome == PROBE_NONE || judgement.outcome == PROBE_OK ||
	    judgement.outcome >= PROBE_OUTCOMES)
		abort();
	words = mysql_error_words(failure.text, &length);
	if (words < failure.text ||
	    words + length > failure.text + strlen(failure.text))
		abort();
	value = strchr(text, '=');
	if (value) {
		*value = '\0';
		mysql_facts_take(&facts, text, value + 1);
		if (facts.uptime < 0 || facts.read_only > 1)
			abort();
	}
	free(text);
}

static const char *const fuzz_columns[] = {
	"Connection_name",	 "Replica_IO_Running", "Slave_SQL_Running",
	"Seconds_Behind_Source", "Last_IO_Errno",      "Last_IO_Error",
	"Last_SQL_Errno",	 "Last_SQL_Error",     "Something_else",
};

/* Lines are values, an empty one is NULL, and "." begins the next row. */
static void fuzz_status(char *text)
{
	struct mysql_replica replica = { .channels = 0 };
	struct mysql_channel channel = { .lag_known = false };
	struct mysql_cluster_says says = { .wsrep_on = "" };
	const char *values[MYSQL_HEARTBEAT_COLUMNS] = { NULL };
	struct facts facts = { 0 };
	char *line, *rest = text;
	size_t i = 0;

	while ((line = strsep(&rest, "\n"))) {
		if (strcmp(line, ".") == 0) {
			mysql_replica_add(&replica, &channel);
			memset(&channel, 0, sizeof(channel));
			i = 0;
			continue;
		}
		values[i % MYSQL_HEARTBEAT_COLUMNS] = *line ? line : NULL;
		mysql_channel_take(&channel, fuzz_columns[i],
				   *line ? line : NULL);
		mysql_cluster_take(&says, "wsrep_local_state", line);
		i = (i + 1) % ARRAY_SIZE(fuzz_columns);
	}
	mysql_replica_finish(&replica, &facts);
	if (facts.lag < 0 ||
	    (replica.channels == 0) != (replica.outcome == PROBE_NOT_REPLICA) ||
	    strnlen(replica.text, sizeof(replica.text)) >= sizeof(replica.text))
		abort();
	if (mysql_heartbeat_judge(values, &facts, replica.text,
				  sizeof(replica.text)) == PROBE_OK &&
	    facts.lag < 0)
		abort();
	if (mysql_cluster_judge_galera(&says, replica.text,
				       sizeof(replica.text)) == PROBE_OK)
		abort();
}

/* No name gets out of its quotes: an even number of them closes each. */
static void fuzz_table(const char *name)
{
	char sql[MYSQL_HEARTBEAT_SQL_MAX];
	unsigned quotes = 0;
	const char *at;

	if (mysql_heartbeat_query(sql, sizeof(sql), name, true) < 0)
		return;
	for (at = strchr(sql, '`'); at && *at; at++)
		quotes += *at == '`';
	if (quotes % 2 ||
	    strcmp(strrchr(sql, '`'), "` WHERE server_id <> @@server_id") != 0)
		abort();
}

static void fuzz_server(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	fuzz_table(text);
	fuzz_status(text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_reply(data, size);
	fuzz_server(data, size);
	fuzz_text(data, size);
	return 0;
}
