/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: a thin layer over libevent_core, and the only place that
 * includes it. The loop's objects are embedded in their owners, so watching a
 * descriptor costs no allocation. Callbacks run one at a time in the thread
 * that called loop_run(); an object may be stopped, and its memory freed, from
 * its own callback or from any other.
 *
 * loop_now() is the only clock that the program's state machines are fed from.
 */
#ifndef EVENKEEL_LIB_LOOP_H
#define EVENKEEL_LIB_LOOP_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "lib/util.h"

struct loop;

enum loop_ready {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
};

struct loop_io {
	struct event event;
	struct loop *loop;
	void (*ready)(struct loop_io *io,
		      unsigned what); /* enum loop_ready bits */
	int fd;
};

struct loop_timer {
	struct event event;
	struct loop *loop;
	void (*expired)(struct loop_timer *timer);
	usec_t due;
	bool set;
	bool put_off; /* once, for being late */
};

struct loop_signal {
	struct event event;
	struct loop *loop;
	void (*caught)(struct loop_signal *sig, int signo);
};

/* A child process, watched through a pidfd: no SIGCHLD, no mixed-up children. */
struct loop_child {
	LIST_ENTRY(loop_child) entry;
	struct loop_io io;
	pid_t pid;
	void (*ended)(struct loop_child *child,
		      int status); /* as from waitpid() */
};

/* Work to be done once, at the end of the turn in which it was asked for. */
struct loop_task {
	struct event event;
	struct loop *loop;
	void (*run)(struct loop_task *task);
	bool wanted;
};

/* NULL if the kernel refuses (descriptors, memory); errno tells. */
struct loop *loop_new(void);
/* NULL is allowed. */
void loop_free(struct loop *loop);
/* Runs until loop_stop(). Returns 0, or -EIO if the loop itself failed. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* The time at which this turn began; costs no system call. */
usec_t loop_now(struct loop *loop);
/* The time now, for measuring how long something took inside one turn. */
usec_t loop_now_exact(struct loop *loop);

/*
 * Watch FD for WHAT (enum loop_ready bits) until stopped. The descriptor stays
 * the caller's, and must be stopped before it is closed. Returns 0 or -errno.
 */
int loop_io_start(struct loop *loop, struct loop_io *io, int fd, unsigned what,
		  void (*ready)(struct loop_io *io, unsigned what));
void loop_io_stop(struct loop_io *io);

/*
 * A timer this late shows that the process stood still (stopped, or kept from the
 * processor): what came meanwhile waits in the descriptors. Those are asked first,
 * so that no timer takes an answer for missing that is there.
 */
#define LOOP_LATE (20 * USEC_PER_MSEC)

/* A timer is initialised once, then set (and set again) and cleared at will. */
void loop_timer_init(struct loop *loop, struct loop_timer *timer,
		     void (*expired)(struct loop_timer *timer));
/* WHEN is a point in time as loop_now() counts; one in the past fires at once. */
void loop_timer_set(struct loop_timer *timer, usec_t when);
void loop_timer_clear(struct loop_timer *timer);

/* Returns 0 or -errno. */
int loop_signal_start(struct loop *loop, struct loop_signal *sig, int signo,
		      void (*caught)(struct loop_signal *sig, int signo));
void loop_signal_stop(struct loop_signal *sig);

/*
 * fork(), in a process that catches signals with a loop. A handler tells its loop
 * of a signal through a descriptor that the child would share: a child that is
 * asked to end before it has executed a program would end its parent. So in the
 * child no signal is caught from the first moment on.
 */
pid_t loop_fork(void);

/*
 * Wait for a child of this process. The child's end is collected (no zombie)
 * and reported once; stopping before that leaves the child alone. Returns 0 or
 * -errno.
 */
int loop_child_start(struct loop *loop, struct loop_child *child, pid_t pid,
		     void (*ended)(struct loop_child *child, int status));
void loop_child_stop(struct loop_child *child);
/* Whether PID is waited for in this way. */
bool loop_has_child(const struct loop *loop, pid_t pid);

/* TASK is the caller's, and must be idle before its memory is freed. */
void loop_task_init(struct loop *loop, struct loop_task *task,
		    void (*run)(struct loop_task *task));
/* Asking twice in one turn runs it once, after every other ready event; not from its own run(). */
void loop_task_want(struct loop_task *task);
void loop_task_clear(struct loop_task *task);

#endif
