/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of clusters, heartbeat tables and roles. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "checkers/mysql/mysql_cluster.h"
#include "checkers/mysql/mysql_examine.h"
#include "checkers/mysql/mysql_heartbeat.h"
#include "checkers/mysql/mysql_replica.h"

struct galera {
	const char *on, *provider, *ready, *connected, *state, *cluster;
	const char *maintenance;
};

#define PROVIDER "/usr/lib/galera/libgalera_smm.so"

static struct mysql_cluster_says says_of(const struct galera *node)
{
	struct mysql_cluster_says says = { .wsrep_on = "" };
	const char *const words[][2] = {
		{ "wsrep_on", node->on },
		{ "wsrep_provider", node->provider },
		{ "WSREP_READY", node->ready },
		{ "wsrep_connected", node->connected },
		{ "wsrep_local_state", node->state },
		{ "wsrep_local_state_comment", "a comment" },
		{ "wsrep_cluster_status", node->cluster },
		{ "pxc_maint_mode", node->maintenance },
		{ "wsrep_cluster_size", "3" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i][1])
			mysql_cluster_take(&says, words[i][0], words[i][1]);
	}
	return says;
}

Test(checkers_cluster, a_node_of_galera)
{
	static const struct {
		struct galera node;
		enum outcome outcome;
		const char *word;
	} cases[] = {
		{ { "ON", PROVIDER, "ON", "ON", "4", "Primary", NULL },
		  PROBE_OK,
		  "" },
		{ { "ON", PROVIDER, "ON", "ON", "4", "Primary", "DISABLED" },
		  PROBE_OK,
		  "" },
		{ { "ON", PROVIDER, "ON", "ON", "2", "Primary", NULL },
		  PROBE_NOT_READY,
		  "wsrep_local_state is 2 (a comment)" },
		{ { "ON", PROVIDER, "OFF", "ON", "3", "Primary", NULL },
		  PROBE_NOT_READY,
		  "wsrep_local_state is 3" },
		{ { "ON", PROVIDER, "OFF", "ON", "0", "non-Primary", NULL },
		  PROBE_NOT_READY,
		  "non-Primary" },
		{ { "ON", PROVIDER, "OFF", "OFF", "0", "Disconnected", NULL },
		  PROBE_NOT_READY,
		  "Disconnected" },
		{ { "ON", PROVIDER, "ON", "OFF", "4", "Primary", NULL },
		  PROBE_NOT_READY,
		  "wsrep_connected is OFF" },
		{ { "ON", PROVIDER, "OFF", "ON", "4", "Primary", NULL },
		  PROBE_NOT_READY,
		  "wsrep_ready is OFF" },
		{ { "ON", PROVIDER, "ON", "ON", "4", "Primary", "MAINTENANCE" },
		  PROBE_NOT_READY,
		  "pxc_maint_mode" },
		{ { NULL, PROVIDER, "ON", "ON", "4", "Primary", NULL },
		  PROBE_OK,
		  "" },
	};
	struct mysql_cluster_says says;
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		says = says_of(&cases[i].node);
		cr_expect(mysql_cluster_is_galera(&says, MYSQL_CLUSTER_AUTO));
		cr_expect_not(
			mysql_cluster_is_galera(&says, MYSQL_CLUSTER_NONE));
		text[0] = '\0';
		cr_expect_eq(mysql_cluster_judge_galera(&says, text,
							sizeof(text)),
			     cases[i].outcome, "%zu: %s", i, text);
		cr_expect(strstr(text, cases[i].word), "%zu: %s", i, text);
	}
}

Test(checkers_cluster, a_server_on_its_own)
{
	/* As a MariaDB without Galera says it, and a MySQL. */
	static const struct galera mariadb = { "OFF", "none", "OFF",
					       "OFF", NULL,   "Disconnected",
					       NULL };
	static const struct galera idle = { "OFF", PROVIDER,	   "OFF", "OFF",
					    NULL,  "Disconnected", NULL };
	static const struct galera mysql;
	const struct galera *const nodes[] = { &mariadb, &idle, &mysql };
	struct mysql_cluster_says says;
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		says = says_of(nodes[i]);
		cr_expect_not(
			mysql_cluster_is_galera(&says, MYSQL_CLUSTER_AUTO));
		cr_expect_not(
			mysql_cluster_is_group(&says, MYSQL_CLUSTER_AUTO));
		/* Where the file wants Galera, it is not ready. */
		cr_expect(mysql_cluster_is_galera(&says, MYSQL_CLUSTER_GALERA));
		cr_expect_eq(mysql_cluster_judge_galera(&says, text,
							sizeof(text)),
			     PROBE_NOT_READY);
	}
}

Test(checkers_cluster, a_member_of_a_group)
{
	static const struct {
		struct mysql_member member;
		enum outcome outcome;
	} cases[] = {
		{ { "ONLINE", 3, 0 }, PROBE_OK },
		{ { "ONLINE", 1, 0 }, PROBE_OK },
		{ { "ONLINE", 3, 1 }, PROBE_OK },
		{ { "ONLINE", 3, 2 }, PROBE_NOT_READY },
		{ { "ONLINE", 4, 1 }, PROBE_OK },
		{ { "ONLINE", 4, 2 }, PROBE_NOT_READY },
		{ { "ONLINE", 2, 1 }, PROBE_NOT_READY },
		{ { "ONLINE", 5, 2 }, PROBE_OK },
		{ { "RECOVERING", 3, 0 }, PROBE_NOT_READY },
		{ { "UNREACHABLE", 3, 0 }, PROBE_NOT_READY },
		{ { "ERROR", 3, 0 }, PROBE_NOT_READY },
		{ { "OFFLINE", 1, 0 }, PROBE_NOT_READY },
		{ { "", 0, 0 }, PROBE_NOT_READY },
	};
	struct mysql_cluster_says says = { .wsrep_on = "" };
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(mysql_cluster_judge_member(&cases[i].member, text,
							sizeof(text)),
			     cases[i].outcome, "case %zu", i);
	mysql_cluster_take(&says, "group_replication_group_name", "");
	cr_expect_not(mysql_cluster_is_group(&says, MYSQL_CLUSTER_AUTO));
	mysql_cluster_take(&says, "group_replication_group_name",
			   "8a94f357-aab4-11df-86ab-c80aa9429562");
	cr_expect(mysql_cluster_is_group(&says, MYSQL_CLUSTER_AUTO));
	cr_expect_not(mysql_cluster_is_group(&says, MYSQL_CLUSTER_NONE));
	cr_expect(mysql_cluster_is_group(&says, MYSQL_CLUSTER_GROUP));
}

Test(checkers_cluster, names_are_quoted)
{
	static const struct {
		const char *table, *from;
	} cases[] = {
		{ "percona.heartbeat", "FROM `percona`.`heartbeat`" },
		{ "a`b.c``; DROP TABLE d; --",
		  "FROM `a``b`.`c````; DROP TABLE d; --`" },
		{ "a.b.c", "FROM `a`.`b.c`" },
		{ "a\\.b'", "FROM `a\\`.`b'`" },
	};
	char sql[MYSQL_HEARTBEAT_SQL_MAX], small[80];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(mysql_heartbeat_query(sql, sizeof(sql),
						   cases[i].table, false),
			     0);
		cr_expect_str_eq(strstr(sql, "FROM"), cases[i].from);
		cr_assert_eq(mysql_heartbeat_query(sql, sizeof(sql),
						   cases[i].table, true),
			     0);
		cr_expect(strstr(sql, "` WHERE server_id <> @@server_id"));
	}
	cr_expect_eq(mysql_heartbeat_query(small, sizeof(small), cases[0].table,
					   false),
		     -E2BIG);
	cr_expect_eq(mysql_heartbeat_query(sql, sizeof(sql), "nodot", false),
		     -E2BIG);
}

Test(checkers_cluster, heartbeats)
{
	static const struct {
		const char *values[MYSQL_HEARTBEAT_COLUMNS];
		enum outcome outcome;
		usec_t lag;
	} cases[] = {
		{ { "1795317249.123456", "1795317251.000000", "1" },
		  PROBE_OK,
		  1876544 },
		{ { "1795317249", "1795317849.5", "3" }, PROBE_OK, 600500000 },
		/* Clocks a little apart: not less than nothing. */
		{ { "1795317251", "1795317249", "1" }, PROBE_OK, 0 },
		/* A time zone apart, an empty table, no times, nonsense. */
		{ { "1795320849", "1795317249", "1" }, PROBE_MISCONFIGURED, 0 },
		{ { NULL, "1795317249", "0" }, PROBE_MISCONFIGURED, 0 },
		{ { NULL, "1795317249", "1" }, PROBE_MISCONFIGURED, 0 },
		{ { "0", "1795317249", "1" }, PROBE_MISCONFIGURED, 0 },
		{ { "0.000000", "1795317249", "1" }, PROBE_MISCONFIGURED, 0 },
		{ { "x", "1795317249", "1" }, PROBE_MISCONFIGURED, 0 },
		{ { "1e300", "1795317249", "1" }, PROBE_MISCONFIGURED, 0 },
		{ { "1795317249", NULL, "1" }, PROBE_MISCONFIGURED, 0 },
		{ { "1795317249", "1795317249", NULL }, PROBE_MISCONFIGURED, 0 },
		{ { NULL, NULL, NULL }, PROBE_MISCONFIGURED, 0 },
	};
	struct facts facts;
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&facts, 0, sizeof(facts));
		cr_expect_eq(mysql_heartbeat_judge(cases[i].values, &facts,
						   text, sizeof(text)),
			     cases[i].outcome, "%zu", i);
		cr_expect_eq(facts.have,
			     cases[i].outcome == PROBE_OK ? FACT_LAG : 0);
		cr_expect_lt(llabs(facts.lag - cases[i].lag), 5, "%zu: %lld", i,
			     (long long)facts.lag);
	}
}

Test(checkers_cluster, roles)
{
	static const struct {
		enum mysql_role wanted;
		uint32_t have;
		uint8_t read_only;
		unsigned channels, running;
		enum outcome outcome;
	} cases[] = {
		{ MYSQL_ROLE_ANY, FACT_READ_ONLY, 0, 1, 1, PROBE_OK },
		{ MYSQL_ROLE_ANY, 0, 0, 0, 0, PROBE_OK },
		{ MYSQL_ROLE_REPLICA, FACT_READ_ONLY, 1, 1, 1, PROBE_OK },
		{ MYSQL_ROLE_REPLICA, FACT_READ_ONLY, 0, 1, 1, PROBE_ROLE },
		{ MYSQL_ROLE_REPLICA, 0, 0, 1, 1, PROBE_OK },
		{ MYSQL_ROLE_SOURCE, FACT_READ_ONLY, 0, 0, 0, PROBE_OK },
		/* Promoted, and its channel only stopped. */
		{ MYSQL_ROLE_SOURCE, FACT_READ_ONLY, 0, 1, 0, PROBE_OK },
		{ MYSQL_ROLE_SOURCE, FACT_READ_ONLY, 0, 1, 1, PROBE_ROLE },
		{ MYSQL_ROLE_SOURCE, FACT_READ_ONLY, 1, 0, 0, PROBE_ROLE },
		/* Nobody writes to a server that does not say. */
		{ MYSQL_ROLE_SOURCE, 0, 0, 0, 0, PROBE_ROLE },
	};
	struct mysql_replica replica;
	struct facts facts;
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&replica, 0, sizeof(replica));
		memset(&facts, 0, sizeof(facts));
		facts.have = cases[i].have;
		facts.read_only = cases[i].read_only;
		replica.channels = cases[i].channels;
		replica.running = cases[i].running;
		cr_expect_eq(mysql_examine_role(cases[i].wanted, &facts,
						&replica, text, sizeof(text)),
			     cases[i].outcome, "%zu", i);
	}
}
