/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/interfaces.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/netlink_request.h"
#include "vrrp/address.h"
#include "vrrp/linkbeat.h"

/* Bytes of notifications that may wait while this process is not scheduled. */
#define MONITOR_BUFFER (4 * 1024 * 1024)
/* Of questions to drivers. */
#define POLL_INTERVAL USEC_PER_SEC
/* As libnl sets it. */
#define REQUEST_BUFFER (32 * 1024)

const struct vrrp_link *vrrp_net_link_at(const struct vrrp_net *net, int index)
{
	size_t i;

	for (i = 0; i < net->nr_links; i++) {
		if (net->links[i].index == index)
			return &net->links[i];
	}
	return NULL;
}

const struct vrrp_link *vrrp_net_link(const struct vrrp_net *net,
				      const char *name)
{
	size_t i;

	for (i = 0; i < net->nr_links; i++) {
		if (strcmp(net->links[i].name, name) == 0)
			return &net->links[i];
	}
	return NULL;
}

const struct vrrp_ifaddr *vrrp_net_ifaddr(const struct vrrp_net *net, int index,
					  const struct addr *addr)
{
	size_t i;

	for (i = 0; i < net->nr_ifaddrs; i++) {
		if (net->ifaddrs[i].index == index &&
		    addr_cmp(&net->ifaddrs[i].addr, addr) == 0)
			return &net->ifaddrs[i];
	}
	return NULL;
}

static bool interfaces_can_send_from(const struct vrrp_ifaddr *ifaddr,
				     uint16_t family)
{
	if (ifaddr->addr.family != family)
		return false;
	if (family == AF_INET)
		return true;
	return ifaddr->scope == RT_SCOPE_LINK &&
	       !(ifaddr->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

bool vrrp_net_source(const struct vrrp_net *net, int index, uint16_t family,
		     bool owner,
		     bool (*is_virtual)(const void *arg,
					const struct addr *addr),
		     const void *arg, struct addr *out)
{
	const struct vrrp_ifaddr *second = NULL, *last = NULL;
	size_t i;

	for (i = 0; i < net->nr_ifaddrs; i++) {
		const struct vrrp_ifaddr *ifaddr = &net->ifaddrs[i];

		if (ifaddr->index != index ||
		    !interfaces_can_send_from(ifaddr, family))
			continue;
		if (is_virtual(arg, &ifaddr->addr)) {
			if (!last && owner &&
			    ifaddr->proto != VRRP_ADDRESS_PROTO)
				last = ifaddr;
			continue;
		}
		if (family == AF_INET6 || !(ifaddr->flags & IFA_F_SECONDARY)) {
			*out = ifaddr->addr;
			return true;
		}
		if (!second)
			second = ifaddr;
	}
	if (!second)
		second = last;
	if (second)
		*out = second->addr;
	return second != NULL;
}

static bool interfaces_same_subnet(const struct vrrp_ifaddr *a,
				   const struct vrrp_ifaddr *b)
{
	uint32_t mask = a->prefix == 0 ? 0 : ~0u << (32 - a->prefix);

	return a->prefix == b->prefix &&
	       ((ntohl(a->addr.v4.s_addr) ^ ntohl(b->addr.v4.s_addr)) & mask) ==
		       0;
}

const struct vrrp_ifaddr *
vrrp_net_dependent(const struct vrrp_net *net,
		   const struct vrrp_ifaddr *primary,
		   bool (*is_virtual)(const void *arg, const struct addr *addr),
		   const void *arg)
{
	size_t i;

	if (primary->addr.family != AF_INET ||
	    primary->flags & IFA_F_SECONDARY || primary->prefix > 32)
		return NULL;
	for (i = 0; i < net->nr_ifaddrs; i++) {
		const struct vrrp_ifaddr *ifaddr = &net->ifaddrs[i];

		if (ifaddr->index == primary->index &&
		    ifaddr->addr.family == AF_INET &&
		    ifaddr->flags & IFA_F_SECONDARY &&
		    interfaces_same_subnet(primary, ifaddr) &&
		    !is_virtual(arg, &ifaddr->addr))
			return ifaddr;
	}
	return NULL;
}

/* Read a link message; attributes that are too short count as missing. */
static void interfaces_read_link(struct nlmsghdr *hdr, struct vrrp_link *link)
{
	struct nlattr *attrs[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
	struct ifinfomsg *ifi = nlmsg_data(hdr);

	memset(link, 0, sizeof(*link));
	link->index = ifi->ifi_index;
	link->noarp = ifi->ifi_flags & IFF_NOARP;
	link->loopback = ifi->ifi_flags & IFF_LOOPBACK;
	link->wanted_up = ifi->ifi_flags & IFF_UP;
	link->kernel_up = link->wanted_up && (ifi->ifi_flags & IFF_RUNNING);
	link->up = link->kernel_up;
	link->running = link->up;
	if (nlmsg_parse(hdr, sizeof(*ifi), attrs, IFLA_MAX, NULL) < 0)
		return;
	if (attrs[IFLA_IFNAME])
		nla_strlcpy(link->name, attrs[IFLA_IFNAME], sizeof(link->name));
	if (attrs[IFLA_MTU] && nla_len(attrs[IFLA_MTU]) >= 4)
		link->mtu = nla_get_u32(attrs[IFLA_MTU]);
	if (attrs[IFLA_LINK] && nla_len(attrs[IFLA_LINK]) >= 4)
		link->parent = (int)nla_get_u32(attrs[IFLA_LINK]);
	if (attrs[IFLA_ADDRESS] &&
	    nla_len(attrs[IFLA_ADDRESS]) == VRRP_MAC_LENGTH) {
		link->mac_length = VRRP_MAC_LENGTH;
		memcpy(link->mac, nla_data(attrs[IFLA_ADDRESS]),
		       VRRP_MAC_LENGTH);
	}
	if (attrs[IFLA_LINKINFO] &&
	    nla_parse_nested(info, IFLA_INFO_MAX, attrs[IFLA_LINKINFO], NULL) ==
		    0 &&
	    info[IFLA_INFO_KIND])
		nla_strlcpy(link->kind, info[IFLA_INFO_KIND],
			    sizeof(link->kind));
}

void vrrp_link_debounce(const struct vrrp_link *old, struct vrrp_link *link,
			usec_t delay, usec_t now)
{
	link->running = link->up;
	link->settles = 0;
	if (old->running == link->up || delay == 0)
		return;
	link->running = old->running;
	link->settles = old->settles > 0 ? old->settles : now + delay;
}

/* A virtual MAC has the delays of the interface below it. */
static usec_t interfaces_delay(const struct vrrp_net *net,
			       const struct vrrp_link *link)
{
	const struct vrrp_link *parent =
		strcmp(link->kind, "macvlan") == 0 ?
			vrrp_net_link_at(net, link->parent) :
			NULL;
	uint32_t i;

	for (i = 0; i < net->nr_delays; i++)
		if (strcmp(net->delays[i].ifname, link->name) == 0 ||
		    (parent &&
		     strcmp(net->delays[i].ifname, parent->name) == 0))
			return link->up ? net->delays[i].up :
					  net->delays[i].down;
	return 0;
}

static void interfaces_set_settle(struct vrrp_net *net)
{
	usec_t first = 0;
	size_t i;

	for (i = 0; i < net->nr_links; i++)
		if (net->links[i].settles > 0 &&
		    (first == 0 || net->links[i].settles < first))
			first = net->links[i].settles;
	if (first > 0)
		loop_timer_set(&net->settle, first);
	else
		loop_timer_clear(&net->settle);
}

/* Changes that have lasted for their delay count now. */
static void interfaces_settled(struct loop_timer *timer)
{
	struct vrrp_net *net = container_of(timer, struct vrrp_net, settle);
	usec_t now = loop_now(timer->loop);
	size_t i;

	for (i = 0; i < net->nr_links; i++) {
		if (net->links[i].settles == 0 || net->links[i].settles > now)
			continue;
		net->links[i].running = net->links[i].up;
		net->links[i].settles = 0;
		net->events.link(net->events.arg, net->links[i].index);
	}
	interfaces_set_settle(net);
}

/* In which way LINK's driver is to be asked; VRRP_LINKBEATS: not at all. */
static enum vrrp_linkbeat interfaces_beat(const struct vrrp_net *net,
					  const struct vrrp_link *link)
{
	uint32_t i;

	for (i = 0; i < net->nr_linkbeats; i++)
		if (strcmp(net->linkbeats[i].ifname, link->name) == 0)
			return net->linkbeats[i].first;
	return net->linkbeat_all && !link->loopback ? VRRP_LINKBEAT_MII :
						      VRRP_LINKBEATS;
}

/* Of a link that is asked for, the driver's answer counts, and not the kernel's. */
static void interfaces_ask(const struct vrrp_net *net, struct vrrp_link *link)
{
	enum vrrp_linkbeat way = net->polling ? interfaces_beat(net, link) :
						VRRP_LINKBEATS;
	int beat = way < VRRP_LINKBEATS && link->wanted_up ?
			   vrrp_linkbeat_ask(net->poll_sock, link->name, way) :
			   -ENODEV;

	link->up = beat >= 0 ? beat : link->kernel_up;
}

static void interfaces_link_changed(struct vrrp_net *net,
				    struct vrrp_link *link, bool present)
{
	struct vrrp_link *old = NULL;
	size_t i;

	if (present) {
		interfaces_ask(net, link);
		link->running = link->up;
	}
	for (i = 0; i < net->nr_links; i++) {
		if (net->links[i].index == link->index)
			old = &net->links[i];
	}
	if (present && old) {
		vrrp_link_debounce(old, link, interfaces_delay(net, link),
				   loop_now(net->settle.loop));
		*old = *link;
	} else if (present) {
		net->links = array_grow(net->links, net->nr_links,
					&net->room_links, sizeof(*link));
		net->links[net->nr_links++] = *link;
	} else if (old) {
		*old = net->links[--net->nr_links];
	}
	if (net->nr_delays)
		interfaces_set_settle(net);
	if (net->reporting)
		net->events.link(net->events.arg, link->index);
}

static void interfaces_poll(struct loop_timer *timer)
{
	struct vrrp_net *net = container_of(timer, struct vrrp_net, poll);
	struct vrrp_link link;
	size_t i;

	if (net->polling)
		loop_timer_set(timer, loop_now(timer->loop) + POLL_INTERVAL);
	for (i = 0; i < net->nr_links; i++) {
		link = net->links[i];
		interfaces_ask(net, &link);
		if (link.up != net->links[i].up)
			interfaces_link_changed(net, &link, true);
	}
}

/* Begin or end to ask, as the configuration says. */
static void interfaces_follow_beats(struct vrrp_net *net,
				    const struct vrrp_conf *conf)
{
	bool any = conf->nr_linkbeats > 0 || conf->linkbeat_all;

	net->linkbeats = conf->linkbeats;
	net->nr_linkbeats = conf->nr_linkbeats;
	net->linkbeat_all = conf->linkbeat_all;
	if (any == net->polling)
		return;
	if (any) {
		net->poll_sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (net->poll_sock < 0)
			log_warning("vrrp", "cannot ask for links: %s",
				    strerror(errno));
		net->polling = net->poll_sock >= 0;
	} else {
		close(net->poll_sock);
		net->polling = false;
	}
	/* A last round takes the kernel's word again. */
	loop_timer_set(&net->poll, loop_now(net->poll.loop));
}

static bool interfaces_read_address(struct nlmsghdr *hdr,
				    struct vrrp_ifaddr *ifaddr)
{
	struct nlattr *attrs[IFA_MAX + 1], *at;
	struct ifaddrmsg *ifa = nlmsg_data(hdr);
	int size = ifa->ifa_family == AF_INET6 ? 16 : 4;

	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return false;
	if (nlmsg_parse(hdr, sizeof(*ifa), attrs, IFA_MAX, NULL) < 0)
		return false;
	at = attrs[IFA_LOCAL] ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS];
	if (!at || nla_len(at) < size)
		return false;
	memset(ifaddr, 0, sizeof(*ifaddr));
	ifaddr->index = (int)ifa->ifa_index;
	ifaddr->prefix = ifa->ifa_prefixlen;
	ifaddr->scope = ifa->ifa_scope;
	ifaddr->addr.family = ifa->ifa_family;
	memcpy(ifaddr->addr.bytes, nla_data(at), (size_t)size);
	ifaddr->flags = ifa->ifa_flags;
	if (attrs[IFA_FLAGS] && nla_len(attrs[IFA_FLAGS]) >= 4)
		ifaddr->flags = nla_get_u32(attrs[IFA_FLAGS]);
	if (attrs[IFA_PROTO] && nla_len(attrs[IFA_PROTO]) >= 1)
		ifaddr->proto = nla_get_u8(attrs[IFA_PROTO]);
	return true;
}

static void interfaces_address_changed(struct vrrp_net *net,
				       const struct vrrp_ifaddr *ifaddr,
				       bool present)
{
	struct vrrp_ifaddr *old = NULL;
	size_t i;

	/* An address may be there with several prefixes. */
	for (i = 0; !old && i < net->nr_ifaddrs; i++) {
		if (net->ifaddrs[i].index == ifaddr->index &&
		    net->ifaddrs[i].prefix == ifaddr->prefix &&
		    addr_cmp(&net->ifaddrs[i].addr, &ifaddr->addr) == 0)
			old = &net->ifaddrs[i];
	}
	if (present && old) {
		*old = *ifaddr;
	} else if (present) {
		net->ifaddrs = array_grow(net->ifaddrs, net->nr_ifaddrs,
					  &net->room_ifaddrs, sizeof(*ifaddr));
		net->ifaddrs[net->nr_ifaddrs++] = *ifaddr;
	} else if (old) {
		/* The order stays: the first address is the primary one. */
		memmove(old, old + 1,
			(size_t)(net->ifaddrs + --net->nr_ifaddrs - old) *
				sizeof(*old));
	}
	if (net->reporting)
		net->events.address(net->events.arg, ifaddr, present);
}

/* A removal by others: our own requests bear our port's number. */
static void interfaces_route_removed(struct vrrp_net *net, struct nlmsghdr *hdr,
				     bool rule)
{
	struct nlattr *attrs[FRA_MAX + 1];
	const struct rtmsg *rtm = nlmsg_data(hdr);

	if (!net->reporting || !net->routes ||
	    hdr->nlmsg_pid == nl_socket_get_local_port(net->nl_request))
		return;
	if (!rule && rtm->rtm_protocol != VRRP_ADDRESS_PROTO)
		return;
	if (rule && (nlmsg_parse(hdr, sizeof(struct fib_rule_hdr), attrs,
				 FRA_MAX, NULL) < 0 ||
		     !attrs[FRA_PROTOCOL] ||
		     nla_get_u8(attrs[FRA_PROTOCOL]) != VRRP_ADDRESS_PROTO))
		return;
	net->events.route(net->events.arg, rule);
}

/* Messages of the kernel only: any process may send to our port. */
static int interfaces_net_message(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct vrrp_net *net = arg;
	struct vrrp_link link;
	struct vrrp_ifaddr ifaddr;

	if (nlmsg_get_src(msg)->nl_pid != 0)
		return NL_SKIP;
	switch (hdr->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		/* A bridge reports its ports in messages of its own family. */
		if (!nlmsg_valid_hdr(hdr, sizeof(struct ifinfomsg)) ||
		    ((struct ifinfomsg *)nlmsg_data(hdr))->ifi_family !=
			    AF_UNSPEC)
			break;
		interfaces_read_link(hdr, &link);
		interfaces_link_changed(net, &link,
					hdr->nlmsg_type == RTM_NEWLINK);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (nlmsg_valid_hdr(hdr, sizeof(struct ifaddrmsg)) &&
		    interfaces_read_address(hdr, &ifaddr))
			interfaces_address_changed(
				net, &ifaddr, hdr->nlmsg_type == RTM_NEWADDR);
		break;
	case RTM_DELROUTE:
	case RTM_DELRULE:
		if (nlmsg_valid_hdr(hdr, sizeof(struct rtmsg)))
			interfaces_route_removed(
				net, hdr, hdr->nlmsg_type == RTM_DELRULE);
		break;
	}
	return NL_OK;
}

int vrrp_net_request(struct vrrp_net *net, struct nl_msg *msg)
{
	return netlink_request(net->nl_request, msg);
}

static int interfaces_dump(struct vrrp_net *net, int type, int family)
{
	struct rtgenmsg request = { .rtgen_family = (unsigned char)family };
	int error;

	error = nl_send_simple(net->nl_request, type, NLM_F_DUMP, &request,
			       sizeof(request));
	if (error >= 0)
		error = nl_recvmsgs_default(net->nl_request);
	return error < 0 ? -EIO : 0;
}

static int interfaces_read_all(struct vrrp_net *net)
{
	int error;

	net->reporting = false;
	net->nr_links = 0;
	net->nr_ifaddrs = 0;
	error = interfaces_dump(net, RTM_GETLINK, AF_UNSPEC);
	if (error == 0)
		error = interfaces_dump(net, RTM_GETADDR, AF_UNSPEC);
	net->reporting = true;
	return error;
}

static void interfaces_monitor_ready(struct loop_io *io, unsigned what)
{
	struct vrrp_net *net = container_of(io, struct vrrp_net, io);
	int error;

	do
		error = nl_recvmsgs_default(net->nl_monitor);
	while (error >= 0);
	if (error == -NLE_AGAIN)
		return;
	log_warning("vrrp",
		    "lost notifications of interfaces (%s), reading all again",
		    nl_geterror(error));
	if (interfaces_read_all(net) < 0)
		log_error("vrrp", "cannot read interfaces and addresses");
	net->events.link(net->events.arg, 0);
	if (net->routes)
		net->events.route(net->events.arg, true);
}

void vrrp_net_monitor_routes(struct vrrp_net *net)
{
	if (net->routes)
		return;
	if (nl_socket_add_memberships(net->nl_monitor, RTNLGRP_IPV4_ROUTE,
				      RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
				      RTNLGRP_IPV6_RULE, 0) < 0)
		log_warning(
			"vrrp",
			"cannot monitor routes and rules: one that is removed "
			"by somebody else is added again only with the next change");
	else
		net->routes = true;
}

static int interfaces_open_socket(struct vrrp_net *net, struct nl_sock **out)
{
	struct nl_sock *sock = nl_socket_alloc();

	*out = sock;
	if (!sock)
		return -ENOMEM;
	if (nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM,
				interfaces_net_message, net) < 0)
		return -EINVAL;
	if (nl_connect(sock, NETLINK_ROUTE) < 0)
		return -EPROTO;
	return 0;
}

/* Without the capability to force it, the system's limit has to do. */
static void interfaces_set_buffer(int fd, uint32_t bytes, bool force)
{
	int size = (int)bytes;

	if (!force ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size,
				 sizeof(size));
}

static void interfaces_follow_buffer(struct nl_sock *sock,
				     struct vrrp_conf_buffer *now,
				     const struct vrrp_conf_buffer *wanted,
				     uint32_t usual)
{
	if (now->size == wanted->size && now->force == wanted->force)
		return;
	*now = *wanted;
	if (sock && wanted->size)
		interfaces_set_buffer(nl_socket_get_fd(sock), wanted->size,
				      wanted->force);
	else if (sock)
		interfaces_set_buffer(nl_socket_get_fd(sock), usual, true);
}

void vrrp_net_follow(struct vrrp_net *net, const struct vrrp_conf *conf)
{
	net->delays = conf->delays;
	net->nr_delays = conf->nr_delays;
	interfaces_follow_beats(net, conf);
	interfaces_follow_buffer(net->nl_monitor, &net->monitor,
				 &conf->netlink_monitor, MONITOR_BUFFER);
	interfaces_follow_buffer(net->nl_request, &net->requests,
				 &conf->netlink_requests, REQUEST_BUFFER);
}

static int interfaces_open_monitor(struct vrrp_net *net, struct loop *loop)
{
	int fd, error;

	error = interfaces_open_socket(net, &net->nl_monitor);
	if (error < 0)
		return error;
	nl_socket_disable_seq_check(net->nl_monitor);
	fd = nl_socket_get_fd(net->nl_monitor);
	interfaces_set_buffer(fd, MONITOR_BUFFER, true);
	if (nl_socket_add_memberships(net->nl_monitor, RTNLGRP_LINK,
				      RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
				      0) < 0 ||
	    nl_socket_set_nonblocking(net->nl_monitor) < 0)
		return -EPROTO;
	return loop_io_start(loop, &net->io, fd, LOOP_READ,
			     interfaces_monitor_ready);
}

int vrrp_net_open(struct vrrp_net *net, struct loop *loop,
		  const struct vrrp_net_events *events)
{
	int error;

	memset(net, 0, sizeof(*net));
	net->events = *events;
	loop_timer_init(loop, &net->settle, interfaces_settled);
	loop_timer_init(loop, &net->poll, interfaces_poll);
	/* First listen, then read, so that no change falls between. */
	error = interfaces_open_monitor(net, loop);
	if (error == 0)
		error = interfaces_open_socket(net, &net->nl_request);
	if (error == 0)
		error = interfaces_read_all(net);
	if (error < 0)
		vrrp_net_close(net);
	return error;
}

void vrrp_net_close(struct vrrp_net *net)
{
	loop_io_stop(&net->io);
	loop_timer_clear(&net->settle);
	loop_timer_clear(&net->poll);
	if (net->polling)
		close(net->poll_sock);
	if (net->nl_monitor)
		nl_socket_free(net->nl_monitor);
	if (net->nl_request)
		nl_socket_free(net->nl_request);
	free(net->links);
	free(net->ifaddrs);
	memset(net, 0, sizeof(*net));
}
