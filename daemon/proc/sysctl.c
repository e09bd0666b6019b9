/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/sysctl.h"

#include "daemon/proc/namespace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSCTL_IPVS "net/ipv4/vs/"

static int sysctl_open(const char *name, int flags)
{
	bool own = strchr(name, '/');
	char path[128];
	int fd, error = own ? 0 : namespace_visit_ipvs();

	if (error < 0)
		return error;
	snprintf(path, sizeof(path), "/proc/sys/%s%s", own ? "" : SYSCTL_IPVS,
		 name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	if (!own)
		namespace_return();
	return fd;
}

void sysctl_tidy(char *text)
{
	const char *from;
	char *to = text;

	for (from = text; *from; from++) {
		if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

int sysctl_read(const char *name, char *out, size_t size)
{
	int fd = sysctl_open(name, O_RDONLY);
	ssize_t got;

	out[0] = '\0';
	if (fd < 0)
		return fd;
	got = read(fd, out, size - 1);
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return (int)got;
	out[got] = '\0';
	sysctl_tidy(out);
	return 0;
}

int sysctl_write(const char *name, const char *value)
{
	int fd = sysctl_open(name, O_WRONLY), error = 0;

	if (fd < 0)
		return fd;
	if (write(fd, value, strlen(value)) < 0)
		error = -errno;
	close(fd);
	return error;
}
