/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the kernel is looked at: some time after the last look, and sooner after a
 * change. Pure.
 *
 * A change is answered after a moment, in which its companions come, and never
 * less than AUDIT_PAUSE after the last look: two programs that disagree must not
 * fight over an address at full speed. A change never puts a look off, so that
 * changes without end, of anybody's addresses, delay no lease's renewal.
 */
#ifndef EVENKEEL_ANNOUNCE_AUDIT_H
#define EVENKEEL_ANNOUNCE_AUDIT_H

#include <stdbool.h>

#include "lib/util.h"

#define AUDIT_SOON (20 * USEC_PER_MSEC)
#define AUDIT_PAUSE USEC_PER_SEC

struct audit {
	usec_t last; /* 0: never */
	usec_t due; /* the next one; 0: none */
};

/* The kernel is looked at NOW. */
void audit_begin(struct audit *audit, usec_t now);
/* The next look is INTERVAL after the last one. */
void audit_after(struct audit *audit, usec_t interval);
/* Something has changed by NOW. Returns whether DUE is another time then. */
bool audit_changed(struct audit *audit, usec_t now);

#endif
