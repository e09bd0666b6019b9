/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash index over elements that somebody else owns: it maps a hash to the
 * positions of the elements that have it. The owner compares the elements. It
 * grows as needed, and nothing is ever taken out of it.
 */
#ifndef EVENKEEL_LIB_INDEX_H
#define EVENKEEL_LIB_INDEX_H

#include <stddef.h>
#include <stdint.h>

#define INDEX_END UINT32_MAX

/* A hash of SIZE bytes; 0 for no bytes. */
uint32_t hash_bytes(const void *bytes, size_t size);
/* A hash of the text, or of nothing if it is NULL. */
uint32_t hash_text(const char *text);

struct index_slot {
	uint32_t hash;
	uint32_t position1; /* the position + 1; 0: free */
};

/* All zero is an empty index. */
struct index {
	struct index_slot *slots;
	uint32_t mask; /* the number of slots, a power of two, less 1 */
	uint32_t shift; /* 32 less the bits of the mask */
	uint32_t used;
};

/* Make room for COUNT in all. index_free() frees the contents. */
void index_reserve(struct index *index, size_t count);
void index_free(struct index *index);

/* Put POSITION in under HASH; one position may stand under several. */
void index_put(struct index *index, uint32_t hash, uint32_t position);

/* A walk over the positions under one hash. */
struct index_walk {
	const struct index *index;
	uint32_t hash;
	uint32_t at;
};

/* Where the search for HASH begins. Hashes may be alike in their low bits. */
static inline uint32_t index_home(const struct index *index, uint32_t hash)
{
	return hash * 0x9e3779b1u >> index->shift;
}

/* The next position, in the order of index_put(); INDEX_END: no more. */
static inline uint32_t index_next(struct index_walk *walk)
{
	const struct index *index = walk->index;
	const struct index_slot *slot;

	for (;;) {
		slot = &index->slots[walk->at++ & index->mask];
		if (slot->position1 == 0 || slot->hash == walk->hash)
			return slot->position1 - 1;
	}
}

/* The first position under HASH, and a walk to the others. */
static inline uint32_t index_first(const struct index *index, uint32_t hash,
				   struct index_walk *walk)
{
	if (!index->slots)
		return INDEX_END;
	*walk = (struct index_walk){ index, hash, index_home(index, hash) };
	return index_next(walk);
}

/* Walk the positions under HASH; they come to POSITION. */
#define index_for_each(index, hash, walk, position)             \
	for ((position) = index_first((index), (hash), (walk)); \
	     (position) != INDEX_END; (position) = index_next(walk))

#endif
