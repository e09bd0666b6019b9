/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a Unix stream socket in the run directory, through which
 * evenkeel(8) asks. The client sends one line of words and gets one JSON
 * document, then the connection is closed. Only root, and the user and members
 * of the group that `control_socket` names, are answered: the socket's mode
 * keeps others out, and the client's user is checked again (SO_PEERCRED). No
 * permitted user can keep root from asking: see control_seats.h.
 *
 * An answer never holds a secret: it is made from data that may be shown.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_CONTROL_H
#define EVENKEEL_DAEMON_CONTROL_CONTROL_H

struct control;
struct director;

/*
 * Does not fail: if the socket cannot be made, that is logged and main runs
 * without it.
 */
struct control *control_new(struct director *director);
void control_free(
	struct control *control); /* NULL is allowed; removes the socket */

/* The configuration changed: move the socket if its path or user did. */
void control_configure(struct control *control);

#endif
