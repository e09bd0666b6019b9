/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's override of one server: see override.c. */
#ifndef EVENKEEL_BALANCE_OVERRIDE_H
#define EVENKEEL_BALANCE_OVERRIDE_H

#include "balance/build.h"

struct override {
	uint8_t kind; /* enum balance_override_kind */
	bool drained; /* the operator's drain is complete */
	uint32_t weight; /* with OVERRIDE_WEIGHT; else 0 */
	uint32_t cut; /* connections left when drain_timeout was over */
	usec_t since;
};

/* Whether the operator took the server out: by a drain or at once. */
bool override_takes_out(const struct override *override);
/*
 * Write SERVER's placement by the override to *PLACEMENT, ending a drain that
 * is complete; returns false, and writes nothing, if no override decides.
 */
bool override_placement(struct balance *balance, uint32_t server, usec_t now,
			enum placement *placement);
/* Whether a new count of connections may end the server's drain. */
bool override_note(const struct server_state *state);

#endif
