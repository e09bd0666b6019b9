/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/probe_socket.h"

#include <errno.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "checkers/check.h"
#include "lib/util.h"

static const struct {
	int error;
	enum outcome outcome;
} net_outcomes[] = {
	{ 0, PROBE_OK },
	{ ECONNREFUSED, PROBE_REFUSED },
	{ ECONNRESET, PROBE_CLOSED },
	{ ECONNABORTED, PROBE_CLOSED },
	{ EPIPE, PROBE_CLOSED },
	{ ENOTCONN, PROBE_CLOSED },
	{ ESHUTDOWN, PROBE_CLOSED },
	{ ETIMEDOUT, PROBE_TIMEOUT },
	{ ENETUNREACH, PROBE_UNREACHABLE },
	{ EHOSTUNREACH, PROBE_UNREACHABLE },
	{ ENETDOWN, PROBE_UNREACHABLE },
	{ EHOSTDOWN, PROBE_UNREACHABLE },
	{ ENONET, PROBE_UNREACHABLE },
	/* ICMP's "protocol unreachable" and "parameter problem" */
	{ ENOPROTOOPT, PROBE_UNREACHABLE },
	{ EPROTO, PROBE_UNREACHABLE },
};

enum outcome net_outcome(int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(net_outcomes); i++) {
		if (net_outcomes[i].error == error)
			return net_outcomes[i].outcome;
	}
	return PROBE_LOCAL_FAULT;
}

enum outcome net_outcome_reported(int error)
{
	return error == EACCES ? PROBE_UNREACHABLE : net_outcome(error);
}

void net_fill_reported(struct probe_result *result, int error)
{
	probe_result_fill(result, net_outcome_reported(error), error);
	if (error == EACCES)
		snprintf(
			result->text, sizeof(result->text),
			"the network refuses it (administratively prohibited)");
}

bool net_is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM || error == EADDRNOTAVAIL || error == EAGAIN;
}

int net_stream(sa_family_t family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

int net_bind(int fd, const struct conf_check *conf)
{
	struct sockaddr_storage ss;
	struct endpoint from = conf->bind;
	socklen_t size;

	if (conf->bind_if &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, conf->bind_if,
		       (socklen_t)strlen(conf->bind_if)) < 0)
		return errno;
	if (!addr_is_set(&from.addr) && from.port == 0)
		return 0;
	from.addr.family = conf->dst.addr.family;
	size = endpoint_to_sockaddr(&from, &ss);
	return bind(fd, (struct sockaddr *)&ss, size) < 0 ? errno : 0;
}
