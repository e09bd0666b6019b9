/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeel drill: a client's stopwatch for a planned fail-over. It asks the
 * service, not the daemon, and may run on any host that clients run on.
 */
#ifndef EVENKEEL_CTL_DRILL_H
#define EVENKEEL_CTL_DRILL_H

#include <stdbool.h>

struct command;
struct ctl;

/* As they stand on the command line; NULL: not given. */
struct drill_words {
	const char *user;
	bool ask_password;
	const char *password_file;
	const char *defaults_file;
	const char *rate, *timeout, *max_gap;
};

/* Returns the exit status. */
int drill_run(struct ctl *ctl, const struct command *command);

#endif
