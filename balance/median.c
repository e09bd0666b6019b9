/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The median, in linear time on average; the order of VALUES is lost. */
#include "balance/balance_internal.h"

static void median_swap(uint32_t *a, uint32_t *b)
{
	uint32_t keep = *a;

	*a = *b;
	*b = keep;
}

/* Hoare's selection: the value that would stand at WANTED if sorted. */
static uint32_t median_select_nth(uint32_t *values, uint32_t count,
				  uint32_t wanted)
{
	int64_t low = 0, high = (int64_t)count - 1;

	while (low < high) {
		uint32_t pivot = values[low + (high - low) / 2];
		int64_t i = low, j = high;

		while (i <= j) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i <= j)
				median_swap(&values[i++], &values[j--]);
		}
		if ((int64_t)wanted <= j)
			high = j;
		else if ((int64_t)wanted >= i)
			low = i;
		else
			break;
	}
	return values[wanted];
}

uint32_t median_of(uint32_t *values, uint32_t count)
{
	uint64_t lower = median_select_nth(values, count, (count - 1) / 2);

	if (count % 2)
		return (uint32_t)lower;
	return (uint32_t)((lower +
			   median_select_nth(values, count, count / 2)) /
			  2);
}
