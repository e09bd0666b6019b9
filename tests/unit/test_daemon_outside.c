/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration names outside of itself and is not there, with its line. */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/outside_names.h"

static char folder[] = "/tmp/test_daemon_outside.XXXXXX";

struct found {
	struct conf_report report;
	char *said;
	size_t length;
};

static void found_say(struct conf_report *report,
		      const struct conf_message *message)
{
	static const char *const names[] = { "note", "warning", "error" };

	fprintf(report->arg, "%s:%u: %s: %s\n", message->file, message->line,
		names[message->severity], message->text);
}

/* A file with what is in it, and its rights. */
static void put(const char *name, const char *text, mode_t mode)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	cr_assert_not_null(out, "%s", path);
	fputs(text, out);
	fclose(out);
	cr_assert_eq(chmod(path, mode), 0);
}

static void put_folder(const char *name, mode_t mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(chmod(path, mode), 0);
}

static void begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chmod(folder, 0755), 0);
	put("runs", "#!/bin/sh\n", 0755);
	put("ours", "#!/bin/sh\n", 0700);
	put("data", "x\n", 0644);
	put("secret", "x\n", 0600);
	put("open", "x\n", 0644);
	put("nothing", "", 0600);
	put_folder("folder", 0755);
	put_folder("closed", 0700);
	put("closed/runs", "#!/bin/sh\n", 0755);
	put("closed/ca", "x\n", 0644);
}

static int end_one(const char *path, const struct stat *st, int type,
		   struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void end(void)
{
	nftw(folder, end_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A "@" in LINE is the folder. */
static void expand(char *out, size_t size, const char *line)
{
	size_t used = 0;

	for (; *line && used + sizeof(folder) < size; line++) {
		if (*line == '@')
			used += (size_t)snprintf(out + used, size - used, "%s",
						 folder);
		else
			out[used++] = *line;
	}
	out[used] = '\0';
}

/* Parse and look; what the parse says is left out. */
static struct found look(const char *text)
{
	struct found found = { .report = { .say = found_say } };
	struct conf_options options = { .config_id = "here" };
	struct conf_report parse = { 0 };
	struct conf *conf = NULL;
	char whole[2048];
	FILE *out = open_memstream(&found.said, &found.length);

	expand(whole, sizeof(whole), text);
	cr_assert_eq(conf_parse(whole, strlen(whole), &options, &conf, &parse),
		     0, "%s", whole);
	found.report.arg = out;
	outside_check(conf, &found.report);
	fclose(out);
	conf_free(conf);
	return found;
}

struct row {
	const char *text;
	const char *said; /* NULL: nothing */
};

static void check(const struct row *rows, size_t n)
{
	struct found found;
	char said[512];
	size_t i;

	for (i = 0; i < n; i++) {
		found = look(rows[i].text);
		expand(said, sizeof(said), rows[i].said ? rows[i].said : "");
		cr_expect_str_eq(found.said, said, "'%s' says '%s'",
				 rows[i].text, found.said);
		cr_expect_eq(found.report.warnings, rows[i].said != NULL);
		free(found.said);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))
#define POOL                                                            \
	"virtual_server 192.0.2.1 80 {\nlvs_sched rr\nlvs_method NAT\n" \
	"protocol TCP\n"
#define SERVER POOL "real_server 192.0.2.2 80 {\n"
#define MYSQL SERVER "MYSQL_CHECK {\nusername u\n"
#define INSTANCE                                                 \
	"vrrp_instance i {\ninterface lo\nvirtual_router_id 1\n" \
	"virtual_ipaddress {\n192.0.2.1\n}\n"

Test(daemon_outside, programs, .init = begin, .fini = end)
{
	static const struct row rows[] = {
		{ POOL "quorum_up @/runs\n}\n", NULL },
		{ POOL "quorum_up true\n}\n", NULL },
		{ POOL "quorum_up \"@/runs a b\" nobody nogroup\n}\n", NULL },
		{ POOL "quorum_up @/none\n}\n",
		  "configuration:5: warning: quorum_up '@/none': No such file or "
		  "directory; it cannot be run\n" },
		{ POOL "quorum_down evenkeel-no-such-program\n}\n",
		  "configuration:5: warning: quorum_down "
		  "'evenkeel-no-such-program': No such file or directory; it "
		  "cannot be run\n" },
		{ SERVER "notify_down @/data root\n}\n}\n",
		  "configuration:6: warning: notify_down '@/data': user 'root' "
		  "may not run it; it cannot be run\n" },
		{ SERVER "notify_up @/folder root\n}\n}\n",
		  "configuration:6: warning: notify_up '@/folder': it is no "
		  "file; it cannot be run\n" },
		{ SERVER "notify_up @/runs/x root\n}\n}\n",
		  "configuration:6: warning: notify_up '@/runs/x': Not a "
		  "directory; it cannot be run\n" },
		{ SERVER "notify_up @/runs nobodyatall\n}\n}\n",
		  "configuration:6: warning: notify_up '@/runs': there is no "
		  "user 'nobodyatall'; it cannot be run\n" },
		{ SERVER "notify_up @/runs nobody nogroupatall\n}\n}\n",
		  "configuration:6: warning: notify_up '@/runs': there is no "
		  "group 'nogroupatall'; it cannot be run\n" },
	};

	CHECK(rows);
}

/* The user that runs it may be another, and named later. */
Test(daemon_outside, programs_of_users, .init = begin, .fini = end)
{
	static const struct row rows[] = {
		{ SERVER
		  "MISC_CHECK {\nmisc_path @/runs\nuser nobody\n}\n}\n}\n",
		  NULL },
		{ SERVER "MISC_CHECK {\nmisc_path @/none\n}\n}\n}\n",
		  "configuration:7: warning: misc_path '@/none': No such file or "
		  "directory; it cannot be run\n" },
		{ SERVER
		  "MISC_CHECK {\nmisc_path @/ours\nuser nobody\n}\n}\n}\n",
		  "configuration:7: warning: misc_path '@/ours': user 'nobody' "
		  "may not run it; it cannot be run\n" },
		{ SERVER "MISC_CHECK {\nmisc_path @/closed/runs\nuser nobody\n"
			 "}\n}\n}\n",
		  "configuration:7: warning: misc_path '@/closed/runs': user "
		  "'nobody' may not run it; it cannot be run\n" },
		{ "vrrp_script s {\nuser nosuchuser\nscript @/runs\n}\n",
		  "configuration:3: warning: script '@/runs': there is no user "
		  "'nosuchuser'; it cannot be run\n" },
		{ "vrrp_script s {\nscript @/gone\n}\n",
		  "configuration:2: warning: script '@/gone': No such file or "
		  "directory; it cannot be run\n" },
		{ INSTANCE "notify_master @/gone\n}\n",
		  "configuration:7: warning: notify_master '@/gone': No such "
		  "file or directory; it cannot be run\n" },
		{ INSTANCE "notify @/gone\n}\n",
		  "configuration:7: warning: notify '@/gone': No such file or "
		  "directory; it cannot be run\n" },
		{ "global_defs {\nnotify_fifo /run/x nosuchuser\n}\n",
		  "configuration:2: warning: notify_fifo 'nosuchuser': there is "
		  "no such user\n" },
		{ "global_defs {\nscript_user nosuchuser\n}\n",
		  "configuration:2: warning: script_user 'nosuchuser': there is "
		  "no such user\n" },
		{ "global_defs {\nchecker_user nosuchuser\n}\n",
		  "configuration:2: warning: checker_user 'nosuchuser': there is "
		  "no such user\n" },
		{ "global_defs {\ncontrol_socket /run/x root nosuchgroup\n}\n",
		  "configuration:2: warning: control_socket 'nosuchgroup': there "
		  "is no such group\n" },
		{ "global_defs {\nscript_user nobody nogroup\n}\n", NULL },
	};

	CHECK(rows);
}

Test(daemon_outside, files, .init = begin, .fini = end)
{
	static const struct row rows[] = {
		{ MYSQL "password_file @/secret\n}\n}\n}\n", NULL },
		{ MYSQL "password_file @/none\n}\n}\n}\n",
		  "configuration:8: warning: password_file '@/none': No such "
		  "file or directory\n" },
		{ MYSQL "password_file @/open\n}\n}\n}\n",
		  "configuration:8: warning: password_file '@/open': it can be "
		  "read or written by others; it is not used before a 'chmod "
		  "600'\n" },
		{ MYSQL "password_file @/nothing\n}\n}\n}\n",
		  "configuration:8: warning: password_file '@/nothing': it is "
		  "empty\n" },
		{ MYSQL "password_file @/folder\n}\n}\n}\n",
		  "configuration:8: warning: password_file '@/folder': it is no "
		  "regular file; it is not used\n" },
		{ MYSQL "tls_ca @/data\n}\n}\n}\n", NULL },
		{ MYSQL "tls_ca @/none\n}\n}\n}\n",
		  "configuration:8: warning: tls_ca '@/none': No such file or "
		  "directory\n" },
		{ "global_defs {\noperator_peer 192.0.2.3 8850 @/none\n}\n",
		  "configuration:2: warning: operator_peer '@/none': No such "
		  "file or directory\n" },
		{ "track_file t {\nfile @/data\n}\n", NULL },
		{ "track_file t {\nfile @/none\n}\n",
		  "configuration:2: warning: file '@/none': No such file or "
		  "directory; it counts as 0; 'init_file' makes one at the "
		  "start\n" },
		{ "track_file t {\nfile @/none\ninit_file 0\n}\n", NULL },
	};

	CHECK(rows);
}

/* What ten servers name is said once, at the first; arguments do not matter. */
Test(daemon_outside, once, .init = begin, .fini = end)
{
	struct found found =
		look(POOL "real_server 192.0.2.2 80 {\nMYSQL_CHECK {\n"
			  "username u\npassword_file @/none\n}\n}\n"
			  "real_server 192.0.2.3 80 {\nMYSQL_CHECK {\n"
			  "username u\npassword_file @/none\n}\n}\n}\n");

	cr_assert_eq(found.report.warnings, 1, "%s", found.said);
	cr_assert(strstr(found.said, "configuration:8: "), "%s", found.said);
	free(found.said);
	found = look(POOL
		     "quorum_up \"@/none 1\"\nquorum_down \"@/none 2\"\n}\n");
	cr_assert_eq(found.report.warnings, 1, "%s", found.said);
	free(found.said);
}

/* Who is not root is judged by the first of the three that fits, as the kernel does. */
Test(daemon_outside, rights)
{
	static const struct {
		mode_t mode;
		uid_t uid;
		gid_t gid;
		unsigned mask;
		bool may;
	} rows[] = {
		{ 0700, 7, 9, 01, true },  { 0070, 7, 9, 01, false },
		{ 0070, 8, 9, 01, true },  { 0007, 8, 9, 01, false },
		{ 0007, 8, 10, 01, true }, { 0770, 8, 10, 01, false },
		{ 0640, 8, 9, 04, true },  { 0640, 8, 9, 01, false },
		{ 0600, 0, 0, 04, false }, { 0604, 0, 0, 04, true },
	};
	struct stat st = { .st_uid = 7, .st_gid = 9 };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		st.st_mode = S_IFREG | rows[i].mode;
		cr_expect_eq(outside_may(&st, rows[i].uid, rows[i].gid,
					 rows[i].mask),
			     rows[i].may, "%zu", i);
	}
}

/* Only root can be refused what root cannot read. */
Test(daemon_outside, readers, .init = begin, .fini = end)
{
	static const struct row rows[] = {
		{ "global_defs {\nchecker_user nobody\n}\n" MYSQL
		  "tls_key @/secret\n}\n}\n}\n",
		  "configuration:11: warning: tls_key '@/secret': the user of "
		  "the checks may not read it; see 'checker_user'\n" },
		{ "global_defs {\nchecker_user nobody\n}\n" MYSQL
		  "tls_ca @/closed/ca\n}\n}\n}\n",
		  "configuration:11: warning: tls_ca '@/closed/ca': the user of "
		  "the checks may not read it; see 'checker_user'\n" },
		{ "global_defs {\nenable_script_security\nscript_user root\n"
		  "}\n" POOL "quorum_up /bin/true\n}\n",
		  NULL },
	};

	if (geteuid() == 0)
		CHECK(rows);
}
