/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtual_server_group: lists of addresses, ranges, prefixes and marks. A line
 * becomes the kernel services that it stands for.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lvs/draft.h"

/* A range is one service for each address; more than this is a mistake. */
#define GROUP_RANGE_MAX 65536

static bool group_same(const struct conf_ctx *ctx, uint32_t index,
		       const void *key)
{
	const struct conf_group *group = &ctx->draft->groups[index];
	const struct conf_word *name = key;

	return conf_word_is(name, group->name, group->name_len);
}

struct conf_group *conf_group_find(struct conf_ctx *ctx,
				   const struct conf_word *name)
{
	uint32_t index = conf_index_find(ctx, &ctx->draft->group_set,
					 conf_hash(name->text, name->len),
					 group_same, name);

	return index == UINT32_MAX ? NULL : &ctx->draft->groups[index];
}

const char *conf_vs_group(const struct conf_virtual_server *vs)
{
	return strncmp(vs->name, "group ", 6) == 0 ? vs->name + 6 : NULL;
}

static void group_add(struct conf_group *group, struct service_key key)
{
	group->keys = array_grow(group->keys, group->nr_keys, &group->room_keys,
				 sizeof(key));
	group->keys[group->nr_keys++] = key;
}

/* The last 32 bits of an address, where ranges live. */
static uint32_t group_addr_low(const struct addr *addr)
{
	uint32_t low;

	memcpy(&low, addr->bytes + (addr->family == AF_INET6 ? 12 : 0),
	       sizeof(low));
	return ntohl(low);
}

static void group_addr_set_low(struct addr *addr, uint32_t low)
{
	low = htonl(low);
	memcpy(addr->bytes + (addr->family == AF_INET6 ? 12 : 0), &low,
	       sizeof(low));
}

static bool group_addr_same_high(const struct addr *a, const struct addr *b)
{
	return a->family == b->family &&
	       (a->family == AF_INET || memcmp(a->bytes, b->bytes, 12) == 0);
}

/* "-9" of 10.0.0.3-9 is decimal; "-1f" of ae00::2-1f hexadecimal. */
static bool group_range_short_end(const struct addr *first,
				  const struct conf_word *text, uint32_t *last)
{
	uint32_t mask = first->family == AF_INET6 ? 0xffff : 0xff;
	char digits[8], *end;
	unsigned long value;

	if (text->len == 0 || text->len >= sizeof(digits))
		return false;
	memcpy(digits, text->text, text->len);
	digits[text->len] = '\0';
	if (strspn(digits, "0123456789abcdefABCDEF") != text->len)
		return false;
	value = strtoul(digits, &end, first->family == AF_INET6 ? 16 : 10);
	*last = (group_addr_low(first) & ~mask) | (uint32_t)value;
	return *end == '\0' && value <= mask;
}

/* "FIRST-LAST": sets *FIRST and *LAST. */
static bool group_range_dash(const struct conf_word *word, const char *dash,
			     struct addr *first, uint32_t *last)
{
	struct conf_word a = { .text = word->text,
			       .len = (uint32_t)(dash - word->text) };
	struct conf_word b = { .text = dash + 1, .len = word->len - a.len - 1 };
	struct addr end;

	if (!conf_get_addr(&a, first))
		return false;
	if (conf_get_addr(&b, &end)) {
		*last = group_addr_low(&end);
		return group_addr_same_high(first, &end);
	}
	return group_range_short_end(first, &b, last);
}

/* "ADDRESS/LEN", whose other bits must be 0. */
static bool group_range_prefix(const struct conf_word *word, const char *slash,
			       struct addr *first, uint32_t *last)
{
	struct conf_word a = { .text = word->text,
			       .len = (uint32_t)(slash - word->text) };
	struct conf_word b = { .text = slash + 1,
			       .len = word->len - a.len - 1 };
	uint64_t len, bits;
	uint32_t mask;

	if (!conf_get_addr(&a, first) ||
	    !conf_get_number(&b, first->family == AF_INET6 ? 128 : 32, &len))
		return false;
	bits = (first->family == AF_INET6 ? 128 : 32) - len;
	if (bits > 31)
		return false;
	mask = ((uint32_t)1 << bits) - 1;
	*last = group_addr_low(first) | mask;
	return (group_addr_low(first) & mask) == 0;
}

/* "ADDRESS", "A-B" or "A/LEN". */
static bool group_range(const struct conf_word *word, struct addr *first,
			uint32_t *last)
{
	const char *dash = memchr(word->text, '-', word->len);
	const char *slash = memchr(word->text, '/', word->len);

	if (dash)
		return group_range_dash(word, dash, first, last);
	if (slash)
		return group_range_prefix(word, slash, first, last);
	if (!conf_get_addr(word, first))
		return false;
	*last = group_addr_low(first);
	return true;
}

static void group_addresses(struct conf_ctx *ctx, const struct conf_node *node,
			    struct conf_group *group)
{
	const struct conf_word *word = conf_word(ctx, node, 0);
	struct service_key key;
	uint32_t low, last;

	memset(&key, 0, sizeof(key));
	if (!group_range(word, &key.vip.addr, &last) ||
	    last < group_addr_low(&key.vip.addr)) {
		conf_say(
			ctx, CLASS_FAULT, node, 0,
			"'%.*s' is not an address, a range like 192.0.2.3-9, or a prefix like 192.0.2.8/29 with its other bits 0",
			CONF_SHOW(word));
		return;
	}
	if (node->nr_words > 1 &&
	    !conf_get_port(conf_word(ctx, node, 1), &key.vip.port)) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "'%.*s' is not a port: a number up to 65535",
			 CONF_SHOW(conf_word(ctx, node, 1)));
		return;
	}
	low = group_addr_low(&key.vip.addr);
	if (last - low >= GROUP_RANGE_MAX) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "the range holds more than %d addresses",
			 GROUP_RANGE_MAX);
		return;
	}
	key.family = key.vip.addr.family;
	group->has_port_0 |= key.vip.port == 0;
	for (;; low++) {
		group_addr_set_low(&key.vip.addr, low);
		group_add(group, key);
		if (low == last)
			break;
	}
}

/* "fwmark N [inet|inet6]" */
static void group_fwmark(struct conf_ctx *ctx, const struct conf_node *node,
			 struct conf_group *group)
{
	const struct conf_word *family;
	struct service_key key;
	uint64_t mark;

	memset(&key, 0, sizeof(key));
	if (node->nr_words < 2 ||
	    !conf_get_number(conf_word(ctx, node, 1), UINT32_MAX, &mark) ||
	    mark == 0) {
		conf_say(ctx, CLASS_FAULT, node, node->nr_words < 2 ? 0 : 1,
			 "'fwmark' needs a number from 1 to %u", UINT32_MAX);
		return;
	}
	key.fwmark = (uint32_t)mark;
	if (node->nr_words > 2) {
		family = conf_word(ctx, node, 2);
		if (conf_is(family, "inet6"))
			key.family = AF_INET6;
		else if (conf_is(family, "inet"))
			key.family = AF_INET;
		else
			conf_say(ctx, CLASS_FAULT, node, 2,
				 "'%.*s' is neither inet nor inet6",
				 CONF_SHOW(family));
	}
	group_add(group, key);
}

void conf_bind_group(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	struct conf_draft *draft = ctx->draft;
	const struct conf_node *child;
	struct conf_group *group;
	uint32_t i;

	if (ctx->vrrp_only)
		return;
	if (conf_group_find(ctx, name)) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is a virtual_server_group '%.*s' already",
			 CONF_SHOW(name));
		return;
	}
	draft->groups = array_grow(draft->groups, draft->nr_groups,
				   &draft->room_groups, sizeof(*group));
	index_put(&draft->group_set, conf_hash(name->text, name->len),
		  (uint32_t)draft->nr_groups);
	group = &draft->groups[draft->nr_groups++];
	memset(group, 0, sizeof(*group));
	group->name = name->text;
	group->name_len = name->len;
	conf_for_each(ctx, node, i)
	{
		child = &ctx->nodes[i];
		if (child->block)
			conf_say(ctx, CLASS_ERROR, child, 0,
				 "a group holds addresses, no blocks");
		else if (conf_is(conf_word(ctx, child, 0), "fwmark"))
			group_fwmark(ctx, child, group);
		else
			group_addresses(ctx, child, group);
	}
	if (group->nr_keys == 0)
		conf_say(ctx, CLASS_WARNING, node, 1,
			 "the group '%.*s' is empty", CONF_SHOW(name));
}
