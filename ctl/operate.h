/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drain, disable, ready, weight: an operator's commands on a server. */
#ifndef EVENKEEL_CTL_OPERATE_H
#define EVENKEEL_CTL_OPERATE_H

#include "ctl/ctl_command.h"

/*
 * Send the command, and with --wait watch until no connection is left. Returns
 * the exit status.
 */
int operate_run(struct ctl *ctl, const struct command *command);

/* "pause [POOL]" and "resume [POOL]"; the same. */
int operate_pause(struct ctl *ctl, const struct command *command);
int operate_resume(struct ctl *ctl, const struct command *command);

#endif
