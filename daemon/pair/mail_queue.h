/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Letters that wait for the mail process, oldest first, one on its way at a time.
 * A pure state machine: the caller says what happened and when, and is told what
 * that means.
 *
 * A letter that cannot be sent now is tried again, first after MAIL_WAIT_MIN, then
 * after twice as long each time up to MAIL_WAIT_MAX; all others wait with it, since
 * they go to the same server. After a failure, letters older than MAIL_AGE_MAX are
 * given up: news of yesterday helps nobody. One that the server refuses for good is
 * given up at once.
 */
#ifndef EVENKEEL_DAEMON_PAIR_MAIL_QUEUE_H
#define EVENKEEL_DAEMON_PAIR_MAIL_QUEUE_H

#include <stdbool.h>

#include "lib/mail_ipc.h"
#include "lib/util.h"

#define MAIL_QUEUE_MAX 500
#define MAIL_WAIT_MIN (15 * USEC_PER_SEC)
#define MAIL_WAIT_MAX (300 * USEC_PER_SEC)
#define MAIL_AGE_MAX (3600 * USEC_PER_SEC)

struct mail_queue;

struct mail_queue *mail_queue_new(void);
void mail_queue_free(struct mail_queue *queue); /* NULL is allowed */

/*
 * Add a copy of LETTER, whose number the queue gives. Returns false if there are
 * MAIL_QUEUE_MAX already: then it is lost.
 */
bool mail_queue_put(struct mail_queue *queue,
		    const struct ipc_mail_letter *letter, usec_t now);

/*
 * The letter to send at NOW, which is on its way then, for PATIENCE at most; NULL:
 * there is none, another one is on its way, or it is too early.
 */
const struct ipc_mail_letter *mail_queue_take(struct mail_queue *queue,
					      usec_t now, usec_t patience);
/*
 * The process has said nothing of the letter on its way for too long: it is to be
 * ended, and mail_queue_dropped() called.
 */
bool mail_queue_overdue(const struct mail_queue *queue, usec_t now);

/* The meaning of an outcome, to be logged. */
enum mail_news {
	MAIL_NEWS_NONE, /* it is no outcome of the letter on its way */
	MAIL_NEWS_SENT,
	MAIL_NEWS_AGAIN, /* sent, the first after failures */
	MAIL_NEWS_REFUSED, /* given up: the server does not want it */
	MAIL_NEWS_FAILS, /* the first failure */
	MAIL_NEWS_FAILS_STILL,
	MAIL_NEWS_OLD, /* so many letters are given up, as they are too old */
};
struct mail_outcome {
	enum mail_news news;
	unsigned given_up;
	unsigned waiting; /* letters, after this */
	usec_t wait; /* until the next one is tried */
};
struct mail_outcome mail_queue_done(struct mail_queue *queue, uint64_t number,
				    enum ipc_mail_how how, usec_t now);
/* The process that had the letter is gone: as if it had failed. */
struct mail_outcome mail_queue_dropped(struct mail_queue *queue, usec_t now);

/* Try at once: the server is another one, perhaps. */
void mail_queue_hurry(struct mail_queue *queue);
/*
 * When to ask mail_queue_overdue() or to call mail_queue_take() next, if nothing
 * happens; 0: never.
 */
usec_t mail_queue_wake(const struct mail_queue *queue);
unsigned mail_queue_waiting(const struct mail_queue *queue);
/* The last attempt failed. */
bool mail_queue_fails(const struct mail_queue *queue);

#endif
