/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt of a drill, in a process of its own: connect through the service
 * address, log in, ask the server for its name. The client library blocks, and
 * some of its waits have no limit; a process can be ended at any moment, so that
 * an attempt that hangs holds nobody up.
 */
#ifndef EVENKEEL_CTL_DRILL_PROBE_H
#define EVENKEEL_CTL_DRILL_PROBE_H

#include <sys/types.h>

#include "ctl/drill_stats.h"

struct drill_target {
	const char *host;
	unsigned port;
	const char *user; /* NULL: the defaults file's, else our own */
	const char *password; /* NULL: the defaults file's, else none */
	const char *defaults_file; /* NULL: the usual ones */
	usec_t timeout;
};

#define DRILL_TEXT_MAX 160

/* Sent when the login is through, and at the end. */
struct drill_message {
	uint32_t done;
	uint32_t kind; /* enum drill_kind, if DONE */
	uint32_t id;
	uint32_t read_only;
	usec_t when;
	char name[DRILL_NAME_MAX];
	char text[DRILL_TEXT_MAX]; /* the library's words, of a failure */
};

/* Once, before any attempt. Returns 0 or -errno. */
int drill_probe_prepare(void);

/*
 * Start an attempt. Returns the descriptor that its messages come from, without
 * waiting, or -errno; *PID is the process, which the caller ends and waits for.
 */
int drill_probe_start(const struct drill_target *target, pid_t *pid);

/* Read a message that has been checked. Returns 1, 0: none yet, -1: no more. */
int drill_probe_read(int sock, struct drill_message *message);

#endif
