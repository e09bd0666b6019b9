/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages between main and the bfd process, as fixed structs. */
#ifndef EVENKEEL_LIB_BFD_IPC_H
#define EVENKEEL_LIB_BFD_IPC_H

#include <stdint.h>

#include "lib/addr.h"

/* Sessions of one configuration. */
#define IPC_BFD_SESSIONS_MAX 1024
/* Sessions in one message. */
#define IPC_BFD_PAGE 128

/* A session, with the words of its bfd_instance; intervals in ms. */
struct ipc_bfd_session {
	struct addr neighbor; /* with MULTIHOP: one session has it */
	struct addr source; /* no family: the kernel's choice */
	uint32_t min_rx, min_tx, idle_tx;
	uint8_t multiplier;
	uint8_t ttl; /* of our packets */
	uint8_t ttl_least; /* of the neighbour's */
	uint8_t passive; /* 0 or 1 */
	uint8_t multihop; /* 0 or 1 */
	uint8_t pad[3];
};

/*
 * IPC_BFD_CONF, main to bfd: sessions from FIRST on, TOTAL in all messages of one
 * generation together. The first message has FIRST 0, the last one makes them count.
 */
struct ipc_bfd_conf {
	uint32_t first;
	uint32_t total;
};

/*
 * IPC_BFD_STATE, bfd to main: the state of a neighbour; at each change, and
 * of all known ones after each configuration.
 */
struct ipc_bfd_state {
	uint32_t session;
	uint8_t up; /* 0 or 1 */
	uint8_t remote_state; /* enum bfd_state */
	uint8_t diag, remote_diag; /* enum bfd_diag */
};

#endif
