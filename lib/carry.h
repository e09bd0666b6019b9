/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * At a reload the state of an element is carried over to the same element of
 * the new list. The elements are found by a hash, so that a list of four times
 * the length takes four times as long.
 */
#ifndef EVENKEEL_LIB_CARRY_H
#define EVENKEEL_LIB_CARRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/index.h"

/* NR elements of SIZE bytes each, one behind the other. */
struct carry_list {
	const void *items;
	uint32_t nr;
	size_t size;
};

/* Elements that are the same have the same hash. */
struct carry_key {
	uint32_t (*hash)(const void *item);
	bool (*same)(const void *a, const void *b);
};

/* For structs whose first member is their name, a const char *. */
extern const struct carry_key carry_by_name;

/*
 * For each element of LIST, the position of the first one AMONG others that is
 * the same, or INDEX_END. The caller frees the array, which is never NULL.
 */
uint32_t *carry_find(struct carry_list list, struct carry_list among,
		     const struct carry_key *key);
/* The same, but each position is given once: of equal ones, in their order. */
uint32_t *carry_pair(struct carry_list list, struct carry_list among,
		     const struct carry_key *key);

#endif
