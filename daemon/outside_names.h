/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs, files, users and groups that a configuration names: do they
 * exist, and can they be used? Main checks them when it has read a file, at -t,
 * at a start and at a reload, so that the log names the line before a failover
 * depends on it. The check refuses no configuration: a script may be installed
 * a minute later.
 *
 * A program is checked for the user and group that it is run as: by the mode
 * bits of its file and of the folders above it. Access control lists and the
 * like are not looked at.
 */
#ifndef EVENKEEL_DAEMON_OUTSIDE_NAMES_H
#define EVENKEEL_DAEMON_OUTSIDE_NAMES_H

#include <stdbool.h>
#include <sys/stat.h>

#include "conf/conf.h"

/*
 * Report every missing or unusable object to REPORT: as a warning, or as a note
 * if it is hidden from us.
 */
void outside_check(const struct conf *conf, struct conf_report *report);

/*
 * Do the mode bits of ST let UID in group GID do MASK (04 read, 02 write, 01
 * execute)?
 */
bool outside_may(const struct stat *st, uid_t uid, gid_t gid, unsigned mask);

#endif
