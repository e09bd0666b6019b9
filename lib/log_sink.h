/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where finished lines go: syslog's socket, or standard error. No call here
 * waits for the reader: a daemon that logs must go on while its syslogd stands
 * still or the pipe behind standard error is full. Lines that find no room are
 * kept, in their order, up to LOG_SINK_ROOM bytes; later ones are lost and
 * counted. syslog(3) and a plain write(2) would both wait.
 *
 * Standard error is shared with processes that know nothing of us, so the flag
 * O_NONBLOCK is never set on it. A pipe or a terminal is opened once more
 * instead (log_sink_own_stderr()), which makes a file description that is ours
 * and our children's. A file on a disk is as fast as the disk.
 */
#ifndef EVENKEEL_LIB_LOG_SINK_H
#define EVENKEEL_LIB_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_SINK_ROOM 65536
/* A longer line is cut by the caller; one of this length goes in one piece. */
#define LOG_SINK_LINE 1400

struct log_sink {
	const char *path; /* of syslog's socket; NULL: standard error */
	int fd; /* syslog's socket, -1: not connected; means nothing without PATH */
	bool stream; /* syslog's socket is one for a stream of records */
	bool torn; /* the last line went out in part only */
	size_t first; /* in QUEUE: where the waiting records begin */
	size_t end;
	uint64_t lost; /* lines, since the start */
	char queue[LOG_SINK_ROOM]; /* records: uint16_t length, bytes */
};

/* Connect to syslog, if it is not yet. Returns 0 or -errno; the lines try again. */
int log_sink_open(struct log_sink *sink);
/* LINE, without a newline, ends with a NUL. Written, kept, or lost. */
void log_sink_put(struct log_sink *sink, const char *line, size_t length);
/* The same from a signal's handler: waiting lines are left alone. */
void log_sink_last(struct log_sink *sink, const char *line, size_t length);
/* Write the waiting lines, as far as there is room. */
void log_sink_flush(struct log_sink *sink);
bool log_sink_waits(const struct log_sink *sink);
/* The descriptor to poll for room; -1: none is open. */
int log_sink_fd(const struct log_sink *sink);

/*
 * In a forked process: waiting lines are the parent's to write, and the
 * socket's number may name another file by now.
 */
void log_sink_forget(struct log_sink *sink);

/*
 * Give this process and its children a standard error that does not wait. If it
 * cannot be opened again (no /proc, not allowed), room is still asked for
 * before each line; only several writers at the same moment can then wait.
 */
void log_sink_own_stderr(void);

#endif
