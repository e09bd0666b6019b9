/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process of main: this binary again, re-executed in another role, at
 * the other end of a SOCK_SEQPACKET pair. One that ends is started again, at
 * once if it had lived for a minute, else with a back-off that doubles from one
 * to sixty seconds. While it is gone the kernel keeps the last good table.
 *
 * It is asked once a second whether it is there. One that does not answer for
 * as long as its role allows is killed and started anew: a process that stands
 * still is worse than none, as it holds what another one could take over.
 */
#ifndef EVENKEEL_DAEMON_PROC_PROCESS_H
#define EVENKEEL_DAEMON_PROC_PROCESS_H

#include <stdbool.h>

#include "lib/ipc.h"
#include "lib/loop.h"

struct history;
struct options;

struct process;

struct process_role {
	const char *name; /* the word for --child and in the log: "checker" */
	unsigned patience; /* seconds without an answer that are too many */
};

/* What is the same of all children, for people. */
struct process_view {
	bool running;
	bool answering; /* false: it owes answers, and will be replaced */
	pid_t pid; /* 0: it does not run */
	unsigned restarts;
	usec_t spoke; /* when it last said something; 0: never */
};

struct process_events {
	/* The child runs: send it its configuration. */
	void (*started)(void *arg);
	void (*message)(void *arg, const struct ipc_message *msg);
	/* It ended (for people: WHY), and will be started again unless stopped. */
	void (*ended)(void *arg, const char *why);
};

/*
 * All but ARG must outlive the process; its end and its silence are written to
 * HISTORY, unless that is NULL. Nothing runs before process_start(). The caller frees with
 * process_free().
 */
struct process *process_new(struct loop *loop, const struct options *options,
			    const struct process_role *role,
			    struct history *history,
			    const struct process_events *events, void *arg);
void process_free(struct process *process); /* NULL is allowed; ends the child */

/* Whom the child becomes, from its next start on; NULL: the default user. */
void process_set_user(struct process *process, const char *user);
void process_start(struct process *process);
/* Take in at once what it has sent already, without waiting for the loop. */
void process_hear(struct process *process);
/* Kill it (it does not answer); it comes back like one that died. */
void process_kill(struct process *process, const char *why);

/*
 * Let it end in good order (SIGTERM), for good: events.ended comes when it has.
 * One that has not after LIMIT is killed. Nothing happens to one that is not
 * running, but it will not be started again either.
 */
void process_stop(struct process *process, usec_t limit);
/* Wait up to LIMIT for it to say something, and take that in. */
void process_listen(struct process *process, usec_t limit);

bool process_running(const struct process *process);
void process_get(const struct process *process, struct process_view *view);

/*
 * Send a message. One that the child's socket has no room for waits (copied) and
 * is sent in its turn. Returns 0; -ENOTCONN if the child does not run; or what
 * ipc_send() returns.
 */
int process_send(struct process *process, enum ipc_type type,
		 uint32_t generation, const void *body, size_t length, int fd);

#endif
