/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The environment of what main starts. Nothing of it comes from whoever started
 * main but the language and the time zone, so that the same command does the
 * same whether it was systemd, a shell or cron, and nobody's secrets travel on.
 */
#ifndef EVENKEEL_DAEMON_PROC_ENVIRONMENT_H
#define EVENKEEL_DAEMON_PROC_ENVIRONMENT_H

#define ENVIRONMENT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define ENVIRONMENT_MAX 32

/*
 * That of our own children, into OUT, ended by NULL: besides, the options of the
 * sanitizers, which a test build needs. Allocates nothing.
 */
void environment_of_child(char *out[ENVIRONMENT_MAX]);

/*
 * In a child that is about to become a script, and has its user already: change
 * our own environment to that of the script, with PATH, SHELL and the user's
 * HOME, USER and LOGNAME.
 */
void environment_become_script(void);

#endif
