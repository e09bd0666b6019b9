/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_evictor.h"

#include <stdlib.h>

#include "checkers/check.h"
#include "checkers/mysql/mysql_pool.h"
#include "lib/loop.h"
#include "lib/util.h"

/* From the deadline until a silent helper is killed, as with a check's probe. */
#define EVICTOR_GRACE (500 * USEC_PER_MSEC)

struct mysql_evictor {
	struct check *check;
	struct mysql_pool *pool;
	struct mysql_job job;
	struct loop_timer timer;
	usec_t deadline;
	bool busy;
	char *spare;
	struct facts found; /* by the last order that was carried out */
};

/* The check reports what was found, or has the order with its next probe. */
static void evictor_end(struct mysql_evictor *evictor)
{
	loop_timer_clear(&evictor->timer);
	evictor->busy = false;
	check_run_now(evictor->check);
}

/* The strings fit, most likely: the check's own probe has the same, and has begun. */
static bool evictor_begin(struct mysql_job *job, struct mysql_request *request)
{
	struct mysql_evictor *evictor =
		container_of(job, struct mysql_evictor, job);
	struct check *check = evictor->check;

	if (mysql_request_fill(request, check->conf, check_secret(check)) < 0 ||
	    mysql_request_evict(request, evictor->spare) < 0) {
		evictor_end(evictor);
		return false;
	}
	mysql_request_nothing_else(request);
	request->deadline = evictor->deadline;
	return true;
}

static void evictor_done(struct mysql_job *job,
			 const struct probe_result *result, bool session_open)
{
	struct mysql_evictor *evictor =
		container_of(job, struct mysql_evictor, job);

	if (result->facts.have & FACT_EVICTED)
		evictor->found = result->facts;
	evictor_end(evictor);
}

void mysql_evictor_stop(struct mysql_evictor *evictor)
{
	loop_timer_clear(&evictor->timer);
	mysql_pool_withdraw(evictor->pool, &evictor->job);
	evictor->found.have = 0;
	evictor->busy = false;
}

static void evictor_expired(struct loop_timer *timer)
{
	struct mysql_evictor *evictor =
		container_of(timer, struct mysql_evictor, timer);

	mysql_evictor_stop(evictor);
	evictor_end(evictor);
}

struct mysql_evictor *mysql_evictor_new(struct check *check,
					struct mysql_pool *pool,
					uint64_t session)
{
	struct mysql_evictor *evictor = xcalloc(1, sizeof(*evictor));

	evictor->check = check;
	evictor->pool = pool;
	evictor->job.session = session;
	evictor->job.begin = evictor_begin;
	evictor->job.done = evictor_done;
	loop_timer_init(check_loop(check), &evictor->timer, evictor_expired);
	return evictor;
}

void mysql_evictor_free(struct mysql_evictor *evictor)
{
	if (!evictor)
		return;
	mysql_evictor_stop(evictor);
	mysql_pool_forget(evictor->pool, &evictor->job);
	free(evictor->spare);
	free(evictor);
}

void mysql_evictor_send(struct mysql_evictor *evictor, const char *spare)
{
	struct check *check = evictor->check;

	mysql_evictor_stop(evictor);
	free(evictor->spare);
	evictor->spare = xstrdup(spare ? spare : "");
	evictor->deadline = loop_now(check_loop(check)) + check->conf->timeout;
	evictor->job.login =
		mysql_request_login(check->conf, check_secret(check));
	evictor->busy = true;
	loop_timer_set(&evictor->timer, evictor->deadline + EVICTOR_GRACE);
	mysql_pool_submit(evictor->pool, &evictor->job);
}

bool mysql_evictor_is_busy(const struct mysql_evictor *evictor)
{
	return evictor && evictor->busy;
}

bool mysql_evictor_take(struct mysql_evictor *evictor, struct facts *facts)
{
	if (!evictor || !(evictor->found.have & FACT_EVICTED))
		return false;
	facts->have |= FACT_EVICTED;
	facts->evicted = evictor->found.evicted;
	facts->evict_errno = evictor->found.evict_errno;
	evictor->found.have = 0;
	return true;
}
