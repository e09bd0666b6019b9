/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree meets the tables. A block's statements are looked up and bound in
 * the order of the file, those marked KW_LATE after the others: so a real
 * server finds all values of its virtual server known, wherever they stand.
 */
#include "lib/conf_bind.h"

#include <stdlib.h>
#include <string.h>

/* Keywords of a block by name; built when the block is first met. */
struct conf_slot {
	const struct conf_keyword *kw; /* NULL: free */
	uint32_t len;
	uint32_t ordinal;
};

struct conf_index {
	uint32_t mask;
	struct conf_slot slots[];
};

/* Enough bits for the largest block. */
#define SEEN_WORDS 5

/* Cheap, and good enough to keep the words of one block apart. */
static inline uint32_t index_hash(const char *text, uint32_t len)
{
	uint32_t hash =
		len * 5 + (uint8_t)text[0] * 3 + (uint8_t)text[len - 1] * 17;

	return hash + (uint8_t)text[len / 2] * 9;
}

static void index_add(struct conf_index *index, const struct conf_keyword *kw,
		      uint32_t ordinal)
{
	uint32_t len = (uint32_t)strlen(kw->name),
		 i = index_hash(kw->name, len);

	while (index->slots[i & index->mask].kw)
		i++;
	index->slots[i & index->mask] = (struct conf_slot){ kw, len, ordinal };
}

static struct conf_index *index_of(struct conf_ctx *ctx,
				   const struct conf_block *block)
{
	const struct conf_block *part;
	struct conf_index *index;
	uint32_t n = 0, room = 8;
	size_t i;

	if (!ctx->indexes)
		ctx->indexes = xcalloc(BLOCK_IDS, sizeof(*ctx->indexes));
	if (ctx->indexes[block->id])
		return ctx->indexes[block->id];
	for (part = block; part; part = part->also)
		n += part->nr_keywords;
	while (room < 3 * n)
		room *= 2;
	index = xcalloc(1, sizeof(*index) + room * sizeof(index->slots[0]));
	index->mask = room - 1;
	n = 0;
	for (part = block; part; part = part->also) {
		for (i = 0; i < part->nr_keywords; i++)
			index_add(index, &part->keywords[i], n++);
	}
	ctx->indexes[block->id] = index;
	return index;
}

static inline const struct conf_slot *index_find(const struct conf_index *index,
						 const struct conf_word *word)
{
	const struct conf_slot *slot;
	uint32_t i;

	if (word->len == 0)
		return NULL;
	for (i = index_hash(word->text, word->len);; i++) {
		slot = &index->slots[i & index->mask];
		if (!slot->kw)
			return NULL;
		if (slot->len == word->len &&
		    memcmp(slot->kw->name, word->text, word->len) == 0)
			return slot;
	}
}

const struct conf_keyword *conf_keyword_find(struct conf_ctx *ctx,
					     const struct conf_block *block,
					     const struct conf_word *word)
{
	const struct conf_slot *slot = index_find(index_of(ctx, block), word);

	return slot ? slot->kw : NULL;
}

void conf_bind_free(struct conf_ctx *ctx)
{
	size_t i;

	for (i = 0; ctx->indexes && i < BLOCK_IDS; i++)
		free(ctx->indexes[i]);
	free(ctx->indexes);
	ctx->indexes = NULL;
}

/* How many letters must be changed, added, left out or swapped; small words. */
static unsigned edit_distance(const char *a, size_t n, const char *b, size_t m)
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

static const struct conf_keyword *bind_nearest(const struct conf_block *block,
					       const struct conf_word *word)
{
	const struct conf_keyword *best = NULL;
	unsigned limit = word->len < 4 ? 1 : word->len < 8 ? 2 : 3, distance;
	size_t i;

	for (; block; block = block->also) {
		for (i = 0; i < block->nr_keywords; i++) {
			distance = edit_distance(
				word->text, word->len, block->keywords[i].name,
				strlen(block->keywords[i].name));
			if (distance <= limit) {
				best = &block->keywords[i];
				limit = distance - 1;
			}
			if (distance == 1)
				return best;
		}
	}
	return best;
}

/* A block that has this word, preferably the file itself; NULL if none. */
static const struct conf_block *bind_home(struct conf_ctx *ctx,
					  const struct conf_word *word)
{
	size_t i;

	for (i = 0; i < BLOCK_IDS; i++) {
		if (conf_blocks[i] &&
		    conf_keyword_find(ctx, conf_blocks[i], word))
			return conf_blocks[i];
	}
	return NULL;
}

static __attribute__((cold)) void bind_unknown(struct conf_ctx *ctx,
					       const struct conf_block *block,
					       const struct conf_node *node)
{
	const struct conf_word *word = conf_word(ctx, node, 0);
	const struct conf_keyword *near = bind_nearest(block, word);
	const struct conf_block *home = near ? NULL : bind_home(ctx, word);

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

void conf_note_idle(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node)
{
	size_t i;

	for (i = 0; i < ctx->nr_noted; i++) {
		if (ctx->noted[i] == kw)
			return;
	}
	ctx->noted = array_grow(ctx->noted, ctx->nr_noted, &ctx->room_noted,
				sizeof(*ctx->noted));
	ctx->noted[ctx->nr_noted++] = kw;
	conf_say(ctx, CLASS_NOTE, node, 0, "'%s' is known, but not acted on",
		 kw->name);
}

/* Braces where they belong; these mistakes refuse the file in every mode. */
static __attribute__((cold)) bool bind_bad_block(struct conf_ctx *ctx,
						 const struct conf_keyword *kw,
						 const struct conf_node *node)
{
	if (node->block)
		conf_say(ctx, CLASS_ERROR, node, 0, "'%s' takes no block",
			 kw->name);
	else
		conf_say(ctx, CLASS_ERROR, node, 0,
			 "'%s' needs a block: a '{' must follow it", kw->name);
	return false;
}

/* Too few values, or too many; false if there is no way to go on. */
static __attribute__((cold)) bool bind_bad_values(struct conf_ctx *ctx,
						  const struct conf_keyword *kw,
						  const struct conf_node *node)
{
	if (node->nr_words - 1 < kw->least) {
		conf_say(ctx, kw->flags & KW_BLOCK ? CLASS_ERROR : CLASS_FAULT,
			 node, 0,
			 kw->least > 1 ? "'%s' needs %u values" :
					 "'%s' needs a value",
			 kw->name, kw->least);
		return false;
	}
	if (!(kw->flags & KW_SCRIPT))
		conf_say(
			ctx, CLASS_ODD, node, kw->most + 1u,
			kw->most == 0 ?
				"'%s' takes no value; this is ignored" :
				"'%s' does not take so many values; this is ignored",
			kw->name);
	return true;
}

/* Nothing inside is acted on either: no need to say so. */
static void bind_idle_block(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node)
{
	ctx->quiet++;
	conf_bind_block(ctx, kw->block, node, NULL);
	ctx->quiet--;
}

static inline void bind_one(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	uint32_t values = node->nr_words - 1;

	if (node->block != (kw->flags & KW_BLOCK) &&
	    !bind_bad_block(ctx, kw, node))
		return;
	if ((values < kw->least || values > kw->most) &&
	    !bind_bad_values(ctx, kw, node))
		return;
	if ((kw->flags & KW_IDLE) && ctx->quiet == 0)
		conf_note_idle(ctx, kw, node);
	if (kw->bind)
		kw->bind(ctx, kw, node, target);
	else if (kw->block)
		bind_idle_block(ctx, kw, node);
}

/* Has this keyword stood in this block before? */
static inline bool bind_seen(uint64_t *seen, uint32_t ordinal)
{
	uint64_t bit = (uint64_t)1 << (ordinal % 64);
	bool before = seen[ordinal / 64] & bit;

	seen[ordinal / 64] |= bit;
	return before;
}

static __attribute__((cold)) void bind_again(struct conf_ctx *ctx,
					     const struct conf_keyword *kw,
					     const struct conf_node *node)
{
	conf_say(ctx, CLASS_WARNING, node, 0,
		 "'%s' stands here for the second time; the last one counts",
		 kw->name);
}

/*
 * Bind those that can be bound at once. The others remember where their keyword
 * was found; returns whether there are any.
 */
static bool bind_early(struct conf_ctx *ctx, const struct conf_block *block,
		       const struct conf_node *node, void *target)
{
	const struct conf_index *index = index_of(ctx, block);
	uint64_t seen[SEEN_WORDS] = { 0 };
	const struct conf_slot *slot;
	struct conf_node *child;
	bool late = false;
	uint32_t i;

	conf_for_each(ctx, node, i)
	{
		child = &ctx->nodes[i];
		slot = child->nr_words ?
			       index_find(index, conf_word(ctx, child, 0)) :
			       NULL;
		if (!slot) {
			if (child->nr_words)
				bind_unknown(ctx, block, child);
			continue;
		}
		if (slot->kw->flags & KW_LATE) {
			child->slot = (uint16_t)(slot - index->slots + 1);
			late = true;
			continue;
		}
		if (bind_seen(seen, slot->ordinal) &&
		    !(slot->kw->flags & KW_REPEAT) && slot->kw->bind)
			bind_again(ctx, slot->kw, child);
		bind_one(ctx, slot->kw, child, target);
	}
	return late;
}

void conf_bind_block(struct conf_ctx *ctx, const struct conf_block *block,
		     const struct conf_node *node, void *target)
{
	const struct conf_index *index;
	const struct conf_node *child;
	uint32_t i;

	if (!bind_early(ctx, block, node, target))
		return;
	index = ctx->indexes[block->id];
	conf_for_each(ctx, node, i)
	{
		child = &ctx->nodes[i];
		if (child->slot)
			bind_one(ctx, index->slots[child->slot - 1].kw, child,
				 target);
	}
}

void conf_bind_inner(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	conf_bind_block(ctx, kw->block, node, (char *)target + kw->offset);
}
