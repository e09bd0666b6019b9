/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a file: leniency, order, places, secrets. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"

/* The same mistakes, by the mode: refused, or said and skipped. */
Test(conf_report, strict_refuses_what_compat_skips)
{
	static const struct {
		const char *vs, *rs;
		bool compat_loads;
	} rows[] = {
		{ "unknown 1", "", true },
		{ "unknown {\na {\n}\n}", "", true },
		{ "persistence_timeout x", "", true },
		{ "quorum x", "", true },
		{ "quorum", "", true },
		{ "", "weight -1", true },
		{ "", "TCP_CHECK {\nx y\n}", true },
		{ "", "MYSQL_CHECK {\n}", true },
		{ "virtualhost \"x", "", true },
		{ "lvs_method nat", "", true },
		{ "quorum 1 {\n}", "", false },
		{ "}", "", true },
		{ "{\n}", "", false },
		{ "", "TCP_CHECK", false },
		{ "real_server {\n}", "", false },
	};
	struct world world;
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		text = world_service(rows[i].vs, rows[i].rs);
		world = world_parse(text, false);
		cr_assert_null(world.conf, "%zu", i);
		cr_assert_gt(world.report.errors, 0);
		cr_assert_eq(conf_exit_status(-22, &world.report), 4);
		world_free(&world);
		world = world_parse(text, true);
		cr_assert_eq(world.conf != NULL, rows[i].compat_loads,
			     "%zu: %s", i, world.said);
		cr_assert_gt(world.report.warnings + world.report.errors, 0);
		cr_assert_eq(conf_exit_status(world.conf ? 0 : -22,
					      &world.report),
			     world.conf ? 5 : 4);
		world_free(&world);
		free(text);
	}
}

Test(conf_report, compat_may_stand_anywhere_in_the_file)
{
	struct world world = world_parse(
		"unknown 1\nglobal_defs {\nkeepalived_compat\n}\n", false);

	cr_assert(world.conf && world.conf->global.compat);
	cr_assert_eq(world.report.warnings, 1);
	world_free(&world);
	world = world_parse(
		"global_defs {\nkeepalived_compat off\n}\nunknown 1\n", false);
	cr_assert_null(world.conf);
	world_free(&world);
	world = world_parse("global_defs {\n}\n", true);
	cr_assert(world.conf->global.compat);
	world_free(&world);
}

Test(conf_report, exit_status_is_keepalived_s)
{
	struct conf_report report = { 0 };

	cr_assert_eq(conf_exit_status(0, &report), 0);
	report.notes = 3;
	cr_assert_eq(conf_exit_status(0, &report), 0);
	report.warnings = 1;
	cr_assert_eq(conf_exit_status(0, &report), 5);
	report.errors = 1;
	cr_assert_eq(conf_exit_status(0, &report), 4);
	cr_assert_eq(conf_exit_status(-2, &(struct conf_report){ 0 }), 4);
}

Test(conf_report, places_are_kept)
{
	struct world world = world_parse(
		"\n\nvirtual_server 192.0.2.1 80 {\nlvs_sched rr\n"
		"lvs_method NAT\nprotocol TCP\n\n"
		"real_server 192.0.2.2 80 {\nTCP_CHECK {\n}\n}\n}\n",
		false);

	cr_assert_eq(world.conf->virtual_servers->pos.line, 3);
	cr_assert_eq(world.conf->servers->pos.line, 8);
	cr_assert_eq(world.conf->checks->pos.line, 9);
	cr_assert_eq(world.conf->servers->pos.file, 0);
	world_free(&world);
}

Test(conf_report, complaints_come_in_the_order_of_the_file)
{
	char *text = world_service(
		"real_server 192.0.2.3 80 {\nsecond\n}\nthird 3\n", "fourth\n");
	struct world world;
	char *all;

	cr_assert_gt(asprintf(&all, "first\n%sfifth\nglobal_defs {\nsixth\n}\n",
			      text),
		     0);
	world = world_parse(all, false);
	cr_assert_str_eq(
		world.said,
		"1:1 error: unknown keyword 'first' in the file\n"
		"2:1 warning: nothing checks the servers of this "
		"virtual_server: they are always up\n"
		"7:1 error: unknown keyword 'second' in real_server\n"
		"9:1 error: unknown keyword 'third' in virtual_server\n"
		"12:1 error: unknown keyword 'fourth' in real_server\n"
		"16:1 error: unknown keyword 'fifth' in the file\n"
		"18:1 error: unknown keyword 'sixth' in global_defs\n");
	world_free(&world);
	free(all);
	free(text);
}

Test(conf_report, thousands_of_complaints_are_counted)
{
	struct world world;
	char *text = NULL;
	size_t length, i;
	FILE *out = open_memstream(&text, &length);

	for (i = 0; i < 5000; i++)
		fprintf(out, "unknown%zu x\n", i);
	fputs("global_defs {\n}\n", out);
	fclose(out);
	world = world_parse(text, false);
	cr_assert_null(world.conf);
	cr_assert(strstr(world.said, "4000 more complaints are not shown"));
	world_free(&world);
	/* Even then the file is what its last line makes it. */
	world = world_parse(text, true);
	cr_assert_not_null(world.conf);
	cr_assert_eq(world.report.errors, 0);
	world_free(&world);
	/* What refuses a file in every mode does so among those, too. */
	text[length - strlen("{\n}\n")] = '#';
	text[length - strlen("}\n")] = '#';
	world = world_parse(text, true);
	cr_assert_null(world.conf);
	cr_assert_eq(world.report.errors, 1);
	world_free(&world);
	free(text);
}

struct shown {
	char text[4096];
};

static void show(struct conf_report *report, const struct conf_message *message)
{
	struct shown *shown = report->arg;
	size_t used = strlen(shown->text);

	snprintf(shown->text + used, sizeof(shown->text) - used, "%s|%s\n",
		 message->text, message->source ? message->source : "");
}

/* Whatever is wrong with the line, its secret is not shown. */
Test(conf_report, secrets_are_never_shown)
{
	static const char *const lines[] = {
		"password hunter2 hunter2", "password \"hunter2",
		"pasword hunter2",	    "passwd hunter2",
		"PASSWORD hunter2",	    "password hunter2 {\n}",
		"x { password hunter2 }",   "username u password hunter2",
		"  password\thunter2 \"x",  "auth_pass hunter2",
		"auth_pas hunter2",	    "key 1 hunter2",
		"mysql_pwd hunter2",	    "secret hunter2 \"",
	};
	struct shown shown;
	struct conf *conf;
	char *text, check[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		struct conf_report report = { .say = show, .arg = &shown };

		memset(&shown, 0, sizeof(shown));
		snprintf(check, sizeof(check), "MYSQL_CHECK {\n%s\n}",
			 lines[i]);
		text = world_service("", check);
		conf_parse(text, strlen(text), NULL, &conf, &report);
		cr_assert(shown.text[0], "'%s' is fine?", lines[i]);
		cr_assert_not(strstr(shown.text, "hunter2"), "%s", shown.text);
		conf_free(conf);
		free(text);
	}
}

Test(conf_report, printing_masks_passwords)
{
	char *text = world_service(
		     "", "MYSQL_CHECK {\nusername u\npassword hunter2\n}"),
	     *print;
	struct world world = world_parse(text, false);

	cr_assert_str_eq(world.conf->checks->mysql->password, "hunter2");
	print = world_print(world.conf);
	cr_assert_not(strstr(print, "hunter2"));
	cr_assert(strstr(print, "password ***"));
	free(print);
	world_free(&world);
	free(text);
}

Test(conf_report, complaints_are_printed_like_a_compiler_s)
{
	static const char wanted[] =
		"configuration:2:2: error: unknown keyword 'x' in global_defs\n"
		"    \tx y\n"
		"    \t^\n";
	struct conf_report report = { .say = conf_report_print };
	struct conf *conf;
	char *text = NULL;
	size_t length;

	report.arg = open_memstream(&text, &length);
	conf_parse("global_defs {\n\tx y\n}\n", 21, NULL, &conf, &report);
	fclose(report.arg);
	cr_assert_str_eq(text, wanted);
	free(text);
}

/* As keepalived does; it would be an empty service in the kernel. */
Test(conf_report, compat_leaves_out_virtual_servers_without_servers)
{
	static const char text[] =
		"virtual_server 192.0.2.1 80 {\nlvs_sched rr\nlvs_method NAT\n"
		"protocol TCP\nsorry_server 192.0.2.9 80\n}\n"
		"virtual_server 192.0.2.1 80 {\nlvs_sched wlc\nlvs_method NAT\n"
		"protocol TCP\nreal_server 192.0.2.2 80 {\n}\n}\n";
	struct world world = world_parse(text, true);

	cr_assert_eq(world.conf->nr_virtual_servers, 1, "%s", world.said);
	cr_assert_str_eq(world.conf->virtual_servers->scheduler, "wlc");
	cr_assert_eq(world.conf->virtual_servers->nr_servers, 1);
	cr_assert_eq(world.report.warnings, 1);
	world_free(&world);
	/* Strictly, the second one is a duplicate. */
	world = world_parse(text, false);
	cr_assert_null(world.conf);
	cr_assert_eq(world.report.errors, 1);
	world_free(&world);
}

Test(conf_report, ranges_where_one_address_belongs)
{
	static const char *const addresses[] = { "192.0.2.1/24",
						 "192.0.2.1-9" };
	struct world world;
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		snprintf(
			text, sizeof(text),
			"virtual_server %s 80 {\nlvs_sched rr\nlvs_method NAT\n"
			"protocol TCP\nreal_server 192.0.2.2 80 {\n}\n}\n",
			addresses[i]);
		world = world_parse(text, false);
		cr_assert_null(world.conf);
		world_free(&world);
		world = world_parse(text, true);
		cr_assert_str_eq(world.conf->virtual_servers->name,
				 "192.0.2.1:80");
		world_free(&world);
	}
}
