/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matrix of `integrity { }`: the part to blame, by the payloads. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/integrity/integrity_matrix.h"

#define SERVERS 4
#define CLEAN INTEGRITY_CLEAN
#define CORRUPT INTEGRITY_CORRUPT
#define SUSPECT INTEGRITY_SUSPECT
#define NEVER INTEGRITY_UNMEASURED

static const struct conf_integrity usual = {
	.rate = 100000, .least = 1, .most = 1 << 20, .confirm = 2
};

static struct integrity_row row_new(void)
{
	struct integrity_row row = { .random = 5 };

	row.cells[INTEGRITY_DIRECT].exists = true;
	row.cells[INTEGRITY_CLIENT].exists = true;
	return row;
}

static void give_named(struct integrity_row *row, enum integrity_way way,
		       enum payload_state state, const char *server)
{
	struct payload_found found = { .size = 1000,
				       .state = state,
				       .differing = state > PAYLOAD_SAME,
				       .offset = 77 };

	snprintf(found.server, sizeof(found.server), "%s", server);
	row->asked = way;
	integrity_take(row, &usual, &found, 1000);
}

static void give(struct integrity_row *row, enum integrity_way way,
		 const char *payloads)
{
	for (; *payloads; payloads++)
		give_named(row, way,
			   *payloads == '.' ? PAYLOAD_SAME :
			   *payloads == 'd' ? PAYLOAD_DOWN :
			   *payloads == 'l' ? PAYLOAD_LIE :
					      PAYLOAD_UP,
			   "server_id 1, a:3306");
}

static void give_both(struct integrity_row *row, const char *payloads)
{
	give(row, INTEGRITY_DIRECT, payloads);
	give(row, INTEGRITY_CLIENT, payloads);
}

Test(integrity_matrix, a_way_by_its_payloads)
{
	static const struct {
		const char *payloads;
		uint32_t confirm;
		enum integrity_state state;
	} cases[] = {
		{ "", 2, NEVER },
		{ "..", 2, NEVER },
		{ "...", 2, CLEAN },
		{ "x", 2, SUSPECT },
		{ "x", 1, CORRUPT },
		{ "x..", 2, SUSPECT },
		{ "x...", 2, CLEAN },
		{ "x.x", 2, CORRUPT },
		{ "x..x", 2, SUSPECT },
		{ "xx", 2, CORRUPT },
		{ "xx", 3, SUSPECT },
		{ "xxx", 3, CORRUPT },
		{ "xx.........", 2, CORRUPT },
		{ "xx..........", 2, CLEAN },
		{ "xx.........x.........", 2, CORRUPT },
		{ "xx.........x..........", 2, CLEAN },
	};
	struct conf_integrity conf = usual;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct integrity_row row = row_new();
		struct payload_found found = { .size = 10 };
		const char *at;

		conf.confirm = cases[i].confirm;
		for (at = cases[i].payloads; *at; at++) {
			found.state = *at == 'x' ? PAYLOAD_UP : PAYLOAD_SAME;
			integrity_take(&row, &conf, &found, 1000);
		}
		cr_expect_eq(integrity_cell_state(&row.cells[0], &conf, 1000),
			     cases[i].state, "%s, confirm %u",
			     cases[i].payloads, cases[i].confirm);
	}
}

Test(integrity_matrix, what_was_not_measured_for_long_is_not_known)
{
	struct integrity_row row = row_new();
	usec_t period = (usec_t)usual.most * USEC_PER_SEC / usual.rate * 2;

	give(&row, INTEGRITY_DIRECT, "...");
	cr_expect_eq(integrity_row_state(&row, &usual, 1000 + 8 * period),
		     CLEAN);
	cr_expect_eq(integrity_row_state(&row, &usual, 1001 + 8 * period),
		     NEVER);
	give(&row, INTEGRITY_DIRECT, "xx");
	cr_expect_eq(integrity_row_state(&row, &usual, 1001 + 8 * period),
		     NEVER);
}

Test(integrity_matrix, a_payload_that_came_to_nothing_is_no_failure)
{
	struct integrity_row row = row_new();
	int i;

	give_both(&row, "...");
	for (i = 0; i < 100; i++) {
		row.asked = i % 2 ? INTEGRITY_DIRECT : INTEGRITY_CLIENT;
		integrity_miss(&row, "connection reset");
	}
	cr_expect_eq(integrity_row_state(&row, &usual, 1000), CLEAN);
	cr_expect_eq(row.cells[0].missed, 50);
	cr_expect_str_eq(row.cells[0].trouble, "connection reset");
	give_both(&row, ".");
	cr_expect_str_eq(row.cells[0].trouble, "");
}

/* A server's payloads: its state here, and on the other balancer. */
struct seen {
	enum integrity_state here, there;
};

static struct integrity_row row_of(const struct seen *seen)
{
	struct integrity_row row = row_new();

	give_both(&row, seen->here == CLEAN   ? "..." :
			seen->here == CORRUPT ? "xx" :
			seen->here == SUSPECT ? "x" :
						"");
	row.there = seen->there;
	return row;
}

#define YES INTEGRITY_SERVER
#define NO INTEGRITY_NOBODY

Test(integrity_matrix, who_is_to_blame)
{
	static const struct {
		struct seen servers[SERVERS];
		size_t nr;
		enum integrity_blame pool, each[SERVERS];
	} cases[] = {
		{ { { CLEAN, NEVER }, { CLEAN, NEVER } }, 2, NO, { 0 } },
		/* One of several. */
		{ { { CORRUPT, NEVER }, { CLEAN, NEVER } }, 2, NO, { YES } },
		{ { { CORRUPT, CORRUPT }, { CLEAN, CLEAN } }, 2, NO, { YES } },
		{ { { CORRUPT, CLEAN }, { CLEAN, CLEAN } }, 2, NO, { YES } },
		{ { { CORRUPT, NEVER }, { CORRUPT, NEVER }, { CLEAN, NEVER } },
		  3,
		  NO,
		  { YES, YES } },
		/* A bad one of three is not bad for sure, nor in order. */
		{ { { CORRUPT, NEVER }, { SUSPECT, NEVER } },
		  2,
		  NO,
		  { NO, NO } },
		/* All. */
		{ { { CORRUPT, NEVER }, { CORRUPT, NEVER } },
		  2,
		  INTEGRITY_UNTOLD,
		  { 0 } },
		{ { { CORRUPT, CLEAN }, { CORRUPT, CLEAN } },
		  2,
		  INTEGRITY_BALANCER,
		  { 0 } },
		{ { { CORRUPT, CORRUPT }, { CORRUPT, CORRUPT } },
		  2,
		  INTEGRITY_SHARED,
		  { 0 } },
		{ { { CORRUPT, CLEAN }, { CORRUPT, NEVER } },
		  2,
		  INTEGRITY_UNTOLD,
		  { 0 } },
		{ { { CORRUPT, CLEAN }, { CORRUPT, CORRUPT } },
		  2,
		  INTEGRITY_UNTOLD,
		  { 0 } },
		/* Those not measured count for nothing. */
		{ { { CORRUPT, CLEAN }, { CORRUPT, CLEAN }, { NEVER, CLEAN } },
		  3,
		  INTEGRITY_BALANCER,
		  { 0 } },
		/* The only one. */
		{ { { CORRUPT, NEVER } }, 1, INTEGRITY_UNTOLD, { 0 } },
		{ { { CORRUPT, CORRUPT } }, 1, NO, { YES } },
		{ { { CORRUPT, CLEAN } }, 1, INTEGRITY_BALANCER, { 0 } },
		{ { { CORRUPT, NEVER }, { NEVER, NEVER } },
		  2,
		  INTEGRITY_UNTOLD,
		  { 0 } },
	};
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct integrity_row rows[SERVERS];

		for (k = 0; k < cases[i].nr; k++)
			rows[k] = row_of(&cases[i].servers[k]);
		cr_expect_eq(integrity_judge(rows, cases[i].nr, &usual, 1000),
			     cases[i].pool, "case %zu", i);
		for (k = 0; k < cases[i].nr; k++)
			cr_expect_eq(rows[k].blame, cases[i].each[k],
				     "case %zu, server %zu", i, k);
	}
}

Test(integrity_matrix, a_liar_is_named_even_alone)
{
	struct integrity_row rows[2] = { row_new(), row_new() };
	char text[INTEGRITY_TEXT_MAX];

	give_both(&rows[0], "ll");
	cr_expect_eq(integrity_judge(rows, 1, &usual, 1000), NO);
	cr_expect_eq(rows[0].blame, INTEGRITY_LIAR);
	give_both(&rows[1], "xx");
	rows[1].there = CLEAN;
	cr_expect_eq(integrity_judge(rows, 2, &usual, 1000),
		     INTEGRITY_BALANCER);
	cr_expect_eq(rows[0].blame, INTEGRITY_LIAR);
	integrity_explain(&rows[0], &usual, "192.0.2.10", 1000, text);
	cr_expect(strstr(text, "computes wrongly"), "%s", text);
}

Test(integrity_matrix, another_server_at_the_service_address)
{
	struct integrity_row row = row_new();
	char text[INTEGRITY_TEXT_MAX];

	give_named(&row, INTEGRITY_CLIENT, PAYLOAD_SAME, "server_id 2, b:3306");
	cr_expect_not(row.stranger, "nothing is known of its own address");
	give(&row, INTEGRITY_DIRECT, "...");
	give_named(&row, INTEGRITY_CLIENT, PAYLOAD_UP, "server_id 2, b:3306");
	cr_expect_not(row.stranger);
	give_named(&row, INTEGRITY_CLIENT, PAYLOAD_UP, "server_id 2, b:3306");
	cr_expect(row.stranger);
	cr_expect_eq(integrity_judge(&row, 1, &usual, 1000), NO);
	cr_expect_eq(row.blame, INTEGRITY_STRANGER,
		     "payload of another one says nothing about this one");
	integrity_explain(&row, &usual, "192.0.2.10", 1000, text);
	cr_expect_str_eq(text, "at 192.0.2.10 answers server_id 2, b:3306, at "
			       "its own address server_id 1, a:3306");
	give(&row, INTEGRITY_CLIENT, "..");
	cr_expect(row.stranger);
	give(&row, INTEGRITY_CLIENT, ".");
	cr_expect_not(row.stranger);
}

Test(integrity_matrix, which_way_is_named)
{
	struct integrity_row row = row_new();
	char text[INTEGRITY_TEXT_MAX];

	give(&row, INTEGRITY_DIRECT, "........");
	integrity_judge(&row, 1, &usual, 1000);
	row.blame = INTEGRITY_SERVER;
	give(&row, INTEGRITY_CLIENT, "dd");
	give(&row, INTEGRITY_DIRECT, "....");
	integrity_explain(&row, &usual, "192.0.2.10", 1000, text);
	cr_expect_str_eq(text, "bytes are changed through 192.0.2.10; too few "
			       "have gone to its own address yet; last back "
			       "from the server, at byte 77 of 1000");
	give(&row, INTEGRITY_DIRECT, ".");
	integrity_explain(&row, &usual, "192.0.2.10", 1000, text);
	cr_expect_str_eq(
		text, "bytes are changed through 192.0.2.10 only, not at its "
		      "own address; last back from the server, at byte 77 of "
		      "1000");
	give(&row, INTEGRITY_DIRECT, "xx");
	integrity_explain(&row, &usual, "192.0.2.10", 1000, text);
	cr_expect(strstr(text, "on both ways"), "%s", text);
	row = row_new();
	give(&row, INTEGRITY_DIRECT, "xx");
	integrity_explain(&row, &usual, "192.0.2.10", 1000, text);
	cr_expect(strstr(text, "at its own address"), "%s", text);
}

Test(integrity_matrix, clean_is_told_only_if_each_way_is)
{
	struct integrity_row row = row_new();

	give(&row, INTEGRITY_DIRECT, "...");
	cr_expect_eq(integrity_row_state(&row, &usual, 1000), CLEAN);
	cr_expect_eq(integrity_row_report(&row, &usual, 1000), NEVER);
	give(&row, INTEGRITY_CLIENT, "...");
	cr_expect_eq(integrity_row_report(&row, &usual, 1000), CLEAN);
	give(&row, INTEGRITY_CLIENT, "xx");
	cr_expect_eq(integrity_row_report(&row, &usual, 1000), CORRUPT);
}

/* Properties, by a seed. */
Test(integrity_matrix, sizes_ways_and_the_rate)
{
	static const struct conf_integrity confs[] = {
		{ 100000, 1, 1 << 20, 2, false },
		{ 1000, 7, 7, 1, false },
		{ 1000000000, 1, PAYLOAD_MAX, 3, false },
		{ 100000, 100, 200, 2, false },
		{ 100000, 1000, 70000, 2, false },
	};
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(confs); i++) {
		const struct conf_integrity *conf = &confs[i];
		struct integrity_row row = row_new();
		uint64_t bytes = 0, ways[INTEGRITY_WAYS] = { 0 };
		uint32_t smallest = UINT32_MAX, largest = 0;
		usec_t now = 5;

		for (k = 0; k < 4000; k++) {
			uint32_t size = integrity_send(&row, conf, now);

			cr_assert(size >= conf->least && size <= conf->most,
				  "conf %zu: %u", i, size);
			cr_assert_gt(row.next, now);
			smallest = size < smallest ? size : smallest;
			largest = size > largest ? size : largest;
			bytes += size;
			ways[row.asked]++;
			now = row.next;
		}
		cr_expect_leq(bytes / ((double)now / USEC_PER_SEC),
			      conf->rate + 1.0, "conf %zu", i);
		cr_expect_eq(ways[0], ways[1]);
		cr_expect_leq(smallest, conf->least + 64);
		cr_expect_geq(largest, conf->most - conf->most / 100);
	}
}

Test(integrity_matrix, after_a_bad_one_the_largest_follow)
{
	struct integrity_row row = row_new();

	give(&row, INTEGRITY_DIRECT, "x");
	cr_expect_eq(integrity_send(&row, &usual, 1), usual.most);
	cr_expect_eq(integrity_send(&row, &usual, 1), usual.most);
}

Test(integrity_matrix, a_bad_one_has_the_whole_pool_send_the_largest)
{
	struct integrity_row rows[2] = { row_new(), row_new() };

	give_both(&rows[0], "...");
	give_both(&rows[1], "...x");
	integrity_judge(rows, 2, &usual, 1000);
	cr_expect_eq(integrity_send(&rows[0], &usual, 1), usual.most);
	give_both(&rows[1], "...");
	integrity_judge(rows, 2, &usual, 1000);
	cr_expect_not(rows[0].alarm);
}

Test(integrity_matrix, the_way_of_a_bad_one_is_asked_twice_more)
{
	static const enum integrity_way ways[] = { INTEGRITY_CLIENT,
						   INTEGRITY_CLIENT,
						   INTEGRITY_DIRECT,
						   INTEGRITY_CLIENT };
	struct integrity_row row = row_new();
	size_t i;

	give(&row, INTEGRITY_CLIENT, "x");
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		integrity_send(&row, &usual, 1);
		cr_expect_eq(row.asked, ways[i], "payload %zu", i);
	}
	row = row_new();
	give(&row, INTEGRITY_CLIENT, "xx");
	integrity_send(&row, &usual, 1);
	cr_expect_eq(row.asked, INTEGRITY_DIRECT, "it is confirmed");
}

Test(integrity_matrix, a_way_that_does_not_exist_is_not_taken)
{
	struct integrity_row row = row_new();
	int i;

	row.cells[INTEGRITY_CLIENT].exists = false;
	for (i = 0; i < 10; i++) {
		integrity_send(&row, &usual, 1);
		cr_expect_eq(row.asked, INTEGRITY_DIRECT);
	}
}

/* Whether a payload of SIZE meets a change in 1 of 1000 segments. */
static bool meets_change(uint32_t size, uint64_t *dice)
{
	bool bad = false;
	uint32_t segment;

	for (segment = 0; segment <= size / 1448; segment++) {
		*dice = *dice * 6364136223846793005u + 1442695040888963407u;
		bad |= (*dice >> 33) % 1000 == 0;
	}
	return bad;
}

/* One payload of ROW comes back; changed if its way is BROKEN and chance has it so. */
static void exchange(struct integrity_row *row, bool broken, uint64_t *dice)
{
	struct payload_found found = {
		.size = integrity_send(row, &usual, 1000),
	};

	found.state = broken && meets_change(found.size, dice) ? PAYLOAD_UP :
								 PAYLOAD_SAME;
	integrity_take(row, &usual, &found, 1000);
}

/* Everything is changed, of some server by chance first. */
Test(integrity_matrix, chance_names_no_server_where_all_are_changed)
{
	static const size_t sizes[] = { 2, 3, 8, 32 };
	unsigned wrong = 0, runs = 0, seed;
	size_t i, k;

	for (seed = 1; seed <= 200; seed++) {
		size_t nr = sizes[seed % ARRAY_SIZE(sizes)];
		struct integrity_row rows[32];
		struct integrity_pool pool = { 0 };
		enum integrity_blame found = NO;
		uint64_t dice = seed;
		bool named = false;

		for (i = 0; i < nr; i++) {
			rows[i] = row_new();
			rows[i].random = seed + i;
			rows[i].there = CLEAN;
			give_both(&rows[i], "...");
		}
		for (k = 0; k < 100 * nr; k++) {
			exchange(&rows[k % nr], true, &dice);
			found = integrity_judge(rows, nr, &usual, 1000);
			pool.blame = integrity_settle(&pool, rows, nr, found);
			for (i = 0; i < nr; i++)
				named |= rows[i].blame == YES;
		}
		cr_expect_eq(pool.blame, INTEGRITY_BALANCER, "seed %u", seed);
		wrong += named;
		runs++;
	}
	printf("a server was named wrongly in %u of %u\n", wrong, runs);
	cr_expect_leq(wrong * 20, runs, "%u of %u", wrong, runs);
}

/* The server whose link changes bytes is named, soon, and no other one is. */
Test(integrity_matrix, the_server_with_the_bad_link_is_named)
{
	uint64_t sum = 0;
	unsigned most = 0, seed, k;
	size_t i;

	for (seed = 1; seed <= 400; seed++) {
		struct integrity_row rows[3];
		size_t nr = 2 + seed % 2;
		uint64_t dice = seed;

		for (i = 0; i < nr; i++) {
			rows[i] = row_new();
			rows[i].random = seed + i;
			give_both(&rows[i], "...");
		}
		for (k = 0; rows[0].blame == NO && k < 200; k++)
			for (i = 0; i < nr; i++) {
				exchange(&rows[i], i == 0, &dice);
				cr_expect_eq(integrity_judge(rows, nr, &usual,
							     1000),
					     NO);
				cr_expect(rows[1].blame == NO);
			}
		cr_expect_eq(rows[0].blame, YES, "seed %u", seed);
		most = k > most ? k : most;
		sum += k;
	}
	printf("payloads of the server until it was named: %.1f, %u at most\n",
	       (double)sum / 400, most);
	cr_expect_leq(sum, 400 * 16);
	cr_expect_leq(most, 80);
}

Test(integrity_matrix, the_other_balancers_word_makes_it_sooner)
{
	struct integrity_row rows[2] = { row_new(), row_new() };

	give(&rows[0], INTEGRITY_DIRECT, "xx");
	give(&rows[1], INTEGRITY_DIRECT, "..");
	integrity_judge(rows, 2, &usual, 1000);
	cr_expect_eq(rows[0].blame, NO, "too little is known of the other one");
	rows[0].there = CORRUPT;
	integrity_judge(rows, 2, &usual, 1000);
	cr_expect_eq(rows[0].blame, YES);
	rows[0].there = NEVER;
	give(&rows[1], INTEGRITY_DIRECT, "x");
	integrity_judge(rows, 2, &usual, 1000);
	cr_expect_eq(rows[0].blame, YES, "it stays until it is known better");
	give(&rows[1], INTEGRITY_DIRECT, "x");
	cr_expect_eq(integrity_judge(rows, 2, &usual, 1000), INTEGRITY_UNTOLD);
	cr_expect_eq(rows[0].blame, NO);
}

Test(integrity_matrix, a_balancer_is_to_blame_when_more_has_come)
{
	struct integrity_row row = row_new();
	struct integrity_pool pool = { 0 };

	give(&row, INTEGRITY_DIRECT, "xx");
	cr_expect_eq(integrity_settle(&pool, &row, 1, INTEGRITY_BALANCER),
		     INTEGRITY_UNTOLD);
	give(&row, INTEGRITY_DIRECT, "xx");
	cr_expect_eq(integrity_settle(&pool, &row, 1, INTEGRITY_BALANCER),
		     INTEGRITY_UNTOLD);
	/* The other one is not clean after all: the count begins anew. */
	cr_expect_eq(integrity_settle(&pool, &row, 1, INTEGRITY_SHARED),
		     INTEGRITY_SHARED);
	give(&row, INTEGRITY_CLIENT, "x");
	cr_expect_eq(integrity_settle(&pool, &row, 1, INTEGRITY_BALANCER),
		     INTEGRITY_UNTOLD);
	give(&row, INTEGRITY_CLIENT, "xxx");
	pool.blame = integrity_settle(&pool, &row, 1, INTEGRITY_BALANCER);
	cr_expect_eq(pool.blame, INTEGRITY_BALANCER);
	/* A reload took the servers with all the changes away. */
	row = row_new();
	pool.blame = INTEGRITY_UNTOLD;
	cr_expect_eq(integrity_settle(&pool, &row, 1, INTEGRITY_BALANCER),
		     INTEGRITY_UNTOLD);
}

/*
 * A change in 1 of 1000 segments, and rarer: of a server whose payloads pass well
 * now and then it is not said that it is in order, once it is confirmed.
 */
Test(integrity_matrix, rare_changes_are_confirmed_and_do_not_flap)
{
	unsigned until = 0, swings = 0, seed;

	for (seed = 1; seed <= 200; seed++) {
		struct integrity_row row = row_new();
		uint64_t dice = seed;
		bool corrupt = false, was = false;
		unsigned k;

		row.random = seed;
		for (k = 0; k < 400; k++) {
			uint32_t size = integrity_send(&row, &usual, 1000);
			bool bad = meets_change(size, &dice);

			give(&row, row.asked, bad ? "x" : ".");
			was = corrupt;
			corrupt = integrity_row_state(&row, &usual, 1000) ==
				  CORRUPT;
			if (corrupt && until < k && swings < seed)
				until = k;
			swings += corrupt && !was;
		}
		cr_expect(corrupt, "seed %u", seed);
	}
	cr_expect_leq(swings, 210, "%u", swings);
	cr_expect_lt(until, 100, "%u payloads until the slowest", until);
}

/* The balancer forwards the clients' way; its memory and its link are of both ways. */
Test(integrity_matrix, which_part_of_the_balancer)
{
	struct integrity_row rows[2] = { row_new(), row_new() };
	size_t i;

	for (i = 0; i < 2; i++)
		give(&rows[i], INTEGRITY_CLIENT, "xx");
	cr_expect_not(integrity_only_forwarded(rows, 2, &usual, 1000),
		      "the other way was not measured");
	for (i = 0; i < 2; i++)
		give(&rows[i], INTEGRITY_DIRECT, "....");
	cr_expect_not(integrity_only_forwarded(rows, 2, &usual, 1000),
		      "too little");
	for (i = 0; i < 2; i++)
		give(&rows[i], INTEGRITY_DIRECT, ".");
	cr_expect(integrity_only_forwarded(rows, 2, &usual, 1000));
	give(&rows[1], INTEGRITY_DIRECT, "x");
	cr_expect_not(integrity_only_forwarded(rows, 2, &usual, 1000));
	/* Of a server that is clean nothing is asked. */
	rows[1] = row_new();
	give_both(&rows[1], "...");
	cr_expect(integrity_only_forwarded(rows, 2, &usual, 1000));
	cr_expect_not(integrity_only_forwarded(&rows[1], 1, &usual, 1000),
		      "nothing is corrupt");
}
