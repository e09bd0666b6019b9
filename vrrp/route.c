/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "vrrp/address.h"

/* The route out of a route. */
struct route_out {
	struct vrrp_net *net;
	int port; /* the instance's interface; 0: none */
};

static int route_addr_size(const struct addr *addr)
{
	return addr->family == AF_INET6 ? 16 : 4;
}

static bool route_is_link_local(const struct addr *addr)
{
	return addr->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&addr->v6);
}

/* The interface's index; 0: the kernel finds it; -ENODEV. */
static int route_find_interface(const struct route_out *out, const char *dev,
				const struct addr *via, bool needed)
{
	const struct vrrp_link *link;

	if (dev) {
		link = vrrp_net_link(out->net, dev);
		return link ? link->index : -ENODEV;
	}
	if (!needed || (addr_is_set(via) && !route_is_link_local(via)))
		return 0;
	return out->port > 0 ? out->port : -ENODEV;
}

/* As ip-route(8) finds it. */
static uint8_t route_find_scope(const struct vrrp_conf_route *route)
{
	if (route->scope != VRRP_SCOPE_FOUND)
		return (uint8_t)route->scope;
	if (route->family == AF_INET6)
		return RT_SCOPE_UNIVERSE;
	if (route->type == RTN_LOCAL || route->type == RTN_NAT)
		return RT_SCOPE_HOST;
	if (route->type == RTN_BROADCAST || route->type == RTN_MULTICAST ||
	    route->type == RTN_ANYCAST)
		return RT_SCOPE_LINK;
	if (route->type == RTN_UNICAST && !addr_is_set(&route->via) &&
	    route->nr_nexthops == 0)
		return RT_SCOPE_LINK;
	return RT_SCOPE_UNIVERSE;
}

static bool route_needs_interface(const struct vrrp_conf_route *route)
{
	switch (route->type) {
	case RTN_BLACKHOLE:
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
	case RTN_THROW:
		return false;
	}
	return true;
}

/* A gateway, in a route or in one of its nexthops. */
static int route_put_gateway(struct nl_msg *msg, uint16_t family,
			     const struct addr *via)
{
	uint8_t other[sizeof(uint16_t) + 16];

	if (!addr_is_set(via))
		return 0;
	if (via->family == family)
		return nla_put(msg, RTA_GATEWAY, route_addr_size(via),
			       via->bytes);
	/* struct rtvia has no fixed size. */
	memcpy(other, &via->family, sizeof(uint16_t));
	memcpy(other + sizeof(uint16_t), via->bytes,
	       (size_t)route_addr_size(via));
	return nla_put(msg, RTA_VIA,
		       (int)sizeof(uint16_t) + route_addr_size(via), other);
}

/* 0 is left out. */
static int route_put_number(struct nl_msg *msg, int type, uint32_t number)
{
	return number ? nla_put_u32(msg, type, number) : 0;
}

static int route_put_nexthop(struct nl_msg *msg, const struct route_out *out,
			     uint16_t family,
			     const struct vrrp_conf_nexthop *nexthop)
{
	int index =
		route_find_interface(out, nexthop->dev, &nexthop->via, true);
	struct rtnexthop *head;

	if (index < 0)
		return index;
	head = nlmsg_reserve(msg, sizeof(*head), NLMSG_ALIGNTO);
	if (!head || route_put_gateway(msg, family, &nexthop->via) < 0 ||
	    route_put_number(msg, RTA_FLOW, nexthop->realms) < 0)
		return -EMSGSIZE;
	head->rtnh_flags = nexthop->onlink ? RTNH_F_ONLINK : 0;
	head->rtnh_hops =
		(unsigned char)(nexthop->weight > 0 ? nexthop->weight - 1 : 0);
	head->rtnh_ifindex = index;
	head->rtnh_len = (unsigned short)((char *)nlmsg_tail(nlmsg_hdr(msg)) -
					  (char *)head);
	return 0;
}

static int route_put_nexthops(struct nl_msg *msg, const struct route_out *out,
			      const struct vrrp_conf_route *route)
{
	struct nlattr *nest = nla_nest_start(msg, RTA_MULTIPATH);
	uint32_t i;
	int error = nest ? 0 : -EMSGSIZE;

	for (i = 0; i < route->nr_nexthops && error == 0; i++)
		error = route_put_nexthop(msg, out, route->family,
					  &route->nexthops[i]);
	if (error == 0)
		nla_nest_end(msg, nest);
	return error;
}

static int route_put_metrics(struct nl_msg *msg,
			     const struct vrrp_conf_route *route)
{
	const struct {
		int type;
		uint32_t value;
	} metrics[] = {
		{ RTAX_MTU, route->mtu },
		{ RTAX_ADVMSS, route->advmss },
		{ RTAX_HOPLIMIT, route->hoplimit },
		{ RTAX_INITCWND, route->initcwnd },
		{ RTAX_INITRWND, route->initrwnd },
		{ RTAX_WINDOW, route->window },
		{ RTAX_REORDERING, route->reordering },
		{ RTAX_QUICKACK, route->quickack },
		{ RTAX_RTT, route->rtt },
		{ RTAX_RTTVAR, route->rttvar },
		{ RTAX_RTO_MIN, route->rto_min },
		{ RTAX_CWND, route->cwnd },
		{ RTAX_SSTHRESH, route->ssthresh },
		{ RTAX_FEATURES, route->features },
		{ RTAX_FASTOPEN_NO_COOKIE, route->fastopen_no_cookie },
		{ RTAX_LOCK, route->locked },
	};
	struct nlattr *nest = nla_nest_start(msg, RTA_METRICS);
	bool any = route->congctl;
	size_t i;

	if (!nest || (route->congctl &&
		      nla_put_string(msg, RTAX_CC_ALGO, route->congctl) < 0))
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(metrics); i++) {
		any |= metrics[i].value != 0;
		if (route_put_number(msg, metrics[i].type, metrics[i].value) <
		    0)
			return -EMSGSIZE;
	}
	if (any)
		nla_nest_end(msg, nest);
	else
		nla_nest_cancel(msg, nest);
	return 0;
}

static int route_put_target(struct nl_msg *msg, const struct route_out *out,
			    const struct vrrp_conf_route *route)
{
	int index;

	if (route->nr_nexthops > 0)
		return route_put_nexthops(msg, out, route);
	index = route_find_interface(out, route->dev, &route->via,
				     route_needs_interface(route));
	if (index < 0)
		return index;
	if ((index > 0 && nla_put_u32(msg, RTA_OIF, (uint32_t)index) < 0) ||
	    route_put_gateway(msg, route->family, &route->via) < 0)
		return -EMSGSIZE;
	return 0;
}

static int route_put(struct nl_msg *msg, const struct route_out *out,
		     const struct vrrp_conf_route *route)
{
	struct rtmsg rtm = {
		.rtm_family = (unsigned char)route->family,
		.rtm_dst_len = route->prefix,
		.rtm_src_len = route->from_prefix,
		.rtm_tos = route->tos,
		.rtm_table = route->table < 256 ? (unsigned char)route->table :
						  RT_TABLE_UNSPEC,
		.rtm_protocol = route->protocol ? route->protocol :
						  VRRP_ADDRESS_PROTO,
		.rtm_scope = route_find_scope(route),
		.rtm_type = route->type,
		.rtm_flags = route->onlink ? RTNH_F_ONLINK : 0,
	};
	const struct addr *dst = &route->dst, *src = &route->src;
	int error;

	if (nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) < 0 ||
	    nla_put_u32(msg, RTA_TABLE, route->table) < 0 ||
	    (route->prefix > 0 &&
	     nla_put(msg, RTA_DST, route_addr_size(dst), dst->bytes) < 0) ||
	    (route->from_prefix > 0 &&
	     nla_put(msg, RTA_SRC, route_addr_size(&route->from),
		     route->from.bytes) < 0) ||
	    (addr_is_set(src) &&
	     nla_put(msg, RTA_PREFSRC, route_addr_size(src), src->bytes) < 0) ||
	    route_put_number(msg, RTA_PRIORITY, route->metric) < 0 ||
	    route_put_number(msg, RTA_FLOW, route->realms) < 0 ||
	    (route->pref > 0 && nla_put_u8(msg, RTA_PREF, route->pref - 1) < 0))
		return -EMSGSIZE;
	error = route_put_target(msg, out, route);
	return error < 0 ? error : route_put_metrics(msg, route);
}

static int route_request(const struct route_out *out, int type, int flags,
			 const struct vrrp_conf_route *route)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	int error;

	if (!msg)
		return -ENOMEM;
	error = route_put(msg, out, route);
	if (error < 0) {
		nlmsg_free(msg);
		return error;
	}
	return vrrp_net_request(out->net, msg);
}

int vrrp_route_add(struct vrrp_net *net, const struct vrrp_conf_route *route,
		   int port)
{
	static const int places[] = {
		[VRRP_ROUTE_ALONE] = NLM_F_EXCL,
		[VRRP_ROUTE_BEHIND] = NLM_F_APPEND,
		[VRRP_ROUTE_BEFORE] = 0,
	};
	struct route_out out = { net, port };

	return route_request(&out, RTM_NEWROUTE,
			     NLM_F_CREATE | places[route->place], route);
}

int vrrp_route_del(struct vrrp_net *net, const struct vrrp_conf_route *route,
		   int port)
{
	struct route_out out = { net, port };
	int error = route_request(&out, RTM_DELROUTE, 0, route);

	/* The interface may be gone, and its routes with it. */
	return error == -ESRCH || error == -ENODEV || error == -ENOENT ? 0 :
									 error;
}

const char *vrrp_route_text(const struct vrrp_conf_route *route, char *out)
{
	char dst[ADDR_TEXT_MAX] = "default", via[ADDR_TEXT_MAX];
	int n;

	if (route->prefix > 0)
		addr_format(&route->dst, dst);
	n = snprintf(out, VRRP_LINE_TEXT_MAX, "route %s", dst);
	if (route->prefix > 0)
		n += snprintf(out + n, VRRP_LINE_TEXT_MAX - (size_t)n, "/%u",
			      route->prefix);
	if (addr_is_set(&route->via))
		snprintf(out + n, VRRP_LINE_TEXT_MAX - (size_t)n, " via %s",
			 addr_format(&route->via, via));
	return out;
}
