/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of virtual_routes and static_routes, in the language of ip-route(8):
 *
 *   [TYPE] [to] DESTINATION [via ADDRESS] [dev IF] [src ADDRESS] [table N] ...
 *   DESTINATION nexthop via ADDRESS [dev IF] [weight N] nexthop ...
 *
 * with keepalived's older words: "gw" for via, "or ADDRESS" for a second
 * nexthop, "src" before the destination.
 */
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "conf/vrrp/vrrp_line.h"

/* More nexthops than the kernel takes. */
#define NEXTHOPS_MAX 256
/* As the kernel's: room for the name of a congestion control. */
#define CONGCTL_MAX 16

/* A line being read. */
struct vrrp_route_draft {
	struct vrrp_conf_route route;
	bool has_dst;
	/* The options of a nexthop go to the last of these. */
	struct vrrp_conf_nexthop nexthops[NEXTHOPS_MAX];
	uint32_t nr_nexthops;
};

/* Words that are known, but not acted on. */
static const struct conf_keyword idle_words[] = {
	OPTION_MISSED("vrf", "the route is made in the table that it names"),
	OPTION_MISSED("ttl-propagate", "only routes of MPLS have it"),
	OPTION_MISSED("expires", "the route stays as long as the address does"),
	FLAG_NOTHING("add"),
};

const struct conf_block conf_block_route_idle = CONF_BLOCK(
	BLOCK_VRRP_ROUTE_IDLE, "a line of virtual_routes", idle_words, NULL);

/* The destination */

static void route_bind_to(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;

	(void)kw;
	draft->has_dst = true;
	conf_vrrp_network(ctx, node, 1, &draft->route.dst,
			  &draft->route.prefix);
}

static void route_print_to(FILE *out, const char *indent,
			   const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_route *route = final;
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(&route->dst))
		fprintf(out, "%s%s %s/%u\n", indent, kw->name,
			addr_format(&route->dst, text), route->prefix);
	else
		fprintf(out, "%s%s default\n", indent, kw->name);
}

static bool route_equal_to(const void *a, const void *b)
{
	const struct vrrp_conf_route *one = a, *other = b;

	return addr_cmp(&one->dst, &other->dst) == 0 &&
	       one->prefix == other->prefix;
}

static const struct conf_type route_to = {
	.bind = route_bind_to,
	.print = route_print_to,
	.equal = route_equal_to,
};

static void route_bind_from(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;

	(void)kw;
	conf_vrrp_network(ctx, node, 1, &draft->route.from,
			  &draft->route.from_prefix);
}

static void route_print_from(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_route *route = final;
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(&route->from))
		fprintf(out, "%s%s %s/%u\n", indent, kw->name,
			addr_format(&route->from, text), route->from_prefix);
}

static bool route_equal_from(const void *a, const void *b)
{
	const struct vrrp_conf_route *one = a, *other = b;

	return addr_cmp(&one->from, &other->from) == 0 &&
	       one->from_prefix == other->from_prefix;
}

static const struct conf_type route_from = {
	.bind = route_bind_from,
	.print = route_print_from,
	.equal = route_equal_from,
};

/* Without its encapsulation the route would lead elsewhere. */
static void route_bind_encap(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	(void)kw;
	(void)target;
	conf_say(
		ctx, CLASS_FAULT, node, 0,
		"routes with 'encap' are not made: add it with ip-route(8), in a notify script");
}

static const struct conf_type route_encap = { .bind = route_bind_encap };

/* "via inet6 ADDRESS": the address itself has the family. */
static const struct conf_choice via_families[] = {
	{ "inet", AF_INET },
	{ "inet6", AF_INET6 },
	{ NULL, 0 },
};

/* "mtu lock N" */
static const struct conf_choice metric_lock[] = {
	{ "lock", 0 },
	{ NULL, 0 },
};

/* Nexthops */

static void route_bind_weight(struct conf_ctx *ctx,
			      const struct conf_keyword *kw,
			      const struct conf_node *node, void *target)
{
	struct vrrp_conf_nexthop *nexthop = target;
	uint32_t weight;

	(void)kw;
	if (!vrrp_line_number(ctx, node, 256, &weight))
		return;
	if (weight == 0)
		vrrp_line_bad(ctx, node, "a number from 1 to 256");
	else
		nexthop->weight = weight;
}

static const struct conf_type route_weight = {
	.bind = route_bind_weight,
	.print = conf_print_u32,
	.equal = conf_equal_u32,
};

#define NEXTHOP(member) CONF_MEMBER(struct vrrp_conf_nexthop, member)
/* Another row prints and compares the member. */
#define NEXTHOP_ALIAS(member) \
	.offset = offsetof(struct vrrp_conf_nexthop, member)

static const struct conf_keyword nexthop_options[] = {
	{ "via", .type = &conf_type_addr, NEXTHOP(via), .data = via_families,
	  .least = 1 },
	{ "gw", .type = &conf_type_addr, NEXTHOP_ALIAS(via),
	  .data = via_families, .least = 1 },
	{ "dev", .type = &vrrp_type_ifname, NEXTHOP(dev), .least = 1 },
	{ "oif", .type = &vrrp_type_ifname, NEXTHOP_ALIAS(dev), .least = 1 },
	{ "weight", .type = &route_weight, NEXTHOP(weight), .least = 1 },
	{ "onlink", .type = &vrrp_type_word, NEXTHOP(onlink), .min = true },
	{ "realms", .type = &vrrp_type_realms, NEXTHOP(realms), .least = 1 },
};

static const struct conf_block nexthop_block =
	CONF_BLOCK(BLOCK_VRRP_NEXTHOP, "a nexthop", nexthop_options, NULL);

static void *route_last_nexthop(void *target)
{
	struct vrrp_route_draft *draft = target;

	return draft->nr_nexthops ? &draft->nexthops[draft->nr_nexthops - 1] :
				    NULL;
}

/* NULL after complaining. */
static struct vrrp_conf_nexthop *
vrrp_route_add_nexthop(struct conf_ctx *ctx, const struct conf_node *node,
		       struct vrrp_route_draft *draft)
{
	struct vrrp_conf_nexthop *nexthop;

	if (draft->nr_nexthops == NEXTHOPS_MAX) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "a route has %d nexthops at most", NEXTHOPS_MAX);
		return NULL;
	}
	nexthop = &draft->nexthops[draft->nr_nexthops++];
	*nexthop = (struct vrrp_conf_nexthop){ .weight = 1 };
	return nexthop;
}

static void route_bind_nexthop(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	(void)kw;
	vrrp_route_add_nexthop(ctx, node, target);
}

static void route_print_nexthops(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *final)
{
	const struct vrrp_conf_route *route = final;
	uint32_t i;

	for (i = 0; i < route->nr_nexthops; i++) {
		fprintf(out, "%s%s\n", indent, kw->name);
		conf_block_print(out, indent, &nexthop_block,
				 &route->nexthops[i]);
	}
}

static bool route_equal_nexthops(const void *a, const void *b)
{
	const struct vrrp_conf_route *one = a, *other = b;
	uint32_t i;

	if (one->nr_nexthops != other->nr_nexthops)
		return false;
	for (i = 0; i < one->nr_nexthops; i++) {
		if (!conf_block_equal(&nexthop_block, &one->nexthops[i],
				      &other->nexthops[i]))
			return false;
	}
	return true;
}

static const struct conf_type route_nexthop = {
	.bind = route_bind_nexthop,
	.print = route_print_nexthops,
	.equal = route_equal_nexthops,
};

/* "via A or B" */
static void route_bind_or(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;
	struct vrrp_conf_nexthop *nexthop;

	(void)kw;
	if (draft->nr_nexthops == 0) {
		nexthop = vrrp_route_add_nexthop(ctx, node, draft);
		nexthop->via = draft->route.via;
		draft->route.via = (struct addr){ 0 };
	}
	nexthop = vrrp_route_add_nexthop(ctx, node, draft);
	if (nexthop)
		conf_get_host(ctx, node, 1, &nexthop->via);
}

static const struct conf_type route_or = { .bind = route_bind_or };

static void route_bind_early_weight(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	(void)kw;
	(void)target;
	vrrp_line_bad(ctx, node, "'nexthop' before 'weight'");
}

static const struct conf_type route_early_weight = {
	.bind = route_bind_early_weight,
};

/* The other options */

static void route_bind_scope(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;
	uint8_t scope;

	(void)kw;
	if (conf_vrrp_scope(conf_word(ctx, node, 1), &scope))
		draft->route.scope = scope;
	else
		vrrp_line_bad(ctx, node,
			      "global, site, link, host, nowhere or a number");
}

static void route_print_scope(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	int16_t scope = *(const int16_t *)member;

	if (scope != VRRP_SCOPE_FOUND)
		fprintf(out, "%s%s %d\n", indent, kw->name, scope);
}

static bool route_equal_scope(const void *a, const void *b)
{
	return *(const int16_t *)a == *(const int16_t *)b;
}

static const struct conf_type route_scope = {
	.bind = route_bind_scope,
	.print = route_print_scope,
	.equal = route_equal_scope,
};

/* ECN is the one feature that the kernel knows for long. */
static void route_bind_features(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;

	(void)kw;
	if (conf_is(conf_word(ctx, node, 1), "ecn"))
		draft->route.features |= RTAX_FEATURE_ECN;
	else
		vrrp_line_bad(ctx, node, "ecn");
}

static void route_print_features(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *member)
{
	if (*(const uint32_t *)member)
		fprintf(out, "%s%s ecn\n", indent, kw->name);
}

static const struct conf_type route_features = {
	.bind = route_bind_features,
	.print = route_print_features,
	.equal = conf_equal_u32,
};

/* The values are the kernel's numbers and 1, so that 0 is unset. */
static const struct conf_choice prefs[] = {
	{ "low", 1 + ICMPV6_ROUTER_PREF_LOW },
	{ "medium", 1 + ICMPV6_ROUTER_PREF_MEDIUM },
	{ "high", 1 + ICMPV6_ROUTER_PREF_HIGH },
};

static void route_bind_pref(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;
	size_t i;

	(void)kw;
	for (i = 0; i < ARRAY_SIZE(prefs); i++)
		if (conf_word_is(conf_word(ctx, node, 1), prefs[i].word,
				 strlen(prefs[i].word)))
			draft->route.pref = (uint8_t)prefs[i].value;
	if (!draft->route.pref)
		vrrp_line_bad(ctx, node, "low, medium or high");
}

static void route_print_pref(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefs); i++)
		if (*(const uint8_t *)member == prefs[i].value)
			fprintf(out, "%s%s %s\n", indent, kw->name,
				prefs[i].word);
}

static const struct conf_type route_pref = {
	.bind = route_bind_pref,
	.print = route_print_pref,
	.equal = conf_equal_u8,
};

/*
 * Metrics. A row has the kernel's number of it for MIN, and where it is in the
 * route for MAX; "lock" before the value takes it from the kernel's own hands.
 */
static uint32_t *route_metric(const struct conf_keyword *kw, const void *route)
{
	return (void *)((char *)(uintptr_t)route + kw->max);
}

static void route_lock(struct conf_ctx *ctx, const struct conf_keyword *kw,
		       const struct conf_node *node,
		       struct vrrp_conf_route *route)
{
	if (conf_is(conf_word(ctx, node, 0), "lock"))
		route->locked |= 1u << kw->min;
}

static void route_bind_metric(struct conf_ctx *ctx,
			      const struct conf_keyword *kw,
			      const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;

	if (vrrp_line_number(ctx, node, UINT32_MAX,
			     route_metric(kw, &draft->route)))
		route_lock(ctx, kw, node, &draft->route);
}

static const char *route_lock_word(const struct conf_keyword *kw,
				   const struct vrrp_conf_route *route)
{
	return route->locked & 1u << kw->min ? "lock " : "";
}

static void route_print_metric(FILE *out, const char *indent,
			       const struct conf_keyword *kw, const void *final)
{
	uint32_t value = *route_metric(kw, final);

	if (value)
		fprintf(out, "%s%s %s%u\n", indent, kw->name,
			route_lock_word(kw, final), value);
}

static bool route_equal_metrics(const void *a, const void *b)
{
	const struct vrrp_conf_route *one = a, *other = b;

	return one->mtu == other->mtu && one->advmss == other->advmss &&
	       one->hoplimit == other->hoplimit &&
	       one->initcwnd == other->initcwnd &&
	       one->initrwnd == other->initrwnd &&
	       one->window == other->window &&
	       one->reordering == other->reordering &&
	       one->quickack == other->quickack && one->rtt == other->rtt &&
	       one->rttvar == other->rttvar && one->rto_min == other->rto_min &&
	       one->cwnd == other->cwnd && one->ssthresh == other->ssthresh &&
	       one->locked == other->locked &&
	       str_equal(one->congctl, other->congctl);
}

static const struct conf_type route_metric_type = {
	.bind = route_bind_metric,
	.print = route_print_metric,
	.equal = route_equal_metrics,
};

/* How many of the kernel's units a millisecond has. */
static uint32_t route_time_units(const struct conf_keyword *kw)
{
	return kw->min == RTAX_RTT ? 8 : kw->min == RTAX_RTTVAR ? 4 : 1;
}

/* "N", in the kernel's units, "Nms" or "Ns". */
static void route_bind_metric_time(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct conf_word number = *conf_word(ctx, node, 1);
	struct vrrp_route_draft *draft = target;
	uint64_t value, unit = 1;

	if (number.len > 2 &&
	    memcmp(number.text + number.len - 2, "ms", 2) == 0) {
		number.len -= 2;
		unit = route_time_units(kw);
	} else if (number.len > 1 && number.text[number.len - 1] == 's') {
		number.len--;
		unit = route_time_units(kw) * 1000u;
	}
	if (!conf_get_number(&number, UINT32_MAX / unit, &value)) {
		vrrp_line_bad(ctx, node, "a time such as 200ms");
		return;
	}
	*route_metric(kw, &draft->route) = (uint32_t)(value * unit);
	route_lock(ctx, kw, node, &draft->route);
}

static const struct conf_type route_metric_time = {
	.bind = route_bind_metric_time,
	.print = route_print_metric,
	.equal = route_equal_metrics,
};

static void route_bind_congctl(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	struct vrrp_route_draft *draft = target;

	if (name->len == 0 || name->len >= CONGCTL_MAX) {
		vrrp_line_bad(ctx, node, "the name of a congestion control");
		return;
	}
	draft->route.congctl = conf_string(ctx, name->text, name->len);
	route_lock(ctx, kw, node, &draft->route);
}

static void route_print_congctl(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *final)
{
	const struct vrrp_conf_route *route = final;

	if (route->congctl)
		fprintf(out, "%s%s %s%s\n", indent, kw->name,
			route_lock_word(kw, route), route->congctl);
}

static const struct conf_type route_congctl = {
	.bind = route_bind_congctl,
	.print = route_print_congctl,
	.equal = route_equal_metrics,
};

#define ROUTE(member)                                                     \
	CONF_BOTH(struct vrrp_route_draft, route, struct vrrp_conf_route, \
		  member)
/* Another row prints and compares the member. */
#define ROUTE_ALIAS(member) \
	.offset = offsetof(struct vrrp_route_draft, route.member)
#define ROUTE_TYPE(word, number)                                              \
	{                                                                     \
		(word), .type = &vrrp_type_word, ROUTE(type), .min = (number) \
	}

#define ROUTE_METRIC(word, row_type, number, member)                     \
	{                                                                \
		(word), .type = &(row_type), .data = metric_lock,        \
			.kept = CONF_KEPT_WHOLE, .min = (number),        \
			.max = offsetof(struct vrrp_conf_route, member), \
			.least = 1                                       \
	}

static const struct conf_keyword route_options[] = {
	ROUTE_TYPE("blackhole", RTN_BLACKHOLE),
	ROUTE_TYPE("unreachable", RTN_UNREACHABLE),
	ROUTE_TYPE("prohibit", RTN_PROHIBIT),
	ROUTE_TYPE("throw", RTN_THROW),
	ROUTE_TYPE("local", RTN_LOCAL),
	ROUTE_TYPE("broadcast", RTN_BROADCAST),
	ROUTE_TYPE("multicast", RTN_MULTICAST),
	ROUTE_TYPE("anycast", RTN_ANYCAST),
	ROUTE_TYPE("nat", RTN_NAT),
	{ "unicast", .type = &vrrp_type_word, ROUTE_ALIAS(type),
	  .min = RTN_UNICAST },
	{ "inet", .type = &vrrp_type_family, ROUTE(family), .min = AF_INET },
	{ "inet6", .type = &vrrp_type_family, ROUTE(family), .min = AF_INET6 },
	{ "to", .type = &route_to, .kept = CONF_KEPT_WHOLE, .least = 1 },
	{ "via", .type = &conf_type_addr, ROUTE(via), .data = via_families,
	  .least = 1 },
	{ "gw", .type = &conf_type_addr, ROUTE_ALIAS(via), .data = via_families,
	  .least = 1 },
	{ "or", .type = &route_or, .data = via_families, .least = 1 },
	{ "dev", .type = &vrrp_type_ifname, ROUTE(dev), .least = 1 },
	{ "oif", .type = &vrrp_type_ifname, ROUTE_ALIAS(dev), .least = 1 },
	{ "src", .type = &conf_type_addr, ROUTE(src), .least = 1 },
	{ "table", .type = &vrrp_type_table, ROUTE(table), .least = 1 },
	{ "scope", .type = &route_scope, ROUTE(scope), .least = 1 },
	{ "metric", .type = &vrrp_type_number, ROUTE(metric), .least = 1 },
	{ "priority", .type = &vrrp_type_number, ROUTE_ALIAS(metric),
	  .least = 1 },
	{ "preference", .type = &vrrp_type_number, ROUTE_ALIAS(metric),
	  .least = 1 },
	ROUTE_METRIC("mtu", route_metric_type, RTAX_MTU, mtu),
	ROUTE_METRIC("advmss", route_metric_type, RTAX_ADVMSS, advmss),
	ROUTE_METRIC("hoplimit", route_metric_type, RTAX_HOPLIMIT, hoplimit),
	ROUTE_METRIC("initcwnd", route_metric_type, RTAX_INITCWND, initcwnd),
	ROUTE_METRIC("initrwnd", route_metric_type, RTAX_INITRWND, initrwnd),
	ROUTE_METRIC("window", route_metric_type, RTAX_WINDOW, window),
	ROUTE_METRIC("reordering", route_metric_type, RTAX_REORDERING,
		     reordering),
	ROUTE_METRIC("quickack", route_metric_type, RTAX_QUICKACK, quickack),
	ROUTE_METRIC("cwnd", route_metric_type, RTAX_CWND, cwnd),
	ROUTE_METRIC("ssthresh", route_metric_type, RTAX_SSTHRESH, ssthresh),
	ROUTE_METRIC("rtt", route_metric_time, RTAX_RTT, rtt),
	ROUTE_METRIC("rttvar", route_metric_time, RTAX_RTTVAR, rttvar),
	ROUTE_METRIC("rto_min", route_metric_time, RTAX_RTO_MIN, rto_min),
	ROUTE_METRIC("congctl", route_congctl, RTAX_CC_ALGO, congctl),
	{ "features", .type = &route_features, ROUTE(features), .least = 1 },
	{ "fastopen_no_cookie", .type = &vrrp_type_number,
	  ROUTE(fastopen_no_cookie), .least = 1 },
	{ "realms", .type = &vrrp_type_realms, ROUTE(realms), .least = 1 },
	{ "pref", .type = &route_pref, ROUTE(pref), .least = 1 },
	{ "append", .type = &vrrp_type_word, ROUTE(place),
	  .min = VRRP_ROUTE_BEHIND },
	{ "prepend", .type = &vrrp_type_word, ROUTE(place),
	  .min = VRRP_ROUTE_BEFORE },
	{ "from", .type = &route_from, .kept = CONF_KEPT_WHOLE, .least = 1 },
	{ "encap", .type = &route_encap },
	{ "tos", .type = &vrrp_type_byte, ROUTE(tos), .least = 1 },
	{ "dsfield", .type = &vrrp_type_byte, ROUTE_ALIAS(tos), .least = 1 },
	{ "protocol", .type = &vrrp_type_origin, ROUTE(protocol), .least = 1 },
	{ "proto", .type = &vrrp_type_origin, ROUTE_ALIAS(protocol),
	  .least = 1 },
	{ "onlink", .type = &vrrp_type_word, ROUTE(onlink), .min = true },
	{ "no_track", .type = &vrrp_type_word, ROUTE(no_track), .min = true,
	  .flags = KW_APART },
	{ "track_group", .type = &vrrp_type_line_group,
	  ROUTE_ALIAS(track_group), .least = 1 },
	{ "nexthop", .type = &route_nexthop, .kept = CONF_KEPT_WHOLE },
	{ "weight", .type = &route_early_weight, .least = 1 },
};

static const struct conf_block route_block =
	CONF_BLOCK(BLOCK_VRRP_ROUTE, "a line of virtual_routes", route_options,
		   &conf_block_route_idle);

static void route_bare(struct conf_ctx *ctx, const struct conf_keyword *kw,
		       const struct conf_node *node, void *target)
{
	struct vrrp_route_draft *draft = target;

	if (draft->has_dst)
		vrrp_line_bad(ctx, node, "a word of ip-route(8)");
	else
		route_bind_to(ctx, kw, node, target);
}

static bool route_family(struct conf_ctx *ctx, const struct conf_node *node,
			 struct vrrp_route_draft *draft)
{
	struct vrrp_conf_route *route = &draft->route;
	const struct addr *addrs[] = { &route->dst, &route->src, &route->via,
				       draft->nr_nexthops ?
					       &draft->nexthops[0].via :
					       &route->via };
	uint16_t found = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addrs) && !found; i++)
		found = addrs[i]->family;
	if (!route->family)
		route->family = found ? found : AF_INET;
	if (addr_is_set(&route->from) && route->family != AF_INET6) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "only a route of IPv6 can be 'from' some sources");
		return false;
	}
	for (i = 0; i < 2; i++) {
		if (addrs[i]->family && addrs[i]->family != route->family) {
			conf_say(ctx, CLASS_FAULT, node, 0,
				 "the route has addresses of both families");
			return false;
		}
	}
	return true;
}

static bool route_is_dead_end(const struct vrrp_conf_route *route)
{
	return route->type == RTN_BLACKHOLE || route->type == RTN_UNREACHABLE ||
	       route->type == RTN_PROHIBIT || route->type == RTN_THROW;
}

static bool route_check(struct conf_ctx *ctx, const struct conf_node *node,
			void *target)
{
	struct vrrp_route_draft *draft = target;
	struct vrrp_conf_route *route = &draft->route;
	bool leads = addr_is_set(&route->via) || route->dev ||
		     draft->nr_nexthops;

	if (!draft->has_dst) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "the route has no destination");
		return false;
	}
	if (leads && route_is_dead_end(route)) {
		conf_say(
			ctx, CLASS_FAULT, node, 0,
			"a route of this type leads nowhere: it has neither 'via' nor 'dev'");
		return false;
	}
	if (draft->nr_nexthops && (addr_is_set(&route->via) || route->dev)) {
		/* keepalived: "via A or B dev IF" */
		draft->nexthops[0].dev = draft->nexthops[0].dev ?
						 draft->nexthops[0].dev :
						 route->dev;
		route->dev = NULL;
		route->via = (struct addr){ 0 };
	}
	route->nr_nexthops = draft->nr_nexthops;
	route->nexthops = arena_copy(ctx->arena, draft->nexthops,
				     draft->nr_nexthops,
				     sizeof(draft->nexthops[0]));
	return route_family(ctx, node, draft);
}

const struct vrrp_line_kind vrrp_route_lines = {
	.name = "routes",
	.block = &route_block,
	.size = sizeof(struct vrrp_conf_route),
	.bare = route_bare,
	.part = route_last_nexthop,
	.part_block = &nexthop_block,
	.check = route_check,
};

bool vrrp_route_equal(const struct vrrp_conf_route *a,
		      const struct vrrp_conf_route *b)
{
	return vrrp_lines_equal(&vrrp_route_lines, a, 1, b, 1);
}

void conf_bind_routes(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	struct vrrp_route_list *list =
		(void *)((char *)ctx->draft->vrrp + kw->offset);
	struct vrrp_route_draft draft;
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		draft.route = (struct vrrp_conf_route){
			.type = RTN_UNICAST,
			.scope = VRRP_SCOPE_FOUND,
			.table = RT_TABLE_MAIN,
		};
		draft.has_dst = false;
		draft.nr_nexthops = 0;
		list->items = array_grow(list->items, list->nr, &list->room,
					 sizeof(*list->items));
		if (vrrp_line_bind(ctx, &vrrp_route_lines, &ctx->nodes[i],
				   &draft))
			list->items[list->nr++] = draft.route;
	}
}
