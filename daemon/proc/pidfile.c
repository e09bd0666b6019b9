/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/util.h"

/*
 * A process that a killed daemon was about to execute has the daemon's descriptors
 * until it does so.
 */
#define PIDFILE_PAUSE (20 * USEC_PER_MSEC)
#define PIDFILE_PATIENCE (5 * USEC_PER_SEC)
/* How often the lock's file may be found replaced while it is being taken. */
#define PIDFILE_TRIES 100

static int pidfile_name(const char *path, const char *end, char *out,
			size_t size)
{
	return snprintf(out, size, "%s%s", path, end) < (int)size ?
		       0 :
		       -ENAMETOOLONG;
}

/*
 * Opens the lock's file. A lock needs no more than an open descriptor, so
 * others could hold the lock of a file that they can open, for as long as they
 * like: such a file is refused. Returns fd or -errno.
 */
static int pidfile_open_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		error = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		 (st.st_mode & 077))
		error = -EPERM;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/*
 * Whether PATH still names the file of FD; a predecessor removes it at its end.
 */
static bool pidfile_is_there(const char *path, int fd)
{
	struct stat there, here;

	return lstat(path, &there) == 0 && fstat(fd, &here) == 0 &&
	       there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

/* Returns the descriptor that holds the lock, -EEXIST if another does, or -errno. */
static int pidfile_lock(const char *path)
{
	int fd, error, i;

	for (i = 0; i < PIDFILE_TRIES; i++) {
		fd = pidfile_open_lock(path);
		if (fd < 0)
			return fd;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			error = errno == EWOULDBLOCK ? -EEXIST : -errno;
			close(fd);
			return error;
		}
		if (pidfile_is_there(path, fd))
			return fd;
		close(fd);
	}
	return -EAGAIN;
}

static int pidfile_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char text[32];
	ssize_t len;

	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return (int)strtol(text, NULL, 10);
}

/* The same, after a moment if the daemon that had it is dead. */
static int pidfile_lock_soon(const char *path, const char *lock, int *pid)
{
	usec_t waited;
	int fd = -EEXIST;

	for (waited = 0; waited <= PIDFILE_PATIENCE; waited += PIDFILE_PAUSE) {
		fd = pidfile_lock(lock);
		if (fd != -EEXIST)
			return fd;
		*pid = pidfile_read(path);
		if (*pid <= 0 || kill(*pid, 0) == 0 || errno != ESRCH)
			break;
		usleep((useconds_t)PIDFILE_PAUSE);
	}
	return fd;
}

int pidfile_take(const char *path, int *pid)
{
	char lock[PATH_MAX];

	*pid = 0;
	if (pidfile_name(path, ".lock", lock, sizeof(lock)) < 0)
		return -ENAMETOOLONG;
	return pidfile_lock_soon(path, lock, pid);
}

/*
 * A new file is written and renamed into place: no reader sees half of it, and no
 * other file is cut. One that cannot be replaced is a dead daemon's, and its number
 * may be anybody's by now.
 */
int pidfile_write(const char *path)
{
	char temp[PATH_MAX], text[32];
	int fd, len, error = 0;

	if (pidfile_name(path, ".new", temp, sizeof(temp)) < 0)
		return -ENAMETOOLONG;
	unlink(temp);
	/* Not for others to write: a pid that anybody may set is a signal to anyone. */
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0644);
	if (fd < 0) {
		error = -errno;
		unlink(path);
		return error;
	}
	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	/* Despite the umask, others may read the pid. */
	if (fchmod(fd, 0644) < 0 || write(fd, text, (size_t)len) != len)
		error = errno ? -errno : -EIO;
	close(fd);
	if (error == 0 && rename(temp, path) < 0)
		error = -errno;
	if (error < 0) {
		unlink(temp);
		unlink(path);
	}
	return error;
}

void pidfile_drop(const char *path, int fd)
{
	char lock[PATH_MAX];

	if (fd < 0)
		return;
	unlink(path);
	if (pidfile_name(path, ".lock", lock, sizeof(lock)) == 0)
		unlink(lock);
	close(fd);
}
