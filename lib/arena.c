/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Large enough that malloc's own overhead vanishes, small enough to waste. */
#define POOL_CHUNK ((size_t)64 * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct arena_chunk *chunks;
	size_t taken;
};

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk, *next;

	if (!arena)
		return;
	for (chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		/* A configuration's: it may hold passwords. */
		explicit_bzero(chunk->data, chunk->used);
		free(chunk);
	}
	free(arena);
}

static struct arena_chunk *arena_add_chunk(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = xcalloc(1, sizeof(*chunk) + size);

	chunk->size = size;
	arena->taken += sizeof(*chunk) + size;
	/*
	 * A piece larger than a chunk gets one of its own, put behind the
	 * current one so that the room left there is not lost.
	 */
	if (size > POOL_CHUNK && arena->chunks) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	return chunk;
}

static void *arena_take(struct arena *arena, size_t size, size_t align)
{
	struct arena_chunk *chunk = arena->chunks;
	size_t start = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;

	if (!chunk || start > chunk->size || size > chunk->size - start) {
		chunk = arena_add_chunk(arena,
					size > POOL_CHUNK ? size : POOL_CHUNK);
		start = 0;
	}
	chunk->used = start + size;
	return chunk->data + start;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return arena_take(arena, size, alignof(max_align_t));
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_take(arena, len + 1, 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

void *arena_copy(struct arena *arena, const void *from, size_t count,
		 size_t size)
{
	void *copy;

	if (count == 0)
		return NULL;
	copy = arena_alloc(arena, count * size);
	memcpy(copy, from, count * size);
	return copy;
}

size_t arena_size(const struct arena *arena)
{
	return arena->taken;
}
