/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adverts of another router that are dropped here, because its file and ours
 * disagree. A Backup that drops them becomes Active after the down interval,
 * beside the other router: two hosts with one address. The case is worth a
 * warning, with its consequence, while this router is Active or becomes so;
 * another router's Backup is not in danger. Pure: the caller has the clock and
 * the log.
 */
#ifndef EVENKEEL_VRRP_MISMATCH_H
#define EVENKEEL_VRRP_MISMATCH_H

#include "lib/util.h"
#include "vrrp/packet.h"

struct vrrp_mismatch {
	enum vrrp_drop drop; /* the reason of the last dropped advert */
	struct addr src;
	usec_t seen; /* when the advert came; 0: never */
	usec_t next; /* no other warning before this */
};

/*
 * The consequence of a drop, and the advice, as the end of a sentence; NULL if
 * the drop shows no other router of ours: a broken or forged packet.
 */
const char *vrrp_mismatch_advice(enum vrrp_drop drop);

/* An advert from SRC was dropped for the reason DROP. */
void vrrp_mismatch_note(struct vrrp_mismatch *mismatch, enum vrrp_drop drop,
			const struct addr *src, usec_t now);

/*
 * Whether to warn of it now: this router is Active (or has just become it), the
 * last dropped advert came within RECENT, and the last warning is a minute old.
 */
bool vrrp_mismatch_due(struct vrrp_mismatch *mismatch, bool active,
		       usec_t recent, usec_t now);

#endif
