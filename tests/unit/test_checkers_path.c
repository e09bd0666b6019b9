/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe_path client, from the checker's side: main is played by the other end of
 * the socket, the servers by a type of probe whose outcomes the test gives.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checker_conf.h"
#include "checkers/check.h"
#include "checkers/check_path.h"
#include "checkers/checker_process.h"
#include "checkers/mysql/zygote.h"
#include "lib/log.h"

static struct checker *checker;
static struct check *check;
static int ends[2];
static struct ipc_message msg;

/* The outcomes of probes by their way: [0] the server's own address. */
static enum outcome finds[2];
static unsigned probes[2];
static bool stays; /* probes do not end by themselves */
static struct sockaddr_in listener; /* port 0: probes do not connect */
static bool resets; /* probes end their connection themselves */

/* As a type does that is content with a connection. */
static void fake_connect(struct check *of)
{
	int fd = check_socket(of);
	int error = 0;

	cr_assert_geq(fd, 0);
	if (listener.sin_port == 0)
		return;
	if (connect(fd, (struct sockaddr *)&listener, sizeof(listener)) < 0)
		error = errno;
	cr_expect(error == 0 || error == EINPROGRESS, "%s", strerror(error));
	if (resets)
		check_reset_socket(of);
}

static int fake_start(struct check *of)
{
	bool client = check_is_client(of);
	char where[ENDPOINT_TEXT_MAX];

	probes[client]++;
	cr_expect_str_eq(endpoint_format(check_dst(of), where),
			 client ? "192.0.2.10:3306" : "127.0.0.1:3306");
	if (client)
		fake_connect(of);
	if (!stays)
		check_finish_errno(of, finds[client], 0);
	return 0;
}

static void fake_cancel(struct check *of)
{
}

static const struct probe_type fake = {
	.name = "fake",
	.sockets = 1,
	.start = fake_start,
	.cancel = fake_cancel,
};

static const struct probe_type *fake_type(enum check_kind kind)
{
	return &fake;
}

static void configure(uint32_t generation, const char *extra)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "virtual_server 192.0.2.10 3306 {\nlvs_sched rr\n"
		 "lvs_method DR\nprotocol TCP\ndelay_loop 30\n%s\n"
		 "real_server 127.0.0.1 3306 {\nTCP_CHECK { }\n}\n}\n",
		 extra);

	checker_conf_message(&msg, generation, text);
	checker_handle(checker, &msg);
	check = checker->checks[0];
}

static void setup(void)
{
	struct zygote none = { .sock = -1 };

	log_set_level(LOG_LEVEL_ERROR);
	cr_assert_eq(ipc_pair(ends), 0);
	checker = checker_new(ends[1], &none);
	cr_assert_not_null(checker);
	checker->probe_type = fake_type;
	memset(probes, 0, sizeof(probes));
	stays = resets = false;
	listener.sin_port = 0;
	configure(1, "probe_path client");
}

static void teardown(void)
{
	checker_free(checker);
	close(ends[0]);
	close(ends[1]);
}

TestSuite(checkers_path, .init = setup, .fini = teardown);

/* Main answers with a socket, or with an errno. */
static void answer(uint32_t number, int error)
{
	struct ipc_socket *body = (void *)msg.body;

	memset(&msg, 0, sizeof(msg));
	msg.header = (struct ipc_header){ IPC_SOCKET, checker->generation };
	msg.length = sizeof(*body);
	body->check = number;
	body->error = (uint32_t)error;
	msg.fd = error ? -1 : socket(AF_INET, SOCK_STREAM, 0);
	checker_handle(checker, &msg);
}

/* Whether the checker has sent a message of TYPE; it is in msg then. */
static bool hears(enum ipc_type type)
{
	while (ipc_recv(ends[0], &msg) == 1)
		if (msg.header.type == type)
			return true;
	return false;
}

/* The next verdict in full, after as many probes as it takes. */
static struct verdict probe(enum outcome client, enum outcome direct)
{
	const struct verdict *verdict;
	unsigned i;

	finds[1] = client;
	finds[0] = direct;
	check_run_now(check);
	for (i = 0; i < 3; i++)
		checker_run_due(checker);
	/* It is not gathered with others. */
	checker->send_by = 1;
	checker_flush(&checker->flush);
	checker_flush(&checker->flush);
	if (!hears(IPC_VERDICTS))
		return (struct verdict){ 0 };
	verdict = (const void *)(msg.body + sizeof(struct ipc_verdicts));
	return *verdict;
}

static void have_socket(void)
{
	check_run_now(check);
	checker_run_due(checker);
	cr_assert(hears(IPC_SOCKET_ASK));
	finds[0] = finds[1] = PROBE_OK;
	answer(0, 0);
	checker_run_due(checker);
	cr_assert_eq(probes[1], 1);
}

Test(checkers_path, the_good_case_costs_one_probe)
{
	have_socket();
	cr_expect_eq(probe(PROBE_OK, PROBE_REFUSED).outcome, PROBE_OK);
	cr_expect_eq(probe(PROBE_LAGGING, PROBE_OK).outcome, PROBE_LAGGING);
	cr_expect_eq(probes[1], 3);
	cr_expect_eq(probes[0], 0);
	/* And no further socket. */
	cr_expect_not(hears(IPC_SOCKET_ASK));
}

Test(checkers_path,
     a_server_that_answers_at_its_own_address_only_is_told_as_that)
{
	struct verdict verdict;

	have_socket();
	verdict = probe(PROBE_TIMEOUT, PROBE_OK);
	cr_expect_eq(verdict.outcome, PROBE_CLIENT_PATH);
	cr_expect_str_eq(
		verdict.text,
		"answers at its own address, but not at 192.0.2.10 by direct routing: is 192.0.2.10 on its loopback, with arp_ignore=1 and arp_announce=2?");
	cr_expect_eq(verdict.failures, 1, "one failure for two probes");
	cr_expect_eq(probes[0], 1);
	/* A server that lags is well enough to blame the way. */
	verdict = probe(PROBE_REFUSED, PROBE_LAGGING);
	cr_expect_eq(verdict.outcome, PROBE_CLIENT_PATH);
	cr_expect_eq(verdict.failures, 2);
	verdict = probe(PROBE_OK, PROBE_OK);
	cr_expect_eq(verdict.outcome, PROBE_OK);
	cr_expect_eq(verdict.failures, 0);
}

Test(checkers_path, a_server_that_is_down_is_told_as_that)
{
	have_socket();
	cr_expect_eq(probe(PROBE_TIMEOUT, PROBE_REFUSED).outcome,
		     PROBE_REFUSED);
	/* Of its own address nothing was learned: the first finding counts. */
	cr_expect_eq(probe(PROBE_TIMEOUT, PROBE_LOCAL_FAULT).outcome,
		     PROBE_TIMEOUT);
	cr_expect_eq(probe(PROBE_CLOSED, PROBE_MISCONFIGURED).outcome,
		     PROBE_CLOSED);
}

Test(checkers_path, a_server_that_hangs_is_not_asked_twice_each_round)
{
	unsigned i;

	have_socket();
	for (i = 0; i < 16; i++)
		cr_expect_eq(probe(PROBE_HUNG, PROBE_HUNG).outcome, PROBE_HUNG);
	cr_expect_eq(probes[1], 17);
	cr_expect_eq(probes[0], 2);
	/* But one of whom only the way hangs is told as that in each round. */
	for (i = 0; i < 8; i++)
		probe(PROBE_HUNG, PROBE_OK);
	cr_expect_eq(check->reported, PROBE_CLIENT_PATH);
	cr_expect_eq(probe(PROBE_HUNG, PROBE_OK).outcome, PROBE_CLIENT_PATH);
}

Test(checkers_path, without_a_socket_the_server_itself_is_asked)
{
	check_run_now(check);
	checker_run_due(checker);
	cr_expect(hears(IPC_SOCKET_ASK));
	/* Soon: nothing is probed yet, and main is asked again. */
	answer(0, EAGAIN);
	cr_expect_eq(probes[0] + probes[1], 0);
	check_run_now(check);
	checker_run_due(checker);
	cr_expect(hears(IPC_SOCKET_ASK));
	finds[0] = PROBE_OK;
	finds[1] = PROBE_REFUSED;
	answer(0, ENOENT);
	checker_run_due(checker);
	cr_expect_eq(probes[0], 1);
	cr_expect_eq(probes[1], 0);
	cr_expect_eq(check->reported, PROBE_OK);
	/* The next round tries again. */
	check_run_now(check);
	checker_run_due(checker);
	cr_expect(hears(IPC_SOCKET_ASK));
	/* An answer for a check that did not ask is of no use. */
	answer(0, 0);
	answer(0, 0);
	cr_expect_eq(check->path.nr_sockets, 1);
}

Test(checkers_path, a_stale_socket_is_kept_for_the_probe_that_has_it)
{
	int fd;

	have_socket();
	fd = check->path.sockets[0];
	stays = true;
	probe(PROBE_OK, PROBE_OK);
	cr_assert(check->started);
	answer(IPC_SOCKETS_STALE, EAGAIN);
	cr_expect_eq(check->path.nr_sockets, 1);
	cr_expect_geq(fcntl(fd, F_GETFD), 0);
	check_finish_errno(check, PROBE_OK, 0);
	cr_expect_eq(check->path.nr_sockets, 0);
	cr_expect_lt(fcntl(fd, F_GETFD), 0);
	/* An idle one goes at once. */
	stays = false;
	check_run_now(check);
	checker_run_due(checker);
	cr_expect(hears(IPC_SOCKET_ASK));
	answer(0, 0);
	checker_run_due(checker);
	cr_expect_eq(check->path.nr_sockets, 1);
	answer(IPC_SOCKETS_STALE, EAGAIN);
	cr_expect_eq(check->path.nr_sockets, 0);
}

Test(checkers_path, a_reload_asks_again_for_an_answer_that_was_lost)
{
	struct check *before = check;

	check_run_now(check);
	checker_run_due(checker);
	cr_expect(hears(IPC_SOCKET_ASK));
	configure(2, "probe_path client\n");
	cr_expect_eq(check, before);
	check_run_now(check);
	checker_run_due(checker);
	cr_expect(hears(IPC_SOCKET_ASK));
	/* Without the word it is another check. */
	configure(3, "");
	finds[0] = PROBE_OK;
	check_run_now(check);
	checker_run_due(checker);
	cr_expect_eq(probes[0], 1);
	cr_expect_not(hears(IPC_SOCKET_ASK));
}

/* Returns a socket that takes connections of probes. */
static int listen_for_probes(void)
{
	socklen_t size = sizeof(listener);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	listener.sin_family = AF_INET;
	listener.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(fd, (struct sockaddr *)&listener, sizeof(listener)),
		     0);
	cr_assert_eq(listen(fd, 8), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&listener, &size), 0);
	return fd;
}

/* How the next probe's connection ends for the server: 0 in order, or an errno. */
static int next_end(int server)
{
	char byte;
	ssize_t got;
	int fd, error;

	cr_expect_eq(probe(PROBE_OK, PROBE_OK).outcome, PROBE_OK);
	fd = accept(server, NULL, NULL);
	cr_assert_geq(fd, 0);
	got = recv(fd, &byte, 1, 0);
	error = got < 0 ? errno : 0;
	close(fd);
	return error;
}

/* One socket serves probe after probe, however the connections end. */
Test(checkers_path, a_socket_is_connected_again_and_again)
{
	int server;

	have_socket();
	server = listen_for_probes();
	cr_expect_eq(next_end(server), 0);
	cr_expect_eq(next_end(server), 0);
	resets = true;
	cr_expect_eq(next_end(server), ECONNRESET);
	cr_expect_eq(next_end(server), ECONNRESET);
	resets = false;
	cr_expect_eq(next_end(server), 0);
	cr_expect_eq(next_end(server), 0);
	cr_expect_not(hears(IPC_SOCKET_ASK));
	close(server);
}
