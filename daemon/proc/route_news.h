/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the routes or addresses of this host have changed: for questions about
 * the way to many hosts, which would have to be asked again every few seconds.
 *
 * The kernel's notices are counted, not read: any of them is news. If it had to
 * throw some away, that is news too. Without a socket all the time is.
 */
#ifndef EVENKEEL_DAEMON_PROC_ROUTE_NEWS_H
#define EVENKEEL_DAEMON_PROC_ROUTE_NEWS_H

#include <stdbool.h>

struct route_news {
	int sock; /* -1: could not be opened */
	bool first; /* nothing was taken yet */
};

/* Listen from now on. NEWS is the caller's, for route_news_close(). */
void route_news_open(struct route_news *news);
/* May be called again, and before any route_news_open() with SOCK -1. */
void route_news_close(struct route_news *news);

/* Whether there was any since the last call; true the first time. */
bool route_news_take(struct route_news *news);

#endif
