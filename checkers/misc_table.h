/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which probe waits for which script: tickets. A ticket is never given out
 * twice, so an answer that comes too late finds nobody.
 */
#ifndef EVENKEEL_CHECKERS_MISC_TABLE_H
#define EVENKEEL_CHECKERS_MISC_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct check;

struct misc_slot {
	struct check *check; /* NULL: free */
	uint32_t serial; /* of its present or last ticket */
	uint32_t next_free; /* from 1; 0: none */
};

struct misc_table {
	struct misc_slot *slots;
	size_t used;
	size_t room;
	uint32_t first_free; /* from 1; 0: none */
};

/* A ticket for CHECK; never 0. */
uint64_t misc_table_add(struct misc_table *table, struct check *check);
/* CHECK waits no longer; a ticket that is not in use is allowed. */
void misc_table_drop(struct misc_table *table, uint64_t ticket);
/* The check that waits with TICKET, or NULL. */
struct check *misc_table_find(const struct misc_table *table, uint64_t ticket);
void misc_table_free(struct misc_table *table);

#endif
