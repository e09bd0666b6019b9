/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Weights by response time: see fastest.c. */
#ifndef EVENKEEL_BALANCE_FASTEST_H
#define EVENKEEL_BALANCE_FASTEST_H

#include "balance/balance.h"

/* Of one server. */
struct latency {
	uint32_t factor; /* of the weight; SHARE_FULL: as the file says */
	bool moving; /* `factor` is on its way to a new value */
	uint32_t samples; /* latencies of check_stats that were acted on */
};

/* Of one virtual server. */
struct pool_latency {
	uint32_t median; /* us; with `fastest` */
	usec_t acted; /* when the response times were last acted on; 0: never */
};

/* Full weight: at first, and once the file has no `fastest`. */
void fastest_forget(struct latency *latency);
/* Move the factors of VS, once a round of its checks. */
void fastest_decide(struct balance *balance, uint32_t vs, usec_t now);

#endif
