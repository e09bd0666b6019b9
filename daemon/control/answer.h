/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The requests that the control socket understands, and their answers in one piece;
 * "status" and "metrics" are made in slices (overview.h, feed.h).
 */
#ifndef EVENKEEL_DAEMON_CONTROL_ANSWER_H
#define EVENKEEL_DAEMON_CONTROL_ANSWER_H

#include <stdbool.h>

struct control_ops;
struct json_object;

/*
 * Answer REQUEST, a line of words that is cut to pieces, from a view that OPS
 * give for ARG. Returns an object that the caller owns; { "error": "..." } for
 * an unknown request, and for one that changes something unless MAY_CHANGE.
 */
struct json_object *answer_request(const struct control_ops *ops, void *arg,
				   char *request, bool may_change);
/* Whether control_ops.ask comes before the answer to REQUEST. */
bool answer_asks(const char *request);
/*
 * Put the word of the disk into ANSWER; false while there is none, and the answer
 * is not whole.
 */
bool answer_settle(const struct control_ops *ops, void *arg,
		   struct json_object *answer);
/* The answer that is an error. */
struct json_object *answer_error(const char *text);

#endif
