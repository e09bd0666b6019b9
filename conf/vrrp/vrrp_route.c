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
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/* More nexthops than the kernel takes. */
#define HOPS_MAX 256

struct route_line {
	struct conf_ctx *ctx;
	const struct conf_node *node;
	uint32_t word; /* the next one */
	struct vrrp_conf_route *route;
	bool has_dst;
	/* Words go to the last nexthop, once there is one. */
	struct vrrp_conf_hop hops[HOPS_MAX];
	uint32_t nr_hops;
};

static const struct conf_choice types[] = {
	{ "unicast", RTN_UNICAST },
	{ "blackhole", RTN_BLACKHOLE },
	{ "unreachable", RTN_UNREACHABLE },
	{ "prohibit", RTN_PROHIBIT },
	{ "throw", RTN_THROW },
	{ "local", RTN_LOCAL },
	{ "broadcast", RTN_BROADCAST },
	{ "multicast", RTN_MULTICAST },
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

static const struct conf_word *route_value(const struct route_line *line)
{
	return conf_word(line->ctx, line->node, line->word - 1);
}

/* Complain about the value just taken. */
static bool route_bad(const struct route_line *line, const char *expected)
{
	conf_say(line->ctx, CLASS_FAULT, line->node, line->word - 1,
		 "'%.*s' cannot be used: %s is expected",
		 CONF_SHOW(route_value(line)), expected);
	return false;
}

static bool route_to(struct route_line *line)
{
	line->has_dst = true;
	return conf_vrrp_network(line->ctx, line->node, line->word - 1,
				 &line->route->dst, &line->route->prefix);
}

static bool route_via(struct route_line *line)
{
	const struct conf_word *word = route_value(line);
	struct addr *via = line->nr_hops ? &line->hops[line->nr_hops - 1].via :
					   &line->route->via;

	/* "via inet6 ADDRESS": the address itself has the family. */
	if ((conf_is(word, "inet") || conf_is(word, "inet6")) &&
	    line->word < line->node->nr_words)
		line->word++;
	return conf_get_host(line->ctx, line->node, line->word - 1, via);
}

static struct vrrp_conf_hop *vrrp_route_add_hop(struct route_line *line)
{
	struct vrrp_conf_hop *hop;

	if (line->nr_hops == HOPS_MAX) {
		conf_say(line->ctx, CLASS_FAULT, line->node, 0,
			 "a route has %d ways at most", HOPS_MAX);
		return NULL;
	}
	hop = &line->hops[line->nr_hops++];
	*hop = (struct vrrp_conf_hop){ .weight = 1 };
	return hop;
}

/* "via A or B" */
static bool route_or(struct route_line *line)
{
	struct vrrp_conf_hop *first;

	if (line->nr_hops == 0) {
		first = vrrp_route_add_hop(line);
		first->via = line->route->via;
		line->route->via = (struct addr){ 0 };
	}
	return vrrp_route_add_hop(line) && route_via(line);
}

static bool route_dev(struct route_line *line)
{
	const char **dev = line->nr_hops ? &line->hops[line->nr_hops - 1].dev :
					   &line->route->dev;

	*dev = conf_vrrp_ifname(line->ctx, line->node, line->word - 1);
	return *dev != NULL;
}

static bool route_src(struct route_line *line)
{
	return conf_get_host(line->ctx, line->node, line->word - 1,
			     &line->route->src);
}

static bool route_table(struct route_line *line)
{
	if (conf_vrrp_table(route_value(line), &line->route->table))
		return true;
	return route_bad(line, "a table's number, main, local or default");
}

static bool route_scope(struct route_line *line)
{
	uint8_t scope;

	if (!conf_vrrp_scope(route_value(line), &scope))
		return route_bad(
			line, "global, site, link, host, nowhere or a number");
	line->route->scope = scope;
	return true;
}

static bool route_number(struct route_line *line, uint64_t max, uint32_t *to)
{
	uint64_t value;

	if (!conf_get_number(route_value(line), max, &value))
		return route_bad(line, "a number");
	*to = (uint32_t)value;
	return true;
}

static bool route_metric(struct route_line *line)
{
	return route_number(line, UINT32_MAX, &line->route->metric);
}

static bool route_mtu(struct route_line *line)
{
	/* "mtu lock N": path MTU discovery is the kernel's own matter. */
	if (conf_is(route_value(line), "lock") &&
	    line->word < line->node->nr_words)
		line->word++;
	return route_number(line, UINT32_MAX, &line->route->mtu);
}

static bool route_advmss(struct route_line *line)
{
	return route_number(line, UINT32_MAX, &line->route->advmss);
}

static bool route_weight(struct route_line *line)
{
	uint32_t weight;

	if (line->nr_hops == 0)
		return route_bad(line, "'nexthop' before 'weight'");
	if (!route_number(line, 256, &weight))
		return false;
	if (weight == 0)
		return route_bad(line, "a number from 1 to 256");
	line->hops[line->nr_hops - 1].weight = weight;
	return true;
}

static bool route_tos(struct route_line *line)
{
	return conf_vrrp_byte(route_value(line), &line->route->tos) ||
	       route_bad(line, "a number up to 255");
}

static bool route_protocol(struct route_line *line)
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
	const struct conf_word *word = route_value(line);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (conf_word_is(word, names[i].word, strlen(names[i].word))) {
			line->route->protocol = (uint8_t)names[i].value;
			return true;
		}
	}
	return conf_vrrp_byte(word, &line->route->protocol) ||
	       route_bad(line, "a protocol's number, or boot, static, ...");
}

static const struct {
	const char *word;
	bool (*read)(struct route_line *line); /* of the value behind it */
} values[] = {
	{ "to", route_to },	      { "via", route_via },
	{ "gw", route_via },	      { "or", route_or },
	{ "dev", route_dev },	      { "oif", route_dev },
	{ "src", route_src },	      { "table", route_table },
	{ "scope", route_scope },     { "metric", route_metric },
	{ "priority", route_metric }, { "preference", route_metric },
	{ "mtu", route_mtu },	      { "advmss", route_advmss },
	{ "weight", route_weight },   { "tos", route_tos },
	{ "dsfield", route_tos },     { "protocol", route_protocol },
	{ "proto", route_protocol },
};

/* Take a word without a value; false if WORD is none. */
static bool route_flag(struct route_line *line, const struct conf_word *word,
		       bool *ok)
{
	size_t i;

	*ok = true;
	if (conf_is(word, "nexthop")) {
		*ok = vrrp_route_add_hop(line) != NULL;
		return true;
	}
	if (conf_is(word, "onlink")) {
		if (line->nr_hops)
			line->hops[line->nr_hops - 1].onlink = true;
		else
			line->route->onlink = true;
		return true;
	}
	if (conf_is(word, "inet") || conf_is(word, "inet6")) {
		line->route->family = conf_is(word, "inet") ? AF_INET :
							      AF_INET6;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (conf_word_is(word, types[i].word, strlen(types[i].word))) {
			line->route->type = (uint8_t)types[i].value;
			return true;
		}
	}
	for (i = 0; i < ARRAY_SIZE(idle_flags); i++) {
		if (conf_word_is(word, idle_flags[i].name,
				 strlen(idle_flags[i].name))) {
			conf_note_idle(line->ctx, &idle_flags[i], line->node);
			return true;
		}
	}
	return false;
}

/* The word at line->word has a value, of which nothing is kept. */
static bool route_idle(struct route_line *line, const struct conf_word *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(idle_words); i++) {
		if (conf_word_is(word, idle_words[i].name,
				 strlen(idle_words[i].name))) {
			conf_note_idle(line->ctx, &idle_words[i], line->node);
			line->word++;
			return true;
		}
	}
	return false;
}

/* Read a word with its value; false after complaining. */
static bool route_word(struct route_line *line)
{
	const struct conf_word *word =
		conf_word(line->ctx, line->node, line->word++);
	bool ok;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		if (!conf_word_is(word, values[i].word, strlen(values[i].word)))
			continue;
		if (line->word++ < line->node->nr_words)
			return values[i].read(line);
		conf_say(line->ctx, CLASS_FAULT, line->node, line->word - 2,
			 "'%s' needs a value", values[i].word);
		return false;
	}
	if (route_flag(line, word, &ok))
		return ok;
	if (route_idle(line, word))
		return true;
	if (!line->has_dst)
		return route_to(line);
	return route_bad(line, "a word of ip-route(8)");
}

static bool route_family(struct route_line *line)
{
	struct vrrp_conf_route *route = line->route;
	const struct addr *addrs[] = { &route->dst, &route->src, &route->via,
				       line->nr_hops ? &line->hops[0].via :
						       &route->via };
	uint16_t found = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addrs) && !found; i++)
		found = addrs[i]->family;
	if (!route->family)
		route->family = found ? found : AF_INET;
	for (i = 0; i < 2; i++) {
		if (addrs[i]->family && addrs[i]->family != route->family) {
			conf_say(line->ctx, CLASS_FAULT, line->node, 0,
				 "the route has addresses of both families");
			return false;
		}
	}
	return true;
}

static bool route_check(struct route_line *line)
{
	const struct vrrp_conf_route *route = line->route;
	bool leads = addr_is_set(&route->via) || route->dev || line->nr_hops;

	if (!line->has_dst) {
		conf_say(line->ctx, CLASS_FAULT, line->node, 0,
			 "the route has no destination");
		return false;
	}
	if (leads &&
	    (route->type == RTN_BLACKHOLE || route->type == RTN_UNREACHABLE ||
	     route->type == RTN_PROHIBIT || route->type == RTN_THROW)) {
		conf_say(
			line->ctx, CLASS_FAULT, line->node, 0,
			"a route of this type leads nowhere: it has neither 'via' nor 'dev'");
		return false;
	}
	if (line->nr_hops && (addr_is_set(&route->via) || route->dev)) {
		/* keepalived: "via A or B dev IF" */
		line->hops[0].dev = line->hops[0].dev ? line->hops[0].dev :
							route->dev;
		line->route->dev = NULL;
		line->route->via = (struct addr){ 0 };
	}
	return route_family(line);
}

static bool route_read(struct route_line *line)
{
	*line->route = (struct vrrp_conf_route){ .type = RTN_UNICAST,
						 .scope = VRRP_SCOPE_FOUND,
						 .table = RT_TABLE_MAIN };
	if (line->node->block) {
		conf_say(line->ctx, CLASS_ERROR, line->node, 0,
			 "here stand routes, no blocks");
		return false;
	}
	while (line->word < line->node->nr_words) {
		if (!route_word(line))
			return false;
	}
	if (!route_check(line))
		return false;
	line->route->nr_hops = line->nr_hops;
	line->route->hops = arena_copy(line->ctx->arena, line->hops,
				       line->nr_hops, sizeof(line->hops[0]));
	return true;
}

void conf_bind_routes(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	struct vrrp_route_list *list =
		(void *)((char *)ctx->draft->vrrp + kw->offset);
	struct route_line line = { .ctx = ctx };
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		list->items = array_grow(list->items, list->nr, &list->room,
					 sizeof(*list->items));
		line.node = &ctx->nodes[i];
		line.word = 0;
		line.has_dst = false;
		line.nr_hops = 0;
		line.route = &list->items[list->nr];
		if (route_read(&line))
			list->nr++;
	}
}
