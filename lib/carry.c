/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/carry.h"

#include <stdlib.h>

#include "lib/util.h"

static uint32_t carry_hash_name(const void *item)
{
	const char *const *name = item;

	return hash_text(*name);
}

static bool carry_same_name(const void *a, const void *b)
{
	const char *const *one = a, *const *other = b;

	return str_equal(*one, *other);
}

const struct carry_key carry_by_name = {
	.hash = carry_hash_name,
	.same = carry_same_name,
};

static const void *carry_at(const struct carry_list *list, uint32_t i)
{
	return (const char *)list->items + i * list->size;
}

/*
 * GIVEN has the old positions that are given away already, and is NULL if one
 * may be given several times.
 */
static uint32_t carry_find_one(const void *item, const struct index *index,
			       const struct carry_list *among,
			       const struct carry_key *key, bool *given)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (index, key->hash(item), &walk, i) {
		if ((given && given[i]) || !key->same(item, carry_at(among, i)))
			continue;
		if (given)
			given[i] = true;
		break;
	}
	return i;
}

static uint32_t *carry_find_all(const struct carry_list *list,
				const struct carry_list *among,
				const struct carry_key *key, bool *given)
{
	uint32_t *found = xcalloc((size_t)list->nr + 1, sizeof(*found)), i;
	struct index index = { 0 };

	index_reserve(&index, among->nr);
	for (i = 0; i < among->nr; i++)
		index_put(&index, key->hash(carry_at(among, i)), i);
	for (i = 0; i < list->nr; i++)
		found[i] = carry_find_one(carry_at(list, i), &index, among, key,
					  given);
	index_free(&index);
	return found;
}

uint32_t *carry_find(struct carry_list list, struct carry_list among,
		     const struct carry_key *key)
{
	return carry_find_all(&list, &among, key, NULL);
}

uint32_t *carry_pair(struct carry_list list, struct carry_list among,
		     const struct carry_key *key)
{
	bool *given = xcalloc((size_t)among.nr + 1, sizeof(*given));
	uint32_t *found = carry_find_all(&list, &among, key, given);

	free(given);
	return found;
}
