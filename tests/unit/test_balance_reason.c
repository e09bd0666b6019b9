/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_world.h"

static const char *reason(struct balance *balance, uint32_t server)
{
	static char text[256];

	weight_of(balance, 0, s(100));
	return balance_reason(balance, 0, server, s(100), text, sizeof(text));
}

#define POOL_1 "; 1 of 1 servers up"
#define POOL_0 "; 0 of 1 servers up"
#define POOL_LAST POOL_0 ", the last 1 that served are left in"
#define CHECK "TCP_CHECK 10.0.0.1:3306 "

/* What is said after each result, from a new server on. */
Test(balance_reason, of_a_check)
{
	static const struct {
		enum outcome outcome;
		const char *text;
	} story[] = {
		{ PROBE_NONE, CHECK "has not ended yet" POOL_0 },
		{ PROBE_LOCAL_FAULT, CHECK
		  "cannot judge: the checker could not run the probe" POOL_0 },
		{ PROBE_OK, CHECK
		  "passed 1 of the 2 times in a row that it takes" POOL_0 },
		{ PROBE_OK, CHECK "passed in 1.500 ms" POOL_1 },
		{ PROBE_MISCONFIGURED, CHECK
		  "still counts as up, cannot judge now: the check itself is misconfigured" POOL_1 },
		{ PROBE_LOCAL_FAULT, CHECK
		  "still counts as up, cannot judge now: the checker could not run the probe" POOL_1 },
		{ PROBE_OK, CHECK "passed in 1.500 ms" POOL_1 },
		{ PROBE_DRAIN, CHECK
		  "asks for a drain: the server asks to be drained" POOL_0 },
		{ PROBE_OK, CHECK "passed in 1.500 ms" POOL_1 },
		{ PROBE_HUNG, CHECK
		  "failed 1 of 2 times in a row: connected, but no answer within the time limit" POOL_1 },
		{ PROBE_REFUSED, CHECK
		  "failed 2 times in a row (fall 2): connection refused" POOL_LAST },
		{ PROBE_OK, CHECK
		  "passed 1 of the 2 times in a row that it takes" POOL_LAST },
		{ PROBE_OK, CHECK "passed in 1.500 ms" POOL_1 },
	};
	struct world *world = world_pool(1, CHECK_TCP);
	struct balance *balance;
	size_t i;

	world->checks[0].rise = 2;
	balance = balance_new(&world->conf, 0);
	for (i = 0; i < ARRAY_SIZE(story); i++) {
		if (story[i].outcome != PROBE_NONE)
			say(balance, 0, story[i].outcome, s(i + 1));
		cr_expect_str_eq(reason(balance, 0), story[i].text);
	}
	balance_free(balance);
	world_free(world);
}

Test(balance_reason, of_the_pool)
{
	struct world *world = world_pool(2, CHECK_TCP);
	struct balance *balance;

	world->vs[0].quorum = 2;
	endpoint_parse(&world->vs[0].sorry.addr, "10.9.9.9:3306");
	world->servers[0].weight = 5;
	world->uses[1][0].alpha = true;
	balance = balance_new(&world->conf, 0);
	cr_expect_str_eq(reason(balance, 1),
			 "TCP_CHECK 10.0.0.2:3306 has not ended yet (alpha); "
			 "0 of 2 servers up, weight 0, quorum 2 not reached");
	say(balance, 0, PROBE_OK, s(1));
	cr_expect_str_eq(reason(balance, 0),
			 "TCP_CHECK 10.0.0.1:3306 passed in 1.500 ms; "
			 "1 of 2 servers up, weight 5, quorum 2 reached");
	say(balance, 0, PROBE_CLOSED, s(2));
	say(balance, 0, PROBE_CLOSED, s(3));
	cr_expect_str_eq(reason(balance, REF_SORRY),
			 "sorry server; 0 of 2 servers up, weight 0, quorum 2 "
			 "not reached, the sorry server serves");
	balance_free(balance);
	world->vs[0].sorry.addr = (struct endpoint){ 0 };
	world->vs[0].quorum = 1;
	world->servers[0].nr_uses = 0;
	balance = balance_new(&world->conf, 0);
	cr_expect_str_eq(reason(balance, 0), "no check; 1 of 2 servers up");
	balance_free(balance);
	world_free(world);
}

Test(balance_reason, of_what_was_taken_over)
{
	struct world *world = world_pool(2, CHECK_MYSQL);
	struct world *edited = world_pool(2, CHECK_MYSQL);
	struct balance *old = balance_new(&world->conf, 0);
	struct balance *balance;
	struct verdict verdict = { .check = 1,
				   .outcome = PROBE_MISCONFIGURED,
				   .server_errno = 1045,
				   .failures = 1,
				   .text = "access denied for 'check'" };

	edited->checks[0].timeout = edited->checks[1].timeout = s(7);
	say(old, 0, PROBE_OK, s(1));
	say(old, 1, PROBE_CLOSED, s(1));
	weight_of(old, 0, s(1));
	balance = balance_new(&edited->conf, s(2));
	balance_inherit(balance, old, s(2));
	cr_expect_str_eq(reason(balance, 0),
			 "MYSQL_CHECK 10.0.0.1:3306 not checked yet, taken "
			 "over as serving; 1 of 2 servers up");
	cr_expect_str_eq(reason(balance, 1),
			 "MYSQL_CHECK 10.0.0.2:3306 not checked yet, taken "
			 "over as down; 1 of 2 servers up");
	balance_free(balance);
	balance = balance_new(&edited->conf, s(2));
	balance_verdict(balance, &verdict, s(3));
	cr_expect_str_eq(reason(balance, 1),
			 "MYSQL_CHECK 10.0.0.2:3306 cannot judge: access "
			 "denied for 'check' (error 1045); 0 of 2 servers up, "
			 "servers that cannot be judged serve");
	balance_free(balance);
	balance_free(old);
	world_free(world);
	world_free(edited);
}

/* Every length of buffer: ended, never beyond it. */
Test(balance_reason, fits_any_buffer)
{
	struct world *world = world_pool(1, CHECK_TCP);
	struct balance *balance = balance_new(&world->conf, 0);
	char whole[256], part[256];
	size_t size;

	say(balance, 0, PROBE_OK, s(1));
	balance_reason(balance, 0, 0, s(1), whole, sizeof(whole));
	for (size = 1; size <= sizeof(part); size++) {
		memset(part, '#', sizeof(part));
		balance_reason(balance, 0, 0, s(1), part, size);
		cr_assert_lt(strlen(part), size);
		cr_assert_eq(strncmp(part, whole, strlen(part)), 0);
		cr_assert(size == sizeof(part) || part[size] == '#');
	}
	balance_reason(balance, 9, 0, s(1), part, sizeof(part));
	cr_assert_str_eq(part, "");
	balance_free(balance);
	world_free(world);
}
