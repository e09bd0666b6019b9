/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a request to an answer.
 *
 *	metrics_listen	/metrics[?scope=S]	text 0.0.4, or OpenMetrics 1.0 if
 *						the client prefers it
 *	status_listen	/, /page.css, ...	the status page
 *			/api/status, /api/headroom, /api/vrrp,
 *			/api/events[?after=N] (the newest),
 *			/api/explain?server=S[&virtual=V]
 *						the JSON of `evenkeel --json`; the
 *						status has the age of all as well
 *
 * Only GET (and HEAD) is understood, and no request can change anything. Both
 * answer only requests for a name of this host. No
 * answer may be kept by anybody, as each is new. Metrics without
 * an answer of main are evenkeel_up 0, the page's data an error with status 503.
 */
#ifndef EVENKEEL_WEB_PAGES_H
#define EVENKEEL_WEB_PAGES_H

#include "lib/web_ipc.h"
#include "web/figures.h"
#include "web/listener.h"
#include "web/store.h"

/* Under which one service is asked for, ended by NULL: see http_host_is_ours(). */
struct pages_names {
	const char *all[IPC_WEB_NAMES + 3];
	bool refused; /* another one, and the log has it */
};

/* The argument of both services. */
struct pages {
	struct loop *loop;
	struct store *store;
	struct figures_list figures; /* that are being sent */
	struct pages_names metrics, status;
};

/* /metrics alone, and the status page with its data. */
extern const struct listener_service pages_metrics, pages_status;

#endif
