/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's part of announce_group: from the decision on the pools to addresses on
 * the interface of a routing daemon.
 *
 *	a decision		-> announcing_step() for each group
 *	a group has turned	-> the kernel is read, planned for and changed
 *	an address or a link changed, a few seconds passed, a third of a lease
 *				-> the same, so that all is repaired and renewed
 *	the end			-> addresses off, first of all; the routes that deliver
 *				   stay as long as the table
 *
 * A daemon that was killed leaves its addresses as it leaves its table; the next
 * one begins with these addresses. Nothing is changed before they were read.
 *
 * The announcements of other balancers are looked up in their reports, each second.
 *
 * The operator's drain of this balancer is an empty file beside the state file.
 */
#ifndef EVENKEEL_DAEMON_ANNOUNCER_H
#define EVENKEEL_DAEMON_ANNOUNCER_H

#include <stdbool.h>

#include "balance/balance.h"
#include "daemon/control/view.h"
#include "lib/loop.h"
#include "lib/peer_ipc.h"

struct announcer;
struct history;
struct overrides;

/*
 * STATE_FILE, which is copied, counts unless the configuration has another one.
 * With OFF, for evenkeeld -P, nothing is announced, and nothing looked at.
 */
struct announcer *announcer_new(struct loop *loop, struct history *history,
				const char *state_file, bool off);
void announcer_free(struct announcer *announcer); /* NULL is allowed */

/* SETTLED(ARG) as of keeper_new(); to be called before the first configure. */
void announcer_notice(struct announcer *announcer, void (*settled)(void *arg),
		      void *arg);
/* Whose channel tells of others: to be called before the first configure. */
void announcer_listen(struct announcer *announcer,
		      const struct overrides *overrides);
/* For the report to others: group GROUP of CONF, which may be older than ours. */
enum peer_announce_state announcer_says(const struct announcer *announcer,
					const struct conf *conf,
					uint32_t group);

/* At the start and a reload; CONF must live until the next call. */
void announcer_configure(struct announcer *announcer, const struct conf *conf);
/*
 * After each decision. READ: the kernel's table was read, without which BALANCE
 * has not decided. COMPLETE: the kernel has the whole table that BALANCE wanted.
 */
void announcer_decided(struct announcer *announcer,
		       const struct balance *balance, bool read, bool complete);

/*
 * The operator drains this balancer, or takes that back. Returns -ENOENT if the
 * configuration has no announce_group; else it is in force, and the result is
 * announcer_kept().
 */
int announcer_drain(struct announcer *announcer, bool drain);
/* As keeper_state(): whether a restart would forget the drain. */
int announcer_kept(const struct announcer *announcer);

/* The end: take the addresses off. */
void announcer_end(struct announcer *announcer);
/* The table is removed: take the routes that deliver off as well. */
void announcer_release(struct announcer *announcer);

/* For answers: the groups, in the order of the file. */
void announcer_view(const struct announcer *announcer,
		    const struct balance *balance, struct view *view);

#endif
