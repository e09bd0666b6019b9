/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_examine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/mysql/mysql_classify.h"
#include "checkers/mysql/mysql_cluster.h"
#include "checkers/mysql/mysql_facts.h"
#include "checkers/mysql/mysql_heartbeat.h"
#include "checkers/mysql/mysql_link.h"
#include "checkers/mysql/mysql_replica.h"
#include "checkers/mysql/mysql_rows.h"
#include "checkers/mysql/mysql_watchdog.h"
#include "checkers/mysql/mysql_write.h"

#define EXAMINE_STATUS                                                   \
	"SHOW GLOBAL STATUS WHERE Variable_name IN (" MYSQL_FACTS_STATUS \
	"," MYSQL_CLUSTER_STATUS ")"
#define EXAMINE_VARIABLES                            \
	"SHOW GLOBAL VARIABLES WHERE Variable_name " \
	"IN (" MYSQL_FACTS_VARIABLES "," MYSQL_CLUSTER_VARIABLES ")"

#define ERROR_SYNTAX 1064
#define ERROR_NO_COLUMN 1054

struct examination {
	struct mysql_session *session;
	const struct mysql_request *request;
	struct mysql_reply *reply;
	struct mysql_cluster_says cluster;
	struct mysql_replica replica;
	bool member; /* of a group, and ONLINE */
};

/* More room than in a reply, which cuts off a longer text. */
#define EXAMINE_TEXT (2 * VERDICT_TEXT_MAX)

static bool examine_say(struct examination *ex, enum outcome outcome,
			const char *text)
{
	mysql_reply_say(ex->reply, outcome, text);
	return outcome == PROBE_OK;
}

/*
 * A question failed that the check cannot do without. A server that answers its
 * query and not this one (SHOW SLAVE STATUS waits for a STOP SLAVE that waits,
 * a heartbeat table is locked) still serves: SOFT makes no more of it.
 */
static bool examine_failed(struct examination *ex, bool soft)
{
	char text[EXAMINE_TEXT];
	struct mysql_judgement judgement;

	judgement =
		mysql_session_judge(ex->session->link, ex->request, ex->reply);
	if (soft && (judgement.outcome == PROBE_SQL_ERROR ||
		     ex->reply->outcome == PROBE_HUNG)) {
		snprintf(text, sizeof(text), "its replication: %s",
			 ex->reply->text);
		examine_say(ex, PROBE_REPLICATION_BROKEN, text);
	}
	if (judgement.server_errno == 0)
		mysql_session_close(ex->session);
	return false;
}

static bool examine_take_variable(void *arg, const struct mysql_row *row)
{
	struct examination *ex = arg;
	const char *value = mysql_row_text(row, 1);

	if (row->columns < 2 || !row->values[0] || !value)
		return true;
	mysql_facts_take(&ex->reply->facts, row->values[0], value);
	mysql_cluster_take(&ex->cluster, row->values[0], value);
	return true;
}

/* The file leaves nothing to find out: facts are a bonus then. */
static bool examine_is_content(const struct mysql_request *request)
{
	return request->role == MYSQL_ROLE_ANY && !request->replication &&
	       (request->cluster == MYSQL_CLUSTER_AUTO ||
		request->cluster == MYSQL_CLUSTER_NONE) &&
	       !mysql_request_string(request, MYSQL_STRING_HEARTBEAT);
}

/*
 * The default query, which waits for nothing. Another may be a SLEEP() or wait for a
 * lock: a server that waits finds out that its client has gone, but only if there
 * is nothing unread of it. So nothing is sent behind another query.
 */
#define EXAMINE_SURE "SELECT 1"

/* Asked of every server, in this order. */
static const char *const examine_usual[] = { EXAMINE_STATUS,
					     EXAMINE_VARIABLES };

_Static_assert(ARRAY_SIZE(examine_usual) + 2 <= MYSQL_WIRE_AHEAD,
	       "these are sent together with the query and what precedes it");

void mysql_examine_ahead(struct mysql_link *link,
			 const struct mysql_request *request, const char *first)
{
	const char *sql[MYSQL_WIRE_AHEAD];
	unsigned count = 0;

	if (first)
		sql[count++] = first;
	sql[count++] = mysql_request_string(request, MYSQL_STRING_QUERY);
	if (strcmp(sql[count - 1], EXAMINE_SURE) == 0) {
		memcpy(sql + count, examine_usual, sizeof(examine_usual));
		count += ARRAY_SIZE(examine_usual);
	}
	mysql_link_ahead(link, sql, count);
}

static bool examine_variables(struct examination *ex)
{
	struct mysql_link *link = ex->session->link;
	size_t i;

	mysql_link_ahead(link, examine_usual, ARRAY_SIZE(examine_usual));
	for (i = 0; i < ARRAY_SIZE(examine_usual); i++) {
		if (mysql_rows_ask(link, examine_usual[i],
				   examine_take_variable, ex) == 0)
			continue;
		/* Refused is one thing, a broken connection another. */
		if (!mysql_is_client_error(mysql_link_errno(link)))
			continue;
		if (ex->reply->outcome == PROBE_OK &&
		    !examine_is_content(ex->request))
			return examine_failed(ex, false);
		mysql_session_close(ex->session);
		return false;
	}
	return true;
}

static unsigned examine_count(const struct mysql_row *row, unsigned column)
{
	const char *value =
		column < row->columns ? mysql_row_text(row, column) : NULL;

	return value ? (unsigned)strtoul(value, NULL, 10) : 0;
}

static bool examine_take_member(void *arg, const struct mysql_row *row)
{
	struct mysql_member *member = arg;
	const char *value = mysql_row_text(row, 0);

	if (value)
		text_copy_printable(member->state, sizeof(member->state), value,
				    strlen(value));
	member->members = examine_count(row, 1);
	member->unreachable = examine_count(row, 2);
	return false;
}

static bool examine_cluster(struct examination *ex)
{
	enum mysql_cluster conf = (enum mysql_cluster)ex->request->cluster;
	struct mysql_member member = { .members = 0 };
	enum outcome outcome = PROBE_OK;
	char text[EXAMINE_TEXT];

	if (mysql_cluster_is_galera(&ex->cluster, conf)) {
		outcome = mysql_cluster_judge_galera(&ex->cluster, text,
						     sizeof(text));
	} else if (mysql_cluster_is_group(&ex->cluster, conf)) {
		if (mysql_rows_ask(ex->session->link, MYSQL_CLUSTER_MEMBER,
				   examine_take_member, &member) < 0)
			return examine_failed(ex, false);
		outcome =
			mysql_cluster_judge_member(&member, text, sizeof(text));
		ex->member = outcome == PROBE_OK;
	}
	return outcome == PROBE_OK || examine_say(ex, outcome, text);
}

static bool examine_take_channel(void *arg, const struct mysql_row *row)
{
	struct mysql_channel channel = { .lag_known = false };
	unsigned i;

	for (i = 0; i < row->columns; i++)
		mysql_channel_take(&channel, row->names[i],
				   mysql_row_text(row, i));
	mysql_replica_add(arg, &channel);
	return true;
}

/* The spelling that this server understands; later rounds begin with it. */
static bool examine_ask_channels(struct examination *ex)
{
	struct mysql_link *link = ex->session->link;
	const char *const *sql = ex->session->replica_sql;

	if (!sql)
		sql = mysql_replica_statements(mysql_link_version(link));
	for (; *sql; sql++) {
		memset(&ex->replica, 0, sizeof(ex->replica));
		if (mysql_rows_ask(link, *sql, examine_take_channel,
				   &ex->replica) == 0) {
			ex->session->replica_sql = sql;
			return true;
		}
		if (mysql_link_errno(link) != ERROR_SYNTAX)
			break;
	}
	return false;
}

/*
 * An earlier session waits in the server for an answer about replication. The
 * present session would wait too, and no session would be left to see whether
 * the server serves.
 */
static bool examine_hangs_already(struct examination *ex)
{
	struct mysql_session *session = ex->session;

	session->stage = MYSQL_STAGE_REPLICATION;
	if (leftovers_sweep(&session->leftovers) == 0 ||
	    !leftovers_hang(&session->leftovers, session->stage))
		return false;
	examine_say(ex, PROBE_REPLICATION_BROKEN,
		    "its replication: an earlier probe has had no answer yet");
	return true;
}

/* A heartbeat table is the better witness, if there is one. */
static bool examine_replication(struct examination *ex)
{
	struct facts *facts = &ex->reply->facts;

	if (examine_hangs_already(ex))
		return false;
	if (!examine_ask_channels(ex))
		return examine_failed(ex, true);
	mysql_replica_finish(&ex->replica, facts);
	if (mysql_request_string(ex->request, MYSQL_STRING_HEARTBEAT))
		facts->have &= ~(uint32_t)FACT_LAG;
	if (ex->request->role == MYSQL_ROLE_SOURCE)
		return true;
	/* A group replicates by itself, without a channel that counts. */
	if (ex->replica.channels == 0 && ex->member) {
		facts->is_replica = 1;
		return true;
	}
	return ex->replica.outcome == PROBE_OK ||
	       examine_say(ex, ex->replica.outcome, ex->replica.text);
}

struct examine_heartbeat {
	struct facts *facts;
	enum outcome outcome;
	char text[EXAMINE_TEXT];
};

static bool examine_take_heartbeat(void *arg, const struct mysql_row *row)
{
	struct examine_heartbeat *beat = arg;
	const char *values[MYSQL_HEARTBEAT_COLUMNS];
	unsigned i;

	for (i = 0; i < MYSQL_HEARTBEAT_COLUMNS; i++)
		values[i] = mysql_row_text(row, i);
	beat->outcome = mysql_heartbeat_judge(values, beat->facts, beat->text,
					      sizeof(beat->text));
	return false;
}

/*
 * A replica may write heartbeats of its own, for replicas behind it; they say
 * nothing of its lag. On a source there may be no others.
 */
static bool examine_ask_heartbeat(struct examination *ex,
				  struct examine_heartbeat *beat)
{
	const char *table =
		mysql_request_string(ex->request, MYSQL_STRING_HEARTBEAT);
	const struct facts *facts = &ex->reply->facts;
	bool others = !ex->session->heartbeat_plain &&
		      ((facts->have & FACT_READ_ONLY && facts->read_only) ||
		       (facts->have & FACT_IS_REPLICA && facts->is_replica));
	struct mysql_link *link = ex->session->link;
	char sql[MYSQL_HEARTBEAT_SQL_MAX];

	if (mysql_heartbeat_query(sql, sizeof(sql), table, others) < 0) {
		snprintf(beat->text, sizeof(beat->text),
			 "the name of the heartbeat table is too long");
		return true;
	}
	if (mysql_rows_ask(link, sql, examine_take_heartbeat, beat) == 0)
		return true;
	if (!others || mysql_link_errno(link) != ERROR_NO_COLUMN)
		return false;
	/* A table without server_id has one writer. */
	ex->session->heartbeat_plain = true;
	return examine_ask_heartbeat(ex, beat);
}

static bool examine_heartbeat(struct examination *ex)
{
	struct examine_heartbeat beat = {
		.facts = &ex->reply->facts,
		.outcome = PROBE_MISCONFIGURED,
	};

	if (examine_hangs_already(ex))
		return false;
	if (!examine_ask_heartbeat(ex, &beat))
		return examine_failed(ex, true);
	return beat.outcome == PROBE_OK ||
	       examine_say(ex, beat.outcome, beat.text);
}

enum outcome mysql_examine_role(enum mysql_role wanted,
				const struct facts *facts,
				const struct mysql_replica *replica, char *text,
				size_t size)
{
	bool known = facts->have & FACT_READ_ONLY;

	switch (wanted) {
	case MYSQL_ROLE_ANY:
		return PROBE_OK;
	case MYSQL_ROLE_REPLICA:
		if (!known || facts->read_only)
			return PROBE_OK;
		snprintf(text, size, "a replica is wanted, and it is writable");
		return PROBE_ROLE;
	case MYSQL_ROLE_SOURCE:
		if (known && !facts->read_only && replica->running == 0)
			return PROBE_OK;
		snprintf(text, size, "the source is wanted, and it %s",
			 replica->running ? "replicates from another" :
			 known		  ? "is read-only" :
					    "does not say whether it is "
					    "read-only");
		return PROBE_ROLE;
	}
	return PROBE_OK;
}

static bool examine_role(struct examination *ex)
{
	char text[EXAMINE_TEXT];
	enum outcome outcome = mysql_examine_role(
		(enum mysql_role)ex->request->role, &ex->reply->facts,
		&ex->replica, text, sizeof(text));

	return outcome == PROBE_OK || examine_say(ex, outcome, text);
}

static bool examine_take_id(void *arg, const struct mysql_row *row)
{
	const char *value = mysql_row_text(row, 0);

	*(uint32_t *)arg = value ? (uint32_t)strtoul(value, NULL, 10) : 0;
	return false;
}

/* Only a server that has shown to be the source: see examine_role(). */
static bool examine_should_write(const struct examination *ex)
{
	return mysql_request_string(ex->request, MYSQL_STRING_WRITE) &&
	       ex->request->role == MYSQL_ROLE_SOURCE;
}

static int examine_do_write(struct examination *ex)
{
	const char *table =
		mysql_request_string(ex->request, MYSQL_STRING_WRITE);
	const char *balancer =
		mysql_request_string(ex->request, MYSQL_STRING_BALANCER);
	struct mysql_link *link = ex->session->link;
	char sql[MYSQL_WRITE_SQL_MAX];
	uint32_t id = 0;

	if (mysql_rows_ask(link, "SELECT @@server_id", examine_take_id, &id) <
	    0)
		return -1;
	if (mysql_write_query(sql, sizeof(sql), table, id,
			      balancer ? balancer : "") < 0) {
		examine_say(ex, PROBE_MISCONFIGURED,
			    "the name of the table of write_check is too long");
		return 0;
	}
	/* The server's default may be a session that does not commit by itself. */
	if (mysql_rows_ask(link, sql, examine_take_id, &id) < 0)
		return -1;
	return mysql_rows_ask(link, "COMMIT", examine_take_id, &id);
}

static void examine_write(struct examination *ex)
{
	char text[EXAMINE_TEXT];

	if (!examine_should_write(ex))
		return;
	ex->session->stage = MYSQL_STAGE_QUERY;
	if (examine_do_write(ex) == 0)
		return;
	examine_failed(ex, false);
	snprintf(text, sizeof(text), "its write_check: %s", ex->reply->text);
	examine_say(ex, (enum outcome)ex->reply->outcome, text);
}

void mysql_examine(struct mysql_session *session,
		   const struct mysql_request *request,
		   struct mysql_reply *reply)
{
	struct examination ex = { .session = session,
				  .request = request,
				  .reply = reply };

	if (!examine_variables(&ex) || reply->outcome != PROBE_OK ||
	    !examine_cluster(&ex))
		return;
	if (request->replication && !examine_replication(&ex))
		return;
	if (mysql_request_string(request, MYSQL_STRING_HEARTBEAT) &&
	    request->role != MYSQL_ROLE_SOURCE && !examine_heartbeat(&ex))
		return;
	if (examine_role(&ex))
		examine_write(&ex);
}
