/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that a check measures besides good or bad, smoothed: Threads_running
 * (two averages, a quick one to be judged and a slow one to be judged by), the
 * response time, and the server's start time.
 *
 * Servers use these values later, each at its own pace: a counter beside each
 * value tells whether there is a new one.
 */
#include "balance/balance_internal.h"

/* OLD moved towards VALUE by PART in 256. */
static uint32_t stats_average(uint32_t old, uint64_t value, uint32_t part)
{
	uint64_t sum = (uint64_t)old * (256 - part) + value * part;

	return sum / 256 > UINT32_MAX ? UINT32_MAX : (uint32_t)(sum / 256);
}

static void stats_running(struct check_stats *stats, uint32_t running)
{
	uint64_t value = (uint64_t)running * STATS_UNIT;

	if (value > UINT32_MAX)
		value = UINT32_MAX;
	if (stats->runnings++ == 0) {
		stats->running_quick = (uint32_t)value;
		stats->running_slow = (uint32_t)value;
		return;
	}
	stats->running_quick = stats_average(stats->running_quick, value, 128);
	stats->running_slow = stats_average(stats->running_slow, value, 51);
}

static void stats_boot(struct check_stats *stats, usec_t uptime, usec_t when)
{
	usec_t booted = when - uptime;

	if (stats->boot_seen && booted > stats->booted + STATS_BOOT_BLUR)
		stats->restarts++;
	/* Rounding must not make the start time creep. */
	if (!stats->boot_seen || booted > stats->booted + STATS_BOOT_BLUR ||
	    booted < stats->booted - STATS_BOOT_BLUR)
		stats->booted = booted;
	stats->boot_seen = when;
}

void stats_verdict(struct check_stats *stats, const struct verdict *verdict,
		   enum outcome_class class, usec_t when)
{
	const struct facts *facts = &verdict->facts;

	if (class == OUTCOME_GOOD || class == OUTCOME_SOFT) {
		stats->latency = stats->latencies ?
					 stats_average(stats->latency,
						       verdict->duration, 51) :
					 verdict->duration;
		stats->latencies++;
	}
	if (class == OUTCOME_SATURATED)
		stats->saturations++;
	if (facts->have & FACT_THREADS_RUNNING)
		stats_running(stats, facts->threads_running);
	if ((facts->have & FACT_UPTIME) && facts->uptime >= 0)
		stats_boot(stats, facts->uptime, when);
}
