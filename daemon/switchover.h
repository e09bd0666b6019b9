/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two balancers' reports, and `evenkeel switchover`. Every second this
 * balancer's report is made anew and goes over the operators' channel
 * (daemon/operator/); asked for a switchover, the two reports are compared, and
 * the instances that are master here yield (daemon/pair/).
 */
#ifndef EVENKEEL_DAEMON_SWITCHOVER_H
#define EVENKEEL_DAEMON_SWITCHOVER_H

#include <stdbool.h>

#include "daemon/operator/fitness.h"
#include "lib/loop.h"

struct announcer;
struct balance;
struct config;
struct history;
struct integrity;
struct other_view;
struct overrides;
struct pair;
struct peer_reports;
struct switchover;

struct switchover_needs {
	struct loop *loop;
	struct history *history;
	struct overrides *overrides;
	struct pair *pair;
	const struct announcer *announcer;
	const struct integrity *integrity;
};

/* The members of NEEDS must outlive the result. */
struct switchover *switchover_new(const struct switchover_needs *needs);
void switchover_free(struct switchover *switchover); /* NULL is allowed */

/*
 * From now on report on CONFIG and its BALANCE, which must live until the next
 * call; after pair_configure() and overrides_configure().
 */
void switchover_configure(struct switchover *switchover,
			  const struct config *config,
			  const struct balance *balance);
/* After each decision: whether the kernel has the whole table. */
void switchover_decided(struct switchover *switchover, bool complete);

/* An instance has another state: the other balancers are told at once. */
void switchover_moved(struct switchover *switchover);
/*
 * Another balancer has reported. If it is master of what this one is master of, the
 * vrrp process here may stand still, and two have the address: it is asked, and
 * replaced unless it answers (process_doubt()).
 */
void switchover_reported(struct switchover *switchover);
/* The end: a last report, after announcer_end(). */
void switchover_end(struct switchover *switchover);

/* Let the other balancer take over the instances of which this one is master. */
void switchover_ask(struct switchover *switchover, struct fitness *fitness);

/* A balancer's report, of its REPORTS, beside this one's. */
void switchover_view(const struct switchover *switchover,
		     const struct peer_reports *reports,
		     struct other_view *view);

#endif
