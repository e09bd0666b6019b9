/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"

/* The process has one table of IPVS, and this is where it is; -1: nowhere else. */
static int namespace_ipvs = -1, namespace_home = -1;

/* Whether the open namespace FD is the one that this process is in. */
static bool namespace_is_inside(int fd)
{
	struct stat there, here;

	return fstat(fd, &there) == 0 &&
	       stat("/proc/self/ns/net", &here) == 0 &&
	       there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

static int namespace_open(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void namespace_complain(const char *word, const char *name, int error)
{
	fprintf(stderr, "evenkeeld: cannot enter the %s /run/netns/%s: %s%s\n",
		word, name, strerror(-error),
		error == -EPERM ?
			"; a service of systemd has NetworkNamespacePath= for its own, and needs CAP_SYS_ADMIN for another" :
			"");
}

int namespace_enter(const char *word, const char *name)
{
	int fd = namespace_open(name), error = fd < 0 ? fd : 0;

	if (fd >= 0 && !namespace_is_inside(fd) && setns(fd, CLONE_NEWNET) < 0)
		error = -errno;
	if (error < 0)
		namespace_complain(word, name, error);
	if (fd >= 0)
		close(fd);
	return error;
}

static int namespace_try(void)
{
	int error = namespace_visit_ipvs();

	if (error == 0)
		namespace_return();
	return error;
}

int namespace_use_for_ipvs(const char *name)
{
	int error = 0;

	if (!name)
		return 0;
	namespace_ipvs = namespace_open(name);
	if (namespace_ipvs < 0)
		error = namespace_ipvs;
	if (error == 0) {
		namespace_home =
			open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		error = namespace_home < 0 ? -errno : namespace_try();
	}
	if (error < 0)
		namespace_complain("net_namespace_ipvs", name, error);
	return error;
}

int namespace_visit_ipvs(void)
{
	if (namespace_ipvs < 0)
		return 0;
	return setns(namespace_ipvs, CLONE_NEWNET) < 0 ? -errno : 0;
}

void namespace_return(void)
{
	if (namespace_ipvs < 0 || setns(namespace_home, CLONE_NEWNET) == 0)
		return;
	/* Sockets would be opened where the table is: better none at all. */
	log_error("ipvs", "cannot come back from net_namespace_ipvs: %s",
		  strerror(errno));
	abort();
}
