/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration's names, by kernel service and address: see name.c. */
#ifndef EVENKEEL_BALANCE_NAME_H
#define EVENKEEL_BALANCE_NAME_H

#include "balance/balance.h"
#include "lib/index.h"

struct name_index {
	const struct conf *conf;
	struct index services; /* of virtual servers, under each of their keys */
	struct index servers; /* made by the first search that needs it */
	uint32_t next; /* the server behind the one found last */
};

/* A hash of KEY and ADDR; ADDR NULL: of the service itself. */
uint32_t name_hash(const struct service_key *key, const struct endpoint *addr);
/* Index the names of CONF, which must outlive the index. */
void name_index_init(struct name_index *ix, const struct conf *conf);
void name_index_free(struct name_index *ix);
/* The virtual server of the configuration that has KEY, or INDEX_END. */
uint32_t name_find_service(const struct name_index *ix,
			   const struct service_key *key);
/* The server of the configuration with ADDR under KEY, or INDEX_END. */
uint32_t name_find_server(struct name_index *ix, const struct service_key *key,
			  const struct endpoint *addr);

#endif
