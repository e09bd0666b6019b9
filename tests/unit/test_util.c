/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things: a write that is interrupted. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/util.h"

/* The bytes that came out of FD, of BYTES that count upwards; -1: others. */
static long read_counting(int fd, pid_t writer, size_t bytes)
{
	unsigned char part[4096];
	size_t done = 0;
	ssize_t got;

	while ((got = read(fd, part, sizeof(part))) > 0) {
		ssize_t i;

		for (i = 0; i < got; i++)
			if (part[i] !=
			    (unsigned char)((done + (size_t)i) % 251))
				return -1;
		done += (size_t)got;
		if (done < bytes)
			kill(writer, SIGUSR1);
	}
	return (long)done;
}

static void be_interrupted(int signal)
{
	(void)signal;
}

/* A pipe holds less than this, so that a signal finds the writer waiting. */
#define WHOLE_BYTES (1024 * 1024)

Test(util, writes_the_whole_whatever_signals_come)
{
	struct sigaction action = { .sa_handler = be_interrupted };
	unsigned char *bytes = xcalloc(WHOLE_BYTES, 1);
	int fds[2], status;
	pid_t reader;
	size_t i;

	for (i = 0; i < WHOLE_BYTES; i++)
		bytes[i] = (unsigned char)(i % 251);
	cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
	cr_assert_eq(pipe(fds), 0);
	reader = fork();
	if (reader == 0) {
		close(fds[1]);
		_exit(read_counting(fds[0], getppid(), WHOLE_BYTES) !=
		      WHOLE_BYTES);
	}
	close(fds[0]);
	cr_expect_eq(write_whole(fds[1], bytes, WHOLE_BYTES), 0);
	close(fds[1]);
	while (waitpid(reader, &status, 0) < 0)
		cr_assert_eq(errno, EINTR);
	cr_expect_eq(status, 0, "not all bytes came, in their order");
	free(bytes);
}

Test(util, says_why_it_cannot_write)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);

	cr_assert(full >= 0 && read_only >= 0);
	cr_expect_eq(write_whole(full, "x", 1), -ENOSPC);
	cr_expect_eq(write_whole(full, "x", 0), 0);
	cr_expect_eq(write_whole(read_only, "x", 1), -EBADF);
	cr_expect_eq(write_whole(-1, "x", 1), -EBADF);
	close(full);
	close(read_only);
}
