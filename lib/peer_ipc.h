/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between main and the peer process, as fixed structs: operators'
 * words on servers and pools, here or on other balancers.
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

/* Other balancers that one talks to. */
#define PEER_CHANNELS_MAX 31

/*
 * IPC_PEER_CONF, main to peer, up to PEER_CHANNELS_MAX: all other balancers, and
 * how each is known. Of the messages about one of them the header's generation is
 * its ID.
 */
struct ipc_peer_conf {
	uint32_t id; /* main's number of it; never given to another one */
	struct endpoint peer; /* our own port is the same */
	uint32_t length; /* of the key */
	uint8_t key[PEER_KEY_MAX];
};

/* IPC_PEER_HEARD, peer to main, every so often: the other balancer spoke. */
struct ipc_peer_heard {
	uint32_t datagrams; /* that were right, since the last such message */
	uint32_t strangers; /* right but for a clock that is too far away */
};

/*
 * The kind of a word that is no operator's: the server has a writer's seat, and
 * the word's time is the term of the seat (balance/writers.c).
 */
#define PEER_KIND_SEAT 16
/*
 * A word on a virtual server as a whole: its pause, for `weight` ms from the
 * word's time on; 0 takes it back. The server is 0.0.0.0:0.
 */
#define PEER_KIND_PAUSE 17

/* IPC_PEER_WORDS, both ways, up to so many. */
struct ipc_peer_word {
	int64_t said; /* when, by the wall clock, us; or the term */
	struct endpoint server;
	uint32_t kind; /* as balance_override_kind, or PEER_KIND_... */
	uint32_t weight;
	char virtual_server[PEER_NAME_MAX];
};

#define IPC_PEER_WORDS_MAX 64

/*
 * IPC_PEER_SETTLED, peer to main: the word was said by a clock that was wrong,
 * and has got another time.
 */
struct ipc_peer_settled {
	int64_t said; /* the time that it has now */
	struct ipc_peer_word was;
};

/*
 * IPC_PEER_PAGE, both ways: a balancer's report on itself, for the other one. A
 * report has as many pages as its pools and instances need; each has the head.
 */
#define PEER_ITEMS_MAX 72
#define PEER_PAGES_MAX 256
#define PEER_VERSION_MAX 32

enum peer_item_kind {
	PEER_ITEM_POOL = 1,
	PEER_ITEM_INSTANCE,
	PEER_ITEM_ANNOUNCE,
	PEER_ITEM_INTEGRITY,
};

enum peer_instance_state {
	PEER_INSTANCE_OTHER, /* not taking part yet */
	PEER_INSTANCE_MASTER,
	PEER_INSTANCE_BACKUP,
	PEER_INSTANCE_FAULT,
};

enum peer_announce_state {
	PEER_ANNOUNCE_OFF, /* not announced, or only as worse */
	PEER_ANNOUNCE_FAILED, /* announced, but pools fail, or the table does */
	PEER_ANNOUNCE_WORKS, /* announced, with pools and a table that work */
};

/* Payload to a server, by this balancer (`integrity`). */
enum peer_integrity_state {
	PEER_INTEGRITY_UNMEASURED,
	PEER_INTEGRITY_CLEAN, /* by each way */
	PEER_INTEGRITY_CORRUPT,
};

struct peer_item {
	uint64_t id; /* by conf/digest.h; instances and integrity: of the name */
	uint32_t up; /* pools: servers that are up */
	uint8_t kind; /* enum peer_item_kind */
	uint8_t state; /* of all but pools: enum peer_..._state */
	uint8_t priority; /* instances: by file and trackers */
	uint8_t pad;
};

enum peer_report_flag {
	PEER_REPORT_TABLE = 1, /* the kernel has the whole decided table */
	PEER_REPORT_VERDICTS = 2, /* every check has spoken */
};

struct ipc_peer_page {
	uint64_t digest; /* conf_digest() */
	int64_t ahead; /* received: its clock less ours, us, less the way */
	uint32_t page, pages; /* this one, from 0 on, of so many */
	uint32_t pools; /* in the file */
	uint32_t flags; /* enum peer_report_flag */
	char version[PEER_VERSION_MAX]; /* ended by NUL, printable */
	uint32_t count; /* of ITEMS */
	uint32_t pad;
	struct peer_item items[PEER_ITEMS_MAX];
};

#endif
