/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash index: everything put in is found, in order, and nothing else. */
#include <criterion/criterion.h>

#include "lib/index.h"

Test(index, nothing_is_in_an_empty_one)
{
	struct index index = { 0 };
	struct index_walk walk;

	cr_expect_eq(index_first(&index, 0, &walk), INDEX_END);
	index_reserve(&index, 10);
	cr_expect_eq(index_first(&index, 0, &walk), INDEX_END);
	index_free(&index);
	cr_expect_eq(index_first(&index, 0, &walk), INDEX_END);
}

/* COUNT positions under HASHES hashes, STEP apart; it grows many times. */
static void fill(struct index *index, uint32_t count, uint32_t hashes,
		 uint32_t step)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		index_put(index, i % hashes * step, i);
}

static void expect_filled(const struct index *index, uint32_t count,
			  uint32_t hashes, uint32_t step)
{
	struct index_walk walk;
	uint32_t hash, i, wanted, found = 0;

	for (hash = 0; hash < hashes; hash++) {
		wanted = hash;
		index_for_each (index, hash * step, &walk, i) {
			cr_assert_eq(i, wanted, "%u instead of %u", i, wanted);
			wanted += hashes;
			found++;
		}
	}
	cr_expect_eq(found, count);
	index_for_each (index, hashes * step, &walk, i)
		cr_assert(false, "nothing is under this hash");
}

Test(index, keeps_the_order_under_one_hash_while_it_grows)
{
	static const struct {
		uint32_t hashes, step;
	} rows[] = { { 97, 1 },
		     { 1, 1 },
		     { 5000, 1 },
		     { 97, 65536 },
		     { 3, 0x10000000 } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct index index = { 0 };

		fill(&index, 5000, rows[i].hashes, rows[i].step);
		expect_filled(&index, 5000, rows[i].hashes, rows[i].step);
		index_free(&index);
	}
}

/* Enough room from the start gives the same, without growing. */
Test(index, does_not_grow_where_room_was_made)
{
	struct index index = { 0 };
	const struct index_slot *slots;

	index_reserve(&index, 5000);
	slots = index.slots;
	fill(&index, 5000, 4096, 4096);
	cr_expect_eq(index.slots, slots);
	expect_filled(&index, 5000, 4096, 4096);
	index_free(&index);
}

/* A pool is found by its name and by each of its addresses. */
Test(index, has_a_position_under_several_hashes)
{
	struct index index = { 0 };
	struct index_walk walk;

	index_put(&index, 7, 3);
	index_put(&index, 9, 3);
	cr_assert_eq(index_first(&index, 7, &walk), 3);
	cr_expect_eq(index_next(&walk), INDEX_END);
	cr_assert_eq(index_first(&index, 9, &walk), 3);
	index_free(&index);
}
