/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carrying out a plan, phase by phase: every addition and edit is tried,
 * retries included, before anything is taken away. In an exclusive service, what
 * is to go is taken away first, and if that fails, nothing is put in its place.
 *
 * The table may have changed since it was read, by hand or by another program.
 * The kernel's answer then shows the present state, and the request becomes the
 * intended one: an addition of an existing entry becomes an edit, and so on. A
 * change that cannot be mended like that (a service vanished with its servers)
 * is left to the caller, which is told to read the table again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs/request.h"
#include "ipvs/validate.h"
#include "lib/util.h"

/* A change that is not settled yet; no errno has this value. */
#define PENDING 1

/* How often one change may be sent: as it is, mended, and after "again". */
#define ROUNDS_MAX 4

struct applying {
	struct ipvs_backend *backend;
	struct ipvs_plan *plan;
	struct ipvs_report *report;
	const struct table_service *refused; /* the last invalid service */
	size_t services[2]; /* in the kernel now, as far as we know, by family */
	struct ipvs_request batch[IPVS_BATCH_MAX];
	size_t index[IPVS_BATCH_MAX]; /* of the change that each request is for */
	size_t nr;
	bool stuck; /* a change of IPVS_PHASE_YIELD failed */
};

void ipvs_report_free(struct ipvs_report *report)
{
	free(report->failures);
	memset(report, 0, sizeof(*report));
}

static void apply_report_clear(struct ipvs_report *report)
{
	struct ipvs_failure *failures = report->failures;
	size_t room = report->room_failures;

	memset(report, 0, sizeof(*report));
	report->failures = failures;
	report->room_failures = room;
}

/* CHANGE is not in the table now, as far as we know. */
static void apply_miss(struct applying *run, struct ipvs_change *change,
		       int error)
{
	change->result = error;
	run->stuck |= change->phase == IPVS_PHASE_YIELD;
}

static void apply_fail(struct applying *run, size_t index, int error,
		       const char *text)
{
	struct ipvs_report *report = run->report;
	struct ipvs_failure *failure;

	report->failures = array_grow(report->failures, report->nr_failures,
				      &report->room_failures, sizeof(*failure));
	failure = &report->failures[report->nr_failures++];
	failure->change = index;
	failure->error = error;
	snprintf(failure->text, sizeof(failure->text), "%s", text);
	apply_miss(run, &run->plan->changes[index], error);
}

static size_t *apply_services_of(struct applying *run,
				 const struct ipvs_change *change)
{
	return &run->services[change->service->key.family == AF_INET6];
}

static void apply_succeed(struct applying *run, struct ipvs_change *change,
			  enum ipvs_op op)
{
	size_t *services = apply_services_of(run, change);

	change->result = 0;
	run->report->done++;
	if (op == IPVS_NEW_SERVICE)
		(*services)++;
	else if (op == IPVS_DEL_SERVICE && *services)
		(*services)--;
}

/* The answer is lost. Count on the worse of the possible outcomes. */
static void apply_lose(struct applying *run, struct ipvs_change *change,
		       enum ipvs_op op)
{
	size_t *services = apply_services_of(run, change);

	apply_miss(run, change, -ENOBUFS);
	run->report->unknown++;
	run->report->reread = true;
	if (op == IPVS_DEL_SERVICE && *services)
		(*services)--;
}

/* Did making the service of this server fail just now? */
static bool apply_service_failed(const struct applying *run,
				 const struct ipvs_change *change)
{
	size_t i;

	for (i = 0; i < run->report->nr_failures; i++) {
		const struct ipvs_failure *failure = &run->report->failures[i];
		const struct ipvs_change *failed =
			&run->plan->changes[failure->change];

		if (failed->op == IPVS_NEW_SERVICE &&
		    failed->service == change->service)
			return true;
	}
	return false;
}

/* The server's service is not there. */
static void apply_skip(struct applying *run, struct ipvs_change *change)
{
	apply_miss(run, change, -ESRCH);
	run->report->skipped++;
	if (!apply_service_failed(run, change))
		run->report->reread = true;
}

/*
 * The operation after an error of OP: another one, to be sent in the next
 * round, or OP itself if the change is settled. ESRCH is about the service,
 * ENOENT about the server, but with services about the scheduler.
 */
static enum ipvs_op apply_mend(enum ipvs_op op, int error)
{
	switch (op) {
	case IPVS_NEW_SERVICE:
		return error == -EEXIST ? IPVS_SET_SERVICE : op;
	case IPVS_SET_SERVICE:
		return error == -ESRCH ? IPVS_NEW_SERVICE : op;
	case IPVS_NEW_DEST:
		return error == -EEXIST ? IPVS_SET_DEST : op;
	case IPVS_SET_DEST:
		return error == -ENOENT ? IPVS_NEW_DEST : op;
	case IPVS_DEL_SERVICE:
	case IPVS_DEL_DEST:
		break;
	}
	return op;
}

static bool apply_is_about_dest(enum ipvs_op op)
{
	return op == IPVS_NEW_DEST || op == IPVS_SET_DEST ||
	       op == IPVS_DEL_DEST;
}

static bool apply_is_removal(enum ipvs_op op)
{
	return op == IPVS_DEL_DEST || op == IPVS_DEL_SERVICE;
}

static bool apply_asks_again(int error)
{
	return error == -EAGAIN || error == -EBUSY || error == -EINTR;
}

/* Settle change INDEX, or leave it pending with request->op to be sent next. */
static void apply_settle(struct applying *run, struct ipvs_request *request,
			 size_t index)
{
	struct ipvs_change *change = &run->plan->changes[index];
	int error = request->result;
	enum ipvs_op next = apply_mend(request->op, error);

	if (error == 0) {
		apply_succeed(run, change, request->op);
	} else if (next != request->op) {
		/* The service has servers unknown to the plan, or none. */
		if (!apply_is_about_dest(request->op))
			run->report->reread = true;
		if (request->op == IPVS_NEW_SERVICE)
			(*apply_services_of(run, change))++;
		else if (request->op == IPVS_SET_SERVICE &&
			 *apply_services_of(run, change))
			(*apply_services_of(run, change))--;
		request->op = next;
	} else if (apply_is_removal(request->op) &&
		   (error == -ESRCH || error == -ENOENT)) {
		apply_succeed(run, change, request->op);
		run->report->already++;
	} else if (error == -ENOBUFS) {
		apply_lose(run, change, request->op);
	} else if (apply_is_about_dest(request->op) && error == -ESRCH) {
		apply_skip(run, change);
	} else if (!apply_asks_again(error)) {
		apply_fail(run, index, error, request->text);
	}
}

/* Send the batch until every change in it is settled. */
static int apply_flush_batch(struct applying *run)
{
	int rounds, err;
	size_t i;

	for (rounds = 0; run->nr && rounds < ROUNDS_MAX; rounds++) {
		size_t left = 0;

		run->report->requests += run->nr;
		err = run->backend->ops->submit(run->backend, run->batch,
						run->nr);
		if (err < 0)
			return err;
		for (i = 0; i < run->nr; i++) {
			apply_settle(run, &run->batch[i], run->index[i]);
			if (run->plan->changes[run->index[i]].result != PENDING)
				continue;
			run->batch[left] = run->batch[i];
			run->index[left++] = run->index[i];
		}
		run->nr = left;
	}
	for (i = 0; i < run->nr; i++)
		apply_fail(run, run->index[i], run->batch[i].result,
			   run->batch[i].text);
	run->nr = 0;
	return 0;
}

/* Whether a server of the same exclusive service could not be taken out. */
static bool apply_is_beside(const struct applying *run,
			    const struct ipvs_change *change)
{
	const struct ipvs_plan *plan = run->plan;
	size_t i;

	if (!run->stuck || !ipvs_change_begins(change))
		return false;
	for (i = 0; i < plan->nr; i++) {
		if (plan->changes[i].phase != IPVS_PHASE_YIELD)
			break;
		if (plan->changes[i].service == change->service &&
		    plan->changes[i].result != 0)
			return true;
	}
	return false;
}

/*
 * The plan keeps services of this family, and this would remove the last one;
 * or one server more would serve than may.
 */
static bool apply_must_hold(struct applying *run,
			    const struct ipvs_change *change)
{
	if (apply_is_beside(run, change))
		return true;
	return change->op == IPVS_DEL_SERVICE &&
	       *apply_services_of(run, change) <= 1 &&
	       run->plan->keeps_family[change->service->key.family == AF_INET6];
}

static const char *apply_validate(const struct ipvs_change *change)
{
	if (apply_is_removal(change->op))
		return NULL;
	return change->dest ?
		       ipvs_validate_dest(change->service, change->dest) :
		       ipvs_validate_service(change->service);
}

/* Put change INDEX into the batch, unless it is not to be sent at all. */
static void apply_add_to_batch(struct applying *run, size_t index)
{
	struct ipvs_change *change = &run->plan->changes[index];
	struct ipvs_request *request;
	const char *wrong = apply_validate(change);

	if (change->service == run->refused) {
		apply_skip(run, change);
		return;
	}
	if (wrong) {
		apply_fail(run, index, -EINVAL, wrong);
		if (change->op == IPVS_NEW_SERVICE)
			run->refused = change->service;
		return;
	}
	if (apply_must_hold(run, change)) {
		change->result = -EBUSY;
		run->report->held++;
		return;
	}
	run->index[run->nr] = index;
	request = &run->batch[run->nr++];
	request->op = change->op;
	request->service = change->service;
	request->dest = change->dest;
}

/*
 * A batch never removes more services of a family than may go: how many of them
 * were there to be removed is known only afterwards.
 */
static size_t apply_batch_limit(const struct applying *run,
				const struct ipvs_change *change)
{
	unsigned family = change->service->key.family == AF_INET6;

	if (change->op != IPVS_DEL_SERVICE || !run->plan->keeps_family[family])
		return IPVS_BATCH_MAX;
	if (run->services[family] > IPVS_BATCH_MAX)
		return IPVS_BATCH_MAX;
	return run->services[family] > 1 ? run->services[family] - 1 : 1;
}

static int apply_send_changes(struct applying *run)
{
	const struct ipvs_plan *plan = run->plan;
	size_t i;

	for (i = 0; i < plan->nr; i++) {
		const struct ipvs_change *change = &plan->changes[i];
		bool new_phase = run->nr &&
				 plan->changes[run->index[0]].phase !=
					 change->phase;

		if (new_phase || run->nr >= apply_batch_limit(run, change)) {
			int err = apply_flush_batch(run);

			if (err < 0)
				return err;
		}
		apply_add_to_batch(run, i);
	}
	return apply_flush_batch(run);
}

static int apply_compare_failures(const void *a, const void *b)
{
	const struct ipvs_failure *x = a;
	const struct ipvs_failure *y = b;

	return x->change < y->change ? -1 : x->change > y->change;
}

/* Sort by change: a refusal is known at once, a retry's result only later. */
static void apply_order_failures(struct ipvs_report *report)
{
	if (report->nr_failures > 1)
		qsort(report->failures, report->nr_failures,
		      sizeof(*report->failures), apply_compare_failures);
}

int ipvs_apply(struct ipvs_backend *backend, struct ipvs_plan *plan,
	       struct ipvs_report *report)
{
	struct applying *run = xcalloc(1, sizeof(*run));
	size_t i;
	int err;

	run->backend = backend;
	run->plan = plan;
	run->report = report;
	memcpy(run->services, plan->services_before, sizeof(run->services));
	apply_report_clear(report);
	for (i = 0; i < plan->nr; i++)
		plan->changes[i].result = PENDING;
	err = apply_send_changes(run);
	for (i = 0; i < plan->nr; i++)
		if (plan->changes[i].result == PENDING)
			plan->changes[i].result = err;
	apply_order_failures(report);
	free(run);
	return err;
}
