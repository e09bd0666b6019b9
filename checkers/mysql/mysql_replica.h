/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judge the replication status of a server. Pure: names and values of columns
 * in, an outcome and a lag out.
 *
 * There is one row for each channel (MariaDB: connection), and the worst channel
 * speaks for the server. Columns go by their names, in the old spelling and in
 * that of MySQL 8.0.22. Three rules, each for a failure story:
 *
 *	no row		the server does not replicate; that is never lag 0
 *	NULL		no number, and never taken for one: it comes with threads
 *			that do not run, and those are looked at instead
 *	a lost source	is lost for all replicas at the same moment, which is one
 *			event and no fault of theirs; a thread that stopped with
 *			an error of its own is this replica's fault alone
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_REPLICA_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_REPLICA_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/verdict.h"

enum mysql_thread {
	MYSQL_THREAD_UNKNOWN,
	MYSQL_THREAD_STOPPED,
	MYSQL_THREAD_CONNECTING,
	MYSQL_THREAD_RUNNING,
};

/* One row. Start with zeroes. */
struct mysql_channel {
	char name[65];
	enum mysql_thread io, sql;
	bool lag_known;
	usec_t lag;
	unsigned io_errno, sql_errno;
	char io_error[VERDICT_TEXT_MAX];
	char sql_error[VERDICT_TEXT_MAX];
};

/* All rows. Start with zeroes. */
struct mysql_replica {
	unsigned channels;
	unsigned running; /* channels of which a thread runs */
	unsigned lags; /* channels whose lag is known */
	usec_t lag; /* the largest of them */
	/* PROBE_OK if no channel is in trouble, and TEXT is then empty. */
	enum outcome outcome;
	char text[VERDICT_TEXT_MAX];
};

/*
 * The statements to ask with, the best one for a server of this VERSION first;
 * a server that does not know one of them answers with error 1064. Ends with
 * NULL.
 */
const char *const *mysql_replica_statements(const char *version);

/* Take one column of a row; columns of no interest are skipped. VALUE: or
 * NULL. */
void mysql_channel_take(struct mysql_channel *channel, const char *name,
			const char *value);

/* A row is complete. Channels of group replication itself do not count. */
void mysql_replica_add(struct mysql_replica *replica,
		       const struct mysql_channel *channel);

/* The last row has come: set the outcome, and the known FACTS. */
void mysql_replica_finish(struct mysql_replica *replica, struct facts *facts);

#endif
