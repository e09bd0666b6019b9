/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/mail_queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct mail_entry {
	STAILQ_ENTRY(mail_entry) entry;
	usec_t born;
	struct ipc_mail_letter letter;
};

struct mail_queue {
	STAILQ_HEAD(, mail_entry) entries;
	unsigned waiting; /* the one on its way included */
	uint64_t last; /* number given */
	bool sending; /* the first entry */
	usec_t overdue; /* from when on it is */
	bool failing; /* nothing was sent since a failure */
	usec_t wait; /* after the last failure; 0: there is a fresh start */
	usec_t next; /* no attempt before */
};

struct mail_queue *mail_queue_new(void)
{
	struct mail_queue *queue = xcalloc(1, sizeof(*queue));

	STAILQ_INIT(&queue->entries);
	return queue;
}

static void mail_queue_pop(struct mail_queue *queue)
{
	struct mail_entry *entry = STAILQ_FIRST(&queue->entries);

	STAILQ_REMOVE_HEAD(&queue->entries, entry);
	free(entry);
	queue->waiting--;
}

void mail_queue_free(struct mail_queue *queue)
{
	if (!queue)
		return;
	while (queue->waiting > 0)
		mail_queue_pop(queue);
	free(queue);
}

bool mail_queue_put(struct mail_queue *queue,
		    const struct ipc_mail_letter *letter, usec_t now)
{
	struct mail_entry *entry;

	if (queue->waiting >= MAIL_QUEUE_MAX)
		return false;
	entry = xcalloc(1, sizeof(*entry));
	entry->born = now;
	entry->letter = *letter;
	entry->letter.number = ++queue->last;
	STAILQ_INSERT_TAIL(&queue->entries, entry, entry);
	queue->waiting++;
	return true;
}

const struct ipc_mail_letter *mail_queue_take(struct mail_queue *queue,
					      usec_t now, usec_t patience)
{
	if (queue->sending || queue->waiting == 0 || now < queue->next)
		return NULL;
	queue->sending = true;
	queue->overdue = now + patience;
	return &STAILQ_FIRST(&queue->entries)->letter;
}

bool mail_queue_overdue(const struct mail_queue *queue, usec_t now)
{
	return queue->sending && now >= queue->overdue;
}

/* Later letters are younger: the first that is young enough ends it. */
static unsigned mail_queue_forget(struct mail_queue *queue, usec_t now)
{
	unsigned before = queue->waiting;

	while (queue->waiting > 0 &&
	       now - STAILQ_FIRST(&queue->entries)->born > MAIL_AGE_MAX)
		mail_queue_pop(queue);
	return before - queue->waiting;
}

static struct mail_outcome mail_queue_failed(struct mail_queue *queue,
					     usec_t now)
{
	struct mail_outcome outcome = { .news = queue->wait ?
							MAIL_NEWS_FAILS_STILL :
							MAIL_NEWS_FAILS };

	queue->sending = false;
	queue->failing = true;
	queue->wait = queue->wait ? queue->wait * 2 : MAIL_WAIT_MIN;
	if (queue->wait > MAIL_WAIT_MAX)
		queue->wait = MAIL_WAIT_MAX;
	queue->next = now + queue->wait;
	outcome.given_up = mail_queue_forget(queue, now);
	if (outcome.given_up > 0)
		outcome.news = MAIL_NEWS_OLD;
	outcome.waiting = queue->waiting;
	outcome.wait = queue->wait;
	return outcome;
}

struct mail_outcome mail_queue_done(struct mail_queue *queue, uint64_t number,
				    enum ipc_mail_how how, usec_t now)
{
	struct mail_outcome outcome = { .news = MAIL_NEWS_SENT };

	if (!queue->sending ||
	    STAILQ_FIRST(&queue->entries)->letter.number != number)
		return (struct mail_outcome){ .news = MAIL_NEWS_NONE };
	switch (how) {
	case IPC_MAIL_LATER:
		return mail_queue_failed(queue, now);
	case IPC_MAIL_NEVER:
		outcome.news = MAIL_NEWS_REFUSED;
		outcome.given_up = 1;
		break;
	case IPC_MAIL_SENT:
		if (queue->failing)
			outcome.news = MAIL_NEWS_AGAIN;
		break;
	}
	queue->sending = false;
	queue->failing = false;
	queue->wait = 0;
	queue->next = 0;
	mail_queue_pop(queue);
	outcome.waiting = queue->waiting;
	return outcome;
}

struct mail_outcome mail_queue_dropped(struct mail_queue *queue, usec_t now)
{
	if (!queue->sending)
		return (struct mail_outcome){ .news = MAIL_NEWS_NONE };
	return mail_queue_failed(queue, now);
}

void mail_queue_hurry(struct mail_queue *queue)
{
	queue->wait = 0;
	queue->next = 0;
}

usec_t mail_queue_wake(const struct mail_queue *queue)
{
	if (queue->sending)
		return queue->overdue;
	if (queue->waiting == 0)
		return 0;
	return queue->next > 0 ? queue->next : 1;
}

unsigned mail_queue_waiting(const struct mail_queue *queue)
{
	return queue->waiting;
}

bool mail_queue_fails(const struct mail_queue *queue)
{
	return queue->wait > 0;
}
