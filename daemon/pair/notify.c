/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/notify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/proc/script.h"
#include "lib/log.h"

#define NOTIFY_TIMEOUT (30 * USEC_PER_SEC)
#define NOTIFY_WAITING_MAX 1000

struct notify_job {
	STAILQ_ENTRY(notify_job) entry;
	struct conf_script script; /* a copy */
	struct conf_global global; /* its settings for scripts, copied */
};

struct notify {
	struct scripts *scripts;
	STAILQ_HEAD(, notify_job) waiting;
	unsigned nr_waiting;
	unsigned refused; /* since the queue became full */
	struct notify_job *running;
	struct script_run *run; /* its */
};

static void notify_next(struct notify *notify);

static char *notify_copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void notify_job_free(struct notify_job *job)
{
	size_t i;

	if (!job)
		return;
	for (i = 0; job->script.argv[i]; i++)
		free(job->script.argv[i]);
	free(job->script.argv);
	free((char *)(uintptr_t)job->script.user);
	free((char *)(uintptr_t)job->script.group);
	free((char *)(uintptr_t)job->global.script_user);
	free((char *)(uintptr_t)job->global.script_group);
	free(job);
}

static struct notify_job *notify_job_new(const struct conf_script *script,
					 const char *const *extra,
					 const struct conf_global *global)
{
	struct notify_job *job = xcalloc(1, sizeof(*job));
	size_t count = 0, more = 0, i;

	while (script->argv[count])
		count++;
	while (extra && extra[more])
		more++;
	job->script.argv = xcalloc(count + more + 1, sizeof(*job->script.argv));
	for (i = 0; i < count; i++)
		job->script.argv[i] = xstrdup(script->argv[i]);
	for (i = 0; i < more; i++)
		job->script.argv[count + i] = xstrdup(extra[i]);
	job->script.user = notify_copy(script->user);
	job->script.group = notify_copy(script->group);
	job->global.script_user = notify_copy(global->script_user);
	job->global.script_group = notify_copy(global->script_group);
	job->global.script_security = global->script_security;
	job->global.supplementary_groups = global->supplementary_groups;
	return job;
}

static void notify_ended(void *arg, const struct script_result *result)
{
	struct notify *notify = arg;
	const char *name = notify->running->script.argv[0];
	char text[192];

	script_describe(result, text, sizeof(text));
	if (result->end == SCRIPT_NOT_RUN)
		log_error("notify", "%s %s", name, text);
	else if (result->end == SCRIPT_TIMED_OUT)
		log_warning("notify", "%s has run for %lld s and was ended",
			    name, (long long)(NOTIFY_TIMEOUT / USEC_PER_SEC));
	else if (result->end != SCRIPT_EXITED || result->status != 0)
		log_warning("notify", "%s %s", name, text);
	notify_job_free(notify->running);
	notify->running = NULL;
	notify->run = NULL;
	notify_next(notify);
}

/* Logs the number of refused scripts, once half of the queue is free. */
static void notify_tell_refused(struct notify *notify)
{
	if (notify->refused == 0 || notify->nr_waiting > NOTIFY_WAITING_MAX / 2)
		return;
	log_error("notify", "%u scripts were not run: too many were waiting",
		  notify->refused);
	notify->refused = 0;
}

static void notify_next(struct notify *notify)
{
	struct script_order order = { .timeout = NOTIFY_TIMEOUT,
				      .outlives_us = true };
	struct notify_job *job;
	int error;

	while (!notify->running && (job = STAILQ_FIRST(&notify->waiting))) {
		STAILQ_REMOVE_HEAD(&notify->waiting, entry);
		notify->nr_waiting--;
		notify_tell_refused(notify);
		notify->running = job;
		order.script = &job->script;
		order.global = &job->global;
		error = script_start(notify->scripts, &order, notify_ended,
				     notify, &notify->run);
		if (error == 0)
			return;
		log_error("notify", "%s cannot be started: %s",
			  job->script.argv[0], strerror(-error));
		notify->running = NULL;
		notify_job_free(job);
	}
}

struct notify *notify_new(struct scripts *scripts)
{
	struct notify *notify = xcalloc(1, sizeof(*notify));

	notify->scripts = scripts;
	STAILQ_INIT(&notify->waiting);
	return notify;
}

void notify_free(struct notify *notify)
{
	struct notify_job *job;

	if (!notify)
		return;
	while ((job = STAILQ_FIRST(&notify->waiting))) {
		STAILQ_REMOVE_HEAD(&notify->waiting, entry);
		notify_job_free(job);
	}
	/*
	 * A running script is left to finish: it may be the notification of our
	 * end.
	 */
	notify_job_free(notify->running);
	free(notify);
}

bool notify_idle(const struct notify *notify)
{
	return !notify->running && STAILQ_EMPTY(&notify->waiting);
}

void notify_run(struct notify *notify, const struct conf_script *script,
		const struct conf_global *global)
{
	notify_run_with(notify, script, NULL, global);
}

void notify_run_with(struct notify *notify, const struct conf_script *script,
		     const char *const *extra, const struct conf_global *global)
{
	struct notify_job *job;

	if (!script || !script->argv || !script->argv[0])
		return;
	if (notify->nr_waiting >= NOTIFY_WAITING_MAX) {
		/* Logged once: a flood of scripts must not flood the log. */
		if (notify->refused++ == 0)
			log_error("notify",
				  "%s is not run: %u scripts are waiting "
				  "already; others that come now are not, "
				  "either",
				  script->argv[0], notify->nr_waiting);
		return;
	}
	job = notify_job_new(script, extra, global);
	STAILQ_INSERT_TAIL(&notify->waiting, job, entry);
	notify->nr_waiting++;
	notify_next(notify);
}
