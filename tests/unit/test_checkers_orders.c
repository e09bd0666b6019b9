/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `on_leave kill`: the order to end the sessions of clients, beside a probe that
 * hangs. Main and the pool of helpers are the test's: a job is begun
 * and ends when the test says so.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "checker_conf.h"
#include "checkers/check.h"
#include "checkers/checker_process.h"
#include "checkers/mysql/mysql_pool.h"
#include "checkers/mysql/zygote.h"
#include "lib/log.h"

#define JOBS 16

static struct checker *checker;
static struct check *check;
static int ends[2];
static struct ipc_message msg;
static struct mysql_request request;

/* As they were given to the pool. */
static struct mysql_job *jobs[JOBS];
static size_t nr_jobs;
static const struct mysql_job *withdrawn; /* the last */
static struct loop_timer *timer; /* the last that was set */
static char pool; /* its address is the pool's */

struct mysql_pool *__wrap_mysql_pool_new(struct loop *loop,
					 struct zygote *zygote, unsigned max);
void __wrap_mysql_pool_free(struct mysql_pool *of);
void __wrap_mysql_pool_join(struct mysql_pool *of);
void __wrap_mysql_pool_leave(struct mysql_pool *of);
void __wrap_mysql_pool_submit(struct mysql_pool *of, struct mysql_job *job);
void __wrap_mysql_pool_withdraw(struct mysql_pool *of, struct mysql_job *job);
void __wrap_mysql_pool_forget(struct mysql_pool *of, struct mysql_job *job);
void __real_loop_timer_set(struct loop_timer *one, usec_t when);
void __wrap_loop_timer_set(struct loop_timer *one, usec_t when);

struct mysql_pool *__wrap_mysql_pool_new(struct loop *loop,
					 struct zygote *zygote, unsigned max)
{
	return (void *)&pool;
}

void __wrap_mysql_pool_free(struct mysql_pool *of)
{
}

void __wrap_mysql_pool_join(struct mysql_pool *of)
{
}

void __wrap_mysql_pool_leave(struct mysql_pool *of)
{
}

void __wrap_mysql_pool_submit(struct mysql_pool *of, struct mysql_job *job)
{
	cr_assert_lt(nr_jobs, JOBS);
	cr_expect_not(job->running);
	jobs[nr_jobs++] = job;
}

void __wrap_mysql_pool_withdraw(struct mysql_pool *of, struct mysql_job *job)
{
	if (job->running)
		withdrawn = job;
	job->running = false;
}

void __wrap_mysql_pool_forget(struct mysql_pool *of, struct mysql_job *job)
{
}

void __wrap_loop_timer_set(struct loop_timer *one, usec_t when)
{
	timer = one;
	__real_loop_timer_set(one, when);
}

/* A helper has the last job. Returns whether it is to end sessions. */
static bool begin(void)
{
	struct mysql_job *job = jobs[nr_jobs - 1];

	memset(&request, 0, sizeof(request));
	job->running = job->begin(job, &request);
	cr_assert(job->running);
	return request.evict;
}

/* JOB comes back. EVICTED sessions were ended; -1: it did not come to that. */
static void end(struct mysql_job *job, enum outcome outcome, int evicted)
{
	struct probe_result result;

	probe_result_fill(&result, outcome, 0);
	if (evicted >= 0) {
		result.facts.have = FACT_EVICTED;
		result.facts.evicted = (uint32_t)evicted;
	}
	job->running = false;
	job->done(job, &result, true);
}

static void order(bool wanted)
{
	struct ipc_evict *body = (void *)msg.body;

	memset(&msg, 0, sizeof(msg));
	msg.header = (struct ipc_header){ IPC_EVICT, checker->generation };
	msg.length = sizeof(*body);
	msg.fd = -1;
	body->wanted = wanted;
	checker_handle(checker, &msg);
}

/* The next probe, if it is due at once: whether it is to end sessions too. */
static bool next_probe_is_ordered(void)
{
	size_t before = nr_jobs;

	check_run_now(check);
	checker_run_due(checker);
	cr_assert_eq(nr_jobs, before + 1);
	return begin();
}

static void setup(void)
{
	struct zygote none = { .sock = -1 };

	log_set_level(LOG_LEVEL_ERROR);
	cr_assert_eq(ipc_pair(ends), 0);
	checker = checker_new(ends[1], &none);
	cr_assert_not_null(checker);
	checker_conf_message(&msg, 1,
			     "virtual_server 192.0.2.10 3306 {\nlvs_sched rr\n"
			     "lvs_method DR\nprotocol TCP\non_leave kill\n"
			     "real_server 127.0.0.1 3306 {\nMYSQL_CHECK {\n"
			     "username check\npassword x\n}\n}\n}\n");
	checker_handle(checker, &msg);
	check = checker->checks[0];
	nr_jobs = 0;
	withdrawn = NULL;
	/* A probe is under way, and hangs. */
	cr_assert_not(next_probe_is_ordered());
}

static void teardown(void)
{
	checker_free(checker);
	close(ends[0]);
	close(ends[1]);
}

TestSuite(checkers_orders, .init = setup, .fini = teardown);

/* An order comes: it goes beside the probe at once. Returns its job. */
static struct mysql_job *ordered_beside(void)
{
	order(true);
	cr_assert_eq(nr_jobs, 2);
	cr_assert_neq(jobs[1], jobs[0]);
	cr_assert(begin());
	return jobs[1];
}

Test(checkers_orders, one_is_carried_out_beside_the_probe)
{
	end(ordered_beside(), PROBE_OK, 3);
	end(jobs[0], PROBE_HUNG, -1);
	cr_expect_not(next_probe_is_ordered());
	cr_expect_null(withdrawn);
}

Test(checkers_orders, one_is_taken_back_from_its_helper)
{
	const struct mysql_job *job = ordered_beside();

	order(false);
	cr_expect_eq(withdrawn, job, "the helper that has it is ended");
	end(jobs[0], PROBE_HUNG, -1);
	cr_expect_not(next_probe_is_ordered());
}

Test(checkers_orders, one_is_taken_back_before_the_next_probe)
{
	end(ordered_beside(), PROBE_LOCAL_FAULT, -1);
	order(false);
	cr_expect_null(withdrawn);
	end(jobs[0], PROBE_HUNG, -1);
	cr_expect_not(next_probe_is_ordered());
}

/* Killed, or gone: the probes have the order until one comes to its end. */
Test(checkers_orders, a_helper_that_is_lost_does_not_lose_its_order)
{
	end(ordered_beside(), PROBE_LOCAL_FAULT, -1);
	end(jobs[0], PROBE_HUNG, -1);
	cr_expect(next_probe_is_ordered());
	end(jobs[0], PROBE_LOCAL_FAULT, -1);
	cr_expect(next_probe_is_ordered());
	end(jobs[0], PROBE_OK, 0);
	cr_expect_not(next_probe_is_ordered());
}

Test(checkers_orders, a_helper_that_stands_still_is_ended_and_its_order_is_not)
{
	const struct mysql_job *job = ordered_beside();

	timer->expired(timer);
	cr_expect_eq(withdrawn, job);
	end(jobs[0], PROBE_HUNG, -1);
	cr_expect(next_probe_is_ordered());
	end(jobs[0], PROBE_OK, 1);
	cr_expect_not(next_probe_is_ordered());
}

/* While one is being carried out, the probe that begins does not have it too. */
Test(checkers_orders, one_order_has_one_helper)
{
	struct mysql_job *job = ordered_beside();

	end(jobs[0], PROBE_HUNG, -1);
	cr_expect_not(next_probe_is_ordered());
	end(job, PROBE_OK, 2);
	end(jobs[0], PROBE_HUNG, -1);
	cr_expect_not(next_probe_is_ordered());
}

Test(checkers_orders, a_newer_one_takes_the_place_of_the_first)
{
	const struct mysql_job *job = ordered_beside();

	order(true);
	cr_expect_eq(withdrawn, job);
	cr_assert_eq(nr_jobs, 3);
	cr_expect_eq(jobs[2], job);
	cr_expect(begin());
	end(jobs[2], PROBE_OK, 0);
	end(jobs[0], PROBE_OK, -1);
	cr_expect_not(next_probe_is_ordered());
}
