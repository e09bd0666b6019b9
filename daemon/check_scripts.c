/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/check_scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/proc/script.h"
#include "conf/conf.h"

/* More scripts at a time would only slow the host down. */
#define CHECK_SCRIPTS_MAX 4096

struct check_job {
	LIST_ENTRY(check_job) entry;
	struct check_scripts *all;
	struct script_run *run;
	uint64_t ticket;
	uint32_t generation; /* of the configuration that CHECK indexes */
	uint32_t check;
	bool answered; /* the answer is sent, or not needed any more */
};

struct check_scripts {
	struct scripts *scripts;
	const struct conf *conf;
	uint32_t generation; /* that the checker knows the checks by */
	check_scripts_answer *answer;
	void *arg;
	LIST_HEAD(, check_job) jobs;
	unsigned running;
};

static void check_scripts_say(struct check_scripts *all, uint64_t ticket,
			      enum ipc_script_how how, int status,
			      const char *why)
{
	struct ipc_script_end end = { .ticket = ticket,
				      .how = how,
				      .status = status };

	snprintf(end.why, sizeof(end.why), "%s", why);
	all->answer(all->arg, &end);
}

static void check_job_free(struct check_job *job)
{
	LIST_REMOVE(job, entry);
	job->all->running--;
	free(job);
}

static void check_job_late(void *arg)
{
	struct check_job *job = arg;

	job->answered = true;
	check_scripts_say(job->all, job->ticket, IPC_SCRIPT_TIMED_OUT, 0, "");
}

static enum ipc_script_how check_job_how(enum script_end end)
{
	switch (end) {
	case SCRIPT_EXITED:
		return IPC_SCRIPT_EXITED;
	case SCRIPT_SIGNALLED:
		return IPC_SCRIPT_SIGNALLED;
	case SCRIPT_TIMED_OUT:
		return IPC_SCRIPT_TIMED_OUT;
	case SCRIPT_NOT_RUN:
		return IPC_SCRIPT_UNFIT;
	}
	return IPC_SCRIPT_UNFIT;
}

static void check_job_ended(void *arg, const struct script_result *result)
{
	struct check_job *job = arg;

	if (!job->answered)
		check_scripts_say(job->all, job->ticket,
				  check_job_how(result->end), result->status,
				  result->why);
	check_job_free(job);
}

/* Whether the check's last run has not ended yet. */
static bool check_scripts_is_busy(const struct check_scripts *all,
				  uint32_t check)
{
	const struct check_job *job;

	LIST_FOREACH (job, &all->jobs, entry) {
		if (job->check == check && job->generation == all->generation)
			return true;
	}
	return false;
}

static void check_scripts_start(struct check_scripts *all,
				const struct ipc_script_run *run)
{
	const struct conf *conf = all->conf;
	const struct conf_check *check = &conf->checks[run->check];
	struct script_order order = { .script = check->traits.script,
				      .global = &conf->global,
				      .timeout = check->timeout,
				      .late = check_job_late };
	struct check_job *job = xcalloc(1, sizeof(*job));
	int error;

	job->all = all;
	job->ticket = run->ticket;
	job->check = run->check;
	job->generation = all->generation;
	LIST_INSERT_HEAD(&all->jobs, job, entry);
	all->running++;
	error = script_start(all->scripts, &order, check_job_ended, job,
			     &job->run);
	if (error == 0)
		return;
	check_job_free(job);
	check_scripts_say(all, run->ticket, IPC_SCRIPT_SHORTAGE, 0,
			  strerror(-error));
}

void check_scripts_run(struct check_scripts *all, uint32_t generation,
		       const struct ipc_script_run *run)
{
	const struct conf *conf = all->conf;

	if (generation != all->generation)
		check_scripts_say(all, run->ticket, IPC_SCRIPT_STALE, 0,
				  "the configuration has changed");
	else if (run->check >= conf->nr_checks ||
		 !conf->checks[run->check].traits.script)
		check_scripts_say(all, run->ticket, IPC_SCRIPT_UNFIT, 0,
				  "there is no such script");
	else if (check_scripts_is_busy(all, run->check))
		check_scripts_say(all, run->ticket, IPC_SCRIPT_BUSY, 0, "");
	else if (all->running >= CHECK_SCRIPTS_MAX)
		check_scripts_say(all, run->ticket, IPC_SCRIPT_SHORTAGE, 0,
				  "too many scripts are running");
	else
		check_scripts_start(all, run);
}

/*
 * A stopped job keeps its turn until the script is dead: a checker that
 * requests and withdraws must not make main fork without end.
 */
static void check_job_stop(struct check_job *job)
{
	job->answered = true;
	script_kill(job->run);
}

void check_scripts_stop(struct check_scripts *all,
			const struct ipc_script_stop *stop)
{
	struct check_job *job;

	LIST_FOREACH (job, &all->jobs, entry) {
		if (job->ticket == stop->ticket) {
			check_job_stop(job);
			return;
		}
	}
}

void check_scripts_stop_all(struct check_scripts *all)
{
	struct check_job *job;

	LIST_FOREACH (job, &all->jobs, entry)
		check_job_stop(job);
}

struct check_scripts *check_scripts_new(struct scripts *scripts,
					check_scripts_answer *answer, void *arg)
{
	struct check_scripts *all = xcalloc(1, sizeof(*all));

	all->scripts = scripts;
	all->answer = answer;
	all->arg = arg;
	LIST_INIT(&all->jobs);
	return all;
}

void check_scripts_free(struct check_scripts *all)
{
	struct check_job *job, *next;

	if (!all)
		return;
	for (job = LIST_FIRST(&all->jobs); job; job = next) {
		next = LIST_NEXT(job, entry);
		script_stop(job->run);
		check_job_free(job);
	}
	free(all);
}

void check_scripts_configure(struct check_scripts *all, const struct conf *conf,
			     uint32_t generation)
{
	all->conf = conf;
	all->generation = generation;
}
