/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Soft failures that are one event upstream: see correlate.c. */
#ifndef EVENKEEL_BALANCE_CORRELATE_H
#define EVENKEEL_BALANCE_CORRELATE_H

#include "balance/balance.h"

/* Of one virtual server. */
struct freeze {
	bool on; /* a correlated failure is going on */
	usec_t from; /* soft failures since then belong to the event */
	usec_t ended; /* when the last freeze ended; 0: never frozen */
};

/* Compute the longest interval of the checks of VS. */
void correlate_init(struct balance *balance, uint32_t vs);
/* Begin or end the freeze of VS, by the standings of its servers. */
void correlate_decide(struct balance *balance, uint32_t vs, usec_t now);
/* Whether a soft-failed server is to be treated as a good one, for now. */
bool correlate_excuses(struct balance *balance, uint32_t vs, uint32_t server,
		       usec_t now);

#endif
