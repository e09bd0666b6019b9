/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/index.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

void index_init(struct index *index, uint32_t count)
{
	uint32_t size = 16;

	while (size < count)
		size *= 2;
	index->mask = size - 1;
	index->heads = xcalloc(size, sizeof(*index->heads));
	memset(index->heads, 0xff, size * sizeof(*index->heads));
	index->next = xcalloc(count, sizeof(*index->next));
	index->hashes = xcalloc(count, sizeof(*index->hashes));
}

void index_free(struct index *index)
{
	free(index->heads);
	free(index->next);
	free(index->hashes);
	memset(index, 0, sizeof(*index));
}

void index_put(struct index *index, uint32_t hash, uint32_t position)
{
	uint32_t *head = &index->heads[hash & index->mask];

	index->hashes[position] = hash;
	index->next[position] = *head;
	*head = position;
}

static uint32_t index_skip(const struct index *index, uint32_t position,
			   uint32_t hash)
{
	while (position != INDEX_END && index->hashes[position] != hash)
		position = index->next[position];
	return position;
}

uint32_t index_first(const struct index *index, uint32_t hash)
{
	return index_skip(index, index->heads[hash & index->mask], hash);
}

uint32_t index_next(const struct index *index, uint32_t position)
{
	return index_skip(index, index->next[position],
			  index->hashes[position]);
}
