/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"

struct store_kind {
	/* The last answer, and to which question. */
	struct store_answer *latest;
	char argument[IPC_WEB_ARGUMENT_MAX];
	/* The question that is under way. */
	bool asking;
	struct ipc_web_ask ask;
	usec_t asked;
	LIST_HEAD(, store_waiter) waiters;
};

struct store {
	struct loop *loop;
	int sock;
	uint32_t number;
	struct loop_timer patience;
	struct store_answers answers; /* that may end early, the oldest first */
	struct store_kind kinds[IPC_WEB_KINDS];
};

static void store_end_answer(struct store_answer *answer)
{
	if (answer->fd >= 0)
		close(answer->fd);
	answer->fd = -1;
	if (answer->list)
		TAILQ_REMOVE(answer->list, answer, entry);
	answer->list = NULL;
}

void store_let_go(struct store_answer *answer)
{
	if (!answer || --answer->holders > 0)
		return;
	if (answer->made)
		answer->unmake(answer->made);
	store_end_answer(answer);
	free(answer);
}

/* Make room for ANSWER, which is the newest. */
static void store_tidy(struct store *store, struct store_answer *answer)
{
	struct store_answer *one;
	size_t sum = 0;

	TAILQ_FOREACH (one, &store->answers, entry)
		sum += one->length;
	while (sum > STORE_HELD && (one = TAILQ_FIRST(&store->answers))) {
		sum -= one->length;
		store_end_answer(one);
	}
	TAILQ_INSERT_TAIL(&store->answers, answer, entry);
	answer->list = &store->answers;
}

ssize_t store_read(const struct store_answer *answer, enum ipc_web_part part,
		   size_t at, char *out, size_t size)
{
	size_t left = answer->lengths[part] - at;
	ssize_t got;

	if (answer->fd < 0)
		return -1;
	if (size > left)
		size = left;
	if (size == 0)
		return 0;
	do {
		got = pread(answer->fd, out, size,
			    (off_t)(answer->offsets[part] + at));
	} while (got < 0 && errno == EINTR);
	return got > 0 ? got : -1;
}

/* The length of all documents, or 0: the head makes no sense. */
static size_t store_length(const struct ipc_web_answer *head)
{
	uint64_t length = 0;
	size_t i;

	for (i = 0; i < IPC_WEB_PARTS; i++) {
		if (head->lengths[i] > IPC_WEB_ANSWER_MAX - length)
			return 0;
		length += head->lengths[i];
	}
	return (size_t)length;
}

/* The answer that MSG brings, held once; NULL: it makes no sense. */
static struct store_answer *store_open(const struct ipc_message *msg)
{
	const struct ipc_web_answer *head = (const void *)msg->body;
	size_t length = store_length(head), at = 0, i;
	struct store_answer *answer;
	struct stat st;
	int fd;

	if (msg->fd < 0 || length == 0 || fstat(msg->fd, &st) < 0 ||
	    st.st_size != (off_t)length)
		return NULL;
	fd = fcntl(msg->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	answer = xcalloc(1, sizeof(*answer));
	answer->holders = 1;
	answer->generated = head->generated;
	answer->fd = fd;
	answer->length = length;
	for (i = 0; i < IPC_WEB_PARTS; i++) {
		answer->offsets[i] = at;
		answer->lengths[i] = (size_t)head->lengths[i];
		at += answer->lengths[i];
	}
	return answer;
}

struct store_answer *store_find(struct store *store, enum ipc_web_kind kind,
				const char *argument)
{
	struct store_kind *one = &store->kinds[kind];

	if (!one->latest || strcmp(one->argument, argument) != 0 ||
	    loop_now(store->loop) - one->latest->asked >= STORE_FRESH)
		return NULL;
	one->latest->holders++;
	return one->latest;
}

static void store_end(struct store_waiter *waiter, struct store_answer *answer)
{
	LIST_REMOVE(waiter, entry);
	waiter->waits = false;
	waiter->answer = answer;
	if (answer)
		answer->holders++;
	waiter->done(waiter);
}

/* Ask for ONE of the waiters of a kind, if nothing is asked. */
static void store_ask(struct store *store, enum ipc_web_kind kind)
{
	struct store_kind *one = &store->kinds[kind];
	const struct store_waiter *waiter, *oldest = NULL;

	LIST_FOREACH (waiter, &one->waiters, entry)
		if (!oldest || waiter->since < oldest->since)
			oldest = waiter;
	if (one->asking || !oldest)
		return;
	one->ask =
		(struct ipc_web_ask){ .kind = kind, .number = ++store->number };
	memcpy(one->ask.argument, oldest->argument, sizeof(oldest->argument));
	one->asked = loop_now(store->loop);
	/* If main does not read now, the waiters' patience ends the wait. */
	one->asking = ipc_send(store->sock, IPC_WEB_ASK, 0, &one->ask,
			       sizeof(one->ask), -1) == 0;
}

static void store_look_again(struct store *store)
{
	usec_t first = 0;
	size_t i;

	for (i = 0; i < IPC_WEB_KINDS; i++) {
		const struct store_waiter *waiter;

		LIST_FOREACH (waiter, &store->kinds[i].waiters, entry)
			if (!first || waiter->since < first)
				first = waiter->since;
	}
	if (first)
		loop_timer_set(&store->patience, first + STORE_PATIENCE);
	else
		loop_timer_clear(&store->patience);
}

static void store_impatient(struct loop_timer *timer)
{
	struct store *store = container_of(timer, struct store, patience);
	usec_t now = loop_now(store->loop);
	struct store_waiter *waiter, *next;
	size_t i;

	for (i = 0; i < IPC_WEB_KINDS; i++) {
		struct store_kind *one = &store->kinds[i];

		if (one->asking && now - one->asked >= STORE_PATIENCE)
			one->asking = false;
		for (waiter = LIST_FIRST(&one->waiters); waiter;
		     waiter = next) {
			next = LIST_NEXT(waiter, entry);
			if (now - waiter->since >= STORE_PATIENCE)
				store_end(waiter, NULL);
		}
		store_ask(store, (enum ipc_web_kind)i);
	}
	store_look_again(store);
}

void store_wait(struct store *store, struct store_waiter *waiter)
{
	waiter->since = loop_now(store->loop);
	waiter->waits = true;
	waiter->answer = NULL;
	LIST_INSERT_HEAD(&store->kinds[waiter->kind].waiters, waiter, entry);
	store_ask(store, waiter->kind);
	store_look_again(store);
}

void store_leave(struct store_waiter *waiter)
{
	if (waiter->waits)
		LIST_REMOVE(waiter, entry);
	waiter->waits = false;
}

void store_give_up(struct store *store, const void *owner)
{
	struct store_waiter *waiter, *next;
	size_t i;

	for (i = 0; i < IPC_WEB_KINDS; i++)
		for (waiter = LIST_FIRST(&store->kinds[i].waiters); waiter;
		     waiter = next) {
			next = LIST_NEXT(waiter, entry);
			if (waiter->owner == owner)
				store_end(waiter, NULL);
		}
	store_look_again(store);
}

void store_take(struct store *store, const struct ipc_message *msg)
{
	const struct ipc_web_answer *head = (const void *)msg->body;
	struct store_waiter *waiter, *next;
	struct store_kind *one;

	if (head->kind >= IPC_WEB_KINDS)
		return;
	one = &store->kinds[head->kind];
	if (!one->asking || head->number != one->ask.number)
		return; /* nobody waits for it any more */
	one->asking = false;
	store_let_go(one->latest);
	one->latest = store_open(msg);
	if (one->latest)
		one->latest->asked = one->asked;
	/* Figures are read at once, and see figures.h for those that follow. */
	if (one->latest && head->kind != IPC_WEB_FIGURES)
		store_tidy(store, one->latest);
	memcpy(one->argument, one->ask.argument, sizeof(one->argument));
	for (waiter = LIST_FIRST(&one->waiters); waiter; waiter = next) {
		next = LIST_NEXT(waiter, entry);
		if (strcmp(waiter->argument, one->argument) == 0)
			store_end(waiter, one->latest);
	}
	store_ask(store, (enum ipc_web_kind)head->kind);
	store_look_again(store);
}

struct store *store_new(struct loop *loop, int sock)
{
	struct store *store = xcalloc(1, sizeof(*store));
	size_t i;

	store->loop = loop;
	store->sock = sock;
	TAILQ_INIT(&store->answers);
	loop_timer_init(loop, &store->patience, store_impatient);
	for (i = 0; i < IPC_WEB_KINDS; i++)
		LIST_INIT(&store->kinds[i].waiters);
	return store;
}

void store_free(struct store *store)
{
	size_t i;

	if (!store)
		return;
	loop_timer_clear(&store->patience);
	for (i = 0; i < IPC_WEB_KINDS; i++)
		store_let_go(store->kinds[i].latest);
	free(store);
}
