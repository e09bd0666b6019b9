/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: five verbs, each with the part of the program that speaks as its
 * first word ("vs", "check", "ipvs", "conf", ...). Lines go to syslog (and so
 * to the journal), or to standard error, in one write each, so that lines of
 * several processes never mix. A log that cannot be written (a full disk, a
 * dead journal, a reader that stands still) never stops, delays or fails the
 * caller: some lines are kept until there is room again, the others are dropped
 * and counted, and the count is said with the next line that gets through. The
 * promise holds from log_init() on; a command that prints and ends may well
 * wait.
 *
 * errno is the same after a call as before it.
 */
#ifndef EVENKEEL_LIB_LOG_H
#define EVENKEEL_LIB_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

enum log_level {
	LOG_LEVEL_ERROR, /* something is lost or wrong; a person must act */
	LOG_LEVEL_WARNING, /* it goes on, but a person should know */
	LOG_LEVEL_NOTICE, /* every change of the kernel table, every state change */
	LOG_LEVEL_INFO, /* details for a careful reader */
	LOG_LEVEL_DEBUG,
};

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
};

/*
 * IDENT names the process ("evenkeeld", "evenkeeld-checker"); it must outlive
 * the log. Lines above LEVEL are dropped. FACILITY is a syslog facility
 * (LOG_DAEMON) and ignored for standard error.
 */
void log_init(const char *ident, enum log_target target, int facility,
	      enum log_level level);
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);
/* As log_init() and log_set_level() were told: a child is to log likewise. */
enum log_target log_get_target(void);
enum log_level log_get_level(void);
/* How many lines could not be written since the start. */
uint64_t log_lost(void);
/* Write the kept lines. Returns whether no line waits any more. */
bool log_flush(void);
size_t log_kept(void); /* bytes that wait */
/* WAITS is called after each line while some are kept; lib/log_pump.h does. */
void log_on_waiting(void (*waits)(void *arg), void *arg);
/* Another socket than /dev/log, from the next log_init() on: for tests. */
void log_use_socket(const char *path);

/*
 * Log one line of PART, the part of the program. A line that cannot be written
 * now is kept; see log_flush().
 */
void log_error(const char *part, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_warning(const char *part, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_notice(const char *part, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_info(const char *part, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void log_debug(const char *part, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * From a signal's handler, in a process that then ends: TEXT as an error of PART,
 * at once, before lines that wait, and without a lock; it may be lost.
 */
void log_from_signal(const char *part, const char *text);

/* Only at start-up and out of memory: logs and ends the process with status 1. */
noreturn void fatal(const char *part, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
