/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to "status" as text, for the control socket and for the web process:
 * made in slices, see walk.h.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_OVERVIEW_H
#define EVENKEEL_DAEMON_CONTROL_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>

struct control_ops;
struct overview;

/* OPS, which are called with ARG, must outlive the result. */
struct overview *overview_new(const struct control_ops *ops, void *arg);
void overview_free(struct overview *overview); /* NULL is allowed */

/* Add a slice. Returns true if it is whole; then it is not called again. */
bool overview_step(struct overview *overview);

/* The JSON, when it is whole: the overview's, not ended by NUL. */
const char *overview_text(const struct overview *overview, size_t *length);

#endif
