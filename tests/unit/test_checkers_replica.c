/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What servers of all ages and makes say of their replication. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/mysql/mysql_replica.h"

static struct mysql_channel channel;
static struct mysql_replica replica;
static struct facts facts;

static void begin(void)
{
	memset(&channel, 0, sizeof(channel));
	memset(&replica, 0, sizeof(replica));
	memset(&facts, 0, sizeof(facts));
}

static void take(const char *name, const char *value)
{
	mysql_channel_take(&channel, name, value);
}

static void end_of_row(void)
{
	mysql_replica_add(&replica, &channel);
	memset(&channel, 0, sizeof(channel));
}

/* A row as MariaDB and old MySQL spell it. */
static void row(const char *name, const char *io, const char *sql,
		const char *lag)
{
	take("Connection_name", name);
	take("Slave_IO_Running", io);
	take("Slave_SQL_Running", sql);
	take("Seconds_Behind_Master", lag);
	end_of_row();
}

static void expect(enum outcome outcome, int64_t seconds)
{
	mysql_replica_finish(&replica, &facts);
	cr_expect_eq(replica.outcome, outcome, "%s instead of %s (%s)",
		     outcome_info(replica.outcome)->name,
		     outcome_info(outcome)->name, replica.text);
	cr_expect(facts.have & FACT_IS_REPLICA);
	cr_expect_eq(facts.is_replica, outcome != PROBE_NOT_REPLICA);
	cr_expect_eq(facts.have & FACT_LAG, seconds < 0 ? 0 : FACT_LAG);
	if (seconds >= 0)
		cr_expect_eq(facts.lag, seconds * USEC_PER_SEC);
	cr_expect_eq(replica.text[0] != '\0', outcome != PROBE_OK);
}

Test(checkers_replica, one_channel)
{
	static const struct {
		const char *io, *sql, *lag;
		const char *io_errno, *sql_errno;
		enum outcome outcome;
		int64_t seconds; /* -1: not known */
	} cases[] = {
		{ "Yes", "Yes", "0", "0", "0", PROBE_OK, 0 },
		{ "Yes", "Yes", "17", "0", "0", PROBE_OK, 17 },
		{ "Yes", "Yes", "4294967295", "0", "0", PROBE_OK, 4294967295 },
		/* No number, no lag: above all, not 0. */
		{ "Yes", "Yes", NULL, "0", "0", PROBE_OK, -1 },
		{ "Yes", "Yes", "", "0", "0", PROBE_OK, -1 },
		{ "Yes", "Yes", "-1", "0", "0", PROBE_OK, -1 },
		{ "Yes", "Yes", "NULL", "0", "0", PROBE_OK, -1 },
		{ "Yes", "Yes", "99999999999999999999", "0", "0", PROBE_OK,
		  -1 },
		/* The source is gone, or this replica was told to leave it. */
		{ "Connecting", "Yes", NULL, "2003", "0", PROBE_SOURCE_LOST,
		  -1 },
		{ "Connecting", "Yes", NULL, "1045", "0", PROBE_SOURCE_LOST,
		  -1 },
		{ "Preparing", "Yes", NULL, "0", "0", PROBE_SOURCE_LOST, -1 },
		{ "No", "Yes", NULL, "0", "0", PROBE_SOURCE_LOST, -1 },
		{ "No", "Yes", NULL, "2013", "0", PROBE_SOURCE_LOST, -1 },
		/* MySQL still counts while there is something to apply. */
		{ "Connecting", "Yes", "40", "2003", "0", PROBE_SOURCE_LOST,
		  40 },
		/* The source no longer has the logs: nobody else's fault. */
		{ "No", "Yes", NULL, "1236", "0", PROBE_REPLICATION_BROKEN,
		  -1 },
		{ "Yes", "No", NULL, "0", "1062", PROBE_REPLICATION_BROKEN,
		  -1 },
		{ "Yes", "No", NULL, "0", "0", PROBE_REPLICATION_BROKEN, -1 },
		{ "No", "No", NULL, "0", "0", PROBE_REPLICATION_BROKEN, -1 },
		/* The thread that is broken counts, not the source. */
		{ "Connecting", "No", NULL, "2003", "1062",
		  PROBE_REPLICATION_BROKEN, -1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		take("Last_IO_Errno", cases[i].io_errno);
		take("Last_SQL_Errno", cases[i].sql_errno);
		row("", cases[i].io, cases[i].sql, cases[i].lag);
		expect(cases[i].outcome, cases[i].seconds);
	}
}

Test(checkers_replica, no_row_is_no_replica)
{
	begin();
	expect(PROBE_NOT_REPLICA, -1);
	cr_expect_eq(facts.have & FACT_CHANNELS, FACT_CHANNELS);
	cr_expect_eq(facts.channels, 0);
}

Test(checkers_replica, new_spelling)
{
	begin();
	take("Channel_Name", "");
	take("Replica_IO_Running", "Yes");
	take("Replica_SQL_Running", "Yes");
	take("Seconds_Behind_Source", "12");
	take("Replica_SQL_Running_State", "Replica has read all relay log");
	end_of_row();
	expect(PROBE_OK, 12);

	begin();
	take("Channel_Name", "west");
	take("Replica_IO_Running", "Connecting");
	take("Replica_SQL_Running", "Yes");
	take("Seconds_Behind_Source", NULL);
	take("Last_IO_Errno", "2003");
	take("Last_IO_Error", "error reconnecting to source\n'x'");
	end_of_row();
	expect(PROBE_SOURCE_LOST, -1);
	cr_expect_str_eq(replica.text,
			 "not connected to its source (west): error 2003, "
			 "error reconnecting to source?'x'");
}

Test(checkers_replica, the_worst_channel_counts)
{
	begin();
	row("a", "Yes", "Yes", "3");
	row("b", "Yes", "Yes", "90");
	row("c", "Yes", "Yes", "0");
	expect(PROBE_OK, 90);
	cr_expect_eq(facts.channels, 3);

	/* One that does not say may be worse than all that do. */
	begin();
	row("a", "Yes", "Yes", "3");
	row("b", "Yes", "Yes", NULL);
	expect(PROBE_OK, -1);

	begin();
	row("a", "Connecting", "Yes", NULL);
	row("b", "Yes", "Yes", "0");
	expect(PROBE_SOURCE_LOST, -1);

	begin();
	row("a", "Connecting", "Yes", NULL);
	row("b", "Yes", "No", NULL);
	row("c", "Yes", "Yes", "0");
	expect(PROBE_REPLICATION_BROKEN, -1);
	cr_expect_str_eq(replica.text, "SQL thread stopped (b)");
	cr_expect_eq(replica.running, 3);
}

Test(checkers_replica, channels_of_a_group_do_not_count)
{
	begin();
	row("group_replication_applier", "No", "Yes", NULL);
	row("group_replication_recovery", "No", "No", NULL);
	expect(PROBE_NOT_REPLICA, -1);

	begin();
	row("group_replication_recovery", "No", "No", NULL);
	row("from_elsewhere", "Yes", "Yes", "5");
	expect(PROBE_OK, 5);
	cr_expect_eq(facts.channels, 1);
}

Test(checkers_replica, running_channels)
{
	begin();
	row("", "No", "No", NULL);
	cr_expect_eq(replica.running, 0);
	row("a", "No", "Yes", NULL);
	cr_expect_eq(replica.running, 1);
	row("b", "Connecting", "No", NULL);
	cr_expect_eq(replica.running, 2);
}

Test(checkers_replica, values_of_any_length)
{
	char *value = malloc(70000);

	memset(value, 'x', 69999);
	value[69999] = '\0';
	begin();
	take("Last_SQL_Errno", "1062");
	take("Last_SQL_Error", value);
	row(value, "Yes", "No", value);
	expect(PROBE_REPLICATION_BROKEN, -1);
	cr_expect_lt(strlen(replica.text), sizeof(replica.text));
	free(value);
}

Test(checkers_replica, statement_for_the_server)
{
	static const struct {
		const char *version, *first;
	} cases[] = {
		{ "10.11.19-MariaDB-0+deb12u1", "SHOW ALL SLAVES STATUS" },
		{ "5.5.5-10.4.2-MariaDB-log", "SHOW ALL SLAVES STATUS" },
		{ "5.7.44-log", "SHOW SLAVE STATUS" },
		{ "8.0.21", "SHOW SLAVE STATUS" },
		{ "8.0.22", "SHOW REPLICA STATUS" },
		{ "8.0.36-28.1", "SHOW REPLICA STATUS" },
		{ "8.4.0", "SHOW REPLICA STATUS" },
		{ "9.1.0-commercial", "SHOW REPLICA STATUS" },
		{ "nobody knows", "SHOW REPLICA STATUS" },
		{ "5.7", "SHOW REPLICA STATUS" },
		{ "5.7.", "SHOW REPLICA STATUS" },
		{ "", "SHOW REPLICA STATUS" },
	};
	const char *const *sql;
	size_t i, others;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		sql = mysql_replica_statements(cases[i].version);
		cr_expect_str_eq(sql[0], cases[i].first, "%s",
				 cases[i].version);
		/* A version can be anything; the others are tried as well. */
		for (others = 0; sql[others]; others++)
			;
		cr_expect_geq(others, 2);
	}
}
