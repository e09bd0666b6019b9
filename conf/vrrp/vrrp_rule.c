/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of virtual_rules and static_rules, in the language of ip-rule(8):
 *
 *   [from PREFIX] [to PREFIX] [fwmark N[/MASK]] [iif IF] [oif IF] [tos N]
 *   [priority N] [not] [table N | blackhole | unreachable | prohibit]
 */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

struct rule_line {
	struct conf_ctx *ctx;
	const struct conf_node *node;
	uint32_t word; /* the next one */
	struct vrrp_conf_rule *rule;
};

static const struct conf_choice actions[] = {
	{ "blackhole", FR_ACT_BLACKHOLE },
	{ "unreachable", FR_ACT_UNREACHABLE },
	{ "prohibit", FR_ACT_PROHIBIT },
	{ "nop", FR_ACT_NOP },
};

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

static const struct conf_word *rule_value(const struct rule_line *line)
{
	return conf_word(line->ctx, line->node, line->word - 1);
}

static bool rule_bad(const struct rule_line *line, const char *expected)
{
	conf_say(line->ctx, CLASS_FAULT, line->node, line->word - 1,
		 "'%.*s' cannot be used: %s is expected",
		 CONF_SHOW(rule_value(line)), expected);
	return false;
}

static bool rule_from(struct rule_line *line)
{
	return conf_vrrp_network(line->ctx, line->node, line->word - 1,
				 &line->rule->from, &line->rule->from_prefix);
}

static bool rule_to(struct rule_line *line)
{
	return conf_vrrp_network(line->ctx, line->node, line->word - 1,
				 &line->rule->to, &line->rule->to_prefix);
}

static bool rule_iif(struct rule_line *line)
{
	line->rule->iif =
		conf_vrrp_ifname(line->ctx, line->node, line->word - 1);
	return line->rule->iif != NULL;
}

static bool rule_oif(struct rule_line *line)
{
	line->rule->oif =
		conf_vrrp_ifname(line->ctx, line->node, line->word - 1);
	return line->rule->oif != NULL;
}

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

static bool rule_mark(struct rule_line *line)
{
	const struct conf_word *word = rule_value(line);
	const char *slash = memchr(word->text, '/', word->len);
	size_t len = slash ? (size_t)(slash - word->text) : word->len;

	line->rule->fwmask = UINT32_MAX;
	if (vrrp_rule_mark_number(word->text, len, &line->rule->fwmark) &&
	    (!slash || vrrp_rule_mark_number(slash + 1, word->len - len - 1,
					     &line->rule->fwmask)))
		return true;
	return rule_bad(line, "a mark, or a mark/mask");
}

static bool rule_table(struct rule_line *line)
{
	if (conf_vrrp_table(rule_value(line), &line->rule->table))
		return true;
	return rule_bad(line, "a table's number, main, local or default");
}

static bool rule_priority(struct rule_line *line)
{
	uint64_t value;

	if (!conf_get_number(rule_value(line), UINT32_MAX, &value))
		return rule_bad(line, "a number");
	line->rule->priority = (uint32_t)value;
	line->rule->priority_set = true;
	return true;
}

static bool rule_tos(struct rule_line *line)
{
	return conf_vrrp_byte(rule_value(line), &line->rule->tos) ||
	       rule_bad(line, "a number up to 255");
}

static const struct {
	const char *word;
	bool (*read)(struct rule_line *line); /* of the value behind it */
} values[] = {
	{ "from", rule_from },	       { "to", rule_to },
	{ "iif", rule_iif },	       { "dev", rule_iif },
	{ "oif", rule_oif },	       { "fwmark", rule_mark },
	{ "table", rule_table },       { "lookup", rule_table },
	{ "priority", rule_priority }, { "preference", rule_priority },
	{ "pref", rule_priority },     { "order", rule_priority },
	{ "tos", rule_tos },	       { "dsfield", rule_tos },
};

static bool rule_idle(struct rule_line *line, const struct conf_word *word)
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
	for (i = 0; i < ARRAY_SIZE(idle_flags); i++) {
		if (conf_word_is(word, idle_flags[i].name,
				 strlen(idle_flags[i].name))) {
			conf_note_idle(line->ctx, &idle_flags[i], line->node);
			return true;
		}
	}
	return false;
}

/* Take a word without a value. */
static bool rule_flag(struct rule_line *line, const struct conf_word *word)
{
	size_t i;

	if (conf_is(word, "not")) {
		line->rule->invert = true;
		return true;
	}
	if (conf_is(word, "inet") || conf_is(word, "inet6")) {
		line->rule->family = conf_is(word, "inet") ? AF_INET : AF_INET6;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (conf_word_is(word, actions[i].word,
				 strlen(actions[i].word))) {
			line->rule->action = (uint8_t)actions[i].value;
			return true;
		}
	}
	return rule_idle(line, word);
}

static bool rule_word(struct rule_line *line)
{
	const struct conf_word *word =
		conf_word(line->ctx, line->node, line->word++);
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
	return rule_flag(line, word) || rule_bad(line, "a word of ip-rule(8)");
}

static bool rule_check(struct rule_line *line)
{
	struct vrrp_conf_rule *rule = line->rule;
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

static bool rule_read(struct rule_line *line)
{
	*line->rule = (struct vrrp_conf_rule){ .action = FR_ACT_UNSPEC };
	if (line->node->block) {
		conf_say(line->ctx, CLASS_ERROR, line->node, 0,
			 "here stand rules, no blocks");
		return false;
	}
	while (line->word < line->node->nr_words) {
		if (!rule_word(line))
			return false;
	}
	return rule_check(line);
}

void conf_bind_rules(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	struct vrrp_rule_list *list =
		(void *)((char *)ctx->draft->vrrp + kw->offset);
	struct rule_line line = { .ctx = ctx };
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		list->items = array_grow(list->items, list->nr, &list->room,
					 sizeof(*list->items));
		line.node = &ctx->nodes[i];
		line.word = 0;
		line.rule = &list->items[list->nr];
		if (rule_read(&line))
			list->nr++;
	}
}
