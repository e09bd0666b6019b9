/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The completions of a half-written command line. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/complete.h"
#include "ctl/ctl_command.h"
#include "ctl/ctl_options.h"
#include "lib/util.h"

#define WORDS_MAX 8

static char asked[256]; /* the socket that was asked */

static struct json_object *daemon_status(const struct ctl *ctl)
{
	snprintf(asked, sizeof(asked), "%s", ctl->socket);
	return json_tokener_parse(
		"{ \"virtual_servers\": [ { \"name\": \"192.0.2.9:1\","
		"\"servers\": [ { \"address\": \"192.0.2.1:1\" },"
		"{ \"address\": \"192.0.2.20:1\" } ] },"
		"{ \"name\": \"pool\", \"servers\": ["
		"{ \"address\": \"[2001:db8::1]:1\" } ] } ] }");
}

static struct json_object *daemon_silent(const struct ctl *ctl)
{
	return NULL;
}

/*
 * The completions of LINE, which has one blank between words; the caller frees
 * them.
 */
static char *completed(const char *line,
		       struct json_object *(*status)(const struct ctl *ctl))
{
	char copy[256], *rest = copy, *words[WORDS_MAX], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int nr = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((words[nr] = strsep(&rest, " ")))
		nr++;
	complete_print(words, nr, status, out);
	fclose(out);
	return text;
}

static void becomes(const char *line, const char *expected)
{
	char *text = completed(line, daemon_status);

	cr_expect_str_eq(text, expected, "%s:\n%s", line, text);
	free(text);
}

Test(ctl_complete, every_command_of_the_table)
{
	char *text = completed("evenkeel ", daemon_status), *rest = text;
	const struct command *command;
	unsigned i;

	for (i = 0; (command = command_at(i)); i++)
		cr_expect_str_eq(strsep(&rest, "\n"), command->word);
	cr_expect_str_eq(rest, "");
	free(text);
}

Test(ctl_complete, every_option_of_the_table)
{
	char *text = completed("evenkeel --", daemon_status);
	const struct ctl_option *option;
	char line[64];
	unsigned i;

	for (i = 0; (option = ctl_option_at(i)); i++) {
		snprintf(line, sizeof(line), "--%s%s\n", option->word,
			 option->value ? "=" : "");
		cr_expect(strstr(text, line), "%s", line);
	}
	free(text);
}

Test(ctl_complete, words_begin_as_the_line_does)
{
	becomes("evenkeel dr", "drain\ndrill\n");
	becomes("evenkeel --so", "--socket=\n");
	becomes("evenkeel nonsense ", "");
	becomes("evenkeel plan ", "");
}

Test(ctl_complete, a_command_has_its_options)
{
	static const char *const operators[] = { "drain", "disable", "ready",
						 "failback", "weight" };
	char line[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operators); i++) {
		snprintf(line, sizeof(line), "evenkeel %s --vi", operators[i]);
		becomes(line, "--virtual=\n");
	}
	becomes("evenkeel metrics --",
		"--json\n--openmetrics\n--scope=\n"
		"--run-dir=\n--socket=\n--version\n--help\n");
	becomes("evenkeel drain --wa", "--wait\n");
	becomes("evenkeel plan --wa", "");
}

Test(ctl_complete, names_come_from_the_daemon)
{
	becomes("evenkeel drain ",
		"192.0.2.1:1\n192.0.2.20:1\n[2001:db8::1]:1\n");
	becomes("evenkeel -j status 192.0.2.2", "192.0.2.20:1\n");
	becomes("evenkeel weight 192.0.2.1:1 ", "");
	becomes("evenkeel drain --virtual=p", "--virtual=pool\n");
	becomes("evenkeel pause --for=60 ", "192.0.2.9:1\npool\n");
	becomes("evenkeel resume p", "pool\n");
	becomes("evenkeel pause --f", "--for=\n");
	becomes("evenkeel --virtual ", "192.0.2.9:1\npool\n");
	becomes("evenkeel --virtual pool drain [", "[2001:db8::1]:1\n");
}

Test(ctl_complete, the_daemon_is_the_one_that_is_meant)
{
	becomes("evenkeel --run-dir /x drain [", "[2001:db8::1]:1\n");
	cr_expect_str_eq(asked, "/x/control.sock");
	becomes("evenkeel --socket=/y drain [", "[2001:db8::1]:1\n");
	cr_expect_str_eq(asked, "/y");
	becomes("evenkeel drain [", "[2001:db8::1]:1\n");
	cr_expect_str_eq(asked, CTL_RUN_DIR "/control.sock");
}

Test(ctl_complete, without_a_daemon_there_are_no_names)
{
	char *text = completed("evenkeel drain ", daemon_silent);

	cr_expect_str_eq(text, "");
	free(text);
}

Test(ctl_complete, values_of_options)
{
	becomes("evenkeel metrics --scope=",
		"--scope=daemon\n--scope=pool\n"
		"--scope=server\n--scope=check\n"
		"--scope=vrrp\n--scope=bfd\n--scope=announce\n");
	becomes("evenkeel metrics --scope s", "server\n");
	becomes("evenkeel simulate ", COMPLETE_FILES "\n");
	becomes("evenkeel drill --password-file=/e", COMPLETE_FILES "\n");
	becomes("evenkeel drill -u ", "");
	becomes("evenkeel --nonsense=", "");
}
