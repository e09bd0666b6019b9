/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table as its difference from the last one. Most of the time the same
 * services have the same servers, and a few numbers differ; else the table is
 * there whole.
 */
#ifndef EVENKEEL_RECORD_TABLE_DELTA_H
#define EVENKEEL_RECORD_TABLE_DELTA_H

#include "lib/pack.h"
#include "lib/table.h"

/* The last table; all zeroes: there is none. table_free() of `last` frees it. */
struct table_memory {
	struct table last;
	bool known;
};

/* Statistics of services (conns, bytes) are left out. */
void table_delta_pack(struct pack *out, struct table_memory *memory,
		      const struct table *table);
/* The table is then in MEMORY. IN fails if it makes no sense. */
void table_delta_unpack(struct unpack *in, struct table_memory *memory);

#endif
