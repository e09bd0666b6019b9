/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/check_scripts.h"
#include "conf/sealed.h"
#include "daemon/proc/process.h"
#include "daemon/proc/secret_file.h"
#include "lib/log.h"
#include "lib/util.h"

static const struct process_role watch_role = { "checker", .patience = 10 };

struct watch {
	struct loop *loop;
	const struct config *config;
	struct process *process;
	struct check_scripts *scripts;
	char *user; /* of the running checker; NULL: the default */
	bool wanted;
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

static void watch_send_conf(struct watch *watch)
{
	int error;

	watch->ready = false;
	watch_send_secrets(watch);
	error = process_send(watch->process, IPC_CONF,
			     watch->config->generation, &watch->config->message,
			     sizeof(watch->config->message),
			     watch->config->checks_memfd);
	if (error < 0) {
		log_error("checker", "does not take its configuration: %s",
			  strerror(-error));
		process_kill(watch->process,
			     "it does not take its configuration");
	}
}

static void watch_started(void *arg)
{
	struct watch *watch = arg;
	struct process_view view;

	process_get(watch->process, &view);
	log_info("checker", "started, pid %d", (int)view.pid);
	watch_send_conf(watch);
}

static void watch_take_verdicts(struct watch *watch,
				const struct ipc_message *msg)
{
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

static void watch_message(void *arg, const struct ipc_message *msg)
{
	struct watch *watch = arg;

	if (msg->header.type == IPC_VERDICTS) {
		watch_take_verdicts(watch, msg);
	} else if (msg->header.type == IPC_SCRIPT_RUN) {
		check_scripts_run(watch->scripts, msg->header.generation,
				  (const void *)msg->body);
	} else if (msg->header.type == IPC_SCRIPT_STOP) {
		check_scripts_stop(watch->scripts, (const void *)msg->body);
	} else if (msg->header.type == IPC_READY) {
		if (msg->header.generation != watch->config->generation)
			return;
		watch->ready = true;
		log_info("checker", "runs %u checks",
			 watch->config->conf->nr_checks);
	}
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

static const struct process_events watch_events = {
	.started = watch_started,
	.message = watch_message,
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
	watch->process =
		process_new(loop, &watch_role, history, &watch_events, watch);
	watch->scripts = check_scripts_new(scripts, watch_script_ended, watch);
	return watch;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	process_free(watch->process);
	check_scripts_free(watch->scripts);
	free(watch->user);
	free(watch);
}

void watch_configure(struct watch *watch, const struct config *config)
{
	const char *user = config->conf->global.checker_user;
	bool same = str_equal(watch->user, user);

	watch->config = config;
	check_scripts_configure(watch->scripts, config);
	watch->ready = false;
	if (!watch->wanted && config->conf->nr_checks == 0)
		return;
	if (!same || !watch->wanted) {
		free(watch->user);
		watch->user = user ? xstrdup(user) : NULL;
		process_set_user(watch->process, watch->user);
	}
	if (!watch->wanted)
		process_start(watch->process);
	else if (!same)
		process_kill(watch->process,
			     "the configuration names another checker_user");
	else if (process_running(watch->process))
		watch_send_conf(watch);
	watch->wanted = true;
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
