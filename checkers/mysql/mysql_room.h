/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a check keeps to itself in a server that hangs: no login while there are
 * two of its sessions, limits in the server for what a session asks, and an end
 * for the sessions of probes that ran out of time. See leftover.h for how
 * the end of a session is noticed.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_ROOM_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_ROOM_H

#include "checkers/mysql/mysql_session.h"

/*
 * Wait until SESSION may log in, until the deadline at most. If it may not, REPLY
 * says what the last probe that was made found, or that the server is not
 * reached any more.
 */
bool mysql_room_make(struct mysql_session *session,
		     const struct mysql_request *request,
		     struct mysql_reply *reply);

/*
 * What is to be said on SESSION right after the login. A server that does not
 * understand it, or refuses, is as good. Returns 0, or -1 if the connection is
 * lost, with the reason in mysql_errno().
 */
int mysql_room_begin(struct mysql_session *session,
		     const struct mysql_request *request);

#endif
