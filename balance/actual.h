/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's entries by service and address, and their counts: see actual.c. */
#ifndef EVENKEEL_BALANCE_ACTUAL_H
#define EVENKEEL_BALANCE_ACTUAL_H

#include "balance/balance.h"
#include "lib/index.h"

/* Connections of one server, as the kernel counts them. */
struct connections {
	uint32_t active, inactive;
	bool counted; /* `active` and `inactive` are known */
};

struct actual_index {
	struct index index;
	const struct table *actual;
	uint32_t *service_of; /* by position in actual->dests */
};

/* Index ACTUAL, which must outlive the index. */
void actual_index_init(struct actual_index *ix, const struct table *actual);
void actual_index_free(struct actual_index *ix);
/* The entry of service KEY for the server at ADDR by FORWARD, or NULL. */
const struct table_dest *actual_find(const struct actual_index *ix,
				     const struct service_key *key,
				     const struct endpoint *addr,
				     const struct conf_forward *forward);

#endif
