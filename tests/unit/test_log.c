/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/log.h"

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
