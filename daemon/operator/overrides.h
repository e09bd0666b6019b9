/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operators' overrides: taken from evenkeel(8) or from the other balancer,
 * applied, kept in the state file, and replicated to the other balancer.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_OVERRIDES_H
#define EVENKEEL_DAEMON_OPERATOR_OVERRIDES_H

#include "daemon/operator/operator.h"
#include "lib/loop.h"

struct config;
struct history;
struct peer_proc_view;
struct overrides;

/*
 * STATE_FILE, which is copied, counts unless the configuration has another one.
 * REPLICATE: use the other balancer, if the configuration has one. HISTORY must
 * outlive the result.
 */
struct overrides *overrides_new(struct loop *loop, const char *state_file,
				bool replicate, struct history *history);
void overrides_free(struct overrides *overrides); /* NULL is allowed */

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
 * 0: the state file holds all overrides; or -errno: the last write failed and
 * is tried again, and a restart now would lose the last overrides.
 */
int overrides_kept(const struct overrides *overrides);

/* The channel to the other balancer; false: there is none. */
bool overrides_peer(const struct overrides *overrides,
		    struct peer_proc_view *view);

#endif
