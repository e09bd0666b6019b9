/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkers/check.h"
#include "checkers/mysql/mysql_pool.h"
#include "lib/loop.h"
#include "lib/util.h"

/* From the deadline until a silent helper is killed, as with a check's probe. */
#define COURIER_GRACE (500 * USEC_PER_MSEC)

struct mysql_courier {
	struct check *check;
	struct mysql_pool *pool;
	struct mysql_job job;
	struct loop_timer timer;
	struct ipc_payload_ask ask;
	usec_t deadline;
	int fd; /* for the clients' way; -1: none, or lent */
	bool busy;
};

/* Main waits no longer than its own time limit, so a lost answer costs only that. */
static void courier_answer(const struct mysql_courier *courier, uint64_t ticket,
			   const struct probe_result *result,
			   const struct payload_found *found)
{
	struct ipc_payload answer = { .ticket = ticket,
				      .outcome = result->outcome,
				      .duration = result->duration };

	if (found)
		answer.found = *found;
	memcpy(answer.text, result->text, sizeof(answer.text));
	(void)check_tell_main(courier->check, IPC_PAYLOAD, &answer,
			      sizeof(answer));
}

static void courier_end(struct mysql_courier *courier,
			const struct probe_result *result,
			const struct payload_found *found)
{
	loop_timer_clear(&courier->timer);
	if (courier->fd >= 0)
		close(courier->fd);
	courier->fd = -1;
	courier->busy = false;
	courier_answer(courier, courier->ask.ticket, result, found);
}

static void courier_fail(struct mysql_courier *courier, enum outcome outcome,
			 const char *text)
{
	struct probe_result result;

	probe_result_fill(&result, outcome, 0);
	snprintf(result.text, sizeof(result.text), "%s", text);
	courier_end(courier, &result, NULL);
}

static bool courier_begin(struct mysql_job *job, struct mysql_request *request)
{
	struct mysql_courier *courier =
		container_of(job, struct mysql_courier, job);
	const struct ipc_payload_ask *ask = &courier->ask;
	struct check *check = courier->check;
	int error =
		mysql_request_fill(request, check->conf, check_secret(check));

	if (error == 0 && courier->fd >= 0)
		error = mysql_request_service(request, &ask->service.addr);
	if (error < 0) {
		courier_fail(courier, PROBE_MISCONFIGURED,
			     "the strings of the check are too long");
		return false;
	}
	mysql_request_payload(request, ask->size, ask->seed);
	request->timeout = ask->timeout;
	request->deadline = courier->deadline;
	job->socket = courier->fd;
	courier->fd = -1;
	return true;
}

static void courier_done(struct mysql_job *job,
			 const struct probe_result *result, bool session_open)
{
	struct mysql_courier *courier =
		container_of(job, struct mysql_courier, job);
	bool compared = result->outcome == PROBE_OK;

	courier_end(courier, result, compared ? &job->found : NULL);
}

static void courier_expired(struct loop_timer *timer)
{
	struct mysql_courier *courier =
		container_of(timer, struct mysql_courier, timer);
	bool waiting = courier->job.waiting;

	mysql_pool_withdraw(courier->pool, &courier->job);
	if (waiting)
		courier_fail(courier, PROBE_LOCAL_FAULT,
			     mysql_pool_trouble(courier->pool));
	else
		courier_fail(courier, PROBE_HUNG,
			     "its helper did not come back in time");
}

struct mysql_courier *mysql_courier_new(struct check *check,
					struct mysql_pool *pool,
					uint64_t session)
{
	struct mysql_courier *courier = xcalloc(1, sizeof(*courier));

	courier->check = check;
	courier->pool = pool;
	courier->fd = -1;
	courier->job.session = session;
	courier->job.begin = courier_begin;
	courier->job.done = courier_done;
	loop_timer_init(check_loop(check), &courier->timer, courier_expired);
	return courier;
}

void mysql_courier_free(struct mysql_courier *courier)
{
	if (!courier)
		return;
	loop_timer_clear(&courier->timer);
	mysql_pool_withdraw(courier->pool, &courier->job);
	mysql_pool_forget(courier->pool, &courier->job);
	if (courier->fd >= 0)
		close(courier->fd);
	free(courier);
}

void mysql_courier_send(struct mysql_courier *courier,
			const struct ipc_payload_ask *ask, int fd)
{
	usec_t now = loop_now(check_loop(courier->check));
	struct probe_result result;

	if (courier->busy) {
		if (fd >= 0)
			close(fd);
		probe_result_fill(&result, PROBE_LOCAL_FAULT, 0);
		snprintf(result.text, sizeof(result.text),
			 "another payload is on its way");
		courier_answer(courier, ask->ticket, &result, NULL);
		return;
	}
	courier->busy = true;
	courier->ask = *ask;
	courier->fd = fd;
	courier->deadline = now + ask->timeout;
	courier->job.login = mysql_request_login(courier->check->conf,
						 check_secret(courier->check));
	loop_timer_set(&courier->timer, courier->deadline + COURIER_GRACE);
	mysql_pool_submit(courier->pool, &courier->job);
}
