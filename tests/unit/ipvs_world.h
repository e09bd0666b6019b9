/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables for the tests of ipvs/: by hand, and at random from few keys, so that
 * two of them have much in common.
 */
#ifndef EVENKEEL_TESTS_IPVS_WORLD_H
#define EVENKEEL_TESTS_IPVS_WORLD_H

#include <stdint.h>

#include "tests/unit/ipvs_fake.h"
#include "ipvs/plan.h"
#include "ipvs/sort.h"
#include "lib/table.h"

/* TCP 10.0.0.NUMBER:3306, wlc. */
struct table_service *world_service(struct table *table, unsigned number);
/* 10.1.0.NUMBER:3306, NAT. */
struct table_dest *world_dest(struct table *table, unsigned number,
			      uint32_t weight);
/* A set of the services in TABLE; free with ipvs_keys_free(). */
struct ipvs_keys world_keys(const struct table *table);

/* A small generator whose numbers are the same everywhere. */
struct world_random {
	uint64_t state;
};
uint32_t world_random(struct world_random *random, uint32_t below);
/*
 * Up to MAX services of every kind, valid, in order, with up to 5 servers each.
 */
void world_random_table(struct world_random *random, struct table *table,
			unsigned max);

/* How many entries of WANTED are missing or different in SEEN, and the reverse. */
size_t world_distance(const struct table *seen, const struct table *wanted);

#endif
