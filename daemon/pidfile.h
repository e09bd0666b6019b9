/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pid file: one daemon for each run directory. It is locked as long as the
 * process lives, so a stale file never hinders a start.
 */
#ifndef EVENKEEL_DAEMON_PIDFILE_H
#define EVENKEEL_DAEMON_PIDFILE_H

/*
 * Returns a descriptor to keep open, -EEXIST if a daemon has it (*PID says
 * which), or another -errno.
 */
int pidfile_take(const char *path, int *pid);
void pidfile_drop(const char *path, int fd);

#endif
