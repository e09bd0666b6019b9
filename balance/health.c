/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance/health.h"

enum health_state health_state(const struct health *health, uint32_t rise)
{
	if (!health->known)
		return HEALTH_UNKNOWN;
	return health->value >= rise ? HEALTH_UP : HEALTH_DOWN;
}

void health_presume(struct health *health, uint32_t rise, uint32_t fall)
{
	health->known = true;
	health->value = rise + fall - 1;
}

void health_presume_weakly(struct health *health, uint32_t rise)
{
	health->known = true;
	health->value = rise;
}

static void health_succeed(struct health *health, uint32_t rise, uint32_t fall)
{
	if (health->value >= rise || ++health->value >= rise) {
		health->value = rise + fall - 1;
		health->known = true;
	}
}

static void health_fail(struct health *health, uint32_t rise)
{
	if (health->value > rise)
		health->value--;
	else
		health->value = 0;
	health->known = true;
}

bool health_step(struct health *health, bool good, uint32_t rise, uint32_t fall)
{
	enum health_state before = health_state(health, rise);

	if (good)
		health_succeed(health, rise, fall);
	else
		health_fail(health, rise);
	return health_state(health, rise) != before;
}
