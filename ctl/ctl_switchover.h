/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchover: let the other balancer take over, and see that it did. */
#ifndef EVENKEEL_CTL_CTL_SWITCHOVER_H
#define EVENKEEL_CTL_CTL_SWITCHOVER_H

#include "ctl/ctl_command.h"

/*
 * Ask for it, and wait until the other balancer is heard as master. Returns the
 * exit status: 1 if it is refused, or if the other one did not take over.
 */
int switchover_run(struct ctl *ctl, const struct command *command);

#endif
