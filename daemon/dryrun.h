/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --dry-run prints the changes that a start of the daemon would make to the
 * kernel's table. The kernel is only read and no check is run: servers whose
 * state only a check could tell are left as they are, and counted.
 */
#ifndef EVENKEEL_DAEMON_DRYRUN_H
#define EVENKEEL_DAEMON_DRYRUN_H

struct options;

/* Returns the exit status. */
int dryrun_main(struct options *options);

#endif
