/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/probe_marked.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/conf.h"
#include "lib/log.h"
#include "lib/util.h"

static int probe_marked_bind(int fd, const struct conf_check *check)
{
	struct endpoint from = check->bind;
	struct sockaddr_storage ss;
	socklen_t size;

	if (check->bind_if &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, check->bind_if,
		       (socklen_t)strlen(check->bind_if)) < 0)
		return -errno;
	if (!addr_is_set(&from.addr) && from.port == 0)
		return 0;
	from.addr.family = check->dst.addr.family;
	size = endpoint_to_sockaddr(&from, &ss);
	return bind(fd, (struct sockaddr *)&ss, size) < 0 ? -errno : 0;
}

static int probe_marked_make(const struct conf_check *check)
{
	int type = check->traits.datagrams ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(check->dst.addr.family,
			type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &check->fwmark,
		       sizeof(check->fwmark)) < 0)
		error = -errno;
	if (error == 0)
		error = probe_marked_bind(fd, check);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

int probe_marked_socket(const struct conf_check *check)
{
	static int told;
	int fd = probe_marked_make(check);

	if (fd < 0 && fd != told)
		log_error("check",
			  "fwmark: no socket can be marked and bound: %s",
			  strerror(-fd));
	told = fd < 0 ? fd : 0;
	return fd;
}
