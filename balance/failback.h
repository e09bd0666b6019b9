/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `failback manual`, for a pool without `writers`: see failback.c. */
#ifndef EVENKEEL_BALANCE_FAILBACK_H
#define EVENKEEL_BALANCE_FAILBACK_H

#include "balance/balance.h"

/* Whether a server of CONF that failed waits for the operator. */
bool failback_is_manual(const struct conf_virtual_server *conf);
/* Bar the servers of VS that wait; after writers_admit(). */
void failback_admit(struct balance *balance, uint32_t vs, usec_t now);
/*
 * Give terms by the arbiter's choice; before writers_settle(). LAST_RESORT: the
 * servers that serve have failed, and are kept as nobody else is there.
 */
void failback_settle(struct balance *balance, uint32_t vs, bool last_resort);
/* The operator wants SERVER of VS to be admitted again. */
void failback_rejoin(struct balance *balance, uint32_t vs, uint32_t server);
/* A reload made VS manual; it was as OLD. */
void failback_begin(struct balance *balance, uint32_t vs,
		    const struct conf_virtual_server *old);

#endif
