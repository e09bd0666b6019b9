/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the other balancer is fit to take the addresses over, by its report: the
 * same pools in its file, its table in the kernel, each check has spoken, its
 * instances are BACKUP, and no pool has fewer servers up than here. Another version
 * of evenkeel is no hindrance, since a pair is upgraded by a switchover; the two
 * files cannot be compared then.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_FITNESS_H
#define EVENKEEL_DAEMON_OPERATOR_FITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/peer_ipc.h"

struct peer_reports;

/* A pool, an instance or a group of this balancer; its name is for people. */
struct fitness_item {
	const char *name;
	struct peer_item item;
};

struct fitness_own {
	uint64_t digest;
	const char *version;
	const struct fitness_item *items;
	size_t nr_items;
};

#define FITNESS_TEXT_MAX 320

struct fitness {
	char refused[FITNESS_TEXT_MAX]; /* why not, and what to do; empty: fit */
	char note[FITNESS_TEXT_MAX]; /* what else to know; empty: nothing */
	uint32_t moves; /* instances that are master here */
};

/*
 * How near OTHER is to taking over, at NOW: 0 if it has no instance that is master
 * here, else more for a higher priority, and more than that if it is BACKUP.
 */
unsigned fitness_rank(const struct fitness_own *own,
		      const struct peer_reports *other, usec_t now);

/*
 * OTHER says at NOW that it is master of one of the NR instances OWN that are master
 * here.
 */
bool fitness_is_double(const struct fitness_item *own, size_t nr,
		       const struct peer_reports *other, usec_t now);

/*
 * Judge OTHER, the reports of the balancer that is to take over, at NOW. Into
 * PRIORITIES, as long as OWN->items, the other one's priority for each instance
 * that moves, and 0 for the other items.
 */
void fitness_judge(const struct fitness_own *own,
		   const struct peer_reports *other, usec_t now,
		   uint8_t *priorities, struct fitness *fitness);

#endif
