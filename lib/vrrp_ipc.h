/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between main and the vrrp process, as fixed structs. Instances
 * and trackers are named by their index in the configuration that the message's
 * generation means.
 */
#ifndef EVENKEEL_LIB_VRRP_IPC_H
#define EVENKEEL_LIB_VRRP_IPC_H

#include <stdint.h>

#include "lib/addr.h"
#include "lib/util.h"

/* More than there are reasons and deviations; asserted where they are filled. */
#define IPC_VRRP_DROPS 32
#define IPC_VRRP_DEVIATIONS 8

/* IPC_VRRP_TRACK, main to vrrp, up to so many: the value of each tracker. */
struct ipc_vrrp_track {
	uint32_t tracker;
	/* 1 up, 0 down, or VRRP_TRACK_NO_EFFECT; VRRP_TRACK_FILE: the number */
	int32_t value;
};

#define IPC_VRRP_TRACKS_MAX 256

#define IPC_VRRP_KEY_MAX 64
#define IPC_VRRP_KEYS_MAX 1024 /* of all instances together */

/*
 * IPC_VRRP_KEY, main to vrrp, before the configuration: a key of auth_hmac that a
 * file holds, which the vrrp process does not read itself.
 */
struct ipc_vrrp_key {
	uint32_t instance;
	uint8_t id; /* of the key in the instance's block */
	uint8_t length;
	uint8_t data[IPC_VRRP_KEY_MAX];
};

/* IPC_VRRP_ASK, main to vrrp: report every instance, changed or not. */
struct ipc_vrrp_ask {
	uint32_t pad;
};

#define IPC_VRRP_YIELDS_MAX 1024

/*
 * IPC_VRRP_YIELD, main to vrrp: then up to so many struct ipc_vrrp_behind, one
 * for each instance that leaves its addresses to the other router, by the
 * operator's switchover. The others do not, or not any more.
 */
struct ipc_vrrp_yield {
	uint32_t serial; /* comes back in each report */
	uint32_t leave; /* 1: also those that are Active now */
};

struct ipc_vrrp_behind {
	uint32_t instance;
	/*
	 * The other router's priority, 1 to 255: it is over when the other one
	 * says a lower one.
	 */
	uint32_t priority;
};

/* Why an instance is in Fault: bits. */
enum vrrp_fault {
	VRRP_FAULT_INTERFACE = 1, /* there is no such interface */
	VRRP_FAULT_LINK = 2, /* it is down */
	VRRP_FAULT_SOURCE = 4, /* it has no address to send from */
	VRRP_FAULT_SOCKET = 8, /* the socket cannot be opened */
	VRRP_FAULT_TRACKER = 16, /* see fault_tracker */
	VRRP_FAULT_WAITING = 32, /* fault_tracker has not reported yet */
	VRRP_FAULT_VMAC = 64, /* the virtual MAC's interface is not ready */
	VRRP_FAULT_PEERS = 128, /* unicast without a peer */
	VRRP_FAULT_KEY = 256, /* auth_hmac without the key to sign with */
};

/*
 * IPC_VRRP_STATE, vrrp to main: one instance as it is now. Sent when the state,
 * the priority or the faults change, and when asked.
 */
struct ipc_vrrp_state {
	uint32_t instance;
	uint8_t state; /* enum vrrp_state */
	uint8_t priority; /* effective */
	uint8_t reason; /* enum vrrp_reason, of the last change of state */
	uint8_t peer_priority; /* of the last accepted advert */
	uint8_t own_priority; /* by file and trackers: effective, if not behind */
	/*
	 * 0, or the priority of the other router that this one stays behind, by
	 * the message of SERIAL.
	 */
	uint8_t behind;
	uint32_t serial;
	uint32_t faults; /* enum vrrp_fault bits; 0: none of its own */
	uint32_t fault_tracker; /* with VRRP_FAULT_TRACKER or _WAITING */
	usec_t since; /* when the state was entered */
	usec_t heard; /* when the last advert was accepted; 0: never */
	usec_t interval; /* of adverts: the Active Router's */
	usec_t timer; /* when the running timer fires; 0: none runs */
	struct addr source; /* source of the adverts */
	struct addr peer; /* sender of the last accepted advert */
	uint64_t sent; /* adverts, those with priority 0 included */
	uint64_t stops_sent; /* with priority 0 */
	uint64_t send_errors;
	uint64_t received; /* accepted adverts */
	uint64_t stops_received;
	uint64_t takeovers; /* how often it became Active */
	uint64_t lowers; /* adverts of a lower priority that it answered */
	uint64_t strays; /* on its socket, for no instance of ours */
	uint64_t drops[IPC_VRRP_DROPS]; /* by enum vrrp_drop */
	uint64_t deviations[IPC_VRRP_DEVIATIONS]; /* by bit of enum vrrp_deviation */
};

#endif
