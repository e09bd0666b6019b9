/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operators' overrides: taken from evenkeel(8) or from another balancer,
 * applied, kept in the state file, and replicated to the other balancers.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_OVERRIDES_H
#define EVENKEEL_DAEMON_OPERATOR_OVERRIDES_H

#include "daemon/operator/operator.h"
#include "lib/loop.h"

struct config;
struct history;
struct ipc_peer_page;
struct peer_proc_view;
struct overrides;

struct overrides_needs {
	struct loop *loop;
	/* Copied; it counts unless the configuration has another one. */
	const char *state_file;
	/* Use the other balancer, if the configuration has one. */
	bool replicate;
	struct history *history; /* must outlive the result */
	/* Called when overrides_kept() became another one than -EINPROGRESS. */
	void (*kept)(void *arg);
	/* Another balancer has said that it is master of an instance. */
	void (*reported)(void *arg);
	void *arg;
};

/* Never NULL. */
struct overrides *overrides_new(const struct overrides_needs *needs);
/* NULL is allowed; waits for the last write as keeper_free() does. */
void overrides_free(struct overrides *overrides);

/*
 * From now on apply overrides to BALANCE, which is CONFIG's; both must live
 * until the next call. DECIDE is wanted after each override.
 */
void overrides_configure(struct overrides *overrides,
			 const struct config *config, struct balance *balance,
			 struct loop_task *decide);

/* Apply the state file, once, before BALANCE adopts the kernel's table. */
void overrides_load(struct overrides *overrides);

/* Returns the number of servers that REQUEST means. */
unsigned overrides_apply(struct overrides *overrides,
			 const struct operator_request *request);

/*
 * Keep and replicate the terms that the balance has given to writers since the
 * last time. To be called after each decision, when the kernel has it: a disk
 * that is slow must not delay a fail-over, and the table itself tells a daemon
 * that is started in between.
 */
void overrides_share_seats(struct overrides *overrides);
/*
 * Let the servers of REQUEST serve again. Returns how many of the *MEANT ones
 * can be told so, since their pools hold servers back.
 */
unsigned overrides_failback(struct overrides *overrides,
			    const struct operator_request *request,
			    unsigned *meant);

/*
 * Pause the virtual servers of the name POOL (NULL: all) for LENGTH; 0 takes a
 * pause back. Returns their number.
 */
unsigned overrides_pause(struct overrides *overrides, const char *pool,
			 usec_t length);

/* The longest pause; the time travels as 31 bits of ms. */
#define OVERRIDES_PAUSE_MAX (7 * 24 * 3600 * USEC_PER_SEC)

/* Of the last overrides and the state file, as keeper_state(). */
int overrides_kept(const struct overrides *overrides);

/* This balancer's report for the others: see peer_proc_report(). */
void overrides_report(struct overrides *overrides,
		      const struct ipc_peer_page *pages, uint32_t count);
/* The channel number I to another balancer; false: there is none. */
bool overrides_peer(const struct overrides *overrides, uint32_t i,
		    struct peer_proc_view *view);

#endif
