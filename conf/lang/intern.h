/* SPDX-License-Identifier: GPL-2.0-or-later */
/* To find an element with equal content by a hash of it. */
#ifndef EVENKEEL_CONF_LANG_INTERN_H
#define EVENKEEL_CONF_LANG_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/index.h"

struct conf_ctx;

typedef bool conf_same_fn(const struct conf_ctx *ctx, uint32_t index,
			  const void *key);

/* The position in INDEX of the element that equals KEY, or INDEX_END. */
uint32_t conf_index_find(const struct conf_ctx *ctx, const struct index *index,
			 uint32_t hash, conf_same_fn *same, const void *key);
/* A hash of SIZE bytes. */
static inline uint32_t conf_hash(const void *data, size_t size)
{
	return hash_bytes(data, size);
}

#endif
