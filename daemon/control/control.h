/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a Unix stream socket in the run directory, through which
 * evenkeel(8) asks. The client sends one line of words and gets one JSON
 * document, or of "metrics" a sheet (feed.h), then the connection is closed. Only root, and the users and members
 * of the groups that `control_socket` names, are answered, and some of these may
 * ask, but not change (control_rights.h): the socket's mode keeps others out
 * where it can, and the kernel names the client (SO_PEERCRED). No
 * permitted user can keep root from asking: see control_seats.h.
 *
 * An answer never holds a secret: it is made from data that may be shown.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_CONTROL_H
#define EVENKEEL_DAEMON_CONTROL_CONTROL_H

#include "daemon/control/control_rights.h"

struct control;
struct control_ops;
struct loop;

/* There is no socket before control_configure(). OPS must outlive the result. */
struct control *control_new(struct loop *loop, const struct control_ops *ops,
			    void *arg);
void control_free(
	struct control *control); /* NULL is allowed; removes the socket */

/*
 * Use GLOBAL, which must live until the next call: make the socket, at PATH
 * unless GLOBAL has a path. If it cannot be made, that is logged, and main runs
 * without it.
 */
void control_configure(struct control *control,
		       const struct conf_global *global, const char *path);

/* The question of control_ops.ask is over, and clients may be waiting for it. */
void control_told(struct control *control);
/* A write or a reload has ended, and answers may be waiting for it. */
void control_settled(struct control *control);

#endif
