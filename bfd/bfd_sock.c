/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bfd/bfd_sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define BFD_PORT 3784
#define BFD_PORT_MULTIHOP 4784
#define BFD_SOURCE_FIRST 49152
#define BFD_SOURCE_PORTS (65536 - BFD_SOURCE_FIRST)
/* Of random ports, until one is free. */
#define BFD_SOURCE_TRIES 32
/* Class selector 6, as for routing protocols. */
#define BFD_TRAFFIC_CLASS 0xc0

static int bfd_sock_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ?
		       -errno :
		       0;
}

static int bfd_sock_make(sa_family_t family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (family == AF_INET6)
		error = bfd_sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

static int bfd_sock_bind(int fd, const struct addr *at, sa_family_t family,
			 unsigned port)
{
	struct endpoint local = { .addr = *at, .port = (uint16_t)port };
	struct sockaddr_storage ss;
	socklen_t size;

	local.addr.family = family;
	size = endpoint_to_sockaddr(&local, &ss);
	return bind(fd, (struct sockaddr *)&ss, size) < 0 ? -errno : 0;
}

int bfd_sock_listen(sa_family_t family, bool multihop)
{
	static const struct addr any;
	int fd = bfd_sock_make(family), error;

	if (fd < 0)
		return fd;
	error = family == AF_INET6 ?
			bfd_sock_set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) :
			bfd_sock_set(fd, IPPROTO_IP, IP_RECVTTL, 1);
	if (error == 0)
		error = bfd_sock_bind(fd, &any, family,
				      multihop ? BFD_PORT_MULTIHOP : BFD_PORT);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

static int bfd_sock_ttl(struct msghdr *head)
{
	struct cmsghdr *cmsg;
	int ttl;

	for (cmsg = CMSG_FIRSTHDR(head); cmsg; cmsg = CMSG_NXTHDR(head, cmsg)) {
		bool v4 = cmsg->cmsg_level == IPPROTO_IP &&
			  cmsg->cmsg_type == IP_TTL;
		bool v6 = cmsg->cmsg_level == IPPROTO_IPV6 &&
			  cmsg->cmsg_type == IPV6_HOPLIMIT;

		if ((!v4 && !v6) || cmsg->cmsg_len < CMSG_LEN(sizeof(ttl)))
			continue;
		memcpy(&ttl, CMSG_DATA(cmsg), sizeof(ttl));
		return ttl;
	}
	return -1;
}

static void bfd_sock_sender(const struct sockaddr_storage *ss,
			    struct addr *from)
{
	const struct sockaddr_in6 *in6 = (const void *)ss;
	const struct sockaddr_in *in = (const void *)ss;

	*from = (struct addr){ .family = ss->ss_family };
	if (ss->ss_family == AF_INET6)
		from->v6 = in6->sin6_addr;
	else
		from->v4 = in->sin_addr;
}

int bfd_sock_receive(int fd, struct bfd_datagram *datagram)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int)) * 2];
	struct iovec iov = { datagram->data, sizeof(datagram->data) };
	struct sockaddr_storage ss = { 0 };
	struct msghdr head = {
		.msg_name = &ss,
		.msg_namelen = sizeof(ss),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &head, MSG_DONTWAIT);

	if (got < 0)
		return -errno;
	bfd_sock_sender(&ss, &datagram->from);
	datagram->ttl = bfd_sock_ttl(&head);
	datagram->length = (size_t)got;
	return 0;
}

static int bfd_sock_bind_source(int fd, const struct addr *source,
				sa_family_t family)
{
	int error = -EADDRINUSE, i;
	uint16_t random;

	for (i = 0; i < BFD_SOURCE_TRIES && error == -EADDRINUSE; i++) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -EIO;
		error = bfd_sock_bind(fd, source, family,
				      BFD_SOURCE_FIRST +
					      random % BFD_SOURCE_PORTS);
	}
	return error;
}

int bfd_sock_open(sa_family_t family, const struct addr *source, int ttl)
{
	int fd = bfd_sock_make(family), error;

	if (fd < 0)
		return fd;
	if (family == AF_INET6) {
		error = bfd_sock_set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
		if (error == 0)
			error = bfd_sock_set(fd, IPPROTO_IPV6, IPV6_TCLASS,
					     BFD_TRAFFIC_CLASS);
	} else {
		error = bfd_sock_set(fd, IPPROTO_IP, IP_TTL, ttl);
		if (error == 0)
			error = bfd_sock_set(fd, IPPROTO_IP, IP_TOS,
					     BFD_TRAFFIC_CLASS);
	}
	if (error == 0)
		error = bfd_sock_bind_source(fd, source, family);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

int bfd_sock_send(int fd, const struct addr *to, bool multihop,
		  const uint8_t *data, size_t length)
{
	struct endpoint there = {
		.addr = *to,
		.port = multihop ? BFD_PORT_MULTIHOP : BFD_PORT,
	};
	struct sockaddr_storage ss;
	socklen_t size = endpoint_to_sockaddr(&there, &ss);

	return sendto(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		      (struct sockaddr *)&ss, size) < 0 ?
		       -errno :
		       0;
}
