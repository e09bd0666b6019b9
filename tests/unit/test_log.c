/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/log_limit.h"
#include "lib/log_pump.h"
#include "lib/log_sink.h"

/* Whoever waits for a reader that never reads is ended by this. */
static void setup(void)
{
	alarm(20);
}

TestSuite(log, .init = setup);

/* A socket of our own instead of /dev/log. */
static char folder[] = "/tmp/evenkeel-log.XXXXXX";
static char path[64];

static int syslogd(int type)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	unlink(path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	if (type == SOCK_STREAM)
		cr_assert_eq(listen(fd, 4), 0);
	return fd;
}

static void setup_folder(void)
{
	setup();
	memset(folder + sizeof(folder) - 7, 'X', 6);
	cr_assert_neq(mkdtemp(folder), NULL);
	snprintf(path, sizeof(path), "%s/log", folder);
}

static void teardown_folder(void)
{
	unlink(path);
	rmdir(folder);
}

/* What one datagram says; "" if there is none. */
static const char *heard(int fd)
{
	static char text[2048];
	ssize_t got = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

/* Until WORD is heard; how many other datagrams came before it, -1: it never is. */
static int heard_until(int fd, const char *word)
{
	const char *text;
	int count = 0;

	while (*(text = heard(fd))) {
		if (strstr(text, word))
			return count;
		count++;
	}
	return -1;
}

Test(log, syslog_is_told_in_the_words_of_rfc_3164, .init = setup_folder,
     .fini = teardown_folder)
{
	char head[64], tail[64];
	const char *text;
	int fd = syslogd(SOCK_DGRAM);

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_LOCAL3, LOG_LEVEL_INFO);
	log_warning("part", "says %d", 7);
	text = heard(fd);
	snprintf(head, sizeof(head), "<%d>", LOG_LOCAL3 | LOG_WARNING);
	snprintf(tail, sizeof(tail), " test[%d]: part: warning: says 7",
		 (int)getpid());
	cr_assert_eq(strncmp(text, head, strlen(head)), 0, "%s", text);
	/* "Nov  7 21:05:09", fifteen characters. */
	cr_assert_str_eq(text + strlen(head) + 15, tail);
	close(fd);
}

Test(log, a_syslogd_that_stands_still_costs_lines_and_nothing_else,
     .init = setup_folder, .fini = teardown_folder)
{
	int fd = syslogd(SOCK_DGRAM), i, before;

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	for (i = 0; i < 5000; i++) {
		errno = 77;
		log_notice("part", "line %d", i);
		cr_assert_eq(errno, 77);
	}
	cr_assert_gt(log_lost(), 0);
	cr_assert_lt(log_lost(), 5000);
	/* It wakes up: what was kept comes first, in order, then the count. */
	for (i = 0; i < 5000; i++) {
		char word[32];

		snprintf(word, sizeof(word), "line %d", i);
		before = heard_until(fd, word);
		log_flush();
		if (before != 0)
			break;
	}
	cr_assert_eq((uint64_t)i, 5000 - log_lost());
	log_notice("part", "through");
	cr_assert_geq(heard_until(fd, "through"), 0);
	close(fd);
}

Test(log, the_count_of_lost_lines_is_said_once, .init = setup_folder,
     .fini = teardown_folder)
{
	int fd = syslogd(SOCK_DGRAM), i, said = 0;
	char word[64];

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	for (i = 0; i < 5000; i++)
		log_notice("part", "line %d", i);
	snprintf(word, sizeof(word),
		 "warning: %llu earlier lines could not be written",
		 (unsigned long long)log_lost());
	for (i = 0; i < 6000; i++) {
		said += strstr(heard(fd), word) != NULL;
		log_flush();
	}
	cr_assert_eq(said, 1);
	close(fd);
}

Test(log, a_syslogd_that_comes_back_gets_what_was_said, .init = setup_folder,
     .fini = teardown_folder)
{
	int fd = syslogd(SOCK_DGRAM);

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	log_notice("part", "first");
	cr_assert_eq(heard_until(fd, "first"), 0);
	close(fd);
	log_notice("part", "meanwhile");
	fd = syslogd(SOCK_DGRAM);
	log_notice("part", "again");
	cr_assert_eq(heard_until(fd, "meanwhile"), 0);
	cr_assert_eq(heard_until(fd, "again"), 0);
	cr_assert_eq(log_lost(), 0);
	close(fd);
}

Test(log, a_stream_that_nobody_reads_stops_nobody, .init = setup_folder,
     .fini = teardown_folder)
{
	int fd = syslogd(SOCK_STREAM), i, conn;
	char text[256];

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	for (i = 0; i < 4000; i++)
		log_notice("part", "line %d", i);
	cr_assert_gt(log_lost(), 0);
	conn = accept(fd, NULL, NULL);
	cr_assert_geq(conn, 0);
	cr_assert_gt(read(conn, text, sizeof(text) - 1), 0);
	/* A record of a stream ends with a NUL. */
	cr_assert_neq(strstr(text, "part: line 0"), NULL);
	close(conn);
	close(fd);
}

Test(log, a_full_pipe_costs_lines_and_nothing_else)
{
	int pipes[2], other, i;
	static char text[1 << 20];
	size_t used = 0;
	struct pollfd fd;
	ssize_t got;

	cr_assert_eq(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	other = pipes[1];
	log_init("test", LOG_TO_STDERR, LOG_DAEMON, LOG_LEVEL_INFO);
	/* The others that write to the same pipe go on waiting as they did. */
	cr_assert_eq(fcntl(other, F_GETFL) & O_NONBLOCK, 0);
	for (i = 0; i < 5000; i++)
		log_notice("part", "line %d.", i);
	cr_assert_gt(log_lost(), 0);
	fd = (struct pollfd){ .fd = pipes[0], .events = POLLIN };
	while (poll(&fd, 1, 0) > 0) {
		got = read(pipes[0], text + used, sizeof(text) - used - 1);
		cr_assert_gt(got, 0);
		used += (size_t)got;
		log_flush();
	}
	text[used] = '\0';
	for (i = 0; i < 5000 - (int)log_lost(); i++) {
		char word[32];

		snprintf(word, sizeof(word), "part: line %d.\n", i);
		cr_assert_neq(strstr(text, word), NULL, "%s", word);
	}
	cr_assert_neq(strstr(text, "earlier lines could not be written"), NULL);
}

/* Room that one writer sees and another takes: no writer waits for it. */
Test(log, several_writers_of_a_full_pipe_all_go_on)
{
	int pipes[2], i, k, status;
	pid_t pids[4];

	cr_assert_eq(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	log_init("test", LOG_TO_STDERR, LOG_DAEMON, LOG_LEVEL_INFO);
	for (k = 0; k < 4; k++) {
		pids[k] = fork();
		if (pids[k] != 0)
			continue;
		alarm(15);
		for (i = 0; i < 4000; i++)
			log_notice("part", "line %d of %d", i, k);
		_exit(0);
	}
	for (k = 0; k < 4; k++) {
		cr_assert_eq(waitpid(pids[k], &status, 0), pids[k]);
		cr_assert_eq(status, 0, "writer %d: %#x", k, (unsigned)status);
	}
}

/* A forked process writes its own lines, and not once more its parent's. */
Test(log, a_fork_leaves_the_lines_that_wait_to_its_parent, .init = setup_folder,
     .fini = teardown_folder)
{
	int fd = syslogd(SOCK_DGRAM), i, twice = 0, status;
	char text[2048];
	pid_t pid;

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	for (i = 0; i < 250; i++)
		log_notice("part", "line %d.", i);
	while (*heard(fd))
		;
	pid = fork();
	if (pid == 0) {
		log_notice("part", "the child");
		log_flush();
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	snprintf(text, sizeof(text), "%s", heard(fd));
	cr_assert_neq(strstr(text, "the child"), NULL, "%s", text);
	for (i = 0; i < 250; i++) {
		log_flush();
		twice += strstr(heard(fd), "line 249.") != NULL;
	}
	cr_assert_eq(twice, 1);
	close(fd);
}

Test(log, a_standard_error_that_is_a_socket_is_not_waited_for)
{
	struct log_sink *sink = calloc(1, sizeof(*sink));
	char text[64];
	int pair[2], i;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	dup2(pair[1], STDERR_FILENO);
	for (i = 0; i < 4000; i++)
		log_sink_put(sink, "a line of a log", 15);
	cr_assert_gt(sink->lost, 0);
	cr_assert(log_sink_waits(sink));
	cr_assert_eq(recv(pair[0], text, 16, 0), 16);
	cr_assert_eq(memcmp(text, "a line of a log\n", 16), 0);
	free(sink);
}

static void pump_end(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

/* The last lines before a silence do not wait for the next thing to happen. */
Test(log, the_pump_writes_what_waits, .init = setup_folder,
     .fini = teardown_folder)
{
	struct loop *loop = loop_new();
	struct loop_timer end;
	struct log_pump pump;
	int fd = syslogd(SOCK_DGRAM), i;
	bool last = false;

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	log_pump_start(&pump, loop);
	for (i = 0; i < 250; i++)
		log_notice("part", "line %d.", i);
	for (i = 0; i < 2000 && !last; i++) {
		const char *text;

		while (*(text = heard(fd)))
			last = last || strstr(text, "line 249.");
		loop_timer_init(loop, &end, pump_end);
		loop_timer_set(&end, loop_now(loop) + 10 * USEC_PER_MSEC);
		loop_run(loop);
	}
	cr_assert(last);
	log_pump_stop(&pump);
	loop_free(loop);
	close(fd);
}

Test(log, a_full_disk_costs_lines_and_nothing_else)
{
	int full = open("/dev/full", O_WRONLY);
	int pipes[2];
	char text[512];
	ssize_t len;

	cr_assert_geq(full, 0);
	cr_assert_eq(pipe(pipes), 0);
	log_init("test", LOG_TO_STDERR, LOG_DAEMON, LOG_LEVEL_INFO);
	dup2(full, STDERR_FILENO);
	errno = 77;
	log_notice("part", "lost %d", 1);
	log_notice("part", "lost %d", 2);
	cr_assert_eq(errno, 77);
	cr_assert_eq(log_lost(), 2);
	dup2(pipes[1], STDERR_FILENO);
	log_notice("part", "through");
	/* Both lines are in the pipe by now: one read takes them. */
	len = read(pipes[0], text, sizeof(text) - 1);
	cr_assert_gt(len, 0);
	text[len] = '\0';
	cr_assert_neq(strstr(text, "part: through\n"), NULL);
	cr_assert_neq(strstr(text, "2 earlier lines could not be written"),
		      NULL);
}

Test(log, levels)
{
	int pipes[2];
	char text[512];
	ssize_t len;

	cr_assert_eq(pipe(pipes), 0);
	log_init("test", LOG_TO_STDERR, LOG_DAEMON, LOG_LEVEL_WARNING);
	dup2(pipes[1], STDERR_FILENO);
	log_notice("part", "not seen");
	log_warning("part", "seen");
	len = read(pipes[0], text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	cr_assert_neq(strstr(text, "test["), NULL);
	cr_assert_neq(strstr(text, "part: warning: seen\n"), NULL);
	cr_assert_eq(strstr(text, "not seen"), NULL);
}

/* Of a flood so many lines in a minute are written; the others are counted. */
Test(log, a_cause_that_floods_is_cut_short, .init = setup_folder,
     .fini = teardown_folder)
{
	struct log_limit limit = { .part = "check",
				   .what = "results",
				   .most = 5 };
	int fd = syslogd(SOCK_DGRAM), i, passed = 0;
	usec_t now = 1000 * USEC_PER_SEC;

	log_use_socket(path);
	log_init("test", LOG_TO_SYSLOG, LOG_DAEMON, LOG_LEVEL_INFO);
	for (i = 0; i < 1000; i++, now += USEC_PER_MSEC)
		passed += log_limit_pass(&limit, now);
	cr_assert_eq(passed, 5);
	cr_assert_eq(heard_until(fd, "more than 5 lines in a minute (results)"),
		     0);
	cr_assert_str_eq(heard(fd), "");
	now += 60 * USEC_PER_SEC;
	cr_assert(log_limit_pass(&limit, now));
	cr_assert_eq(heard_until(fd, "995 lines were left out (results)"), 0);
	/* A cause that keeps within the limit is never cut. */
	for (i = 0; i < 1000; i++, now += 15 * USEC_PER_SEC)
		cr_assert(log_limit_pass(&limit, now));
	cr_assert_str_eq(heard(fd), "");
	close(fd);
}
