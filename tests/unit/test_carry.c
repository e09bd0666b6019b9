/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which elements of an old list go on in a new one. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "lib/carry.h"
#include "lib/util.h"

struct named {
	const char *name;
	int state;
};

static const struct named before[] = {
	{ "a", 1 }, { "b", 2 }, { "a", 3 }, { NULL, 4 }, { "c", 5 },
};
static const struct named after[] = {
	{ "c", 0 }, { "a", 0 }, { "d", 0 }, { "a", 0 }, { "a", 0 }, { NULL, 0 },
};

#define LIST(array)                                                 \
	((struct carry_list){ (array), (uint32_t)ARRAY_SIZE(array), \
			      sizeof((array)[0]) })

static void expect_places(uint32_t *found, const uint32_t *wanted)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(after); i++)
		cr_expect_eq(found[i], wanted[i], "%zu: %u instead of %u", i,
			     found[i], wanted[i]);
	free(found);
}

Test(carry, finds_the_first_of_a_name)
{
	static const uint32_t wanted[] = { 4, 0, INDEX_END, 0, 0, 3 };

	expect_places(carry_find(LIST(after), LIST(before), &carry_by_name),
		      wanted);
}

Test(carry, gives_each_one_once)
{
	static const uint32_t wanted[] = { 4, 0, INDEX_END, 2, INDEX_END, 3 };

	expect_places(carry_pair(LIST(after), LIST(before), &carry_by_name),
		      wanted);
}

static uint32_t hash_alike(const void *item)
{
	return 7;
}

static bool same_state(const void *a, const void *b)
{
	const struct named *one = a, *other = b;

	return one->state == other->state;
}

/* A hash only says where to look. */
Test(carry, compares_what_has_one_hash)
{
	static const struct carry_key key = { hash_alike, same_state };
	static const struct named list[] = { { "x", 5 },
					     { "x", 9 },
					     { "x", 2 } };
	uint32_t *found = carry_find(LIST(list), LIST(before), &key);

	cr_expect_eq(found[0], 4);
	cr_expect_eq(found[1], INDEX_END);
	cr_expect_eq(found[2], 1);
	free(found);
}

Test(carry, empty_lists)
{
	struct carry_list none = { NULL, 0, sizeof(struct named) };
	uint32_t *found = carry_find(none, LIST(before), &carry_by_name);

	cr_expect_not_null(found);
	free(found);
	found = carry_pair(LIST(before), none, &carry_by_name);
	cr_expect_eq(found[0], INDEX_END);
	free(found);
}
