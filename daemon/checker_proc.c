/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/checker_proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/check_scripts.h"
#include "conf/sealed.h"
#include "daemon/proc/process.h"
#include "daemon/proc/secret_file.h"
#include "lib/log.h"

struct checker_proc {
	struct loop *loop;
	const struct config *config;
	struct process *process;
	struct check_scripts *scripts;
	bool ready;
	checker_proc_verdict *verdict;
	void *arg;
	uint64_t verdicts;
	uint64_t dropped;
};

/*
 * Thousands of checks mostly share one password_file: checks in a row read it
 * once.
 */
static void checker_proc_send_secrets(struct checker_proc *proc)
{
	const struct conf *conf = proc->config->conf;
	struct ipc_secret secret = { 0 };
	const char *path = NULL;
	int error = -ENOENT;
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		const char *file = conf->checks[i].traits.secret_file;

		if (!file)
			continue;
		if (!path || strcmp(path, file) != 0)
			error = secret_file_read(conf, i, &secret);
		path = file;
		secret.check = i;
		if (error == 0)
			error = process_send(proc->process, IPC_SECRET,
					     proc->config->generation, &secret,
					     sizeof(secret), -1);
	}
	explicit_bzero(&secret, sizeof(secret));
}

static int checker_proc_send_conf(void *arg)
{
	struct checker_proc *proc = arg;

	proc->ready = false;
	checker_proc_send_secrets(proc);
	return process_send(proc->process, IPC_CONF, proc->config->generation,
			    &proc->config->message,
			    sizeof(proc->config->message),
			    proc->config->checks_memfd);
}

static void checker_proc_take_verdicts(void *arg, const struct ipc_message *msg)
{
	struct checker_proc *proc = arg;
	const struct ipc_verdicts *head = (const void *)msg->body;
	const struct verdict *all = (const void *)(msg->body + sizeof(*head));
	struct verdict one;
	uint32_t i;

	if (msg->header.generation != proc->config->generation) {
		proc->dropped += head->count;
		return;
	}
	for (i = 0; i < head->count; i++) {
		one = all[i];
		verdict_sanitize(&one);
		proc->verdicts++;
		proc->verdict(proc->arg, &one);
	}
}

static void checker_proc_take_ready(void *arg, const struct ipc_message *msg)
{
	struct checker_proc *proc = arg;

	if (msg->header.generation != proc->config->generation)
		return;
	proc->ready = true;
	log_info("checker", "runs %u checks", proc->config->conf->nr_checks);
}

static void checker_proc_run_script(void *arg, const struct ipc_message *msg)
{
	struct checker_proc *proc = arg;

	check_scripts_run(proc->scripts, msg->header.generation,
			  (const void *)msg->body);
}

static void checker_proc_stop_script(void *arg, const struct ipc_message *msg)
{
	struct checker_proc *proc = arg;

	check_scripts_stop(proc->scripts, (const void *)msg->body);
}

static void checker_proc_ended(void *arg, const char *why)
{
	struct checker_proc *proc = arg;

	proc->ready = false;
	check_scripts_stop_all(proc->scripts);
	log_error("checker", "%s; the last verdicts hold until it is back",
		  why);
}

static void checker_proc_script_ended(void *arg,
				      const struct ipc_script_end *end)
{
	struct checker_proc *proc = arg;
	int error = process_send(proc->process, IPC_SCRIPT_END,
				 proc->config->generation, end, sizeof(*end),
				 -1);

	/*
	 * Without the message the probe ends at the deadline, with no
	 * judgement.
	 */
	if (error < 0)
		log_warning("checker", "cannot be told of a script's end: %s",
			    strerror(-error));
}

static const struct ipc_handler checker_proc_messages[] = {
	{ IPC_VERDICTS, checker_proc_take_verdicts },
	{ IPC_READY, checker_proc_take_ready },
	{ IPC_SCRIPT_RUN, checker_proc_run_script },
	{ IPC_SCRIPT_STOP, checker_proc_stop_script },
	{ IPC_NONE, NULL },
};

static const struct process_role checker_proc_role = {
	.name = "checker",
	.patience = 10,
	.messages = checker_proc_messages,
	.send_conf = checker_proc_send_conf,
	.ended = checker_proc_ended,
};

struct checker_proc *checker_proc_new(struct loop *loop,
				      struct scripts *scripts,
				      struct history *history,
				      checker_proc_verdict *verdict, void *arg)
{
	struct checker_proc *proc = xcalloc(1, sizeof(*proc));

	proc->loop = loop;
	proc->verdict = verdict;
	proc->arg = arg;
	proc->process = process_new(loop, &checker_proc_role, history, proc);
	proc->scripts =
		check_scripts_new(scripts, checker_proc_script_ended, proc);
	return proc;
}

void checker_proc_free(struct checker_proc *proc)
{
	if (!proc)
		return;
	process_free(proc->process);
	check_scripts_free(proc->scripts);
	free(proc);
}

void checker_proc_configure(struct checker_proc *proc,
			    const struct config *config)
{
	proc->config = config;
	check_scripts_configure(proc->scripts, config);
	proc->ready = false;
	if (process_wanted(proc->process) || config->conf->nr_checks > 0)
		process_configure(proc->process,
				  config->conf->global.checker_user);
}

void checker_proc_hear(struct checker_proc *proc)
{
	process_hear(proc->process);
}

void checker_proc_get(const struct checker_proc *proc,
		      struct checker_proc_view *view)
{
	process_get(proc->process, &view->process);
	view->ready = proc->ready;
	view->verdicts = proc->verdicts;
	view->dropped = proc->dropped;
}
