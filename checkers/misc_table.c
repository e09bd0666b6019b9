/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/misc_table.h"

#include <stdlib.h>

#include "lib/util.h"

uint64_t misc_table_add(struct misc_table *table, struct check *check)
{
	struct misc_slot *slot;
	uint32_t place = table->first_free;

	if (place == 0) {
		table->slots = array_grow(table->slots, table->used,
					  &table->room, sizeof(*table->slots));
		place = (uint32_t)++table->used;
		table->slots[place - 1] = (struct misc_slot){ .serial = 0 };
	}
	slot = &table->slots[place - 1];
	table->first_free = slot->next_free;
	slot->next_free = 0;
	slot->check = check;
	slot->serial++;
	return (uint64_t)slot->serial << 32 | place;
}

static struct misc_slot *misc_table_slot(const struct misc_table *table,
					 uint64_t ticket)
{
	uint32_t place = (uint32_t)ticket;
	struct misc_slot *slot;

	if (place == 0 || place > table->used)
		return NULL;
	slot = &table->slots[place - 1];
	return slot->check && slot->serial == ticket >> 32 ? slot : NULL;
}

void misc_table_drop(struct misc_table *table, uint64_t ticket)
{
	struct misc_slot *slot = misc_table_slot(table, ticket);

	if (!slot)
		return;
	slot->check = NULL;
	slot->next_free = table->first_free;
	table->first_free = (uint32_t)ticket;
}

struct check *misc_table_find(const struct misc_table *table, uint64_t ticket)
{
	const struct misc_slot *slot = misc_table_slot(table, ticket);

	return slot ? slot->check : NULL;
}

void misc_table_free(struct misc_table *table)
{
	free(table->slots);
	*table = (struct misc_table){ 0 };
}
