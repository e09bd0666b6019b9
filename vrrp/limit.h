/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A limit on log lines that a host of the network can cause. Pure. */
#ifndef EVENKEEL_VRRP_LIMIT_H
#define EVENKEEL_VRRP_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

/* Each kind has one line a minute; further ones are counted. Zeros: none yet. */
struct vrrp_limit {
	usec_t next;
	uint64_t skipped;
};

/*
 * Whether a line may be logged at NOW. If so, *SKIPPED is the number of lines
 * that were held back since the last one; else the line is counted as held back.
 */
bool vrrp_limit_ok(struct vrrp_limit *limit, usec_t now, uint64_t *skipped);

#endif
