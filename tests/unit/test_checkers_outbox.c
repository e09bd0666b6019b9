/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts on their way to main: order, batches, and a main that does not read. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "checkers/outbox.h"
#include "lib/ipc.h"

#define CHECKS 2000

static struct outbox outbox;
static uint32_t places[CHECKS];
static int ends[2];
static struct ipc_message msg;

static void setup(void)
{
	cr_assert_eq(ipc_pair(ends), 0);
}

static void teardown(void)
{
	outbox_free(&outbox);
	close(ends[0]);
	close(ends[1]);
}

TestSuite(checkers_outbox, .init = setup, .fini = teardown);

static void put(uint32_t check, uint32_t failures)
{
	struct verdict verdict = { .check = check, .failures = failures };

	outbox_put(&outbox, &places[check], &verdict);
}

static const struct verdict *received(void)
{
	return (const void *)(msg.body + sizeof(struct ipc_verdicts));
}

/* Read all that is there, and note the failures of each check. */
static void drain(uint32_t *newest)
{
	const struct ipc_verdicts *head = (const void *)msg.body;
	uint32_t i;

	while (ipc_recv(ends[1], &msg) == 1) {
		for (i = 0; i < head->count; i++)
			newest[received()[i].check] = received()[i].failures;
	}
}

Test(checkers_outbox, sends_in_batches_and_in_order)
{
	const struct ipc_verdicts *head = (const void *)msg.body;
	uint32_t i, seen = 0;

	for (i = 0; i < 70; i++)
		put(i, 1);
	cr_assert_eq(outbox_send(&outbox, ends[0], 7, 1234, false), 0);
	cr_assert(outbox_is_empty(&outbox));
	while (seen < 70) {
		cr_assert_eq(ipc_recv(ends[1], &msg), 1);
		cr_assert_eq(msg.header.type, IPC_VERDICTS);
		cr_assert_eq(msg.header.generation, 7);
		cr_assert_eq(head->next_by, 1234);
		cr_assert_gt(head->count, 0);
		for (i = 0; i < head->count; i++)
			cr_assert_eq(received()[i].check, seen++);
	}
	cr_assert_eq(ipc_recv(ends[1], &msg), -EAGAIN);
	for (i = 0; i < 70; i++)
		cr_assert_eq(places[i], 0);
}

Test(checkers_outbox, keeps_the_newest_of_each_check_while_main_does_not_read)
{
	static uint32_t newest[CHECKS];
	uint32_t round, i;
	size_t room;
	int error = 0;

	for (round = 1; round <= 50; round++) {
		for (i = 0; i < CHECKS; i++)
			put(i, round);
		error = outbox_send(&outbox, ends[0], 1, 1, false);
	}
	cr_assert_eq(error, -EAGAIN);
	room = outbox.room;
	cr_assert_leq(room, 2 * CHECKS, "%zu entries", room);
	/* Main wakes up: it reads all, and ends with every newest verdict. */
	while (error == -EAGAIN) {
		drain(newest);
		error = outbox_send(&outbox, ends[0], 1, 1, false);
	}
	cr_assert_eq(error, 0);
	drain(newest);
	for (i = 0; i < CHECKS; i++)
		cr_assert_eq(newest[i], 50, "%u: %u", i, newest[i]);
}

Test(checkers_outbox, newest_verdict_takes_the_place_of_the_unsent_one)
{
	const struct ipc_verdicts *head = (const void *)msg.body;

	put(3, 1);
	put(4, 1);
	put(3, 2);
	cr_assert_eq(outbox_send(&outbox, ends[0], 1, 1, false), 0);
	cr_assert_eq(ipc_recv(ends[1], &msg), 1);
	cr_assert_eq(head->count, 2);
	cr_assert_eq(received()[0].check, 3);
	cr_assert_eq(received()[0].failures, 2);
	cr_assert_eq(received()[1].check, 4);
}

Test(checkers_outbox, reload_renumbers_and_drops)
{
	const struct ipc_verdicts *head = (const void *)msg.body;

	put(1, 1);
	put(2, 1);
	put(3, 1);
	outbox_drop(&outbox, &places[2]);
	cr_assert_eq(places[2], 0);
	outbox_renumber(&outbox, &places[3], 30);
	outbox_renumber(&outbox, &places[2], 20);
	outbox_ready(&outbox, 17);
	cr_assert_eq(outbox_send(&outbox, ends[0], 2, 1, false), 0);
	cr_assert_eq(ipc_recv(ends[1], &msg), 1);
	cr_assert_eq(msg.header.type, IPC_READY);
	cr_assert_eq(((const struct ipc_ready *)(void *)msg.body)->checks, 17);
	cr_assert_eq(ipc_recv(ends[1], &msg), 1);
	cr_assert_eq(head->count, 2);
	cr_assert_eq(received()[0].check, 1);
	cr_assert_eq(received()[1].check, 30);
}

Test(checkers_outbox, nothing_is_sent_for_nothing_unless_asked)
{
	const struct ipc_verdicts *head = (const void *)msg.body;

	cr_assert_eq(outbox_send(&outbox, ends[0], 1, 5, false), 0);
	cr_assert_eq(ipc_recv(ends[1], &msg), -EAGAIN);
	cr_assert_eq(outbox_send(&outbox, ends[0], 1, 5, true), 0);
	cr_assert_eq(ipc_recv(ends[1], &msg), 1);
	cr_assert_eq(head->count, 0);
	cr_assert_eq(head->next_by, 5);
}

Test(checkers_outbox, tells_that_main_is_gone)
{
	close(ends[1]);
	put(0, 1);
	cr_assert_eq(outbox_send(&outbox, ends[0], 1, 1, false), -EPIPE);
	ends[1] = dup(ends[0]);
}
