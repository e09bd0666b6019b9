/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>

#include "vrrp/address.h"
#include "vrrp/route.h"

/* More copies of one rule than anybody has. */
#define COPIES_MAX 64

static int rule_put_prefix(struct nl_msg *msg, int type,
			   const struct addr *addr)
{
	if (!addr_is_set(addr))
		return 0;
	return nla_put(msg, type, addr->family == AF_INET6 ? 16 : 4,
		       addr->bytes);
}

static int rule_put_name(struct nl_msg *msg, int type, const char *name)
{
	return name ? nla_put_string(msg, type, name) : 0;
}

static int rule_put_ports(struct nl_msg *msg, int type,
			  const struct vrrp_conf_range *ports)
{
	struct fib_rule_port_range range = { (uint16_t)ports->first,
					     (uint16_t)ports->last };

	return ports->set ? nla_put(msg, type, sizeof(range), &range) : 0;
}

/* Users, ports and tunnels that the rule is for. */
static int rule_put_selectors(struct nl_msg *msg,
			      const struct vrrp_conf_rule *rule)
{
	struct fib_rule_uid_range uids = { rule->uids.first, rule->uids.last };
	uint64_t tunnel = htobe64(rule->tunnel);

	if ((rule->uids.set &&
	     nla_put(msg, FRA_UID_RANGE, sizeof(uids), &uids) < 0) ||
	    (rule->transport &&
	     nla_put_u8(msg, FRA_IP_PROTO, rule->transport) < 0) ||
	    rule_put_ports(msg, FRA_SPORT_RANGE, &rule->sports) < 0 ||
	    rule_put_ports(msg, FRA_DPORT_RANGE, &rule->dports) < 0 ||
	    (rule->tunnel &&
	     nla_put(msg, FRA_TUN_ID, sizeof(tunnel), &tunnel) < 0))
		return -EMSGSIZE;
	return 0;
}

static int rule_put(struct nl_msg *msg, const struct vrrp_conf_rule *rule)
{
	struct fib_rule_hdr hdr = {
		.family = (uint8_t)rule->family,
		.dst_len = rule->to_prefix,
		.src_len = rule->from_prefix,
		.tos = rule->tos,
		.action = rule->action,
		.flags = rule->invert ? FIB_RULE_INVERT : 0,
	};

	if (nlmsg_append(msg, &hdr, sizeof(hdr), NLMSG_ALIGNTO) < 0 ||
	    rule_put_prefix(msg, FRA_SRC, &rule->from) < 0 ||
	    rule_put_prefix(msg, FRA_DST, &rule->to) < 0 ||
	    rule_put_name(msg, FRA_IIFNAME, rule->iif) < 0 ||
	    rule_put_name(msg, FRA_OIFNAME, rule->oif) < 0 ||
	    nla_put_u8(msg, FRA_PROTOCOL,
		       rule->protocol ? rule->protocol : VRRP_ADDRESS_PROTO) <
		    0 ||
	    rule_put_selectors(msg, rule) < 0)
		return -EMSGSIZE;
	if ((rule->fwmask > 0 &&
	     (nla_put_u32(msg, FRA_FWMARK, rule->fwmark) < 0 ||
	      nla_put_u32(msg, FRA_FWMASK, rule->fwmask) < 0)) ||
	    (rule->suppress_prefix > 0 &&
	     nla_put_u32(msg, FRA_SUPPRESS_PREFIXLEN,
			 rule->suppress_prefix - 1) < 0) ||
	    (rule->suppress_group > 0 &&
	     nla_put_u32(msg, FRA_SUPPRESS_IFGROUP, rule->suppress_group - 1) <
		     0) ||
	    (rule->realms > 0 &&
	     nla_put_u32(msg, FRA_FLOW, rule->realms) < 0) ||
	    (rule->action == FR_ACT_GOTO &&
	     nla_put_u32(msg, FRA_GOTO, rule->jump) < 0) ||
	    (rule->l3mdev && nla_put_u8(msg, FRA_L3MDEV, 1) < 0) ||
	    (rule->action == FR_ACT_TO_TBL && rule->table > 0 &&
	     nla_put_u32(msg, FRA_TABLE, rule->table) < 0) ||
	    (rule->priority_set &&
	     nla_put_u32(msg, FRA_PRIORITY, rule->priority) < 0))
		return -EMSGSIZE;
	return 0;
}

static int rule_request(struct vrrp_net *net, int type, int flags,
			const struct vrrp_conf_rule *rule)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg)
		return -ENOMEM;
	if (rule_put(msg, rule) < 0) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return vrrp_net_request(net, msg);
}

int vrrp_rule_add(struct vrrp_net *net, const struct vrrp_conf_rule *rule)
{
	return rule_request(net, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}

int vrrp_rule_del(struct vrrp_net *net, const struct vrrp_conf_rule *rule)
{
	int error = 0, i;

	for (i = 0; i < COPIES_MAX && error == 0; i++)
		error = rule_request(net, RTM_DELRULE, 0, rule);
	return error == -ENOENT ? 0 : error;
}

const char *vrrp_rule_text(const struct vrrp_conf_rule *rule, char *out)
{
	char from[ADDR_TEXT_MAX] = "all", to[ADDR_TEXT_MAX] = "all";

	if (addr_is_set(&rule->from))
		addr_format(&rule->from, from);
	if (addr_is_set(&rule->to))
		addr_format(&rule->to, to);
	snprintf(out, VRRP_LINE_TEXT_MAX, "rule from %s/%u to %s/%u table %u",
		 from, rule->from_prefix, to, rule->to_prefix, rule->table);
	return out;
}
