/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a configuration names outside of itself: is it there, and can it be used?
 * Main asks when it has read a file, at -t, at a start and at a reload, so that
 * the line is named before a failover depends on it. Nothing is refused here: a
 * script may be installed a minute later.
 *
 * A program is looked at as whoever runs it would: by the bits of its file and
 * of the folders above it, for the user and group that it is run as. Lists of
 * access rights (acl) and the like are not looked at.
 */
#ifndef EVENKEEL_DAEMON_OUTSIDE_H
#define EVENKEEL_DAEMON_OUTSIDE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "conf/conf.h"

/* Say to REPORT what is missing: a warning each, or a note if it is hidden from us. */
void outside_check(const struct conf *conf, struct conf_report *report);

/* May UID in group GID do what MASK (04 read, 02 write, 01 execute) says? */
bool outside_may(const struct stat *st, uid_t uid, gid_t gid, unsigned mask);

#endif
