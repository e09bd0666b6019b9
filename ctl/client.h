/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's end of the control socket: one line out, one JSON document in. */
#ifndef EVENKEEL_CTL_CLIENT_H
#define EVENKEEL_CTL_CLIENT_H

struct json_object;

/*
 * Send REQUEST to the daemon that listens at PATH and wait for its answer, 30 s
 * at most. Returns an object that the caller owns, or NULL after an explanation
 * on standard error.
 */
struct json_object *client_ask(const char *path, const char *request);

#endif
