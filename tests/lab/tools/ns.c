// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ns NAME COMMAND... - runs a command in a network namespace that ip-netns
 * made. What nsenter --net does, but linked statically: under emulation most
 * of a small program's time goes into finding its libraries, and the lab's
 * scripts run this one thousands of times.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[256];
	int fd;

	if (argc < 3) {
		fputs("usage: ns NAME COMMAND...\n", stderr);
		return 126;
	}
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0) {
		perror(path);
		return 126;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
