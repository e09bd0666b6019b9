/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the checker speaks to main, and when it wakes up: decided once, at the
 * end of each turn of the loop, from the outbox and the queue of checks.
 */
#include <errno.h>
#include <string.h>

#include "checkers/check.h"
#include "checkers/checker_process.h"
#include "lib/log.h"

/* A verdict that only repeats the last one may wait this long for company. */
#define CHECKER_GATHER (50 * USEC_PER_MSEC)

static void checker_output_ready(struct loop_io *io, unsigned what)
{
	struct checker *checker = container_of(io, struct checker, output);

	loop_io_stop(io);
	checker->output_blocked = false;
	checker_schedule_flush(checker);
}

/* Main does not read: wait until it does. */
static void checker_output_wait(struct checker *checker)
{
	int error = loop_io_start(checker->loop, &checker->output,
				  checker->sock, LOOP_WRITE,
				  checker_output_ready);

	if (error < 0)
		log_warning("check", "cannot watch the socket to main: %s",
			    strerror(-error));
	checker->output_blocked = error == 0;
}

/*
 * Main was promised a word by a certain time; after a new configuration it is
 * owed one at once. If nothing is going to be reported until shortly before (probes
 * were put off, or there are none), an empty message keeps the promise.
 */
static usec_t checker_promise_due(const struct checker *checker)
{
	return checker->promise - USEC_PER_SEC;
}

static void checker_send(struct checker *checker, usec_t now)
{
	usec_t next_by = checker_next_by(checker);
	bool even_empty = checker->conf && now >= checker_promise_due(checker);
	int error;

	if (checker->output_blocked)
		return;
	if (!even_empty && outbox_is_empty(&checker->outbox))
		return;
	error = outbox_send(&checker->outbox, checker->sock,
			    checker->generation, next_by, even_empty);
	if (error == 0) {
		checker->promise = next_by;
	} else if (error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM) {
		checker_output_wait(checker);
	} else {
		log_info("check", "main is gone: %s", strerror(-error));
		loop_stop(checker->loop);
	}
}

/* The next time something has to be done; 0: wait for main. */
static usec_t checker_next_wake(const struct checker *checker)
{
	const struct sched_item *item = sched_first(&checker->sched);
	usec_t due = checker_promise_due(checker);

	if (checker->output_blocked || !checker->conf)
		return item ? item->when : 0;
	return item && item->when < due ? item->when : due;
}

/*
 * Main looks at everything anew for each message, so verdicts that tell nothing
 * new are gathered, as long as something else is going to wake us soon anyway.
 */
static bool checker_may_gather(struct checker *checker, usec_t now)
{
	const struct sched_item *item = sched_first(&checker->sched);

	if (outbox_is_empty(&checker->outbox) || checker->outbox.ready_due ||
	    checker->unreported)
		return false;
	if (checker->send_by == 0)
		checker->send_by = now + CHECKER_GATHER;
	return item && item->when < checker->send_by && now < checker->send_by;
}

void checker_flush(struct loop_task *task)
{
	struct checker *checker = container_of(task, struct checker, flush);
	usec_t now = loop_now(checker->loop);
	usec_t wake;

	if (!checker_may_gather(checker, now)) {
		checker->unreported = false;
		checker->send_by = 0;
		checker_send(checker, now);
	}
	wake = checker_next_wake(checker);
	if (wake == 0)
		loop_timer_clear(&checker->timer);
	else if (!checker->timer.set || checker->wake != wake)
		loop_timer_set(&checker->timer, wake);
	checker->wake = wake;
}
