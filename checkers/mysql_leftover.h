/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions of earlier probes that the server has not let go of. A probe that
 * runs out of time goes, but what it asked for goes on in the server, with a
 * session that counts against max_connections; a new one each round would fill
 * a server that hangs, for everybody. So each connection that we are done with is
 * closed for sending and receiving and then kept, until the server closes its
 * end too: that is how its session is known to be gone. While there are two, no
 * other is begun. If the server's host has vanished, the kernel tells after a few
 * seconds.
 *
 * All descriptors here are above MYSQL_WATCHDOG_BEYOND.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_LEFTOVER_H
#define EVENKEEL_CHECKERS_MYSQL_LEFTOVER_H

#include <stdbool.h>
#include <stdint.h>

/* Of one check in one server at any time, the one in use included. */
#define MYSQL_SESSIONS_MAX 2

/* What a session was asked last. */
enum mysql_stage {
	MYSQL_STAGE_LOGIN,
	MYSQL_STAGE_QUERY,
	MYSQL_STAGE_REPLICATION, /* its status or a heartbeat */
};

struct mysql_leftover {
	int sock;
	unsigned long id; /* of the session, for KILL; 0: not known */
	uint16_t port; /* our end's, as the server sees it */
	enum mysql_stage stage;
	bool hung; /* it did not answer in time */
	bool killed; /* the server was asked to end it */
};

struct mysql_leftovers {
	struct mysql_leftover of[MYSQL_SESSIONS_MAX];
	unsigned count;
};

/*
 * Take LEFTOVER's socket, which the server may hold still; the other members are
 * as the caller says, but for the port. If there is no room, the connection is
 * reset; see mysql_leftovers_sweep() for how not to get there.
 */
void mysql_leftovers_add(struct mysql_leftovers *leftovers,
			 const struct mysql_leftover *leftover);

/* Forget those that the server has let go of. Returns how many are left. */
unsigned mysql_leftovers_sweep(struct mysql_leftovers *leftovers);

/* Forget all. */
void mysql_leftovers_clear(struct mysql_leftovers *leftovers);

/* Whether one hangs in STAGE. */
bool mysql_leftovers_hang(const struct mysql_leftovers *leftovers,
			  enum mysql_stage stage);

#endif
