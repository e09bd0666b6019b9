/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of virtual_rules and static_rules, in the language of ip-rule(8):
 *
 *   [from PREFIX] [to PREFIX] [fwmark N[/MASK]] [iif IF] [oif IF] [tos N]
 *   [priority N] [not] [table N | blackhole | unreachable | prohibit]
 */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "conf/vrrp/vrrp_line.h"

#define RULE_PRIORITY_FIRST 16384

/* Decimal, octal or hexadecimal, as marks are often written. */
static bool vrrp_rule_mark_number(const char *text, size_t len,
				  uint32_t *number)
{
	char copy[16], *end;
	unsigned long long value;

	if (len == 0 || len >= sizeof(copy) || text[0] < '0' || text[0] > '9')
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	value = strtoull(copy, &end, 0);
	*number = (uint32_t)value;
	return *end == '\0' && value <= UINT32_MAX;
}

static void rule_bind_mark(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	const char *slash = memchr(word->text, '/', word->len);
	size_t len = slash ? (size_t)(slash - word->text) : word->len;
	struct vrrp_conf_rule *rule = target;

	(void)kw;
	rule->fwmask = UINT32_MAX;
	if (!vrrp_rule_mark_number(word->text, len, &rule->fwmark) ||
	    (slash && !vrrp_rule_mark_number(slash + 1, word->len - len - 1,
					     &rule->fwmask)))
		vrrp_line_bad(ctx, node, "a mark, or a mark/mask");
}

static void rule_print_mark(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_rule *rule = final;

	if (rule->fwmask || rule->fwmark)
		fprintf(out, "%s%s %u/%u\n", indent, kw->name, rule->fwmark,
			rule->fwmask);
}

static bool rule_equal_mark(const void *a, const void *b)
{
	const struct vrrp_conf_rule *one = a, *other = b;

	return one->fwmark == other->fwmark && one->fwmask == other->fwmask;
}

static const struct conf_type rule_mark = {
	.bind = rule_bind_mark,
	.print = rule_print_mark,
	.equal = rule_equal_mark,
};

static void rule_bind_priority(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	struct vrrp_conf_rule *rule = target;

	(void)kw;
	rule->priority_set = true;
	vrrp_line_number(ctx, node, UINT32_MAX, &rule->priority);
}

static void rule_print_priority(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *final)
{
	const struct vrrp_conf_rule *rule = final;

	if (rule->priority_set)
		fprintf(out, "%s%s %u\n", indent, kw->name, rule->priority);
}

static bool rule_equal_priority(const void *a, const void *b)
{
	const struct vrrp_conf_rule *one = a, *other = b;

	return one->priority_set == other->priority_set &&
	       one->priority == other->priority;
}

static const struct conf_type rule_priority = {
	.bind = rule_bind_priority,
	.print = rule_print_priority,
	.equal = rule_equal_priority,
};

/* "from NETWORK", "to NETWORK" */
static void rule_bind_from(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vrrp_conf_rule *rule = target;

	(void)kw;
	conf_vrrp_network(ctx, node, 1, &rule->from, &rule->from_prefix);
}

static void rule_bind_to(struct conf_ctx *ctx, const struct conf_keyword *kw,
			 const struct conf_node *node, void *target)
{
	struct vrrp_conf_rule *rule = target;

	(void)kw;
	conf_vrrp_network(ctx, node, 1, &rule->to, &rule->to_prefix);
}

static void rule_print_network(FILE *out, const char *indent, const char *word,
			       const struct addr *addr, uint8_t prefix)
{
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(addr))
		fprintf(out, "%s%s %s/%u\n", indent, word,
			addr_format(addr, text), prefix);
}

static void rule_print_from(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_rule *rule = final;

	rule_print_network(out, indent, kw->name, &rule->from,
			   rule->from_prefix);
}

static void rule_print_to(FILE *out, const char *indent,
			  const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_rule *rule = final;

	rule_print_network(out, indent, kw->name, &rule->to, rule->to_prefix);
}

static bool rule_equal_from(const void *a, const void *b)
{
	const struct vrrp_conf_rule *one = a, *other = b;

	return addr_cmp(&one->from, &other->from) == 0 &&
	       one->from_prefix == other->from_prefix;
}

static bool rule_equal_to(const void *a, const void *b)
{
	const struct vrrp_conf_rule *one = a, *other = b;

	return addr_cmp(&one->to, &other->to) == 0 &&
	       one->to_prefix == other->to_prefix;
}

static const struct conf_type rule_from = {
	.bind = rule_bind_from,
	.print = rule_print_from,
	.equal = rule_equal_from,
};

static const struct conf_type rule_to = {
	.bind = rule_bind_to,
	.print = rule_print_to,
	.equal = rule_equal_to,
};

/* A number that may be 0: kept as one more. */
static void rule_bind_suppress(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	uint32_t *member = (void *)((char *)target + kw->offset), number;

	if (vrrp_line_number(ctx, node, INT32_MAX, &number))
		*member = number + 1;
}

static void rule_print_suppress(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *member)
{
	uint32_t number = *(const uint32_t *)member;

	if (number)
		fprintf(out, "%s%s %u\n", indent, kw->name, number - 1);
}

static const struct conf_type rule_suppress = {
	.bind = rule_bind_suppress,
	.print = rule_print_suppress,
	.equal = conf_equal_u32,
};

/* 0 is unset. */
static void rule_print_number(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	if (*(const uint32_t *)member)
		conf_print_u32(out, indent, kw, member);
}

static void rule_print_byte(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (*(const uint8_t *)member)
		conf_print_u8(out, indent, kw, member);
}

/* To go on at another rule is what the rule does. */
static void rule_bind_goto(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vrrp_conf_rule *rule = target;

	(void)kw;
	if (vrrp_line_number(ctx, node, UINT32_MAX, &rule->jump))
		rule->action = FR_ACT_GOTO;
}

static const struct conf_type rule_goto = {
	.bind = rule_bind_goto,
	.print = rule_print_number,
	.equal = conf_equal_u32,
};

/* "N" or "FIRST-LAST", from MIN to MAX */
static void rule_bind_range(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	struct vrrp_conf_range *range = (void *)((char *)target + kw->offset);
	const struct conf_word *word = conf_word(ctx, node, 1);
	uint64_t a, b;

	if (conf_get_range(word, (uint64_t)kw->min, (uint64_t)kw->max, &a, &b))
		*range = (struct vrrp_conf_range){ true, (uint32_t)a,
						   (uint32_t)b };
	else
		vrrp_line_bad(ctx, node, "a number, or two as 1000-1999");
}

static void rule_print_range(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	const struct vrrp_conf_range *range = member;

	if (range->set)
		fprintf(out, "%s%s %u-%u\n", indent, kw->name, range->first,
			range->last);
}

static bool rule_equal_range(const void *a, const void *b)
{
	const struct vrrp_conf_range *one = a, *other = b;

	return one->set == other->set && one->first == other->first &&
	       one->last == other->last;
}

static const struct conf_type rule_range = {
	.bind = rule_bind_range,
	.print = rule_print_range,
	.equal = rule_equal_range,
};

static void rule_bind_transport(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	static const struct conf_choice names[] = {
		{ "icmp", IPPROTO_ICMP }, { "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP },	  { "dccp", IPPROTO_DCCP },
		{ "gre", IPPROTO_GRE },	  { "esp", IPPROTO_ESP },
		{ "ah", IPPROTO_AH },	  { "ipv6-icmp", IPPROTO_ICMPV6 },
		{ "sctp", IPPROTO_SCTP },
	};
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vrrp_conf_rule *rule = target;
	size_t i;

	(void)kw;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (conf_word_is(word, names[i].word, strlen(names[i].word))) {
			rule->transport = (uint8_t)names[i].value;
			return;
		}
	if (!conf_vrrp_byte(word, &rule->transport))
		vrrp_line_bad(ctx, node,
			      "a protocol's number, or tcp, udp, ...");
}

static const struct conf_type rule_transport = {
	.bind = rule_bind_transport,
	.print = rule_print_byte,
	.equal = conf_equal_u8,
};

static void rule_bind_tunnel(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	struct vrrp_conf_rule *rule = target;

	(void)kw;
	if (!conf_get_number(conf_word(ctx, node, 1), UINT64_MAX,
			     &rule->tunnel))
		vrrp_line_bad(ctx, node, "a number");
}

static void rule_print_tunnel(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	uint64_t tunnel = *(const uint64_t *)member;

	if (tunnel)
		fprintf(out, "%s%s %llu\n", indent, kw->name,
			(unsigned long long)tunnel);
}

static bool rule_equal_tunnel(const void *a, const void *b)
{
	return *(const uint64_t *)a == *(const uint64_t *)b;
}

static const struct conf_type rule_tunnel = {
	.bind = rule_bind_tunnel,
	.print = rule_print_tunnel,
	.equal = rule_equal_tunnel,
};

/* "type blackhole": the same as "blackhole" */
static void rule_bind_type(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vrrp_conf_rule *rule = target;

	(void)kw;
	if (conf_is(word, "blackhole"))
		rule->action = FR_ACT_BLACKHOLE;
	else if (conf_is(word, "unreachable"))
		rule->action = FR_ACT_UNREACHABLE;
	else if (conf_is(word, "prohibit"))
		rule->action = FR_ACT_PROHIBIT;
	else if (!conf_is(word, "unicast"))
		vrrp_line_bad(ctx, node,
			      "blackhole, unreachable, prohibit or unicast");
}

static const struct conf_type rule_type = { .bind = rule_bind_type };

#define RULE(member) CONF_MEMBER(struct vrrp_conf_rule, member)
/* Another row prints and compares the member. */
#define RULE_ALIAS(member) .offset = offsetof(struct vrrp_conf_rule, member)
#define RULE_ACTION(word, number)                                              \
	{                                                                      \
		(word), .type = &vrrp_type_word, RULE(action), .min = (number) \
	}

static const struct conf_keyword rule_options[] = {
	{ "not", .type = &vrrp_type_word, RULE(invert), .min = true },
	{ "inet", .type = &vrrp_type_family, RULE(family), .min = AF_INET },
	{ "inet6", .type = &vrrp_type_family, RULE(family), .min = AF_INET6 },
	{ "from", .type = &rule_from, .kept = CONF_KEPT_WHOLE, .least = 1 },
	{ "to", .type = &rule_to, .kept = CONF_KEPT_WHOLE, .least = 1 },
	{ "iif", .type = &vrrp_type_ifname, RULE(iif), .least = 1 },
	{ "dev", .type = &vrrp_type_ifname, RULE_ALIAS(iif), .least = 1 },
	{ "oif", .type = &vrrp_type_ifname, RULE(oif), .least = 1 },
	{ "fwmark", .type = &rule_mark, .kept = CONF_KEPT_WHOLE, .least = 1 },
	{ "tos", .type = &vrrp_type_byte, RULE(tos), .least = 1 },
	{ "dsfield", .type = &vrrp_type_byte, RULE_ALIAS(tos), .least = 1 },
	{ "priority", .type = &rule_priority, .kept = CONF_KEPT_WHOLE,
	  .least = 1 },
	{ "preference", .type = &rule_priority, .least = 1 },
	{ "pref", .type = &rule_priority, .least = 1 },
	{ "order", .type = &rule_priority, .least = 1 },
	{ "no_track", .type = &vrrp_type_word, RULE(no_track), .min = true,
	  .flags = KW_APART },
	{ "track_group", .type = &vrrp_type_line_group, RULE_ALIAS(track_group),
	  .least = 1 },
	{ "suppress_prefixlength", .type = &rule_suppress,
	  RULE(suppress_prefix), .least = 1 },
	{ "sup_pl", .type = &rule_suppress, RULE_ALIAS(suppress_prefix),
	  .least = 1 },
	{ "suppress_ifgroup", .type = &rule_suppress, RULE(suppress_group),
	  .least = 1 },
	{ "sup_group", .type = &rule_suppress, RULE_ALIAS(suppress_group),
	  .least = 1 },
	{ "realms", .type = &vrrp_type_realms, RULE(realms), .least = 1 },
	{ "goto", .type = &rule_goto, RULE(jump), .least = 1 },
	{ "uidrange", .type = &rule_range, RULE(uids), .least = 1,
	  .max = UINT32_MAX },
	{ "protocol", .type = &vrrp_type_origin, RULE(protocol), .least = 1 },
	{ "ipproto", .type = &rule_transport, RULE(transport), .least = 1 },
	{ "ip_proto", .type = &rule_transport, RULE_ALIAS(transport),
	  .least = 1 },
	{ "sport", .type = &rule_range, RULE(sports), .least = 1, .min = 1,
	  .max = UINT16_MAX },
	{ "dport", .type = &rule_range, RULE(dports), .least = 1, .min = 1,
	  .max = UINT16_MAX },
	{ "tun_id", .type = &rule_tunnel, RULE(tunnel), .least = 1 },
	{ "tunnel-id", .type = &rule_tunnel, RULE_ALIAS(tunnel), .least = 1 },
	{ "l3mdev", .type = &vrrp_type_word, RULE(l3mdev), .min = true },
	{ "type", .type = &rule_type, .least = 1 },
	RULE_ACTION("blackhole", FR_ACT_BLACKHOLE),
	RULE_ACTION("unreachable", FR_ACT_UNREACHABLE),
	RULE_ACTION("prohibit", FR_ACT_PROHIBIT),
	RULE_ACTION("nop", FR_ACT_NOP),
	{ "table", .type = &vrrp_type_table, RULE(table), .least = 1 },
	{ "lookup", .type = &vrrp_type_table, RULE_ALIAS(table), .least = 1 },
};

static const struct conf_block rule_block = CONF_BLOCK(
	BLOCK_VRRP_RULE, "a line of virtual_rules", rule_options, NULL);

static void rule_bare(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	(void)kw;
	(void)target;
	vrrp_line_bad(ctx, node, "a word of ip-rule(8)");
}

static bool rule_check(struct conf_ctx *ctx, const struct conf_node *node,
		       void *target)
{
	struct vrrp_conf_rule *rule = target;
	uint16_t from = rule->from.family, to = rule->to.family;
	uint16_t family = rule->family ? rule->family :
			  from	       ? from :
			  to	       ? to :
					 AF_INET;

	if ((from && from != family) || (to && to != family)) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "the rule has addresses of both families");
		return false;
	}
	rule->family = family;
	if (rule->l3mdev && rule->table) {
		conf_say(
			ctx, CLASS_FAULT, node, 0,
			"'l3mdev' finds the table itself: it goes without a 'table'");
		return false;
	}
	if (rule->action != FR_ACT_UNSPEC && (rule->l3mdev || rule->table)) {
		conf_say(
			ctx, CLASS_FAULT, node, 0,
			"a rule looks into a table or does something else, not both");
		return false;
	}
	if (rule->action == FR_ACT_UNSPEC)
		rule->action = rule->table || rule->l3mdev ? FR_ACT_TO_TBL :
							     FR_ACT_UNSPEC;
	if (rule->action != FR_ACT_UNSPEC)
		return true;
	conf_say(ctx, CLASS_FAULT, node, 0,
		 "the rule needs 'table N' or an action");
	return false;
}

const struct vrrp_line_kind vrrp_rule_lines = {
	.name = "rules",
	.block = &rule_block,
	.size = sizeof(struct vrrp_conf_rule),
	.bare = rule_bare,
	.check = rule_check,
};

bool vrrp_rule_equal(const struct vrrp_conf_rule *a,
		     const struct vrrp_conf_rule *b)
{
	return vrrp_lines_equal(&vrrp_rule_lines, a, 1, b, 1);
}

/*
 * keepalived gives rules without a priority 16384, 16383 and so on, in the order
 * of the file, for each family. Whether the file wants that is known at its end.
 */
static void rule_number(struct vrrp_draft *all, struct vrrp_conf_rule *rule)
{
	uint32_t *count = &all->nr_unnumbered[rule->family == AF_INET6];

	if (!rule->priority_set)
		rule->priority = RULE_PRIORITY_FIRST - (*count)++;
}

void conf_vrrp_number_rules(const struct conf_ctx *ctx,
			    const struct vrrp_conf_rule *rules, uint32_t nr)
{
	struct vrrp_conf_rule *rule = (void *)(uintptr_t)rules;
	bool compat = ctx->compat || ctx->conf->global.compat;
	uint32_t i;

	for (i = 0; i < nr; i++, rule++) {
		if (rule->priority_set)
			continue;
		if (compat)
			rule->priority_set = true;
		else
			rule->priority = 0;
	}
}

void conf_bind_rules(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	struct vrrp_rule_list *list =
		(void *)((char *)ctx->draft->vrrp + kw->offset);
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		list->items = array_grow(list->items, list->nr, &list->room,
					 sizeof(*list->items));
		list->items[list->nr] =
			(struct vrrp_conf_rule){ .action = FR_ACT_UNSPEC };
		if (!vrrp_line_bind(ctx, &vrrp_rule_lines, &ctx->nodes[i],
				    &list->items[list->nr]))
			continue;
		rule_number(ctx->draft->vrrp, &list->items[list->nr++]);
	}
}
