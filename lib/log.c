/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log.h"

#include <errno.h>
#include <paths.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/log_sink.h"

/* The time that a process at its end gives waiting lines, in milliseconds. */
#define LOG_LAST_MS 100

/* The one set of globals that the whole program shares: see CONTRIBUTING. */
static struct {
	const char *ident;
	enum log_target target;
	enum log_level level;
	int facility;
	pid_t pid; /* whose lines wait in the sink */
	bool ready; /* log_init() was called */
	uint64_t lost_told;
	const char *socket;
	void (*waits)(void *arg);
	void *arg;
	struct log_sink sink;
} log_state = { .ident = "evenkeel",
		.target = LOG_TO_STDERR,
		.level = LOG_LEVEL_INFO,
		.socket = _PATH_LOG,
		.sink = { .fd = -1 } };

static const struct {
	const char *word;
	int priority;
} log_levels[] = {
	[LOG_LEVEL_ERROR] = { "error: ", LOG_ERR },
	[LOG_LEVEL_WARNING] = { "warning: ", LOG_WARNING },
	[LOG_LEVEL_NOTICE] = { "", LOG_NOTICE },
	[LOG_LEVEL_INFO] = { "", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug: ", LOG_DEBUG },
};

static void log_last(void)
{
	struct log_sink *sink = &log_state.sink;
	struct pollfd room = { .fd = log_sink_fd(sink), .events = POLLOUT };

	if (log_state.pid != getpid())
		return;
	log_sink_flush(sink);
	if (log_sink_waits(sink) && room.fd >= 0 &&
	    poll(&room, 1, LOG_LAST_MS) > 0)
		log_sink_flush(sink);
}

void log_init(const char *ident, enum log_target target, int facility,
	      enum log_level level)
{
	log_state.ident = ident;
	log_state.target = target;
	log_state.level = level;
	log_state.facility = facility;
	log_state.sink.path = target == LOG_TO_SYSLOG ? log_state.socket : NULL;
	log_state.pid = getpid();
	if (!log_state.ready)
		atexit(log_last);
	log_state.ready = true;
	if (target == LOG_TO_STDERR)
		log_sink_own_stderr();
	else /* now, while this process may still open it */
		log_sink_open(&log_state.sink);
}

void log_use_socket(const char *path)
{
	log_state.socket = path;
}

void log_on_waiting(void (*waits)(void *arg), void *arg)
{
	log_state.waits = waits;
	log_state.arg = arg;
}

void log_set_level(enum log_level level)
{
	log_state.level = level;
}

enum log_target log_get_target(void)
{
	return log_state.target;
}

enum log_level log_get_level(void)
{
	return log_state.level;
}

bool log_enabled(enum log_level level)
{
	return level <= log_state.level;
}

uint64_t log_lost(void)
{
	return log_state.sink.lost;
}

/* As syslog(3) and the lines of RFC 3164 have it, without a host's name. */
static size_t log_head_syslog(enum log_level level, const struct timespec *now,
			      char *out, size_t size)
{
	struct tm tm;
	char stamp[32];

	localtime_r(&now->tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	return (size_t)snprintf(out, size, "<%d>%s %s[%d]: ",
				log_state.facility | log_levels[level].priority,
				stamp, log_state.ident, (int)getpid());
}

static size_t log_head_stderr(const struct timespec *now, char *out,
			      size_t size)
{
	struct tm tm;
	char stamp[32];

	localtime_r(&now->tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	return (size_t)snprintf(out, size, "%s.%03ld %s[%d] ", stamp,
				now->tv_nsec / 1000000, log_state.ident,
				(int)getpid());
}

static void log_line(enum log_level level, const char *part, const char *text)
{
	char line[LOG_SINK_LINE + 1];
	struct timespec now;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	if (log_state.target == LOG_TO_STDERR)
		length = log_head_stderr(&now, line, sizeof(line));
	else
		length = log_head_syslog(level, &now, line, sizeof(line));
	if (length >= sizeof(line))
		return;
	length += (size_t)snprintf(line + length, sizeof(line) - length,
				   "%s: %s%s", part, log_levels[level].word,
				   text);
	if (length >= sizeof(line))
		length = sizeof(line) - 1;
	log_sink_put(&log_state.sink, line, length);
}

/* No line waits any more, and the last one went well: now is the time. */
static void log_tell_lost(void)
{
	uint64_t lost = log_state.sink.lost;
	char text[64];

	if (lost == log_state.lost_told || log_sink_waits(&log_state.sink))
		return;
	snprintf(text, sizeof(text), "%llu earlier lines could not be written",
		 (unsigned long long)(lost - log_state.lost_told));
	log_state.lost_told = lost;
	log_line(LOG_LEVEL_WARNING, "log", text);
}

size_t log_kept(void)
{
	return log_state.sink.end - log_state.sink.first;
}

bool log_flush(void)
{
	uint64_t lost = log_state.sink.lost;

	log_sink_flush(&log_state.sink);
	if (log_state.sink.lost == lost)
		log_tell_lost();
	return !log_sink_waits(&log_state.sink);
}

/* Lines are kept: somebody has to write them, or this process waits itself. */
static void log_care(void)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

	while (!log_state.ready && !log_flush())
		poll(&room, 1, -1);
	if (log_state.waits && log_sink_waits(&log_state.sink))
		log_state.waits(log_state.arg);
}

static void log_va(enum log_level level, const char *part, const char *fmt,
		   va_list ap) __attribute__((format(printf, 3, 0)));

static void log_va(enum log_level level, const char *part, const char *fmt,
		   va_list ap)
{
	int saved = errno;
	char text[1024];
	uint64_t lost;

	if (!log_enabled(level))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (log_state.ready && log_state.pid != getpid()) {
		log_sink_forget(&log_state.sink);
		log_state.pid = getpid();
		log_state.waits = NULL; /* its loop is the parent's */
	}
	lost = log_state.sink.lost;
	log_line(level, part, text);
	if (log_state.sink.lost == lost)
		log_tell_lost();
	log_care();
	errno = saved;
}

#define LOG_VERB(name, level)                             \
	void name(const char *part, const char *fmt, ...) \
	{                                                 \
		va_list ap;                               \
                                                          \
		va_start(ap, fmt);                        \
		log_va(level, part, fmt, ap);             \
		va_end(ap);                               \
	}

LOG_VERB(log_error, LOG_LEVEL_ERROR)
LOG_VERB(log_warning, LOG_LEVEL_WARNING)
LOG_VERB(log_notice, LOG_LEVEL_NOTICE)
LOG_VERB(log_info, LOG_LEVEL_INFO)
LOG_VERB(log_debug, LOG_LEVEL_DEBUG)

static size_t log_append(char *line, size_t length, const char *text)
{
	while (*text && length < LOG_SINK_LINE)
		line[length++] = *text++;
	return length;
}

void log_from_signal(const char *part, const char *text)
{
	/* As syslog has it: facility daemon, an error. */
	const char *head = log_state.target == LOG_TO_SYSLOG ? "<27>" : "";
	char line[LOG_SINK_LINE + 1], digits[12], *digit = digits + 11;
	unsigned pid = (unsigned)getpid();
	size_t length = 0;

	if (log_state.pid != getpid())
		log_sink_forget(&log_state.sink);
	for (*digit = '\0'; pid > 0; pid /= 10)
		*--digit = (char)('0' + pid % 10);
	length = log_append(line, length, head);
	length = log_append(line, length, log_state.ident);
	length = log_append(line, length, "[");
	length = log_append(line, length, digit);
	length = log_append(line, length, *head ? "]: " : "] ");
	length = log_append(line, length, part);
	length = log_append(line, length, ": error: ");
	length = log_append(line, length, text);
	line[length] = '\0';
	log_sink_last(&log_state.sink, line, length);
}

noreturn void fatal(const char *part, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(LOG_LEVEL_ERROR, part, fmt, ap);
	va_end(ap);
	exit(EXIT_FAILURE);
}
