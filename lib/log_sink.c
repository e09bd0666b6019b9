/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void sink_close(struct log_sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
}

static int sink_connect(struct log_sink *sink, int type)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int error = 0;

	strncpy(name.sun_path, sink->path, sizeof(name.sun_path) - 1);
	sink->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sink->fd < 0)
		return -errno;
	if (connect(sink->fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		error = -errno;
		sink_close(sink);
	}
	sink->stream = type == SOCK_STREAM;
	return error;
}

/* Datagrams almost everywhere; some syslogds have a stream under that name. */
int log_sink_open(struct log_sink *sink)
{
	int error;

	if (sink->fd >= 0)
		return 0;
	error = sink_connect(sink, SOCK_DGRAM);
	if (error == -EPROTOTYPE)
		error = sink_connect(sink, SOCK_STREAM);
	return error;
}

/* Returns how much was sent, or -errno. */
static ssize_t sink_send(int fd, const struct iovec *iov, size_t count)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov,
			      .msg_iovlen = count };
	ssize_t got;

	do {
		got = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/*
 * A record of a stream ends with a NUL. A record sent in part ends with its
 * connection, else the next line would be taken for its rest.
 */
static int sink_try_syslog(struct log_sink *sink, const char *line,
			   size_t length)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)line,
			     .iov_len = length };
	int error = log_sink_open(sink);
	ssize_t got;

	if (error < 0)
		return error;
	iov.iov_len += sink->stream ? 1 : 0; /* LINE ends with a NUL */
	got = sink_send(sink->fd, &iov, 1);
	if (got >= 0 && (size_t)got < iov.iov_len) {
		sink_close(sink);
		return -EMSGSIZE;
	}
	return got < 0 ? (int)got : 0;
}

/* A syslogd that was started anew has another socket of the same name. */
static int sink_syslog(struct log_sink *sink, const char *line, size_t length)
{
	int error = sink_try_syslog(sink, line, length);

	if (error == 0 || error == -EMSGSIZE)
		return error;
	if (error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM)
		return -EAGAIN;
	sink_close(sink);
	error = sink_try_syslog(sink, line, length);
	/* There is no syslog: it may come back, and the line waits for it. */
	return error < 0 && error != -EMSGSIZE ? -EAGAIN : error;
}

static ssize_t sink_write_stderr(const struct iovec *iov, int count)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t got = sink_send(STDERR_FILENO, iov, (size_t)count);

	if (got != -ENOTSOCK)
		return got;
	if (poll(&room, 1, 0) == 0)
		return -EAGAIN;
	do {
		got = writev(STDERR_FILENO, iov, count);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* In one write, so that lines of several processes stay apart. */
static int sink_stderr(struct log_sink *sink, const char *line, size_t length)
{
	struct iovec iov[3] = {
		{ .iov_base = (void *)(uintptr_t) "\n", .iov_len = 1 },
		{ .iov_base = (void *)(uintptr_t)line, .iov_len = length },
		{ .iov_base = (void *)(uintptr_t) "\n", .iov_len = 1 },
	};
	size_t extra = sink->torn ? 1 : 0;
	ssize_t got = sink_write_stderr(sink->torn ? iov : iov + 1,
					sink->torn ? 3 : 2);

	if (got < 0)
		return (int)got;
	/* A terminal takes as much as it has room for. */
	sink->torn = (size_t)got < length + 1 + extra;
	return sink->torn ? -EMSGSIZE : 0;
}

/* 0; -EAGAIN if there is no room now; another -errno: the line is lost. */
static int sink_write(struct log_sink *sink, const char *line, size_t length)
{
	return sink->path ? sink_syslog(sink, line, length) :
			    sink_stderr(sink, line, length);
}

static bool sink_keep(struct log_sink *sink, const char *line, size_t length)
{
	uint16_t head = (uint16_t)length;
	size_t size = sizeof(head) + length + 1;

	if (LOG_SINK_ROOM - (sink->end - sink->first) < size)
		return false;
	if (LOG_SINK_ROOM - sink->end < size) {
		memmove(sink->queue, sink->queue + sink->first,
			sink->end - sink->first);
		sink->end -= sink->first;
		sink->first = 0;
	}
	memcpy(sink->queue + sink->end, &head, sizeof(head));
	memcpy(sink->queue + sink->end + sizeof(head), line, length);
	sink->queue[sink->end + size - 1] = '\0';
	sink->end += size;
	return true;
}

void log_sink_put(struct log_sink *sink, const char *line, size_t length)
{
	int error = -EAGAIN;

	if (length > LOG_SINK_LINE)
		length = LOG_SINK_LINE;
	log_sink_flush(sink);
	/* Lines stay in order: a new one does not overtake lines that wait. */
	if (!log_sink_waits(sink))
		error = sink_write(sink, line, length);
	if (error == -EAGAIN && sink_keep(sink, line, length))
		return;
	if (error < 0)
		sink->lost++;
}

void log_sink_last(struct log_sink *sink, const char *line, size_t length)
{
	(void)sink_write(sink, line, length);
}

void log_sink_flush(struct log_sink *sink)
{
	uint16_t length;
	int error;

	while (log_sink_waits(sink)) {
		memcpy(&length, sink->queue + sink->first, sizeof(length));
		error = sink_write(sink,
				   sink->queue + sink->first + sizeof(length),
				   length);
		if (error == -EAGAIN)
			return;
		if (error < 0)
			sink->lost++;
		sink->first += sizeof(length) + length + 1;
	}
	sink->first = 0;
	sink->end = 0;
}

bool log_sink_waits(const struct log_sink *sink)
{
	return sink->first < sink->end;
}

int log_sink_fd(const struct log_sink *sink)
{
	return sink->path ? sink->fd : STDERR_FILENO;
}

void log_sink_forget(struct log_sink *sink)
{
	sink->fd = -1;
	sink->torn = false;
	sink->first = 0;
	sink->end = 0;
}

void log_sink_own_stderr(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL), fd;
	struct stat st;

	if (flags < 0 || (flags & O_NONBLOCK) ||
	    fstat(STDERR_FILENO, &st) < 0 ||
	    !(S_ISFIFO(st.st_mode) || isatty(STDERR_FILENO)))
		return;
	fd = open("/proc/self/fd/2",
		  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	dup2(fd, STDERR_FILENO);
	close(fd);
}
