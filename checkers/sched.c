/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/sched.h"

#include <stdlib.h>

/* Places count from 1, so that the parent of place n is n / 2. */
static void sched_place(struct sched *sched, struct sched_item *item,
			size_t place)
{
	sched->heap[place - 1] = item;
	item->place = place;
}

static void sched_up(struct sched *sched, struct sched_item *item)
{
	size_t place = item->place;
	struct sched_item *parent;

	while (place > 1) {
		parent = sched->heap[place / 2 - 1];
		if (parent->when <= item->when)
			break;
		sched_place(sched, parent, place);
		place /= 2;
	}
	sched_place(sched, item, place);
}

static void sched_down(struct sched *sched, struct sched_item *item)
{
	size_t place = item->place;
	struct sched_item *child;
	size_t next;

	for (;;) {
		next = place * 2;
		if (next > sched->used)
			break;
		if (next < sched->used &&
		    sched->heap[next]->when < sched->heap[next - 1]->when)
			next++;
		child = sched->heap[next - 1];
		if (child->when >= item->when)
			break;
		sched_place(sched, child, place);
		place = next;
	}
	sched_place(sched, item, place);
}

void sched_set(struct sched *sched, struct sched_item *item, usec_t when)
{
	item->when = when;
	if (item->place == 0) {
		sched->heap = array_grow(sched->heap, sched->used, &sched->room,
					 sizeof(struct sched_item *));
		sched->used++;
		sched_place(sched, item, sched->used);
	}
	sched_up(sched, item);
	sched_down(sched, item);
}

void sched_clear(struct sched *sched, struct sched_item *item)
{
	struct sched_item *last;

	if (item->place == 0)
		return;
	last = sched->heap[sched->used - 1];
	sched->used--;
	if (last != item) {
		sched_place(sched, last, item->place);
		sched_up(sched, last);
		sched_down(sched, last);
	}
	item->place = 0;
}

struct sched_item *sched_first(const struct sched *sched)
{
	return sched->used > 0 ? sched->heap[0] : NULL;
}

void sched_free(struct sched *sched)
{
	free(sched->heap);
	*sched = (struct sched){ 0 };
}
