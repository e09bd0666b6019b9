/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers that the file does not name any more: see leaving.c. */
#ifndef EVENKEEL_BALANCE_LEAVING_H
#define EVENKEEL_BALANCE_LEAVING_H

#include "balance/name.h"

struct leaving {
	uint32_t vs;
	struct endpoint addr;
	struct conf_forward forward;
	uint32_t active; /* connections */
	bool counted; /* `active` was read since the server is leaving */
	usec_t until; /* out then, whatever connections are left */
};

/*
 * After a reload: keep the servers in OLD's table that the file lost. KEPT: by server of
 * OLD, whether one in the file was found to be it.
 */
void leaving_inherit(struct balance *balance, const struct balance *old,
		     const bool *kept, usec_t now);
/* At the start: DEST is in service KEY of VS, and the file does not name it. */
void leaving_adopt(struct balance *balance, uint32_t vs,
		   const struct service_key *key, const struct table_dest *dest,
		   usec_t now);
/* Whether the server at ADDR was leaving until now, so is in the table. */
bool leaving_was(const struct balance *old, const struct name_index *ix,
		 const struct conf_virtual_server *vs,
		 const struct endpoint *addr);
/* Remove leaving servers that have no connections or whose time is over. */
void leaving_decide(struct balance *balance, usec_t now);

#endif
