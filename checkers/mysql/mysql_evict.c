/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `on_leave kill`: the sessions that clients have in a server that left.
 *
 * The kernel forgets a connection that is cut, and tells its client, but not the
 * server: there the session lives on with its locks and its open transaction,
 * until TCP keepalive or wait_timeout finds it, hours later by default. So the
 * server is told, by KILL, over the session of the check.
 *
 * One look at the process list, after the pool's entry is gone, is enough: the
 * server's kernel completes no handshake of a client any more, and those that
 * it completed before stand in the queue before our own login, which is always
 * a new one for this. A server has no memory of the address that a client
 * connected to, so that the sessions of all clients end, those of other pools
 * included: they connect anew. A user that must not be hit is in kill_spare.
 *
 * Without PROCESS the list has only the check's own sessions, and would look
 * like a server without clients; so the list is compared with the number of
 * sessions that the server counts.
 */
#include "checkers/mysql/mysql_evict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/mysql/mysql_classify.h"
#include "checkers/mysql/mysql_facts.h"
#include "checkers/mysql/mysql_link.h"
#include "checkers/mysql/mysql_rows.h"

#define ERROR_NO_SUCH_THREAD 1094
#define ERROR_NOT_ALLOWED 1227
/* More than any server has. */
#define EVICT_MAX 200000

/*
 * A query of information_schema has a temporary table on disk, and would stand still
 * with the server's storage, just when its clients are to be let go.
 */
#define EVICT_LIST "SHOW PROCESSLIST"
#define EVICT_ID 0
#define EVICT_USER 1
#define EVICT_COMMAND 4
#define EVICT_COUNT "SHOW GLOBAL STATUS LIKE 'Threads_connected'"

struct eviction {
	const char *own, *spare;
	unsigned long long own_id;
	unsigned long long *ids;
	size_t nr, room;
	unsigned long long seen; /* sessions in the list, and ours */
	unsigned long long connected; /* as the server counts */
};

static bool evict_is_one_of(const char *const *names, size_t count,
			    const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Whether USER stands in SPARE, one name a line. */
static bool evict_is_spared(const char *spare, const char *user)
{
	size_t length = strlen(user);

	while (spare && *spare) {
		const char *end = strchrnul(spare, '\n');

		if ((size_t)(end - spare) == length &&
		    memcmp(spare, user, length) == 0)
			return true;
		spare = *end ? end + 1 : NULL;
	}
	return false;
}

bool mysql_evict_is_client(const char *user, const char *command,
			   const char *own, const char *spare)
{
	/* MySQL's plugins, group replication among them, have sessions too. */
	static const char *const users[] = {
		"system user",	    "event_scheduler", "mysql.session",
		"mysql.infoschema", "mysql.sys",
	};

	return !evict_is_one_of(users, ARRAY_SIZE(users), user) &&
	       strncmp(command, "Binlog Dump", strlen("Binlog Dump")) != 0 &&
	       strncmp(command, "Slave_", strlen("Slave_")) != 0 &&
	       strcmp(command, "Register Slave") != 0 &&
	       strcmp(command, "Register Replica") != 0 &&
	       strcmp(command, "Daemon") != 0 && strcmp(user, own) != 0 &&
	       !evict_is_spared(spare, user);
}

static bool evict_take(void *arg, const struct mysql_row *row)
{
	struct eviction *ev = arg;
	const char *id = mysql_row_text(row, EVICT_ID);
	const char *user = mysql_row_text(row, EVICT_USER);
	const char *command = mysql_row_text(row, EVICT_COMMAND);

	if (id && strtoull(id, NULL, 10) == ev->own_id)
		return true;
	ev->seen++;
	if (!id || !user || !command || ev->nr == EVICT_MAX ||
	    !mysql_evict_is_client(user, command, ev->own, ev->spare))
		return true;
	if (ev->nr == ev->room) {
		ev->room = ev->room ? ev->room * 2 : 64;
		ev->ids = xrealloc_array(ev->ids, ev->room, sizeof(*ev->ids));
	}
	ev->ids[ev->nr++] = strtoull(id, NULL, 10);
	return true;
}

static bool evict_take_count(void *arg, const struct mysql_row *row)
{
	struct eviction *ev = arg;
	const char *value = mysql_row_text(row, 1);

	ev->connected = value ? strtoull(value, NULL, 10) : 0;
	return false;
}

static bool evict_take_nothing(void *arg, const struct mysql_row *row)
{
	return false;
}

/* Returns -1 if the connection is lost; a refusal is kept in FACTS. */
static int evict_kill(struct mysql_link *link, unsigned long long id,
		      struct facts *facts)
{
	char sql[48];
	unsigned error = 0;

	snprintf(sql, sizeof(sql), "KILL %llu", id);
	if (mysql_rows_ask(link, sql, evict_take_nothing, NULL) < 0)
		error = mysql_link_errno(link);
	if (mysql_is_client_error(error))
		return -1;
	if (error == 0)
		facts->evicted++;
	else if (error != ERROR_NO_SUCH_THREAD)
		facts->evict_errno = (uint16_t)error;
	return 0;
}

static int evict_list(struct mysql_link *link, struct eviction *ev,
		      struct facts *facts)
{
	/* Sessions that end or begin in between change it by a few. */
	if (mysql_rows_ask(link, EVICT_COUNT, evict_take_count, ev) < 0 ||
	    mysql_rows_ask(link, EVICT_LIST, evict_take, ev) < 0) {
		facts->evict_errno = (uint16_t)mysql_link_errno(link);
		return mysql_is_client_error(mysql_link_errno(link)) ? -1 : 0;
	}
	if (ev->nr == 0 && ev->connected > ev->seen)
		facts->evict_errno = ERROR_NOT_ALLOWED;
	return 0;
}

void mysql_evict(struct mysql_session *session,
		 const struct mysql_request *request, struct mysql_reply *reply)
{
	struct eviction ev = {
		.own = mysql_request_string(request, MYSQL_STRING_USERNAME),
		.spare = mysql_request_string(request, MYSQL_STRING_SPARE),
		.own_id = mysql_link_id(session->link),
		.seen = 1,
	};
	struct facts facts = { 0 };
	/* The other half is for the probe, whose verdict must not suffer. */
	usec_t until = clock_now() + (request->deadline - clock_now()) / 2;
	int error = evict_list(session->link, &ev, &facts);
	size_t i;

	for (i = 0; i < ev.nr && error == 0 && clock_now() < until; i++)
		error = evict_kill(session->link, ev.ids[i], &facts);
	free(ev.ids);
	if (error < 0 || i < ev.nr)
		return;
	reply->facts.have |= FACT_EVICTED;
	reply->facts.evicted = facts.evicted;
	reply->facts.evict_errno = facts.evict_errno;
}
