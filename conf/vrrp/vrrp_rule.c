/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of virtual_rules and static_rules, in the language of ip-rule(8):
 *
 *   [from PREFIX] [to PREFIX] [fwmark N[/MASK]] [iif IF] [oif IF] [tos N]
 *   [priority N] [not] [table N | blackhole | unreachable | prohibit]
 */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "conf/vrrp/vrrp_line.h"

#define NOT_SET "the rule is made without it, and for all else it says"

/* Words with one value each; known, not acted on. */
static const struct conf_keyword idle_words[] = {
	KW_MISSED("realms", NOT_SET),
	KW_MISSED("goto", NOT_SET),
	KW_MISSED("uidrange", NOT_SET),
	KW_MISSED("protocol", NOT_SET),
	KW_MISSED("ip_proto", NOT_SET),
	KW_MISSED("ipproto", NOT_SET),
	KW_MISSED("sport", NOT_SET),
	KW_MISSED("dport", NOT_SET),
	KW_MISSED("tun_id", NOT_SET),
	KW_MISSED("suppress_prefixlength", NOT_SET),
	KW_NOTHING("track_group"),
	KW_MISSED("suppress_ifgroup", NOT_SET),
};

const struct conf_block conf_block_rule_idle = CONF_BLOCK(
	BLOCK_RULE_IDLE, "a line of virtual_rules", idle_words, NULL);

/* Alone. */
static const struct conf_keyword idle_flags[] = {
	KW_NOTHING("no_track"),
	KW_MISSED("l3mdev", NOT_SET),
};

const struct conf_block conf_block_rule_idle_flags = CONF_BLOCK(
	BLOCK_RULE_IDLE_FLAGS, "a line of virtual_rules", idle_flags, NULL);

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

static bool rule_read_mark(struct vrrp_line *line,
			   const struct vrrp_option *option, void *target)
{
	const struct conf_word *word = vrrp_line_word(line);
	const char *slash = memchr(word->text, '/', word->len);
	size_t len = slash ? (size_t)(slash - word->text) : word->len;
	struct vrrp_conf_rule *rule = target;

	(void)option;
	rule->fwmask = UINT32_MAX;
	if (vrrp_rule_mark_number(word->text, len, &rule->fwmark) &&
	    (!slash || vrrp_rule_mark_number(slash + 1, word->len - len - 1,
					     &rule->fwmask)))
		return true;
	return vrrp_line_bad(line, "a mark, or a mark/mask");
}

static void rule_print_mark(struct vrrp_line_out *out,
			    const struct vrrp_option *option,
			    const void *target)
{
	const struct vrrp_conf_rule *rule = target;

	if (rule->fwmask || rule->fwmark)
		vrrp_line_put(out, "%s %u/%u", option->word, rule->fwmark,
			      rule->fwmask);
}

static bool rule_equal_mark(const struct vrrp_option *option, const void *a,
			    const void *b)
{
	const struct vrrp_conf_rule *one = a, *other = b;

	(void)option;
	return one->fwmark == other->fwmark && one->fwmask == other->fwmask;
}

static const struct vrrp_option_type rule_mark = {
	.read = rule_read_mark,
	.print = rule_print_mark,
	.equal = rule_equal_mark,
};

static bool rule_read_priority(struct vrrp_line *line,
			       const struct vrrp_option *option, void *target)
{
	struct vrrp_conf_rule *rule = target;

	(void)option;
	rule->priority_set = true;
	return vrrp_option_read_number(line, UINT32_MAX, &rule->priority);
}

static void rule_print_priority(struct vrrp_line_out *out,
				const struct vrrp_option *option,
				const void *target)
{
	const struct vrrp_conf_rule *rule = target;

	if (rule->priority_set)
		vrrp_line_put(out, "%s %u", option->word, rule->priority);
}

static bool rule_equal_priority(const struct vrrp_option *option, const void *a,
				const void *b)
{
	const struct vrrp_conf_rule *one = a, *other = b;

	(void)option;
	return one->priority_set == other->priority_set &&
	       one->priority == other->priority;
}

static const struct vrrp_option_type rule_priority = {
	.read = rule_read_priority,
	.print = rule_print_priority,
	.equal = rule_equal_priority,
};

#define RULE(word, type, member) VRRP_OPTION(word, type, vrrp_conf_rule, member)
#define ACTION(word, number) \
	RULE(word, &vrrp_option_word, action), .value = (number)
#define LENGTH(member) \
	.prefix = (uint32_t)offsetof(struct vrrp_conf_rule, member)

static const struct vrrp_option rule_list[] = {
	{ RULE("not", &vrrp_option_word, invert), .value = true },
	{ RULE("inet", &vrrp_option_word, family), .value = AF_INET },
	{ RULE("inet6", &vrrp_option_word, family), .value = AF_INET6 },
	{ RULE("from", &vrrp_option_network, from), LENGTH(from_prefix) },
	{ RULE("to", &vrrp_option_network, to), LENGTH(to_prefix) },
	{ RULE("iif", &vrrp_option_ifname, iif) },
	{ RULE("dev", &vrrp_option_ifname, iif), .alias = true },
	{ RULE("oif", &vrrp_option_ifname, oif) },
	{ RULE("fwmark", &rule_mark, fwmark) },
	{ RULE("tos", &vrrp_option_byte, tos) },
	{ RULE("dsfield", &vrrp_option_byte, tos), .alias = true },
	{ RULE("priority", &rule_priority, priority) },
	{ RULE("preference", &rule_priority, priority), .alias = true },
	{ RULE("pref", &rule_priority, priority), .alias = true },
	{ RULE("order", &rule_priority, priority), .alias = true },
	{ ACTION("blackhole", FR_ACT_BLACKHOLE) },
	{ ACTION("unreachable", FR_ACT_UNREACHABLE) },
	{ ACTION("prohibit", FR_ACT_PROHIBIT) },
	{ ACTION("nop", FR_ACT_NOP) },
	{ RULE("table", &vrrp_option_table, table) },
	{ RULE("lookup", &vrrp_option_table, table), .alias = true },
};

static bool rule_bare(struct vrrp_line *line)
{
	return vrrp_line_bad(line, "a word of ip-rule(8)");
}

static bool rule_check(struct vrrp_line *line)
{
	struct vrrp_conf_rule *rule = line->target;
	uint16_t from = rule->from.family, to = rule->to.family;
	uint16_t family = rule->family ? rule->family :
			  from	       ? from :
			  to	       ? to :
					 AF_INET;

	if ((from && from != family) || (to && to != family)) {
		conf_say(line->ctx, CLASS_FAULT, line->node, 0,
			 "the rule has addresses of both families");
		return false;
	}
	rule->family = family;
	if (rule->action == FR_ACT_UNSPEC)
		rule->action = rule->table ? FR_ACT_TO_TBL : FR_ACT_UNSPEC;
	if (rule->action != FR_ACT_UNSPEC)
		return true;
	conf_say(line->ctx, CLASS_FAULT, line->node, 0,
		 "the rule says neither a 'table' nor what else to do");
	return false;
}

const struct vrrp_options vrrp_rule_options = {
	.lines = "rules",
	.list = rule_list,
	.nr = ARRAY_SIZE(rule_list),
	.size = sizeof(struct vrrp_conf_rule),
	.idle = &conf_block_rule_idle,
	.idle_flags = &conf_block_rule_idle_flags,
	.bare = rule_bare,
	.check = rule_check,
};

bool vrrp_rule_equal(const struct vrrp_conf_rule *a,
		     const struct vrrp_conf_rule *b)
{
	return vrrp_line_equal(&vrrp_rule_options, a, b);
}

void conf_bind_rules(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	struct vrrp_rule_list *list =
		(void *)((char *)ctx->draft->vrrp + kw->offset);
	struct vrrp_line line = { .ctx = ctx, .options = &vrrp_rule_options };
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		list->items = array_grow(list->items, list->nr, &list->room,
					 sizeof(*list->items));
		list->items[list->nr] =
			(struct vrrp_conf_rule){ .action = FR_ACT_UNSPEC };
		line.node = &ctx->nodes[i];
		line.target = &list->items[list->nr];
		if (vrrp_line_read(&line))
			list->nr++;
	}
}
