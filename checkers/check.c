/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running the checks. A check is always in exactly one place of one queue: with
 * the time of its next start while it waits, with its deadline while a probe
 * runs. So one timer serves thousands of checks, two probes of a check never
 * overlap, and between events nothing runs at all.
 */
#include "checkers/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/check_path.h"
#include "checkers/checker_process.h"
#include "lib/log.h"

/* Starts that are this close together share one waking-up. */
#define CHECK_TOGETHER (20 * USEC_PER_MSEC)
/* But none is early by more than this part of its interval. */
#define CHECK_EARLY 100
/* After so many events the loop looks at the sockets again. */
#define CHECK_TURN_MAX 256
/* Reading the clock is not free everywhere; this many starts share one time. */
#define CHECK_CLOCK_SHARED 4
/* A probe that cannot start is tried again within these bounds. */
#define CHECK_POSTPONE_MIN (10 * USEC_PER_MSEC)
#define CHECK_POSTPONE_MAX (500 * USEC_PER_MSEC)
/* How late the whole process may be before it counts as silent. */
#define CHECK_SLACK (2 * USEC_PER_SEC)
/* Past a deadline by this much, we have not looked at the sockets in time. */
#define CHECK_LATE (500 * USEC_PER_MSEC)
/* Without a single check, main hears of us this often. */
#define CHECK_SILENCE (3600 * USEC_PER_SEC)

struct loop *check_loop(const struct check *check)
{
	return check->checker->loop;
}

uint32_t check_generation(const struct check *check)
{
	return check->checker->generation;
}

int check_tell_main(const struct check *check, enum ipc_type type,
		    const void *body, size_t length)
{
	return ipc_send(check->checker->sock, type, check->checker->generation,
			body, length, -1);
}

void *check_shared(const struct check *check)
{
	struct checker *checker = check->checker;
	struct probe_shared *shared = checker->shared;

	/* A few types: HTTP_GET and SSL_GET are of one. */
	while (shared->type && shared->type != check->type)
		shared++;
	shared->type = check->type;
	if (!shared->data)
		shared->data = check->type->open(&checker->means);
	return shared->data;
}

struct checker_identity *check_identity(const struct check *check)
{
	return check->checker->identity;
}

struct checker_identity *check_trust(const struct check *check)
{
	return tls_trusts_find(&check->checker->trusts,
			       check->conf->traits.trust_file);
}

const char *check_identity_password(const struct check *check)
{
	return check->checker->conf->global.ssl.password;
}

const char *check_secret(const struct check *check)
{
	return check->secret;
}

struct check *check_new(struct checker *checker, const struct conf_check *conf,
			uint32_t index, const char *secret)
{
	const struct probe_type *type = checker->probe_type(conf->kind);
	struct check *check = xcalloc(1, sizeof(*check));
	usec_t now = loop_now(checker->loop);

	check->conf = conf;
	check->type = type;
	check->checker = checker;
	check->index = index;
	check->secret = secret ? xstrdup(secret) : NULL;
	/* Checks of one server may hash alike; their places differ. */
	timing_init(&check->timing, checker->seed + index,
		    conf_check_hash(conf));
	if (!type)
		return check;
	if (type->attach)
		type->attach(check);
	sched_set(&checker->sched, &check->item,
		  timing_first(&check->timing, conf, now));
	return check;
}

void check_free(struct check *check)
{
	const struct probe_type *type = check->type;
	struct checker *checker = check->checker;

	if (check->started) {
		type->cancel(check);
		checker->in_flight--;
	}
	if (type && type->detach)
		type->detach(check);
	check_path_free(check);
	sched_clear(&checker->sched, &check->item);
	outbox_drop(&checker->outbox, &check->outbox);
	if (check->secret)
		explicit_bzero(check->secret, strlen(check->secret));
	free(check->secret);
	free(check);
}

void check_run_now(struct check *check)
{
	struct checker *checker = check->checker;

	if (check->started || !check->type)
		return;
	sched_set(&checker->sched, &check->item, loop_now(checker->loop));
	checker_schedule_flush(checker);
}

static void check_set_deadline(struct check *check)
{
	sched_set(&check->checker->sched, &check->item,
		  check->started + check->conf->timeout + check->type->grace);
}

void check_wait_until(struct check *check, usec_t when)
{
	sched_set(&check->checker->sched, &check->item, when);
	checker_schedule_flush(check->checker);
}

void check_restart_clock(struct check *check)
{
	check->started = loop_now_exact(check->checker->loop);
	check_set_deadline(check);
	checker_schedule_flush(check->checker);
}

static void check_report(struct check *check, const struct probe_result *result,
			 usec_t now, usec_t duration)
{
	struct verdict verdict = {
		.check = check->index,
		.outcome = (uint16_t)result->outcome,
		.server_errno = result->server_errno,
		.when = now,
		.duration = duration > UINT32_MAX ? UINT32_MAX :
						    (uint32_t)duration,
		.failures = check->failures,
		.facts = result->facts,
	};
	char where[ENDPOINT_TEXT_MAX];

	text_copy_printable(verdict.text, sizeof(verdict.text), result->text,
			    sizeof(result->text));
	outbox_put(&check->checker->outbox, &check->outbox, &verdict);
	if (check->reported != result->outcome)
		check->checker->unreported = true;
	check->reported = result->outcome;
	if (log_enabled(LOG_LEVEL_DEBUG))
		log_debug("check", "%s %s: %s (%s) in %lld us",
			  check_kind_name(check->conf->kind),
			  conf_check_target(check->conf, where),
			  outcome_info(verdict.outcome)->name, verdict.text,
			  (long long)duration);
}

/*
 * Only an outcome that tells about the server counts. An outcome that holds the
 * last state, or tells of none, neither adds a failure nor forgives one.
 */
static void check_count(struct check *check, enum outcome_class class)
{
	switch (class) {
	case OUTCOME_GOOD:
	case OUTCOME_SATURATED:
	case OUTCOME_DRAIN:
		check->failures = 0;
		break;
	case OUTCOME_HARD:
	case OUTCOME_SOFT:
		if (check->failures < UINT32_MAX)
			check->failures++;
		break;
	case OUTCOME_UNKNOWN:
	case OUTCOME_HOLD:
	case OUTCOME_CLASSES:
		break;
	}
}

/* There is a verdict: plan the next probe. */
static void check_conclude(struct check *check,
			   const struct probe_result *result, usec_t now)
{
	enum outcome_class class = outcome_info(result->outcome)->class;
	usec_t duration = now - check->started;
	bool retry;

	if (result->duration > 0 && result->duration < duration)
		duration = result->duration;
	/* Two probes have shown it. */
	if (result->outcome == PROBE_CLIENT_PATH)
		duration = now - check->path.began;
	check_count(check, class);
	check_report(check, result, now, duration);
	retry = (class == OUTCOME_HARD || class == OUTCOME_SOFT) &&
		check->failures < check->conf->fall;
	sched_set(&check->checker->sched, &check->item,
		  timing_next(&check->timing, check->conf, check->started, now,
			      retry));
}

void check_finish(struct check *check, const struct probe_result *result)
{
	struct checker *checker = check->checker;
	usec_t now = checker->starting ? loop_now_exact(checker->loop) :
					 loop_now(checker->loop);
	struct probe_result whole = *result;

	if (check_path_continues(check, &whole))
		sched_set(&checker->sched, &check->item, now);
	else
		check_conclude(check, &whole, now);
	check->started = 0;
	checker->in_flight--;
	checker_schedule_flush(checker);
}

void probe_result_fill(struct probe_result *result, enum outcome outcome,
		       int error)
{
	*result = (struct probe_result){ .outcome = outcome };
	snprintf(result->text, sizeof(result->text), "%s",
		 error ? strerror(error) : outcome_info(outcome)->text);
}

void check_finish_errno(struct check *check, enum outcome outcome, int error)
{
	struct probe_result result;

	probe_result_fill(&result, outcome, error);
	check_finish(check, &result);
}

/*
 * The probe could not start. The fault is ours and says nothing about the
 * server, so the probe is tried again soon; main is told once an interval.
 */
static void check_postpone(struct check *check, int error, usec_t now)
{
	usec_t wait = check->conf->delay_loop / 8;
	struct probe_result result;

	if (wait < CHECK_POSTPONE_MIN)
		wait = CHECK_POSTPONE_MIN;
	if (wait > CHECK_POSTPONE_MAX)
		wait = CHECK_POSTPONE_MAX;
	if (check->late_since == 0)
		check->late_since = now;
	if (now - check->late_since >= check->conf->delay_loop) {
		probe_result_fill(&result, PROBE_LOCAL_FAULT, error);
		check_report(check, &result, now, 0);
		check->late_since = now;
	}
	sched_set(&check->checker->sched, &check->item, now + wait);
}

static void check_start(struct check *check, usec_t now)
{
	const struct probe_type *type = check->type;
	struct checker *checker = check->checker;
	int error = check_path_begin(check);

	if (error == 0 && checker->in_flight >= checker->cap)
		error = -EMFILE;
	if (error == 0) {
		checker->in_flight++;
		check->started = now;
		check_set_deadline(check);
		checker->starting = true;
		error = type->start(check);
		checker->starting = false;
		if (error == 0) {
			check->late_since = 0;
			return;
		}
		check->started = 0;
		checker->in_flight--;
	}
	check_postpone(check, -error, now);
}

/*
 * The server's answer until now counts. Its silence does not if this process
 * stood still meanwhile: an answer may be in the socket, or a question unsent.
 */
static void check_expire(struct check *check)
{
	usec_t late = loop_now(check->checker->loop) - check->item.when;
	struct probe_result result;

	probe_result_fill(&result, PROBE_TIMEOUT, 0);
	check->type->expire(check, &result);
	if (late > CHECK_LATE &&
	    (result.outcome == PROBE_TIMEOUT || result.outcome == PROBE_HUNG)) {
		probe_result_fill(&result, PROBE_LOCAL_FAULT, 0);
		snprintf(result.text, sizeof(result.text),
			 "this host was too busy to probe in time");
	}
	check_finish(check, &result);
}

/* How early the check's next event may come: a deadline, not at all. */
static usec_t check_tolerance(const struct check *check)
{
	usec_t early = check->conf->delay_loop / CHECK_EARLY;

	if (check->started)
		return 0;
	return early < CHECK_TOGETHER ? early : CHECK_TOGETHER;
}

void checker_run_due(struct checker *checker)
{
	struct sched_item *item;
	struct check *check;
	usec_t now = 0;
	int events;

	for (events = 0; events < CHECK_TURN_MAX; events++) {
		if (events % CHECK_CLOCK_SHARED == 0)
			now = loop_now_exact(checker->loop);
		item = sched_first(&checker->sched);
		if (!item)
			break;
		check = container_of(item, struct check, item);
		if (item->when > now + check_tolerance(check))
			break;
		if (check->started)
			check_expire(check);
		else
			check_start(check, now);
	}
	checker_schedule_flush(checker);
}

/*
 * The first event ends with a message to main, at the latest when its probe
 * reaches the deadline.
 */
usec_t checker_next_by(const struct checker *checker)
{
	struct sched_item *item = sched_first(&checker->sched);
	const struct check *check;
	usec_t by;

	if (!item)
		return loop_now(checker->loop) + CHECK_SILENCE;
	check = container_of(item, struct check, item);
	by = item->when + CHECK_SLACK;
	if (!check->started)
		by += check->conf->timeout + check->type->grace;
	return by;
}
