/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/loop.h"

static struct loop *loop;
static char trace[32];
static size_t traced;
static struct loop_timer timers[3];
static struct loop_task task;
static int child_status = -1;

static void setup(void)
{
	loop = loop_new();
	cr_assert_neq(loop, NULL);
}

static void teardown(void)
{
	loop_free(loop);
}

TestSuite(loop, .init = setup, .fini = teardown);

static void expired(struct loop_timer *timer)
{
	trace[traced++] = (char)('a' + (timer - timers));
	loop_task_want(&task);
	if (timer == &timers[2])
		loop_stop(loop);
}

static void task_run(struct loop_task *t)
{
	trace[traced++] = 'T';
}

static usec_t asked, fired;

static void other_fired(struct loop_timer *timer)
{
}

static void early_fired(struct loop_timer *timer)
{
	fired = loop_now_exact(loop);
	loop_stop(loop);
}

static void work(usec_t length)
{
	usec_t until = loop_now_exact(loop) + length;

	while (loop_now_exact(loop) < until)
		;
}

/* Work first, then a timer, in one turn, and something to wake up for before it. */
static void work_then_set(struct loop_timer *timer)
{
	work(30 * USEC_PER_MSEC);
	asked = loop_now_exact(loop) + 40 * USEC_PER_MSEC;
	loop_timer_set(&timers[1], asked);
	loop_timer_set(&timers[2], asked - 15 * USEC_PER_MSEC);
}

Test(loop, a_timer_is_never_early_however_long_the_turn_was)
{
	loop_timer_init(loop, &timers[0], work_then_set);
	loop_timer_init(loop, &timers[1], early_fired);
	loop_timer_init(loop, &timers[2], other_fired);
	loop_timer_set(&timers[0], loop_now(loop));
	loop_run(loop);
	cr_assert_geq(fired, asked, "%lld us early",
		      (long long)(asked - fired));
}

static void work_then_set_later(struct loop_timer *timer)
{
	work(30 * USEC_PER_MSEC);
	loop_timer_set(&timers[2], asked + 10 * USEC_PER_MSEC);
}

/* One set before the work is due before one that is set for later after it. */
Test(loop, a_long_turn_does_not_change_the_order_of_timers)
{
	static struct loop_timer first;

	asked = loop_now(loop) + 100 * USEC_PER_MSEC;
	loop_task_init(loop, &task, task_run);
	loop_timer_init(loop, &first, work_then_set_later);
	loop_timer_init(loop, &timers[0], expired);
	loop_timer_init(loop, &timers[2], expired);
	loop_timer_set(&first, loop_now(loop));
	loop_timer_set(&timers[0], asked);
	loop_run(loop);
	trace[traced] = '\0';
	cr_assert_neq(strchr(trace, 'a'), NULL);
	cr_assert_lt(strchr(trace, 'a'), strchr(trace, 'c'), "%s", trace);
}

static void work_longer(struct loop_timer *timer)
{
	work(2 * LOOP_LATE);
}

/* One that is late by so much that it is put off, and a younger one that is not. */
Test(loop, a_timer_that_is_put_off_still_comes_before_a_younger_one)
{
	static struct loop_timer first;
	usec_t now = loop_now(loop);

	loop_task_init(loop, &task, task_run);
	loop_timer_init(loop, &first, work_longer);
	loop_timer_init(loop, &timers[0], expired);
	loop_timer_init(loop, &timers[2], expired);
	loop_timer_set(&first, now);
	loop_timer_set(&timers[0], now + LOOP_LATE / 4);
	loop_timer_set(&timers[2], now + 3 * LOOP_LATE / 2);
	loop_run(loop);
	trace[traced] = '\0';
	cr_assert_neq(strchr(trace, 'a'), NULL);
	cr_assert_lt(strchr(trace, 'a'), strchr(trace, 'c'), "%s", trace);
}

static void take_back(struct loop_timer *timer)
{
	trace[traced++] = 'T';
	loop_timer_clear(&timers[1]);
}

static unsigned turns, fewest = 99, tries;

/* Of a descriptor that is always ready: once in each turn. */
static void turn_begins(struct loop_io *io, unsigned what)
{
	turns++;
}

static void fired_again(struct loop_timer *timer)
{
	if (turns < fewest)
		fewest = turns;
	turns = 0;
	if (++tries == 50)
		loop_stop(loop);
	else
		loop_timer_set(timer, loop_now(loop));
}

/* A timer that is cleared while it is put off does not fire, nor hold others up. */
Test(loop, a_timer_that_is_put_off_can_be_taken_back)
{
	static struct loop_timer first, back, later;
	static struct loop_io ready;
	usec_t now = loop_now(loop);
	int fds[2];

	loop_task_init(loop, &task, task_run);
	loop_timer_init(loop, &first, work_longer);
	loop_timer_init(loop, &back, take_back);
	loop_timer_init(loop, &timers[0], expired);
	loop_timer_init(loop, &timers[1], expired);
	loop_timer_init(loop, &timers[2], expired);
	loop_timer_set(&first, now);
	loop_timer_set(&back, now + LOOP_LATE / 8);
	loop_timer_set(&timers[0], now + 2 * LOOP_LATE / 8);
	loop_timer_set(&timers[1], now + 3 * LOOP_LATE / 8);
	loop_timer_set(&timers[2], now + 4 * LOOP_LATE / 8);
	loop_run(loop);
	trace[traced] = '\0';
	cr_assert_eq(strchr(trace, 'b'), NULL, "%s", trace);
	cr_assert_lt(strchr(trace, 'a'), strchr(trace, 'c'), "%s", trace);

	/* A host is late at one or another of them, and not at each. */
	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(write(fds[1], "x", 1), 1);
	cr_assert_eq(
		loop_io_start(loop, &ready, fds[0], LOOP_READ, turn_begins), 0);
	loop_timer_init(loop, &later, fired_again);
	loop_timer_set(&later, loop_now(loop));
	loop_run(loop);
	cr_assert_eq(fewest, 1, "%u turns", fewest);
	loop_io_stop(&ready);
}

static void first_io_ready(struct loop_io *io, unsigned what)
{
	char byte;

	cr_assert_eq(read(io->fd, &byte, 1), 1);
	trace[traced++] = 'I';
}

static int answer_pipe[2];

/* What comes while the process stands still, within a turn. */
static void answered_meanwhile(struct loop_timer *timer)
{
	cr_assert_eq(write(answer_pipe[1], "x", 1), 1);
	work(2 * LOOP_LATE);
}

Test(loop, a_late_timer_lets_ready_descriptors_speak_first)
{
	struct loop_io io = { 0 };
	static struct loop_timer first;
	usec_t now = loop_now(loop);

	cr_assert_eq(pipe(answer_pipe), 0);
	loop_task_init(loop, &task, task_run);
	loop_io_start(loop, &io, answer_pipe[0], LOOP_READ, first_io_ready);
	loop_timer_init(loop, &first, answered_meanwhile);
	loop_timer_init(loop, &timers[2], expired);
	loop_timer_set(&first, now);
	loop_timer_set(&timers[2], now);
	loop_run(loop);
	loop_io_stop(&io);
	trace[traced] = '\0';
	cr_assert_str_eq(trace, "Ic", "%s", trace);
}

/* However late it is, it fires; and one that is cleared meanwhile does not. */
Test(loop, a_late_timer_waits_once)
{
	static struct loop_timer first;
	usec_t now = loop_now(loop);

	cr_assert_eq(pipe(answer_pipe), 0);
	loop_task_init(loop, &task, task_run);
	loop_timer_init(loop, &first, answered_meanwhile);
	loop_timer_init(loop, &timers[1], expired);
	loop_timer_init(loop, &timers[2], expired);
	loop_timer_set(&first, now);
	loop_timer_set(&timers[1], now);
	loop_timer_set(&timers[2], now);
	/* Each turn of it takes long. */
	timers[1].expired = answered_meanwhile;
	loop_run(loop);
	cr_assert_eq(traced, 1);
	cr_assert_eq(trace[0], 'c');
	cr_assert_not(timers[2].set);
}

Test(loop, timers_fire_in_order_and_tasks_once_a_turn)
{
	usec_t now = loop_now(loop);
	int i;

	loop_task_init(loop, &task, task_run);
	for (i = 0; i < 3; i++)
		loop_timer_init(loop, &timers[i], expired);
	loop_timer_set(&timers[2], now + 20 * USEC_PER_MSEC);
	loop_timer_set(&timers[1], now - 5);
	loop_timer_set(&timers[0], now - 10);
	loop_run(loop);
	/* Both timers that are due run before the one task they ask for. */
	cr_assert_eq(traced, 4, "%.*s", (int)traced, trace);
	cr_assert_eq(trace[2], 'T');
	cr_assert_eq(trace[3], 'c');
	cr_assert_geq(loop_now_exact(loop), now + 20 * USEC_PER_MSEC);
}

static void child_ended(struct loop_child *child, int status)
{
	child_status = status;
	loop_stop(loop);
}

Test(loop, children_are_collected)
{
	struct loop_child child = { 0 };
	pid_t pid = loop_fork();

	if (pid == 0)
		_exit(7);
	cr_assert_eq(loop_child_start(loop, &child, pid, child_ended), 0);
	loop_run(loop);
	cr_assert(WIFEXITED(child_status));
	cr_assert_eq(WEXITSTATUS(child_status), 7);
	cr_assert_eq(waitpid(pid, NULL, 0), -1);
}

static void io_ready(struct loop_io *io, unsigned what)
{
	cr_assert_eq(what, LOOP_READ);
	loop_io_stop(io);
	loop_stop(loop);
}

Test(loop, descriptors_and_stop_from_callback)
{
	struct loop_io io = { 0 };
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(loop_io_start(loop, &io, fds[0], LOOP_READ, io_ready), 0);
	cr_assert_eq(write(fds[1], "x", 1), 1);
	loop_run(loop);
	cr_assert_eq(io.loop, NULL);
	cr_assert_lt(loop_io_start(loop, &io, -1, LOOP_READ, io_ready), 0);
}

static void caught(struct loop_signal *sig, int signo)
{
	cr_assert_eq(signo, SIGUSR1);
	loop_stop(loop);
}

Test(loop, signals)
{
	struct loop_signal sig;

	cr_assert_eq(loop_signal_start(loop, &sig, SIGUSR1, caught), 0);
	raise(SIGUSR1);
	loop_run(loop);
	loop_signal_stop(&sig);
}

static void never_caught(struct loop_signal *sig, int signo)
{
	cr_assert_fail("a child's signal has reached its parent");
}

static void time_is_over(struct loop_timer *timer)
{
	loop_stop(loop);
}

/* A child that is ended before it has executed a program. */
Test(loop, a_childs_signal_is_not_the_parents)
{
	struct loop_signal sig;
	struct loop_timer timer;
	int status = 0;
	pid_t pid;

	cr_assert_eq(loop_signal_start(loop, &sig, SIGTERM, never_caught), 0);
	pid = loop_fork();
	if (pid == 0) {
		raise(SIGTERM);
		_exit(1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	loop_timer_init(loop, &timer, time_is_over);
	loop_timer_set(&timer, loop_now(loop) + 20 * USEC_PER_MSEC);
	loop_run(loop);
	loop_signal_stop(&sig);
}
