/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second decision of a replay, by another configuration. A recorded verdict
 * goes to the check that stands in the same place: the same server (by service
 * and address), the same kind, the same number among the server's checks of
 * that kind. A check of the other configuration that nothing was recorded for
 * has no verdict, and its server proves itself never.
 */
#ifndef EVENKEEL_SIM_REPLAY_OTHER_H
#define EVENKEEL_SIM_REPLAY_OTHER_H

#include "balance/balance.h"

struct replay_other;

/* CONF must outlive the result. */
struct replay_other *replay_other_new(const struct conf *conf);
void replay_other_free(struct replay_other *other); /* NULL is allowed */

/*
 * The recording begins (again) with RECORDED: a new balance (FRESH), or one
 * whose memory is taken over as at a reload.
 */
void replay_other_begin(struct replay_other *other,
			const struct balance *recorded, bool fresh, usec_t now);
/* The recorded configuration, whose indices the inputs have, is CONF now. */
void replay_other_map(struct replay_other *other, const struct conf *conf);
/* A recorded input; NOW is the time of the recording. */
void replay_other_take(struct replay_other *other,
		       const struct balance_input *input, usec_t now);

/* The last decision, and the configuration. */
const struct table *replay_other_table(const struct replay_other *other);
const struct conf *replay_other_is(const struct replay_other *other);

/* How many checks stand nowhere in any recorded configuration so far. */
uint32_t replay_other_nr_unheard(const struct replay_other *other);

#endif
