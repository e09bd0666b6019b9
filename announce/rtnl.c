/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce/rtnl.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/netlink_request.h"
#include "lib/util.h"

/* Of a read that changes interrupt. */
#define RTNL_TRIES 8
/* Notifications that are taken at once; the loop has other work as well. */
#define RTNL_BATCH 64
/* Bytes of notifications that may wait. */
#define RTNL_BUFFER (1024 * 1024)
/*
 * Behind the kernel's own local route to an announced address, of metric 0, so
 * that neither replaces the other.
 */
#define RTNL_METRIC 1024

static int rtnl_size(const struct addr *addr)
{
	return addr->family == AF_INET6 ? 16 : 4;
}

/* Reading */

static void rtnl_read_address(struct nlmsghdr *hdr, struct place_kernel *kernel)
{
	struct nlattr *attrs[IFA_MAX + 1], *at;
	struct ifaddrmsg *ifa = nlmsg_data(hdr);
	struct place_found *found;
	int size = ifa->ifa_family == AF_INET6 ? 16 : 4;

	if ((ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6) ||
	    nlmsg_parse(hdr, sizeof(*ifa), attrs, IFA_MAX, NULL) < 0)
		return;
	at = attrs[IFA_LOCAL] ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS];
	if (!at || nla_len(at) < size)
		return;
	kernel->addresses = array_grow(kernel->addresses, kernel->nr_addresses,
				       &kernel->room_addresses, sizeof(*found));
	found = &kernel->addresses[kernel->nr_addresses];
	memset(found, 0, sizeof(*found));
	if (!if_indextoname(ifa->ifa_index, found->ifname))
		return; /* the interface has gone meanwhile */
	found->addr.family = ifa->ifa_family;
	memcpy(found->addr.bytes, nla_data(at), (size_t)size);
	found->prefix = ifa->ifa_prefixlen;
	found->valid = PLACE_FOREVER;
	if (attrs[IFA_PROTO] && nla_len(attrs[IFA_PROTO]) >= 1)
		found->marked = nla_get_u8(attrs[IFA_PROTO]) == PLACE_PROTO;
	if (attrs[IFA_CACHEINFO] &&
	    nla_len(attrs[IFA_CACHEINFO]) >= (int)sizeof(struct ifa_cacheinfo))
		found->valid =
			((struct ifa_cacheinfo *)nla_data(attrs[IFA_CACHEINFO]))
				->ifa_valid;
	kernel->nr_addresses++;
}

static void rtnl_read_route(struct nlmsghdr *hdr, struct place_kernel *kernel)
{
	struct nlattr *attrs[RTA_MAX + 1];
	const struct rtmsg *rtm = nlmsg_data(hdr);
	int size = rtm->rtm_family == AF_INET6 ? 16 : 4;
	struct addr *addr;

	if (rtm->rtm_protocol != PLACE_PROTO || rtm->rtm_type != RTN_LOCAL ||
	    rtm->rtm_table != RT_TABLE_LOCAL || rtm->rtm_dst_len != size * 8 ||
	    nlmsg_parse(hdr, sizeof(*rtm), attrs, RTA_MAX, NULL) < 0 ||
	    !attrs[RTA_DST] || nla_len(attrs[RTA_DST]) < size)
		return;
	kernel->routes = array_grow(kernel->routes, kernel->nr_routes,
				    &kernel->room_routes, sizeof(*addr));
	addr = &kernel->routes[kernel->nr_routes++];
	memset(addr, 0, sizeof(*addr));
	addr->family = rtm->rtm_family;
	memcpy(addr->bytes, nla_data(attrs[RTA_DST]), (size_t)size);
}

static int rtnl_message(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct place_kernel *kernel = arg;

	if (nlmsg_get_src(msg)->nl_pid != 0)
		return NL_SKIP;
	if (hdr->nlmsg_type == RTM_NEWADDR &&
	    nlmsg_valid_hdr(hdr, sizeof(struct ifaddrmsg)))
		rtnl_read_address(hdr, kernel);
	else if (hdr->nlmsg_type == RTM_NEWROUTE &&
		 nlmsg_valid_hdr(hdr, sizeof(struct rtmsg)))
		rtnl_read_route(hdr, kernel);
	return NL_OK;
}

static int rtnl_dump(struct rtnl *rtnl, int type, const void *request,
		     size_t size, struct place_kernel *kernel)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int error;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, rtnl_message, kernel);
	error = nl_send_simple(rtnl->request, type, NLM_F_DUMP,
			       (void *)(uintptr_t)request, size);
	if (error >= 0)
		error = nl_recvmsgs(rtnl->request, cb);
	nl_cb_put(cb);
	if (error == -NLE_DUMP_INTR)
		return -EAGAIN;
	return error < 0 ? -EIO : 0;
}

/*
 * The kernel filters by table and protocol where the socket asks for strict
 * checks: else a host with all routes of the Internet would send them all.
 */
static int rtnl_dump_routes(struct rtnl *rtnl, uint8_t family,
			    struct place_kernel *kernel)
{
	const struct rtmsg request = { .rtm_family = family,
				       .rtm_table = RT_TABLE_LOCAL,
				       .rtm_protocol = PLACE_PROTO };
	int error;

	error = rtnl_dump(rtnl, RTM_GETROUTE, &request, sizeof(request),
			  kernel);
	/* A kernel without IPv6 has no such dump. */
	return family == AF_INET6 && error != -EAGAIN ? 0 : error;
}

static int rtnl_read_once(struct rtnl *rtnl, struct place_kernel *kernel)
{
	const struct ifaddrmsg request = { .ifa_family = AF_UNSPEC };
	int error;

	kernel->nr_addresses = 0;
	kernel->nr_routes = 0;
	error = rtnl_dump(rtnl, RTM_GETADDR, &request, sizeof(request), kernel);
	if (error == 0)
		error = rtnl_dump_routes(rtnl, AF_INET, kernel);
	if (error == 0)
		error = rtnl_dump_routes(rtnl, AF_INET6, kernel);
	return error;
}

int rtnl_read(struct rtnl *rtnl, struct place_kernel *kernel)
{
	int error, tries = 0;

	do
		error = rtnl_read_once(rtnl, kernel);
	while (error == -EAGAIN && ++tries < RTNL_TRIES);
	place_sort(kernel);
	return error;
}

/* Changing */

static struct nl_msg *rtnl_address(int type, int flags, unsigned index,
				   const struct place_change *change)
{
	struct ifaddrmsg ifa = {
		.ifa_family = (unsigned char)change->addr.family,
		.ifa_prefixlen = change->prefix,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = index,
	};
	bool six = change->addr.family == AF_INET6;
	/* A deprecated IPv6 address is none that the host sends from. */
	struct ifa_cacheinfo life = { .ifa_prefered = six ? 0 : change->lease,
				      .ifa_valid = change->lease };
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	int size = rtnl_size(&change->addr);

	if (!msg)
		return NULL;
	if (nlmsg_append(msg, &ifa, sizeof(ifa), NLMSG_ALIGNTO) < 0 ||
	    nla_put(msg, IFA_LOCAL, size, change->addr.bytes) < 0 ||
	    nla_put(msg, IFA_ADDRESS, size, change->addr.bytes) < 0 ||
	    (type == RTM_NEWADDR &&
	     (nla_put_u32(msg, IFA_FLAGS, six ? IFA_F_NODAD : 0) < 0 ||
	      nla_put_u8(msg, IFA_PROTO, PLACE_PROTO) < 0 ||
	      nla_put(msg, IFA_CACHEINFO, sizeof(life), &life) < 0))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *rtnl_route(int type, int flags, const struct addr *addr)
{
	int size = rtnl_size(addr);
	struct rtmsg rtm = {
		.rtm_family = (unsigned char)addr->family,
		.rtm_dst_len = (unsigned char)(size * 8),
		.rtm_table = RT_TABLE_LOCAL,
		.rtm_protocol = PLACE_PROTO,
		.rtm_scope = RT_SCOPE_HOST,
		.rtm_type = RTN_LOCAL,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg)
		return NULL;
	if (nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) < 0 ||
	    nla_put(msg, RTA_DST, size, addr->bytes) < 0 ||
	    nla_put_u32(msg, RTA_PRIORITY, RTNL_METRIC) < 0 ||
	    nla_put_u32(msg, RTA_OIF, if_nametoindex("lo")) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int rtnl_apply_address(struct rtnl *rtnl,
			      const struct place_change *change)
{
	unsigned index = if_nametoindex(change->ifname);
	int error;

	if (index == 0)
		return change->kind == PLACE_ADDRESS_OFF ? 0 : -ENODEV;
	if (change->kind == PLACE_ADDRESS_OFF) {
		error = netlink_request(rtnl->request,
					rtnl_address(RTM_DELADDR, 0, index,
						     change));
		return error == -EADDRNOTAVAIL || error == -ENODEV ? 0 : error;
	}
	return netlink_request(rtnl->request,
			       rtnl_address(RTM_NEWADDR,
					    NLM_F_CREATE | NLM_F_REPLACE, index,
					    change));
}

int rtnl_apply(struct rtnl *rtnl, const struct place_change *change)
{
	int error = 0;

	switch (change->kind) {
	case PLACE_ROUTE_ON:
		error = netlink_request(rtnl->request,
					rtnl_route(RTM_NEWROUTE,
						   NLM_F_CREATE | NLM_F_EXCL,
						   &change->addr));
		return error == -EEXIST ? 0 : error;
	case PLACE_ROUTE_OFF:
		error = netlink_request(rtnl->request,
					rtnl_route(RTM_DELROUTE, 0,
						   &change->addr));
		return error == -ESRCH ? 0 : error;
	case PLACE_ADDRESS_ON:
	case PLACE_ADDRESS_OFF:
	case PLACE_RENEW:
		return rtnl_apply_address(rtnl, change);
	case PLACE_CONFLICT:
		break;
	}
	return 0;
}

static struct nl_msg *rtnl_dummy(const char *ifname)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
				 .ifi_flags = IFF_UP,
				 .ifi_change = IFF_UP };
	struct nl_msg *msg =
		nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info;

	if (!msg)
		return NULL;
	if (nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0 ||
	    nla_put_string(msg, IFLA_IFNAME, ifname) < 0)
		goto full;
	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info || nla_put_string(msg, IFLA_INFO_KIND, "dummy") < 0)
		goto full;
	nla_nest_end(msg, info);
	return msg;
full:
	nlmsg_free(msg);
	return NULL;
}

/* netdevice(7). Returns 0 or -errno: -ENODEV if there is no such interface. */
static int rtnl_look_up(const char *ifname)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;
	struct ifreq link = { .ifr_flags = 0 };

	if (fd < 0)
		return -errno;
	snprintf(link.ifr_name, sizeof(link.ifr_name), "%s", ifname);
	if (ioctl(fd, SIOCGIFFLAGS, &link) < 0)
		error = -errno;
	else if (!(link.ifr_flags & IFF_UP))
		error = -ENETDOWN;
	close(fd);
	return error;
}

int rtnl_make_link(struct rtnl *rtnl, const char *ifname)
{
	int error = rtnl_look_up(ifname);

	if (error != -ENODEV)
		return error;
	error = netlink_request(rtnl->request, rtnl_dummy(ifname));
	if (error == -EEXIST)
		return 0;
	return error == 0 ? 1 : error;
}

void rtnl_link_trouble(int error, const char *ifname, char *out, size_t size)
{
	if (error == -ENETDOWN)
		snprintf(out, size,
			 "the interface %s is down, nothing on it is "
			 "announced: ip link set %s up",
			 ifname, ifname);
	else
		snprintf(out, size,
			 "there is no interface %s, and it cannot be made "
			 "(%s): load the module dummy, or make the interface",
			 ifname, strerror(-error));
}

/* Listening */

/*
 * Our own requests bear our port's number. Routes are not listened to: a host
 * with all routes of the Internet would send many notifications, and a route
 * that delivers is looked after every few seconds.
 */
static int rtnl_heard(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct rtnl *rtnl = arg;

	if (nlmsg_get_src(msg)->nl_pid != 0 ||
	    hdr->nlmsg_pid == nl_socket_get_local_port(rtnl->request))
		return NL_OK;
	rtnl->changed(rtnl->arg);
	return NL_OK;
}

static void rtnl_ready(struct loop_io *io, unsigned what)
{
	struct rtnl *rtnl = container_of(io, struct rtnl, io);
	int error, taken = 0;

	(void)what;
	do
		error = nl_recvmsgs_default(rtnl->monitor);
	while (error >= 0 && ++taken < RTNL_BATCH);
	/* Lost notifications: anything may have changed. */
	if (error < 0 && error != -NLE_AGAIN)
		rtnl->changed(rtnl->arg);
}

/* Without the capability to force it, the system's limit has to do. */
void rtnl_set_buffer(struct rtnl *rtnl, uint32_t bytes, bool force)
{
	int fd = nl_socket_get_fd(rtnl->monitor);
	int size = bytes ? (int)bytes : RTNL_BUFFER;

	if (!force ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size,
				 sizeof(size));
}

static int rtnl_listen(struct rtnl *rtnl, struct loop *loop)
{
	int fd;

	rtnl->monitor = nl_socket_alloc();
	if (!rtnl->monitor)
		return -ENOMEM;
	nl_socket_disable_seq_check(rtnl->monitor);
	if (nl_socket_modify_cb(rtnl->monitor, NL_CB_VALID, NL_CB_CUSTOM,
				rtnl_heard, rtnl) < 0 ||
	    nl_connect(rtnl->monitor, NETLINK_ROUTE) < 0)
		return -EPROTO;
	fd = nl_socket_get_fd(rtnl->monitor);
	rtnl_set_buffer(rtnl, 0, false);
	if (nl_socket_add_memberships(rtnl->monitor, RTNLGRP_LINK,
				      RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
				      0) < 0 ||
	    nl_socket_set_nonblocking(rtnl->monitor) < 0)
		return -EPROTO;
	return loop_io_start(loop, &rtnl->io, fd, LOOP_READ, rtnl_ready);
}

int rtnl_open(struct rtnl *rtnl, struct loop *loop, void (*changed)(void *arg),
	      void *arg)
{
	int yes = 1, error;

	memset(rtnl, 0, sizeof(*rtnl));
	rtnl->changed = changed;
	rtnl->arg = arg;
	rtnl->request = nl_socket_alloc();
	if (!rtnl->request)
		return -ENOMEM;
	error = nl_connect(rtnl->request, NETLINK_ROUTE) < 0 ? -EPROTO : 0;
	if (error == 0) {
		/* Since Linux 4.20; without it, dumps are filtered here. */
		(void)setsockopt(nl_socket_get_fd(rtnl->request), SOL_NETLINK,
				 NETLINK_GET_STRICT_CHK, &yes, sizeof(yes));
		error = rtnl_listen(rtnl, loop);
	}
	if (error < 0)
		rtnl_close(rtnl);
	return error;
}

void rtnl_close(struct rtnl *rtnl)
{
	if (rtnl->monitor) {
		loop_io_stop(&rtnl->io);
		nl_socket_free(rtnl->monitor);
	}
	if (rtnl->request)
		nl_socket_free(rtnl->request);
	rtnl->monitor = NULL;
	rtnl->request = NULL;
}
