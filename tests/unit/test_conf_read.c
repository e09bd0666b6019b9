/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading: includes, what is no configuration file, and what the text carries. */
#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_world.h"

static char folder[] = "/tmp/test_conf_read.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[512];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	cr_assert_not_null(out, "%s", path);
	fputs(text, out);
	fclose(out);
}

static void put_folder(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert_eq(mkdir(path, 0700), 0);
}

static struct world get(const char *name)
{
	struct conf_options options = { .config_id = "here" };
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return world_read(path, &options);
}

static int error_of(const char *path, char **said)
{
	struct conf_report report = { .say = conf_report_print };
	size_t length, n;
	char *text;
	int error;

	report.arg = open_memstream(said, &n);
	error = conf_read(path, NULL, &text, &length, &report);
	fclose(report.arg);
	cr_assert_eq(report.errors != 0, error != 0);
	free(text);
	return error;
}

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static int take_away(const char *path, const struct stat *st, int type,
		     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void tear_down(void)
{
	nftw(folder, take_away, 16, FTW_DEPTH | FTW_PHYS);
}

TestSuite(conf_read, .init = set_up, .fini = tear_down);

Test(conf_read, includes_are_relative_to_the_file_they_are_in)
{
	struct world world;

	put_folder("a");
	put_folder("a/b");
	put("main", "global_defs {\ninclude a/one\n}\n");
	put("a/one", "router_id one\ninclude b/two\ninclude ./b/../three");
	put("a/b/two", "state_file ${_PWD}/x\n");
	put("a/three", "checker_user three\n");
	world = get("main");
	cr_assert_not_null(world.conf, "%s", world.said);
	cr_assert_str_eq(world.conf->global.router_id, "one");
	cr_assert_str_eq(world.conf->global.checker_user, "three");
	cr_assert(strstr(world.conf->global.state_file, "/a/b/x"));
	cr_assert_eq(world.conf->nr_files, 4);
	cr_assert(strstr(world.conf->files[2], "/a/b/two"));
	world_free(&world);
}

Test(conf_read, patterns_are_sorted_and_may_match_nothing)
{
	struct world world;

	put("main", "include *.part\ninclude none/*.part\ninclude {x,y}.no\n");
	put("2.part", "global_defs {\nrouter_id two\n}\n");
	put("10.part", "global_defs {\nrouter_id ten\n}\n");
	world = get("main");
	cr_assert_str_eq(world.conf->global.router_id, "two");
	cr_assert_eq(world.report.warnings, 0, "%s", world.said);
	world_free(&world);
}

/* The folder's own name is not a pattern, whatever is in it. */
Test(conf_read, folders_with_strange_names)
{
	struct world world;

	put_folder("a*[b]{c,d}?");
	put("a*[b]{c,d}?/main", "include one\n");
	put("a*[b]{c,d}?/one", "global_defs {\nrouter_id one\n}\n");
	world = get("a*[b]{c,d}?/main");
	cr_assert(world.conf && world.conf->global.router_id, "%s", world.said);
	world_free(&world);
}

Test(conf_read, complaints_name_the_file_and_line)
{
	struct world world;
	char *said = NULL;
	size_t length;
	char path[512], wanted[1200];
	struct conf_report report = { .say = conf_report_print };
	struct conf *conf;
	char *text;

	put("main", "# 1\nfirst\ninclude one\nsecond\n\ninclude one\n  third\n"
		    "global_defs {\n}\n");
	put("one", "\n\nfourth # x\n");
	world = get("main");
	cr_assert_eq(world.report.errors, 5);
	world_free(&world);

	/* A child has the text only. */
	snprintf(path, sizeof(path), "%s/main", folder);
	cr_assert_eq(conf_read(path, NULL, &text, &length, &report), 0);
	report.arg = open_memstream(&said, &(size_t){ 0 });
	conf_parse(text, length, NULL, &conf, &report);
	fclose(report.arg);
	snprintf(
		wanted, sizeof(wanted),
		"%s/main:2:1: error: unknown keyword 'first' in the file\n    first\n    ^\n"
		"%s/one:3:1: error: unknown keyword 'fourth' in the file\n    fourth # x\n    ^\n"
		"%s/main:4:1: error: unknown keyword 'second' in the file\n    second\n    ^\n"
		"%s/one:3:1: error: unknown keyword 'fourth' in the file\n    fourth # x\n    ^\n"
		"%s/main:7:3: error: unknown keyword 'third' in the file\n      third\n      ^\n",
		folder, folder, folder, folder, folder);
	cr_assert_str_eq(said, wanted);
	free(said);
	free(text);
}

Test(conf_read, loops_are_refused)
{
	char *said, path[512];

	put("self", "include self\n");
	put("a", "include b\n");
	put("b", "include c\n");
	put("c", "include ./a\n");
	snprintf(path, sizeof(path), "%s/self", folder);
	cr_assert_eq(error_of(path, &said), -EINVAL);
	cr_assert(strstr(said, "within itself (line 1 of"), "%s", said);
	free(said);
	snprintf(path, sizeof(path), "%s/a", folder);
	cr_assert_eq(error_of(path, &said), -EINVAL);
	cr_assert(strstr(said, "/c)"), "%s", said);
	free(said);
}

Test(conf_read, depth_and_breadth_are_bounded)
{
	char name[16], text[64], *said, path[512];
	struct world world;
	int i;

	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		snprintf(text, sizeof(text), "include d%d\n", i + 1);
		put(name, text);
	}
	snprintf(path, sizeof(path), "%s/d0", folder);
	cr_assert_eq(error_of(path, &said), -EINVAL);
	cr_assert(strstr(said, "include each other"), "%s", said);
	free(said);
	/* Deep is fine, within reason. */
	put("d40", "global_defs {\nrouter_id end\n}\n");
	world = get("d12");
	cr_assert_str_eq(world.conf->global.router_id, "end", "%s", world.said);
	world_free(&world);
	/* Each file doubles what the next one brings. */
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "e%d", i);
		snprintf(text, sizeof(text), "include e%d\ninclude e%d\n",
			 i + 1, i + 1);
		put(name, text);
	}
	put("e20", "# x\n");
	snprintf(path, sizeof(path), "%s/e0", folder);
	cr_assert_eq(error_of(path, &said), -E2BIG);
	free(said);
}

Test(conf_read, only_regular_files_are_read)
{
	char *said, path[512];
	struct world world;

	snprintf(path, sizeof(path), "%s/none", folder);
	cr_assert_eq(error_of(path, &said), -ENOENT);
	cr_assert(strstr(said, "none: No such file"), "%s", said);
	free(said);
	cr_assert_eq(error_of(folder, &said), -EISDIR);
	free(said);
	cr_assert_lt(error_of("/dev/null", &said), 0);
	free(said);
	/* A FIFO without a writer must not stop us. */
	snprintf(path, sizeof(path), "%s/fifo", folder);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_eq(error_of(path, &said), -EINVAL);
	free(said);
	put("main", "include fifo\ninclude .\nglobal_defs {\nrouter_id x\n}\n");
	world = get("main");
	cr_assert_null(world.conf);
	cr_assert_eq(world.report.errors, 2, "%s", world.said);
	world_free(&world);
}

Test(conf_read, executable_files_are_not_included)
{
	struct world world;
	char path[512];

	put("main", "include x\n");
	put("x", "global_defs {\nrouter_id x\n}\n");
	snprintf(path, sizeof(path), "%s/x", folder);
	chmod(path, 0755);
	world = get("main");
	cr_assert_null(world.conf);
	cr_assert(strstr(world.said, "1:0 error:") &&
			  strstr(world.said, "executable"),
		  "%s", world.said);
	world_free(&world);
	/* The file itself may be: some file systems make everything so. */
	world = get("x");
	cr_assert_not_null(world.conf);
	world_free(&world);
}

Test(conf_read, stricter_includes)
{
	static const struct {
		const char *line;
		bool good;
	} rows[] = {
		{ "includem *.part", true },
		{ "includem *.no", true },
		{ "includem no", false },
		{ "includew *.part", true },
		{ "includew *.no", false },
		{ "includeb {1,2}.part", true },
		{ "includeb {1,3}.part", false },
		{ "includeb {1,{2,3}}.part", false },
		{ "includeb broken", false },
		{ "includew broken", false },
		{ "includea 1.part", true },
		{ "includea no", false },
		{ "includer 1.part", true },
		{ "includer broken", false },
		{ "include broken", false },
	};
	struct world world;
	char path[512];
	size_t i;

	put("1.part", "# one\n");
	put("2.part", "# two\n");
	snprintf(path, sizeof(path), "%s/broken", folder);
	cr_assert_eq(mkfifo(path, 0600), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(path, sizeof(path), "%s\nglobal_defs {\n}\n",
			 rows[i].line);
		put("main", path);
		world = get("main");
		cr_assert_eq(world.conf != NULL, rows[i].good, "%s: %s",
			     rows[i].line, world.said);
		world_free(&world);
	}
}

/* What is asked for by name must be there under keepalived_compat, too. */
/* Whoever may put a link there would see any file's lines as mistakes. */
Test(conf_read, links_of_others_are_not_followed)
{
	char from[512], to[512];
	struct world world;

	if (geteuid() != 0)
		cr_skip_test("only root can give a folder away");
	put_folder("secret");
	put("secret/shadow", "root:hash:20228\n");
	put_folder("theirs");
	put("theirs/own.inc", "global_defs {\nrouter_id theirs\n}\n");
	put("main", "include theirs/*.inc\n");
	snprintf(from, sizeof(from), "%s/secret/shadow", folder);
	snprintf(to, sizeof(to), "%s/theirs/x.inc", folder);
	cr_assert_eq(symlink(from, to), 0);
	world = get("main");
	cr_assert_not_null(strstr(world.said, "root:hash"),
			   "root's own link is followed: %s", world.said);
	world_free(&world);
	cr_assert_eq(lchown(to, 65534, 0), 0);
	world = get("main");
	cr_assert_null(strstr(world.said, "root:hash"), "%s", world.said);
	cr_assert_not_null(strstr(world.said, "no link is followed"), "%s",
			   world.said);
	world_free(&world);
	cr_assert_eq(lchown(to, 0, 0), 0);
	snprintf(from, sizeof(from), "%s/theirs", folder);
	cr_assert_eq(chmod(from, 0777), 0);
	world = get("main");
	cr_assert_null(strstr(world.said, "root:hash"), "%s", world.said);
	world_free(&world);
	cr_assert_eq(unlink(to), 0);
	world = get("main");
	cr_assert_not_null(world.conf, "other files are read: %s", world.said);
	cr_assert_str_eq(world.conf->global.router_id, "theirs");
	world_free(&world);
}

/* A name costs a look at the disk; main must not be away for that. */
Test(conf_read, braces_stand_for_so_many_names)
{
	struct world world;

	put("some.part", "global_defs {\nrouter_id some\n}\n");
	put("few", "include {a,b}{c,d}{e,{f,g}},x.part\n"
		   "include {some,other}.part\ninclude {{{\n");
	put("many", "includeb {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"
		    "{a,b}{a,b}{a,b}{a,b}{a,b}.part\n");
	world = get("few");
	cr_assert_not_null(world.conf, "%s", world.said);
	cr_assert_str_eq(world.conf->global.router_id, "some");
	world_free(&world);
	world = get("many");
	cr_assert_null(world.conf);
	cr_assert_not_null(strstr(world.said, "too many names"), "%s",
			   world.said);
	world_free(&world);
}

Test(conf_read, compat_forgives_plain_includes_only)
{
	struct world world;

	put("main", "include none\nglobal_defs {\nkeepalived_compat\n}\n");
	world = get("main");
	cr_assert_not_null(world.conf);
	world_free(&world);
	put("main", "includem none\nglobal_defs {\nkeepalived_compat\n}\n");
	world = get("main");
	cr_assert_null(world.conf);
	world_free(&world);
}

Test(conf_read, what_only_looks_like_an_include)
{
	struct world world;

	put("main",
	    "# include none\nglobal_defs {\nrouter_id include\nstate_file x include none\n"
	    "checker_user \"include\"\n}\n@there include none\n$M= \\\n include none \\\n\n"
	    "virtual_server_group includes {\n192.0.2.1\n}\n");
	world = get("main");
	cr_assert_not_null(world.conf, "%s", world.said);
	cr_assert_not(strstr(world.said, "no such file"), "%s", world.said);
	cr_assert_str_eq(world.conf->global.checker_user, "include");
	world_free(&world);
	/* A condition that holds. */
	put("one", "global_defs {\nrouter_id one\n}\n");
	put("main",
	    "\t@here  include one # comment\n@^there include \"one\"\n");
	world = get("main");
	cr_assert_str_eq(world.conf->global.router_id, "one", "%s", world.said);
	world_free(&world);
	/* Out of a variable it comes too late. */
	put("main", "$X=include one\n$X\n");
	world = get("main");
	cr_assert_null(world.conf);
	world_free(&world);
}

Test(conf_read, a_line_with_a_nul_is_no_line)
{
	static const char text[] =
		"global_defs {\nrouter_id a\0b\nstate_file x\n}\n\0\n";
	struct world world;
	char path[512];
	FILE *out;

	snprintf(path, sizeof(path), "%s/main", folder);
	out = fopen(path, "w");
	fwrite(text, 1, sizeof(text) - 1, out);
	fclose(out);
	world = get("main");
	cr_assert_null(world.conf);
	cr_assert_str_eq(
		world.said,
		"2:0 error: the line holds a NUL byte and is ignored\n"
		"5:0 error: the line holds a NUL byte and is ignored\n");
	world_free(&world);
}

/* A file cannot pretend to be another by what it holds. */
Test(conf_read, files_cannot_forge_markers)
{
	static const char text[] =
		"\0F0 77 /etc/shadow\n\0Ievil\n@evil x\nunknown\nglobal_defs { }\n";
	struct world world;
	char path[512];
	FILE *out;

	snprintf(path, sizeof(path), "%s/main", folder);
	out = fopen(path, "w");
	fwrite(text, 1, sizeof(text) - 1, out);
	fclose(out);
	world = get("main");
	cr_assert(strstr(world.said, "4:1 error: unknown keyword 'unknown'"),
		  "%s", world.said);
	cr_assert_eq(world.report.errors, 3, "%s", world.said);
	world_free(&world);
}

Test(conf_read, huge_files_are_refused_at_once)
{
	char *said, path[512];

	put("huge", "");
	snprintf(path, sizeof(path), "%s/huge", folder);
	cr_assert_eq(truncate(path, (off_t)300 << 20), 0);
	cr_assert_eq(error_of(path, &said), -E2BIG);
	cr_assert(strstr(said, "256 MiB"), "%s", said);
	free(said);
}

Test(conf_read, the_environment_and_the_name_travel_with_the_text)
{
	struct conf_report report = { 0 };
	struct conf *conf;
	char path[512], *text;
	size_t length;

	put("main",
	    "global_defs {\nrouter_id ${_ENV TEST_CONF_READ}\n"
	    "state_file ${_ENV TEST_CONF_NONE}\nchecker_user ${_INSTANCE}\n}\n");
	snprintf(path, sizeof(path), "%s/main", folder);
	setenv("TEST_CONF_READ", "from outside", 1);
	cr_assert_eq(conf_read(path,
			       &(struct conf_options){ .config_id = "me" },
			       &text, &length, &report),
		     0);
	unsetenv("TEST_CONF_READ");
	/* Another process, other options: the text decides. */
	cr_assert_lt(conf_parse(text, length,
				&(struct conf_options){ .config_id = "you" },
				&conf, &report),
		     0);
	free(text);

	put("main", "global_defs {\nrouter_id \"${_ENV TEST_CONF_READ}\"\n"
		    "checker_user ${_INSTANCE}\n}\n");
	setenv("TEST_CONF_READ", "from outside", 1);
	report = (struct conf_report){ 0 };
	cr_assert_eq(conf_read(path,
			       &(struct conf_options){ .config_id = "me" },
			       &text, &length, &report),
		     0);
	unsetenv("TEST_CONF_READ");
	cr_assert_eq(conf_parse(text, length, NULL, &conf, &report), 0);
	cr_assert_str_eq(conf->global.router_id, "from outside");
	cr_assert_str_eq(conf->global.checker_user, "me");
	conf_free(conf);
	free(text);
}

/* A later file's come behind, whatever their lines. */
Test(conf_read, programs_are_in_the_order_of_files_and_lines)
{
	static const char *const names[] = { "/one", "/two", "/three" };
	struct world world;
	size_t i;

	put("main", "# a line\n# and another\nvirtual_server 192.0.2.1 80 {\n"
		    "lvs_sched rr\nlvs_method NAT\nprotocol TCP\n"
		    "quorum_up /one\nquorum_down /two\n}\ninclude b\n");
	put("b", "virtual_server 192.0.2.2 80 {\nquorum_up /three\n"
		 "lvs_sched rr\nlvs_method NAT\nprotocol TCP\n}\n");
	world = get("main");
	cr_assert_not_null(world.conf);
	cr_assert_eq(world.conf->nr_outside, ARRAY_SIZE(names));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		cr_assert_str_eq(world.conf->outside[i].name, names[i]);
	world_free(&world);
}

Test(conf_read, random_is_the_same_for_all_who_parse_the_text)
{
	struct conf_report report = { 0 };
	struct conf *one, *two;
	char path[512], *text;
	size_t length;

	put("main", "global_defs {\nrouter_id ${_RANDOM}-${_RANDOM 1 9}\n}\n");
	snprintf(path, sizeof(path), "%s/main", folder);
	cr_assert_eq(conf_read(path, NULL, &text, &length, &report), 0);
	cr_assert_eq(conf_parse(text, length, NULL, &one, &report), 0);
	cr_assert_eq(conf_parse(text, length, NULL, &two, &report), 0);
	cr_assert_str_eq(one->global.router_id, two->global.router_id);
	conf_free(one);
	conf_free(two);
	free(text);
}

Test(conf_read, the_host_s_name_is_the_default)
{
	struct conf_report report = { 0 };
	char path[512], host[256] = "", line[1024], *text;
	struct conf *conf;
	size_t length;

	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	snprintf(line, sizeof(line),
		 "@%s global_defs {\n@%s router_id yes\n@%s }\n", host, host,
		 host);
	put("main", line);
	snprintf(path, sizeof(path), "%s/main", folder);
	cr_assert_eq(conf_read(path, NULL, &text, &length, &report), 0);
	cr_assert_eq(conf_parse(text, length, NULL, &conf, &report), 0);
	cr_assert_str_eq(conf->global.router_id, "yes");
	conf_free(conf);
	free(text);
}
