/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending needs no socket of its own: each datagram carries its source, its
 * interface and its hop limit as ancillary data. Multicast that is sent is not
 * looped back, and only the group joined on this socket is received (without
 * IP_MULTICAST_ALL switched off, Linux delivers every group that anybody on the
 * host has joined).
 */
#include "vrrp/sock.h"

#include <errno.h>
#include <linux/in6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DSCP_CS6 0xc0
#define PRIORITY_CONTROL 7 /* TC_PRIO_CONTROL */
#define RECEIVE_BUFFER (256 * 1024)

static bool sock_is_group(const struct addr *addr)
{
	if (addr->family == AF_INET6)
		return IN6_IS_ADDR_MULTICAST(&addr->v6);
	return IN_MULTICAST(ntohl(addr->v4.s_addr));
}

static int sock_set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ?
		       -errno :
		       0;
}

static int sock_options4(const struct vrrp_sock *sock, int fd)
{
	struct ip_mreqn join = { .imr_multiaddr = sock->local.v4,
				 .imr_ifindex = sock->index };
	int error;

	error = sock_set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
	if (error == 0)
		error = sock_set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
	if (error == 0)
		error = sock_set_int(fd, IPPROTO_IP, IP_TOS, DSCP_CS6);
	if (error == 0 && sock_is_group(&sock->local) &&
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)) <
		    0)
		error = -errno;
	return error;
}

static int sock_options6(const struct vrrp_sock *sock, int fd)
{
	struct ipv6_mreq join = { .ipv6mr_multiaddr = sock->local.v6,
				  .ipv6mr_interface = (unsigned)sock->index };
	int error;

	error = sock_set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
	if (error == 0)
		error = sock_set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
	if (error == 0)
		error = sock_set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, DSCP_CS6);
	if (error == 0)
		error = sock_set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (error == 0)
		error = sock_set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	if (error == 0 && sock_is_group(&sock->local) &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &join,
		       sizeof(join)) < 0)
		error = -errno;
	return error;
}

static int sock_bind_local(const struct vrrp_sock *sock, int fd,
			   const char *ifname)
{
	struct endpoint local = { .addr = sock->local };
	struct sockaddr_storage ss;
	socklen_t length = endpoint_to_sockaddr(&local, &ss);

	if (sock->index > 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname,
		       (socklen_t)strlen(ifname)) < 0)
		return -errno;
	if (sock->family == AF_INET6)
		((struct sockaddr_in6 *)&ss)->sin6_scope_id =
			(uint32_t)sock->index;
	return bind(fd, (struct sockaddr *)&ss, length) < 0 ? -errno : 0;
}

static int sock_open_fd(struct vrrp_sock *sock, const char *ifname)
{
	int fd, error;

	fd = socket(sock->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    VRRP_PROTOCOL);
	if (fd < 0)
		return -errno;
	error = sock_bind_local(sock, fd, ifname);
	if (error == 0)
		error = sock->family == AF_INET6 ? sock_options6(sock, fd) :
						   sock_options4(sock, fd);
	if (error == 0)
		error = sock_set_int(fd, SOL_SOCKET, SO_PRIORITY,
				     PRIORITY_CONTROL);
	if (error == 0)
		error = sock_set_int(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

static void sock_ready(struct loop_io *io, unsigned what)
{
	struct vrrp_sock *sock = container_of(io, struct vrrp_sock, io);

	sock->drain(sock);
}

struct vrrp_sock *vrrp_sock_open(struct loop *loop, int index,
				 const char *ifname, const struct addr *local,
				 void (*drain)(struct vrrp_sock *sock),
				 int *error)
{
	struct vrrp_sock *sock = xcalloc(1, sizeof(*sock));

	sock->family = local->family;
	sock->index = index;
	sock->local = *local;
	sock->users = 1;
	sock->drain = drain;
	sock->fd = sock_open_fd(sock, ifname);
	*error = sock->fd < 0 ? sock->fd : 0;
	if (*error == 0)
		*error = loop_io_start(loop, &sock->io, sock->fd, LOOP_READ,
				       sock_ready);
	if (*error == 0)
		return sock;
	vrrp_sock_release(sock);
	return NULL;
}

/* The longest advert, with its IP header and authentication. */
static uint32_t sock_advert_size(const struct vrrp_conf_instance *conf)
{
	uint32_t size =
		conf->family == AF_INET6 ?
			40 + 8 + 16 * conf->nr_addresses :
			20 + 8 + 4 * conf->nr_addresses + VRRP_AUTH_LENGTH;

	return conf->hmac.nr_keys > 0 ? size + VRRP_TRAILER_LENGTH : size;
}

uint32_t vrrp_sock_room(const struct vrrp_conf_instance *conf,
			const struct vrrp_conf *all, uint32_t mtu)
{
	if (conf->rx_buffer)
		return conf->rx_buffer;
	if (all->rx_buffers == VRRP_RX_BY_MTU)
		return mtu * all->rx_multiplier;
	if (all->rx_buffers == VRRP_RX_BY_ADVERT)
		return sock_advert_size(conf) * all->rx_multiplier;
	return all->rx_buffers;
}

void vrrp_sock_want(struct vrrp_sock *sock, uint32_t before, uint32_t now)
{
	uint64_t size;

	if (before == now)
		return;
	sock->wanted = sock->wanted - before + now;
	size = sock->wanted ? sock->wanted : RECEIVE_BUFFER;
	(void)sock_set_int(sock->fd, SOL_SOCKET, SO_RCVBUF,
			   size < INT32_MAX ? (int)size : INT32_MAX);
}

void vrrp_sock_release(struct vrrp_sock *sock)
{
	if (!sock || --sock->users > 0)
		return;
	loop_io_stop(&sock->io);
	if (sock->fd >= 0)
		close(sock->fd);
	free(sock);
}

/* Over IPv6 the header does not come along; the kernel passes its fields as ancillary data. */
static void sock_read_ancillary6(struct msghdr *msg, struct vrrp_datagram *out)
{
	struct in6_pktinfo info;
	struct cmsghdr *cmsg;
	int hops;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != IPPROTO_IPV6)
			continue;
		if (cmsg->cmsg_type == IPV6_HOPLIMIT) {
			memcpy(&hops, CMSG_DATA(cmsg), sizeof(hops));
			out->ttl = (uint8_t)hops;
		} else if (cmsg->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
			out->dst.family = AF_INET6;
			out->dst.v6 = info.ipi6_addr;
		}
	}
}

int vrrp_sock_read(struct vrrp_sock *sock, struct vrrp_datagram *out,
		   enum vrrp_drop *drop)
{
	_Alignas(struct cmsghdr) char control[256];
	struct iovec iov = { .iov_base = sock->buffer,
			     .iov_len = sizeof(sock->buffer) };
	struct sockaddr_in6 from = { 0 };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(sock->fd, &msg, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	*drop = VRRP_DROP_NONE;
	if (msg.msg_flags & MSG_TRUNC) {
		*drop = VRRP_DROP_LENGTH;
	} else if (sock->family == AF_INET) {
		*drop = vrrp_packet_parse_ip4(sock->buffer, (size_t)got, out);
	} else {
		memset(out, 0, sizeof(*out));
		out->src.family = AF_INET6;
		out->src.v6 = from.sin6_addr;
		out->data = sock->buffer;
		out->length = (size_t)got;
		sock_read_ancillary6(&msg, out);
	}
	return 1;
}

static void sock_put_control(struct msghdr *msg, size_t *used, int level,
			     int type, const void *data, size_t length)
{
	struct cmsghdr *cmsg = (void *)((char *)msg->msg_control + *used);

	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(cmsg), data, length);
	*used += CMSG_SPACE(length);
}

static void sock_put_origin(struct msghdr *msg, const struct vrrp_sock *sock,
			    const struct addr *src, int hops)
{
	struct in_pktinfo info4 = { .ipi_ifindex = sock->index,
				    .ipi_spec_dst = src->v4 };
	struct in6_pktinfo info6 = { .ipi6_addr = src->v6,
				     .ipi6_ifindex = (unsigned)sock->index };
	size_t used = 0;

	if (sock->family == AF_INET) {
		sock_put_control(msg, &used, IPPROTO_IP, IP_PKTINFO, &info4,
				 sizeof(info4));
		sock_put_control(msg, &used, IPPROTO_IP, IP_TTL, &hops,
				 sizeof(hops));
	} else {
		sock_put_control(msg, &used, IPPROTO_IPV6, IPV6_PKTINFO, &info6,
				 sizeof(info6));
		sock_put_control(msg, &used, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops,
				 sizeof(hops));
	}
	msg->msg_controllen = used;
}

int vrrp_sock_send(struct vrrp_sock *sock, const struct addr *src,
		   const struct addr *dst, uint8_t ttl, const uint8_t *data,
		   size_t length)
{
	_Alignas(struct cmsghdr) char control[128] = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data,
			     .iov_len = length };
	struct endpoint to = { .addr = *dst };
	struct sockaddr_storage ss;
	struct msghdr msg = { .msg_name = &ss,
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control };

	msg.msg_namelen = endpoint_to_sockaddr(&to, &ss);
	if (sock->family == AF_INET6)
		((struct sockaddr_in6 *)&ss)->sin6_scope_id =
			(uint32_t)sock->index;
	sock_put_origin(&msg, sock, src, ttl);
	return sendmsg(sock->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ?
		       -errno :
		       0;
}
