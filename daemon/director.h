/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The director owns the parts of main and is the glue between them; it decides
 * nothing itself.
 *
 *	a verdict, a reload, the start	-> "decide" is wanted
 *	at the end of the loop's turn	-> balance_decide(), events told,
 *					   kernel_apply()
 *	every few seconds		-> kernel_audit()
 *	something failed		-> the same again after a back-off
 */
#ifndef EVENKEEL_DAEMON_DIRECTOR_H
#define EVENKEEL_DAEMON_DIRECTOR_H

#include <stdbool.h>

#include "lib/loop.h"

struct advice;
struct balance;
struct config;
struct control;
struct director;
struct history;
struct kernel;
struct operator_request;
struct options;
struct peer_view;
struct pair;
struct sync;
struct table;
struct watch;

/*
 * Takes CONFIG over (frees it at the end). The kernel's table is adopted before
 * the first change. Does not fail: a kernel that cannot be reached is tried
 * again.
 */
struct director *director_new(struct loop *loop, const struct options *options,
			      struct config *config);
/* Leaves the kernel's table as it is; ends the children. NULL is allowed. */
void director_free(struct director *director);

/*
 * Read the file again; if it is refused, the old configuration stays. Returns 0
 * or -errno.
 */
int director_reload(struct director *director);

/*
 * Begin to stop: the vrrp process gives its addresses up, the notifications of
 * its end run, then the loop stops.
 */
void director_end(struct director *director);

/*
 * Finish: with lvs_flush_on_stop (or keepalived_compat), unless -I was given,
 * remove our services from the kernel.
 */
void director_release(struct director *director);

/* The channel to the other balancer; false: there is none. */
bool director_peer(const struct director *director, struct peer_view *view);

/* SIGUSR1: log the state. */
void director_log_state(struct director *director);

/*
 * Carry out the operator's REQUEST, and keep it in the state file. Returns the
 * number of servers that REQUEST named.
 */
unsigned director_operate(struct director *director,
			  const struct operator_request *request);
/* Returns as overrides_kept(). */
int director_kept(const struct director *director);

/* For control and show. */
const struct history *director_history(const struct director *director);
const struct config *director_config(const struct director *director);
const struct balance *director_balance(const struct director *director);
struct kernel *director_kernel(struct director *director);
const struct sync *director_sync(const struct director *director);
const struct advice *director_advice(const struct director *director);
struct pair *director_pair(const struct director *director);
const struct watch *director_watch(const struct director *director);
const struct options *director_options(const struct director *director);
struct loop *director_loop(const struct director *director);
/* Decide now, without applying it: the wanted table, good until the next turn. */
struct table *director_wanted(struct director *director);
usec_t director_started(const struct director *director);

#endif
