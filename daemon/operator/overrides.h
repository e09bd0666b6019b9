/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operators say: taken from evenkeel(8) or from the other balancer, carried
 * out, kept in the state file, and passed on to the other balancer.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_OVERRIDES_H
#define EVENKEEL_DAEMON_OPERATOR_OVERRIDES_H

#include "daemon/operator/operator.h"
#include "lib/loop.h"

struct config;
struct history;
struct options;
struct peer_view;
struct overrides;

/* HISTORY must outlive it. */
struct overrides *overrides_new(struct loop *loop,
				const struct options *options,
				struct history *history);
void overrides_free(struct overrides *overrides); /* NULL is allowed */

/*
 * From now on speak to BALANCE, which is CONFIG's; both must live until the next
 * call. DECIDE is wanted whenever something was said.
 */
void overrides_configure(struct overrides *overrides,
			 const struct config *config, struct balance *balance,
			 struct loop_task *decide);

/* Once, before BALANCE adopts the kernel's table: what the state file says. */
void overrides_load(struct overrides *overrides);

/* Returns for how many servers it was said. */
unsigned overrides_apply(struct overrides *overrides,
			 const struct operator_request *request);

/*
 * 0: the state file holds all that was said; or -errno: it could not be written,
 * which is tried again, and a restart now would forget it.
 */
int overrides_kept(const struct overrides *overrides);

/* The channel to the other balancer; false: there is none. */
bool overrides_peer(const struct overrides *overrides, struct peer_view *view);

#endif
