/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that a check learns besides good or bad, smoothed: Threads_running
 * (two averages, a quick one to be judged and a slow one to be judged by), the
 * response time, and the server's start time.
 *
 * Servers use these values later, each at its own pace: a counter beside each
 * value tells whether there is a new one.
 */
#include "balance/balance_internal.h"

/* OLD moved towards VALUE by PART in 256. */
static uint32_t learn_average(uint32_t old, uint64_t value, uint32_t part)
{
	uint64_t sum = (uint64_t)old * (256 - part) + value * part;

	return sum / 256 > UINT32_MAX ? UINT32_MAX : (uint32_t)(sum / 256);
}

static void learn_running(struct learned *learned, uint32_t running)
{
	uint64_t value = (uint64_t)running * LEARN_UNIT;

	if (value > UINT32_MAX)
		value = UINT32_MAX;
	if (learned->runnings++ == 0) {
		learned->running_quick = (uint32_t)value;
		learned->running_slow = (uint32_t)value;
		return;
	}
	learned->running_quick =
		learn_average(learned->running_quick, value, 128);
	learned->running_slow = learn_average(learned->running_slow, value, 51);
}

static void learn_boot(struct learned *learned, usec_t uptime, usec_t when)
{
	usec_t booted = when - uptime;

	if (learned->boot_seen && booted > learned->booted + LEARN_BOOT_BLUR)
		learned->restarts++;
	/* Rounding must not make the start time creep. */
	if (!learned->boot_seen || booted > learned->booted + LEARN_BOOT_BLUR ||
	    booted < learned->booted - LEARN_BOOT_BLUR)
		learned->booted = booted;
	learned->boot_seen = when;
}

void learn_verdict(struct learned *learned, const struct verdict *verdict,
		   enum outcome_class class, usec_t when)
{
	const struct facts *facts = &verdict->facts;

	if (class == OUTCOME_GOOD || class == OUTCOME_SOFT) {
		learned->latency = learned->latencies ?
					   learn_average(learned->latency,
							 verdict->duration,
							 51) :
					   verdict->duration;
		learned->latencies++;
	}
	if (class == OUTCOME_SATURATED)
		learned->saturations++;
	if (facts->have & FACT_THREADS_RUNNING)
		learn_running(learned, facts->threads_running);
	if ((facts->have & FACT_UPTIME) && facts->uptime >= 0)
		learn_boot(learned, facts->uptime, when);
}
