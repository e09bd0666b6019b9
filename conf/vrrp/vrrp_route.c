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
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "conf/vrrp/vrrp_line.h"

/* More nexthops than the kernel takes. */
#define NEXTHOPS_MAX 256

struct route_line {
	struct vrrp_line line;
	bool has_dst;
	/* The options of a nexthop go to the last of these. */
	struct vrrp_conf_nexthop nexthops[NEXTHOPS_MAX];
	uint32_t nr_nexthops;
};

#define NOT_SET "the route is made without it"

/* Words with one value each; known, not acted on. */
static const struct conf_keyword idle_words[] = {
	KW_MISSED("hoplimit", NOT_SET),
	KW_MISSED("rtt", NOT_SET),
	KW_MISSED("rttvar", NOT_SET),
	KW_MISSED("reordering", NOT_SET),
	KW_MISSED("window", NOT_SET),
	KW_MISSED("cwnd", NOT_SET),
	KW_MISSED("ssthresh", NOT_SET),
	KW_MISSED("realms", NOT_SET),
	KW_MISSED("rto_min", NOT_SET),
	KW_MISSED("initcwnd", NOT_SET),
	KW_MISSED("initrwnd", NOT_SET),
	KW_MISSED("vrf", NOT_SET),
	KW_MISSED("features", NOT_SET),
	KW_MISSED("quickack", NOT_SET),
	KW_MISSED("congctl", NOT_SET),
	KW_MISSED("pref", NOT_SET),
	KW_NOTHING("track_group"),
	KW_MISSED("fastopen_no_cookie", NOT_SET),
	KW_MISSED("ttl-propagate", NOT_SET),
};

const struct conf_block conf_block_route_idle = CONF_BLOCK(
	BLOCK_ROUTE_IDLE, "a line of virtual_routes", idle_words, NULL);

/* Alone. */
static const struct conf_keyword idle_flags[] = {
	KW_NOTHING("no_track"),
	KW_MISSED("append", NOT_SET),
	KW_MISSED("lock", NOT_SET),
};

const struct conf_block conf_block_route_idle_flags = CONF_BLOCK(
	BLOCK_ROUTE_IDLE_FLAGS, "a line of virtual_routes", idle_flags, NULL);

static struct route_line *route_line(struct vrrp_line *line)
{
	return container_of(line, struct route_line, line);
}

/* The destination */

static bool route_read_to(struct vrrp_line *line,
			  const struct vrrp_option *option, void *target)
{
	route_line(line)->has_dst = true;
	return vrrp_option_network.read(line, option, target);
}

static void route_print_to(struct vrrp_line_out *out,
			   const struct vrrp_option *option, const void *target)
{
	const struct vrrp_conf_route *route = target;

	if (addr_is_set(&route->dst))
		vrrp_option_network.print(out, option, target);
	else
		vrrp_line_put(out, "to default");
}

static const struct vrrp_option_type route_to = {
	.read = route_read_to,
	.print = route_print_to,
	.equal = vrrp_option_equal_network,
};

/* "via inet6 ADDRESS": the address itself has the family. */
static bool route_read_via(struct vrrp_line *line,
			   const struct vrrp_option *option, void *target)
{
	const struct conf_word *word = vrrp_line_word(line);

	if ((conf_is(word, "inet") || conf_is(word, "inet6")) &&
	    line->word < line->node->nr_words)
		line->word++;
	return vrrp_option_host.read(line, option, target);
}

static const struct vrrp_option_type route_via = {
	.read = route_read_via,
	.print = vrrp_option_print_host,
	.equal = vrrp_option_equal_host,
};

/* Nexthops */

static bool route_read_weight(struct vrrp_line *line,
			      const struct vrrp_option *option, void *target)
{
	struct vrrp_conf_nexthop *nexthop = target;
	uint32_t weight;

	(void)option;
	if (!vrrp_option_read_number(line, 256, &weight))
		return false;
	if (weight == 0)
		return vrrp_line_bad(line, "a number from 1 to 256");
	nexthop->weight = weight;
	return true;
}

static const struct vrrp_option_type route_weight = {
	.read = route_read_weight,
	.print = vrrp_option_print_number,
	.equal = vrrp_option_equal_bytes,
};

#define HOP(word, type, member) \
	VRRP_OPTION(word, type, vrrp_conf_nexthop, member)

static const struct vrrp_option nexthop_list[] = {
	{ HOP("via", &route_via, via) },
	{ HOP("gw", &route_via, via), .alias = true },
	{ HOP("dev", &vrrp_option_ifname, dev) },
	{ HOP("oif", &vrrp_option_ifname, dev), .alias = true },
	{ HOP("weight", &route_weight, weight) },
	{ HOP("onlink", &vrrp_option_word, onlink), .value = true },
};

static const struct vrrp_options nexthop_options = {
	.list = nexthop_list,
	.nr = ARRAY_SIZE(nexthop_list),
	.size = sizeof(struct vrrp_conf_nexthop),
};

static struct vrrp_conf_nexthop *vrrp_route_add_nexthop(struct route_line *line)
{
	struct vrrp_conf_nexthop *nexthop;

	if (line->nr_nexthops == NEXTHOPS_MAX) {
		conf_say(line->line.ctx, CLASS_FAULT, line->line.node, 0,
			 "a route has %d nexthops at most", NEXTHOPS_MAX);
		return NULL;
	}
	nexthop = &line->nexthops[line->nr_nexthops++];
	*nexthop = (struct vrrp_conf_nexthop){ .weight = 1 };
	line->line.inner_options = &nexthop_options;
	line->line.inner = nexthop;
	return nexthop;
}

static bool route_read_nexthop(struct vrrp_line *line,
			       const struct vrrp_option *option, void *target)
{
	(void)option;
	(void)target;
	return vrrp_route_add_nexthop(route_line(line)) != NULL;
}

static void route_print_nexthops(struct vrrp_line_out *out,
				 const struct vrrp_option *option,
				 const void *target)
{
	const struct vrrp_conf_route *route = target;
	uint32_t i;

	for (i = 0; i < route->nr_nexthops; i++) {
		vrrp_line_put(out, "%s", option->word);
		vrrp_line_print(out, &nexthop_options, &route->nexthops[i]);
	}
}

static bool route_equal_nexthops(const struct vrrp_option *option,
				 const void *a, const void *b)
{
	const struct vrrp_conf_route *one = a, *other = b;

	(void)option;
	return vrrp_lines_equal(&nexthop_options, one->nexthops,
				one->nr_nexthops, other->nexthops,
				other->nr_nexthops);
}

static const struct vrrp_option_type route_nexthop = {
	.alone = true,
	.read = route_read_nexthop,
	.print = route_print_nexthops,
	.equal = route_equal_nexthops,
};

/* "via A or B" */
static bool route_read_or(struct vrrp_line *line,
			  const struct vrrp_option *option, void *target)
{
	struct vrrp_conf_route *route = target;
	struct vrrp_conf_nexthop *nexthop;

	(void)option;
	if (!line->inner) {
		nexthop = vrrp_route_add_nexthop(route_line(line));
		nexthop->via = route->via;
		route->via = (struct addr){ 0 };
	}
	nexthop = vrrp_route_add_nexthop(route_line(line));
	return nexthop && route_read_via(line, &nexthop_list[0], nexthop);
}

static const struct vrrp_option_type route_or = { .read = route_read_or };

static bool route_weight_early(struct vrrp_line *line,
			       const struct vrrp_option *option, void *target)
{
	(void)option;
	(void)target;
	return vrrp_line_bad(line, "'nexthop' before 'weight'");
}

static const struct vrrp_option_type route_no_weight = {
	.read = route_weight_early,
};

/* The other options */

static bool route_read_scope(struct vrrp_line *line,
			     const struct vrrp_option *option, void *target)
{
	struct vrrp_conf_route *route = target;
	uint8_t scope;

	(void)option;
	if (!conf_vrrp_scope(vrrp_line_word(line), &scope))
		return vrrp_line_bad(
			line, "global, site, link, host, nowhere or a number");
	route->scope = scope;
	return true;
}

static void route_print_scope(struct vrrp_line_out *out,
			      const struct vrrp_option *option,
			      const void *target)
{
	const struct vrrp_conf_route *route = target;

	if (route->scope != VRRP_SCOPE_FOUND)
		vrrp_line_put(out, "%s %d", option->word, route->scope);
}

static const struct vrrp_option_type route_scope = {
	.read = route_read_scope,
	.print = route_print_scope,
	.equal = vrrp_option_equal_bytes,
};

/* "mtu lock N": path MTU discovery is the kernel's own matter. */
static bool route_read_mtu(struct vrrp_line *line,
			   const struct vrrp_option *option, void *target)
{
	if (conf_is(vrrp_line_word(line), "lock") &&
	    line->word < line->node->nr_words)
		line->word++;
	return vrrp_option_number.read(line, option, target);
}

static const struct vrrp_option_type route_mtu = {
	.read = route_read_mtu,
	.print = vrrp_option_print_number,
	.equal = vrrp_option_equal_bytes,
};

static bool route_read_protocol(struct vrrp_line *line,
				const struct vrrp_option *option, void *target)
{
	static const struct conf_choice names[] = {
		{ "kernel", RTPROT_KERNEL },
		{ "boot", RTPROT_BOOT },
		{ "static", RTPROT_STATIC },
		{ "ra", RTPROT_RA },
		{ "bird", RTPROT_BIRD },
		{ "zebra", RTPROT_ZEBRA },
		{ "dhcp", RTPROT_DHCP },
		{ "keepalived", RTPROT_KEEPALIVED },
	};
	const struct conf_word *word = vrrp_line_word(line);
	struct vrrp_conf_route *route = target;
	size_t i;

	(void)option;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (conf_word_is(word, names[i].word, strlen(names[i].word))) {
			route->protocol = (uint8_t)names[i].value;
			return true;
		}
	}
	return conf_vrrp_byte(word, &route->protocol) ||
	       vrrp_line_bad(line, "a protocol's number, or boot, static, ...");
}

static const struct vrrp_option_type route_protocol = {
	.read = route_read_protocol,
	.print = vrrp_option_print_number,
	.equal = vrrp_option_equal_bytes,
};

#define ROUTE(word, type, member) \
	VRRP_OPTION(word, type, vrrp_conf_route, member)
/* The member is a pointer, and as such its type reads and compares it. */
#define NEXTHOPS(text, kind)                                            \
	.word = (text), .type = (kind),                                 \
	.offset = (uint32_t)offsetof(struct vrrp_conf_route, nexthops), \
	.size = (uint32_t)sizeof(void *)
#define TYPE(word, number) \
	ROUTE(word, &vrrp_option_word, type), .value = (number)

static const struct vrrp_option route_list[] = {
	{ TYPE("blackhole", RTN_BLACKHOLE) },
	{ TYPE("unreachable", RTN_UNREACHABLE) },
	{ TYPE("prohibit", RTN_PROHIBIT) },
	{ TYPE("throw", RTN_THROW) },
	{ TYPE("local", RTN_LOCAL) },
	{ TYPE("broadcast", RTN_BROADCAST) },
	{ TYPE("multicast", RTN_MULTICAST) },
	{ TYPE("unicast", RTN_UNICAST), .alias = true },
	{ ROUTE("inet", &vrrp_option_word, family), .value = AF_INET },
	{ ROUTE("inet6", &vrrp_option_word, family), .value = AF_INET6 },
	{ ROUTE("to", &route_to, dst),
	  .prefix = (uint32_t)offsetof(struct vrrp_conf_route, prefix) },
	{ ROUTE("via", &route_via, via) },
	{ ROUTE("gw", &route_via, via), .alias = true },
	{ ROUTE("or", &route_or, via), .alias = true },
	{ ROUTE("dev", &vrrp_option_ifname, dev) },
	{ ROUTE("oif", &vrrp_option_ifname, dev), .alias = true },
	{ ROUTE("src", &vrrp_option_host, src) },
	{ ROUTE("table", &vrrp_option_table, table) },
	{ ROUTE("scope", &route_scope, scope) },
	{ ROUTE("metric", &vrrp_option_number, metric) },
	{ ROUTE("priority", &vrrp_option_number, metric), .alias = true },
	{ ROUTE("preference", &vrrp_option_number, metric), .alias = true },
	{ ROUTE("mtu", &route_mtu, mtu) },
	{ ROUTE("advmss", &vrrp_option_number, advmss) },
	{ ROUTE("tos", &vrrp_option_byte, tos) },
	{ ROUTE("dsfield", &vrrp_option_byte, tos), .alias = true },
	{ ROUTE("protocol", &route_protocol, protocol) },
	{ ROUTE("proto", &route_protocol, protocol), .alias = true },
	{ ROUTE("onlink", &vrrp_option_word, onlink), .value = true },
	{ NEXTHOPS("nexthop", &route_nexthop) },
	{ NEXTHOPS("weight", &route_no_weight), .alias = true },
};

static bool route_bare(struct vrrp_line *line)
{
	struct vrrp_conf_route *route = line->target;

	if (route_line(line)->has_dst)
		return vrrp_line_bad(line, "a word of ip-route(8)");
	route_line(line)->has_dst = true;
	return conf_vrrp_network(line->ctx, line->node, line->word - 1,
				 &route->dst, &route->prefix);
}

static bool route_family(struct route_line *line)
{
	struct vrrp_conf_route *route = line->line.target;
	const struct addr *addrs[] = { &route->dst, &route->src, &route->via,
				       line->nr_nexthops ?
					       &line->nexthops[0].via :
					       &route->via };
	uint16_t found = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addrs) && !found; i++)
		found = addrs[i]->family;
	if (!route->family)
		route->family = found ? found : AF_INET;
	for (i = 0; i < 2; i++) {
		if (addrs[i]->family && addrs[i]->family != route->family) {
			conf_say(line->line.ctx, CLASS_FAULT, line->line.node,
				 0, "the route has addresses of both families");
			return false;
		}
	}
	return true;
}

static bool route_check(struct vrrp_line *base)
{
	struct route_line *line = route_line(base);
	struct vrrp_conf_route *route = base->target;
	bool leads = addr_is_set(&route->via) || route->dev ||
		     line->nr_nexthops;

	if (!line->has_dst) {
		conf_say(line->line.ctx, CLASS_FAULT, line->line.node, 0,
			 "the route has no destination");
		return false;
	}
	if (leads &&
	    (route->type == RTN_BLACKHOLE || route->type == RTN_UNREACHABLE ||
	     route->type == RTN_PROHIBIT || route->type == RTN_THROW)) {
		conf_say(
			line->line.ctx, CLASS_FAULT, line->line.node, 0,
			"a route of this type leads nowhere: it has neither 'via' nor 'dev'");
		return false;
	}
	if (line->nr_nexthops && (addr_is_set(&route->via) || route->dev)) {
		/* keepalived: "via A or B dev IF" */
		line->nexthops[0].dev = line->nexthops[0].dev ?
						line->nexthops[0].dev :
						route->dev;
		route->dev = NULL;
		route->via = (struct addr){ 0 };
	}
	route->nr_nexthops = line->nr_nexthops;
	route->nexthops = arena_copy(base->ctx->arena, line->nexthops,
				     line->nr_nexthops,
				     sizeof(line->nexthops[0]));
	return route_family(line);
}

const struct vrrp_options vrrp_route_options = {
	.lines = "routes",
	.list = route_list,
	.nr = ARRAY_SIZE(route_list),
	.size = sizeof(struct vrrp_conf_route),
	.idle = &conf_block_route_idle,
	.idle_flags = &conf_block_route_idle_flags,
	.bare = route_bare,
	.check = route_check,
};

bool vrrp_route_equal(const struct vrrp_conf_route *a,
		      const struct vrrp_conf_route *b)
{
	return vrrp_line_equal(&vrrp_route_options, a, b);
}

void conf_bind_routes(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	struct vrrp_route_list *list =
		(void *)((char *)ctx->draft->vrrp + kw->offset);
	struct route_line route = {
		.line = { .ctx = ctx, .options = &vrrp_route_options },
	};
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		list->items = array_grow(list->items, list->nr, &list->room,
					 sizeof(*list->items));
		list->items[list->nr] =
			(struct vrrp_conf_route){ .type = RTN_UNICAST,
						  .scope = VRRP_SCOPE_FOUND,
						  .table = RT_TABLE_MAIN };
		route.line.node = &ctx->nodes[i];
		route.line.target = &list->items[list->nr];
		route.has_dst = false;
		route.nr_nexthops = 0;
		if (vrrp_line_read(&route.line))
			list->nr++;
	}
}
