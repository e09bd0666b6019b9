/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/balance.h"
#include "lib/history.h"
#include "daemon/owned.h"
#include "daemon/proc/namespace.h"
#include "daemon/refusals.h"
#include "ipvs/sort.h"
#include "conf/conf.h"
#include "lib/log.h"

/* Idle plans and tables keep at most this much room (changes or servers). */
#define KERNEL_KEPT 1024
/* In so many audits each service of a probe's mark is read once. */
#define KERNEL_TURNS 5

struct kernel {
	struct ipvs_backend *backend;
	char *owned_path;
	kernel_reason *reason;
	void *arg;
	struct table model; /* the kernel's table as last known */
	bool model_known;
	struct table scratch;
	struct ipvs_keys owned; /* ours: wanted now, or before */
	struct ipvs_keys interest; /* owned and wanted: whose servers are read */
	struct ipvs_known known; /* but these are not, in the audit under way */
	struct ipvs_plan plan;
	struct ipvs_report report;
	struct refusals refusals; /* of the last try */
	bool news; /* a change is newly refused */
	struct kernel_counters counters;
	const struct table *audited; /* the last audit's table, or NULL */
	struct history *history; /* NULL: none is kept */
	int open_error; /* the last one logged: log it once */
};

struct kernel *kernel_new(const char *owned_path, kernel_reason *reason,
			  void *arg)
{
	struct kernel *kernel = xcalloc(1, sizeof(*kernel));
	int error;

	kernel->reason = reason;
	kernel->arg = arg;
	kernel->owned_path = xstrdup(owned_path);
	error = owned_load(owned_path, &kernel->owned);
	if (error < 0)
		log_warning(
			"ipvs",
			"%s: %s; services of an earlier configuration are left alone",
			owned_path, strerror(-error));
	return kernel;
}

struct kernel *kernel_new_reader(const char *owned_path, kernel_reason *reason,
				 void *arg)
{
	struct kernel *kernel = kernel_new(owned_path, reason, arg);

	free(kernel->owned_path);
	kernel->owned_path = NULL;
	return kernel;
}

void kernel_keep_history(struct kernel *kernel, struct history *history)
{
	kernel->history = history;
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	ipvs_close(kernel->backend);
	table_free(&kernel->model);
	table_free(&kernel->scratch);
	ipvs_keys_free(&kernel->owned);
	ipvs_keys_free(&kernel->interest);
	ipvs_keys_free(&kernel->known.keys);
	ipvs_plan_free(&kernel->plan);
	ipvs_report_free(&kernel->report);
	refusals_free(&kernel->refusals);
	free(kernel->owned_path);
	free(kernel);
}

int kernel_open(struct kernel *kernel)
{
	char text[IPVS_TEXT_MAX];
	int error;

	if (kernel->backend)
		return 0;
	error = namespace_visit_ipvs();
	if (error == 0) {
		error = ipvs_netlink_open(&kernel->backend, text);
		namespace_return();
	} else {
		snprintf(text, sizeof(text),
			 "IPVS: net_namespace_ipvs cannot be entered: %s",
			 strerror(-error));
	}
	if (error < 0 && error != kernel->open_error)
		log_error("ipvs", "%s", text);
	kernel->open_error = error;
	return error;
}

void kernel_use(struct kernel *kernel, struct ipvs_backend *backend)
{
	ipvs_close(kernel->backend);
	kernel->backend = backend;
	kernel->model_known = false;
}

bool kernel_is_open(const struct kernel *kernel)
{
	return kernel->backend != NULL;
}

struct ipvs_backend *kernel_backend(struct kernel *kernel)
{
	return kernel->backend;
}

const struct kernel_counters *kernel_counters(const struct kernel *kernel)
{
	return &kernel->counters;
}

/* A broken connection to the kernel is opened again at the next use. */
static int kernel_lost(struct kernel *kernel, int error)
{
	log_error("ipvs", "the kernel cannot be reached: %s", strerror(-error));
	ipvs_close(kernel->backend);
	kernel->backend = NULL;
	kernel->model_known = false;
	return error;
}

/* Own the WANTED services before the first of them is made. */
static void kernel_own(struct kernel *kernel, const struct table *wanted)
{
	size_t i, before = kernel->owned.nr;
	int error;

	for (i = 0; i < wanted->nr_services; i++)
		if (!ipvs_keys_has(&kernel->owned, &wanted->services[i].key))
			break;
	if (i == wanted->nr_services)
		return;
	ipvs_keys_add_table(&kernel->owned, wanted);
	ipvs_keys_sort(&kernel->owned);
	if (!kernel->owned_path || kernel->owned.nr == before)
		return;
	error = owned_save(kernel->owned_path, &kernel->owned);
	if (error < 0)
		log_warning(
			"ipvs",
			"%s: %s; after a restart, services that are taken out of the "
			"file meanwhile would stay",
			kernel->owned_path, strerror(-error));
}

/* After a successful plan the unwanted services are gone: forget them. */
static void kernel_disown(struct kernel *kernel, const struct table *wanted)
{
	int error;

	if (kernel->owned.nr == wanted->nr_services)
		return;
	ipvs_keys_clear(&kernel->owned);
	ipvs_keys_add_table(&kernel->owned, wanted);
	ipvs_keys_sort(&kernel->owned);
	if (!kernel->owned_path)
		return;
	error = owned_save(kernel->owned_path, &kernel->owned);
	if (error < 0)
		log_warning("ipvs", "%s: %s", kernel->owned_path,
			    strerror(-error));
}

static int kernel_fetch(struct kernel *kernel, const struct table *wanted,
			const struct ipvs_known *known, struct table *into)
{
	int error;

	ipvs_keys_clear(&kernel->interest);
	ipvs_keys_add_table(&kernel->interest, wanted);
	for (size_t i = 0; i < kernel->owned.nr; i++)
		ipvs_keys_add(&kernel->interest, &kernel->owned.keys[i]);
	ipvs_keys_sort(&kernel->interest);
	error = ipvs_read(kernel->backend, &kernel->interest, wanted, known,
			  into);
	return error < 0 ? kernel_lost(kernel, error) : 0;
}

static int kernel_learn(struct kernel *kernel, const struct table *wanted)
{
	int error = kernel_open(kernel);

	if (error < 0 || kernel->model_known)
		return error;
	error = kernel_fetch(kernel, wanted, NULL, &kernel->model);
	kernel->model_known = error == 0;
	return error;
}

const struct table *kernel_read(struct kernel *kernel,
				const struct table *wanted)
{
	if (kernel_open(kernel) < 0 ||
	    kernel_fetch(kernel, wanted, NULL, &kernel->scratch) < 0)
		return NULL;
	return &kernel->scratch;
}

const struct table *kernel_read_some(struct kernel *kernel,
				     const struct service_key *keys, size_t nr,
				     const struct table *wanted)
{
	int error = kernel_open(kernel);

	if (error < 0)
		return NULL;
	error = ipvs_read_some(kernel->backend, keys, nr, wanted,
			       &kernel->scratch);
	if (error == 0)
		return &kernel->scratch;
	kernel_lost(kernel, error);
	return NULL;
}

bool kernel_is_reached(struct kernel *kernel)
{
	struct ipvs_info info;
	int error = kernel_open(kernel);

	if (error < 0)
		return false;
	error = ipvs_get_info(kernel->backend, &info);
	if (error < 0)
		kernel_lost(kernel, error);
	return error == 0;
}

static void kernel_log_change(struct kernel *kernel,
			      const struct ipvs_change *change,
			      const struct ipvs_failure *failure)
{
	char what[IPVS_CHANGE_TEXT_MAX], why[512], trouble[IPVS_TEXT_MAX];
	bool matters;

	ipvs_change_format(change, what, sizeof(what));
	why[0] = '\0';
	matters = kernel->reason(kernel->arg, change, why, sizeof(why));
	if (failure)
		log_error("ipvs", "failed to %s: %s (wanted, since %s)", what,
			  ipvs_error_text(change, failure->error, failure->text,
					  trouble),
			  why);
	else if (matters)
		log_notice("ipvs", "%s: %s", what, why);
	else
		log_info("ipvs", "%s: %s", what, why);
	if (kernel->history)
		history_add(kernel->history, "%s%s: %s",
			    failure ? "failed to " : "", what,
			    failure ? trouble : why);
}

/*
 * Failures are in the order of the changes, so one loop walks the two lists. A
 * refusal is logged once, and again when its error changes.
 */
static void kernel_log_changes(struct kernel *kernel)
{
	const struct ipvs_report *report = &kernel->report;
	size_t i, f = 0;

	for (i = 0; i < kernel->plan.nr; i++) {
		const struct ipvs_change *change = &kernel->plan.changes[i];
		const struct ipvs_failure *failure = NULL;

		if (f < report->nr_failures && report->failures[f].change == i)
			failure = &report->failures[f++];
		if (failure ?
			    !refusals_know(&kernel->refusals, change, failure) :
			    change->result == 0)
			kernel_log_change(kernel, change, failure);
	}
}

/*
 * The plan was made from the model, so its results update the model. WHOLE: the
 * plan also has the changes that were refused before.
 */
static int kernel_carry_out(struct kernel *kernel, const struct table *wanted,
			    bool whole)
{
	const struct ipvs_report *report = &kernel->report;
	int error;

	if (kernel->plan.nr == 0) {
		if (whole)
			refusals_free(&kernel->refusals);
		return kernel->refusals.nr ? -EAGAIN : 0;
	}
	error = ipvs_apply(kernel->backend, &kernel->plan, &kernel->report);
	if (error < 0)
		return kernel_lost(kernel, error);
	kernel->counters.changes += report->done;
	kernel->counters.failures += report->nr_failures;
	kernel_log_changes(kernel);
	kernel->news |=
		refusals_take(&kernel->refusals, &kernel->plan, report, !whole);
	kernel->model_known = !report->reread;
	if (kernel->model_known)
		ipvs_update_actual(&kernel->model, &kernel->plan);
	/* A start's plan is large and is not repeated. */
	if (kernel->plan.room > KERNEL_KEPT)
		ipvs_plan_free(&kernel->plan);
	if (!kernel->model_known || kernel->refusals.nr > 0)
		return -EAGAIN;
	kernel_disown(kernel, wanted);
	return 0;
}

/*
 * A server that left the file drains only where the kernel has it. A server
 * that the kernel lacks (refused, or removed by somebody else) has nothing to
 * drain, and is not added for that. WANTED and ACTUAL are sorted.
 */
static void kernel_drop_gone(const struct table *actual, struct table *wanted)
{
	size_t i, d;

	for (i = 0; i < wanted->nr_services; i++) {
		struct table_service *svc = &wanted->services[i];
		struct ipvs_dests there = ipvs_dests(
			actual, ipvs_find_service(actual, &svc->key));
		struct table_dest *dests = wanted->dests + svc->first_dest;
		size_t kept = 0;

		for (d = 0; d < svc->nr_dests; d++) {
			struct ipvs_dests one = { &dests[d], &dests[d] + 1 };

			while (there.at != there.end &&
			       ipvs_dests_cmp(there, one) < 0)
				there.at++;
			if (dests[d].ref == REF_LEAVING &&
			    ipvs_dests_cmp(there, one) != 0)
				continue;
			dests[kept++] = dests[d];
		}
		svc->nr_dests = kept;
	}
}

/* Sort WANTED and compare it with ACTUAL: fills kernel->plan. */
static int kernel_compare(struct kernel *kernel, const struct table *actual,
			  struct table *wanted)
{
	struct ipvs_duplicate twice;
	char text[SERVICE_TEXT_MAX];

	if (ipvs_sort_table(wanted, &twice) < 0) {
		log_warning("ipvs", "%s is wanted twice; the first one counts",
			    service_key_format(&twice.service->key, text));
		ipvs_drop_duplicates(wanted);
	}
	kernel_drop_gone(actual, wanted);
	kernel_own(kernel, wanted);
	return ipvs_diff(actual, wanted, &kernel->owned, &kernel->plan);
}

int kernel_apply(struct kernel *kernel, struct table *wanted)
{
	bool twice;
	int error;

	for (twice = false;; twice = true) {
		ipvs_sort_table(wanted, NULL);
		error = kernel_learn(kernel, wanted);
		if (error == 0)
			error = kernel_compare(kernel, &kernel->model, wanted);
		if (error == 0)
			error = kernel_carry_out(kernel, wanted, true);
		/*
		 * If the model was wrong, not the plan, try once more with a
		 * fresh one.
		 */
		if (error != -EAGAIN || twice || !kernel->report.reread)
			return error;
	}
}

static void kernel_log_repairs(struct kernel *kernel)
{
	char what[IPVS_CHANGE_TEXT_MAX];
	size_t i;

	for (i = 0; i < kernel->plan.nr; i++)
		log_warning("ipvs",
			    "somebody else changed the table; to repair it: %s",
			    ipvs_change_format(&kernel->plan.changes[i], what,
					       sizeof(what)));
	kernel->counters.repairs += kernel->plan.nr;
}

/*
 * Services of marks that no part of the file wants are for probes (probe_path
 * client): one a server, and to ask for the server of each at every audit would cost
 * a fourth of the probes. An audit asks for one in KERNEL_TURNS of them; a
 * service that is gone as a whole is seen by each audit.
 */
static void kernel_choose_known(struct kernel *kernel,
				const struct table *wanted)
{
	size_t i;

	ipvs_keys_clear(&kernel->known.keys);
	kernel->known.table = &kernel->model;
	for (i = 0; i < wanted->nr_services; i++)
		if (wanted->services[i].key.fwmark &&
		    wanted->services[i].ref == TABLE_NO_REF &&
		    (i + kernel->counters.audits) % KERNEL_TURNS != 0)
			ipvs_keys_add(&kernel->known.keys,
				      &wanted->services[i].key);
	ipvs_keys_sort(&kernel->known.keys);
}

int kernel_audit(struct kernel *kernel, struct table *wanted, usec_t now,
		 usec_t (*clock)(void))
{
	int error = kernel_open(kernel);

	kernel->audited = NULL;
	if (error < 0)
		return error;
	if (!kernel->model_known) {
		error = kernel_apply(kernel, wanted);
		kernel->audited = kernel->model_known ? &kernel->model : NULL;
		return error;
	}
	ipvs_sort_table(wanted, NULL);
	kernel_choose_known(kernel, wanted);
	error = kernel_fetch(kernel, wanted, &kernel->known, &kernel->scratch);
	if (error < 0)
		return error;
	error = kernel_compare(kernel, &kernel->scratch, wanted);
	if (error < 0)
		return error;
	kernel->counters.audits++;
	kernel->counters.audit_cost = clock() - now;
	kernel->counters.last_audit = now;
	refusals_leave_out(&kernel->refusals, &kernel->plan);
	kernel_log_repairs(kernel);
	/*
	 * The plan points into the table just read, so that becomes the model.
	 */
	table_swap(&kernel->model, &kernel->scratch);
	error = kernel_carry_out(kernel, wanted, false);
	kernel->audited = kernel->model_known ? &kernel->model : NULL;
	return error;
}

const struct table *kernel_last_audit(const struct kernel *kernel)
{
	return kernel->audited;
}

void kernel_forget_audit(struct kernel *kernel)
{
	kernel->audited = NULL;
	if (kernel->scratch.room_dests > KERNEL_KEPT)
		table_free(&kernel->scratch);
}

const struct ipvs_keys *kernel_owned(const struct kernel *kernel)
{
	return &kernel->owned;
}

bool kernel_has(const struct kernel *kernel, const struct service_key *key)
{
	const struct table_service *svc =
		kernel->model_known ? ipvs_find_service(&kernel->model, key) :
				      NULL;

	return svc && svc->nr_dests > 0;
}

int kernel_refused(const struct kernel *kernel, const struct service_key *key)
{
	return refusals_error(&kernel->refusals, key);
}

bool kernel_take_news(struct kernel *kernel)
{
	bool news = kernel->news;

	kernel->news = false;
	return news;
}

const struct ipvs_plan *kernel_plan(struct kernel *kernel, struct table *wanted)
{
	ipvs_sort_table(wanted, NULL);
	if (kernel_open(kernel) < 0 ||
	    kernel_fetch(kernel, wanted, NULL, &kernel->scratch) < 0 ||
	    kernel_compare(kernel, &kernel->scratch, wanted) < 0)
		return NULL;
	return &kernel->plan;
}

int kernel_remove_ours(struct kernel *kernel)
{
	struct table nothing = { 0 };
	int error = kernel_apply(kernel, &nothing);

	table_free(&nothing);
	return error;
}

int kernel_flush(struct kernel *kernel)
{
	int error = kernel_open(kernel);

	if (error < 0)
		return error;
	kernel->model_known = false;
	return ipvs_flush(kernel->backend);
}

void kernel_set_timeouts(struct kernel *kernel,
			 const struct conf_global *global)
{
	struct ipvs_timeouts timeouts = { .tcp = global->timeout_tcp,
					  .tcp_fin = global->timeout_tcp_fin,
					  .udp = global->timeout_udp };
	int error;

	if (!timeouts.tcp && !timeouts.tcp_fin && !timeouts.udp)
		return;
	error = ipvs_set_timeouts(kernel_backend(kernel), &timeouts);
	if (error < 0)
		log_error("ipvs", "lvs_timeouts cannot be set: %s",
			  strerror(-error));
}
