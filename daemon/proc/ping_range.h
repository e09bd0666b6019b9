/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may have datagram sockets of ICMP: the kernel asks for a group between the
 * two numbers of net.ipv4.ping_group_range (for IPv6 as well), of our network
 * namespace. Many systems let everybody in, the kernel's default is nobody.
 *
 * For checks that send echoes main lets the checker's group in, at every reload
 * again. At its end, or when no check sends echoes any more, main puts back what
 * was set by others, if nobody has changed it since.
 */
#ifndef EVENKEEL_DAEMON_PROC_PING_RANGE_H
#define EVENKEEL_DAEMON_PROC_PING_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PING_RANGE_MAX 32

struct ping_range {
	char before[PING_RANGE_MAX]; /* empty: nothing was changed */
	char now[PING_RANGE_MAX];
};

/*
 * Let the group of USER (NULL: the checker's default) in. Returns 0, or -errno
 * after a warning.
 */
int ping_range_widen(struct ping_range *range, const char *user);
void ping_range_restore(struct ping_range *range);

/*
 * Pure: what TEXT, "FIRST LAST", has to become for GROUP to be in, into OUT of
 * PING_RANGE_MAX bytes. Returns false if GROUP is in, or TEXT is no range.
 */
bool ping_range_with(const char *text, gid_t group, char *out);

#endif
