/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pauses of a pool, for the files of this room: see pause.c. */
#ifndef EVENKEEL_BALANCE_PAUSE_H
#define EVENKEEL_BALANCE_PAUSE_H

#include <stdbool.h>

#include "balance/balance.h"

struct table_dest;

/* The operator's pause of one virtual server. */
struct pause {
	usec_t until; /* ends by itself then; 0: none */
	usec_t began;
	bool keeps; /* there is a table that stays as it is */
};

/* Whether the table of VS stays as it is. */
bool pause_holds(const struct balance *balance, uint32_t vs);
/*
 * At its end, end the pause of VS, with a notice; before, see to it that the
 * balance is asked again at the end.
 */
void pause_decide(struct balance *balance, uint32_t vs, usec_t now);
/*
 * At the start: the kernel had SERVER as FOUND (NULL: not at all); KNOWN: it
 * had VS, SERVING: with a server of a weight.
 */
void pause_adopt_server(struct balance *balance, uint32_t server,
			const struct table_dest *found);
void pause_adopt_service(struct balance *balance, uint32_t vs, bool known,
			 bool serving);

#endif
