/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that are the same on every machine (splitmix64). */
#include <math.h>

#include "sim/sim_internal.h"

#define POISSON_LARGE 40

double sim_uniform(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

/* About normal: the sum of twelve uniform numbers. */
static double sim_normal(uint64_t *seed)
{
	double sum = -6;
	int i;

	for (i = 0; i < 12; i++)
		sum += sim_uniform(seed);
	return sum;
}

uint32_t sim_poisson(uint64_t *seed, double mean)
{
	double limit, product;
	uint32_t count = 0;

	if (mean <= 0)
		return 0;
	if (mean > POISSON_LARGE) {
		double value = mean + sqrt(mean) * sim_normal(seed) + 0.5;

		return value > 0 ? (uint32_t)value : 0;
	}
	limit = exp(-mean);
	product = sim_uniform(seed);
	while (product > limit) {
		product *= sim_uniform(seed);
		count++;
	}
	return count;
}
