/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration built by hand, and what is fed to the decision: the tests of
 * balance/ link it with lib/ alone and need no file, no clock and no kernel.
 */
#ifndef EVENKEEL_TESTS_BALANCE_WORLD_H
#define EVENKEEL_TESTS_BALANCE_WORLD_H

#include "balance/balance.h"

#define WORLD_VS 4
#define WORLD_KEYS 3
#define WORLD_SERVERS 1024
#define WORLD_USES 3
#define WORLD_CHECKS 1024

#define OUT \
	(-1) /* what weight_of() says of a server that is not in the table */

/* A second, as in s(2). */
#define s(seconds) ((usec_t)((seconds)*1e6))

struct world {
	struct conf conf;
	struct conf_virtual_server vs[WORLD_VS];
	struct service_key keys[WORLD_VS][WORLD_KEYS];
	struct conf_server servers[WORLD_SERVERS];
	struct conf_use uses[WORLD_SERVERS][WORLD_USES];
	struct conf_check checks[WORLD_CHECKS];
	struct conf_slow_start no_slow_start;
	struct conf_slow_start slow_start; /* 60 s, from 2 %, gated */
	struct conf_mysql mysql; /* max_lag 30 s, resume_lag 10 s */
	struct conf_http http;
	struct conf_misc misc; /* misc_dynamic */
};

struct world *world_new(void);
void world_free(struct world *world);

/* These append and return the index. A virtual server is followed by its own
 * servers; a server listens on 10.0.0.HOST:3306 and has weight 1. */
uint32_t world_vs(struct world *world);
uint32_t world_server(struct world *world, unsigned host);
/* A check of KIND for SERVER: rise 1, fall 2, every 2 s, 1 s at most. */
uint32_t world_check(struct world *world, uint32_t server,
		     enum check_kind kind);
/* `role source` for all MySQL checks that there are so far. */
void world_needs_source(struct world *world);
/* SERVER uses CHECK too. */
void world_use(struct world *world, uint32_t server, uint32_t check);
/* A further kernel service for VS; the first is made by world_vs(). */
void world_key(struct world *world, uint32_t vs);
/* One virtual server with COUNT servers, a check of KIND each, same indices. */
struct world *world_pool(uint32_t count, enum check_kind kind);

/* Feed one probe's result; the count of failures is kept as a checker does. */
void say(struct balance *balance, uint32_t check, enum outcome outcome,
	 usec_t now);
void say_facts(struct balance *balance, uint32_t check, enum outcome outcome,
	       const struct facts *facts, usec_t now);
void say_lag(struct balance *balance, uint32_t check, double lag, usec_t now);

/* Decide, and look at the result: weight, or OUT; asserts a valid table. */
int weight_of(struct balance *balance, uint32_t server, usec_t now);
/* The weights of servers 0 .. as "1 0 -", "-" for one that is not in. */
const char *weights(struct balance *balance, usec_t now);
/* How many servers have a weight above 0. */
uint32_t serving(const struct table *table);
enum level level_of(const struct balance *balance, uint32_t vs);
enum standing standing_is(const struct balance *balance, uint32_t server);

/* What must hold for every wanted table. */
void table_assert_valid(const struct conf *conf, const struct table *table);
bool table_same(const struct table *a, const struct table *b);

/* Reproducible random numbers: SEED is the state. */
uint32_t random_below(uint64_t *seed, uint32_t limit);

#endif
