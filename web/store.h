/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's answers of late, and questions to main.
 *
 * An answer is good for one second, and a request while a question is under
 * way waits for that question's answer. So two scrapers and a page cost
 * main one answer a second at the most, while nobody sees data that is older
 * than the page's interval. The age counts from the moment of the question, as
 * an answer may have waited on its way: too old is never taken for fresh.
 *
 * An answer is a file in memory, and is read from there bit by bit as it is sent: of
 * ten thousand servers it is 8 MB, which are never in this process. A slow reader
 * keeps the answer of his second all the same, so older answers together are
 * STORE_HELD at the most: the oldest ends early for it.
 *
 * An answer that does not come within STORE_PATIENCE is none: main stands still
 * or is gone, and saying so is the purpose of metrics and page.
 */
#ifndef EVENKEEL_WEB_STORE_H
#define EVENKEEL_WEB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "lib/ipc.h"
#include "lib/loop.h"
#include "lib/web_ipc.h"

#define STORE_FRESH USEC_PER_SEC
#define STORE_PATIENCE (5 * USEC_PER_SEC / 2)
#define STORE_HELD ((size_t)10 << 20)

struct store;
TAILQ_HEAD(store_answers, store_answer);

/* An answer of main: it lives while anybody holds it. */
struct store_answer {
	unsigned holders;
	usec_t asked; /* the answer is as of this time, or later */
	int64_t generated; /* by the wall clock, us since 1970 */
	int fd; /* the file with its documents; -1: ended early, or made */
	size_t length; /* of all documents */
	/* Of each document, in the file; a length of 0: there is none. */
	size_t offsets[IPC_WEB_PARTS], lengths[IPC_WEB_PARTS];
	TAILQ_ENTRY(store_answer) entry;
	struct store_answers *list; /* of those that may end; NULL: none */
	/* Made of the file by its first client of this second, for all others. */
	void *made; /* NULL: nothing yet */
	void (*unmake)(void *made);
};

/* A request that waits for an answer; embedded in its owner. */
struct store_waiter {
	LIST_ENTRY(store_waiter) entry;
	bool waits;
	const void *owner; /* see store_give_up() */
	enum ipc_web_kind kind;
	char argument[IPC_WEB_ARGUMENT_MAX];
	usec_t since;
	struct store_answer *answer; /* NULL: main did not answer */
	/* The wait is over; the waiter has ANSWER, and lets it go. */
	void (*done)(struct store_waiter *waiter);
};

/*
 * SOCK, the channel to main, stays the caller's. Never NULL; the caller frees
 * with store_free().
 */
struct store *store_new(struct loop *loop, int sock);
void store_free(
	struct store *store); /* nobody waits any more; NULL is allowed */

/* An answer that is fresh, held for the caller; NULL: there is none. */
struct store_answer *store_find(struct store *store, enum ipc_web_kind kind,
				const char *argument);
/*
 * Ask main, unless it is being asked. WAITER has kind, argument and done; done()
 * is called once, after STORE_PATIENCE at the latest, unless store_leave() comes
 * first.
 */
void store_wait(struct store *store, struct store_waiter *waiter);
/* WAITER waits no more; done() is not called. */
void store_leave(struct store_waiter *waiter);
/* No waiter of OWNER gets an answer: done() is called for each. */
void store_give_up(struct store *store, const void *owner);

/*
 * Up to SIZE bytes of document PART of ANSWER, from its byte AT on, into OUT. Returns
 * how many; 0: that was all; -1: the answer has ended too early, see above.
 */
ssize_t store_read(const struct store_answer *answer, enum ipc_web_part part,
		   size_t at, char *out, size_t size);

/* The caller holds ANSWER, which may be NULL, no more. */
void store_let_go(struct store_answer *answer);

/*
 * Keep the answer that MSG, an IPC_WEB_ANSWER, brings, and end the waits for it;
 * an answer that nobody waits for is passed over. The message's descriptor stays
 * the caller's.
 */
void store_take(struct store *store, const struct ipc_message *msg);

#endif
