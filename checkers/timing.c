/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/timing.h"

/* The finaliser of splitmix64: every bit of the result hangs on every bit. */
static uint64_t timing_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* A number in [0, 1), the next of the check's own sequence. */
static double timing_random(struct timing *timing)
{
	uint64_t x;

	timing->round++;
	x = timing_mix(timing->seed + timing->round * 0x9e3779b97f4a7c15u);
	return (double)(x >> 11) / (double)(1ull << 53);
}

void timing_init(struct timing *timing, uint64_t seed, uint32_t check_hash)
{
	*timing = (struct timing){
		.seed = timing_mix(seed + timing_mix(check_hash)),
	};
}

usec_t timing_first(struct timing *timing, const struct conf_check *conf,
		    usec_t now)
{
	usec_t spread = conf->warmup;

	if (spread < 0)
		spread = conf->delay_loop < USEC_PER_SEC ? conf->delay_loop :
							   USEC_PER_SEC;
	timing->spread = spread < conf->delay_loop;
	return now + (usec_t)(timing_random(timing) * (double)spread);
}

usec_t timing_next(struct timing *timing, const struct conf_check *conf,
		   usec_t started, usec_t now, bool retry)
{
	double part;
	usec_t next;

	if (retry) {
		next = now + conf->delay_before_retry;
	} else {
		part = timing->spread ? timing_random(timing) :
					0.95 + 0.1 * timing_random(timing);
		timing->spread = false;
		next = started + (usec_t)((double)conf->delay_loop * part);
	}
	if (next < started + TIMING_MIN_GAP)
		next = started + TIMING_MIN_GAP;
	return next > now ? next : now;
}
