/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core as control sees it: a view of the state, filled by the core for each
 * request, and the few things that a request can make the core do. The answers
 * are made from the view alone; control calls nothing of the core but the
 * functions of struct control_ops.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_VIEW_H
#define EVENKEEL_DAEMON_CONTROL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/operator/peer_proc.h"
#include "daemon/pair/sync.h"
#include "lib/util.h"

#define VIEW_ADVICE_MAX 8

struct balance;
struct conf;
struct history;
struct ipvs_change;
struct ipvs_plan;
struct operator_request;
struct vrrp_proc;
struct table;
struct trackers;

/* The parts of a view that cost time: filled only if they are asked for. */
enum view_part {
	VIEW_DECISION = 1, /* the balance has decided as of now */
	/* The same, and the kernel is read: not with -P. */
	VIEW_TABLE = 2,
	VIEW_PLAN = 4, /* the same, and the two are compared */
	VIEW_VRRP = 8, /* the vrrp process has been asked for its counters */
};

struct view_checker {
	struct process_view process;
	bool ready; /* uses the present configuration */
	uint64_t verdicts;
};

struct view_kernel {
	uint64_t changes, failures, repairs;
	usec_t last_audit; /* 0: never */
};

/* Pointers are the core's, and good until the next turn of the loop. */
struct view {
	usec_t now;
	usec_t started;
	bool only_vrrp;
	const char *config_file;
	uint32_t generation;
	const struct conf *conf;
	const struct balance *balance;
	const struct history *history;
	const struct table *actual; /* NULL: the kernel cannot be read */
	const struct ipvs_plan *plan; /* NULL: the same */
	struct view_kernel kernel;
	struct view_checker checker;
	const struct vrrp_proc *vrrp;
	const struct trackers *trackers;
	struct sync_view sync;
	bool has_peer; /* there is a channel to the other balancer */
	struct peer_proc_view peer;
	const char *advice[VIEW_ADVICE_MAX]; /* on the kernel's settings */
	unsigned nr_advice;
};

/* The core's functions; ARG is control_new()'s. */
struct control_ops {
	/* Fill VIEW; PARTS are enum view_part. */
	void (*view)(void *arg, unsigned parts, struct view *view);
	/* Why CHANGE of the view's plan is wanted, into OUT. */
	void (*reason)(void *arg, const struct ipvs_change *change, char *out,
		       size_t size);
	/* Read the file again. Returns 0 or -errno. */
	int (*reload)(void *arg);
	/*
	 * Carry out REQUEST. Returns the number of servers that it means; *KEPT
	 * as overrides_kept().
	 */
	unsigned (*operate)(void *arg, const struct operator_request *request,
			    int *kept);
	/* The same, for failback: how many of the *MEANT servers can. */
	unsigned (*failback)(void *arg, const struct operator_request *request,
			     unsigned *meant, int *kept);
};

#endif
