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
struct words;

/* HISTORY must outlive it. */
struct words *words_new(struct loop *loop, const struct options *options,
			struct history *history);
void words_free(struct words *words); /* NULL is allowed */

/*
 * From now on speak to BALANCE, which is CONFIG's; both must live until the next
 * call. DECIDE is wanted whenever something was said.
 */
void words_configure(struct words *words, const struct config *config,
		     struct balance *balance, struct loop_task *decide);

/* Once, before BALANCE adopts the kernel's table: what the state file says. */
void words_load(struct words *words);

/* Returns for how many servers it was said. */
unsigned words_say(struct words *words, const struct operator_request *request);

/*
 * 0: the state file holds all that was said; or -errno: it could not be written,
 * which is tried again, and a restart now would forget it.
 */
int words_kept(const struct words *words);

/* The channel to the other balancer; false: there is none. */
bool words_peer(const struct words *words, struct peer_view *view);

#endif
