/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits of a process that reads bytes of others, once it has begun its
 * work: a list of system calls (seccomp), with their arguments where those
 * matter, and the files that it may see (Landlock). A process that was taken over
 * has no more than that, also one of root's.
 *
 * A call that is not in the list ends the process, after a line in the log that
 * names the call; main starts it anew. A call that the system's libseccomp does
 * not know either answers ENOSYS: a C library that is younger tries such a call
 * first, and has another way. On a kernel without Landlock, and where there is no
 * filter (confine_lacks_filter()), the process runs without; main says the latter
 * once.
 *
 * Confinement is inherited. A process that runs programs of others (main, for
 * scripts) is never confined. The zygote of the MySQL helpers has a list of its own,
 * of which the helpers' is a part.
 */
#ifndef EVENKEEL_CONFINE_CONFINE_H
#define EVENKEEL_CONFINE_CONFINE_H

#include <stdint.h>

/* A family of sockets, for struct confine: AF_INET is bit 2. */
#define CONFINE_FAMILY(family) (UINT64_C(1) << (family))
#define CONFINE_INET (CONFINE_FAMILY(AF_INET) | CONFINE_FAMILY(AF_INET6))
#define CONFINE_LOG CONFINE_FAMILY(AF_UNIX) /* syslog's socket */

enum confine_flag {
	CONFINE_WRITES = 1 << 0, /* opens files for writing */
	CONFINE_LOADS =
		1 << 1, /* maps memory to be run: plugins of a library */
	CONFINE_FORKS = 1 << 2, /* has children, or threads */
	CONFINE_SIGNALS = 1 << 3, /* may send signals to other processes */
	CONFINE_CONNECTS = 1 << 4, /* begins TCP connections */
	CONFINE_LINKS = 1 << 6, /* asks drivers whether there is a link */
	CONFINE_SEES_ALL = 1 << 5, /* no Landlock: the files are named later */
};

/* The exit status of a process that made a call that it may not. */
#define CONFINE_STATUS 159

struct confine {
	const char *name; /* of the process, as in the log */
	unsigned flags;
	uint64_t families; /* of the sockets that it may make */
	const char *const
		*calls; /* groups of calls, divided by blanks; NULL ends */
	const char *const *paths; /* read, if they exist; NULL ends; NULL: none */
};

/* The processes; see confine_roles.c. */
extern const struct confine confine_checker;
extern const struct confine confine_zygote;
extern const struct confine confine_helper;
extern const struct confine confine_peer;
extern const struct confine confine_web;
extern const struct confine confine_mail;
extern const struct confine confine_recorder;
extern const struct confine confine_bfd;
extern const struct confine confine_arp;
extern const struct confine confine_vrrp;

/*
 * Why no process has a filter here, for people; NULL: each has one. There is none
 * on a kernel that knows no filters, nor on an architecture whose calls nobody has
 * compared with the lists: a missing call would end a process again and again.
 */
const char *confine_lacks_filter(void);

/*
 * Confine this process, for good; sets no_new_privs. For a process without
 * threads. Returns 0, also where there is no filter, or -errno.
 */
int confine_enter(const struct confine *confine);

#endif
