/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/checker_proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balance/balance.h"
#include "daemon/bfd_proc.h"
#include "daemon/check_files.h"
#include "daemon/check_scripts.h"
#include "daemon/probe_marked.h"
#include "daemon/probe_paths.h"
#include "conf/sealed.h"
#include "daemon/proc/identity.h"
#include "daemon/proc/ping_range.h"
#include "daemon/proc/process.h"
#include "daemon/proc/secret_file.h"
#include "lib/hmac.h"
#include "lib/index.h"
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
	struct check_files *files;
	struct probe_paths *paths; /* NULL: no sockets are handed out */
	const struct bfd_proc *neighbors; /* NULL: nothing is known of any */
	struct ping_range ping_range;
	bool ready;
	checker_proc_verdict *verdict;
	void *arg;
	checker_proc_payload *payload; /* NULL: nobody wants them */
	void *payload_arg;
	uint64_t verdicts;
	uint64_t dropped;
	/* By check, as the checker was told: 0 nothing, 1 no, 2 yes. */
	uint8_t *evictions;
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
 * A password that cannot be sent is followed by a configuration that cannot be
 * sent either, which ends the checker.
 */
static void checker_proc_send_secret(struct checker_proc *proc,
				     const struct ipc_secret *secret)
{
	(void)process_send(proc->process, IPC_SECRET, proc->generation, secret,
			   sizeof(*secret), -1);
}

/*
 * The block SSL's, or with TRUST the authorities of a check. With a memfd that
 * cannot be made, it is as if the files could not be read.
 */
static void checker_proc_send_identity(struct checker_proc *proc,
				       struct identity *identity,
				       struct ipc_trust *trust)
{
	struct ipc_identity *message = &identity->message;
	int fd = message->error ? -1 : identity_memfd(identity);

	if (fd < 0 && !message->error)
		message->error = (uint32_t)-fd;
	if (trust) {
		trust->files = *message;
		(void)process_send(proc->process, IPC_TRUST, proc->generation,
				   trust, sizeof(*trust), fd);
	} else {
		(void)process_send(proc->process, IPC_IDENTITY,
				   proc->generation, message, sizeof(*message),
				   fd);
	}
	if (fd >= 0)
		close(fd);
}

/* The files of SSL, mixed into SUM, and with SEND to the checker. */
static void checker_proc_read_identity(struct checker_proc *proc,
				       const struct conf_identity *ssl,
				       struct ipc_trust *trust, bool send,
				       uint8_t sum[HMAC_LENGTH])
{
	uint8_t before[HMAC_LENGTH];
	struct identity identity;

	if (!identity_read(ssl, &identity))
		return;
	memcpy(before, sum, sizeof(before));
	hmac_sha256(before, sizeof(before), &identity.message,
		    sizeof(identity.message), sum);
	if (identity.length > 0) {
		memcpy(before, sum, sizeof(before));
		hmac_sha256(before, sizeof(before), identity.text,
			    identity.length, sum);
	}
	if (send)
		checker_proc_send_identity(proc, &identity, trust);
	identity_clear(&identity);
}

/* Each file of authorities once, whichever checks name it. */
static void checker_proc_read_trusts(struct checker_proc *proc, bool send,
				     uint8_t sum[HMAC_LENGTH])
{
	const struct conf *conf = proc->config->conf;
	struct index seen = { 0 };
	struct index_walk walk;
	const char *file;
	uint32_t i, at;

	for (i = 0; i < conf->nr_checks; i++) {
		file = conf->checks[i].traits.trust_file;
		if (!file)
			continue;
		index_for_each (&seen, hash_text(file), &walk, at)
			if (str_equal(conf->checks[at].traits.trust_file, file))
				break;
		if (at != INDEX_END)
			continue;
		index_put(&seen, hash_text(file), i);
		checker_proc_read_identity(
			proc, &(struct conf_identity){ .ca = file },
			&(struct ipc_trust){ .check = i }, send, sum);
	}
	index_free(&seen);
}

/*
 * Read the passwords that files hold, to SUM, and with SEND to the checker.
 * Thousands of checks mostly share one password_file: checks in a row read it
 * once and are told it once, for main keeps what the checker has not read yet.
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
			if (error == 0 && send)
				checker_proc_send_secret(proc, &secret);
			error = secret_file_read(conf, i, &secret);
			checker_proc_add_secret(sum, &secret, error);
		}
		path = file;
		secret.last = i;
	}
	if (error == 0 && send)
		checker_proc_send_secret(proc, &secret);
	explicit_bzero(&secret, sizeof(secret));
	checker_proc_read_identity(proc, &conf->global.ssl, NULL, send, sum);
	checker_proc_read_trusts(proc, send, sum);
}

static void checker_proc_forget_evictions(struct checker_proc *proc)
{
	free(proc->evictions);
	proc->evictions = NULL;
}

/* A checker that is not there gets all numbers with its configuration. */
static void checker_proc_tell_number(void *arg, const struct ipc_number *news)
{
	struct checker_proc *proc = arg;

	if (process_running(proc->process))
		(void)process_send(proc->process, IPC_NUMBER, proc->generation,
				   news, sizeof(*news), -1);
}

static void checker_proc_tell_session(struct checker_proc *proc, uint32_t check,
				      const struct bfd_proc_view *view)
{
	struct ipc_number news = { .check = check, .value = view->up };

	snprintf(news.why, sizeof(news.why), "%s", view->why);
	checker_proc_tell_number(proc, &news);
}

void checker_proc_tell_neighbor(struct checker_proc *proc,
				const struct bfd_proc_view *view)
{
	const struct conf *conf = proc->config ? proc->config->conf : NULL;
	uint32_t i;

	for (i = 0; conf && i < conf->nr_checks; i++)
		if (conf->checks[i].traits.neighbor &&
		    strcmp(conf->checks[i].traits.neighbor, view->name) == 0)
			checker_proc_tell_session(proc, i, view);
}

static void checker_proc_tell_neighbors(struct checker_proc *proc)
{
	const struct conf *conf = proc->config->conf;
	struct bfd_proc_view view;
	uint32_t i;

	for (i = 0; proc->neighbors && i < conf->nr_checks; i++)
		if (conf->checks[i].traits.neighbor &&
		    bfd_proc_get(proc->neighbors,
				 conf->checks[i].traits.neighbor, &view))
			checker_proc_tell_session(proc, i, &view);
}

void checker_proc_set_neighbors(struct checker_proc *proc,
				const struct bfd_proc *neighbors)
{
	proc->neighbors = neighbors;
}

static int checker_proc_send_conf(void *arg)
{
	struct checker_proc *proc = arg;
	const struct config_part *part = &proc->config->parts[CONF_PART_CHECKS];
	int error;

	proc->ready = false;
	checker_proc_forget_evictions(proc);
	checker_proc_read_secrets(proc, true, proc->secrets);
	error = process_send(proc->process, IPC_CONF, proc->generation,
			     &part->message, sizeof(part->message),
			     part->memfd);
	if (error == 0)
		check_files_tell_all(proc->files);
	if (error == 0)
		checker_proc_tell_neighbors(proc);
	return error;
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
		/* That order is done; the next one is another. */
		if ((one.facts.have & FACT_EVICTED) && proc->evictions &&
		    one.check < proc->config->conf->nr_checks)
			proc->evictions[one.check] = 1;
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

void checker_proc_probe_now(struct checker_proc *proc, uint32_t check)
{
	struct ipc_probe_now now = { .check = check };

	/* Without the message the probe comes at its own time. */
	if (proc->ready)
		(void)process_send(proc->process, IPC_PROBE_NOW,
				   proc->generation, &now, sizeof(now), -1);
}

int checker_proc_send_payload(struct checker_proc *proc,
			      const struct ipc_payload_ask *ask, int fd)
{
	if (!proc->ready)
		return -EAGAIN;
	return process_send(proc->process, IPC_PAYLOAD_ASK, proc->generation,
			    ask, sizeof(*ask), fd);
}

void checker_proc_take_payloads(struct checker_proc *proc,
				checker_proc_payload *take, void *arg)
{
	proc->payload = take;
	proc->payload_arg = arg;
}

static void checker_proc_take_payload(void *arg, const struct ipc_message *msg)
{
	struct ipc_payload answer = *(const struct ipc_payload *)msg->body;
	struct checker_proc *proc = arg;
	char text[VERDICT_TEXT_MAX];

	if (msg->header.generation != proc->generation || !proc->payload)
		return;
	payload_sanitize(&answer.found);
	text_copy_printable(text, sizeof(text), answer.text,
			    sizeof(answer.text));
	memcpy(answer.text, text, sizeof(text));
	proc->payload(proc->payload_arg, &answer);
}

static void checker_proc_send_socket(struct checker_proc *proc, uint32_t check,
				     int fd)
{
	struct ipc_socket answer = { .check = check };

	if (fd < 0)
		answer.error = (uint32_t)-fd;
	/* Without the message, the checker asks again or is started anew. */
	(void)process_send(proc->process, IPC_SOCKET, proc->generation, &answer,
			   sizeof(answer), fd);
}

static void checker_proc_give_socket(void *arg, const struct ipc_message *msg)
{
	const struct ipc_socket_ask *ask = (const void *)msg->body;
	struct checker_proc *proc = arg;
	const struct conf *conf = proc->config->conf;
	int fd = -EOPNOTSUPP;

	if (msg->header.generation != proc->generation)
		return;
	if (ask->check < conf->nr_checks && !conf->checks[ask->check].client &&
	    conf->checks[ask->check].fwmark)
		fd = probe_marked_socket(&conf->checks[ask->check]);
	else if (proc->paths)
		fd = probe_paths_socket(proc->paths, ask->check);
	checker_proc_send_socket(proc, ask->check, fd);
	if (fd >= 0)
		close(fd);
}

void checker_proc_renew_sockets(struct checker_proc *proc)
{
	if (process_running(proc->process) &&
	    conf_probes_as_client(proc->config->conf))
		checker_proc_send_socket(proc, IPC_SOCKETS_STALE, -EAGAIN);
}

void checker_proc_set_paths(struct checker_proc *proc,
			    struct probe_paths *paths)
{
	proc->paths = paths;
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
	{ IPC_SOCKET_ASK, checker_proc_give_socket },
	{ IPC_PAYLOAD, checker_proc_take_payload },
	{ IPC_SCRIPT_RUN, checker_proc_run_script },
	{ IPC_SCRIPT_STOP, checker_proc_stop_script },
	{ IPC_NONE, NULL },
};

static bool checker_proc_look(void *arg, bool read)
{
	const struct checker_proc *proc = arg;

	return secret_file_look_checker(proc->config->conf, read);
}

static const struct process_role checker_proc_role = {
	.name = "checker",
	.patience = 10,
	.messages = checker_proc_messages,
	.send_conf = checker_proc_send_conf,
	.look = checker_proc_look,
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
	proc->files = check_files_new(loop, checker_proc_tell_number, proc);
	return proc;
}

void checker_proc_free(struct checker_proc *proc)
{
	if (!proc)
		return;
	process_free(proc->process);
	check_scripts_free(proc->scripts);
	check_files_free(proc->files);
	checker_proc_forget_evictions(proc);
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
		/* Without it the probes name the missing thing, each in its verdict. */
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
		checker_proc_forget_evictions(proc);
	}
	check_scripts_configure(proc->scripts, config->conf, proc->generation);
	check_files_configure(proc->files, config->conf);
	/* Somebody may have changed it since the last time. */
	checker_proc_allow_echoes(proc);
	process_set_style(proc->process, &config->conf->global.checker_process);
	if (same && !process_replaces(proc->process, user))
		return;
	if (process_wanted(proc->process) || config->conf->nr_checks > 0)
		process_configure(proc->process, user);
}

/* The wish of the pools about the sessions in the server of one check. */
struct checker_eviction {
	bool may; /* a pool says on_leave kill */
	bool wanted;
};

/* By check; a server can be in several pools. The caller frees it. */
static struct checker_eviction *
checker_proc_list_evictions(const struct conf *conf,
			    const struct balance *balance)
{
	struct checker_eviction *orders =
		xcalloc(conf->nr_checks, sizeof(*orders));
	uint32_t i, u;

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *server = &conf->servers[i];
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[server->vs];

		for (u = 0; u < server->nr_uses; u++) {
			struct checker_eviction *order =
				&orders[server->uses[u].check];

			order->may |= vs->on_leave == LEAVE_KILL;
			order->wanted |= balance_evicts(balance, i);
		}
	}
	return orders;
}

static int checker_proc_send_eviction(struct checker_proc *proc, uint32_t check,
				      const struct checker_eviction *order)
{
	struct ipc_evict message = { .check = check, .wanted = order->wanted };

	if (conf_kill_spare(proc->config->conf, check, message.spare,
			    sizeof(message.spare)) < 0) {
		log_error("server", "on_leave kill: no session is ended, since "
				    "the names in kill_spare of the pools of "
				    "one server are longer than 4000 bytes "
				    "together; name fewer users");
		return 0;
	}
	return process_send(proc->process, IPC_EVICT, proc->generation,
			    &message, sizeof(message), -1);
}

void checker_proc_evict(struct checker_proc *proc,
			const struct balance *balance)
{
	const struct conf *conf = balance_conf(balance);
	struct checker_eviction *orders;
	uint32_t i;

	if (!proc->ready || conf != proc->config->conf ||
	    !conf_leaves(conf, LEAVE_KILL))
		return;
	orders = checker_proc_list_evictions(conf, balance);
	if (!proc->evictions)
		proc->evictions =
			xcalloc(conf->nr_checks, sizeof(*proc->evictions));
	for (i = 0; i < conf->nr_checks; i++) {
		uint8_t told = orders[i].wanted ? 2 : 1;

		if (orders[i].may && conf->checks[i].traits.ends_sessions &&
		    proc->evictions[i] != told &&
		    checker_proc_send_eviction(proc, i, &orders[i]) == 0)
			proc->evictions[i] = told;
	}
	free(orders);
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
