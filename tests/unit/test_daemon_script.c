/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts: what they get, how they end, and what is said of it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/proc/script.h"
#include "daemon/proc/script_exec.h"
#include "lib/loop.h"

struct run {
	struct loop *loop;
	struct scripts *scripts;
	struct loop_timer limit;
	struct conf_global global;
	struct script_result result;
	bool ended;
	usec_t took;
};

static char folder[64];

static void folder_make(void)
{
	snprintf(folder, sizeof(folder), "/tmp/evenkeel-script-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chmod(folder, 0755), 0);
}

static void folder_remove(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(script, .init = folder_make, .fini = folder_remove);

static const char *place(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *out = path[next++ % 4];

	snprintf(out, sizeof(path[0]), "%s/%s", folder, name);
	return out;
}

static void write_script(const char *name, const char *text)
{
	FILE *file = fopen(place(name), "w");

	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
	cr_assert_eq(chmod(place(name), 0755), 0);
}

static bool read_line(const char *name, char *out, size_t size)
{
	FILE *file = fopen(place(name), "r");
	bool got = file && fgets(out, (int)size, file);

	if (file)
		fclose(file);
	if (got)
		out[strcspn(out, "\n")] = '\0';
	return got;
}

static void on_end(void *arg, const struct script_result *result)
{
	struct run *run = arg;

	run->ended = true;
	run->result = *result;
	loop_stop(run->loop);
}

static void on_limit(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

static void run_init(struct run *run)
{
	memset(run, 0, sizeof(*run));
	run->loop = loop_new();
	run->scripts = scripts_new(run->loop);
	loop_timer_init(run->loop, &run->limit, on_limit);
}

static void run_free(struct run *run)
{
	loop_timer_clear(&run->limit);
	scripts_free(run->scripts);
	loop_free(run->loop);
}

/* Run the words ARGV with a TIMEOUT, until it ends or 20 s are over. */
static void run_words(struct run *run, char **argv, const char *const *extra,
		      usec_t timeout)
{
	struct conf_script script = { .argv = argv };
	struct script_order order = { .script = &script,
				      .extra = extra,
				      .global = &run->global,
				      .timeout = timeout };
	usec_t start = loop_now_exact(run->loop);

	cr_assert_eq(script_start(run->scripts, &order, on_end, run, NULL), 0);
	loop_timer_set(&run->limit, start + 20 * USEC_PER_SEC);
	cr_assert_eq(loop_run(run->loop), 0);
	cr_assert(run->ended);
	run->took = loop_now_exact(run->loop) - start;
}

static void run_name(struct run *run, const char *name, usec_t timeout)
{
	char *argv[] = { (char *)(uintptr_t)place(name), NULL };

	run_init(run);
	run_words(run, argv, NULL, timeout);
	run_free(run);
}

Test(script, exit_status)
{
	struct run run;

	write_script("seven", "#!/bin/sh\nexit 7\n");
	run_name(&run, "seven", 0);
	cr_expect_eq(run.result.end, SCRIPT_EXITED);
	cr_expect_eq(run.result.status, 7);
	/* 126 and 127 are numbers like others: it did run. */
	write_script("odd", "#!/bin/sh\nexit 127\n");
	run_name(&run, "odd", 0);
	cr_expect_eq(run.result.end, SCRIPT_EXITED);
	cr_expect_eq(run.result.status, 127);
}

Test(script, without_an_interpreter_it_is_the_shells)
{
	struct run run;

	write_script("plain", "exit 5\n");
	run_name(&run, "plain", 0);
	cr_expect_eq(run.result.end, SCRIPT_EXITED);
	cr_expect_eq(run.result.status, 5);
}

Test(script, cannot_be_run)
{
	char text[192];
	struct run run;

	run_name(&run, "missing", 0);
	cr_expect_eq(run.result.end, SCRIPT_NOT_RUN);
	script_describe(&run.result, text, sizeof(text));
	cr_expect_str_eq(text, "cannot be executed: No such file or directory");
	write_script("noexec", "#!/bin/sh\nexit 0\n");
	cr_assert_eq(chmod(place("noexec"), 0644), 0);
	run_name(&run, "noexec", 0);
	cr_expect_eq(run.result.end, SCRIPT_NOT_RUN);
	write_script("lost", "#!/no/such/shell\n");
	run_name(&run, "lost", 0);
	cr_expect_eq(run.result.end, SCRIPT_NOT_RUN);
}

Test(script, unknown_user)
{
	struct conf_script script = { .user = "no-such-user-here" };
	struct script_order order = { .script = &script };
	char *argv[2] = { (char *)(uintptr_t)place("zero"), NULL };
	struct run run;

	if (geteuid() != 0)
		cr_skip_test("only root can take another user");
	write_script("zero", "#!/bin/sh\nexit 0\n");
	run_init(&run);
	script.argv = argv;
	order.global = &run.global;
	cr_assert_eq(script_start(run.scripts, &order, on_end, &run, NULL), 0);
	cr_assert_eq(loop_run(run.loop), 0);
	cr_expect_eq(run.result.end, SCRIPT_NOT_RUN);
	cr_expect_str_eq(run.result.why, "its user or group cannot be taken: "
					 "No such file or directory");
	run_free(&run);
}

Test(script, arguments_and_search)
{
	char text[128] = "", out[160];
	char *argv[] = {
		(char *)(uintptr_t) "sh",   (char *)(uintptr_t) "-c",  out,
		(char *)(uintptr_t) "zero", (char *)(uintptr_t) "a b", NULL
	};
	const char *extra[] = { "MASTER", "100", NULL };
	struct run run;

	snprintf(out, sizeof(out), "echo \"$1|$2|$3|$#\" > %s", place("args"));
	run_init(&run);
	run_words(&run, argv, extra, 0);
	cr_expect_eq(run.result.end, SCRIPT_EXITED);
	cr_expect_eq(run.result.status, 0);
	cr_assert(read_line("args", text, sizeof(text)));
	cr_expect_str_eq(text, "a b|MASTER|100|3");
	run_free(&run);
}

/* Nothing of ours but the three standard ones, and these lead nowhere. */
Test(script, descriptors_and_environment)
{
	char text[256], script[512];
	struct run run;
	int fd = open("/dev/null", O_RDONLY);

	cr_assert_geq(fd, 0);
	setenv("NOTIFY_SOCKET", "/run/secret", 1);
	snprintf(script, sizeof(script),
		 "#!/bin/bash\n"
		 "for f in /proc/self/fd/*; do [ -e $f ] && n=\"$n ${f##*/}\"; "
		 "done\n"
		 "echo \"$n:$(readlink /proc/self/fd/2):$NOTIFY_SOCKET\" > %s\n"
		 "head -c 10000000 /dev/zero\n",
		 place("fds"));
	write_script("look", script);
	run_name(&run, "look", 10 * USEC_PER_SEC);
	cr_expect_eq(run.result.end, SCRIPT_EXITED);
	cr_assert(read_line("fds", text, sizeof(text)));
	/* bash itself keeps 255 for the script. */
	cr_expect(strcmp(text, " 0 1 2 255:/dev/null:") == 0 ||
			  strcmp(text, " 0 1 2:/dev/null:") == 0,
		  "%s", text);
	close(fd);
}

/* Nothing of whoever started us; what a program may rely on is there. */
Test(script, environment)
{
	char text[512], script[512];
	struct run run;

	setenv("FOO_SECRET", "hidden", 1);
	setenv("PATH", "/nowhere:/usr/bin:/bin", 1);
	setenv("HOME", "/home/somebody", 1);
	setenv("LC_TIME", "C", 1);
	unsetenv("LANG");
	unsetenv("LC_ALL");
	unsetenv("TZ");
	snprintf(script, sizeof(script),
		 "#!/bin/bash\nn=$(tr '\\0' '\\n' </proc/$$/environ | sort)\n"
		 "echo $n > %s\n",
		 place("env"));
	write_script("look", script);
	run_name(&run, "look", 10 * USEC_PER_SEC);
	cr_assert(read_line("env", text, sizeof(text)));
	if (geteuid() != 0)
		cr_skip_test("whose home it is depends on who runs this");
	cr_expect_str_eq(text, "HOME=/root LC_TIME=C LOGNAME=root "
			       "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			       "/usr/bin:/sbin:/bin SHELL=/bin/sh USER=root");
}

Test(script, environment_of_another_user)
{
	char text[512], script[512];
	struct run run;

	if (geteuid() != 0)
		cr_skip_test("only root can take another user");
	snprintf(script, sizeof(script),
		 "#!/bin/sh\necho $HOME $USER $LOGNAME > %s\n", place("env"));
	write_script("look", script);
	cr_assert_eq(chmod(folder, 01777), 0);
	run_init(&run);
	run.global.script_user = "nobody";
	run_words(&run, (char *[]){ (char *)(uintptr_t)place("look"), NULL },
		  NULL, 0);
	run_free(&run);
	cr_assert(read_line("env", text, sizeof(text)));
	cr_expect_str_eq(text, "/nonexistent nobody nobody");
}

static bool is_gone(const char *name)
{
	char text[32] = "";

	pid_t pid;

	cr_assert(read_line(name, text, sizeof(text)));
	pid = (pid_t)strtol(text, NULL, 10);
	/* It may be ours to collect. */
	return waitpid(pid, NULL, WNOHANG) == pid || kill(pid, 0) < 0;
}

/* A script that leaves a daemon, whose number is in "daemon", and then does THEN. */
static void write_leaver(const char *then)
{
	char script[512];

	snprintf(script, sizeof(script),
		 "#!/bin/bash\n"
		 "(setsid bash -c 'echo $$ > %s.new; mv %s.new %s; "
		 "exec sleep 300' &)\n"
		 "until [ -e %s ]; do sleep 0.01; done\n%s\n",
		 place("daemon"), place("daemon"), place("daemon"),
		 place("daemon"), then);
	write_script("leaver", script);
}

/* A session of its own takes it out of the group, and not out of reach. */
Test(script, the_limit_takes_what_left_the_group)
{
	struct run run;

	write_leaver("trap '' TERM\nwhile :; do sleep 1; done");
	run_name(&run, "leaver", 2 * USEC_PER_SEC);
	cr_expect_eq(run.result.end, SCRIPT_TIMED_OUT);
	while (!is_gone("daemon"))
		usleep(1000);
}

Test(script, what_left_the_group_ends_with_it)
{
	struct run run;

	write_leaver("exit 3");
	run_name(&run, "leaver", 0);
	cr_expect_eq(run.result.end, SCRIPT_EXITED);
	cr_expect_eq(run.result.status, 3);
	while (!is_gone("daemon"))
		usleep(1000);
}

/* What else has been started from here, and is not waited for by a loop. */
Test(script, our_own_children_are_let_be)
{
	pid_t pid = fork();
	struct run run;
	int status;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	write_leaver("exit 0");
	run_name(&run, "leaver", 0);
	while (!is_gone("daemon"))
		usleep(1000);
	cr_expect_eq(waitpid(pid, &status, WNOHANG), 0, "it was killed");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* Notify scripts start services. */
Test(script, a_notify_script_may_leave_a_daemon)
{
	struct conf_script script = { 0 };
	struct script_order order = { .script = &script, .outlives_us = true };
	char *argv[2] = { NULL };
	struct run run;

	write_leaver("exit 0");
	argv[0] = (char *)(uintptr_t)place("leaver");
	run_init(&run);
	script.argv = argv;
	order.global = &run.global;
	cr_assert_eq(script_start(run.scripts, &order, on_end, &run, NULL), 0);
	cr_assert_eq(loop_run(run.loop), 0);
	cr_assert_eq(run.result.end, SCRIPT_EXITED);
	/* Another one's end does not take it either. */
	run.ended = false;
	write_script("zero", "#!/bin/sh\nexit 0\n");
	run_words(&run, (char *[]){ (char *)(uintptr_t)place("zero"), NULL },
		  NULL, 0);
	cr_expect_not(is_gone("daemon"));
	order.timeout = USEC_PER_SEC;
	cr_assert_eq(unlink(place("daemon")), 0);
	write_leaver("trap '' TERM\nwhile :; do sleep 1; done");
	argv[0] = (char *)(uintptr_t)place("leaver");
	run.ended = false;
	cr_assert_eq(script_start(run.scripts, &order, on_end, &run, NULL), 0);
	cr_assert_eq(loop_run(run.loop), 0);
	cr_assert_eq(run.result.end, SCRIPT_TIMED_OUT);
	run_free(&run);
	while (!is_gone("daemon"))
		usleep(1000);
}

Test(script, limit_takes_grandchildren)
{
	char script[512];
	struct run run;

	snprintf(script, sizeof(script),
		 "#!/bin/bash\n"
		 "trap '' TERM\n"
		 "(trap '' TERM; echo $BASHPID > %s; exec sleep 60) &\n"
		 "sleep 60\nwait\nsleep 60\n",
		 place("grand"));
	write_script("deaf", script);
	run_name(&run, "deaf", USEC_PER_SEC);
	cr_expect_eq(run.result.end, SCRIPT_TIMED_OUT);
	cr_expect_geq(run.took, USEC_PER_SEC + SCRIPT_KILL_AFTER);
	cr_expect_lt(run.took, USEC_PER_SEC + 3 * SCRIPT_KILL_AFTER);
	while (!is_gone("grand")) /* init collects it */
		usleep(1000);
}

Test(script, limit_is_gentle_first)
{
	char script[256], text[32];
	struct run run;

	snprintf(script, sizeof(script),
		 "#!/bin/bash\ntrap 'echo bye > %s; exit 0' TERM\n"
		 "while :; do sleep 0.05; done\n",
		 place("bye"));
	write_script("polite", script);
	run_name(&run, "polite", USEC_PER_SEC / 2);
	cr_expect_eq(run.result.end, SCRIPT_TIMED_OUT);
	cr_expect_lt(run.took, USEC_PER_SEC / 2 + SCRIPT_KILL_AFTER);
	cr_expect(read_line("bye", text, sizeof(text)));
}

Test(script, what_it_leaves_behind_ends_with_it)
{
	char script[256];
	struct run run;

	snprintf(script, sizeof(script),
		 "#!/bin/bash\nsleep 60 &\necho $! > %s\nexit 0\n",
		 place("left"));
	write_script("leaver", script);
	run_name(&run, "leaver", 0);
	cr_expect_eq(run.result.end, SCRIPT_EXITED);
	cr_expect_eq(run.result.status, 0);
	while (!is_gone("left"))
		usleep(1000);
}

Test(script, killed_by_others)
{
	struct run run;

	write_script("suicide", "#!/bin/sh\nkill -9 $$\n");
	run_name(&run, "suicide", 0);
	cr_expect_eq(run.result.end, SCRIPT_SIGNALLED);
	cr_expect_eq(run.result.status, SIGKILL);
}

Test(script, safe_to_run_as_root)
{
	char path[160];

	if (geteuid() != 0)
		cr_skip_test("files of root are needed");
	write_script("mine", "#!/bin/sh\n");
	/* /tmp is for all, but sticky; the folder and the file are ours. */
	cr_expect(script_is_safe(place("mine")));
	cr_expect(script_is_safe(place("nowhere")));
	cr_expect_not(script_is_safe("relative"));
	cr_assert_eq(symlink(place("mine"), place("link")), 0);
	cr_expect(script_is_safe(place("link")));
	cr_assert_eq(lchown(place("link"), 65534, 0), 0);
	cr_expect_not(script_is_safe(place("link")), "its owner's to change");
	cr_assert_eq(lchown(place("link"), 0, 0), 0);
	cr_assert_eq(chmod(place("mine"), 0757), 0);
	cr_expect_not(script_is_safe(place("mine")));
	cr_expect_not(script_is_safe(place("link")));
	cr_assert_eq(chmod(place("mine"), 0755), 0);
	cr_assert_eq(chown(place("mine"), 65534, 0), 0);
	cr_expect_not(script_is_safe(place("mine")));
	cr_assert_eq(chown(place("mine"), 0, 0), 0);
	cr_assert_eq(chmod(folder, 0777), 0);
	cr_expect_not(script_is_safe(place("mine")));
	snprintf(path, sizeof(path), "%s/", folder);
	cr_expect_not(script_is_safe(path));
	cr_assert_eq(chmod(folder, 0755), 0);
}

Test(script, unsafe_is_not_run)
{
	struct run run;

	if (geteuid() != 0)
		cr_skip_test("files of root are needed");
	write_script("open", "#!/bin/sh\nexit 0\n");
	cr_assert_eq(chmod(place("open"), 0777), 0);
	run_init(&run);
	run.global.script_security = true;
	run.global.script_user = "root";
	run_words(&run, (char *[]){ (char *)(uintptr_t)place("open"), NULL },
		  NULL, 0);
	cr_expect_eq(run.result.end, SCRIPT_NOT_RUN);
	run_free(&run);
}

Test(script, stopped_says_nothing)
{
	struct conf_script script = { 0 };
	struct script_order order = { .script = &script };
	char *argv[] = { (char *)(uintptr_t) "sleep", (char *)(uintptr_t) "60",
			 NULL };
	struct script_run *one;
	struct run run;

	run_init(&run);
	script.argv = argv;
	order.global = &run.global;
	cr_assert_eq(script_start(run.scripts, &order, on_end, &run, &one), 0);
	script_stop(one);
	loop_timer_set(&run.limit, loop_now_exact(run.loop) + USEC_PER_SEC / 2);
	cr_assert_eq(loop_run(run.loop), 0);
	cr_expect_not(run.ended);
	run_free(&run);
}
