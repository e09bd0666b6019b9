/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `on_leave`: the place of a server that fails in the table. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/unit/balance_writer_pool.h"

#define SERVERS 2

static struct world *leave_pool(enum conf_on_leave on_leave)
{
	struct world *world = writer_pool(SERVERS, 0);
	uint32_t i;

	world->vs[0].on_leave = on_leave;
	world->vs[0].correlated = 0;
	for (i = 0; i < SERVERS; i++)
		world->servers[i].drain_timeout = s(100);
	return world;
}

/* The kernel counts so many connections of the first server. */
static bool count_of_first(struct balance *balance, uint32_t active, usec_t now)
{
	struct table table = { 0 };
	bool matters;
	size_t i;

	balance_decide(balance, now, &table);
	for (i = 0; i < table.nr_dests; i++)
		if (table.dests[i].ref == 0)
			table.dests[i].active = active;
	matters = balance_note_connections(balance, &table);
	table_free(&table);
	return matters;
}

/* Without the word a failed server is out, as keepalived has it. */
Test(balance_leave, unsaid_and_cut_are_out)
{
	enum conf_on_leave leave;

	for (leave = LEAVE_UNSAID; leave <= LEAVE_CUT; leave++) {
		struct world *world = leave_pool(leave);
		struct balance *balance = balance_new(&world->conf, 0);

		hear(balance, "++", s(2));
		cr_expect_str_eq(hear(balance, "x+", s(4)),
				 leave == LEAVE_KEEP ? "0 1" : "- 1");
		cr_expect_str_eq(hear(balance, "++", s(6)), "1 1");
		balance_free(balance);
		world_free(world);
	}
}

Test(balance_leave, kept_until_drain_timeout)
{
	struct world *world = leave_pool(LEAVE_KEEP);
	struct balance *balance = balance_new(&world->conf, 0);
	usec_t wake;

	hear(balance, "++", s(2));
	cr_assert_str_eq(hear(balance, "x+", s(4)), "0 1");
	wake = balance_next_wake(balance);
	cr_expect_eq(wake, s(104));
	cr_expect_str_eq(hear(balance, "x+", s(103)), "0 1");
	cr_expect_str_eq(weights(balance, wake), "- 1");
	/* Once out, it stays out. */
	cr_expect_str_eq(hear(balance, "x+", s(106)), "- 1");
	balance_free(balance);
	world_free(world);
}

/* The last resort has not left: its time begins when others take its place. */
Test(balance_leave, kept_from_the_end_of_a_last_resort)
{
	struct world *world = leave_pool(LEAVE_KEEP);
	struct balance *balance = balance_new(&world->conf, 0);

	hear(balance, "++", s(2));
	hear(balance, "xx", s(4));
	cr_assert_str_eq(hear(balance, "xx", s(500)), "1 1");
	cr_assert_str_eq(hear(balance, "+x", s(502)), "1 0");
	cr_expect_str_eq(hear(balance, "+x", s(601)), "1 0");
	cr_expect_str_eq(hear(balance, "+x", s(602)), "1 -");
	balance_free(balance);
	world_free(world);
}

Test(balance_leave, kept_until_its_connections_end)
{
	struct world *world = leave_pool(LEAVE_KEEP);
	struct balance *balance = balance_new(&world->conf, 0);

	hear(balance, "++", s(2));
	/* No connection yet: this count is from before. */
	count_of_first(balance, 0, s(3));
	cr_assert_str_eq(hear(balance, "x+", s(4)), "0 1");
	cr_expect_not(count_of_first(balance, 3, s(5)));
	cr_expect_str_eq(hear(balance, "x+", s(6)), "0 1");
	cr_expect(count_of_first(balance, 0, s(7)));
	cr_expect_str_eq(weights(balance, s(7)), "- 1");
	balance_free(balance);
	world_free(world);
}

/* inhibit_on_failure would leave the connections where they are. */
Test(balance_leave, cut_is_stronger_than_inhibit)
{
	struct world *world = leave_pool(LEAVE_CUT);
	struct balance *balance = balance_new(&world->conf, 0);

	world->servers[0].inhibit = true;
	hear(balance, "++", s(2));
	cr_expect_str_eq(hear(balance, "x+", s(4)), "- 1");
	/* Not for a soft failure or a drain, which are no hard ones. */
	hear(balance, "++", s(6));
	cr_expect_str_eq(hear(balance, "l+", s(8)), "0 1");
	cr_expect_str_eq(hear(balance, "d+", s(10)), "0 1");
	/* The last resort keeps its connections: nobody else has them. */
	cr_expect_str_eq(hear(balance, "xx", s(12)), "1 1");
	balance_free(balance);
	world_free(world);
}

/* At weight 0 its old connections would come back from the kernel's trash. */
Test(balance_leave, cut_while_it_waits_for_a_failback)
{
	struct world *world = leave_pool(LEAVE_CUT);
	struct balance *balance = balance_new(&world->conf, 0);

	world->vs[0].failback_manual = true;
	hear(balance, "++", s(2));
	hear(balance, "x+", s(4));
	cr_expect_str_eq(hear(balance, "++", s(6)), "- 1");
	balance_failback(balance, 0);
	cr_expect_str_eq(weights(balance, s(7)), "1 1");
	balance_free(balance);
	world_free(world);
}

/* The server of the first check has no session of a client left. */
static void say_evicted(struct balance *balance, usec_t now)
{
	struct verdict verdict = {
		.check = 0, .outcome = PROBE_ROLE, .when = now, .failures = 9
	};

	verdict.facts.have = FACT_EVICTED;
	balance_verdict(balance, &verdict, now);
}

/* Wanted from the moment the server is out until it is done, once. */
Test(balance_leave, kill_is_wanted_until_it_is_done)
{
	struct world *world = leave_pool(LEAVE_KILL);
	struct balance *balance = balance_new(&world->conf, 0);

	world->vs[0].writers = 1;
	hear(balance, "+r", s(2));
	/* Nobody else writes: the last resort has not left. */
	hear(balance, "rr", s(4));
	cr_expect_not(balance_evicts(balance, 0));
	cr_expect_str_eq(hear(balance, "r+", s(6)), "- 1");
	cr_expect(balance_evicts(balance, 0));
	cr_expect_not(balance_evicts(balance, 1));
	say_evicted(balance, s(8));
	cr_expect_str_eq(hear(balance, "r+", s(10)), "- 1");
	cr_expect_not(balance_evicts(balance, 0));
	/* A server that has not been reached in time, and serves again. */
	cr_expect_str_eq(hear(balance, "+x", s(12)), "1 -");
	cr_expect(balance_evicts(balance, 1));
	cr_expect_str_eq(hear(balance, "x+", s(14)), "- 1");
	cr_expect_not(balance_evicts(balance, 1));
	balance_free(balance);
	world_free(world);
}

Test(balance_leave, kill_is_nothing_for_a_reserve_or_other_pools)
{
	struct world *world = leave_pool(LEAVE_KILL);
	struct balance *balance = balance_new(&world->conf, 0);

	balance_reserve(balance, true);
	hear(balance, "++", s(2));
	hear(balance, "x+", s(4));
	cr_expect_not(balance_evicts(balance, 0));
	hear(balance, "++", s(6));
	balance_reserve(balance, false);
	hear(balance, "l+", s(8));
	cr_expect_not(balance_evicts(balance, 0), "a soft failure");
	hear(balance, "0+", s(10));
	world->vs[0].on_leave = LEAVE_CUT;
	hear(balance, "x+", s(12));
	cr_expect_not(balance_evicts(balance, 0));
	balance_free(balance);
	world_free(world);
}

/* The balancer that had the clients may have died with the server, or may not. */
Test(balance_leave, kill_is_handed_over_with_the_clients)
{
	struct world *world = leave_pool(LEAVE_KILL);
	struct balance *balance = balance_new(&world->conf, 0);

	balance_reserve(balance, true);
	hear(balance, "++", s(2));
	hear(balance, "x+", s(4));
	hear(balance, "x+", s(63));
	cr_expect_not(balance_evicts(balance, 0), "the other one has clients");
	balance_reserve(balance, false);
	hear(balance, "x+", s(64));
	cr_expect(balance_evicts(balance, 0));
	hear(balance, "x+", s(500));
	cr_expect(balance_evicts(balance, 0), "as long as it takes");
	balance_reserve(balance, true);
	hear(balance, "x+", s(502));
	cr_expect_not(balance_evicts(balance, 0));
	balance_reserve(balance, false);
	hear(balance, "x+", s(504));
	cr_expect(balance_evicts(balance, 0),
		  "the addresses came back at once");
	balance_reserve(balance, true);
	hear(balance, "x+", s(506));
	balance_reserve(balance, false);
	hear(balance, "x+", s(567));
	cr_expect_not(balance_evicts(balance, 0),
		      "another story: its sessions are new ones");
	balance_free(balance);
	world_free(world);
}

/* A server in two pools does not know by which one a client came. */
Test(balance_leave, users_of_all_pools_of_a_server_are_spared)
{
	struct conf_use uses[] = { { .check = 1 }, { .check = 2 } };
	struct conf_server servers[] = {
		{ .vs = 0, .uses = uses, .nr_uses = 1 },
		{ .vs = 1, .uses = uses, .nr_uses = 2 },
		{ .vs = 2, .uses = uses, .nr_uses = 1 },
		{ .vs = 3, .uses = uses + 1, .nr_uses = 1 },
	};
	struct conf_virtual_server vss[] = {
		{ .kill_spare = "root\nbackup" },
		{ .kill_spare = NULL },
		{ .kill_spare = "dba" },
		{ .kill_spare = "other" },
	};
	struct conf conf = { .servers = servers,
			     .nr_servers = 4,
			     .virtual_servers = vss,
			     .nr_virtual_servers = 4 };
	char out[32], small[15];

	cr_expect_eq(conf_kill_spare(&conf, 1, out, sizeof(out)), 0);
	cr_expect_str_eq(out, "root\nbackup\ndba");
	cr_expect_eq(conf_kill_spare(&conf, 2, out, sizeof(out)), 0);
	cr_expect_str_eq(out, "other");
	cr_expect_eq(conf_kill_spare(&conf, 7, out, sizeof(out)), 0);
	cr_expect_str_eq(out, "");
	/* A list that is cut would end the sessions of the last ones. */
	cr_expect_eq(conf_kill_spare(&conf, 1, small, sizeof(small)), -E2BIG);
}
