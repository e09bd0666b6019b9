/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers that are kept for slow readers. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/ipc.h"
#include "lib/loop.h"
#include "web/store.h"

#define ANSWERS 6

static struct loop *loop;
static struct store *store;
static int fds[2]; /* the store's end, and main's */
static struct ipc_message msg;
static struct store_answer *got;

static void done(struct store_waiter *waiter)
{
	got = waiter->answer;
}

/* An answer to KIND of LENGTH bytes, each of which is BYTE, held by the caller. */
static struct store_answer *answer(enum ipc_web_kind kind, size_t length,
				   char byte)
{
	struct store_waiter waiter = { .kind = kind, .done = done };
	struct ipc_web_answer *head = (void *)msg.body;
	struct ipc_web_ask ask;
	char *text;

	store_wait(store, &waiter);
	cr_assert_eq(ipc_recv(fds[1], &msg), 1);
	memcpy(&ask, msg.body, sizeof(ask));
	*head = (struct ipc_web_answer){ .kind = kind, .number = ask.number };
	head->lengths[0] = length - 3;
	head->lengths[1] = 3;
	msg.fd = memfd_create("answer", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(msg.fd, (off_t)length), 0);
	text = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, msg.fd,
		    0);
	cr_assert_neq(text, MAP_FAILED);
	memset(text, byte, length - 3);
	text[length - 3] = 'e';
	text[length - 2] = 'n';
	text[length - 1] = 'd';
	munmap(text, length);
	got = NULL;
	store_take(store, &msg);
	close(msg.fd);
	cr_assert_not_null(got);
	return got;
}

static void open_store(void)
{
	cr_assert_eq(ipc_pair(fds), 0);
	loop = loop_new();
	store = store_new(loop, fds[0]);
}

static void close_store(void)
{
	store_free(store);
	loop_free(loop);
	close(fds[0]);
	close(fds[1]);
}

TestSuite(store, .init = open_store, .fini = close_store);

Test(store, documents_are_read_from_anywhere)
{
	struct store_answer *one = answer(IPC_WEB_OVERVIEW, 1000, 'a');
	char text[1001];

	cr_expect_eq(store_read(one, 0, 0, text, sizeof(text)), 997);
	cr_expect_eq(text[996], 'a');
	cr_expect_eq(store_read(one, 0, 990, text, 5), 5);
	cr_expect_eq(store_read(one, 0, 997, text, 5), 0);
	cr_expect_eq(store_read(one, 1, 1, text, sizeof(text)), 2);
	cr_expect_arr_eq(text, "nd", 2);
	store_let_go(one);
}

/* The newest is whole, however large it is; older ones as far as they fit. */
Test(store, those_who_read_slowly_keep_a_few_answers_only)
{
	struct store_answer *all[ANSWERS], *figures;
	char byte;
	int i;

	figures = answer(IPC_WEB_FIGURES, 100, 'f');
	for (i = 0; i < ANSWERS; i++) {
		all[i] = answer(IPC_WEB_OVERVIEW, STORE_HELD / 2,
				(char)('a' + i));
		cr_expect_eq(store_read(all[i], 0, 7, &byte, 1), 1);
		cr_expect_eq(byte, 'a' + i);
	}
	for (i = 0; i < ANSWERS; i++) {
		cr_expect_eq(store_read(all[i], 0, 7, &byte, 1),
			     i >= ANSWERS - 3 ? 1 : -1, "%d", i);
		store_let_go(all[i]);
	}
	all[0] = answer(IPC_WEB_EVENTS, 2 * STORE_HELD, 'x');
	all[1] = answer(IPC_WEB_EXPLAIN, 10, 'y');
	cr_expect_eq(store_read(all[0], 0, 7, &byte, 1), -1);
	cr_expect_eq(store_read(all[1], 0, 6, &byte, 1), 1);
	cr_expect_eq(store_read(figures, 0, 7, &byte, 1), 1);
	store_let_go(all[0]);
	store_let_go(all[1]);
	store_let_go(figures);
}
