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
#include <sys/inotify.h>
#include <sys/stat.h>
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

/*
 * The C library's own declarations name their arguments in its own way, so these
 * definitions have names of this file and the library's symbols.
 */
int stand_open_here(const char *path, int flags, ...) __asm__("open");
int stand_open64(const char *path, int flags, ...) __asm__("open64");
int stand_openat(int folder, const char *path, int flags,
		 ...) __asm__("openat");
int stand_unlink(const char *path) __asm__("unlink");
int stand_rename(const char *from, const char *to) __asm__("rename");
int stand_fsync(int fd) __asm__("fsync");
int stand_stat(const char *path, struct stat *st) __asm__("stat");
int stand_lstat(const char *path, struct stat *st) __asm__("lstat");
int stand_access(const char *path, int mode) __asm__("access");
int stand_watch(int fd, const char *path,
		uint32_t mask) __asm__("inotify_add_watch");

static int stand_open(int folder, const char *path, int flags, int mode)
{
	stand(path);
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

/* Like stand_open() with the third argument that open() has, if FLAGS say so. */
static int stand_open_with(int folder, const char *path, int flags,
			   va_list args)
{
	return stand_open(folder, path, flags,
			  (flags & O_CREAT) ? va_arg(args, int) : 0);
}

int stand_open_here(const char *path, int flags, ...)
{
	va_list args;
	int fd;

	va_start(args, flags);
	fd = stand_open_with(AT_FDCWD, path, flags, args);
	va_end(args);
	return fd;
}

/*
 * No alias of the other: where the C library checks arguments (_FORTIFY_SOURCE)
 * its header defines open() as well, and gcc refuses the alias.
 */
int stand_open64(const char *path, int flags, ...)
{
	va_list args;
	int fd;

	va_start(args, flags);
	fd = stand_open_with(AT_FDCWD, path, flags, args);
	va_end(args);
	return fd;
}

int stand_openat(int folder, const char *path, int flags, ...)
{
	va_list args;
	int fd;

	va_start(args, flags);
	fd = stand_open_with(folder, path, flags, args);
	va_end(args);
	return fd;
}

int stand_unlink(const char *path)
{
	stand(path);
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int stand_rename(const char *from, const char *to)
{
	stand(from);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int stand_fsync(int fd)
{
	char name[40], path[4096];
	ssize_t length;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	length = readlink(name, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	stand(path);
	return (int)syscall(SYS_fsync, fd);
}

int stand_stat(const char *path, struct stat *st)
{
	stand(path);
	return fstatat(AT_FDCWD, path, st, 0);
}

int stand_lstat(const char *path, struct stat *st)
{
	stand(path);
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int stand_access(const char *path, int mode)
{
	stand(path);
	return faccessat(AT_FDCWD, path, mode, 0);
}

int stand_watch(int fd, const char *path, uint32_t mask)
{
	stand(path);
	return (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}
