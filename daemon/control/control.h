/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a Unix stream socket in the run directory, through which
 * evenkeel(8) asks. One line of words in, one JSON document out, and the
 * connection is closed. Only root, and the user and members of the group that
 * `control_socket` names, are answered: the socket's mode keeps others out, and
 * the kernel's word on who is asking is checked again. Nobody who may ask can
 * keep root from asking: see control_seats.h.
 *
 * An answer never holds a secret: it is made from what people may see.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_CONTROL_H
#define EVENKEEL_DAEMON_CONTROL_CONTROL_H

struct control;
struct director;

/* Does not fail: a socket that cannot be made is logged, and life goes on. */
struct control *control_new(struct director *director);
void control_free(
	struct control *control); /* NULL is allowed; removes the socket */

/* The configuration changed: move the socket if its path or user did. */
void control_configure(struct control *control);

#endif
