/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `evenkeel metrics`. */
#ifndef EVENKEEL_CTL_METRICS_RUN_H
#define EVENKEEL_CTL_METRICS_RUN_H

#include "ctl/ctl_command.h"

/*
 * Asks and prints, with evenkeel_up 0 if the daemon does not answer. Returns 0,
 * 1 if the daemon does not answer, 2 if there is no such scope.
 */
int metrics_run(struct ctl *ctl, const struct command *command);

#endif
