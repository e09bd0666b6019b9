/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct loop {
	struct event_base *base;
	LIST_HEAD(, loop_child) children;
	usec_t now; /* 0: not read in this turn yet */
	unsigned nr_put_off; /* timers that wait for one more poll */
	unsigned behind; /* microseconds from the first of these to the last */
};

struct loop *loop_new(void)
{
	struct event_config *config = event_config_new();
	struct loop *loop = xcalloc(1, sizeof(*loop));

	if (config) {
		/*
		 * Sub-millisecond timers; epoll's own are rounded up to 1 ms.
		 */
		event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		/*
		 * Without the flag libevent counts from the time at which the
		 * turn began: a timer set after some work would be early by
		 * that much, and a timer set before would be late by it.
		 */
		event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
		loop->base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (!loop->base) {
		loop_free(loop);
		errno = ENOMEM;
		return NULL;
	}
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}

int loop_run(struct loop *loop)
{
	return event_base_dispatch(loop->base) < 0 ? -EIO : 0;
}

void loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

usec_t loop_now(struct loop *loop)
{
	if (loop->now == 0)
		loop->now = clock_now();
	return loop->now;
}

usec_t loop_now_exact(struct loop *loop)
{
	loop->now = clock_now();
	return loop->now;
}

/*
 * libevent keeps the turn's time to itself. So every callback forgets the time
 * before it, and reads the clock (a vDSO call, no system call) only if it asks:
 * a state machine never sees a time older than its own event.
 */
static void loop_turn(struct loop *loop)
{
	loop->now = 0;
}

static void loop_io_event(evutil_socket_t fd, short events, void *arg)
{
	struct loop_io *io = arg;
	unsigned what = 0;

	loop_turn(io->loop);
	if (events & EV_READ)
		what |= LOOP_READ;
	if (events & EV_WRITE)
		what |= LOOP_WRITE;
	io->ready(io, what);
}

int loop_io_start(struct loop *loop, struct loop_io *io, int fd, unsigned what,
		  void (*ready)(struct loop_io *io, unsigned what))
{
	short events = EV_PERSIST;

	/* libevent would take it for a timer without a descriptor. */
	if (fd < 0)
		return -EBADF;
	if (what & LOOP_READ)
		events |= EV_READ;
	if (what & LOOP_WRITE)
		events |= EV_WRITE;
	io->loop = loop;
	io->fd = fd;
	io->ready = ready;
	if (event_assign(&io->event, loop->base, fd, events, loop_io_event,
			 io) < 0)
		return -EINVAL;
	errno = 0;
	if (event_add(&io->event, NULL) < 0)
		return errno ? -errno : -EINVAL;
	return 0;
}

void loop_io_stop(struct loop_io *io)
{
	if (io->loop)
		event_del(&io->event);
	io->loop = NULL;
}

/*
 * A wait that a stop signal ended returns with the timers and without the
 * descriptors, and a turn that took long has timers in its queue from before it.
 * Such a timer waits for one more poll, and so does each that comes behind it until
 * then: the order of timers stays that of their times. Returns false if the kernel
 * refuses.
 */
static bool loop_timer_put_off(struct loop_timer *timer)
{
	struct loop *loop = timer->loop;
	struct timeval wait = { 0, 0 };

	if (loop->nr_put_off == 0) {
		if (clock_now() - timer->due <= LOOP_LATE)
			return false;
		loop->behind = 0;
	}
	/* Of timers with equal times, libevent may take any one first. */
	wait.tv_usec = loop->behind++ % USEC_PER_SEC;
	if (event_add(&timer->event, &wait) < 0)
		return false;
	timer->put_off = true;
	loop->nr_put_off++;
	return true;
}

/* TIMER does not wait for a poll any more. Returns whether it did. */
static bool loop_timer_go_on(struct loop_timer *timer)
{
	if (!timer->put_off)
		return false;
	timer->put_off = false;
	timer->loop->nr_put_off--;
	return true;
}

static void loop_timer_event(evutil_socket_t fd, short events, void *arg)
{
	struct loop_timer *timer = arg;

	if (!loop_timer_go_on(timer) && loop_timer_put_off(timer))
		return;
	loop_turn(timer->loop);
	timer->set = false;
	timer->expired(timer);
}

void loop_timer_init(struct loop *loop, struct loop_timer *timer,
		     void (*expired)(struct loop_timer *timer))
{
	timer->loop = loop;
	timer->expired = expired;
	timer->set = false;
	timer->put_off = false;
	event_assign(&timer->event, loop->base, -1, 0, loop_timer_event, timer);
}

void loop_timer_set(struct loop_timer *timer, usec_t when)
{
	usec_t now = clock_now(), wait = when - now;
	struct timeval tv = { 0, 0 };

	/* A timer that is set in the past is not late by that. */
	timer->due = when > now ? when : now;
	loop_timer_go_on(timer);
	if (wait > 0) {
		tv.tv_sec = wait / USEC_PER_SEC;
		tv.tv_usec = wait % USEC_PER_SEC;
	}
	timer->set = event_add(&timer->event, &tv) == 0;
}

void loop_timer_clear(struct loop_timer *timer)
{
	if (timer->set)
		event_del(&timer->event);
	loop_timer_go_on(timer);
	timer->set = false;
}

static void loop_signal_event(evutil_socket_t signo, short events, void *arg)
{
	struct loop_signal *sig = arg;

	loop_turn(sig->loop);
	sig->caught(sig, (int)signo);
}

int loop_signal_start(struct loop *loop, struct loop_signal *sig, int signo,
		      void (*caught)(struct loop_signal *sig, int signo))
{
	sig->loop = loop;
	sig->caught = caught;
	if (event_assign(&sig->event, loop->base, signo, EV_SIGNAL | EV_PERSIST,
			 loop_signal_event, sig) < 0 ||
	    event_add(&sig->event, NULL) < 0) {
		sig->loop = NULL;
		return -EINVAL;
	}
	return 0;
}

/* An ignored signal stays ignored. */
static void loop_drop_handlers(void)
{
	struct sigaction action;
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		if (sigaction(signo, NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN &&
		    action.sa_handler != SIG_DFL)
			signal(signo, SIG_DFL);
}

pid_t loop_fork(void)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		loop_drop_handlers();
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

void loop_signal_stop(struct loop_signal *sig)
{
	if (sig->loop)
		event_del(&sig->event);
	sig->loop = NULL;
}

static void loop_child_ready(struct loop_io *io, unsigned what)
{
	struct loop_child *child = container_of(io, struct loop_child, io);
	int status = 0;
	pid_t got = waitpid(child->pid, &status, WNOHANG);

	if (got == 0)
		return;
	loop_child_stop(child);
	child->ended(child, status);
}

int loop_child_start(struct loop *loop, struct loop_child *child, pid_t pid,
		     void (*ended)(struct loop_child *child, int status))
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int error;

	if (fd < 0)
		return -errno;
	child->pid = pid;
	child->ended = ended;
	error = loop_io_start(loop, &child->io, fd, LOOP_READ,
			      loop_child_ready);
	if (error < 0)
		close(fd);
	else
		LIST_INSERT_HEAD(&loop->children, child, entry);
	return error;
}

bool loop_has_child(const struct loop *loop, pid_t pid)
{
	const struct loop_child *child;

	LIST_FOREACH (child, &loop->children, entry)
		if (child->pid == pid)
			return true;
	return false;
}

void loop_child_stop(struct loop_child *child)
{
	int fd = child->io.fd;

	if (!child->io.loop)
		return;
	LIST_REMOVE(child, entry);
	loop_io_stop(&child->io);
	close(fd);
}

static void loop_task_event(evutil_socket_t fd, short events, void *arg)
{
	struct loop_task *task = arg;

	loop_turn(task->loop);
	task->wanted = false;
	task->run(task);
}

void loop_task_init(struct loop *loop, struct loop_task *task,
		    void (*run)(struct loop_task *task))
{
	task->loop = loop;
	task->run = run;
	task->wanted = false;
	event_assign(&task->event, loop->base, -1, 0, loop_task_event, task);
}

void loop_task_want(struct loop_task *task)
{
	if (task->wanted)
		return;
	task->wanted = true;
	/*
	 * An event made active goes to the end of the turn's queue: after every
	 * descriptor and timer that is ready, and before the next poll, so that
	 * no flood of events can starve it (a lower priority could be).
	 */
	event_active(&task->event, EV_TIMEOUT, 0);
}

void loop_task_clear(struct loop_task *task)
{
	if (task->wanted)
		event_del(&task->event);
	task->wanted = false;
}
