/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operators' words and the other balancer: what is said here is sent there, and
 * what was said there counts here, so that a takeover changes no weight.
 *
 * A channel of its own, and not VRRP's: an advertisement has no room for it, and
 * version 3 has no password. And not recomputed from the servers, as slow start
 * and lag are: a server does not know that it is being drained. Who has the key
 * may drain servers; who has not can do nothing but be ignored.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_PEER_H
#define EVENKEEL_DAEMON_OPERATOR_PEER_H

#include "daemon/operator/ledger.h"
#include "daemon/proc/process.h"
#include "lib/loop.h"

struct config;
struct history;
struct options;
struct peer;

/* A word from the other balancer; whether it counts is the receiver's matter. */
typedef void peer_word(void *arg, const struct ipc_peer_word *word);

struct peer_needs {
	struct loop *loop;
	const struct options *options;
	struct history *history;
	const struct ledger *ledger;
	peer_word *word;
	void *arg; /* WORD's */
};

/* All that NEEDS points to must outlive it; NEEDS itself is copied. */
struct peer *peer_new(const struct peer_needs *needs);
void peer_free(struct peer *peer); /* NULL is allowed; ends the process */

/* Start, change or end the process, as CONFIG has it. */
void peer_configure(struct peer *peer, const struct config *config);
struct peer_view {
	struct process_view process;
	struct endpoint peer;
	usec_t heard; /* when the other balancer was heard last; 0: never */
	bool silent; /* not for so long that it was told */
};

/* False: there is no channel. */
bool peer_get(const struct peer *peer, struct peer_view *view);
/* A word that is new in the ledger. */
void peer_say(struct peer *peer, const struct ipc_peer_word *word);

#endif
