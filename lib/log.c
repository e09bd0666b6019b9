/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* The one set of globals that the whole program shares: see CONTRIBUTING. */
static struct {
	const char *ident;
	enum log_target target;
	enum log_level level;
	uint64_t lost;
	uint64_t lost_told;
} log_state = { .ident = "evenkeel",
		.target = LOG_TO_STDERR,
		.level = LOG_LEVEL_INFO };

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

void log_init(const char *ident, enum log_target target, int facility,
	      enum log_level level)
{
	log_state.ident = ident;
	log_state.target = target;
	log_state.level = level;
	if (target == LOG_TO_SYSLOG)
		openlog(ident, LOG_PID | LOG_NDELAY, facility);
}

void log_set_level(enum log_level level)
{
	log_state.level = level;
}

bool log_enabled(enum log_level level)
{
	return level <= log_state.level;
}

uint64_t log_lost(void)
{
	return log_state.lost;
}

static size_t log_stamp(char *out, size_t size)
{
	struct timespec now;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm);
	len += (size_t)snprintf(out + len, size - len, ".%03ld",
				now.tv_nsec / 1000000);
	return len;
}

/* One write for the whole line, so that lines of several processes stay apart. */
static void log_to_stderr(enum log_level level, const char *part,
			  const char *text)
{
	char head[128];
	size_t len = log_stamp(head, sizeof(head));
	struct iovec iov[3];

	len += (size_t)snprintf(head + len, sizeof(head) - len,
				" %s[%d] %s: %s", log_state.ident,
				(int)getpid(), part, log_levels[level].word);
	if (len >= sizeof(head))
		len = sizeof(head) - 1;
	iov[0] = (struct iovec){ .iov_base = head, .iov_len = len };
	iov[1] = (struct iovec){ .iov_base = (void *)(uintptr_t)text,
				 .iov_len = strlen(text) };
	iov[2] = (struct iovec){ .iov_base = (void *)(uintptr_t) "\n",
				 .iov_len = 1 };
	if (writev(STDERR_FILENO, iov, 3) < 0)
		log_state.lost++;
}

static void log_line(enum log_level level, const char *part, const char *text)
{
	if (log_state.target == LOG_TO_STDERR)
		log_to_stderr(level, part, text);
	else
		syslog(log_levels[level].priority, "%s: %s%s", part,
		       log_levels[level].word, text);
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
	lost = log_state.lost;
	log_line(level, part, text);
	if (log_state.lost == lost && lost > log_state.lost_told) {
		snprintf(text, sizeof(text),
			 "%llu earlier lines could not be written",
			 (unsigned long long)(lost - log_state.lost_told));
		log_state.lost_told = lost;
		log_line(LOG_LEVEL_WARNING, "log", text);
	}
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

noreturn void fatal(const char *part, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(LOG_LEVEL_ERROR, part, fmt, ap);
	va_end(ap);
	exit(EXIT_FAILURE);
}
