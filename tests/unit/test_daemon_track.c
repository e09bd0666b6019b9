/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trackers: the pure parts, and files and scripts in a loop. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/proc/number_file.h"
#include "daemon/proc/script.h"
#include "daemon/pair/tracker_impl.h"
#include "lib/log.h"

Test(track, numbers_in_files)
{
	static const struct {
		const char *text;
		int32_t number;
	} cases[] = {
		{ "", 0 },
		{ "\n", 0 },
		{ "7", 7 },
		{ "-12\n", -12 },
		{ "+3", 3 },
		{ "  42 and more", 42 },
		{ "12a", 12 },
		{ "a12", 0 },
		{ "-", 0 },
		{ "--1", 0 },
		{ "2147483647", INT32_MAX },
		{ "2147483648", INT32_MAX },
		{ "-2147483648", INT32_MIN },
		{ "-2147483649", INT32_MIN },
		{ "99999999999999999999999999999999", INT32_MAX },
		{ "-99999999999999999999999999999999", INT32_MIN },
	};
	const char *why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		cr_assert_eq(number_file_parse(cases[i].text,
					       strlen(cases[i].text), &why),
			     cases[i].number, "'%s'", cases[i].text);
	cr_assert_eq(number_file_parse("123", 2, &why), 12,
		     "not beyond its end");
	cr_assert_str_eq(why, "");
	cr_assert_eq(number_file_parse("-x", 2, &why), 0);
	cr_assert_str_eq(why, "there is no number in it");
}

Test(track, rise_and_fall)
{
	struct tracker_count count = { 0 };

	tracker_count_step(&count, false, 3, 2);
	cr_assert(count.known && !count.up, "the first result decides");
	tracker_count_step(&count, true, 3, 2);
	tracker_count_step(&count, true, 3, 2);
	cr_assert(!count.up);
	tracker_count_step(&count, false, 3, 2);
	tracker_count_step(&count, true, 3, 2);
	tracker_count_step(&count, true, 3, 2);
	cr_assert(!count.up, "they have to be in a row");
	tracker_count_step(&count, true, 3, 2);
	cr_assert(count.up);
	tracker_count_step(&count, false, 3, 2);
	cr_assert(count.up);
	tracker_count_step(&count, false, 3, 2);
	cr_assert(!count.up);
}

#define ARGS(...) ((char *[]){ __VA_ARGS__, NULL })

Test(track, processes)
{
	static const char cmdline[] = "/usr/sbin/mariadbd\0--port\0"
				      "3306\0--datadir=/var";
	const size_t length = sizeof(cmdline);
	static char port[] = "--port", number[] = "3306", part[] = "33",
		    data[] = "--datadir=/var", other[] = "--other";
	struct pair_process conf = { .path = "mariadbd" };

	cr_assert(tracker_process_matches(&conf, "mariadbd", NULL, 0));
	cr_assert_not(tracker_process_matches(&conf, "mariadb", NULL, 0));
	cr_assert_not(tracker_process_matches(&conf, "mariadbd2", NULL, 0));
	conf.path = "/opt/a-name-that-is-long";
	cr_assert(tracker_process_matches(&conf, "a-name-that-is-", NULL, 0),
		  "the kernel keeps 15 bytes");
	conf = (struct pair_process){ .path = "/usr/sbin/mariadbd",
				      .full_command = true };
	cr_assert(tracker_process_matches(&conf, "", cmdline, length));
	conf.path = "mariadbd";
	cr_assert(tracker_process_matches(&conf, "", cmdline, length));
	conf.path = "/sbin/mariadbd";
	cr_assert_not(tracker_process_matches(&conf, "", cmdline, length));
	conf = (struct pair_process){ .path = "mariadbd",
				      .arguments = ARGS(port, number, data) };
	cr_assert(tracker_process_matches(&conf, "", cmdline, length));
	conf.arguments = ARGS(port, number);
	cr_assert_not(tracker_process_matches(&conf, "", cmdline, length),
		      "all of them, unless the file says otherwise");
	conf.match_initial = true;
	cr_assert(tracker_process_matches(&conf, "", cmdline, length));
	conf.arguments = ARGS(port, part);
	cr_assert_not(tracker_process_matches(&conf, "", cmdline, length));
	conf.match_partial = true;
	cr_assert(tracker_process_matches(&conf, "", cmdline, length));
	conf.arguments = ARGS(other);
	cr_assert_not(tracker_process_matches(&conf, "", cmdline, length));
	cr_assert_not(tracker_process_matches(&conf, "", cmdline, 0),
		      "a kernel thread has none");
}

Test(track, quorum_and_delays)
{
	struct pair_process conf = { .quorum = 2,
				     .quorum_max = 3,
				     .fork_delay = 10,
				     .terminate_delay = 20 };
	struct tracker_quorum quorum = { 0 };

	tracker_quorum_step(&quorum, &conf, 2, 100);
	cr_assert(quorum.known && quorum.up, "the first look decides");
	tracker_quorum_step(&quorum, &conf, 1, 101);
	tracker_quorum_step(&quorum, &conf, 1, 120);
	cr_assert(quorum.up, "not for terminate_delay yet");
	tracker_quorum_step(&quorum, &conf, 2, 121);
	tracker_quorum_step(&quorum, &conf, 1, 122);
	tracker_quorum_step(&quorum, &conf, 1, 141);
	cr_assert(quorum.up, "it was interrupted");
	tracker_quorum_step(&quorum, &conf, 0, 142);
	cr_assert_not(quorum.up);
	tracker_quorum_step(&quorum, &conf, 4, 160);
	tracker_quorum_step(&quorum, &conf, 4, 200);
	cr_assert_not(quorum.up, "more than quorum_max is not enough either");
	tracker_quorum_step(&quorum, &conf, 3, 201);
	cr_assert_not(quorum.up);
	tracker_quorum_step(&quorum, &conf, 3, 211);
	cr_assert(quorum.up);
}

/* A small world: one file and one script, both told into heard[]. */
static struct loop *loop;
static int32_t heard[4];
static unsigned said[4];
static int32_t wanted_value;
static uint32_t wanted_tracker;

static void take(void *arg, uint32_t tracker, int32_t value)
{
	heard[tracker] = value;
	said[tracker]++;
	if (tracker == wanted_tracker && value == wanted_value)
		loop_stop(loop);
}

static void too_late(struct loop_timer *timer)
{
	cr_log_error("it took too long");
	loop_stop(timer->loop);
}

static void run_until(uint32_t tracker, int32_t value)
{
	struct loop_timer limit;

	if (said[tracker] && heard[tracker] == value)
		return;
	wanted_tracker = tracker;
	wanted_value = value;
	loop_timer_init(loop, &limit, too_late);
	loop_timer_set(&limit, loop_now_exact(loop) + 20 * USEC_PER_SEC);
	cr_assert_eq(loop_run(loop), 0);
	loop_timer_clear(&limit);
	cr_assert(said[tracker]);
	cr_assert_eq(heard[tracker], value);
}

static void write_file(const char *path, const char *text)
{
	char other[128];
	FILE *file;

	/* As a careful writer does: renamed into place. */
	snprintf(other, sizeof(other), "%s.new", path);
	file = fopen(other, "w");
	cr_assert(file);
	fputs(text, file);
	fclose(file);
	cr_assert_eq(rename(other, path), 0);
}

Test(track, file_is_followed)
{
	static char dir[] = "/tmp/evenkeel-track-XXXXXX";
	char path[64];
	struct pair_file file = { .path = path, .init = true, .init_value = 5 };
	struct pair_watch watch = { .tracker = 0, .file = &file };
	struct vrrp_conf_tracker who = { .name = "f", .kind = VRRP_TRACK_FILE };
	struct vrrp_conf vrrp = { .trackers = &who, .nr_trackers = 1 };
	struct pair_conf pair = { .watches = &watch, .nr_watches = 1 };
	struct conf conf = { .vrrp = &vrrp, .pair = &pair };
	struct trackers *trackers;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	loop = loop_new();
	trackers = trackers_new(loop, NULL, take, NULL);
	trackers_configure(trackers, &conf);
	run_until(0, 5);
	write_file(path, "-17\n");
	run_until(0, -17);
	cr_assert_eq(unlink(path), 0);
	run_until(0, 0);
	write_file(path, "8\n");
	run_until(0, 8);
	/* A reload says it again, and init_file leaves what is there. */
	said[0] = 0;
	trackers_configure(trackers, &conf);
	cr_assert_eq(said[0], 1);
	cr_assert_eq(heard[0], 8);
	trackers_free(trackers);
	loop_free(loop);
	unlink(path);
	rmdir(dir);
}

Test(track, script_is_counted)
{
	static char dir[] = "/tmp/evenkeel-track-XXXXXX";
	static char program[] = "/bin/sh", minus_c[] = "-c";
	char command[128], path[64];
	char *argv[] = { program, minus_c, command, NULL };
	struct conf_script script = { .argv = argv };
	struct pair_script conf_script = { .script = &script,
					   .interval = 20 * USEC_PER_MSEC,
					   .timeout = 5 * USEC_PER_SEC,
					   .rise = 2,
					   .fall = 3 };
	struct pair_watch watch = { .tracker = 0, .script = &conf_script };
	struct vrrp_conf_tracker who = { .name = "s",
					 .kind = VRRP_TRACK_SCRIPT };
	struct vrrp_conf vrrp = { .trackers = &who, .nr_trackers = 1 };
	struct pair_conf pair = { .watches = &watch, .nr_watches = 1 };
	struct conf conf = { .vrrp = &vrrp, .pair = &pair };
	struct tracker_view view;
	struct trackers *trackers;
	struct scripts *scripts;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/up", dir);
	snprintf(command, sizeof(command), "test -e %s", path);
	cr_assert_eq(chmod(dir, 0755), 0);
	loop = loop_new();
	scripts = scripts_new(loop);
	trackers = trackers_new(loop, scripts, take, NULL);
	trackers_configure(trackers, &conf);
	run_until(0, 0);
	write_file(path, "");
	run_until(0, 1);
	cr_assert(trackers_get(trackers, 0, &view));
	cr_assert_str_eq(view.text, "exited with status 0");
	cr_assert_eq(unlink(path), 0);
	run_until(0, 0);
	trackers_free(trackers);
	scripts_free(scripts);
	loop_free(loop);
	rmdir(dir);
}

/* A script that was never there takes no address away; one that went does. */
Test(track, script_that_cannot_be_run)
{
	static char dir[] = "/tmp/evenkeel-track-XXXXXX";
	static char program[64];
	char *argv[] = { program, NULL };
	struct conf_script script = { .argv = argv };
	struct pair_script conf_script = { .script = &script,
					   .interval = 20 * USEC_PER_MSEC,
					   .timeout = 5 * USEC_PER_SEC,
					   .rise = 1,
					   .fall = 1 };
	struct pair_watch watch = { .tracker = 0, .script = &conf_script };
	struct vrrp_conf_tracker who = { .name = "s",
					 .kind = VRRP_TRACK_SCRIPT };
	struct vrrp_conf vrrp = { .trackers = &who, .nr_trackers = 1 };
	struct pair_conf pair = { .watches = &watch, .nr_watches = 1 };
	struct conf conf = { .vrrp = &vrrp, .pair = &pair };
	struct trackers *trackers;
	struct scripts *scripts;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert(mkdtemp(dir));
	snprintf(program, sizeof(program), "%s/s", dir);
	cr_assert_eq(chmod(dir, 0755), 0);
	loop = loop_new();
	scripts = scripts_new(loop);
	trackers = trackers_new(loop, scripts, take, NULL);
	trackers_configure(trackers, &conf);
	run_until(0, VRRP_TRACK_NO_EFFECT);
	/* A reload neither forgets it nor makes it a failure. */
	trackers_configure(trackers, &conf);
	cr_assert_eq(heard[0], VRRP_TRACK_NO_EFFECT);
	cr_assert_eq(symlink("/bin/true", program), 0);
	run_until(0, 1);
	cr_assert_eq(unlink(program), 0);
	run_until(0, 0);
	/* Another command under the name: that one has never run. */
	script.command = program;
	trackers_configure(trackers, &conf);
	run_until(0, VRRP_TRACK_NO_EFFECT);
	trackers_free(trackers);

	/* init_fail: down until it says otherwise. */
	who.init_fail = true;
	memset(said, 0, sizeof(said));
	trackers = trackers_new(loop, scripts, take, NULL);
	trackers_configure(trackers, &conf);
	run_until(0, 0);
	cr_assert_eq(symlink("/bin/true", program), 0);
	run_until(0, 1);
	trackers_free(trackers);
	scripts_free(scripts);
	loop_free(loop);
	unlink(program);
	rmdir(dir);
}
