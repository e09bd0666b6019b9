/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash sets of indexes, and interning built on them: equal strings and structs
 * of a configuration are stored once, so that pointers can be compared.
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

uint32_t conf_set_find(const struct conf_ctx *ctx, const struct conf_set *set,
		       uint32_t hash, conf_same_fn *same, const void *key)
{
	const struct conf_set_slot *slot;
	size_t i;

	if (set->room == 0)
		return UINT32_MAX;
	for (i = hash;; i++) {
		slot = &set->slots[i & (set->room - 1)];
		if (slot->index1 == 0)
			return UINT32_MAX;
		if (slot->hash == hash && same(ctx, slot->index1 - 1, key))
			return slot->index1 - 1;
	}
}

static void intern_set_put(struct conf_set *set, struct conf_set_slot entry)
{
	size_t i = entry.hash;

	while (set->slots[i & (set->room - 1)].index1)
		i++;
	set->slots[i & (set->room - 1)] = entry;
}

void conf_set_reserve(struct conf_set *set, size_t nr)
{
	struct conf_set_slot *old = set->slots;
	size_t room = set->room, i;

	if (2 * nr <= room)
		return;
	if (set->room == 0)
		set->room = 64;
	while (set->room < 2 * nr)
		set->room *= 2;
	set->slots = xcalloc(set->room, sizeof(*set->slots));
	for (i = 0; i < room; i++) {
		if (old[i].index1)
			intern_set_put(set, old[i]);
	}
	free(old);
}

void conf_set_add(struct conf_set *set, uint32_t hash, uint32_t index)
{
	conf_set_reserve(set, set->nr + 1);
	intern_set_put(set, (struct conf_set_slot){ hash, index + 1 });
	set->nr++;
}

static bool intern_shared_same(const struct conf_ctx *ctx, uint32_t index,
			       const void *key)
{
	const struct conf_shared *have = &ctx->shared[index], *want = key;

	return have->size == want->size && have->aligned == want->aligned &&
	       memcmp(have->data, want->data, want->size) == 0;
}

static const void *intern_shared_get(struct conf_ctx *ctx, const void *data,
				     size_t size, bool aligned)
{
	struct conf_shared want = { data, size, aligned };
	uint32_t hash = conf_hash(data, size);
	uint32_t index = conf_set_find(ctx, &ctx->shared_set, hash,
				       intern_shared_same, &want);

	if (index != UINT32_MAX)
		return ctx->shared[index].data;
	want.data = aligned ? arena_copy(ctx->arena, data, 1, size) :
			      arena_strndup(ctx->arena, data, size);
	ctx->shared = array_grow(ctx->shared, ctx->nr_shared, &ctx->room_shared,
				 sizeof(*ctx->shared));
	conf_set_add(&ctx->shared_set, hash, (uint32_t)ctx->nr_shared);
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
