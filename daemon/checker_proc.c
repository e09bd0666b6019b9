/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/checker_proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/check_scripts.h"
#include "conf/sealed.h"
#include "daemon/proc/ping_range.h"
#include "daemon/proc/process.h"
#include "daemon/proc/secret_file.h"
#include "lib/hmac.h"
#include "lib/log.h"

struct checker_proc {
	struct loop *loop;
	const struct config *config;
	/*
	 * Of the youngest configuration that was news for the checker: its
	 * messages are about this one.
	 */
	uint32_t generation;
	uint8_t secrets[HMAC_LENGTH]; /* sum of the passwords last sent */
	struct process *process;
	struct check_scripts *scripts;
	struct ping_range ping_range;
	bool ready;
	checker_proc_verdict *verdict;
	void *arg;
	uint64_t verdicts;
	uint64_t dropped;
};

/* Mix the answer of one read into SUM: SECRET, or why there is none. */
static void checker_proc_add_secret(uint8_t sum[HMAC_LENGTH],
				    const struct ipc_secret *secret, int error)
{
	uint8_t before[HMAC_LENGTH];

	memcpy(before, sum, sizeof(before));
	if (error < 0)
		hmac_sha256(before, sizeof(before), &error, sizeof(error), sum);
	else
		hmac_sha256(before, sizeof(before), secret->text,
			    secret->length, sum);
}

/*
 * Read the passwords that files hold, to SUM, and with SEND to the checker.
 * Thousands of checks mostly share one password_file: checks in a row read it
 * once. A password that cannot be sent is followed by a configuration that
 * cannot be sent either, which ends the checker.
 */
static void checker_proc_read_secrets(struct checker_proc *proc, bool send,
				      uint8_t sum[HMAC_LENGTH])
{
	const struct conf *conf = proc->config->conf;
	struct ipc_secret secret = { 0 };
	const char *path = NULL;
	int error = -ENOENT;
	uint32_t i;

	memset(sum, 0, HMAC_LENGTH);
	for (i = 0; i < conf->nr_checks; i++) {
		const char *file = conf->checks[i].traits.secret_file;

		if (!file)
			continue;
		if (!path || strcmp(path, file) != 0) {
			error = secret_file_read(conf, i, &secret);
			checker_proc_add_secret(sum, &secret, error);
		}
		path = file;
		secret.check = i;
		if (error == 0 && send)
			error = process_send(proc->process, IPC_SECRET,
					     proc->generation, &secret,
					     sizeof(secret), -1);
	}
	explicit_bzero(&secret, sizeof(secret));
}

static int checker_proc_send_conf(void *arg)
{
	struct checker_proc *proc = arg;
	const struct config_part *part = &proc->config->parts[CONF_PART_CHECKS];

	proc->ready = false;
	checker_proc_read_secrets(proc, true, proc->secrets);
	return process_send(proc->process, IPC_CONF, proc->generation,
			    &part->message, sizeof(part->message), part->memfd);
}

static void checker_proc_take_verdicts(void *arg, const struct ipc_message *msg)
{
	struct checker_proc *proc = arg;
	const struct ipc_verdicts *head = (const void *)msg->body;
	const struct verdict *all = (const void *)(msg->body + sizeof(*head));
	struct verdict one;
	uint32_t i;

	if (msg->header.generation != proc->generation) {
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

	if (msg->header.generation != proc->generation)
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
				 proc->generation, end, sizeof(*end), -1);

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
	ping_range_restore(&proc->ping_range);
	free(proc);
}

/* Passwords in files can change without a word in the configuration. */
static bool checker_proc_has_secrets(struct checker_proc *proc)
{
	uint8_t sum[HMAC_LENGTH];

	checker_proc_read_secrets(proc, false, sum);
	return hmac_equal(sum, proc->secrets);
}

/* The first check that sends echoes asks for all; without one, all is as before. */
static void checker_proc_allow_echoes(struct checker_proc *proc)
{
	const struct conf *conf = proc->config->conf;
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		if (!conf->checks[i].traits.sends_echoes)
			continue;
		/* Without it the probes say what is missing, each in its verdict. */
		(void)ping_range_widen(&proc->ping_range,
				       conf->global.checker_user);
		return;
	}
	ping_range_restore(&proc->ping_range);
}

void checker_proc_configure(struct checker_proc *proc,
			    const struct config *config)
{
	const char *user = config->conf->global.checker_user;
	bool same = config_keeps(proc->config, config, CONF_PART_CHECKS);

	proc->config = config;
	same = same && checker_proc_has_secrets(proc);
	if (!same) {
		proc->generation = config->generation;
		proc->ready = false;
	}
	check_scripts_configure(proc->scripts, config->conf, proc->generation);
	/* Somebody may have changed it since the last time. */
	checker_proc_allow_echoes(proc);
	if (same && !process_replaces(proc->process, user))
		return;
	if (process_wanted(proc->process) || config->conf->nr_checks > 0)
		process_configure(proc->process, user);
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
