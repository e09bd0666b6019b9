/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a check keeps to itself in a server that hangs: no login while there are
 * two of its sessions, limits in the server for a session's statements, and an
 * end for the sessions of probes that ran out of time. See leftover.h for how
 * the end of a session is noticed.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_ROOM_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_ROOM_H

#include "checkers/mysql/mysql_session.h"

/*
 * Wait until SESSION may log in, until the deadline at most. If SESSION may not
 * log in, REPLY holds the findings of the last probe that could judge, or says
 * that the server is not reached any more.
 */
bool mysql_room_make(struct mysql_session *session,
		     const struct mysql_request *request,
		     struct mysql_reply *reply);

/*
 * Right after the login: set the limits for SESSION, and end (KILL) the hung
 * sessions of earlier probes. A server that does not understand the statements,
 * or refuses, is as good. Returns 0, or -1 if the connection is lost, with the
 * reason in mysql_link_errno().
 */
int mysql_room_begin(struct mysql_session *session,
		     const struct mysql_request *request);

/*
 * Whether a connection is at least begun. The library does not tell whether a
 * refusal (EACCES) is this host's, to connect(), or came back from the network.
 */
bool mysql_room_may_connect(const struct mysql_request *request);

#endif
