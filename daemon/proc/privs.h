/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Privileges of the processes. Main stays root with the few capabilities it
 * needs; the checker becomes an ordinary user without any, for good.
 */
#ifndef EVENKEEL_DAEMON_PROC_PRIVS_H
#define EVENKEEL_DAEMON_PROC_PRIVS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Limit main to the capabilities it needs: NET_ADMIN for IPVS; SETUID, SETGID
 * and KILL for its children and scripts; CHOWN for the control socket; NET_RAW,
 * SYS_NICE and IPC_LOCK, never in effect here, for the vrrp child and for
 * iptables. With VISITS also SYS_ADMIN, for namespace_visit_ipvs(), which no child
 * gets. Does nothing for a process that is not root. Returns 0 or -errno.
 */
int privs_limit_main(bool visits);

/*
 * Before privileges go: make room for a descriptor for each of thousands of
 * probes at once. As far as the kernel allows; never lowers a limit.
 */
void privs_raise_files(void);

/*
 * Become USER without capabilities or supplementary groups, and without a way
 * back (no_new_privs). USER NULL: "evenkeel" if there is one, else "nobody". A
 * process that is not root only gets no_new_privs. Returns 0, -ENOENT for an
 * unknown user, or another -errno.
 */
int privs_become(const char *user);

/*
 * The vrrp child: stay root, but with NET_ADMIN and NET_RAW (addresses, sockets)
 * and SYS_NICE and IPC_LOCK (real-time priority, locked memory) alone, and
 * without a way to more (no_new_privs). Returns 0 or -errno.
 */
int privs_limit_vrrp(void);

/*
 * The recorder: stay root, the owner of the recording, but without capabilities and
 * without a way to any (no_new_privs). Returns 0 or -errno.
 */
int privs_limit_recorder(void);

/*
 * In a forked child about to run a script: leave it no more capabilities than
 * main has, and become USER (NULL: as privs_become()
 * but "keepalived_script", else stay) and GROUP (NULL: the user's), with OTHERS
 * also the groups that the user is a member of. 0 or -errno.
 */
int privs_become_script(const char *user, const char *group, bool others);

/*
 * The user and group that privs_become(USER) gives a root process. Returns 0,
 * or -ENOENT for an unknown user.
 */
int privs_find(const char *user, uid_t *uid, gid_t *gid);

/* The default user of scripts, if the configuration names none; NULL: root. */
const char *privs_script_user(void);

#endif
