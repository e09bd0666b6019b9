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
#ifndef EVENKEEL_DAEMON_PEER_H
#define EVENKEEL_DAEMON_PEER_H

#include "daemon/ledger.h"
#include "lib/loop.h"

struct config;
struct options;
struct peer;

/* A word from the other balancer; whether it counts is the receiver's matter. */
typedef void peer_word(void *arg, const struct ipc_peer_word *word);

/* LEDGER must outlive it. */
struct peer *peer_new(struct loop *loop, const struct options *options,
		      const struct ledger *ledger, peer_word *word, void *arg);
void peer_free(struct peer *peer); /* NULL is allowed; ends the process */

/* Start, change or end the process, as CONFIG has it. */
void peer_configure(struct peer *peer, const struct config *config);
/* A word that is new in the ledger. */
void peer_say(struct peer *peer, const struct ipc_peer_word *word);

#endif
