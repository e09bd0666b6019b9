/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The zygote: a small process that the checker forks before it has read any
 * configuration, and that forks the helpers. A helper therefore starts with the
 * few pages of the zygote and not with the checker's configuration, passwords
 * and descriptors, however late it is started.
 *
 * The zygote keeps nothing but a socket to the checker. For each byte that the
 * checker writes it forks a helper and answers with a struct zygote_reply, to
 * which the helper's socket and pidfd are attached. Helpers are killed through
 * the pidfd; nobody has to wait for them.
 *
 * When the checker goes, in any way, the sockets of all end: idle helpers say
 * goodbye to their servers and exit, the zygote gives them a second and exits,
 * and the remaining helpers die with it (PDEATHSIG).
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_ZYGOTE_H
#define EVENKEEL_CHECKERS_MYSQL_ZYGOTE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct confine;

struct zygote_kind {
	const char *name; /* of the helpers; up to 15 bytes */
	void (*prepare)(void); /* runs once, in the zygote */
	void (*run)(int sock); /* the helper; its return ends it */
	const struct confine *zygote, *helper; /* limits of each; NULL: none */
};

struct zygote_reply {
	int32_t error; /* 0, or the errno of the failed call */
	int32_t pid;
};

/* A helper as the checker sees it; the descriptors are the caller's. */
struct zygote_child {
	int error; /* an errno: there is no helper, and this is why */
	int sock; /* SOCK_SEQPACKET, blocking, close-on-exec */
	int pidfd;
	pid_t pid;
};

struct zygote {
	int sock; /* -1: there is none */
	pid_t pid;
};

/* Fork a zygote. Returns 0, or -errno. */
int zygote_start(struct zygote *zygote, const struct zygote_kind *kind);

/* Close the socket: the zygote ends in its own time. */
void zygote_leave(struct zygote *zygote);

/*
 * Whether somebody killed the zygote (SIGKILL), other than one that ended by itself;
 * for the one whose socket has ended, and once: its status is taken.
 */
bool zygote_was_killed(const struct zygote *zygote);

/* Ask for a helper. 0, or -errno (-EPIPE: the zygote is gone). */
int zygote_ask(const struct zygote *zygote);

/*
 * Take an answer. Returns 1 and fills CHILD, good or bad; 0 if the zygote is
 * gone; -EAGAIN if there is no answer yet.
 */
int zygote_take(const struct zygote *zygote, struct zygote_child *child);

#endif
