/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose sessions end with `on_leave kill`, and the statement of `write_check`. */
#include <criterion/criterion.h>
#include <errno.h>

#include "checkers/mysql/mysql_evict.h"
#include "checkers/mysql/mysql_msg.h"
#include "checkers/mysql/mysql_write.h"

Test(checkers_evict, only_clients)
{
	static const struct {
		const char *user, *command, *spare;
		bool client;
	} cases[] = {
		{ "app", "Query", NULL, true },
		{ "app", "Sleep", "", true },
		{ "app", "Sleep", "ap\napp2\nroot", true },
		{ "unauthenticated user", "Connect", NULL, true },
		{ "app", "Sleep", "root\napp", false },
		{ "root", "Sleep", "root\napp", false },
		{ "od d", "Sleep", "od d", false },
		{ "check", "Sleep", NULL, false },
		{ "repl", "Binlog Dump", NULL, false },
		{ "repl", "Binlog Dump GTID", NULL, false },
		{ "system user", "Slave_SQL", NULL, false },
		{ "system user", "Connect", NULL, false },
		{ "event_scheduler", "Daemon", NULL, false },
		{ "mysql.session", "Sleep", NULL, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(mysql_evict_is_client(cases[i].user,
						   cases[i].command, "check",
						   cases[i].spare),
			     cases[i].client, "case %zu: %s %s", i,
			     cases[i].user, cases[i].command);
}

/* An order that cannot name the users to spare would hit them. */
Test(checkers_evict, no_order_without_the_spared)
{
	static struct mysql_request request;

	request.used = sizeof(request.text) - 4;
	cr_expect_eq(mysql_request_evict(&request, "root"), -E2BIG);
	cr_expect_eq(request.evict, 0);
	cr_expect_eq(mysql_request_evict(&request, "app"), 0);
	cr_expect_eq(request.evict, 1);
	cr_expect_str_eq(mysql_request_string(&request, MYSQL_STRING_SPARE),
			 "app");
}

Test(checkers_evict, write_statement)
{
	char sql[MYSQL_WRITE_SQL_MAX], small[40];

	cr_assert_eq(mysql_write_query(sql, sizeof(sql), "my`db.be at", 7,
				       "lb-1.example'; DROP"),
		     0);
	cr_expect_str_eq(sql, "REPLACE INTO `my``db`.`be at` (server_id, "
			      "balancer, ts) VALUES (7, 'lb-1.exampleDROP', "
			      "CURRENT_TIMESTAMP(6))");
	cr_expect_eq(mysql_write_query(small, sizeof(small), "app.beat", 7,
				       "lb1"),
		     -E2BIG);
	cr_expect_eq(mysql_write_query(sql, sizeof(sql), "nodot", 7, "lb1"),
		     -E2BIG);
}
