/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proposals of `evenkeel config migrate`; its golden texts are in tests/conf. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_world.h"
#include "daemon/migrate/migrate.h"

static struct migration migrate(const char *text, int status)
{
	struct migration migration = { .path = "file" };

	cr_assert_eq(migrate_text(&migration, text, strlen(text)), status);
	return migration;
}

/* The proposal for the one server with CHECK in it; NULL: none. */
static char *proposed(const char *port, const char *check)
{
	struct migration migration;
	char *text, *block = NULL;

	cr_assert_geq(asprintf(&text,
			       "virtual_server 192.0.2.1 %s {\nprotocol TCP\n"
			       "lvs_sched wlc\nlvs_method DR\n"
			       "real_server 192.0.2.2 %s {\n%s\n}\n}\n",
			       port, port, check),
		      0);
	migration = migrate(text, MIGRATE_EXIT_SAME);
	if (migration.nr_proposals)
		block = strdup(migration.proposals[0].block);
	migrate_free(&migration);
	free(text);
	return block;
}

#define SCRIPT(command) "MISC_CHECK {\nmisc_path \"" command "\"\n}"

Test(migrate, helpers_and_clients_are_recognised)
{
	static const struct {
		const char *port, *check;
		bool proposed;
	} rows[] = {
		{ "3306", "TCP_CHECK {\nconnect_port 9200\n}", true },
		{ "3307", "HTTP_GET {\nurl {\npath /\n}\nconnect_port 9201\n}",
		  true },
		{ "3306", SCRIPT("/usr/bin/clustercheck"), true },
		{ "3306", SCRIPT("/nowhere/check_MariaDB.sh 192.0.2.2"), true },
		{ "3306", SCRIPT("/bin/sh -c 'mysqladmin ping'"), true },
		{ "3306", SCRIPT("/nowhere/check_disk.sh"), false },
		/* The service itself is on that port. */
		{ "9200", "TCP_CHECK {\n}", false },
		{ "9200", "TCP_CHECK {\nconnect_port 9200\n}", false },
		{ "3306", "TCP_CHECK {\n}", false },
		{ "3306", "TCP_CHECK {\nconnect_port 9203\n}", false },
		{ "3306",
		  "MYSQL_CHECK {\nusername u\npassword_file /f\nconnect_port 9200\n}",
		  false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *block = proposed(rows[i].port, rows[i].check);

		cr_expect_eq(block != NULL, rows[i].proposed, "%s",
			     rows[i].check);
		free(block);
	}
}

/* Whatever is proposed is taken in the place of the check, by the own rules. */
Test(migrate, what_is_proposed_loads)
{
	static const char *const checks[] = {
		"TCP_CHECK {\nconnect_port 9200\nconnect_timeout 2.5\n}",
		SCRIPT("/x/mysql_slave_lag"),
		"MISC_CHECK {\nmisc_path /x/galera\nmisc_timeout 0.2\n}",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		char *block = proposed("3306", checks[i]), *file;
		struct world world;

		cr_assert_not_null(block, "%s", checks[i]);
		file = world_service("", block);
		world = world_parse(file, false);
		cr_expect(world.conf && world.report.warnings == 0, "%s%s",
			  file, world.said);
		cr_expect(strstr(block, "max_lag") == NULL || i == 1);
		world_free(&world);
		free(file);
		free(block);
	}
}

Test(migrate, a_script_is_looked_into)
{
	char path[] = "/tmp/migrate.XXXXXX", check[200], *block;
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	cr_assert_not_null(file);
	fputs("#!/bin/sh\nmysql -h $1 -e 'SHOW REPLICA STATUS'\n", file);
	fclose(file);
	snprintf(check, sizeof(check),
		 "MISC_CHECK {\nmisc_path \"%s 192.0.2.2\"\n}", path);
	block = proposed("3306", check);
	cr_expect(block && strstr(block, "role replica"), "%s",
		  block ? block : "nothing is proposed");
	free(block);
	/* A program is not read as a text. */
	file = fopen(path, "w");
	fputs("\177ELF mysql", file);
	fclose(file);
	block = proposed("3306", check);
	cr_expect_null(block);
	free(block);
	unlink(path);
}

Test(migrate, no_argument_of_a_script_is_shown)
{
	struct migration migration =
		migrate("virtual_server 192.0.2.1 80 {\nprotocol TCP\n"
			"lvs_sched wlc\nlvs_method DR\n"
			"real_server 192.0.2.2 80 {\n" SCRIPT(
				"/bin/sh -c 'mysql -pHidden'") "\n}\n}\n",
			MIGRATE_EXIT_SAME);

	cr_assert_eq(migration.nr_proposals, 1);
	cr_expect_null(strstr(migration.proposals[0].why, "Hidden"));
	cr_expect_null(strstr(migration.proposals[0].block, "Hidden"));
	migrate_free(&migration);
}

Test(migrate, equal_checks_of_many_servers_are_one_proposal)
{
	char *text = NULL;
	size_t length, i;
	FILE *out = open_memstream(&text, &length);
	struct migration migration;

	fputs("virtual_server 192.0.2.1 3306 {\nprotocol TCP\nlvs_sched wlc\nlvs_method DR\n",
	      out);
	for (i = 1; i <= 200; i++)
		fprintf(out,
			"real_server 192.0.2.%zu 3306 {\nTCP_CHECK {\nconnect_port 9200\n}\n}\n",
			i + 1);
	fputs("}\n", out);
	fclose(out);
	migration = migrate(text, MIGRATE_EXIT_SAME);
	cr_expect_eq(migration.nr_proposals, 1);
	cr_expect_eq(migration.proposals[0].nr, 200);
	cr_expect_lt(strlen(migration.proposals[0].places), 200);
	migrate_free(&migration);
	free(text);
}

Test(migrate, lines_are_judged_in_both_modes)
{
	struct migration migration =
		migrate("virtual_server 192.0.2.1 80 {\nprotocol TCP\n"
			"lvs_sched wlc\nlvs_method DR\n"
			"ha_suspend\nno_such_word\nsnmp_name x\n"
			"real_server 192.0.2.2 80 {\nTCP_CHECK {\n}\n}\n}\n",
			MIGRATE_EXIT_DIFFERS);

	cr_assert_eq(migration.nr_notes, 3);
	cr_expect_eq(migration.notes[0].line, 5);
	cr_expect_eq(migration.notes[0].kind, MIGRATE_DIFFERS);
	cr_expect(!migration.notes[0].strict);
	cr_expect_str_neq(migration.notes[0].way_out, "");
	cr_expect_eq(migration.notes[1].line, 6);
	cr_expect(migration.notes[1].strict);
	cr_expect_eq(migration.notes[2].kind, MIGRATE_QUIET);
	migrate_free(&migration);
	migration = migrate("virtual_server 192.0.2.1 80 {\n",
			    MIGRATE_EXIT_REFUSED);
	cr_expect_gt(migration.nr_notes, 0);
	migrate_free(&migration);
}
