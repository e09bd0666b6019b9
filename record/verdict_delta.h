/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict as its difference from the last one of its check: most verdicts say
 * the same as before, and only their times and a few facts move.
 */
#ifndef EVENKEEL_RECORD_VERDICT_DELTA_H
#define EVENKEEL_RECORD_VERDICT_DELTA_H

#include "lib/pack.h"
#include "lib/verdict.h"

/* Times beyond this are nobody's: sums of a few still fit. */
#define RECORD_TIME_MAX ((usec_t)1 << 55)

/* LAST is the check's last verdict, zeroed at first; it becomes VERDICT. */
void verdict_delta_pack(struct pack *out, struct verdict *last,
			const struct verdict *verdict, usec_t now);
/* LAST becomes the verdict, but for its check. */
void verdict_delta_unpack(struct unpack *in, struct verdict *last, usec_t now);

#endif
