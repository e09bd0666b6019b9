/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often since the start: each outcome of a check, and each change of a
 * server's state into another. Counts stay over a reload, for a server of the
 * same virtual server and address, and for its checks of the same kind and place
 * in it: a counter that falls is taken for one that began anew.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_TALLIES_H
#define EVENKEEL_DAEMON_CONTROL_TALLIES_H

#include <stdint.h>

#include "balance/balance.h"

struct conf;
struct tallies;

/*
 * For CONF, with the counts of OLD, which is of BEFORE; both may be NULL. CONF
 * must outlive the result; OLD stays as it is.
 */
struct tallies *tallies_new(const struct conf *conf, const struct conf *before,
			    const struct tallies *old);
void tallies_free(struct tallies *tallies); /* NULL is allowed */

/* Numbers that are out of range count nowhere. */
void tallies_result(struct tallies *tallies, uint32_t check, unsigned outcome);
/* A change into the same state is none. */
void tallies_transition(struct tallies *tallies,
			const struct balance_event *event);

/* Of CHECK and SERVER, which are of CONF. */
uint32_t tallies_results(const struct tallies *tallies, uint32_t check,
			 enum outcome outcome);
uint32_t tallies_transitions(const struct tallies *tallies, uint32_t server,
			     enum standing from, enum standing to);

#endif
