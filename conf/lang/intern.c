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
	uint32_t hash = hash_bytes(data, size), i;
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
