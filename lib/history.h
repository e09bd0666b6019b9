/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last events, for `evenkeel events`: each change with its time and reason,
 * newest last. A ring of fixed size; each event has a number that only grows,
 * so that a follower asks for the events after the last one it saw.
 */
#ifndef EVENKEEL_LIB_HISTORY_H
#define EVENKEEL_LIB_HISTORY_H

#include <stdint.h>
#include <time.h>

#define HISTORY_SIZE 1000
#define HISTORY_TEXT_MAX 400

struct history;

struct history_event {
	uint64_t number; /* from 1 */
	struct timespec when; /* wall clock */
	char text[HISTORY_TEXT_MAX];
};

/* The caller owns the history, for history_free(). Never NULL. */
struct history *history_new(void);
void history_free(struct history *history); /* NULL is allowed */
/* Add an event of now; the oldest one is forgotten when the ring is full. */
void history_add(struct history *history, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* HEARD gets the text of each event from now on (NULL: nobody does). */
void history_listen(struct history *history,
		    void (*heard)(void *arg, const char *text), void *arg);

/*
 * The oldest event that is kept and has a number above AFTER; NULL: none. An
 * AFTER that was never reached is one of an earlier daemon, and counts as 0.
 */
const struct history_event *history_next(const struct history *history,
					 uint64_t after);
/* The number of the newest event; 0: there was none yet. */
uint64_t history_last(const struct history *history);

#endif
