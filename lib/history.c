/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/history.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/util.h"

struct history {
	void (*heard)(void *arg, const char *text);
	void *heard_arg;
	uint64_t count; /* events ever */
	struct history_event ring[HISTORY_SIZE];
};

struct history *history_new(void)
{
	return xcalloc(1, sizeof(struct history));
}

void history_free(struct history *history)
{
	free(history);
}

void history_add(struct history *history, const char *fmt, ...)
{
	struct history_event *event =
		&history->ring[history->count % HISTORY_SIZE];
	va_list ap;

	event->number = ++history->count;
	clock_gettime(CLOCK_REALTIME, &event->when);
	va_start(ap, fmt);
	vsnprintf(event->text, sizeof(event->text), fmt, ap);
	va_end(ap);
	if (history->heard)
		history->heard(history->heard_arg, event->text);
}

void history_listen(struct history *history,
		    void (*heard)(void *arg, const char *text), void *arg)
{
	history->heard = heard;
	history->heard_arg = arg;
}

const struct history_event *history_next(const struct history *history,
					 uint64_t after)
{
	uint64_t oldest = history->count > HISTORY_SIZE ?
				  history->count - HISTORY_SIZE :
				  0;

	/* AFTER is from before our start: no event was seen yet. */
	if (after < oldest || after > history->count)
		after = oldest;
	return after < history->count ? &history->ring[after % HISTORY_SIZE] :
					NULL;
}

uint64_t history_last(const struct history *history)
{
	return history->count;
}
