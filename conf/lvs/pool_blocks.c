/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks that keepalived does not have: slow_start, fastest_response,
 * headroom, integrity.
 */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"
#include "lib/payload.h"

#define SLOW_START(member) CONF_MEMBER(struct conf_slow_start, member)
#define FASTEST(member) CONF_MEMBER(struct conf_fastest, member)
#define INTEGRITY(member) CONF_MEMBER(struct conf_integrity, member)
#define HEADROOM(member) CONF_MEMBER(struct conf_headroom, member)

static const struct conf_choice gates[] = {
	{ "threads_running", 1 },
	{ "none", 0 },
	{ NULL, 0 },
};

static const struct conf_keyword slow_start_keywords[] = {
	{ "time", .type = &conf_type_time, SLOW_START(time), .least = 1,
	  .most = 1, .min = 0, .max = 86400 * USEC_PER_SEC,
	  .preset = 60 * USEC_PER_SEC },
	{ "from", .type = &conf_type_percent, SLOW_START(from), .least = 1,
	  .most = 1, .min = 1, .max = 100, .preset = 2 },
	{ "gate", .type = &conf_type_either, .data = gates, SLOW_START(gate),
	  .least = 1, .most = 1, .preset = true },
};

const struct conf_block conf_block_slow_start =
	CONF_BLOCK(BLOCK_SLOW_START, "slow_start", slow_start_keywords, NULL);

const struct conf_slow_start conf_slow_start_off = { .from = 2, .gate = true };

static void pool_bind_slow_start(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	struct conf_slow_start slow_start;

	memset(&slow_start, 0, sizeof(slow_start));
	conf_block_preset(kw->block, &slow_start);
	conf_bind_block(ctx, kw->block, node, &slow_start);
	*(const struct conf_slow_start **)(void *)((char *)target +
						   kw->offset) =
		conf_share(ctx, &slow_start, sizeof(slow_start));
}

static void pool_print_slow_start(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	conf_print_inner(out, indent, kw,
			 *(const struct conf_slow_start *const *)member);
}

static bool pool_equal_slow_start(const void *a, const void *b)
{
	return conf_block_equal(&conf_block_slow_start,
				*(const struct conf_slow_start *const *)a,
				*(const struct conf_slow_start *const *)b);
}

const struct conf_type conf_type_slow_start = {
	.bind = pool_bind_slow_start,
	.print = pool_print_slow_start,
	.equal = pool_equal_slow_start,
	.size = sizeof(const struct conf_slow_start *),
};

/* "range N% N%" */
static void pool_bind_range(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	struct conf_fastest *fastest = target;
	const struct conf_word *word;
	uint64_t values[2];
	uint32_t i;

	for (i = 0; i < 2; i++) {
		struct conf_word digits = *(word = conf_word(ctx, node, i + 1));

		digits.len -= digits.len > 0 &&
			      digits.text[digits.len - 1] == '%';
		if (digits.len == word->len ||
		    !conf_get_number(&digits, 1000, &values[i])) {
			conf_bad_value(ctx, kw, node, i + 1,
				       "a share up to 1000%");
			return;
		}
	}
	if (values[0] == 0 || values[0] > 100 || values[1] < 100) {
		conf_bad_value(ctx, kw, node, 1,
			       "a range around 100%, like 50% 150%,");
		return;
	}
	fastest->low = (uint32_t)values[0];
	fastest->high = (uint32_t)values[1];
}

static void pool_print_range(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	const struct conf_fastest *fastest = member;

	fprintf(out, "%s%s %u%% %u%%\n", indent, kw->name, fastest->low,
		fastest->high);
}

static bool pool_equal_range(const void *a, const void *b)
{
	const struct conf_fastest *x = a, *y = b;

	return x->low == y->low && x->high == y->high;
}

/* From PRESET to as much above 100 %. */
static void pool_preset_range(const struct conf_keyword *kw, void *member)
{
	struct conf_fastest *fastest = member;

	fastest->low = (uint32_t)kw->preset;
	fastest->high = 200 - fastest->low;
}

static const struct conf_type pool_range = {
	.bind = pool_bind_range,
	.print = pool_print_range,
	.equal = pool_equal_range,
	.preset = pool_preset_range,
};

static const struct conf_keyword fastest_keywords[] = {
	{ "range", .type = &pool_range, .kept = CONF_KEPT_WHOLE, .least = 2,
	  .most = 2, .preset = 50 },
	{ "step", .type = &conf_type_percent, FASTEST(step), .least = 1,
	  .most = 1, .min = 1, .max = 100, .preset = 5 },
	{ "dead_band", .type = &conf_type_percent, FASTEST(dead_band),
	  .least = 1, .most = 1, .min = 0, .max = 100, .preset = 15 },
};

const struct conf_block conf_block_fastest =
	CONF_BLOCK(BLOCK_FASTEST, "fastest_response", fastest_keywords, NULL);

static const struct conf_keyword headroom_keywords[] = {
	{ "survive", .type = &conf_type_share, HEADROOM(survive), .least = 1,
	  .most = 1, .preset = -50 },
	{ "reserve", .type = &conf_type_u32, HEADROOM(reserve), .least = 1,
	  .most = 1, .min = 0, .max = 1000000, .preset = 10 },
	{ "high", .type = &conf_type_percent, HEADROOM(high), .least = 1,
	  .most = 1, .min = 1, .max = 100, .preset = 80 },
	{ "threshold", .type = &conf_type_bool, HEADROOM(threshold),
	  .most = 1 },
};

const struct conf_block conf_block_headroom =
	CONF_BLOCK(BLOCK_HEADROOM, "headroom", headroom_keywords, NULL);

/* "100000", "100kB", "1MiB": bytes, without a unit as well. */
static bool pool_get_bytes(const char *text, size_t len, uint64_t most,
			   uint64_t *bytes)
{
	static const struct {
		const char *unit;
		uint64_t bytes;
	} units[] = { { "kB", 1000 },	  { "MB", 1000000 }, { "KiB", 1 << 10 },
		      { "MiB", 1 << 20 }, { "k", 1000 },     { "M", 1000000 },
		      { "B", 1 } };
	struct conf_word digits = { .text = text, .len = len };
	uint64_t unit = 1;
	size_t i, length;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		length = strlen(units[i].unit);
		if (len <= length ||
		    memcmp(text + len - length, units[i].unit, length) != 0)
			continue;
		digits.len = len - length;
		unit = units[i].bytes;
		break;
	}
	if (!conf_get_number(&digits, most / unit, bytes))
		return false;
	*bytes *= unit;
	return true;
}

static void pool_bind_rate(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct conf_integrity *integrity = target;
	uint64_t bytes;

	if (!pool_get_bytes(word->text, word->len, (uint64_t)kw->max, &bytes) ||
	    bytes < (uint64_t)kw->min)
		conf_bad_value(
			ctx, kw, node, 1,
			"bytes a second from 1000 to 1000000000, like 100kB,");
	else
		integrity->rate = (uint32_t)bytes;
}

/* "sizes A-B" */
static void pool_bind_sizes(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	const char *dash = memchr(word->text, '-', word->len);
	struct conf_integrity *integrity = target;
	size_t first = dash ? (size_t)(dash - word->text) : 0;
	uint64_t least, most;

	if (!dash || !pool_get_bytes(word->text, first, PAYLOAD_MAX, &least) ||
	    !pool_get_bytes(dash + 1, word->len - first - 1, PAYLOAD_MAX,
			    &most) ||
	    least == 0 || least > most) {
		conf_bad_value(ctx, kw, node, 1,
			       "two sizes up to 32MiB, like 1-1MiB,");
		return;
	}
	integrity->least = (uint32_t)least;
	integrity->most = (uint32_t)most;
}

static void pool_print_sizes(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	const struct conf_integrity *integrity = member;

	fprintf(out, "%s%s %u-%u\n", indent, kw->name, integrity->least,
		integrity->most);
}

static bool pool_equal_sizes(const void *a, const void *b)
{
	const struct conf_integrity *x = a, *y = b;

	return x->least == y->least && x->most == y->most;
}

static void pool_preset_sizes(const struct conf_keyword *kw, void *member)
{
	struct conf_integrity *integrity = member;

	integrity->least = 1;
	integrity->most = (uint32_t)kw->preset;
}

static const struct conf_type pool_sizes = {
	.bind = pool_bind_sizes,
	.print = pool_print_sizes,
	.equal = pool_equal_sizes,
	.preset = pool_preset_sizes,
};

static const struct conf_keyword integrity_keywords[] = {
	{ "rate", pool_bind_rate, .type = &conf_type_u32, INTEGRITY(rate),
	  .least = 1, .most = 1, .min = 1000, .max = 1000000000,
	  .preset = 100000 },
	{ "sizes", .type = &pool_sizes, .kept = CONF_KEPT_WHOLE, .least = 1,
	  .most = 1, .preset = 1 << 20 },
	{ "confirm", .type = &conf_type_u32, INTEGRITY(confirm), .least = 1,
	  .most = 1, .min = 1, .max = 3, .preset = 2 },
	{ "step_down", .type = &conf_type_bool, INTEGRITY(step_down),
	  .most = 1 },
};

const struct conf_block conf_block_integrity =
	CONF_BLOCK(BLOCK_INTEGRITY, "integrity", integrity_keywords, NULL);

/* The block alone, even an empty one, switches it on. */
static void pool_bind_integrity(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	void *member = (char *)target + kw->offset;

	conf_block_preset(kw->block, member);
	conf_bind_block(ctx, kw->block, node, member);
}

static void pool_print_integrity(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *member)
{
	const struct conf_integrity *integrity = member;

	if (integrity->rate > 0)
		conf_print_inner(out, indent, kw, integrity);
}

static bool pool_equal_integrity(const void *a, const void *b)
{
	return conf_block_equal(&conf_block_integrity, a, b);
}

const struct conf_type conf_type_integrity = {
	.bind = pool_bind_integrity,
	.print = pool_print_integrity,
	.equal = pool_equal_integrity,
};
