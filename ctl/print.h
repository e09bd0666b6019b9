/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's answers, for people. */
#ifndef EVENKEEL_CTL_PRINT_H
#define EVENKEEL_CTL_PRINT_H

#include "ctl/output.h"

struct json_object;

/*
 * The functions return the exit status: 0, or 1 if the answer reports a
 * trouble.
 */
int print_status(const struct output *output, struct json_object *answer);
int print_plan(const struct output *output, struct json_object *answer);
int print_headroom(const struct output *output, struct json_object *answer);
int print_events(const struct output *output, struct json_object *answer);
int print_explain(const struct output *output, struct json_object *answer);
int print_announce(const struct output *output, struct json_object *answer);
int print_integrity(const struct output *output, struct json_object *answer);
int print_vrrp(const struct output *output, struct json_object *answer);
int print_reload(const struct output *output, struct json_object *answer);

/* Whether all announced groups are withdrawn, without a connection left. */
bool print_announce_is_idle(struct json_object *answer);

/* The tone of a state of a server or a level of a pool. */
enum tone print_state_tone(const char *state);

#endif
