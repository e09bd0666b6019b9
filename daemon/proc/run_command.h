/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short command of the system's own (iptables), waited for. Notify scripts
 * and checks have script.h, which never waits; this file is for commands that
 * the next step depends on, and so their time is strictly limited.
 */
#ifndef EVENKEEL_DAEMON_PROC_RUN_COMMAND_H
#define EVENKEEL_DAEMON_PROC_RUN_COMMAND_H

#include <stddef.h>

#include "lib/util.h"

/*
 * Run NAME, found in the system's folders only, with ARGV (ended by NULL).
 * INPUT (NULL: nothing) is its standard input; both its outputs go into OUTPUT,
 * as text, cut at SIZE bytes. After LIMIT the command is killed.
 *
 * Returns its exit status, 0 to 255; -ENOENT without such a program, -ETIMEDOUT,
 * -EINTR if a signal ended it, another -errno if it cannot be run.
 */
int command_run(const char *name, char *const *argv, const char *input,
		char *output, size_t size, usec_t limit);

#endif
