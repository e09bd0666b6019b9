/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and comparisons of the parts of a struct vrrp_conf. */
#include "conf/vrrp_conf.h"

const char *vrrp_tracker_kind_name(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_INTERFACE:
		return "interface";
	case VRRP_TRACK_SCRIPT:
		return "script";
	case VRRP_TRACK_PROCESS:
		return "process";
	case VRRP_TRACK_POOL:
		return "virtual server";
	case VRRP_TRACK_FILE:
		return "file";
	case VRRP_TRACK_FIREWALL:
		return "firewall";
	}
	return "";
}

static bool vrrp_conf_same_hop(const struct vrrp_conf_hop *a,
			       const struct vrrp_conf_hop *b)
{
	return addr_cmp(&a->via, &b->via) == 0 && a->weight == b->weight &&
	       a->onlink == b->onlink && str_equal(a->dev, b->dev);
}

bool vrrp_route_equal(const struct vrrp_conf_route *a,
		      const struct vrrp_conf_route *b)
{
	uint32_t i;

	if (a->family != b->family || a->type != b->type ||
	    a->prefix != b->prefix || a->tos != b->tos ||
	    a->protocol != b->protocol || a->scope != b->scope ||
	    a->onlink != b->onlink || a->table != b->table ||
	    a->metric != b->metric || a->mtu != b->mtu ||
	    a->advmss != b->advmss || a->nr_hops != b->nr_hops ||
	    addr_cmp(&a->dst, &b->dst) != 0 ||
	    addr_cmp(&a->via, &b->via) != 0 ||
	    addr_cmp(&a->src, &b->src) != 0 || !str_equal(a->dev, b->dev))
		return false;
	for (i = 0; i < a->nr_hops; i++)
		if (!vrrp_conf_same_hop(&a->hops[i], &b->hops[i]))
			return false;
	return true;
}

bool vrrp_rule_equal(const struct vrrp_conf_rule *a,
		     const struct vrrp_conf_rule *b)
{
	return a->family == b->family && a->action == b->action &&
	       a->from_prefix == b->from_prefix &&
	       a->to_prefix == b->to_prefix && a->tos == b->tos &&
	       a->invert == b->invert && a->priority_set == b->priority_set &&
	       a->fwmark == b->fwmark && a->fwmask == b->fwmask &&
	       a->table == b->table && a->priority == b->priority &&
	       addr_cmp(&a->from, &b->from) == 0 &&
	       addr_cmp(&a->to, &b->to) == 0 && str_equal(a->iif, b->iif) &&
	       str_equal(a->oif, b->oif);
}
