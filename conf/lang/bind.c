/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree meets the tables. A block's statements are looked up and bound in
 * the order of the file, those marked KW_LATE after the others: so a real
 * server finds all values of its virtual server known, wherever they stand.
 */
#include "conf/lang/bind.h"

#include <stdlib.h>
#include <string.h>

/* Keywords of a block by name. */
struct conf_slot {
	const struct conf_keyword *kw;
	uint32_t len;
	uint32_t ordinal;
	uint32_t letters; /* conf_letters() */
};

struct conf_index {
	const struct conf_block *block;
	struct index by_name;
	uint32_t nr_slots;
	struct conf_slot slots[];
};

/*
 * By the block's id. The tables are constant, so an index is built when its
 * block is first met, and serves each later file of the process.
 */
static struct conf_index *bind_indexes[CONF_BLOCKS_MAX];

_Static_assert(BLOCK_IDS <= CONF_BLOCKS_MAX, "more blocks than indexes");

/* Enough bits for the largest block. */
#define SEEN_WORDS 5

/* Cheap, and enough to keep the words of one block apart. */
static inline uint32_t bind_index_hash(const char *text, uint32_t len)
{
	return len << 24 ^ (uint32_t)(uint8_t)text[0] << 16 ^
	       (uint32_t)(uint8_t)text[len / 2] << 8 ^ (uint8_t)text[len - 1];
}

/* The number of the keyword that KW is a spelling of, or ORDINAL. */
static uint32_t bind_index_ordinal(const struct conf_block *block,
				   const struct conf_keyword *kw,
				   uint32_t ordinal)
{
	uint32_t n = 0;
	size_t i;

	for (; kw->same && block; block = block->also) {
		for (i = 0; i < block->nr_keywords; i++, n++) {
			if (strcmp(block->keywords[i].name, kw->same) == 0)
				return n;
		}
	}
	return ordinal;
}

static void bind_index_add(struct conf_index *index, uint32_t at,
			   const struct conf_keyword *kw, uint32_t ordinal)
{
	uint32_t len = (uint32_t)strlen(kw->name);

	index->slots[at] = (struct conf_slot){ kw, len, ordinal,
					       conf_letters(kw->name, len) };
	index_put(&index->by_name, bind_index_hash(kw->name, len), at);
}

static struct conf_index *bind_index_new(const struct conf_block *block)
{
	const struct conf_block *part;
	struct conf_index *index;
	uint32_t n = 0;
	size_t i;

	for (part = block; part; part = part->also)
		n += part->nr_keywords;
	index = xcalloc(1, sizeof(*index) + n * sizeof(index->slots[0]));
	index->block = block;
	index->nr_slots = n;
	n = 0;
	for (part = block; part; part = part->also) {
		for (i = 0; i < part->nr_keywords; i++, n++)
			bind_index_add(index, n, &part->keywords[i],
				       bind_index_ordinal(
					       block, &part->keywords[i], n));
	}
	return index;
}

static inline const struct conf_index *
bind_index_of(const struct conf_block *block)
{
	struct conf_index **index = &bind_indexes[block->id];

	if (*index && (*index)->block == block)
		return *index;
	/* Another block of this number is one that a test has made. */
	if (*index)
		index_free(&(*index)->by_name);
	free(*index);
	*index = bind_index_new(block);
	return *index;
}

static inline const struct conf_slot *
bind_index_find(const struct conf_index *index, const struct conf_word *word)
{
	const struct conf_slot *slot;
	struct index_walk walk;
	uint32_t i;

	if (word->len == 0)
		return NULL;
	index_for_each (&index->by_name, bind_index_hash(word->text, word->len),
			&walk, i) {
		slot = &index->slots[i];
		if (slot->len == word->len &&
		    memcmp(slot->kw->name, word->text, word->len) == 0)
			return slot;
	}
	return NULL;
}

const struct conf_keyword *conf_keyword_find(const struct conf_block *block,
					     const struct conf_word *word)
{
	const struct conf_slot *slot =
		bind_index_find(bind_index_of(block), word);

	return slot ? slot->kw : NULL;
}

uint32_t conf_letters(const char *text, size_t len)
{
	uint32_t letters = 0;
	size_t i;

	for (i = 0; i < len; i++)
		letters |= (uint32_t)1 << (text[i] & 31);
	return letters;
}

bool conf_keyword_at(const struct conf_block *block, uint32_t n,
		     struct conf_shape *shape)
{
	const struct conf_index *index = bind_index_of(block);

	if (n >= index->nr_slots)
		return false;
	shape->kw = index->slots[n].kw;
	shape->len = index->slots[n].len;
	shape->letters = index->slots[n].letters;
	return true;
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
	conf_say(ctx, kw->missed ? CLASS_WARNING : CLASS_NOTE, node, 0,
		 "'%s' is known, but not acted on%s%s", kw->name,
		 kw->missed ? ": " : "", kw->missed ? kw->missed : "");
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
	if (kw->flags & KW_WHOLE)
		conf_say(
			ctx, CLASS_FAULT, node,
			/*
			 * The column would tell the length of a secret's first
			 * word.
			 */
			kw->flags & KW_SECRET ? 1u : kw->most + 1u,
			"what begins here would be dropped: put the value of '%s' in double quotes",
			kw->name);
	else if (!(kw->flags & KW_SCRIPT))
		conf_say(
			ctx, CLASS_ODD, node, kw->most + 1u,
			kw->most == 0 ?
				"'%s' takes no value; this is ignored" :
				"'%s' does not take so many values; this is ignored",
			kw->name);
	return true;
}

/* The keywords inside are not acted on either: no need to say so. */
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
	else if (kw->type)
		kw->type->bind(ctx, kw, node, target);
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

/* The last keyword of SLOT's setting before NODE, in the block AROUND. */
static const char *bind_before(const struct conf_ctx *ctx,
			       const struct conf_index *index,
			       const struct conf_slot *slot,
			       const struct conf_node *around,
			       const struct conf_node *node)
{
	const char *name = slot->kw->name;
	const struct conf_slot *other;
	uint32_t i;

	conf_for_each(ctx, around, i)
	{
		if (&ctx->nodes[i] >= node)
			break;
		other = ctx->nodes[i].nr_words ?
				bind_index_find(index,
						conf_word(ctx, &ctx->nodes[i],
							  0)) :
				NULL;
		if (other && other->ordinal == slot->ordinal)
			name = other->kw->name;
	}
	return name;
}

static __attribute__((cold)) void bind_again(struct conf_ctx *ctx,
					     const struct conf_index *index,
					     const struct conf_slot *slot,
					     const struct conf_node *around,
					     const struct conf_node *node)
{
	const char *before = slot->kw->name;

	/* The search takes its time; skip it when the complaint is not kept. */
	if (!conf_complaints_full(ctx))
		before = bind_before(ctx, index, slot, around, node);
	if (strcmp(before, slot->kw->name) == 0)
		conf_say(
			ctx, CLASS_WARNING, node, 0,
			"'%s' stands here for the second time; the last one counts",
			before);
	else
		conf_say(ctx, CLASS_WARNING, node, 0,
			 "'%s' and '%s' are one setting; the last one counts",
			 before, slot->kw->name);
}

/*
 * Bind the keywords that can be bound at once. The late ones remember where
 * their keyword was found; returns whether there are any.
 */
static bool bind_early(struct conf_ctx *ctx, const struct conf_block *block,
		       const struct conf_node *node, void *target)
{
	const struct conf_index *index = bind_index_of(block);
	uint64_t seen[SEEN_WORDS] = { 0 };
	const struct conf_slot *slot;
	struct conf_node *child;
	bool late = false;
	uint32_t i;

	conf_for_each(ctx, node, i)
	{
		child = &ctx->nodes[i];
		slot = child->nr_words ?
			       bind_index_find(index,
					       conf_word(ctx, child, 0)) :
			       NULL;
		if (!slot) {
			if (child->nr_words)
				conf_say_unknown(ctx, block, child);
			continue;
		}
		if (slot->kw->flags & KW_LATE) {
			child->slot = (uint16_t)(slot - index->slots + 1);
			late = true;
			continue;
		}
		if (bind_seen(seen, slot->ordinal) &&
		    !(slot->kw->flags & KW_REPEAT) &&
		    (slot->kw->bind || slot->kw->type))
			bind_again(ctx, index, slot, node, child);
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
	index = bind_index_of(block);
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
