/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <string.h>

#include "balance/health.h"
#include "tests/unit/balance_world.h"

static char state_letter(const struct health *health, uint32_t rise)
{
	static const char letters[] = {
		[HEALTH_UNKNOWN] = '?', [HEALTH_DOWN] = 'd', [HEALTH_UP] = 'U'
	};

	return letters[health_state(health, rise)];
}

/* RESULTS: '+' and '-'; STATES: the state after each of them. */
static void health_follow(struct health health, uint32_t rise, uint32_t fall,
			  const char *results, const char *states)
{
	size_t i;

	for (i = 0; results[i]; i++) {
		char before = state_letter(&health, rise);
		bool changed =
			health_step(&health, results[i] == '+', rise, fall);

		cr_assert_eq(state_letter(&health, rise), states[i],
			     "rise %u fall %u %s: %c after result %zu", rise,
			     fall, results, state_letter(&health, rise), i + 1);
		cr_assert_eq(changed, before != states[i]);
	}
}

Test(balance_health, rise_and_fall_table)
{
	static const struct {
		uint32_t rise, fall;
		const char *results, *states;
	} cases[] = {
		{ 1, 1, "+-+-", "UdUd" },
		{ 1, 2, "+-+--+", "UUUUdU" },
		{ 1, 3, "+--+---+", "UUUUUUdU" },
		{ 3, 1, "++++-+++", "??UUdddU" },
		{ 2, 2, "++-+--+-++", "?UUUUddddU" },
		/* A single failure ends UNKNOWN; then a full row each way. */
		{ 3, 3, "++-++-+++--+---", "??ddddddUUUUUUd" },
		{ 1, 2, "-+", "dU" },
		{ 3, 1, "-+++", "dddU" },
	};
	struct health new = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		health_follow(new, cases[i].rise, cases[i].fall,
			      cases[i].results, cases[i].states);
}

Test(balance_health, presumptions)
{
	struct health health = { 0 };

	health_presume(&health, 2, 3);
	health_follow(health, 2, 3, "---", "UUd");
	health_presume_weakly(&health, 2);
	health_follow(health, 2, 3, "-", "d");
	/* One success, and it counts as fully up. */
	health_follow(health, 2, 3, "+---", "UUUd");
}

/* The plain reading of the words: a state, and a row of results against it. */
struct plain {
	bool known, up;
	uint32_t row;
};

static void plain_step(struct plain *plain, bool good, uint32_t rise,
		       uint32_t fall)
{
	if (!plain->known && !good) {
		plain->known = true;
		plain->row = 0;
		return;
	}
	if (good == (plain->known && plain->up)) {
		plain->row = 0;
		return;
	}
	if (++plain->row < (good ? rise : fall))
		return;
	plain->known = true;
	plain->up = good;
	plain->row = 0;
}

Test(balance_health, agrees_with_the_plain_reading)
{
	uint64_t seed = 1;
	uint32_t round, i;

	for (round = 0; round < 2000; round++) {
		uint32_t rise = 1 + random_below(&seed, 4);
		uint32_t fall = 1 + random_below(&seed, 4);
		uint32_t bias = 1 + random_below(&seed, 9);
		struct health health = { 0 };
		struct plain plain = { 0 };

		for (i = 0; i < 60; i++) {
			bool good = random_below(&seed, 10) < bias;
			char want;

			health_step(&health, good, rise, fall);
			plain_step(&plain, good, rise, fall);
			want = !plain.known ? '?' : plain.up ? 'U' : 'd';
			cr_assert_eq(state_letter(&health, rise), want,
				     "round %u step %u: %c, not %c", round, i,
				     state_letter(&health, rise), want);
		}
	}
}
