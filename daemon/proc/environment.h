/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The environment of main's children. Only the language and the time zone are
 * taken from main's own environment, so that a command does the same under
 * systemd, a shell or cron, and no secrets of the caller are passed on.
 */
#ifndef EVENKEEL_DAEMON_PROC_ENVIRONMENT_H
#define EVENKEEL_DAEMON_PROC_ENVIRONMENT_H

#define ENVIRONMENT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define ENVIRONMENT_MAX 32

/*
 * The environment of our own child processes, into OUT, ended by NULL: besides,
 * the options of the sanitizers, which a test build needs. Allocates nothing.
 */
void environment_of_child(char *out[ENVIRONMENT_MAX]);

/*
 * In a child that is about to become a script, and has its user already: change
 * our own environment to that of the script, with PATH, SHELL and the user's
 * HOME, USER and LOGNAME.
 */
void environment_become_script(void);

#endif
