/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks that keepalived does not have: slow_start, fastest_response,
 * headroom.
 */
#include <stddef.h>

#include "conf/lvs/draft.h"

static const struct conf_choice gates[] = {
	{ "threads_running", 1 },
	{ "none", 0 },
	{ NULL, 0 },
};

struct slow_start_draft {
	struct conf_slow_start slow_start;
	int32_t gate;
};

static const struct conf_keyword slow_start_keywords[] = {
	{ "time", conf_bind_time,
	  .offset = offsetof(struct slow_start_draft, slow_start.time),
	  .least = 1, .most = 1, .min = 0, .max = 86400 * USEC_PER_SEC },
	{ "from", conf_bind_percent,
	  .offset = offsetof(struct slow_start_draft, slow_start.from),
	  .least = 1, .most = 1, .min = 1, .max = 100 },
	{ "gate", conf_bind_choice, .data = gates,
	  .offset = offsetof(struct slow_start_draft, gate), .least = 1,
	  .most = 1 },
};

const struct conf_block conf_block_slow_start =
	CONF_BLOCK(BLOCK_SLOW_START, "slow_start", slow_start_keywords, NULL);

void conf_bind_slow_start(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	struct conf_slow_start *slow_start =
		(void *)((char *)target + kw->offset);
	struct slow_start_draft draft = {
		.slow_start = { .time = 60 * USEC_PER_SEC, .from = 2 },
		.gate = 1,
	};

	conf_bind_block(ctx, &conf_block_slow_start, node, &draft);
	slow_start->time = draft.slow_start.time;
	slow_start->from = draft.slow_start.from;
	slow_start->gate = draft.gate;
}

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

static const struct conf_keyword fastest_keywords[] = {
	{ "range", pool_bind_range, .least = 2, .most = 2 },
	{ "step", conf_bind_percent,
	  .offset = offsetof(struct conf_fastest, step), .least = 1, .most = 1,
	  .min = 1, .max = 100 },
	{ "dead_band", conf_bind_percent,
	  .offset = offsetof(struct conf_fastest, dead_band), .least = 1,
	  .most = 1, .min = 0, .max = 100 },
};

const struct conf_block conf_block_fastest =
	CONF_BLOCK(BLOCK_FASTEST, "fastest_response", fastest_keywords, NULL);

static const struct conf_keyword headroom_keywords[] = {
	{ "survive", conf_bind_share,
	  .offset = offsetof(struct conf_headroom, survive), .least = 1,
	  .most = 1 },
	{ "reserve", conf_bind_u32,
	  .offset = offsetof(struct conf_headroom, reserve), .least = 1,
	  .most = 1, .min = 0, .max = 1000000 },
	{ "high", conf_bind_percent,
	  .offset = offsetof(struct conf_headroom, high), .least = 1, .most = 1,
	  .min = 1, .max = 100 },
	{ "threshold", conf_bind_bool,
	  .offset = offsetof(struct conf_headroom, threshold), .most = 1 },
};

const struct conf_block conf_block_headroom =
	CONF_BLOCK(BLOCK_HEADROOM, "headroom", headroom_keywords, NULL);
