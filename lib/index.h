/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash index over an array that somebody else owns: it maps a hash to the
 * positions of the elements that have it. The owner compares the elements.
 */
#ifndef EVENKEEL_LIB_INDEX_H
#define EVENKEEL_LIB_INDEX_H

#include <stdint.h>

#define INDEX_END UINT32_MAX

struct index {
	uint32_t *heads; /* by hash & mask: the position put last */
	uint32_t *next; /* by position */
	uint32_t *hashes; /* by position */
	uint32_t mask;
};

/* For positions 0 to COUNT - 1. index_free() frees the contents. */
void index_init(struct index *index, uint32_t count);
void index_free(struct index *index);

/* Put POSITION in, once, under HASH. */
void index_put(struct index *index, uint32_t hash, uint32_t position);

/* The first position under HASH, and the one after POSITION; INDEX_END: none. */
uint32_t index_first(const struct index *index, uint32_t hash);
uint32_t index_next(const struct index *index, uint32_t position);

#endif
