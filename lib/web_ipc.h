/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between main and the web process, as fixed structs. The web
 * process can ask for one of a few kinds of answers and for nothing else: there
 * is no message that would make main change anything.
 */
#ifndef EVENKEEL_LIB_WEB_IPC_H
#define EVENKEEL_LIB_WEB_IPC_H

#include <stdint.h>

#include "lib/addr.h"

#define IPC_WEB_NAMES 4
#define IPC_WEB_NAME_MAX 254 /* with the NUL */
#define IPC_WEB_ARGUMENT_MAX 400 /* with the NUL */
/* All documents of an answer are shorter. */
#define IPC_WEB_ANSWER_MAX ((uint64_t)256 << 20)

/* IPC_WEB_CONF, main to web: where to listen; no family: not at all. */
struct ipc_web_conf {
	struct ipc_web_listen {
		struct endpoint at;
		/* Under which it is asked for; an empty name ends them. */
		char names[IPC_WEB_NAMES][IPC_WEB_NAME_MAX];
	} metrics, status;
	uint32_t pad;
};

enum ipc_web_kind {
	IPC_WEB_OVERVIEW, /* enum ipc_web_part in one; no argument */
	IPC_WEB_FIGURES, /* a sheet, see daemon/control/feed.h; no argument */
	IPC_WEB_EVENTS, /* the number after which they are wanted, or "last" */
	IPC_WEB_EXPLAIN, /* "SERVER" or "SERVER VIRTUAL_SERVER" */
	IPC_WEB_KINDS,
};

/* IPC_WEB_ASK, web to main. A newer question of a kind replaces an older one. */
struct ipc_web_ask {
	uint32_t kind; /* enum ipc_web_kind */
	uint32_t number; /* comes back with the answer */
	char argument[IPC_WEB_ARGUMENT_MAX]; /* ended by NUL, printable */
};

#define IPC_WEB_PARTS 3
enum ipc_web_part {
	IPC_WEB_STATUS, /* of any other kind: the answer */
	IPC_WEB_HEADROOM,
	IPC_WEB_VRRP,
};

/*
 * IPC_WEB_ANSWER, main to web, with a memfd that holds JSON documents, one after
 * the other: three for IPC_WEB_OVERVIEW, else one; of IPC_WEB_FIGURES a sheet.
 */
struct ipc_web_answer {
	uint32_t kind;
	uint32_t number;
	int64_t generated; /* by the wall clock, us since 1970 */
	uint64_t lengths[IPC_WEB_PARTS]; /* of each document */
};

#endif
