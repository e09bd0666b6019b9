/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interning: equal strings and structs of a configuration are stored once, so
 * that pointers can be compared.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/lang/bind.h"

struct conf_shared {
	const void *data;
	size_t size;
	bool aligned;
};

static inline uint64_t intern_hash_step(uint64_t hash, uint64_t part)
{
	hash ^= part;
	return (hash << 27 | hash >> 37) * 0xff51afd7ed558ccdu;
}

/* Hash eight bytes a step; the remaining bytes are one step. */
uint32_t conf_hash(const void *data, size_t size)
{
	const char *p = data;
	uint64_t hash = size * 0x9e3779b97f4a7c15u, part;

	for (; size >= 8; size -= 8, p += 8) {
		memcpy(&part, p, 8);
		hash = intern_hash_step(hash, part);
	}
	if (size) {
		part = 0;
		memcpy(&part, p, size);
		hash = intern_hash_step(hash, part);
	}
	return (uint32_t)(hash ^ hash >> 32);
}

uint32_t conf_index_find(const struct conf_ctx *ctx, const struct index *index,
			 uint32_t hash, conf_same_fn *same, const void *key)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (index, hash, &walk, i)
		if (same(ctx, i, key))
			break;
	return i;
}

static bool intern_shared_same(const struct conf_shared *have,
			       const struct conf_shared *want)
{
	return have->size == want->size && have->aligned == want->aligned &&
	       memcmp(have->data, want->data, want->size) == 0;
}

static const void *intern_shared_get(struct conf_ctx *ctx, const void *data,
				     size_t size, bool aligned)
{
	struct conf_shared want = { data, size, aligned };
	uint32_t hash = conf_hash(data, size), i;
	struct index_walk walk;

	index_for_each (&ctx->shared_set, hash, &walk, i)
		if (intern_shared_same(&ctx->shared[i], &want))
			return ctx->shared[i].data;
	want.data = aligned ? arena_copy(ctx->arena, data, 1, size) :
			      arena_strndup(ctx->arena, data, size);
	ctx->shared = array_grow(ctx->shared, ctx->nr_shared, &ctx->room_shared,
				 sizeof(*ctx->shared));
	index_put(&ctx->shared_set, hash, (uint32_t)ctx->nr_shared);
	ctx->shared[ctx->nr_shared++] = want;
	return want.data;
}

const char *conf_string(struct conf_ctx *ctx, const char *text, size_t len)
{
	return intern_shared_get(ctx, text, len, false);
}

const void *conf_share(struct conf_ctx *ctx, const void *data, size_t size)
{
	return size ? intern_shared_get(ctx, data, size, true) : NULL;
}
