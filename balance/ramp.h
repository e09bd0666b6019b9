/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slow start, of one server: see ramp.c. */
#ifndef EVENKEEL_BALANCE_RAMP_H
#define EVENKEEL_BALANCE_RAMP_H

#include "balance/balance.h"

struct server_state;

/* Whether a ramp may go on. */
enum gate {
	GATE_OPEN,
	GATE_HOLDS,
	GATE_CUTS,
};

struct ramp {
	uint32_t share; /* factor of the weight; SHARE_FULL: no ramp */
	bool adopted; /* found half-way in the kernel, not yet confirmed */
	bool boot_known; /* when the server went down, `booted` was known */
	uint8_t gate; /* enum gate, at the last step */
	uint32_t limit; /* of Threads_running, in STATS_UNIT */
	usec_t since; /* when serving with the ramp began; 0: not yet */
	usec_t stepped;
	usec_t skipped; /* when the ramp was given up for a cold pool; 0: never */
	usec_t booted; /* the server's start, as known when it went down */
	uint32_t restarts, runnings; /* counters of check_stats acted on */
};

/* Whether the server's weight is reduced by a ramp. */
bool ramp_runs(const struct ramp *ramp);
/* Take in SERVER's change of standing; its `since` is still that of BEFORE. */
void ramp_standing(struct balance *balance, uint32_t server,
		   enum standing before, enum standing after, usec_t now);
/* Go on at SHARE, the part of its full weight that SERVER had in the kernel. */
void ramp_adopt(struct balance *balance, uint32_t server, uint32_t share);
/* Count restarts that SERVER's checks saw so far as acted on (a reload). */
void ramp_sync(struct balance *balance, uint32_t server);
/* Make the server neither ramped nor cold: at first, and without slow_start. */
void ramp_forget(struct ramp *ramp);
/* Whether SERVER was started not long ago, by what it says. */
bool ramp_is_young(const struct balance *balance, uint32_t server, usec_t now);
/* The Threads_running, in STATS_UNIT, up to which the queue of VS is sane. */
uint32_t ramp_limit(struct balance *balance,
		    const struct conf_virtual_server *vs);
/* Look at the queue of SERVER; a new reading is used up by that. */
enum gate ramp_gate(struct balance *balance, uint32_t server, uint32_t limit);
/* The time between two steps. */
usec_t ramp_interval(const struct conf_slow_start *conf);
/* Move the ramps of the serving servers of VS; the arbiter has chosen. */
void ramp_decide(struct balance *balance, uint32_t vs, usec_t now);

#endif
