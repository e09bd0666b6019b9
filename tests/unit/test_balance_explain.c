/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/balance_world.h"

struct lines {
	char text[4096];
	size_t used;
};

static void take_line(void *arg, const char *step, const char *text)
{
	struct lines *lines = arg;

	lines->used += (size_t)snprintf(lines->text + lines->used,
					sizeof(lines->text) - lines->used,
					"%s: %s\n", step, text);
	cr_assert_lt(lines->used, sizeof(lines->text));
}

static const char *explain(struct balance *balance, uint32_t server, usec_t now)
{
	static struct lines lines;

	lines.used = 0;
	lines.text[0] = '\0';
	weight_of(balance, 0, now);
	balance_explain(balance, server, now, take_line, &lines);
	return lines.text;
}

static void explains_replication(struct balance *balance)
{
	struct facts facts = { .have = FACT_LAG | FACT_READ_ONLY |
				       FACT_IS_REPLICA | FACT_CHANNELS,
			       .lag = s(2),
			       .read_only = 1,
			       .is_replica = 1,
			       .channels = 1 };

	say_facts(balance, 1, PROBE_OK, &facts, s(100));
	cr_expect(strstr(explain(balance, 1, s(103)),
			 ", read-only, a replica, lag 2.0 s, "));
	/* Its source is lost: what was known is not the lag of now. */
	facts.have &= ~(uint32_t)FACT_LAG;
	facts.channels = 3;
	facts.read_only = 0;
	say_facts(balance, 1, PROBE_SOURCE_LOST, &facts, s(101));
	cr_expect(strstr(explain(balance, 1, s(103)),
			 ", writable, a replica with 3 channels, "
			 "last known lag 2.0 s, "));
	facts.is_replica = 0;
	facts.channels = 0;
	say_facts(balance, 1, PROBE_OK, &facts, s(102));
	cr_expect(strstr(explain(balance, 1, s(103)), ", not a replica, "));
}

Test(balance_explain, the_whole_chain)
{
	struct world *world = world_pool(3, CHECK_MYSQL);
	struct facts facts = { .have = FACT_LAG | FACT_THREADS_RUNNING |
				       FACT_UPTIME,
			       .lag = s(1.5),
			       .threads_running = 7,
			       .uptime = s(10) };
	struct balance *balance;
	uint32_t i;

	world->vs[0].base_weight = 100;
	world->servers[0].slow_start = &world->slow_start;
	balance = balance_new(&world->conf, s(99));
	for (i = 0; i < 3; i++)
		say_facts(balance, i, PROBE_OK, &facts, s(100));
	weight_of(balance, 0, s(100));
	cr_expect_str_eq(
		explain(balance, 0, s(103)),
		"check: MYSQL_CHECK 10.0.0.1:3306 passed in 1.500 ms (rise 1, "
		"fall 2), Threads_running 7.0, lag 1.5 s, running for 13.0 s, "
		"last result 3.0 s ago\n"
		"standing: up for 3.0 s\n"
		"pool: serves; min_serving 2, serving 3, level normal; 3 of 3 "
		"servers up\n"
		"weight: 1 x base 100 x slow start 7.0% (it rises, limit of "
		"Threads_running 12)\n"
		"result: in the table with weight 7\n");
	explains_replication(balance);
	balance_override(balance, 0, OVERRIDE_DRAIN, 0, s(104));
	cr_expect(strstr(explain(balance, 0, s(109)),
			 "operator: drain for 5.0 s of 300.0 s\n"
			 "pool: out by the operator; min_serving 2"));
	cr_expect(strstr(explain(balance, 0, s(109)), ", if it served\n"
						      "result: in the table "
						      "with weight 0"));
	balance_override(balance, 0, OVERRIDE_WEIGHT, 30, s(110));
	cr_expect(strstr(explain(balance, 0, s(110)),
			 "operator: weight 30 instead of the file's 1\n"));
	balance_override(balance, 0, OVERRIDE_DISABLE, 0, s(110));
	cr_expect(strstr(explain(balance, 0, s(110)),
			 "operator: disabled for 0.0 s\n"));
	cr_expect(strstr(explain(balance, 0, s(110)),
			 "result: not in the table\n"));
	balance_free(balance);
	world_free(world);
}

Test(balance_explain, the_arbiters_choices)
{
	struct world *world = world_pool(4, CHECK_MYSQL);
	struct balance *balance;
	uint32_t i;

	world->vs[0].correlated = 0;
	world->vs[0].min_serving = (struct conf_share){ 2, false };
	world->servers[3].backup = true;
	balance = balance_new(&world->conf, 0);
	for (i = 0; i < 4; i++)
		say(balance, i, PROBE_OK, s(1));
	cr_expect(strstr(explain(balance, 3, s(1)),
			 "pool: does not serve: a backup that is not needed;"));
	say_lag(balance, 0, 70, s(2));
	say_lag(balance, 0, 70, s(3));
	cr_expect(strstr(explain(balance, 0, s(3)),
			 "pool: ejected: the others are enough;"));
	cr_expect(strstr(explain(balance, 0, s(3)),
			 "answers, but: replication lag 70.0 s, limit 30.0 s, "
			 "back at 10.0 s"));
	for (i = 0; i < 4; i++) {
		say(balance, 1 + i % 2, PROBE_HUNG, s(4 + i));
		say(balance, 3, PROBE_HUNG, s(4 + i));
	}
	cr_expect(strstr(explain(balance, 0, s(9)),
			 "pool: serves, though soft-failed; min_serving 2, "
			 "serving 1, level holding"));
	say(balance, 0, PROBE_HUNG, s(10));
	say(balance, 0, PROBE_HUNG, s(11));
	cr_expect(strstr(explain(balance, 0, s(11)),
			 "pool: serves as the last resort"));
	explain(balance, 77, s(11)); /* no such server: no line */
	balance_free(balance);
	world_free(world);
}

Test(balance_explain, without_a_check)
{
	struct world *world = world_pool(1, CHECK_TCP);
	struct balance *balance;

	world->servers[0].nr_uses = 0;
	balance = balance_new(&world->conf, 0);
	cr_expect(strstr(explain(balance, 0, s(1)),
			 "check: none: always taken for up\n"));
	balance_free(balance);
	world_free(world);
}

Test(balance_explain, a_last_resort_that_waits_for_a_probe)
{
	struct world *world = world_pool(2, CHECK_MYSQL);
	struct balance *balance = balance_new(&world->conf, 0);
	unsigned i;

	for (i = 0; i < 6; i++) {
		say(balance, i % 2, i < 2 ? PROBE_OK : PROBE_HUNG, s(1 + i));
		weight_of(balance, 0, s(1 + i));
	}
	say(balance, 0, PROBE_OK, s(60));
	cr_expect(strstr(explain(balance, 1, s(61)),
			 "pool: does not serve: it was the last resort, and "
			 "keeps its connections until a probe has looked; "));
	cr_expect(strstr(explain(balance, 1, s(65)), "pool: does not serve; "));
	balance_free(balance);
	world_free(world);
}
