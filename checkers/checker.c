/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process around the checks: messages from main in, verdicts out, and the
 * event loop that everything here runs in. Check.c runs the checks, checker_reload.c
 * puts a new configuration into use, each probe type has a file of its own.
 */
#include "checkers/check.h"
#include "checkers/checker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "checkers/check_path.h"
#include "checkers/checker_process.h"
#include "conf/sealed.h"
#include "confine/confine.h"
#include "lib/log.h"

/* Descriptors that are not of a running probe: the loop, main, the log, the
 * zygote, sockets kept for later. */
#define CHECKER_FDS_RESERVED (16 + PROBE_SOCKETS_KEPT)
/* More probes at a time than this would only wait for each other. */
#define CHECKER_CAP_MAX 16384
#define CHECKER_HELPERS_MAX 256

static void checker_timer_expired(struct loop_timer *timer)
{
	checker_run_due(container_of(timer, struct checker, timer));
}

static void checker_handle_conf(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;
	struct conf *conf;
	int error = conf_from_message(msg, CONF_PART_CHECKS, &conf);

	if (error < 0)
		log_error("check", "main's configuration is refused: %s",
			  strerror(-error));
	else
		checker_apply(checker, conf, msg->header.generation);
}

static void checker_handle_probe_now(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;
	const struct ipc_probe_now *now = (const void *)msg->body;

	if (msg->header.generation == checker->generation &&
	    now->check < checker->nr_checks)
		check_run_now(checker->checks[now->check]);
}

static void checker_handle_evict(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;
	const struct ipc_evict *order = (const void *)msg->body;
	struct check *check;

	if (msg->header.generation != checker->generation ||
	    order->check >= checker->nr_checks)
		return;
	check = checker->checks[order->check];
	if (check->type && check->type->evict)
		check->type->evict(check, order);
}

static void checker_handle_number(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;
	const struct ipc_number *news = (const void *)msg->body;
	struct check *check;

	if (msg->header.generation != checker->generation ||
	    news->check >= checker->nr_checks)
		return;
	check = checker->checks[news->check];
	if (check->type && check->type->hear_number)
		check->type->hear_number(check, news);
}

static void checker_handle_payload(void *arg, const struct ipc_message *msg)
{
	const struct ipc_payload_ask *ask = (const void *)msg->body;
	struct checker *checker = arg;
	struct check *check;

	if (msg->header.generation != checker->generation ||
	    ask->check >= checker->nr_checks || ask->size == 0 ||
	    ask->size > PAYLOAD_MAX)
		return;
	check = checker->checks[ask->check];
	if (check->type && check->type->payload)
		check->type->payload(
			check, ask,
			msg->fd < 0 ? -1 : fcntl(msg->fd, F_DUPFD_CLOEXEC, 0));
}

/* A descriptor that nobody takes over is closed with the message. */
static void checker_handle_socket(void *arg, const struct ipc_message *msg)
{
	const struct ipc_socket *answer = (const void *)msg->body;
	struct checker *checker = arg;
	uint32_t i;

	if (answer->check == IPC_SOCKETS_STALE) {
		for (i = 0; i < checker->nr_checks; i++)
			check_path_stale(checker->checks[i]);
		return;
	}
	if (msg->header.generation == checker->generation &&
	    answer->check < checker->nr_checks)
		check_path_answer(
			checker->checks[answer->check], answer,
			msg->fd < 0 ? -1 : fcntl(msg->fd, F_DUPFD_CLOEXEC, 0));
}

static void checker_handle_secret(void *arg, const struct ipc_message *msg)
{
	checker_add_secret(arg, msg->header.generation,
			   (const void *)msg->body);
}

static void checker_handle_identity(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;

	tls_identity_leave(checker->next_identity);
	checker->next_identity = tls_identity_take(msg);
	checker->next_generation = msg->header.generation;
}

static void checker_handle_trust(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;

	if (checker->next_trusts_generation != msg->header.generation)
		tls_trusts_clear(&checker->next_trusts);
	checker->next_trusts_generation = msg->header.generation;
	tls_trusts_take(&checker->next_trusts, msg);
}

static void checker_handle_log_level(void *arg, const struct ipc_message *msg)
{
	ipc_obey_log_level(msg);
}

static void checker_handle_ping(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;

	ipc_answer(checker->sock, msg);
}

static void checker_handle_script_end(void *arg, const struct ipc_message *msg)
{
	struct checker *checker = arg;
	const struct probe_shared *shared;

	for (shared = checker->shared; shared->type; shared++)
		if (shared->type->script_end && shared->data)
			shared->type->script_end(shared->data,
						 (const void *)msg->body);
}

static const struct ipc_handler checker_messages[] = {
	{ IPC_CONF, checker_handle_conf },
	{ IPC_SECRET, checker_handle_secret },
	{ IPC_IDENTITY, checker_handle_identity },
	{ IPC_TRUST, checker_handle_trust },
	{ IPC_PROBE_NOW, checker_handle_probe_now },
	{ IPC_EVICT, checker_handle_evict },
	{ IPC_PAYLOAD_ASK, checker_handle_payload },
	{ IPC_SOCKET, checker_handle_socket },
	{ IPC_NUMBER, checker_handle_number },
	{ IPC_LOG_LEVEL, checker_handle_log_level },
	{ IPC_PING, checker_handle_ping },
	{ IPC_SCRIPT_END, checker_handle_script_end },
	{ IPC_NONE, NULL },
};

void checker_handle(struct checker *checker, struct ipc_message *msg)
{
	if (!ipc_dispatch(checker_messages, checker, msg))
		log_warning("check", "message %u from main makes no sense",
			    msg->header.type);
	if (msg->fd >= 0)
		close(msg->fd);
	msg->fd = -1;
	if (msg->header.type == IPC_SECRET)
		explicit_bzero(msg->body, msg->length);
}

static void checker_input_ready(struct loop_io *io, unsigned what)
{
	struct checker *checker = container_of(io, struct checker, input);
	struct ipc_message msg;
	int got;

	for (;;) {
		msg.fd = -1;
		got = ipc_recv(checker->sock, &msg);
		if (got == 1)
			checker_handle(checker, &msg);
		else if (got == -EBADMSG)
			log_warning("check", "a malformed message from main");
		else
			break;
	}
	if (got == -EAGAIN)
		return;
	if (got < 0)
		log_error("check", "reading from main: %s", strerror(-got));
	loop_stop(checker->loop);
}

/* How many descriptors we can have. */
static rlim_t checker_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 256;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 &&
	    getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 256;
	return limit.rlim_cur;
}

/* Share them out: a helper needs two, any other probe one. */
static void checker_share_fds(struct checker *checker)
{
	rlim_t fds = checker_raise_limit();
	rlim_t helpers = fds / 8;

	if (helpers > CHECKER_HELPERS_MAX)
		helpers = CHECKER_HELPERS_MAX;
	if (helpers < 1)
		helpers = 1;
	fds = fds > 2 * CHECKER_FDS_RESERVED ? fds - CHECKER_FDS_RESERVED :
					       fds / 2;
	fds = fds > 4 * helpers ? fds - 2 * helpers : fds / 2;
	checker->means.helpers_max = (unsigned)helpers;
	checker->cap = fds > CHECKER_CAP_MAX ? CHECKER_CAP_MAX : (uint32_t)fds;
}

struct checker *checker_new(int sock, const struct zygote *zygote)
{
	struct checker *checker = xcalloc(1, sizeof(*checker));
	int error;

	checker->sock = sock;
	checker->zygote = *zygote;
	checker->means.zygote = &checker->zygote;
	checker_share_fds(checker);
	if (getrandom(&checker->seed, sizeof(checker->seed), 0) < 0)
		checker->seed = (uint64_t)getpid();
	checker->loop = loop_new();
	if (!checker->loop) {
		checker_free(checker);
		return NULL;
	}
	checker->means.loop = checker->loop;
	log_pump_start(&checker->pump, checker->loop);
	loop_timer_init(checker->loop, &checker->timer, checker_timer_expired);
	checker->probe_type = probe_type;
	loop_task_init(checker->loop, &checker->flush, checker_flush);
	error = loop_io_start(checker->loop, &checker->input, sock, LOOP_READ,
			      checker_input_ready);
	if (error < 0) {
		errno = -error;
		checker_free(checker);
		return NULL;
	}
	return checker;
}

static void checker_close_shared(struct checker *checker)
{
	struct probe_shared *shared;

	for (shared = checker->shared; shared->type; shared++)
		if (shared->data)
			shared->type->close(shared->data);
	zygote_leave(&checker->zygote);
}

void checker_free(struct checker *checker)
{
	int saved = errno;
	uint32_t i;

	for (i = 0; i < checker->nr_checks; i++)
		check_free(checker->checks[i]);
	free(checker->checks);
	conf_free(checker->conf);
	checker_close_shared(checker);
	secrets_clear(&checker->secrets);
	tls_identity_leave(checker->identity);
	tls_identity_leave(checker->next_identity);
	tls_trusts_clear(&checker->trusts);
	tls_trusts_clear(&checker->next_trusts);
	outbox_free(&checker->outbox);
	sched_free(&checker->sched);
	loop_io_stop(&checker->input);
	if (checker->output_blocked)
		loop_io_stop(&checker->output);
	if (checker->loop) {
		loop_timer_clear(&checker->timer);
		loop_task_clear(&checker->flush);
		log_pump_stop(&checker->pump);
	}
	loop_free(checker->loop);
	free(checker);
	errno = saved;
}

/* Signals for the whole group are main's business: it tells us by closing. */
static void checker_set_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
}

int checker_main(int sock)
{
	struct checker *checker;
	struct zygote zygote;
	int error;

	checker_set_signals();
	error = probe_zygote_start(&zygote);
	if (error < 0)
		log_warning("check", "cannot fork: %s", strerror(-error));
	error = probe_load_libraries();
	if (error < 0)
		log_warning("check", "cannot set up libcurl: %s",
			    strerror(-error));
	/* Only now: the zygote is not to be a part of this. */
	error = confine_enter(&confine_checker);
	if (error < 0)
		fatal("check", "cannot be confined: %s", strerror(-error));
	checker = checker_new(sock, &zygote);
	if (!checker) {
		log_error("check", "cannot set up the event loop: %s",
			  strerror(errno));
		return EXIT_FAILURE;
	}
	error = loop_run(checker->loop);
	if (error < 0)
		log_error("check", "the event loop failed: %s",
			  strerror(-error));
	checker_free(checker);
	return error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
