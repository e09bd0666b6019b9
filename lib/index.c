/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/index.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define INDEX_SLOTS_MIN 64

static inline uint64_t index_hash_step(uint64_t hash, uint64_t part)
{
	hash ^= part;
	return (hash << 27 | hash >> 37) * 0xff51afd7ed558ccdu;
}

/* Hash eight bytes a step; the remaining bytes are one step. */
uint32_t hash_bytes(const void *bytes, size_t size)
{
	const char *p = bytes;
	uint64_t hash = size * 0x9e3779b97f4a7c15u, part;

	for (; size >= 8; size -= 8, p += 8) {
		memcpy(&part, p, 8);
		hash = index_hash_step(hash, part);
	}
	if (size) {
		part = 0;
		memcpy(&part, p, size);
		hash = index_hash_step(hash, part);
	}
	return (uint32_t)(hash ^ hash >> 32);
}

uint32_t hash_text(const char *text)
{
	return text ? hash_bytes(text, strlen(text)) : 0;
}

static void index_place(struct index *index, struct index_slot entry)
{
	uint32_t at = index_home(index, entry.hash);

	while (index->slots[at & index->mask].position1)
		at++;
	index->slots[at & index->mask] = entry;
}

/*
 * Move the entries of before in the order of their search, which begins behind
 * a free slot: so that those under one hash stay in order.
 */
static void index_move(struct index *index, const struct index *old)
{
	uint32_t i, start = 0;

	while (old->slots[start].position1)
		start++;
	for (i = 1; i <= old->mask; i++) {
		const struct index_slot *slot =
			&old->slots[(start + i) & old->mask];

		if (slot->position1)
			index_place(index, *slot);
	}
}

/* At least half of the slots are free, so that searches are short. */
void index_reserve(struct index *index, size_t count)
{
	const struct index old = *index;
	size_t slots = old.slots ? (size_t)old.mask + 1 : INDEX_SLOTS_MIN;

	if (old.slots && 2 * count <= slots)
		return;
	while (slots < 2 * count)
		slots *= 2;
	index->mask = (uint32_t)(slots - 1);
	index->shift = (uint32_t)__builtin_clz(index->mask);
	index->slots = xcalloc(slots, sizeof(*index->slots));
	if (!old.slots)
		return;
	index_move(index, &old);
	free(old.slots);
}

void index_free(struct index *index)
{
	free(index->slots);
	memset(index, 0, sizeof(*index));
}

void index_put(struct index *index, uint32_t hash, uint32_t position)
{
	index_reserve(index, (size_t)index->used + 1);
	index_place(index, (struct index_slot){ hash, position + 1 });
	index->used++;
}
