/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools with `writers`, and what the daemon does around their balance. */
#ifndef EVENKEEL_TESTS_BALANCE_WRITER_POOL_H
#define EVENKEEL_TESTS_BALANCE_WRITER_POOL_H

#include "tests/unit/balance_world.h"

/* The words on seats that a balancer keeps, by the server's host. */
struct seats {
	int64_t term[9];
};

/* COUNT servers with `role source` and `fall 1`. */
struct world *writer_pool(uint32_t count, uint32_t writers);
/* One result for each server, by its letter; then the weights. */
const char *hear(struct balance *balance, const char *results, usec_t now);

int64_t term_of(const struct balance *balance, uint32_t server);
/* The last byte of its address. */
unsigned host_of(const struct balance *balance, uint32_t server);

/* What the state file and the other balancer do, with the same servers. */
void tell_terms(const struct balance *from, struct balance *to, uint32_t count);
/* A new balance that knows the terms of BEFORE, and ACTUAL in the kernel. */
struct balance *restarted(const struct world *world,
			  const struct balance *before,
			  const struct table *actual, usec_t now);

/* As the daemon: what the balance gave is put into its store. */
void share_seats(const struct balance *balance, struct seats *seats);
/* A word that the store knows does not reach the balance again. */
void hear_seats(struct balance *balance, struct seats *seats,
		const struct seats *from);
/* A reload: the balance goes on with WORLD and hears its store; frees OLD. */
struct balance *reloaded(struct balance *old, const struct world *world,
			 const struct seats *seats, usec_t now);

#endif
