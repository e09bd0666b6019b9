/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration's names, by kernel service and address: see name.c. */
#ifndef EVENKEEL_BALANCE_NAME_H
#define EVENKEEL_BALANCE_NAME_H

#include "balance/balance.h"
#include "lib/index.h"

struct name {
	uint32_t vs;
	uint32_t server; /* TABLE_NO_REF: the service itself */
	const struct service_key *key;
	const struct endpoint *addr; /* NULL: the service itself */
};

struct name_index {
	struct index index;
	struct name *names;
	uint32_t used;
};

/* A hash of KEY and ADDR; ADDR NULL: the service itself, likewise below. */
uint32_t name_hash(const struct service_key *key, const struct endpoint *addr);
/* Index the names of CONF, which must outlive the index. */
void name_index_init(struct name_index *ix, const struct conf *conf);
void name_index_free(struct name_index *ix);
/* A position in IX->names, or INDEX_END. */
uint32_t name_find(const struct name_index *ix, const struct service_key *key,
		   const struct endpoint *addr);

#endif
