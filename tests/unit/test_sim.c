/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator, and the decision seen through it: a cold server's story, and
 * random scenarios with what must hold at every decision.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim_internal.h"
#include "tests/unit/balance_world.h"

#define SCENARIOS 1000

static struct sim_script *script_of(const char *text)
{
	char error[SIM_ERROR_MAX];
	struct sim_script *script = NULL;

	cr_assert_eq(sim_script_parse(text, &script, error), 0, "%s", error);
	return script;
}

Test(balance_sim, says_what_is_wrong_with_a_scenario)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "nonsense 1\n", "line 1: 'nonsense' is unknown" },
		{ "servers\n", "line 1: a number is missing" },
		{ "\nservers 0\n",
		  "line 2: '0' is not a number from 1 to 256" },
		{ "servers 257\n",
		  "line 1: '257' is not a number from 1 to 256" },
		{ "demand 60x\n",
		  "line 1: '60x' is not a number from 0 to 1000%" },
		{ "servers 2\nat 5 stop s3\n",
		  "line 2: '3' is not a number from 1 to 2" },
		{ "at 5 stop\n",
		  "line 1: a server is missing: s1 to s8, or all" },
		{ "at 5 stop x\n",
		  "line 1: 'x' is no server: s1 to s8, or all" },
		{ "at 5 fly s1\n", "line 1: 'fly' is nothing that can happen" },
		{ "at 5\n", "line 1: '' is nothing that can happen" },
		{ "at 5 stop s1\nat 4 start s1\n",
		  "line 2: the times must rise" },
		{ "clients many\n", "line 1: clients are 'held' or 'short'" },
		{ "pond {\n}\n", "line 1: 'pond' is no block" },
		{ "pool {\nquorum 1\n", "line 2: a block is not closed" },
	};
	char error[SIM_ERROR_MAX];
	struct sim_script *script;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_lt(sim_script_parse(cases[i].text, &script, error), 0,
			     "%s", cases[i].text);
		cr_expect_str_eq(error, cases[i].error);
	}
	/* The configuration's own reader judges what is in the blocks. */
	cr_assert_lt(sim_script_parse("pool {\nquorrum 1\n}\n", &script, error),
		     0);
	cr_expect(strstr(error, "quorrum"), "%s", error);
}

Test(balance_sim, a_scenario_in_full)
{
	struct sim_script *script =
		script_of("# a comment\n"
			  "title all of it # and another\n"
			  "servers 3\n"
			  "pool {\n"
			  "	min_serving 2\n"
			  "	slow_start {\n		time 20\n	}\n"
			  "}\n"
			  "server {\n	weight 5\n}\n"
			  "check {\n	max_lag 40\n}\n"
			  "clients short\n"
			  "at 1 lag all 30\n"
			  "until 12.5\n");
	const struct conf *conf = script->conf;

	cr_assert_str_eq(sim_script_title(script), "all of it ");
	cr_assert_eq(sim_script_servers(script), 3);
	cr_assert_eq(sim_script_until(script), s(12.5));
	cr_assert_eq(conf->nr_servers, 3);
	cr_assert_eq(conf->servers[2].weight, 5);
	cr_assert_eq(conf->servers[2].slow_start->time, s(20));
	cr_assert_eq(conf->virtual_servers[0].min_serving.value, 2);
	cr_assert_eq(conf->checks[0].mysql->max_lag, s(40));
	sim_script_free(script);
}

struct peaks {
	double own, peers; /* running queries, after the server returned */
	uint32_t weight; /* the last one */
};

static void peaks_second(void *arg, const struct sim *sim)
{
	struct peaks *peaks = arg;
	struct sim_sample sample;
	uint32_t i;

	if (sim->now - SIM_START < s(60))
		return;
	for (i = 0; i < 8; i++) {
		sim_sample(sim, i, &sample);
		if (i == 0 && sample.running > peaks->own)
			peaks->own = sample.running;
		if (i > 0 && sample.running > peaks->peers)
			peaks->peers = sample.running;
		if (i == 0)
			peaks->weight = sample.weight;
	}
}

static struct peaks cold_story(const char *words)
{
	struct peaks peaks = { 0 };
	struct sim_watcher watcher = { .second = peaks_second, .arg = &peaks };
	struct sim_script *script;
	char text[512];

	snprintf(text, sizeof(text),
		 "servers 8\ndemand 60%%\n%sat 30 stop s1\nat 60 start s1\n"
		 "until 300\n",
		 words);
	script = script_of(text);
	sim_run(script, 1, &watcher);
	sim_script_free(script);
	return peaks;
}

/* The burst on a cold server under held connections, and its end. */
Test(balance_sim, slow_start_keeps_a_cold_server_sane)
{
	struct peaks without = cold_story("");
	struct peaks with = cold_story("pool {\nslow_start {\ntime 60\n}\n}\n");

	cr_assert_gt(without.own, 3 * without.peers, "%g, peers %g",
		     without.own, without.peers);
	cr_assert_lt(with.own, 2 * with.peers, "%g, peers %g", with.own,
		     with.peers);
	cr_assert_eq(with.weight, 100, "full weight in the end");
}

/* The most that ran at one server since all were started again, at 60 s. */
struct cold_pool {
	double running;
	uint32_t connected; /* of all servers, at the end */
	bool limited; /* a server had more than the kernel lets in */
};

static void cold_pool_second(void *arg, const struct sim *sim)
{
	struct cold_pool *seen = arg;
	uint32_t i;

	seen->connected = 0;
	for (i = 0; i < sim->script->servers; i++) {
		const struct sim_server *one = &sim->servers[i];

		seen->connected += one->connections;
		if (sim->now > SIM_START + 60 * USEC_PER_SEC &&
		    one->running_mean > seen->running)
			seen->running = one->running_mean;
		cr_assert(one->limit == 0 || one->connections <= one->limit);
		seen->limited |= one->limit > 0;
	}
}

static struct cold_pool cold_pool_story(const char *limit)
{
	struct cold_pool seen = { 0 };
	struct sim_watcher watcher = { .second = cold_pool_second,
				       .arg = &seen };
	struct sim_script *script;
	char text[512];

	snprintf(text, sizeof(text),
		 "servers 4\ncores 16\nmax_connections 160\ndemand 40%%\n"
		 "clients held 400 life 60\n"
		 "pool {\nslow_start {\ntime 60\n}\n%s}\n"
		 "at 30 stop all\nat 60 start all\nuntil 900\n",
		 limit);
	script = script_of(text);
	sim_run(script, 1, &watcher);
	sim_script_free(script);
	return seen;
}

/* After a power cut all clients would be back in the first second. */
Test(balance_sim, a_cold_pool_is_filled_little_by_little)
{
	struct cold_pool without = cold_pool_story("");
	struct cold_pool with = cold_pool_story("cold_pool_limit 5%\n");

	cr_expect_not(without.limited);
	cr_expect(with.limited);
	cr_expect_gt(without.running, 90, "%g", without.running);
	cr_expect_lt(with.running, without.running / 2, "%g", with.running);
	cr_expect_eq(with.connected, 400, "all are in at the end: %u",
		     with.connected);
}

/* The most connections of one server, and the failures to get one. */
struct rush {
	uint32_t most;
	uint64_t failed;
};

static void rush_second(void *arg, const struct sim *sim)
{
	struct rush *rush = arg;
	uint32_t i;

	for (i = 0; i < sim->script->servers; i++)
		if (sim->servers[i].connections > rush->most)
			rush->most = sim->servers[i].connections;
	/* A query takes an idle connection, where there is one. */
	for (i = 0; i < sim->script->servers; i++)
		cr_assert_leq(sim->servers[i].running,
			      sim->servers[i].connections);
	rush->failed = sim->failed;
}

/* More clients come than there are slots: all are taken, and none beyond. */
Test(balance_sim, no_server_exceeds_max_connections)
{
	static const char *const clients[] = { "short", "held 90 life 5" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		struct rush rush = { 0 };
		struct sim_watcher watcher = { .second = rush_second,
					       .arg = &rush };
		struct sim_script *script;
		char text[256];

		snprintf(text, sizeof(text),
			 "servers 3\ncores 1\nservice 50\ndemand 400%%\n"
			 "max_connections 20\nclients %s\nuntil 60\n",
			 clients[i]);
		script = script_of(text);
		sim_run(script, 1, &watcher);
		cr_expect_eq(rush.most, 20, "%s: %u", clients[i], rush.most);
		cr_expect_gt(rush.failed, 100);
		sim_script_free(script);
	}
}

/* The server that the kernel's schedulers choose; the last one has no weight. */
Test(balance_sim, schedulers_choose_as_the_kernel_does)
{
	static const struct {
		const char *name;
		uint32_t connections[3], weights[3], choice;
	} rows[] = {
		{ "wlc", { 4, 3, 0 }, { 4, 2, 0 }, 0 },
		{ "wlc", { 4, 1, 0 }, { 4, 2, 0 }, 1 },
		{ "lc", { 4, 3, 0 }, { 4, 2, 0 }, 1 },
		/* The connection to come counts: 6 / 4 against 2 / 1. */
		{ "sed", { 5, 1, 0 }, { 4, 1, 0 }, 0 },
		{ "sed", { 4, 0, 0 }, { 4, 1, 0 }, 1 },
		{ "nq", { 0, 0, 0 }, { 1, 9, 0 }, 0 },
		{ "nq", { 1, 0, 0 }, { 9, 1, 0 }, 1 },
		{ "nq", { 4, 1, 0 }, { 4, 1, 0 }, 0 },
		{ "fo", { 9, 0, 0 }, { 2, 1, 0 }, 0 },
		{ "wlc", { 0, 0, 0 }, { 0, 0, 0 }, SIM_ALL },
		{ "wrr", { 0, 0, 0 }, { 1, 2, 0 }, 1 },
	};
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sim *sim = xcalloc(1, sizeof(*sim));
		struct sim_script *script;
		char text[128];

		snprintf(text, sizeof(text),
			 "servers 3\npool {\nlvs_sched %s\n}\n", rows[i].name);
		script = script_of(text);
		sim->script = script;
		for (k = 0; k < 3; k++) {
			sim->servers[k].connections = rows[i].connections[k];
			sim->servers[k].weight = rows[i].weights[k];
		}
		cr_expect_eq(sim_schedule(sim), rows[i].choice, "row %zu", i);
		sim_script_free(script);
		free(sim);
	}
}

/* What the random scenarios keep an eye on. */
struct guard {
	const struct conf *conf;
	uint32_t count;
	uint32_t need; /* min_serving, as the scenario says */
	bool touched[8]; /* named by an order */
	uint64_t hash; /* of all tables so far */
	uint32_t decisions;
	uint32_t lowest; /* weight, a second ago */
	char text[2048];
};

static void guard_decision(void *arg, const struct sim *sim,
			   const struct table *wanted)
{
	struct guard *guard = arg;
	uint32_t usable = 0, serve = 0, dead = 0, i;
	struct balance_server_view view;
	struct balance_vs_view pool;
	size_t k;

	guard->decisions++;
	table_assert_valid(guard->conf, wanted);
	for (k = 0; k < wanted->nr_dests; k++)
		guard->hash = (guard->hash ^ wanted->dests[k].weight ^
			       (uint64_t)wanted->dests[k].ref << 32) *
			      1099511628211u;
	balance_view_vs(sim->balance, 0, &pool);
	for (i = 0; i < guard->count; i++) {
		balance_view_server(sim->balance, i, &view);
		if (view.override != OVERRIDE_NONE)
			continue;
		if (view.standing == STANDING_UP ||
		    view.standing == STANDING_SOFT) {
			usable++;
			serve += view.serves;
		}
		dead += view.standing == STANDING_DOWN && view.serves;
		/* What nothing happened to serves, always. */
		cr_assert(guard->touched[i] || view.serves, "s%u\n%s", i + 1,
			  guard->text);
	}
	cr_assert_eq(pool.need, guard->need);
	cr_assert_geq(serve, usable < guard->need ? usable : guard->need, "%s",
		      guard->text);
	cr_assert(dead == 0 || usable == 0, "%s", guard->text);
}

static void guard_write(struct guard *guard, uint64_t *seed)
{
	static const char *const verbs[] = {
		"stop",		  "hang",	"fall_behind", "lag",
		"lose_source",	  "wrong_role", "drain",       "disable",
		"wrong_password", "start",	"resume",      "fine",
		"ready"
	};
	size_t used = 0;
	uint32_t i, t = 0;

	guard->count = 2 + random_below(seed, 4);
	guard->need = 1 + random_below(seed, guard->count);
	used += (size_t)snprintf(
		guard->text, sizeof(guard->text),
		"servers %u\ncores 1\nservice 20\nclients held 12 life 10\n"
		"demand 30%%\nwarm 200\npool {\nslow_start {\ntime 10\n}\n"
		"min_serving %u\n}\ncheck {\nmax_lag 15\n}\n",
		guard->count, guard->need);
	for (i = 2 + random_below(seed, 7); i > 0; i--) {
		uint32_t who = random_below(seed, guard->count);
		const char *verb = verbs[random_below(seed, ARRAY_SIZE(verbs))];

		t += random_below(seed, 20);
		guard->touched[who] = true;
		used += (size_t)snprintf(guard->text + used,
					 sizeof(guard->text) - used,
					 "at %u %s s%u%s\n", t, verb, who + 1,
					 strcmp(verb, "lag") == 0 ? " 60" : "");
	}
	/* Then all is well again, and it stays so. */
	t += 5;
	for (i = 1; i <= guard->count; i++)
		if (guard->touched[i - 1])
			used += (size_t)snprintf(
				guard->text + used, sizeof(guard->text) - used,
				"at %u start s%u\nat %u fine s%u\n"
				"at %u ready s%u\n",
				t, i, t, i, t, i);
	snprintf(guard->text + used, sizeof(guard->text) - used, "until %u\n",
		 t + 110);
}

static void full_second(void *arg, const struct sim *sim)
{
	struct guard *guard = arg;
	struct sim_sample sample;
	uint32_t i;

	/* The last one counts: a ramp's floor is full after 10 x 10 s. */
	guard->lowest = 100;
	for (i = 0; i < guard->count; i++) {
		sim_sample(sim, i, &sample);
		if (sample.weight < guard->lowest)
			guard->lowest = sample.weight;
	}
}

Test(balance_sim, random_scenarios)
{
	uint64_t round;

	for (round = 0; round < SCENARIOS; round++) {
		struct guard guard = { 0 };
		struct sim_watcher watcher = { .decision = guard_decision,
					       .second = full_second,
					       .arg = &guard };
		struct sim_script *script;
		uint64_t seed = round, hash;

		guard_write(&guard, &seed);
		script = script_of(guard.text);
		guard.conf = script->conf;
		sim_run(script, round, &watcher);
		cr_assert_gt(guard.decisions, 0);
		cr_assert_eq(guard.lowest, 100, "weight %u in the end\n%s",
			     guard.lowest, guard.text);
		/* Nothing but its inputs goes into it. */
		if (round % 10 == 0) {
			hash = guard.hash;
			guard.hash = 0;
			sim_run(script, round, &watcher);
			cr_assert_eq(guard.hash, hash);
		}
		sim_script_free(script);
	}
}

/* The scenarios that come with the program: each loads, and keeps its word. */
struct fewest {
	uint32_t weight_above_0, at_the_end;
	enum level worst;
};

static void fewest_second(void *arg, const struct sim *sim)
{
	struct fewest *fewest = arg;
	struct balance_vs_view pool;
	struct sim_sample sample;
	uint32_t i, have = 0;

	balance_view_vs(sim->balance, 0, &pool);
	for (i = 0; i < balance_conf(sim->balance)->nr_servers; i++) {
		sim_sample(sim, i, &sample);
		have += sample.weight > 0;
	}
	if (have < fewest->weight_above_0)
		fewest->weight_above_0 = have;
	fewest->at_the_end = have;
	if (pool.level > fewest->worst)
		fewest->worst = pool.level;
}

Test(balance_sim, the_scenarios_that_come_along)
{
	static const struct {
		const char *name;
		struct fewest fewest;
	} cases[] = {
		{ "cold-server.sim", { 7, 8, LEVEL_NORMAL } },
		{ "power-cut.sim", { 2, 8, LEVEL_LAST_RESORT } },
		{ "lag-cascade.sim", { 3, 6, LEVEL_HOLDING } },
		{ "source-lost.sim", { 4, 4, LEVEL_UPSTREAM } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fewest fewest = { .weight_above_0 = UINT32_MAX };
		struct sim_watcher watcher = { .second = fewest_second,
					       .arg = &fewest };
		char path[512], text[4096] = "";
		struct sim_script *script;
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", SCENARIOS_FOLDER,
			 cases[i].name);
		file = fopen(path, "re");
		cr_assert(file, "%s", path);
		cr_assert_gt(fread(text, 1, sizeof(text) - 1, file), 0);
		fclose(file);
		script = script_of(text);
		sim_run(script, 1, &watcher);
		sim_script_free(script);
		cr_expect_eq(fewest.weight_above_0,
			     cases[i].fewest.weight_above_0, "%s: %u", path,
			     fewest.weight_above_0);
		cr_expect_eq(fewest.at_the_end, cases[i].fewest.at_the_end);
		cr_expect_eq(fewest.worst, cases[i].fewest.worst, "%s: %s",
			     path, level_name(fewest.worst));
	}
}
