/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queue of points in time: a binary heap of items that live in their owners,
 * so that moving, adding and removing an item costs O(log n) and no allocation
 * per item. The queue knows neither a clock nor a loop.
 */
#ifndef EVENKEEL_CHECKERS_SCHED_H
#define EVENKEEL_CHECKERS_SCHED_H

#include <stddef.h>

#include "lib/util.h"

struct sched_item {
	usec_t when;
	size_t place; /* in the heap, from 1; 0: not in it */
};

struct sched {
	struct sched_item **heap;
	size_t used;
	size_t room;
};

/* Put ITEM in for the time WHEN, or move it there. */
void sched_set(struct sched *sched, struct sched_item *item, usec_t when);

/* Take ITEM out; nothing happens if it is not in. */
void sched_clear(struct sched *sched, struct sched_item *item);

/* The item with the earliest time, NULL if there is none. The item stays in the
 * queue. */
struct sched_item *sched_first(const struct sched *sched);

/* Frees the heap; the items are their owners'. */
void sched_free(struct sched *sched);

#endif
