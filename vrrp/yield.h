/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's switchover. A router that yields says priority 0, once, so that
 * the other one takes over soon, and stays behind it with the lowest priority:
 * its own, which may be higher, would bring the addresses back at once. The end
 * of it, whichever comes first:
 *
 * - it is Active again, because the other router stopped or fell silent;
 * - the other router's priority, as its adverts say it, falls below that of
 *   the switchover: a tracker over there has found something, and trackers
 *   decide between the two again, for all members of a sync group;
 * - main takes it back.
 */
#ifndef EVENKEEL_VRRP_YIELD_H
#define EVENKEEL_VRRP_YIELD_H

#include <stddef.h>

#include "lib/vrrp_ipc.h"

struct vrrp;

/*
 * Main's message YIELD with COUNT of BEHIND. Without YIELD->leave an Active
 * router keeps its addresses and does not yield. The owner of the addresses
 * (priority 255) never does.
 */
void vrrp_yield(struct vrrp *vrrp, const struct ipc_vrrp_yield *yield,
		const struct ipc_vrrp_behind *behind, size_t count);

#endif
