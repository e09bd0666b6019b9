/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages between checker and helper, and the facts that a server tells. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/mysql/mysql_facts.h"
#include "checkers/leftover.h"
#include "checkers/mysql/mysql_msg.h"

static struct mysql_request request;
static struct conf_mysql mysql = {
	.username = "check",
	.password = "inline",
	.query = "SELECT 1",
	.tls = MYSQL_TLS_REQUIRED,
	.cluster = MYSQL_CLUSTER_GALERA,
	.fallback_port = 3307,
};
static struct conf_check check = {
	.kind = CHECK_MYSQL,
	.timeout = USEC_PER_SEC,
	.mysql = &mysql,
};

static void expect_string(enum mysql_string which, const char *text)
{
	const char *seen = mysql_request_string(&request, which);

	if (text)
		cr_expect_str_eq(seen, text);
	else
		cr_expect_null(seen);
}

Test(checkers_mysql, request_carries_what_the_file_says)
{
	endpoint_parse(&check.dst, "192.0.2.7:3306");
	cr_assert_eq(mysql_request_fill(&request, &check, NULL), 0);
	expect_string(MYSQL_STRING_HOST, "192.0.2.7");
	expect_string(MYSQL_STRING_USERNAME, "check");
	expect_string(MYSQL_STRING_PASSWORD, "inline");
	expect_string(MYSQL_STRING_QUERY, "SELECT 1");
	expect_string(MYSQL_STRING_EXPECT, NULL);
	expect_string(MYSQL_STRING_BIND, NULL);
	cr_expect_eq(request.port, 3306);
	cr_expect_eq(request.fallback_port, 3307);
	cr_expect_eq(request.tls, MYSQL_TLS_REQUIRED);
	cr_expect_eq(request.cluster, MYSQL_CLUSTER_GALERA);
	expect_string(MYSQL_STRING_HEARTBEAT, NULL);
	cr_expect_lt(mysql_request_size(&request), 200);
	/* The content of the password file goes before the inline one. */
	endpoint_parse(&check.bind, "192.0.2.8");
	cr_assert_eq(mysql_request_fill(&request, &check, "from file"), 0);
	expect_string(MYSQL_STRING_PASSWORD, "from file");
	expect_string(MYSQL_STRING_BIND, "192.0.2.8");
}

Test(checkers_mysql, replication_is_asked_for_only_if_needed)
{
	static const struct {
		usec_t max_lag;
		const char *heartbeat;
		enum mysql_role role;
		bool replication;
	} cases[] = {
		{ 0, NULL, MYSQL_ROLE_ANY, false },
		{ 1, NULL, MYSQL_ROLE_ANY, true },
		{ 1, "a.b", MYSQL_ROLE_ANY, false },
		{ 0, "a.b", MYSQL_ROLE_ANY, false },
		{ 0, NULL, MYSQL_ROLE_REPLICA, true },
		{ 1, "a.b", MYSQL_ROLE_REPLICA, true },
		{ 0, NULL, MYSQL_ROLE_SOURCE, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		mysql.role = cases[i].role;
		mysql.max_lag = cases[i].max_lag;
		mysql.heartbeat = cases[i].heartbeat;
		cr_assert_eq(mysql_request_fill(&request, &check, NULL), 0);
		cr_expect_eq(request.replication, cases[i].replication, "%zu",
			     i);
		cr_expect_eq(request.role, cases[i].role);
		expect_string(MYSQL_STRING_HEARTBEAT, cases[i].heartbeat);
	}
}

Test(checkers_mysql, request_refuses_what_does_not_fit)
{
	char *query = calloc(1, MYSQL_REQUEST_TEXT + 1);

	memset(query, 'x', MYSQL_REQUEST_TEXT);
	mysql.query = query;
	cr_expect_eq(mysql_request_fill(&request, &check, NULL), -E2BIG);
	query[MYSQL_REQUEST_TEXT - 100] = '\0';
	cr_expect_eq(mysql_request_fill(&request, &check, NULL), 0);
	cr_expect_leq(mysql_request_size(&request), sizeof(request));
	free(query);
}

static int reply_error(const struct mysql_reply *reply, size_t length)
{
	struct probe_result result;
	struct mysql_kept kept;

	return mysql_reply_read(reply, length, 42, &result, &kept);
}

Test(checkers_mysql, reply_of_a_helper_is_checked)
{
	const struct mysql_reply good = { .serial = 42, .outcome = PROBE_OK };
	struct mysql_reply bad;

	cr_expect_eq(reply_error(&good, sizeof(good)), 0);
	cr_expect_eq(reply_error(&good, sizeof(good) - 1), -EBADMSG);
	cr_expect_eq(reply_error(&good, 0), -EBADMSG);
#define EXPECT_REFUSED(field, value)                                   \
	do {                                                           \
		bad = good;                                            \
		bad.field = value;                                     \
		cr_expect_eq(reply_error(&bad, sizeof(bad)), -EBADMSG, \
			     #field);                                  \
	} while (0)
	EXPECT_REFUSED(serial, 41);
	EXPECT_REFUSED(outcome, PROBE_NONE);
	EXPECT_REFUSED(outcome, PROBE_SCRIPT);
	EXPECT_REFUSED(outcome, PROBE_OUTCOMES);
	EXPECT_REFUSED(outcome, 65535);
	EXPECT_REFUSED(facts.have, FACT_WEIGHT);
	EXPECT_REFUSED(facts.have, 1u << 31);
	EXPECT_REFUSED(facts.lag, -1);
	EXPECT_REFUSED(facts.uptime, -1);
	EXPECT_REFUSED(facts.read_only, 2);
	EXPECT_REFUSED(session_open, 2);
	EXPECT_REFUSED(leftovers, LEFTOVERS_MAX + 1);
}

Test(checkers_mysql, text_of_a_reply_is_printable_and_ends)
{
	struct mysql_reply reply = { .serial = 42, .outcome = PROBE_OK };
	struct probe_result result;
	struct mysql_kept kept;
	size_t i;

	memset(reply.text, 0xff, sizeof(reply.text));
	reply.text[3] = '\n';
	cr_assert_eq(
		mysql_reply_read(&reply, sizeof(reply), 42, &result, &kept), 0);
	cr_assert_lt(strnlen(result.text, sizeof(result.text)),
		     sizeof(result.text));
	for (i = 0; result.text[i]; i++)
		cr_expect_eq(result.text[i], '?');
}

Test(checkers_mysql, facts)
{
	static const struct {
		const char *name, *value;
		uint32_t have;
	} cases[] = {
		{ "Threads_running", "3", FACT_THREADS_RUNNING },
		{ "THREADS_CONNECTED", "17", FACT_THREADS_CONNECTED },
		{ "Max_used_connections", "80", FACT_MAX_USED },
		{ "max_connections", "151", FACT_MAX_CONNECTIONS },
		{ "wait_timeout", "28800", FACT_WAIT_TIMEOUT },
		{ "Uptime", "86400", FACT_UPTIME },
		{ "read_only", "ON", FACT_READ_ONLY },
		{ "read_only", "OFF", FACT_READ_ONLY },
		{ "super_read_only", "OFF", FACT_READ_ONLY },
		{ "innodb_read_only", "ON", FACT_READ_ONLY },
		{ "read_only", "", 0 },
		{ "max_connections", "", 0 },
		{ "max_connections", "-1", 0 },
		{ "max_connections", " 1", 0 },
		{ "max_connections", "1x", 0 },
		{ "max_connections", "4294967296", 0 },
		{ "Uptime", "99999999999999999999999", 0 },
		{ "Uptime", "9223372036854775807", 0 },
		{ "Something_else", "1", 0 },
	};
	struct facts facts;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&facts, 0, sizeof(facts));
		mysql_facts_take(&facts, cases[i].name, cases[i].value);
		cr_expect_eq(facts.have, cases[i].have, "%s = %s: %u",
			     cases[i].name, cases[i].value, facts.have);
	}
	memset(&facts, 0, sizeof(facts));
	mysql_facts_take(&facts, "Uptime", "86400");
	mysql_facts_take(&facts, "read_only", "NO_LOCK_NO_ADMIN");
	mysql_facts_take(&facts, "max_connections", "151");
	cr_expect_eq(facts.uptime, 86400 * USEC_PER_SEC);
	cr_expect_eq(facts.read_only, 1);
	cr_expect_eq(facts.max_connections, 151);
}

Test(checkers_mysql, any_of_three_makes_read_only)
{
	static const char *const names[] = { "read_only", "super_read_only",
					     "innodb_read_only" };
	struct facts facts;
	size_t i, on;

	for (on = 0; on <= ARRAY_SIZE(names); on++) {
		memset(&facts, 0, sizeof(facts));
		for (i = 0; i < ARRAY_SIZE(names); i++)
			mysql_facts_take(&facts, names[i],
					 i == on ? "ON" : "OFF");
		cr_expect_eq(facts.read_only, on < ARRAY_SIZE(names));
	}
}
