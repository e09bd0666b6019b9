/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/ping_range.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/proc/privs.h"
#include "daemon/proc/sysctl.h"
#include "lib/log.h"

#define PING_RANGE_SYSCTL "net/ipv4/ping_group_range"

bool ping_range_with(const char *text, gid_t group, char *out)
{
	unsigned long first, last;
	char *end;

	first = strtoul(text, &end, 10);
	if (end == text || *end != ' ')
		return false;
	text = end + 1;
	last = strtoul(text, &end, 10);
	if (end == text || *end != '\0')
		return false;
	if (group >= first && group <= last)
		return false;
	/* A range that ends before it begins is the kernel's "nobody". */
	if (first > last)
		first = last = group;
	snprintf(out, PING_RANGE_MAX, "%lu %lu", group < first ? group : first,
		 group > last ? group : last);
	return true;
}

int ping_range_widen(struct ping_range *range, const char *user)
{
	char text[PING_RANGE_MAX], wanted[PING_RANGE_MAX];
	gid_t group = getegid();
	uid_t uid;
	int error = geteuid() == 0 ? privs_find(user, &uid, &group) : 0;

	if (error < 0) {
		log_warning("checker",
			    "no check can ping: no user '%s' for the checker",
			    user ? user : "nobody");
		return error;
	}
	error = sysctl_read(PING_RANGE_SYSCTL, text, sizeof(text));
	if (error == 0 && !ping_range_with(text, group, wanted))
		return 0;
	if (error == 0)
		error = sysctl_write(PING_RANGE_SYSCTL, wanted);
	if (error < 0) {
		log_warning(
			"checker",
			"no check can ping: the checker's group, %u, cannot be let into net.ipv4.ping_group_range (%s); set it with sysctl(8)",
			(unsigned)group, strerror(-error));
		return error;
	}
	log_notice(
		"checker",
		"net.ipv4.ping_group_range is '%s' now, was '%s': the checker's group may send echo requests",
		wanted, text);
	/* An administrator who set it since gets that back. */
	if (!range->before[0] || strcmp(text, range->now) != 0)
		memcpy(range->before, text, sizeof(text));
	memcpy(range->now, wanted, sizeof(wanted));
	return 0;
}

void ping_range_restore(struct ping_range *range)
{
	char text[PING_RANGE_MAX];

	if (!range->before[0])
		return;
	if (sysctl_read(PING_RANGE_SYSCTL, text, sizeof(text)) == 0 &&
	    strcmp(text, range->now) == 0 &&
	    sysctl_write(PING_RANGE_SYSCTL, range->before) < 0)
		log_warning("checker",
			    "net.ipv4.ping_group_range stays '%s', was '%s'",
			    range->now, range->before);
	range->before[0] = '\0';
}
