/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One address that HTTP is served at, by libmicrohttpd in the thread of the
 * loop.
 *
 * A stranger can open connections and say nothing, a letter at a time, or any
 * nonsense; none of this may keep an honest client out or make the process grow. So
 *
 * - a connection has a fixed buffer, and a request that does not fit is refused;
 * - there are LISTENER_SEATS connections. Most of them have not asked yet, or
 *   were answered, or are being answered: a newcomer that finds all seats taken
 *   gets that of the oldest of the most, so that a crowd displaces itself;
 * - a request has LISTENER_ASKING to arrive, from the connection on; an answer
 *   LISTENER_ANSWERING to be read; an answered connection LISTENER_IDLE for the
 *   next request (Prometheus keeps its connection between scrapes). Each second
 *   has an answer of its own, which lives while it is being read: so reading
 *   takes no longer than a scraper or the page would wait.
 */
#ifndef EVENKEEL_WEB_LISTENER_H
#define EVENKEEL_WEB_LISTENER_H

#include <microhttpd.h>
#include <stdbool.h>

#include "lib/addr.h"
#include "lib/loop.h"

#define LISTENER_SEATS 128
#define LISTENER_ASKING (10 * USEC_PER_SEC)
#define LISTENER_ANSWERING (10 * USEC_PER_SEC)
#define LISTENER_IDLE (300 * USEC_PER_SEC)

struct listener;

/* The methods of a service; ARG is listener_new()'s. */
struct listener_service {
	const char *keyword; /* of the file: "metrics_listen" */
	/* As libmicrohttpd's access handler; ARG is its first argument. */
	MHD_AccessHandlerCallback handle;
	/* As its notice of a request's end. */
	MHD_RequestCompletedCallback ended;
	/* The connections are about to be closed: none may stay suspended. */
	void (*closing)(void *arg);
};

/* SERVICE must outlive the result. It listens after listener_configure(). */
struct listener *listener_new(struct loop *loop,
			      const struct listener_service *service,
			      void *arg);
void listener_free(struct listener *listener); /* NULL is allowed */

/*
 * Listen at AT, or nowhere if it has no family. An address that cannot be
 * listened at is told in the log, and tried again every few seconds.
 */
void listener_configure(struct listener *listener, const struct endpoint *at);
/* Listen nowhere, unless it is at AT. */
void listener_leave(struct listener *listener, const struct endpoint *at);

/* A request of CONNECTION is complete: it is owed an answer. */
void listener_asked(struct MHD_Connection *connection);
/* CONNECTION, which was suspended, goes on at the end of this turn. */
void listener_resume(struct MHD_Connection *connection);

#endif
