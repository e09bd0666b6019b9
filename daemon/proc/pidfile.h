/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pid file: one daemon for each run directory. Beside it, as PATH.lock, is a
 * file that only root can open, which is locked as long as the process lives; so
 * a stale pid file never hinders a start, and no other user can hold the lock.
 */
#ifndef EVENKEEL_DAEMON_PROC_PIDFILE_H
#define EVENKEEL_DAEMON_PROC_PIDFILE_H

/*
 * Takes the lock of PATH; the pid file itself is pidfile_write()'s. The lock of a
 * daemon that is dead is waited for, as the last program that it began may not be
 * executed yet. Returns a descriptor to keep open, -EEXIST if a daemon has the lock
 * (*PID says which, 0 if that is not known), -EPERM if others can open the lock's
 * file, or another -errno.
 */
int pidfile_take(const char *path, int *pid);
/*
 * Writes the number of this process. The lock is good without it, so a full disk
 * need not keep a daemon from starting. Returns 0 or -errno; then there is no file
 * PATH at all.
 */
int pidfile_write(const char *path);
/* Removes both files and closes FD, as pidfile_take() returned it. */
void pidfile_drop(const char *path, int fd);

#endif
