/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's end of the control socket: one line out, one answer in. */
#ifndef EVENKEEL_CTL_CLIENT_H
#define EVENKEEL_CTL_CLIENT_H

#include <stddef.h>

struct json_object;

/*
 * Send REQUEST to the daemon that listens at PATH and wait for its answer, 30 s
 * at most. Returns an object that the caller owns, or NULL after an explanation
 * on standard error.
 */
struct json_object *client_ask(const char *path, const char *request);

/*
 * The same, for PATIENCE seconds at most and without a word: if the result is
 * NULL, WHY has the explanation.
 */
struct json_object *client_try(const char *path, const char *request,
			       unsigned patience, char *why, size_t size);

/*
 * The same as the bytes of the answer, whatever they are, ended by the daemon and
 * not by NUL. The caller frees them; NULL after an explanation on standard error.
 */
char *client_fetch(const char *path, const char *request, size_t *length);

#endif
