/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the state to JSON: what the control socket answers. The words of the
 * fields are the tool's interface for machines, described in evenkeel(8).
 */
#ifndef EVENKEEL_DAEMON_SHOW_H
#define EVENKEEL_DAEMON_SHOW_H

struct director;
struct json_object;

/*
 * Answer REQUEST ("status", "plan", "reload"). Returns an object that the
 * caller owns; { "error": "..." } for a request that is not understood.
 */
struct json_object *show_answer(struct director *director, const char *request);

#endif
