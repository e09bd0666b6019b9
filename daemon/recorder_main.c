/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file must be nobody else's: it is not followed through a link, belongs to
 * us, has no second name, was never open to others' writing (who opened it then
 * writes still), and stands in a folder where others cannot replace it. A write that fails half-way is taken back, so that the file ends with a
 * whole frame; after that nothing is written until main begins again, since the
 * frames behind a loss cannot be read.
 *
 * The end of the channel means that main is gone or wants no more: the messages
 * in the channel are written first.
 */
#include "daemon/recorder_main.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/ipc.h"

/* Times 100 ms: how long a predecessor may take to finish. */
#define RECORDER_LOCK_TRIES 50

struct recorder_main {
	int sock;
	int folder; /* of the file, -1: not open; likewise FD */
	int fd;
	uint64_t most;
	char path[IPC_RECORD_PATH_MAX];
	const char *name; /* in the folder */
	struct ipc_record_state state;
	bool ended;
	struct ipc_message message; /* large, so not on a stack */
};

static int recorder_main_open_folder(const char *path, const char *name)
{
	char folder[IPC_RECORD_PATH_MAX];
	struct stat st;
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", (int)(name - path), path);
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	    (!(st.st_mode & 022) || (st.st_mode & S_ISVTX)))
		return fd;
	close(fd);
	return -EPERM;
}

/* Returns the descriptor or -errno. *SIZE: of the file. */
static int recorder_main_open_file(int folder, const char *name, uint64_t *size)
{
	/* O_NONBLOCK: a pipe must not hold us. */
	int fd = openat(folder, name,
			O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
				O_NONBLOCK | O_NOCTTY,
			0600);
	struct stat st;
	int error = 0;

	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (fstat(fd, &st) < 0)
		error = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		 st.st_nlink != 1 || (st.st_mode & 022))
		error = -EPERM;
	else if ((st.st_mode & 077) && fchmod(fd, 0600) < 0)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

/*
 * A process that is at its end, of a daemon before us, may have to finish with
 * the file: frames of two must not be mixed. Returns 0, -EAGAIN if the name is
 * another file's by now, or -EBUSY.
 */
static int recorder_main_lock(int folder, const char *name, int fd)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct stat there, here;
	int tries = RECORDER_LOCK_TRIES;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (--tries == 0)
			return -EBUSY;
		nanosleep(&pause, NULL);
	}
	if (fstat(fd, &here) < 0 ||
	    fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	return here.st_dev == there.st_dev && here.st_ino == there.st_ino ?
		       0 :
		       -EAGAIN;
}

static void recorder_main_close(struct recorder_main *child)
{
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
}

static int recorder_main_open(struct recorder_main *child)
{
	int error, i;

	if (child->fd >= 0)
		return 0;
	if (child->folder < 0)
		child->folder =
			recorder_main_open_folder(child->path, child->name);
	if (child->folder < 0)
		return child->folder;
	for (i = 0; i < RECORDER_LOCK_TRIES; i++) {
		child->fd = recorder_main_open_file(child->folder, child->name,
						    &child->state.size);
		if (child->fd < 0)
			return child->fd;
		error = recorder_main_lock(child->folder, child->name,
					   child->fd);
		if (error == 0)
			return 0;
		recorder_main_close(child);
		if (error != -EAGAIN)
			return error;
	}
	return -EBUSY;
}

/* The present file becomes FILE.1; the one before is gone. */
static int recorder_main_roll(struct recorder_main *child)
{
	char old[IPC_RECORD_PATH_MAX + 2];

	snprintf(old, sizeof(old), "%s.1", child->name);
	if (renameat(child->folder, child->name, child->folder, old) < 0)
		return -errno;
	recorder_main_close(child);
	return recorder_main_open(child);
}

static int recorder_main_write(struct recorder_main *child, const void *bytes,
			       size_t length)
{
	const char *at = bytes, *end = at + length;
	ssize_t wrote;
	int error;

	if (child->state.size + length > child->most)
		return -EFBIG;
	while (at < end) {
		wrote = write(child->fd, at, (size_t)(end - at));
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			error = wrote < 0 ? -errno : -EIO;
			/* Without that, readers see a cut frame and go on. */
			(void)!ftruncate(child->fd, (off_t)child->state.size);
			return error;
		}
		at += wrote;
	}
	child->state.size += length;
	return 0;
}

static void recorder_main_fail(struct recorder_main *child, int error)
{
	child->state.error = (uint32_t)-error;
	/* The way to the file may be another one at the next try. */
	recorder_main_close(child);
	if (child->folder >= 0)
		close(child->folder);
	child->folder = -1;
}

static void recorder_main_put(struct recorder_main *child, const void *bytes,
			      size_t length, uint64_t inputs)
{
	int error = 0;

	child->state.taken += length;
	if (child->state.error)
		return;
	error = child->fd < 0 ? -EBADF :
				recorder_main_write(child, bytes, length);
	if (error < 0)
		recorder_main_fail(child, error);
	else
		child->state.inputs += inputs;
}

static void recorder_main_take_open(void *arg, const struct ipc_message *msg)
{
	struct recorder_main *child = arg;
	const struct ipc_record_open *open = (const void *)msg->body;

	recorder_main_fail(child, 0); /* closes all */
	child->state = (struct ipc_record_state){ 0 };
	child->most = open->most;
	snprintf(child->path, sizeof(child->path), "%.*s",
		 (int)sizeof(open->path) - 1, open->path);
	child->name = strrchr(child->path, '/');
	child->name = child->name ? child->name + 1 : child->path;
}

static void recorder_main_take_bytes(void *arg, const struct ipc_message *msg)
{
	const struct ipc_record_bytes *head = (const void *)msg->body;

	recorder_main_put(arg, msg->body + sizeof(*head),
			  msg->length - sizeof(*head), head->inputs);
}

/* Ready the file for a beginning of LENGTH bytes. */
static int recorder_main_begin(struct recorder_main *child, uint64_t length,
			       bool roll)
{
	int error = recorder_main_open(child);

	child->state.begun++;
	child->state.error = 0;
	child->state.inputs = 0;
	if (error == 0 && child->state.size > 0 &&
	    (roll || child->state.size + length > child->most))
		error = recorder_main_roll(child);
	return error;
}

static void recorder_main_take_blob(void *arg, const struct ipc_message *msg)
{
	struct recorder_main *child = arg;
	const struct ipc_record_blob *blob = (const void *)msg->body;
	void *bytes = MAP_FAILED;
	int error = 0;

	if (msg->fd >= 0 && blob->length > 0)
		bytes = mmap(NULL, blob->length, PROT_READ, MAP_PRIVATE,
			     msg->fd, 0);
	if (bytes == MAP_FAILED) {
		child->state.taken += blob->length;
		recorder_main_fail(child, -ENOMEM);
		return;
	}
	if (blob->flags & IPC_RECORD_BEGINS)
		error = recorder_main_begin(child, blob->length,
					    blob->flags & IPC_RECORD_ROLL);
	if (error < 0)
		recorder_main_fail(child, error);
	recorder_main_put(child, bytes, blob->length, blob->inputs);
	munmap(bytes, blob->length);
}

static void recorder_main_take_ping(void *arg, const struct ipc_message *msg)
{
	struct recorder_main *child = arg;

	ipc_answer(child->sock, msg);
}

static const struct ipc_handler recorder_main_messages[] = {
	{ IPC_RECORD_OPEN, recorder_main_take_open },
	{ IPC_RECORD_BYTES, recorder_main_take_bytes },
	{ IPC_RECORD_BLOB, recorder_main_take_blob },
	{ IPC_PING, recorder_main_take_ping },
	{ IPC_NONE, NULL },
};

/* Returns false when there is no more. */
static bool recorder_main_receive(struct recorder_main *child)
{
	int got = ipc_recv(child->sock, &child->message);

	if (got == 0 || got == -EPIPE || got == -ECONNRESET)
		child->ended = true;
	if (got != 1)
		return got == -EBADMSG;
	ipc_dispatch(recorder_main_messages, child, &child->message);
	if (child->message.fd >= 0)
		close(child->message.fd);
	/*
	 * A report that has no room is made good by the next, in a second at
	 * last.
	 */
	(void)ipc_send(child->sock, IPC_RECORD_STATE, 0, &child->state,
		       sizeof(child->state), -1);
	return true;
}

int recorder_main(int sock)
{
	struct recorder_main *child = xcalloc(1, sizeof(*child));
	struct pollfd fd = { .fd = sock, .events = POLLIN };

	/* Main's end, and a stop of the whole unit, are not ours yet. */
	prctl(PR_SET_PDEATHSIG, 0);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	umask(077);
	child->sock = sock;
	child->folder = child->fd = -1;
	child->name = child->path;
	while (!child->ended) {
		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			break;
		while (recorder_main_receive(child))
			;
	}
	recorder_main_fail(child, 0);
	free(child);
	return 0;
}
