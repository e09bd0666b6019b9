/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing routes and rules. */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#include "conf/conf_print.h"
#include "conf/vrrp_conf.h"

static const char *print_route_type_name(uint8_t type)
{
	switch (type) {
	case RTN_BLACKHOLE:
		return "blackhole ";
	case RTN_UNREACHABLE:
		return "unreachable ";
	case RTN_PROHIBIT:
		return "prohibit ";
	case RTN_THROW:
		return "throw ";
	case RTN_LOCAL:
		return "local ";
	case RTN_BROADCAST:
		return "broadcast ";
	case RTN_MULTICAST:
		return "multicast ";
	}
	return "";
}

static void print_network(FILE *out, const char *word, const struct addr *addr,
			  uint8_t prefix)
{
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(addr))
		fprintf(out, " %s %s/%u", word, addr_format(addr, text),
			prefix);
}

static void print_host(FILE *out, const char *word, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(addr))
		fprintf(out, " %s %s", word, addr_format(addr, text));
}

static void print_name(FILE *out, const char *word, const char *name)
{
	if (name)
		fprintf(out, " %s \"%s\"", word, name);
}

static void print_number(FILE *out, const char *word, uint32_t number)
{
	if (number)
		fprintf(out, " %s %u", word, number);
}

static void print_hops(FILE *out, const struct vrrp_conf_route *route)
{
	const struct vrrp_conf_hop *hop;
	uint32_t i;

	for (i = 0; i < route->nr_hops; i++) {
		hop = &route->hops[i];
		fputs(" nexthop", out);
		print_host(out, "via", &hop->via);
		print_name(out, "dev", hop->dev);
		fprintf(out, " weight %u%s", hop->weight,
			hop->onlink ? " onlink" : "");
	}
}

static void print_route(FILE *out, const char *indent,
			const struct vrrp_conf_route *route)
{
	fprintf(out, "%s%s%s", indent, print_route_type_name(route->type),
		route->family == AF_INET6 ? "inet6" : "inet");
	if (addr_is_set(&route->dst))
		print_network(out, "to", &route->dst, route->prefix);
	else
		fputs(" to default", out);
	print_host(out, "via", &route->via);
	print_name(out, "dev", route->dev);
	print_host(out, "src", &route->src);
	fprintf(out, " table %u", route->table);
	if (route->scope != VRRP_SCOPE_FOUND)
		fprintf(out, " scope %d", route->scope);
	print_number(out, "metric", route->metric);
	print_number(out, "mtu", route->mtu);
	print_number(out, "advmss", route->advmss);
	print_number(out, "tos", route->tos);
	print_number(out, "protocol", route->protocol);
	if (route->onlink)
		fputs(" onlink", out);
	print_hops(out, route);
	fputc('\n', out);
}

void conf_print_routes(FILE *out, const char *indent, const char *word,
		       const struct vrrp_conf_route *routes, uint32_t nr)
{
	uint32_t i;

	if (nr == 0)
		return;
	fprintf(out, "%s%s {\n", indent, word);
	for (i = 0; i < nr; i++)
		print_route(out, "\t\t", &routes[i]);
	fprintf(out, "%s}\n", indent);
}

static void print_action(FILE *out, const struct vrrp_conf_rule *rule)
{
	switch (rule->action) {
	case FR_ACT_BLACKHOLE:
		fputs(" blackhole", out);
		break;
	case FR_ACT_UNREACHABLE:
		fputs(" unreachable", out);
		break;
	case FR_ACT_PROHIBIT:
		fputs(" prohibit", out);
		break;
	case FR_ACT_NOP:
		fputs(" nop", out);
		break;
	}
	print_number(out, "table", rule->table);
}

static void print_rule(FILE *out, const struct vrrp_conf_rule *rule)
{
	fprintf(out, "\t\t%s%s", rule->invert ? "not " : "",
		rule->family == AF_INET6 ? "inet6" : "inet");
	print_network(out, "from", &rule->from, rule->from_prefix);
	print_network(out, "to", &rule->to, rule->to_prefix);
	print_name(out, "iif", rule->iif);
	print_name(out, "oif", rule->oif);
	if (rule->fwmask || rule->fwmark)
		fprintf(out, " fwmark %u/%u", rule->fwmark, rule->fwmask);
	print_number(out, "tos", rule->tos);
	if (rule->priority_set)
		fprintf(out, " priority %u", rule->priority);
	print_action(out, rule);
	fputc('\n', out);
}

void conf_print_rules(FILE *out, const char *indent, const char *word,
		      const struct vrrp_conf_rule *rules, uint32_t nr)
{
	uint32_t i;

	if (nr == 0)
		return;
	fprintf(out, "%s%s {\n", indent, word);
	for (i = 0; i < nr; i++)
		print_rule(out, &rules[i]);
	fprintf(out, "%s}\n", indent);
}
