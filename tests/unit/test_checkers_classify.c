/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each error of a MySQL probe means, one line a case. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/mysql/mysql_classify.h"

enum how {
	UP, /* a connection was made */
	DOWN, /* it was not */
	LATE_UP, /* the same, and the time was up */
	LATE_DOWN,
};

static const struct {
	unsigned number;
	enum how how;
	const char *text;
	enum outcome outcome;
	unsigned server_errno;
} cases[] = {
	/* connecting */
	{ 2002, DOWN, "Can't connect to server on '127.0.0.1' (111)",
	  PROBE_REFUSED, 0 },
	{ 2003, DOWN, "Can't connect to MySQL server on '10.0.0.1:3306' (111)",
	  PROBE_REFUSED, 0 },
	{ 2002, DOWN, "Can't connect to server on '10.0.0.1' (113)",
	  PROBE_UNREACHABLE, 0 },
	{ 2002, DOWN, "Can't connect to server on '10.0.0.1' (101)",
	  PROBE_UNREACHABLE, 0 },
	{ 2002, DOWN, "Can't connect to server on '10.0.0.1' (110)",
	  PROBE_TIMEOUT, 0 },
	{ 2002, DOWN, "Can't connect to server on '10.0.0.1' (115)",
	  PROBE_REFUSED, 0 },
	{ 2003, DOWN, "Can't connect to MySQL server on '10.0.0.1:3306' (4)",
	  PROBE_REFUSED, 0 },
	{ 2002, LATE_DOWN, "Can't connect to server on '10.0.0.1' (104)",
	  PROBE_TIMEOUT, 0 },
	{ 2002, DOWN, "Can't connect to server on '10.0.0.1' (99)",
	  PROBE_LOCAL_FAULT, 0 },
	{ 2002, DOWN, "Can't connect to server on '10.0.0.1' (13)",
	  PROBE_LOCAL_FAULT, 0 },
	{ 2001, DOWN, "Can't create UNIX socket (24)", PROBE_LOCAL_FAULT, 0 },
	{ 2004, DOWN, "Can't create IP socket (24)", PROBE_LOCAL_FAULT, 0 },
	{ 2005, DOWN, "Unknown server host 'x' (-2)", PROBE_MISCONFIGURED, 0 },
	{ 5001, DOWN, "Can't bind to 10.9.9.9", PROBE_LOCAL_FAULT, 0 },
	/* numbers hidden in the text, under the library's own */
	{ 2002, UP,
	  "Received error packet before completion of TLS handshake. The "
	  "authenticity of the following error cannot be verified: 1129 - "
	  "Host '10.0.0.9' is blocked because of many connection errors; "
	  "unblock with 'mariadb-admin flush-hosts'",
	  PROBE_BLOCKED, 1129 },
	{ 2002, UP,
	  "Received error packet before completion of TLS handshake. The "
	  "authenticity of the following error cannot be verified: 1040 - "
	  "Too many connections",
	  PROBE_SATURATED, 1040 },
	{ 2026, UP,
	  "Received error packet before completion of TLS handshake. The "
	  "authenticity of the following error cannot be verified: 1130 - "
	  "Host '10.0.0.9' is not allowed to connect to this MariaDB server",
	  PROBE_MISCONFIGURED, 1130 },
	{ 2013, UP, "Lost connection: #08004Too many connections",
	  PROBE_SATURATED, 1040 },
	{ 2013, LATE_UP,
	  "#HY000Host 'h' is blocked because of many "
	  "connection errors",
	  PROBE_BLOCKED, 1129 },
	/* after the connection was made */
	{ 2013, LATE_UP,
	  "Lost connection to server at 'handshake: reading "
	  "initial communication packet', system error: 104",
	  PROBE_HUNG, 0 },
	{ 2013, UP,
	  "Lost connection to server at 'handshake: reading initial "
	  "communication packet', system error: 104",
	  PROBE_CLOSED, 0 },
	{ 2013, UP,
	  "Lost connection to server at 'handshake: reading initial "
	  "communication packet', system error: 110",
	  PROBE_HUNG, 0 },
	{ 2013, UP,
	  "Lost connection to MySQL server at 'reading authorization "
	  "packet', system error: 11",
	  PROBE_CLOSED, 0 },
	{ 2013, UP,
	  "Lost connection to server at 'handshake: reading initial "
	  "communication packet', system error: 0",
	  PROBE_CLOSED, 0 },
	{ 2013, UP, "Lost connection to server during query", PROBE_CLOSED, 0 },
	{ 2013, LATE_UP, "Lost connection to server during query", PROBE_HUNG,
	  0 },
	{ 2006, UP, "Server has gone away", PROBE_CLOSED, 0 },
	{ 2006, LATE_UP, "Server has gone away", PROBE_HUNG, 0 },
	{ 2055, UP, "Lost connection to MySQL server at 'x', system error: 32",
	  PROBE_CLOSED, 0 },
	{ 2007, UP,
	  "Protocol mismatch; server version = 72, client version = "
	  "10",
	  PROBE_GARBAGE, 0 },
	{ 2012, UP, "Error in server handshake", PROBE_GARBAGE, 0 },
	{ 2027, UP, "Malformed packet", PROBE_GARBAGE, 0 },
	{ 2000, UP, "Unknown MySQL error", PROBE_GARBAGE, 0 },
	{ 2008, UP, "Client run out of memory", PROBE_LOCAL_FAULT, 0 },
	/* TLS: the file's fault, unless the connection broke */
	{ 2026, UP, "TLS/SSL error: certificate verify failed",
	  PROBE_MISCONFIGURED, 0 },
	{ 2026, UP,
	  "TLS/SSL error: self-signed certificate in certificate "
	  "chain",
	  PROBE_MISCONFIGURED, 0 },
	{ 2026, UP,
	  "TLS/SSL error: Validation of SSL server certificate "
	  "failed",
	  PROBE_MISCONFIGURED, 0 },
	{ 2026, UP,
	  "TLS/SSL error: SSL is required, but the server does not "
	  "support it",
	  PROBE_MISCONFIGURED, 0 },
	{ 2026, UP, "TLS/SSL error: No such file or directory",
	  PROBE_MISCONFIGURED, 0 },
	{ 2026, UP, "TLS/SSL error: Connection reset by peer (104)",
	  PROBE_CLOSED, 0 },
	{ 2026, UP, "TLS/SSL error: unexpected eof while reading", PROBE_CLOSED,
	  0 },
	{ 2026, LATE_UP, "TLS/SSL error: unexpected eof while reading",
	  PROBE_HUNG, 0 },
	{ 2026, UP, "TLS/SSL error: wrong version number", PROBE_GARBAGE, 0 },
	/* authentication that this client cannot or will not do */
	{ 2059, UP,
	  "Authentication plugin 'caching_sha2_password' cannot be "
	  "loaded: file not found",
	  PROBE_MISCONFIGURED, 0 },
	{ 2061, UP, "Authentication plugin 'x' reported error: y",
	  PROBE_MISCONFIGURED, 0 },
	{ 5010, UP, "Client plugin 'mysql_clear_password' is not allowed",
	  PROBE_MISCONFIGURED, 0 },
	{ 2013, UP, "Plugin x could not be loaded: invalid plugin name",
	  PROBE_MISCONFIGURED, 0 },
	/* the limit that we set for a statement */
	{ 1969, UP,
	  "Query execution was interrupted (max_statement_time "
	  "exceeded)",
	  PROBE_HUNG, 1969 },
	{ 3024, UP,
	  "Query execution was interrupted, maximum statement execution "
	  "time exceeded",
	  PROBE_HUNG, 3024 },
	/* what a server says */
	{ 1040, UP, "Too many connections", PROBE_SATURATED, 1040 },
	{ 1135, UP, "Can't create a new thread (errno 11)", PROBE_SATURATED,
	  1135 },
	{ 1203, UP,
	  "User check already has more than 'max_user_connections' "
	  "active connections",
	  PROBE_SATURATED, 1203 },
	{ 1226, UP,
	  "User 'check' has exceeded the 'max_user_connections' "
	  "resource (current value: 2)",
	  PROBE_SATURATED, 1226 },
	{ 1226, UP,
	  "User 'check' has exceeded the 'max_queries_per_hour' "
	  "resource (current value: 2)",
	  PROBE_MISCONFIGURED, 1226 },
	{ 1129, UP, "Host 'h' is blocked because of many connection errors",
	  PROBE_BLOCKED, 1129 },
	{ 1130, UP, "Host 'h' is not allowed to connect", PROBE_MISCONFIGURED,
	  1130 },
	{ 1044, UP, "Access denied to database", PROBE_MISCONFIGURED, 1044 },
	{ 1045, UP, "Access denied for user", PROBE_MISCONFIGURED, 1045 },
	{ 1698, UP, "Access denied for user", PROBE_MISCONFIGURED, 1698 },
	{ 1049, UP, "Unknown database", PROBE_MISCONFIGURED, 1049 },
	{ 1064, UP, "You have an error in your SQL syntax", PROBE_MISCONFIGURED,
	  1064 },
	{ 1142, UP, "SELECT command denied", PROBE_MISCONFIGURED, 1142 },
	{ 1146, UP, "Table 'a.b' doesn't exist", PROBE_MISCONFIGURED, 1146 },
	{ 1193, UP, "Unknown system variable", PROBE_MISCONFIGURED, 1193 },
	{ 1227, UP, "Access denied; you need the SUPER privilege",
	  PROBE_MISCONFIGURED, 1227 },
	{ 1251, UP, "Client does not support authentication protocol",
	  PROBE_MISCONFIGURED, 1251 },
	{ 1524, UP, "Plugin 'x' is not loaded", PROBE_MISCONFIGURED, 1524 },
	{ 1820, UP, "You must SET PASSWORD", PROBE_MISCONFIGURED, 1820 },
	{ 1862, UP, "Your password has expired", PROBE_MISCONFIGURED, 1862 },
	{ 3118, UP, "Account is locked", PROBE_MISCONFIGURED, 3118 },
	{ 4151, UP, "Access denied, this account is locked",
	  PROBE_MISCONFIGURED, 4151 },
	{ 3159, UP,
	  "Connections using insecure transport are prohibited while "
	  "--require_secure_transport=ON.",
	  PROBE_MISCONFIGURED, 3159 },
	{ 1047, UP, "WSREP has not yet prepared node for application use",
	  PROBE_NOT_READY, 1047 },
	{ 3032, UP, "The server is currently in offline mode", PROBE_NOT_READY,
	  3032 },
	{ 1290, UP,
	  "The MariaDB server is running with the --read-only option "
	  "so it cannot execute this statement",
	  PROBE_ROLE, 1290 },
	{ 1290, UP, "The server is running with the --skip-grant-tables option",
	  PROBE_MISCONFIGURED, 1290 },
	{ 1836, UP, "Running in read-only mode", PROBE_ROLE, 1836 },
	{ 1053, UP, "Server shutdown in progress", PROBE_CLOSED, 1053 },
	{ 1927, UP, "Connection was killed", PROBE_CLOSED, 1927 },
	{ 4031, UP,
	  "The client was disconnected by the server because of "
	  "inactivity",
	  PROBE_CLOSED, 4031 },
	{ 1205, UP, "Lock wait timeout exceeded", PROBE_SQL_ERROR, 1205 },
	{ 1021, UP, "Disk full", PROBE_SQL_ERROR, 1021 },
	{ 65535, UP, "", PROBE_SQL_ERROR, 65535 },
	{ 0, UP, "", PROBE_SQL_ERROR, 0 },
	{ 0, LATE_DOWN, "", PROBE_TIMEOUT, 0 },
	/* what must not be taken for a number or for an end of the string */
	{ 2002, DOWN, "(", PROBE_UNREACHABLE, 0 },
	{ 2013, UP, "system error: 99999999999999999999", PROBE_CLOSED, 0 },
	{ 2002, UP, "cannot be verified: x", PROBE_CLOSED, 0 },
};

Test(checkers_classify, table)
{
	struct mysql_judgement judgement;
	struct mysql_failure failure;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		failure = (struct mysql_failure){
			.number = cases[i].number,
			.text = cases[i].text,
			.connected = cases[i].how == UP ||
				     cases[i].how == LATE_UP,
			.expired = cases[i].how == LATE_UP ||
				   cases[i].how == LATE_DOWN,
		};
		judgement = mysql_classify(&failure);
		cr_expect_eq(judgement.outcome, cases[i].outcome,
			     "%u \"%s\": %s", cases[i].number, cases[i].text,
			     outcome_info(judgement.outcome)->name);
		cr_expect_eq(judgement.server_errno, cases[i].server_errno,
			     "%u \"%s\": %u", cases[i].number, cases[i].text,
			     judgement.server_errno);
	}
}

/* A mistake in our file must never be able to empty a pool. */
Test(checkers_classify, only_what_shows_a_dead_server_is_hard)
{
	static const unsigned never[] = { 1040, 1044, 1045, 1049, 1064,
					  1129, 1130, 1142, 1203, 1226,
					  1227, 1698, 2026, 2059, 3159 };
	struct mysql_failure failure = { .text = "", .connected = true };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(never); i++) {
		failure.number = never[i];
		cr_expect_neq(
			outcome_info(mysql_classify(&failure).outcome)->class,
			OUTCOME_HARD, "%u", never[i]);
	}
}

Test(checkers_classify, an_idle_session_that_ended_is_not_a_failure_yet)
{
	static const struct {
		unsigned number;
		bool expired;
		bool lost;
	} sessions[] = {
		{ 2006, false, true },	{ 2013, false, true },
		{ 4031, false, true },	{ 1927, false, true },
		{ 2027, false, true },	{ 2013, true, false },
		{ 1047, false, false }, { 1045, false, false },
		{ 1205, false, false },
	};
	struct mysql_failure failure = { .text = "", .connected = true };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sessions); i++) {
		failure.number = sessions[i].number;
		failure.expired = sessions[i].expired;
		cr_expect_eq(mysql_classify(&failure).session_lost,
			     sessions[i].lost, "%u", sessions[i].number);
	}
}

Test(checkers_classify, words_for_a_person)
{
	static const struct {
		const char *text, *words;
	} texts[] = {
		{ "Unknown database 'x'", "Unknown database 'x'" },
		{ "Lost connection at 'x', system error: 115",
		  "Lost connection at 'x'" },
		{ "Received it. The following error cannot be verified: 1129 - "
		  "Host 'h' is blocked",
		  "Host 'h' is blocked" },
		{ "cannot be verified: 1129", "cannot be verified: 1129" },
		{ "", "" },
	};
	const char *words;
	size_t i, length;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		words = mysql_error_words(texts[i].text, &length);
		cr_expect_eq(length, strlen(texts[i].words));
		cr_expect_eq(strncmp(words, texts[i].words, length), 0, "%.*s",
			     (int)length, words);
	}
}
