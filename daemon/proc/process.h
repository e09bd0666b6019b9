/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process of main: this binary again, re-executed in another role, at
 * the other end of a SOCK_SEQPACKET pair. A child that ends is started again,
 * at once if it had lived for a minute, else with a back-off that doubles from
 * one to sixty seconds. While it is gone the kernel keeps the last good table.
 *
 * The child is asked once a second whether it is alive. A child that does not
 * answer for as long as its role allows is killed and started anew: a process
 * that stands still is worse than none, as it keeps resources that another
 * could take over.
 */
#ifndef EVENKEEL_DAEMON_PROC_PROCESS_H
#define EVENKEEL_DAEMON_PROC_PROCESS_H

#include <stdbool.h>

#include "lib/ipc.h"
#include "lib/loop.h"

struct history;

struct process;
struct conf_process;

/*
 * The differences between the children. ARG of the functions is
 * process_new()'s.
 */
struct process_role {
	const char *name; /* the word for --child and in the log: "checker" */
	unsigned patience; /* seconds without an answer that are too many */
	/*
	 * The messages that the child may send, ended by IPC_NONE; another is
	 * as bad as a malformed one.
	 */
	const struct ipc_handler *messages;
	/*
	 * Send the child its configuration; -errno ends the child. Called after
	 * each start, and by process_configure().
	 */
	int (*send_conf)(void *arg);
	/*
	 * Whether there are files that send_conf() will read (NULL: there are none).
	 * They are READ in a process of its own before the child is started again:
	 * where a disk does not answer, the child waits for it, and main does not.
	 */
	bool (*look)(void *arg, bool read);
	/*
	 * The child ended (for people: WHY); it is started again unless
	 * stopped.
	 */
	void (*ended)(void *arg, const char *why);
};

/* The state of any child, for people. */
struct process_view {
	bool running;
	bool answering; /* false: owes answers, will be replaced */
	pid_t pid; /* 0: not running */
	unsigned restarts;
	usec_t spoke; /* time of its last message; 0: never */
};

/*
 * The arguments except ARG must outlive the process; its end and its silence
 * are written to HISTORY, unless that is NULL. The child does not run before
 * process_configure(). The caller frees with process_free().
 */
struct process *process_new(struct loop *loop, const struct process_role *role,
			    struct history *history, void *arg);
void process_free(struct process *process); /* NULL is allowed; ends the child */
/*
 * The same, but the child is not killed: the end of its channel tells it to
 * finish with the messages that are in it, and to end by itself.
 */
void process_leave(struct process *process);

/*
 * There is a configuration for the child, which is to run as USER (NULL: the
 * default; ignored by roles that stay root). Start the child if it was never
 * started, replace it if it runs as another user, else call role->send_conf().
 */
void process_configure(struct process *process, const char *user);
/*
 * How the child is called and run (NULL: as usual) from the next
 * process_configure() on, which replaces a child that is run otherwise.
 */
void process_set_style(struct process *process,
		       const struct conf_process *style);
/*
 * There is no work for the child until the next process_configure(). It is killed
 * and not heard any more; nobody waits for its death, and role->ended() is not
 * called.
 */
void process_rest(struct process *process);
/* Whether process_configure() would replace the child, or start it. */
bool process_replaces(const struct process *process, const char *user);
/* The first process_configure() was called: the child runs, or will. */
bool process_wanted(const struct process *process);
/* Take in messages that are already in the channel, without the loop. */
void process_hear(struct process *process);
/*
 * There is a sign that the child stands still; WHY, a literal, is for people ("another
 * balancer has its addresses"). A child that does not answer now is killed, long
 * before its role's patience ends, and started again without a back-off. One that is reading a configuration is left alone.
 */
void process_doubt(struct process *process, const char *why);
/* Kill the child (it does not answer); it is restarted as after a crash. */
void process_kill(struct process *process, const char *why);

/*
 * End the child in good order (SIGTERM), for good: events.ended is called then.
 * After LIMIT the child is killed. A child that is not running is not started
 * again either.
 */
void process_stop(struct process *process, usec_t limit);

/* Messages that were sent to the child are not read yet. */
bool process_is_behind(const struct process *process);
/* So many that its channel is full, and the rest waits here. */
bool process_has_mail(const struct process *process);
bool process_running(const struct process *process);
void process_get(const struct process *process, struct process_view *view);

/*
 * Send a message. If the child's socket has no room, a copy waits and is sent
 * in its turn. Returns 0; -ENOTCONN if the child does not run; or an error of
 * ipc_send().
 */
int process_send(struct process *process, enum ipc_type type,
		 uint32_t generation, const void *body, size_t length, int fd);

#endif
