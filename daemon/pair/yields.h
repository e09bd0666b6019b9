/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's switchover, kept in a file of the run directory: a restart of
 * the daemon must not take back the addresses that were given away. A reboot
 * forgets it. A line is "PRIORITY NAME" of an instance behind a router of that
 * priority; the file is gone when there is none.
 */
#ifndef EVENKEEL_DAEMON_PAIR_YIELDS_H
#define EVENKEEL_DAEMON_PAIR_YIELDS_H

#include "lib/loop.h"

struct history;
struct vrrp_conf;
struct vrrp_proc;
struct yields;

/* The arguments must outlive the result, but for PATH, which is copied. */
struct yields *yields_new(struct loop *loop, struct history *history,
			  const char *path, struct vrrp_proc *child);
void yields_free(struct yields *yields); /* NULL is allowed */

/*
 * CONF is in force, and must live until the next call; after
 * vrrp_proc_configure(). The first time the instances of the file are behind as
 * it says; lines that make no sense, and names that CONF does not have, are
 * forgotten.
 */
void yields_configure(struct yields *yields, const struct vrrp_conf *conf);

/*
 * The file follows the vrrp process, whose other router may be gone. A failure is
 * logged, and tried again; returned as -errno, for the operator.
 */
int yields_keep(struct yields *yields);

#endif
