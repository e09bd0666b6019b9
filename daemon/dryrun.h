/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --dry-run: what a start of the daemon would change in the kernel's table, for
 * a person. Nothing is changed, no check is run: servers whose state only a
 * check could tell are left as they are, and named.
 */
#ifndef EVENKEEL_DAEMON_DRYRUN_H
#define EVENKEEL_DAEMON_DRYRUN_H

struct options;

/* Returns the exit status. */
int dryrun_main(const struct options *options);

#endif
