/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeel top: the answer to "status", again and again. On a terminal it is a
 * picture that keys change, drawn with the escapes that every terminal of today
 * knows: that is less than a library for terminals would ask of the hosts, and
 * the picture is a table of lines. In a pipe it is plain frames.
 */
#ifndef EVENKEEL_CTL_TOP_H
#define EVENKEEL_CTL_TOP_H

struct command;
struct ctl;

/* Returns the exit status. */
int top_run(struct ctl *ctl, const struct command *command);

#endif
