/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words as values: numbers, times, addresses and the like, and the binding
 * functions for members of those types.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conf/lang/bind.h"

bool conf_get_number(const struct conf_word *word, uint64_t max,
		     uint64_t *value)
{
	uint64_t number = 0;
	uint32_t i;

	if (word->len == 0 || word->len > 18)
		return false;
	for (i = 0; i < word->len; i++) {
		if (word->text[i] < '0' || word->text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(word->text[i] - '0');
	}
	*value = number;
	return number <= max;
}

bool conf_get_range(const struct conf_word *word, uint64_t min, uint64_t max,
		    uint64_t *from, uint64_t *to)
{
	const char *dash = memchr(word->text, '-', word->len);
	struct conf_word first = *word, last = *word;

	if (dash) {
		first.len = (uint32_t)(dash - word->text);
		last.text = dash + 1;
		last.len = word->len - first.len - 1;
	}
	return conf_get_number(&first, max, from) &&
	       conf_get_number(&last, max, to) && *from >= min && *from <= *to;
}

/* Seconds with up to six decimals. */
bool conf_get_time(const struct conf_word *word, usec_t *value)
{
	usec_t time = 0, unit = 0;
	uint32_t i;

	if (word->len == 0 || word->len > 18)
		return false;
	for (i = 0; i < word->len; i++) {
		char c = word->text[i];

		if (c == '.' && unit == 0) {
			unit = USEC_PER_SEC;
		} else if (c < '0' || c > '9' || unit == 1) {
			return false;
		} else {
			time = time * 10 + (c - '0');
			unit /= 10;
		}
	}
	if (word->len == 1 && unit)
		return false;
	if (unit == 0)
		unit = USEC_PER_SEC;
	return !__builtin_mul_overflow(time, unit, value);
}

bool conf_get_bool(const struct conf_word *word, bool *value)
{
	*value = conf_is(word, "on") || conf_is(word, "true") ||
		 conf_is(word, "yes");
	return *value || conf_is(word, "off") || conf_is(word, "false") ||
	       conf_is(word, "no");
}

/* Dotted decimal, which nearly all addresses are, without inet_pton()'s copies. */
static bool value_get_v4(const struct conf_word *word, struct addr *addr)
{
	uint32_t bytes = 0, part = 0, digits = 0, dots = 0, i;

	for (i = 0; i < word->len; i++) {
		uint32_t c = (uint8_t)word->text[i];

		if (c == '.') {
			if (digits == 0 || ++dots > 3)
				return false;
			bytes = bytes << 8 | part;
			part = digits = 0;
			continue;
		}
		c -= '0';
		/*
		 * "010" is not taken for octal, but refused, as by inet_pton().
		 */
		if (c > 9 || (digits && part == 0))
			return false;
		part = part * 10 + c;
		digits++;
		if (part > 255)
			return false;
	}
	if (digits == 0 || dots != 3)
		return false;
	memset(addr, 0, sizeof(*addr));
	addr->family = AF_INET;
	addr->v4.s_addr = htonl(bytes << 8 | part);
	return true;
}

bool conf_get_addr(const struct conf_word *word, struct addr *addr)
{
	return value_get_v4(word, addr) ||
	       addr_parse(addr, word->text, word->len) == 0;
}

bool conf_get_port(const struct conf_word *word, uint16_t *port)
{
	uint64_t number;

	if (!conf_get_number(word, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* keepalived cuts off the '-' or '/' part of a range or a network. */
static __attribute__((cold)) bool value_bad_host(struct conf_ctx *ctx,
						 const struct conf_node *node,
						 uint32_t word,
						 struct addr *addr)
{
	const struct conf_word *w = conf_word(ctx, node, word);
	struct conf_word alone = *w;

	while (alone.len && alone.text[alone.len - 1] != '/' &&
	       alone.text[alone.len - 1] != '-')
		alone.len--;
	if (alone.len > 1) {
		alone.len--;
		if (conf_get_addr(&alone, addr)) {
			conf_say(
				ctx, CLASS_FAULT, node, word,
				"'%.*s' is more than one address; '%.*s' alone is taken",
				CONF_SHOW(w), CONF_SHOW(&alone));
			return true;
		}
	}
	conf_say(
		ctx, CLASS_FAULT, node, word,
		"'%.*s' is not an IPv4 or IPv6 address (names are not looked up)",
		CONF_SHOW(w));
	return false;
}

bool conf_get_host(struct conf_ctx *ctx, const struct conf_node *node,
		   uint32_t word, struct addr *addr)
{
	return conf_get_addr(conf_word(ctx, node, word), addr) ||
	       value_bad_host(ctx, node, word, addr);
}

bool conf_get_endpoint(struct conf_ctx *ctx, const struct conf_node *node,
		       uint32_t word, struct endpoint *ep)
{
	const struct conf_word *w;

	memset(ep, 0, sizeof(*ep));
	if (!conf_get_host(ctx, node, word, &ep->addr))
		return false;
	if (word + 1 >= node->nr_words)
		return true;
	w = conf_word(ctx, node, word + 1);
	if (conf_get_port(w, &ep->port))
		return true;
	conf_say(ctx, CLASS_FAULT, node, word + 1,
		 "'%.*s' is not a port: a number up to 65535", CONF_SHOW(w));
	return false;
}

void conf_bad_value(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node, uint32_t word,
		    const char *expected)
{
	if (kw->flags & KW_SECRET)
		conf_say(ctx, CLASS_FAULT, node, word,
			 "bad value for '%s': %s is expected", kw->name,
			 expected);
	else
		conf_say(ctx, CLASS_FAULT, node, word,
			 "bad value '%.*s' for '%s': %s is expected",
			 CONF_SHOW(conf_word(ctx, node, word)), kw->name,
			 expected);
}

static __attribute__((cold)) bool
value_bad_number(struct conf_ctx *ctx, const struct conf_keyword *kw,
		 const struct conf_node *node)
{
	char expected[80];

	snprintf(expected, sizeof(expected), "a number from %lld to %lld",
		 (long long)kw->min, (long long)kw->max);
	conf_bad_value(ctx, kw, node, 1, expected);
	return false;
}

static inline bool value_number(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, uint64_t *value)
{
	return (conf_get_number(conf_word(ctx, node, 1), (uint64_t)kw->max,
				value) &&
		*value >= (uint64_t)kw->min) ||
	       value_bad_number(ctx, kw, node);
}

static void *value_member(const struct conf_keyword *kw, void *target)
{
	return (char *)target + kw->offset;
}

void conf_bind_u32(struct conf_ctx *ctx, const struct conf_keyword *kw,
		   const struct conf_node *node, void *target)
{
	uint64_t value = 0;

	if (value_number(ctx, kw, node, &value))
		*(uint32_t *)value_member(kw, target) = (uint32_t)value;
}

void conf_bind_u16(struct conf_ctx *ctx, const struct conf_keyword *kw,
		   const struct conf_node *node, void *target)
{
	uint64_t value = 0;

	if (value_number(ctx, kw, node, &value))
		*(uint16_t *)value_member(kw, target) = (uint16_t)value;
}

void conf_bind_u8(struct conf_ctx *ctx, const struct conf_keyword *kw,
		  const struct conf_node *node, void *target)
{
	uint64_t value = 0;

	if (value_number(ctx, kw, node, &value))
		*(uint8_t *)value_member(kw, target) = (uint8_t)value;
}

void conf_bind_addr(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node, void *target)
{
	struct addr addr;

	if (conf_get_host(ctx, node, 1, &addr))
		*(struct addr *)value_member(kw, target) = addr;
}

void conf_bind_port(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node, void *target)
{
	uint16_t port;

	if (conf_get_port(conf_word(ctx, node, 1), &port) && port >= kw->min)
		*(uint16_t *)value_member(kw, target) = port;
	else
		conf_bad_value(ctx, kw, node, 1, "a port from 1 to 65535");
}

/* A time as it is written: no exponent, no zeroes at the end. */
static const char *value_time_text(usec_t time, char *out, size_t size)
{
	int n = snprintf(out, size, "%lld.%06lld",
			 (long long)(time / USEC_PER_SEC),
			 (long long)(time % USEC_PER_SEC));

	while (out[n - 1] == '0')
		out[--n] = '\0';
	if (out[n - 1] == '.')
		out[--n] = '\0';
	return out;
}

static __attribute__((cold)) void value_bad_time(struct conf_ctx *ctx,
						 const struct conf_keyword *kw,
						 const struct conf_node *node)
{
	char expected[96], min[32], max[32];

	snprintf(expected, sizeof(expected), "a time in seconds from %s to %s",
		 value_time_text(kw->min, min, sizeof(min)),
		 value_time_text(kw->max, max, sizeof(max)));
	conf_bad_value(ctx, kw, node, 1, expected);
}

void conf_bind_time(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node, void *target)
{
	usec_t value;

	if (conf_get_time(conf_word(ctx, node, 1), &value) &&
	    value >= kw->min && value <= kw->max)
		*(usec_t *)value_member(kw, target) = value;
	else
		value_bad_time(ctx, kw, node);
}

/* A switch without a value is true. */
static bool value_bool(struct conf_ctx *ctx, const struct conf_keyword *kw,
		       const struct conf_node *node, bool *value)
{
	*value = true;
	if (node->nr_words < 2 || conf_get_bool(conf_word(ctx, node, 1), value))
		return true;
	conf_bad_value(ctx, kw, node, 1, "on, off, true, false, yes or no");
	return false;
}

void conf_bind_bool(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node, void *target)
{
	bool value;

	if (value_bool(ctx, kw, node, &value))
		*(bool *)value_member(kw, target) = value;
}

void conf_bind_maybe(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	bool value;

	if (value_bool(ctx, kw, node, &value))
		*(int8_t *)value_member(kw, target) = value;
}

void conf_bind_true(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node, void *target)
{
	*(bool *)value_member(kw, target) = true;
}

/* Only commands know single quotes; elsewhere they are letters. */
void conf_say_quotes(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node)
{
	const struct conf_word *word = conf_word(ctx, node, 1);

	if (!word->quoted && word->len && word->text[0] == '\'')
		conf_say(
			ctx, CLASS_WARNING, node, 1,
			"single quotes are a part of the value of '%s'; use double quotes",
			kw->name);
}

void conf_bind_string(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);

	conf_say_quotes(ctx, kw, node);
	*(const char **)value_member(kw, target) =
		conf_string(ctx, word->text, word->len);
}

/* The choice of the file into VALUE. */
static bool value_choice(struct conf_ctx *ctx, const struct conf_keyword *kw,
			 const struct conf_node *node, int *value)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	const struct conf_choice *choice;
	char expected[160] = "";
	size_t used = 0;

	for (choice = kw->data; choice->word; choice++) {
		if (conf_word_is(word, choice->word, strlen(choice->word))) {
			*value = choice->value;
			return true;
		}
		used += (size_t)snprintf(expected + used,
					 sizeof(expected) - used, "%s%s",
					 used == 0	? "" :
					 choice[1].word ? ", " :
							  " or ",
					 choice->word);
	}
	conf_bad_value(ctx, kw, node, 1, expected);
	return false;
}

void conf_bind_choice(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	int value;

	if (value_choice(ctx, kw, node, &value))
		*(int32_t *)value_member(kw, target) = value;
}

void conf_bind_either(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	int value;

	if (value_choice(ctx, kw, node, &value))
		*(bool *)value_member(kw, target) = value != 0;
}

static bool value_share(const struct conf_word *word, struct conf_share *share)
{
	struct conf_word digits = *word;
	uint64_t value;

	share->percent = word->len > 1 && word->text[word->len - 1] == '%';
	digits.len -= share->percent;
	if (!conf_get_number(&digits, share->percent ? 1000 : UINT32_MAX,
			     &value))
		return false;
	share->value = (uint32_t)value;
	return true;
}

void conf_bind_share(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	struct conf_share share;

	if (value_share(conf_word(ctx, node, 1), &share) &&
	    (!share.percent || share.value <= 100))
		*(struct conf_share *)value_member(kw, target) = share;
	else
		conf_bad_value(ctx, kw, node, 1,
			       "a number, or a share up to 100%");
}

void conf_bind_percent(struct conf_ctx *ctx, const struct conf_keyword *kw,
		       const struct conf_node *node, void *target)
{
	struct conf_share share;
	char expected[64];

	if (value_share(conf_word(ctx, node, 1), &share) && share.percent &&
	    share.value >= kw->min && share.value <= kw->max) {
		*(uint32_t *)value_member(kw, target) = share.value;
		return;
	}
	snprintf(expected, sizeof(expected), "a share from %lld%% to %lld%%",
		 (long long)kw->min, (long long)kw->max);
	conf_bad_value(ctx, kw, node, 1, expected);
}

const struct conf_node *conf_line_of(const struct conf_ctx *ctx,
				     const struct conf_node *node,
				     const char *keyword)
{
	const struct conf_node *child;
	uint32_t i;

	conf_for_each(ctx, node, i)
	{
		child = &ctx->nodes[i];
		if (child->nr_words && conf_word_is(conf_word(ctx, child, 0),
						    keyword, strlen(keyword)))
			return child;
	}
	return node;
}
