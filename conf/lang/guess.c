/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guesses at the cause of an unknown keyword: a typing error, a word of another
 * block, or a block that was not closed.
 */
#include <string.h>

#include "conf/lang/bind.h"

/*
 * The number of letters changed, added, left out or swapped; for short words.
 */
static unsigned guess_edit_distance(const char *a, size_t n, const char *b,
				    size_t m)
{
	unsigned rows[3][64], *now = rows[0], *last = rows[1], *older = rows[2],
			      *t;
	size_t i, j;

	if (n >= 64 || m >= 64)
		return UINT32_MAX;
	for (j = 0; j <= m; j++)
		now[j] = (unsigned)j;
	for (i = 1; i <= n; i++) {
		t = older;
		older = last;
		last = now;
		now = t;
		now[0] = (unsigned)i;
		for (j = 1; j <= m; j++) {
			now[j] = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1 < now[j])
				now[j] = last[j] + 1;
			if (now[j - 1] + 1 < now[j])
				now[j] = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && older[j - 2] + 1 < now[j])
				now[j] = older[j - 2] + 1;
		}
	}
	return now[m];
}

/*
 * May SHAPE be at most LIMIT changes away from WORD? A change makes a word longer
 * or shorter by one letter at most, and takes one kind of letter out at most.
 */
static bool guess_is_like(const struct conf_shape *shape,
			  const struct conf_word *word, uint32_t letters,
			  unsigned limit)
{
	return shape->len <= word->len + limit &&
	       word->len <= shape->len + limit &&
	       __builtin_popcount(shape->letters & ~letters) <= (int)limit &&
	       __builtin_popcount(letters & ~shape->letters) <= (int)limit;
}

static const struct conf_keyword *guess_nearest(const struct conf_block *block,
						const struct conf_word *word)
{
	const struct conf_keyword *best = NULL;
	unsigned limit = word->len < 4 ? 1 : word->len < 8 ? 2 : 3, distance;
	uint32_t letters = conf_letters(word->text, word->len), i;
	struct conf_shape shape;

	for (i = 0; limit > 0 && conf_keyword_at(block, i, &shape); i++) {
		if (!guess_is_like(&shape, word, letters, limit))
			continue;
		distance = guess_edit_distance(word->text, word->len,
					       shape.kw->name, shape.len);
		if (distance > limit)
			continue;
		best = shape.kw;
		limit = distance - 1;
	}
	return best;
}

/* A block that has this word, preferably the file itself; NULL if none. */
static const struct conf_block *guess_home(const struct conf_word *word)
{
	size_t i;

	for (i = 0; i < BLOCK_IDS; i++) {
		if (conf_blocks[i] && conf_keyword_find(conf_blocks[i], word))
			return conf_blocks[i];
	}
	return NULL;
}

/* Is WORD the same word of the same line, as in the next round of a loop? */
static bool guess_is_made(struct conf_ctx *ctx, const struct conf_node *node,
			  const struct conf_word *word)
{
	bool same = ctx->unknown_source == node->source && ctx->unknown.text &&
		    conf_word_is(word, ctx->unknown.text, ctx->unknown.len);

	ctx->unknown_source = node->source;
	ctx->unknown = *word;
	return same;
}

/* Old files say nb_get_retry everywhere; keepalived passes over it as well. */
static bool guess_is_old_retry(const struct conf_block *block,
			       const struct conf_word *word)
{
	static const struct conf_word retry = { .text = "retry", .len = 5 };

	return conf_is(word, "nb_get_retry") &&
	       conf_keyword_find(block, &retry);
}

void conf_say_unknown(struct conf_ctx *ctx, const struct conf_block *block,
		      const struct conf_node *node)
{
	const struct conf_word *word = conf_word(ctx, node, 0);
	const struct conf_keyword *near = NULL;
	const struct conf_block *home = NULL;

	if (guess_is_made(ctx, node, word))
		return;
	if (guess_is_old_retry(block, word)) {
		conf_say(
			ctx, CLASS_WARNING, node, 0,
			"'nb_get_retry' belongs into HTTP_GET; in %s the word is 'retry', and this is ignored",
			block->name);
		return;
	}
	/* Guessing takes its time; skip it when the complaint is not kept. */
	if (!conf_complaints_full(ctx))
		near = guess_nearest(block, word);
	if (!conf_complaints_full(ctx) && !near)
		home = guess_home(word);
	if (near)
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "unknown keyword '%.*s' in %s; did you mean '%s'?",
			 CONF_SHOW(word), block->name, near->name);
	else if (home && home->id == BLOCK_FILE)
		conf_say(
			ctx, CLASS_FAULT, node, 0,
			"'%.*s' cannot stand inside %s; is a '}' missing before it?",
			CONF_SHOW(word), block->name);
	else if (home)
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "'%.*s' belongs into %s, not into %s", CONF_SHOW(word),
			 home->name, block->name);
	else
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "unknown keyword '%.*s' in %s", CONF_SHOW(word),
			 block->name);
}
