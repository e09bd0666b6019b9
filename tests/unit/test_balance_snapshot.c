/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot of the decision's memory has all of it: each byte of the structs
 * is a member in the tables, padding in front of an aligned member, or one of
 * the few members that snapshots handle otherwise or leave out on purpose.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "balance/snapshot.h"
#include "lib/pack.h"
#include "tests/unit/balance_world.h"

struct snapshot_part {
	const char *name;
	size_t offset, size;
};

#define PART(type, member)                                             \
	{                                                              \
#member, offsetof(struct type, member),                \
			sizeof(__typeof__(((struct type *)0)->member)) \
	}

static int part_cmp(const void *a, const void *b)
{
	const struct snapshot_part *one = a, *other = b;

	return one->offset < other->offset ? -1 : one->offset > other->offset;
}

/* The length of "ramp." in "ramp.share", or 0. */
static size_t part_inside(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? (size_t)(dot - name) + 1 : 0;
}

/*
 * Padding before PART, behind LAST: less than the alignment of PART, which is
 * its size; between a struct inside and the next, that of a struct.
 */
static bool gap_is_padding(size_t gap, const struct snapshot_part *last,
			   const struct snapshot_part *part)
{
	size_t align = part->size < 8 ? part->size : 8;
	size_t inside = part_inside(part->name);

	if (last && (inside != part_inside(last->name) ||
		     strncmp(last->name, part->name, inside) != 0))
		return gap < 8 && (gap == 0 || part->offset % 4 == 0);
	return gap == 0 ||
	       (align > 1 && gap < align && part->offset % align == 0);
}

static void assert_whole(const char *what, size_t size,
			 const struct snapshot_field *fields, size_t nr_fields,
			 const struct snapshot_part *others, size_t nr_others)
{
	struct snapshot_part *parts =
		xcalloc(nr_fields + nr_others, sizeof(*parts));
	size_t i, end = 0;

	for (i = 0; i < nr_fields; i++)
		parts[i] = (struct snapshot_part){ fields[i].name,
						   fields[i].offset,
						   fields[i].size };
	for (i = 0; i < nr_others; i++)
		parts[nr_fields + i] = others[i];
	qsort(parts, nr_fields + nr_others, sizeof(*parts), part_cmp);
	for (i = 0; i < nr_fields + nr_others; i++) {
		cr_assert_geq(parts[i].offset, end, "%s: %s twice", what,
			      parts[i].name);
		cr_expect(gap_is_padding(parts[i].offset - end,
					 i > 0 ? &parts[i - 1] : NULL,
					 &parts[i]),
			  "%s: before %s, %zu bytes are in no table", what,
			  parts[i].name, parts[i].offset - end);
		end = parts[i].offset + parts[i].size;
	}
	cr_expect_lt(size - end, 8, "%s: the last %zu bytes are in no table",
		     what, size - end);
	free(parts);
}

Test(balance_snapshot, has_every_member)
{
	static const struct snapshot_part check[] = { PART(check_state, more) };
	static const struct snapshot_part more[] = { PART(check_more, text) };
	static const struct snapshot_part leaving[] = {
		PART(leaving, addr.addr.pad), PART(leaving, addr.addr.bytes),
		PART(leaving, addr.pad)
	};

	assert_whole("a check", sizeof(struct check_state), snapshot_check,
		     snapshot_check_fields, check, ARRAY_SIZE(check));
	assert_whole("more of a check", sizeof(struct check_more),
		     snapshot_more, snapshot_more_fields, more,
		     ARRAY_SIZE(more));
	assert_whole("a server", sizeof(struct server_state), snapshot_server,
		     snapshot_server_fields, NULL, 0);
	assert_whole("a service", sizeof(struct vs_state), snapshot_service,
		     snapshot_service_fields, NULL, 0);
	assert_whole("a leaving server", sizeof(struct leaving),
		     snapshot_leaving, snapshot_leaving_fields, leaving,
		     ARRAY_SIZE(leaving));
}

/* The balance itself: arrays have their own tables, effects are left out. */
Test(balance_snapshot, has_every_member_of_the_whole)
{
	static const struct snapshot_part whole[] = {
		PART(balance, conf),	     PART(balance, checks),
		PART(balance, servers),	     PART(balance, services),
		PART(balance, candidates),   PART(balance, values),
		PART(balance, events),	     PART(balance, nr_events),
		PART(balance, event_first),  PART(balance, room_events),
		PART(balance, notices),	     PART(balance, nr_notices),
		PART(balance, notice_first), PART(balance, room_notices),
		PART(balance, leaving),	     PART(balance, nr_leaving),
		PART(balance, room_leaving), PART(balance, heard),
		PART(balance, heard_arg),
	};

	assert_whole("the balance", sizeof(struct balance), snapshot_balance,
		     snapshot_balance_fields, whole, ARRAY_SIZE(whole));
}

/* Damaged bytes are refused, or read as some memory; nothing else. */
Test(balance_snapshot, survives_any_damage)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, s(1)), *copy;
	struct pack state = { 0 };
	struct table wanted = { 0 };
	unsigned refused = 0;
	uint64_t seed = 1;
	size_t i;

	for (i = 0; i < 4; i++)
		say_lag(balance, (uint32_t)i, 3, s(2));
	say(balance, 1, PROBE_REFUSED, s(3));
	balance_decide(balance, s(3), &wanted);
	balance_save(balance, &state);
	for (i = 0; i < state.used; i++) {
		struct unpack in = { .at = state.data,
				     .end = state.data + state.used };
		unsigned char was = state.data[i];

		state.data[i] = (unsigned char)random_below(&seed, 256);
		copy = balance_new(&world->conf, s(1));
		if (balance_restore(copy, &in) < 0)
			refused++;
		else
			balance_decide(copy, s(4), &wanted);
		balance_free(copy);
		state.data[i] = was;
	}
	cr_expect_gt(refused, 10);
	cr_expect_lt(refused, state.used);
	pack_free(&state);
	table_free(&wanted);
	balance_free(balance);
	world_free(world);
}
