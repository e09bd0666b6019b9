/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ipc.h"
#include "lib/verdict.h"

static int fds[2];
static struct ipc_message msg;

static void setup(void)
{
	cr_assert_eq(ipc_pair(fds), 0);
}

TestSuite(ipc, .init = setup);

Test(ipc, message_and_descriptor_arrive)
{
	struct ipc_conf conf = { .length = 7 };
	int pipes[2];
	char byte;

	cr_assert_eq(pipe(pipes), 0);
	cr_assert_eq(ipc_send(fds[0], IPC_CONF, 42, &conf, sizeof(conf),
			      pipes[0]),
		     0);
	cr_assert_eq(ipc_recv(fds[1], &msg), 1);
	cr_assert_eq(msg.header.type, IPC_CONF);
	cr_assert_eq(msg.header.generation, 42);
	cr_assert_eq(((struct ipc_conf *)(void *)msg.body)->length, 7);
	cr_assert_eq(write(pipes[1], "x", 1), 1);
	cr_assert_eq(read(msg.fd, &byte, 1), 1);
	cr_assert_eq(ipc_recv(fds[1], &msg), -EAGAIN);
}

Test(ipc, end_of_stream_and_gone_peer)
{
	close(fds[0]);
	cr_assert_eq(ipc_recv(fds[1], &msg), 0);
	cr_assert_eq(ipc_send(fds[1], IPC_READY, 0, &(struct ipc_ready){ 0 },
			      sizeof(struct ipc_ready), -1),
		     -EPIPE);
}

Test(ipc, a_reader_that_sleeps_does_not_block_us)
{
	struct ipc_ready ready = { 0 };
	int error = 0, i;

	for (i = 0; i < 100000 && !error; i++)
		error = ipc_send(fds[0], IPC_READY, 0, &ready, sizeof(ready),
				 -1);
	cr_assert_eq(error, -EAGAIN);
}

Test(ipc, malformed_messages_are_refused_and_consumed)
{
	struct {
		struct ipc_header header;
		struct ipc_verdicts verdicts;
		struct verdict verdict;
	} all = { .header = { .type = IPC_VERDICTS },
		  .verdicts = { .count = 1 } };
	size_t good =
		offsetof(__typeof__(all), verdict) + sizeof(struct verdict);
	size_t len;

	for (len = 1; len < sizeof(all); len++) {
		if (len == good)
			continue;
		cr_assert_eq(send(fds[0], &all, len, 0), (ssize_t)len);
		cr_assert_eq(ipc_recv(fds[1], &msg), -EBADMSG, "length %zu",
			     len);
	}
	cr_assert_eq(send(fds[0], &all, good, 0), (ssize_t)good);
	cr_assert_eq(ipc_recv(fds[1], &msg), 1);
	all.verdicts.count = 2;
	send(fds[0], &all, good, 0);
	cr_assert_eq(ipc_recv(fds[1], &msg), -EBADMSG);
	all.header.type = IPC_TYPES;
	send(fds[0], &all, good, 0);
	cr_assert_eq(ipc_recv(fds[1], &msg), -EBADMSG);
	cr_assert_eq(ipc_recv(fds[1], &msg), -EAGAIN);
}

Test(ipc, surplus_descriptors_are_closed)
{
	struct ipc_ready ready = { 0 };
	int before = dup(0), after;

	close(before);
	cr_assert_eq(ipc_send(fds[0], IPC_READY, 0, &ready, 3, 0), 0);
	cr_assert_eq(ipc_recv(fds[1], &msg), -EBADMSG);
	after = dup(0);
	cr_assert_eq(before, after, "the refused message's descriptor leaked");
}

Test(ipc, verdicts_are_made_safe)
{
	struct verdict verdict = { .outcome = 999 };

	memset(verdict.text, '\033', sizeof(verdict.text));
	verdict_sanitize(&verdict);
	cr_assert_eq(verdict.outcome, PROBE_NONE);
	cr_assert_eq(strlen(verdict.text), sizeof(verdict.text) - 1);
	cr_assert_eq(strchr(verdict.text, '\033'), NULL);
}

Test(ipc, times_of_a_verdict_are_made_safe)
{
	struct verdict verdict = { .when = INT64_MIN };

	verdict.facts.have = FACT_LAG | FACT_UPTIME | FACT_MAX_USED;
	verdict.facts.lag = -1;
	verdict.facts.uptime = INT64_MAX;
	verdict_sanitize(&verdict);
	cr_assert_eq(verdict.when, 0);
	cr_assert_eq(verdict.facts.have, FACT_MAX_USED);
	verdict.when = INT64_MAX;
	verdict.facts.have |= FACT_LAG;
	verdict.facts.lag = 3 * USEC_PER_SEC;
	verdict_sanitize(&verdict);
	cr_assert_lt(verdict.when, INT64_MAX / 2);
	cr_assert(verdict.facts.have & FACT_LAG);
}

static unsigned handled[2];

static void handle_ready(void *arg, const struct ipc_message *message)
{
	cr_expect_eq(arg, fds);
	handled[0]++;
}

static void handle_ping(void *arg, const struct ipc_message *message)
{
	handled[1]++;
}

Test(ipc, a_message_goes_to_its_row_and_no_other_is_taken)
{
	static const struct ipc_handler handlers[] = {
		{ IPC_READY, handle_ready },
		{ IPC_PING, handle_ping },
		{ IPC_NONE, NULL },
	};
	uint32_t type;

	for (type = 0; type <= IPC_TYPES; type++) {
		msg.header.type = type;
		cr_expect_eq(ipc_dispatch(handlers, fds, &msg),
			     type == IPC_READY || type == IPC_PING, "%u", type);
	}
	cr_expect_eq(handled[0], 1);
	cr_expect_eq(handled[1], 1);
}

Test(ipc, what_the_other_side_has_not_read_is_known)
{
	struct ipc_ping ping = { .number = 1 };

	cr_assert_not(ipc_unread(fds[0]));
	cr_assert_eq(ipc_send(fds[0], IPC_PING, 0, &ping, sizeof(ping), -1), 0);
	cr_assert_eq(ipc_send(fds[0], IPC_PING, 0, &ping, sizeof(ping), -1), 0);
	cr_assert(ipc_unread(fds[0]));
	cr_assert_not(ipc_unread(fds[1]));
	cr_assert_eq(ipc_recv(fds[1], &msg), 1);
	cr_assert(ipc_unread(fds[0]));
	cr_assert_eq(ipc_recv(fds[1], &msg), 1);
	cr_assert_not(ipc_unread(fds[0]));
	close(fds[1]);
	cr_assert_not(ipc_unread(fds[0]));
}
