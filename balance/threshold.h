/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's upper threshold of one server: see threshold.c. */
#ifndef EVENKEEL_BALANCE_THRESHOLD_H
#define EVENKEEL_BALANCE_THRESHOLD_H

#include "balance/balance.h"

struct threshold {
	uint32_t limit; /* upper threshold by headroom; 0: none */
	bool busy; /* above headroom's `high` */
};

/* Set or lift the limits of the servers of VS, by their facts and counts. */
void threshold_decide(struct balance *balance, uint32_t vs);

#endif
