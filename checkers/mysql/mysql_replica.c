/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_replica.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "checkers/mysql/mysql_classify.h"
#include "lib/util.h"

/* MySQL's own channels of a group, which is judged by its members' states. */
#define REPLICA_GROUP_CHANNELS "group_replication_"

/* MariaDB: plain SHOW SLAVE STATUS leaves named connections out. */
#define REPLICA_MARIADB "SHOW ALL SLAVES STATUS"
#define REPLICA_NEW "SHOW REPLICA STATUS" /* MySQL 8.0.22 and later */
#define REPLICA_OLD "SHOW SLAVE STATUS" /* gone in MySQL 8.4 */

static const char *const replica_mariadb[] = { REPLICA_MARIADB, REPLICA_OLD,
					       NULL };
static const char *const replica_new[] = { REPLICA_NEW, REPLICA_OLD,
					   REPLICA_MARIADB, NULL };
static const char *const replica_old[] = { REPLICA_OLD, REPLICA_NEW,
					   REPLICA_MARIADB, NULL };

/* "8.0.22-log" as 8000022; 0 if that is no version. */
static unsigned long replica_version(const char *text)
{
	unsigned long version = 0, part;
	char *end;
	int i;

	for (i = 0; i < 3; i++) {
		if (text[0] < '0' || text[0] > '9')
			return 0;
		part = strtoul(text, &end, 10);
		if (part > 999 || (i < 2 && *end != '.'))
			return 0;
		version = version * 1000 + part;
		text = end + 1;
	}
	return version;
}

const char *const *mysql_replica_statements(const char *version)
{
	unsigned long number = replica_version(version);

	if (strstr(version, "MariaDB") || strstr(version, "mariadb"))
		return replica_mariadb;
	return number && number < 8000022 ? replica_old : replica_new;
}

static enum mysql_thread replica_channel_thread(const char *value)
{
	if (!value)
		return MYSQL_THREAD_UNKNOWN;
	if (strcasecmp(value, "Yes") == 0)
		return MYSQL_THREAD_RUNNING;
	if (strcasecmp(value, "No") == 0)
		return MYSQL_THREAD_STOPPED;
	return MYSQL_THREAD_CONNECTING; /* or MariaDB's "Preparing" */
}

static bool replica_channel_number(const char *value, unsigned long long most,
				   unsigned long long *number)
{
	char *end;

	if (!value || value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(value, &end, 10);
	return errno == 0 && *end == '\0' && *number <= most;
}

static unsigned replica_channel_small(const char *value)
{
	unsigned long long number;

	return replica_channel_number(value, UINT32_MAX, &number) ?
		       (unsigned)number :
		       0;
}

static void replica_channel_text(char *to, size_t size, const char *value)
{
	text_copy_printable(to, size, value ? value : "",
			    value ? strlen(value) : 0);
}

/* Columns come in two spellings; the table has a line for each. */
enum channel_column {
	COLUMN_NAME,
	COLUMN_IO,
	COLUMN_SQL,
	COLUMN_LAG,
	COLUMN_IO_ERRNO,
	COLUMN_IO_ERROR,
	COLUMN_SQL_ERRNO,
	COLUMN_SQL_ERROR,
};

static const struct {
	const char *name;
	enum channel_column column;
} channel_columns[] = {
	{ "Connection_name", COLUMN_NAME },
	{ "Channel_Name", COLUMN_NAME },
	{ "Slave_IO_Running", COLUMN_IO },
	{ "Replica_IO_Running", COLUMN_IO },
	{ "Slave_SQL_Running", COLUMN_SQL },
	{ "Replica_SQL_Running", COLUMN_SQL },
	{ "Seconds_Behind_Master", COLUMN_LAG },
	{ "Seconds_Behind_Source", COLUMN_LAG },
	{ "Last_IO_Errno", COLUMN_IO_ERRNO },
	{ "Last_IO_Error", COLUMN_IO_ERROR },
	{ "Last_SQL_Errno", COLUMN_SQL_ERRNO },
	{ "Last_SQL_Error", COLUMN_SQL_ERROR },
};

static void replica_channel_set(struct mysql_channel *channel,
				enum channel_column column, const char *value)
{
	unsigned long long number;

	switch (column) {
	case COLUMN_NAME:
		replica_channel_text(channel->name, sizeof(channel->name),
				     value);
		break;
	case COLUMN_IO:
		channel->io = replica_channel_thread(value);
		break;
	case COLUMN_SQL:
		channel->sql = replica_channel_thread(value);
		break;
	case COLUMN_LAG:
		if (replica_channel_number(value, UINT32_MAX, &number)) {
			channel->lag_known = true;
			channel->lag = (usec_t)number * USEC_PER_SEC;
		}
		break;
	case COLUMN_IO_ERRNO:
		channel->io_errno = replica_channel_small(value);
		break;
	case COLUMN_IO_ERROR:
		replica_channel_text(channel->io_error,
				     sizeof(channel->io_error), value);
		break;
	case COLUMN_SQL_ERRNO:
		channel->sql_errno = replica_channel_small(value);
		break;
	case COLUMN_SQL_ERROR:
		replica_channel_text(channel->sql_error,
				     sizeof(channel->sql_error), value);
		break;
	}
}

void mysql_channel_take(struct mysql_channel *channel, const char *name,
			const char *value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(channel_columns); i++) {
		if (strcasecmp(name, channel_columns[i].name) == 0) {
			replica_channel_set(channel, channel_columns[i].column,
					    value);
			return;
		}
	}
}

/*
 * Whether an IO thread's last error is about reaching the source. A thread that
 * gave up because its source was away for too long has still lost the source; a
 * thread that stopped for any other reason (the source has purged its logs, a
 * server's id is taken) does not come back by itself.
 */
static bool replica_channel_lost_source(const struct mysql_channel *channel)
{
	return channel->io == MYSQL_THREAD_CONNECTING ||
	       channel->io_errno == 0 ||
	       mysql_is_client_error(channel->io_errno);
}

static enum outcome replica_channel_judge(const struct mysql_channel *channel)
{
	if (channel->sql == MYSQL_THREAD_STOPPED)
		return PROBE_REPLICATION_BROKEN;
	if (channel->io != MYSQL_THREAD_STOPPED &&
	    channel->io != MYSQL_THREAD_CONNECTING)
		return PROBE_OK;
	return replica_channel_lost_source(channel) ? PROBE_SOURCE_LOST :
						      PROBE_REPLICATION_BROKEN;
}

/* Of the outcomes that a channel can have. */
static int replica_channel_badness(enum outcome outcome)
{
	if (outcome == PROBE_OK)
		return 0;
	return outcome == PROBE_SOURCE_LOST ? 1 : 2;
}

static void replica_channel_describe(const struct mysql_channel *channel,
				     char *text, size_t size)
{
	const char *thread = "SQL thread stopped";
	const char *error = channel->sql_error;
	unsigned number = channel->sql_errno;
	char all[3 * VERDICT_TEXT_MAX];
	int used;

	if (channel->sql != MYSQL_THREAD_STOPPED) {
		thread = channel->io == MYSQL_THREAD_STOPPED ?
				 "IO thread stopped" :
				 "not connected to its source";
		error = channel->io_error;
		number = channel->io_errno;
	}
	used = snprintf(all, sizeof(all), "%s%s%s%s", thread,
			channel->name[0] ? " (" : "", channel->name,
			channel->name[0] ? ")" : "");
	if (number && used > 0)
		snprintf(all + used, sizeof(all) - (size_t)used,
			 ": error %u, %s", number, error);
	text_copy_printable(text, size, all, strlen(all));
}

static bool replica_thread_is_alive(enum mysql_thread thread)
{
	return thread == MYSQL_THREAD_RUNNING ||
	       thread == MYSQL_THREAD_CONNECTING;
}

void mysql_replica_add(struct mysql_replica *replica,
		       const struct mysql_channel *channel)
{
	enum outcome outcome = replica_channel_judge(channel);

	if (strncmp(channel->name, REPLICA_GROUP_CHANNELS,
		    strlen(REPLICA_GROUP_CHANNELS)) == 0)
		return;
	if (replica->channels++ == 0)
		replica->outcome = PROBE_OK;
	replica->running += replica_thread_is_alive(channel->io) ||
			    replica_thread_is_alive(channel->sql);
	if (channel->lag_known) {
		replica->lags++;
		if (channel->lag > replica->lag)
			replica->lag = channel->lag;
	}
	if (replica_channel_badness(outcome) <=
	    replica_channel_badness(replica->outcome))
		return;
	replica->outcome = outcome;
	replica_channel_describe(channel, replica->text, sizeof(replica->text));
}

void mysql_replica_finish(struct mysql_replica *replica, struct facts *facts)
{
	facts->have |= FACT_IS_REPLICA | FACT_CHANNELS;
	facts->is_replica = replica->channels > 0;
	facts->channels = (uint8_t)(replica->channels > UINT8_MAX ?
					    UINT8_MAX :
					    replica->channels);
	if (replica->channels == 0) {
		replica->outcome = PROBE_NOT_REPLICA;
		snprintf(replica->text, sizeof(replica->text),
			 "the server does not replicate");
	}
	/* A channel without a number may be the worst of them. */
	if (replica->channels > 0 && replica->lags == replica->channels) {
		facts->have |= FACT_LAG;
		facts->lag = replica->lag;
	}
}
