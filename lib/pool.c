/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Large enough that malloc's own overhead vanishes, small enough to waste. */
#define POOL_CHUNK ((size_t)64 * 1024)

struct pool_chunk {
	struct pool_chunk *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char data[];
};

struct pool {
	struct pool_chunk *chunks;
	size_t taken;
};

struct pool *pool_new(void)
{
	return xcalloc(1, sizeof(struct pool));
}

void pool_free(struct pool *pool)
{
	struct pool_chunk *chunk, *next;

	if (!pool)
		return;
	for (chunk = pool->chunks; chunk; chunk = next) {
		next = chunk->next;
		/* A configuration's: it may hold passwords. */
		explicit_bzero(chunk->data, chunk->used);
		free(chunk);
	}
	free(pool);
}

static struct pool_chunk *pool_add_chunk(struct pool *pool, size_t size)
{
	struct pool_chunk *chunk = xcalloc(1, sizeof(*chunk) + size);

	chunk->size = size;
	pool->taken += sizeof(*chunk) + size;
	/*
	 * A piece larger than a chunk gets one of its own, put behind the
	 * current one so that the room left there is not lost.
	 */
	if (size > POOL_CHUNK && pool->chunks) {
		chunk->next = pool->chunks->next;
		pool->chunks->next = chunk;
	} else {
		chunk->next = pool->chunks;
		pool->chunks = chunk;
	}
	return chunk;
}

static void *pool_take(struct pool *pool, size_t size, size_t align)
{
	struct pool_chunk *chunk = pool->chunks;
	size_t start = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;

	if (!chunk || start > chunk->size || size > chunk->size - start) {
		chunk = pool_add_chunk(pool,
				       size > POOL_CHUNK ? size : POOL_CHUNK);
		start = 0;
	}
	chunk->used = start + size;
	return chunk->data + start;
}

void *pool_alloc(struct pool *pool, size_t size)
{
	return pool_take(pool, size, alignof(max_align_t));
}

char *pool_strndup(struct pool *pool, const char *text, size_t len)
{
	char *copy = pool_take(pool, len + 1, 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *pool_strdup(struct pool *pool, const char *text)
{
	return pool_strndup(pool, text, strlen(text));
}

void *pool_copy(struct pool *pool, const void *from, size_t count, size_t size)
{
	void *copy;

	if (count == 0)
		return NULL;
	copy = pool_alloc(pool, count * size);
	memcpy(copy, from, count * size);
	return copy;
}

size_t pool_size(const struct pool *pool)
{
	return pool->taken;
}
