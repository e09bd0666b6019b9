/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words as values, as lines about VRRP, routes and rules have them. */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

bool conf_vrrp_signed(const struct conf_word *word, int64_t min, int64_t max,
		      int64_t *value)
{
	struct conf_word digits = *word;
	bool minus = word->len > 1 && word->text[0] == '-';
	uint64_t number;

	if (minus || (word->len > 1 && word->text[0] == '+')) {
		digits.text++;
		digits.len--;
	}
	if (!conf_get_number(&digits, INT64_MAX, &number))
		return false;
	*value = minus ? -(int64_t)number : (int64_t)number;
	return *value >= min && *value <= max;
}

bool conf_vrrp_byte(const struct conf_word *word, uint8_t *byte)
{
	char text[8], *end;
	unsigned long value;

	if (word->len == 0 || word->len >= sizeof(text) ||
	    word->text[0] == '-' || word->text[0] == '+')
		return false;
	memcpy(text, word->text, word->len);
	text[word->len] = '\0';
	value = strtoul(text, &end, 0);
	*byte = (uint8_t)value;
	return *end == '\0' && value <= UINT8_MAX;
}

bool conf_vrrp_prefix(struct conf_ctx *ctx, const struct conf_node *node,
		      uint32_t word, struct addr *addr, uint8_t *prefix)
{
	struct conf_word alone = *conf_word(ctx, node, word), length;
	const char *slash = memchr(alone.text, '/', alone.len);
	uint64_t value;

	length = alone;
	if (slash) {
		length.text = slash + 1;
		length.len -= (uint32_t)(slash + 1 - alone.text);
		alone.len = (uint32_t)(slash - alone.text);
	}
	if (!conf_get_addr(&alone, addr)) {
		conf_say(
			ctx, CLASS_FAULT, node, word,
			"'%.*s' is not an IPv4 or IPv6 address (names are not looked up)",
			CONF_SHOW(&alone));
		return false;
	}
	*prefix = addr->family == AF_INET6 ? 128 : 32;
	if (!slash)
		return true;
	if (!conf_get_number(&length, *prefix, &value)) {
		conf_say(ctx, CLASS_FAULT, node, word,
			 "'%.*s' is not the length of a prefix: up to %u",
			 CONF_SHOW(&length), *prefix);
		return false;
	}
	*prefix = (uint8_t)value;
	return true;
}

static void vrrp_value_clear_host_bits(struct addr *addr, uint8_t prefix)
{
	uint32_t size = addr->family == AF_INET6 ? 16 : 4, i;

	for (i = 0; i < size; i++) {
		if (prefix >= 8 * (i + 1))
			continue;
		addr->bytes[i] &= prefix <= 8 * i ?
					  0 :
					  (uint8_t)(0xff00 >> (prefix - 8 * i));
	}
}

bool conf_vrrp_network(struct conf_ctx *ctx, const struct conf_node *node,
		       uint32_t word, struct addr *addr, uint8_t *prefix)
{
	const struct conf_word *text = conf_word(ctx, node, word);

	if (conf_is(text, "default6")) {
		*addr = (struct addr){ .family = AF_INET6 };
		*prefix = 0;
		return true;
	}
	if (conf_is(text, "default") || conf_is(text, "any") ||
	    conf_is(text, "all")) {
		*addr = (struct addr){ 0 };
		*prefix = 0;
		return true;
	}
	if (!conf_vrrp_prefix(ctx, node, word, addr, prefix))
		return false;
	vrrp_value_clear_host_bits(addr, *prefix);
	return true;
}

bool conf_vrrp_scope(const struct conf_word *word, uint8_t *scope)
{
	static const struct conf_choice names[] = {
		{ "global", RT_SCOPE_UNIVERSE },
		{ "universe", RT_SCOPE_UNIVERSE },
		{ "site", RT_SCOPE_SITE },
		{ "link", RT_SCOPE_LINK },
		{ "host", RT_SCOPE_HOST },
		{ "nowhere", RT_SCOPE_NOWHERE },
	};
	uint64_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (conf_word_is(word, names[i].word, strlen(names[i].word))) {
			*scope = (uint8_t)names[i].value;
			return true;
		}
	}
	if (!conf_get_number(word, UINT8_MAX, &value))
		return false;
	*scope = (uint8_t)value;
	return true;
}

static bool vrrp_value_find_table(const struct conf_ctx *ctx,
				  const struct conf_word *word, uint32_t *table)
{
	size_t i;

	for (i = 0; i < ctx->nr_tables; i++) {
		if (!conf_word_is(word, ctx->tables[i].name,
				  strlen(ctx->tables[i].name)))
			continue;
		*table = ctx->tables[i].number;
		return true;
	}
	return false;
}

bool conf_vrrp_table(const struct conf_ctx *ctx, const struct conf_word *word,
		     uint32_t *table)
{
	uint64_t value;

	if (conf_is(word, "main"))
		*table = RT_TABLE_MAIN;
	else if (conf_is(word, "local"))
		*table = RT_TABLE_LOCAL;
	else if (conf_is(word, "default"))
		*table = RT_TABLE_DEFAULT;
	else if (conf_get_number(word, UINT32_MAX, &value) && value > 0)
		*table = (uint32_t)value;
	else
		return vrrp_value_find_table(ctx, word, table);
	return true;
}

const char *conf_vrrp_ifname(struct conf_ctx *ctx, const struct conf_node *node,
			     uint32_t word)
{
	const struct conf_word *name = conf_word(ctx, node, word);

	if (name->len > 0 && name->len <= VRRP_IFNAME_MAX &&
	    !memchr(name->text, '/', name->len))
		return conf_string(ctx, name->text, name->len);
	conf_say(
		ctx, CLASS_FAULT, node, word,
		"'%.*s' is not the name of an interface: 1 to %d bytes without a '/'",
		CONF_SHOW(name), VRRP_IFNAME_MAX);
	return NULL;
}

void conf_bind_interface(struct conf_ctx *ctx, const struct conf_keyword *kw,
			 const struct conf_node *node, void *target)
{
	const char *name = conf_vrrp_ifname(ctx, node, 1);

	if (name)
		*(const char **)(void *)((char *)target + kw->offset) = name;
}

static void vrrp_value_print_switch(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	fprintf(out, "%s%s %s\n", indent, kw->name,
		*(const bool *)member ? "on" : "off");
}

void vrrp_preset_switch(const struct conf_keyword *kw, void *member)
{
	*(int8_t *)member = (int8_t)kw->preset;
}

const struct conf_type vrrp_type_switch = {
	.bind = conf_bind_maybe,
	.print = vrrp_value_print_switch,
	.equal = conf_equal_bool,
	.preset = vrrp_preset_switch,
};

/* No announcement at all would leave neighbours with the old address. */
static void vrrp_value_bind_repeat(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	uint32_t *member = (void *)((char *)target + kw->offset);

	conf_bind_u32(ctx, kw, node, target);
	if (*member != 0)
		return;
	*member = 1;
	conf_say(
		ctx, CLASS_WARNING, node, 1,
		"'%s' is 1 at least, and 1 is taken: without any announcement neighbours keep the other balancer's hardware address until it times out",
		kw->name);
}

static void vrrp_value_preset_repeat(const struct conf_keyword *kw,
				     void *member)
{
	*(uint32_t *)member = (uint32_t)kw->preset;
}

const struct conf_type vrrp_type_repeat = {
	.bind = vrrp_value_bind_repeat,
	.print = conf_print_u32,
	.equal = conf_equal_u32,
	.preset = vrrp_value_preset_repeat,
};

bool conf_vrrp_is_multicast(const struct addr *addr)
{
	if (addr->family == AF_INET6)
		return addr->v6.s6_addr[0] == 0xff;
	return IN_MULTICAST(ntohl(addr->v4.s_addr));
}

/* As of nice(1). */
static void vrrp_value_bind_nice(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	int64_t value;

	if (conf_vrrp_signed(conf_word(ctx, node, 1), -20, 19, &value))
		*(int *)(void *)((char *)target + kw->offset) = (int)value;
	else
		conf_bad_value(ctx, kw, node, 1, "a number from -20 to 19");
}

static void vrrp_value_print_nice(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	int value = *(const int *)member;

	if (value)
		fprintf(out, "%s%s %d\n", indent, kw->name, value);
}

static bool vrrp_value_equal_nice(const void *a, const void *b)
{
	return *(const int *)a == *(const int *)b;
}

const struct conf_type vrrp_type_nice = {
	.bind = vrrp_value_bind_nice,
	.print = vrrp_value_print_nice,
	.equal = vrrp_value_equal_nice,
};
