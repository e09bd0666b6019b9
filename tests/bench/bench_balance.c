/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a decision costs: pools of several sizes, in the states that cost most,
 * and a storm of verdicts. Prints a table; with "--check" it fails if a decision
 * for 1,000 servers or the storm costs more than its limit (for use on a quiet
 * machine).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "balance/balance.h"

#define LIMIT_US 200
#define STORM_LIMIT 10 /* percent of a core */
#define ROUNDS 400

struct bench {
	struct conf conf;
	struct conf_virtual_server vs;
	struct service_key key;
	struct conf_server *servers;
	struct conf_use *uses;
	struct conf_check *checks;
	struct conf_slow_start slow_start;
	struct conf_mysql mysql;
	uint32_t count;
};

static void bench_server(struct bench *bench, uint32_t i)
{
	struct conf_server *server = &bench->servers[i];
	char text[64];

	snprintf(text, sizeof(text), "10.%u.%u.%u:3306", i >> 16,
		 (i >> 8) & 255, i & 255);
	if (endpoint_parse(&server->addr, text) < 0)
		abort();
	server->weight = 1;
	server->forward.method = FORWARD_DR;
	server->uses = &bench->uses[i];
	server->nr_uses = 1;
	server->drain_timeout = 300 * USEC_PER_SEC;
	server->slow_start = &bench->slow_start;
	bench->uses[i].check = i;
	bench->checks[i].kind = CHECK_MYSQL;
	bench->checks[i].dst = server->addr;
	bench->checks[i].delay_loop = 2 * USEC_PER_SEC;
	bench->checks[i].timeout = USEC_PER_SEC;
	bench->checks[i].rise = 1;
	bench->checks[i].fall = 2;
	bench->checks[i].mysql = &bench->mysql;
	bench->checks[i].traits = (struct conf_traits){
		.max_lag = bench->mysql.max_lag,
		.resume_lag = bench->mysql.resume_lag,
		.counts_connections = true,
		.times_server = true,
	};
}

static void bench_init(struct bench *bench, uint32_t count)
{
	uint32_t i;

	memset(bench, 0, sizeof(*bench));
	bench->count = count;
	bench->servers = xcalloc(count, sizeof(*bench->servers));
	bench->uses = xcalloc(count, sizeof(*bench->uses));
	bench->checks = xcalloc(count, sizeof(*bench->checks));
	bench->conf.virtual_servers = &bench->vs;
	bench->conf.nr_virtual_servers = 1;
	bench->conf.servers = bench->servers;
	bench->conf.nr_servers = count;
	bench->conf.checks = bench->checks;
	bench->conf.nr_checks = count;
	bench->slow_start =
		(struct conf_slow_start){ 60 * USEC_PER_SEC, 2, true };
	bench->mysql.max_lag = 30 * USEC_PER_SEC;
	bench->mysql.resume_lag = 10 * USEC_PER_SEC;
	bench->key.family = AF_INET;
	bench->key.fwmark = 1;
	bench->vs.name = "bench";
	bench->vs.keys = &bench->key;
	bench->vs.nr_keys = 1;
	bench->vs.nr_servers = count;
	bench->vs.quorum = 1;
	bench->vs.min_serving = (struct conf_share){ 50, true };
	bench->vs.correlated = 60;
	bench->vs.base_weight = 100;
	bench->vs.weights_move = true;
	bench->vs.fastest = true;
	bench->vs.fastest_response = (struct conf_fastest){ 50, 150, 5, 15 };
	bench->vs.headroom =
		(struct conf_headroom){ { 50, true }, 10, 80, true };
	for (i = 0; i < count; i++)
		bench_server(bench, i);
}

static void bench_end(struct bench *bench)
{
	free(bench->servers);
	free(bench->uses);
	free(bench->checks);
}

/* A verdict with all the facts that a MySQL probe can have. */
static void bench_verdict(struct balance *balance, uint32_t check, double lag,
			  uint32_t salt, usec_t now)
{
	struct verdict verdict = { .check = check,
				   .outcome = PROBE_OK,
				   .when = now,
				   .duration = 800 + salt % 700 };

	verdict.facts = (struct facts){
		.have = FACT_LAG | FACT_THREADS_RUNNING |
			FACT_THREADS_CONNECTED | FACT_MAX_CONNECTIONS |
			FACT_MAX_USED | FACT_UPTIME,
		.lag = (usec_t)(lag * 1e6),
		.threads_running = 4 + salt % 9,
		.threads_connected = 60 + salt % 40,
		.max_connections = 151,
		.max_used = 110,
		.uptime = now + 90 * USEC_PER_SEC,
	};
	balance_verdict(balance, &verdict, now);
}

enum state {
	STATE_QUIET, /* all is well */
	STATE_LAG, /* 45 % lag, each by its own amount, one after the other */
	STATE_COLD, /* a tenth is on its ramp */
	STATES,
};

static const char *const state_names[STATES] = {
	[STATE_QUIET] = "quiet",
	[STATE_LAG] = "45% lag",
	[STATE_COLD] = "10% ramp",
};

static void bench_round(struct balance *balance, const struct bench *bench,
			enum state state, uint32_t round, usec_t now)
{
	uint32_t i;

	for (i = 0; i < bench->count; i++) {
		uint32_t salt = (i * 7919 + round * 104729) % 1009;
		double lag = 0;

		if (state == STATE_LAG && i * 100 < bench->count * 45 &&
		    i * 20 <= bench->count * (round + 1))
			lag = 40 + salt;
		if (state == STATE_COLD && i % 10 == 0 && round < 2) {
			struct verdict dead = { .check = i,
						.outcome = PROBE_REFUSED,
						.when = now };

			balance_verdict(balance, &dead, now);
			continue;
		}
		bench_verdict(balance, i, lag, salt, now);
	}
}

/* Processor time of this process in us: what others run meanwhile is not in it. */
static double spent_now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) < 0)
		abort();
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int number_order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* us for one decision: the median, and that of the slowest in a hundred. */
static double bench_decide(const struct bench *bench, enum state state,
			   double *slow)
{
	struct balance *balance = balance_new(&bench->conf, USEC_PER_SEC);
	usec_t now = USEC_PER_SEC;
	struct balance_event event;
	struct table table = { 0 };
	double took[ROUNDS];
	uint32_t round;

	for (round = 0; round < ROUNDS; round++) {
		double start;

		now += 2 * USEC_PER_SEC;
		bench_round(balance, bench, state, round, now);
		start = spent_now();
		balance_decide(balance, now, &table);
		took[round] = spent_now() - start;
		while (balance_next_event(balance, &event))
			;
	}
	table_free(&table);
	balance_free(balance);
	qsort(took, ROUNDS, sizeof(*took), number_order);
	*slow = took[ROUNDS * 99 / 100];
	return took[ROUNDS / 2];
}

/* us for one verdict, decisions not counted. */
static double bench_verdicts(const struct bench *bench)
{
	struct balance *balance = balance_new(&bench->conf, USEC_PER_SEC);
	usec_t now = USEC_PER_SEC;
	double start = spent_now();
	uint32_t round;

	for (round = 0; round < ROUNDS; round++) {
		now += 2 * USEC_PER_SEC;
		bench_round(balance, bench, STATE_LAG, round, now);
	}
	balance_free(balance);
	return (spent_now() - start) / ROUNDS / bench->count;
}

#define STORM_RATE 10000 /* verdicts a second */
#define STORM_BATCH 32 /* to a message; the daemon decides after each */
#define STORM_SECONDS 20

/* What of a core STORM_RATE verdicts a second cost, every tenth a failure. */
static double bench_storm(const struct bench *bench, uint32_t *decisions)
{
	struct balance *balance = balance_new(&bench->conf, USEC_PER_SEC);
	usec_t now = USEC_PER_SEC;
	struct balance_event event;
	struct table table = { 0 };
	double start = spent_now();
	uint32_t i, batch;

	*decisions = 0;
	for (i = 0; i < STORM_RATE * STORM_SECONDS; i += STORM_BATCH) {
		bool matters = false;

		now += USEC_PER_SEC * STORM_BATCH / STORM_RATE;
		for (batch = 0; batch < STORM_BATCH; batch++) {
			struct verdict verdict = {
				.check = (i + batch) % bench->count,
				.outcome =
					((i + batch) * 2654435761u >> 20) % 10 ?
						PROBE_OK :
						PROBE_REFUSED,
				.when = now,
			};

			matters |= balance_verdict(balance, &verdict, now);
		}
		if (!matters)
			continue;
		balance_decide(balance, now, &table);
		while (balance_next_event(balance, &event))
			;
		(*decisions)++;
	}
	table_free(&table);
	balance_free(balance);
	return (spent_now() - start) / STORM_SECONDS / 1e6 * 100;
}

static int bench_print_storm(const struct bench *bench)
{
	uint32_t decisions;
	double share = bench_storm(bench, &decisions);

	printf("%8u %10s %14.3f (one verdict)\n", bench->count, "verdict",
	       bench_verdicts(bench));
	printf("%8u %10s %13.1f%% of a core for %u verdicts a second, "
	       "%u decisions a second\n",
	       bench->count, "storm", share, STORM_RATE,
	       decisions / STORM_SECONDS);
	return share > STORM_LIMIT;
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 10, 100, 1000, 10000 };
	bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
	int status = 0;
	size_t i, state;

	printf("%8s %10s %14s %14s\n", "servers", "state", "decision, us",
	       "slow 1%, us");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct bench bench;

		bench_init(&bench, sizes[i]);
		for (state = 0; state < STATES; state++) {
			double slow;
			double took =
				bench_decide(&bench, (enum state)state, &slow);

			printf("%8u %10s %14.1f %14.1f\n", sizes[i],
			       state_names[state], took, slow);
			if (check && sizes[i] == 1000 && took > LIMIT_US)
				status = 1;
		}
		if (sizes[i] == 1000 && bench_print_storm(&bench) && check)
			status = 1;
		bench_end(&bench);
	}
	return status;
}
