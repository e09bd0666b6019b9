/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates in the order of their key, and of the file where keys are equal. */
#include <stdlib.h>

#include "balance/balance_internal.h"

static int candidate_compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->server < y->server ? -1 : x->server > y->server;
}

void candidates_sort(struct candidate *candidates, uint32_t count)
{
	uint32_t i;

	for (i = 1; i < count; i++)
		if (candidate_compare(&candidates[i - 1], &candidates[i]) > 0)
			break;
	/* Servers of equal weight are in order, and most pools are of such. */
	if (i < count)
		qsort(candidates, count, sizeof(*candidates),
		      candidate_compare);
}
