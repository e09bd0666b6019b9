/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The health of one check: rise and fall carried by one integer.
 *
 *	0 .. rise-1			down; every success climbs one step
 *	rise .. rise+fall-1		up; every failure falls one step
 *
 * The step up to `rise` goes on to the top, the step down from `rise` goes on
 * to 0, so a state is always left by a full row of results.
 *
 * A check that was never probed is in neither state, but UNKNOWN until a row of
 * `rise` successes or a single failure. A check may also be presumed up (the
 * kernel's table already serves by it, its options were edited); such a check
 * behaves as if found up.
 */
#ifndef EVENKEEL_BALANCE_HEALTH_H
#define EVENKEEL_BALANCE_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum health_state {
	HEALTH_UNKNOWN,
	HEALTH_DOWN,
	HEALTH_UP,
};

struct health {
	uint32_t value;
	bool known; /* false: UNKNOWN */
};

/* RISE and FALL are at least 1. The functions below are pure. */
enum health_state health_state(const struct health *health, uint32_t rise);
/* Start fully up, without having seen a result. */
void health_presume(struct health *health, uint32_t rise, uint32_t fall);
/*
 * Start as keepalived does: up, but the first failure alone takes it down.
 */
void health_presume_weakly(struct health *health, uint32_t rise);
/* Take in one more result. Returns true if the state changed. */
bool health_step(struct health *health, bool good, uint32_t rise,
		 uint32_t fall);

#endif
