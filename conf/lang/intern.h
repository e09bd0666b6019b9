/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of indexes, to find an element with equal content. */
#ifndef EVENKEEL_CONF_LANG_INTERN_H
#define EVENKEEL_CONF_LANG_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_ctx;

/* Indexes of elements, found by their content in constant time. */
struct conf_set_slot {
	uint32_t hash;
	uint32_t index1; /* the index + 1; 0: free */
};

struct conf_set {
	struct conf_set_slot *slots;
	size_t nr, room;
};

typedef bool conf_same_fn(const struct conf_ctx *ctx, uint32_t index,
			  const void *key);

/* The index of the element that equals KEY, or UINT32_MAX. */
uint32_t conf_set_find(const struct conf_ctx *ctx, const struct conf_set *set,
		       uint32_t hash, conf_same_fn *same, const void *key);
/* Make room for NR in all. */
void conf_set_reserve(struct conf_set *set, size_t nr);
void conf_set_add(struct conf_set *set, uint32_t hash, uint32_t index);
uint32_t conf_hash(const void *data, size_t size);

#endif
