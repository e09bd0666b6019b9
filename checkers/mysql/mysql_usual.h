/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long probes usually take, by which the pool knows those at servers that
 * hang. On a host or a network that is slow, all take long: if everybody left the
 * helpers then, the logins would make the host slower still. A probe that logs in
 * takes several times as long as the others, and is compared with its like.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_USUAL_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_USUAL_H

#include <stdbool.h>

#include "lib/util.h"

/* A probe that takes less is not long, however short the others are. */
#define MYSQL_PATIENCE (100 * USEC_PER_MSEC)

struct mysql_usual {
	/*
	 * Of the times of probes in an open session, and of those with a login.
	 */
	usec_t median[2];
};

void mysql_usual_init(struct mysql_usual *usual);
/* A probe is over. TOOK: from its request to its answer. */
void mysql_usual_note(struct mysql_usual *usual, bool logs_in, usec_t took);
/* Whether a probe that has taken TOOK until now takes long. */
bool mysql_usual_is_long(const struct mysql_usual *usual, bool logs_in,
			 usec_t took);

#endif
