/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between main and the peer process, as fixed structs: operators'
 * overrides of servers, here or on the other balancer.
 */
#ifndef EVENKEEL_LIB_PEER_IPC_H
#define EVENKEEL_LIB_PEER_IPC_H

#include <stdint.h>

#include "lib/addr.h"
#include "lib/util.h"

#define PEER_KEY_MIN 16 /* bytes */
#define PEER_KEY_MAX 64
/*
 * By how much the clocks of two balancers may differ. A time that is further
 * ahead than this was taken from a clock that was wrong.
 */
#define PEER_WINDOW (60 * USEC_PER_SEC)
#define PEER_NAME_MAX 96 /* of a virtual server, with the NUL; longer: cut */

/* IPC_PEER_CONF, main to peer: whom to talk to, and how it is known. */
struct ipc_peer_conf {
	struct endpoint peer; /* our own port is the same */
	uint32_t length; /* of the key */
	uint8_t key[PEER_KEY_MAX];
};

/* IPC_PEER_HEARD, peer to main, every so often: the other balancer spoke. */
struct ipc_peer_heard {
	uint32_t datagrams; /* that were right, since the last such message */
};

/*
 * The kind of a word that is no operator's: the server has a writer's seat, and
 * the word's time is the term of the seat (balance/writers.c).
 */
#define PEER_KIND_SEAT 16

/* IPC_PEER_WORDS, both ways, up to so many. */
struct ipc_peer_word {
	int64_t said; /* when, by the wall clock, us; or the term */
	struct endpoint server;
	uint32_t kind; /* as balance_override_kind, or PEER_KIND_SEAT */
	uint32_t weight;
	char virtual_server[PEER_NAME_MAX];
};

#define IPC_PEER_WORDS_MAX 64

#endif
