/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk that stands still, for a process that loads this before its libraries:
 * while the file STAND_WHILE exists, calls on files below STAND_BELOW, and each
 * fsync() of a file there, do not return.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void stand(const char *path)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	const char *below = getenv("STAND_BELOW"),
		   *file = getenv("STAND_WHILE");

	if (!below || !file || strncmp(path, below, strlen(below)) != 0)
		return;
	while (syscall(SYS_faccessat, AT_FDCWD, file, F_OK) == 0)
		nanosleep(&pause, NULL);
}

static int stand_open(int folder, const char *path, int flags, int mode)
{
	stand(path);
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define STAND_MODE(flags, mode)                   \
	do {                                      \
		va_list args;                     \
		va_start(args, flags);            \
		if ((flags)&O_CREAT)              \
			mode = va_arg(args, int); \
		va_end(args);                     \
	} while (0)

int open(const char *path, int flags, ...)
{
	int mode = 0;

	STAND_MODE(flags, mode);
	return stand_open(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	int mode = 0;

	STAND_MODE(flags, mode);
	return stand_open(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	int mode = 0;

	STAND_MODE(flags, mode);
	return stand_open(folder, path, flags, mode);
}

int unlink(const char *path)
{
	stand(path);
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int rename(const char *from, const char *to)
{
	stand(from);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fsync(int fd)
{
	char name[40], path[4096];
	ssize_t length;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	length = readlink(name, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	stand(path);
	return (int)syscall(SYS_fsync, fd);
}
