/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that a check is done with and the server is not. A probe that
 * runs out of time goes, but its request goes on in the server, with a session
 * that counts against max_connections, or a worker; a new session each round
 * would fill a hung server, for every client. So each such connection is closed
 * for sending and receiving and then kept, until the server closes its end too,
 * which shows that the session is over. While there are two, no other
 * connection is begun. If the server's host has vanished, the kernel tells
 * after a few seconds.
 */
#ifndef EVENKEEL_CHECKERS_LEFTOVER_H
#define EVENKEEL_CHECKERS_LEFTOVER_H

#include <stdbool.h>
#include <stdint.h>

/* Of one check in one server at any time; a server may count the one in use too. */
#define LEFTOVERS_MAX 2

struct leftover {
	int sock;
	unsigned long id; /* of the session, for KILL; 0: not known */
	uint16_t port; /* of one that hangs: our end's, as the server sees it */
	unsigned stage; /* of the conversation, as its owner counts them */
	bool hung; /* it did not answer in time */
	bool killed; /* the server was asked to end it */
	bool seen; /* it was not over when that was looked for */
	bool watched; /* the kernel finds out whether its host is there */
};

struct leftovers {
	struct leftover of[LEFTOVERS_MAX];
	unsigned count;
};

/*
 * Take LEFTOVER's socket, which the server may hold still. The caller sets its
 * stage, id, and whether it hangs. If there is no room, the connection is
 * reset; see leftovers_sweep() for how not to get there.
 */
void leftovers_add(struct leftovers *leftovers,
		   const struct leftover *leftover);

/* Forget the connections that the server has closed. Returns how many are
 * left. */
unsigned leftovers_sweep(struct leftovers *leftovers);

/* Reset and forget the oldest connection: the server may hold it for ever, by a
 * fault of its own. */
void leftovers_give_up(struct leftovers *leftovers);

/* Forget all. */
void leftovers_clear(struct leftovers *leftovers);

/* Whether one hangs in STAGE. */
bool leftovers_hang(const struct leftovers *leftovers, unsigned stage);

#endif
