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

struct watch {
	struct loop *loop;
	const struct config *config;
	struct process *process;
	struct check_scripts *scripts;
	bool ready;
	watch_verdict *verdict;
	void *arg;
	uint64_t verdicts;
	uint64_t dropped;
};

/*
 * Thousands of checks mostly share one password_file: checks in a row read it
 * once.
 */
static void watch_send_secrets(struct watch *watch)
{
	const struct conf *conf = watch->config->conf;
	struct ipc_secret secret = { 0 };
	const char *path = NULL;
	int error = -ENOENT;
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_check *check = &conf->checks[i];

		if (check->kind != CHECK_MYSQL || !check->mysql->password_file)
			continue;
		if (!path || strcmp(path, check->mysql->password_file) != 0)
			error = secret_file_read(conf, i, &secret);
		path = check->mysql->password_file;
		secret.check = i;
		if (error == 0)
			error = process_send(watch->process, IPC_SECRET,
					     watch->config->generation, &secret,
					     sizeof(secret), -1);
	}
	explicit_bzero(&secret, sizeof(secret));
}

static int watch_send_conf(void *arg)
{
	struct watch *watch = arg;

	watch->ready = false;
	watch_send_secrets(watch);
	return process_send(watch->process, IPC_CONF, watch->config->generation,
			    &watch->config->message,
			    sizeof(watch->config->message),
			    watch->config->checks_memfd);
}

static void watch_take_verdicts(void *arg, const struct ipc_message *msg)
{
	struct watch *watch = arg;
	const struct ipc_verdicts *head = (const void *)msg->body;
	const struct verdict *all = (const void *)(msg->body + sizeof(*head));
	struct verdict one;
	uint32_t i;

	if (msg->header.generation != watch->config->generation) {
		watch->dropped += head->count;
		return;
	}
	for (i = 0; i < head->count; i++) {
		one = all[i];
		verdict_sanitize(&one);
		watch->verdicts++;
		watch->verdict(watch->arg, &one);
	}
}

static void watch_take_ready(void *arg, const struct ipc_message *msg)
{
	struct watch *watch = arg;

	if (msg->header.generation != watch->config->generation)
		return;
	watch->ready = true;
	log_info("checker", "runs %u checks", watch->config->conf->nr_checks);
}

static void watch_run_script(void *arg, const struct ipc_message *msg)
{
	struct watch *watch = arg;

	check_scripts_run(watch->scripts, msg->header.generation,
			  (const void *)msg->body);
}

static void watch_stop_script(void *arg, const struct ipc_message *msg)
{
	struct watch *watch = arg;

	check_scripts_stop(watch->scripts, (const void *)msg->body);
}

static void watch_ended(void *arg, const char *why)
{
	struct watch *watch = arg;

	watch->ready = false;
	check_scripts_stop_all(watch->scripts);
	log_error("checker", "%s; the last verdicts hold until it is back",
		  why);
}

static void watch_script_ended(void *arg, const struct ipc_script_end *end)
{
	struct watch *watch = arg;
	int error = process_send(watch->process, IPC_SCRIPT_END,
				 watch->config->generation, end, sizeof(*end),
				 -1);

	/*
	 * Without the message the probe ends at the deadline, with no
	 * judgement.
	 */
	if (error < 0)
		log_warning("checker", "cannot be told of a script's end: %s",
			    strerror(-error));
}

static const struct ipc_handler watch_messages[] = {
	{ IPC_VERDICTS, watch_take_verdicts },
	{ IPC_READY, watch_take_ready },
	{ IPC_SCRIPT_RUN, watch_run_script },
	{ IPC_SCRIPT_STOP, watch_stop_script },
	{ IPC_NONE, NULL },
};

static const struct process_role watch_role = {
	.name = "checker",
	.patience = 10,
	.messages = watch_messages,
	.send_conf = watch_send_conf,
	.ended = watch_ended,
};

struct watch *watch_new(struct loop *loop, struct scripts *scripts,
			struct history *history, watch_verdict *verdict,
			void *arg)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	watch->loop = loop;
	watch->verdict = verdict;
	watch->arg = arg;
	watch->process = process_new(loop, &watch_role, history, watch);
	watch->scripts = check_scripts_new(scripts, watch_script_ended, watch);
	return watch;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	process_free(watch->process);
	check_scripts_free(watch->scripts);
	free(watch);
}

void watch_configure(struct watch *watch, const struct config *config)
{
	watch->config = config;
	check_scripts_configure(watch->scripts, config);
	watch->ready = false;
	if (process_wanted(watch->process) || config->conf->nr_checks > 0)
		process_configure(watch->process,
				  config->conf->global.checker_user);
}

void watch_hear(struct watch *watch)
{
	process_hear(watch->process);
}

void watch_get(const struct watch *watch, struct watch_view *view)
{
	process_get(watch->process, &view->process);
	view->ready = watch->ready;
	view->verdicts = watch->verdicts;
	view->dropped = watch->dropped;
}
