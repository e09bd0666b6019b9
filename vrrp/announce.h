/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling the link where the addresses are now: gratuitous ARP (RFC 5227, a
 * broadcast request in which both addresses are the virtual one) and
 * unsolicited neighbour advertisements (RFC 4861 7.2.6). The frames are made
 * here, whole, and leave through one packet socket.
 *
 * When they are sent is a plan that knows no socket: repeats at once, again
 * after a delay, and refreshed for as long as the router is Active, with a
 * pause between two if one is wanted. Leaving Active drops pending
 * announcements.
 */
#ifndef EVENKEEL_VRRP_ANNOUNCE_H
#define EVENKEEL_VRRP_ANNOUNCE_H

#include "conf/vrrp_conf.h"
#include "vrrp/interfaces.h"

#define VRRP_ARP_FRAME 42
#define VRRP_NA_FRAME (14 + 40 + 32)

/*
 * Make the frame that announces ADDR at MAC into OUT (VRRP_NA_FRAME bytes).
 * ROUTER sets the R flag of a neighbour advertisement. Returns its length.
 */
size_t vrrp_announce_frame(const struct addr *addr, const uint8_t *mac,
			   bool router, uint8_t *out);

/* A packet socket that sends frames, or -1 with errno set. */
int vrrp_announce_socket(void);

/*
 * Announce ADDR on LINK, if it is a link that has such a thing. Returns 0 or
 * -errno.
 */
int vrrp_announce_send(int fd, const struct vrrp_link *link,
		       const struct addr *addr, bool router);

struct vrrp_announcer {
	uint32_t left; /* rounds of the running burst still to do */
	uint32_t index; /* next address in the round */
	usec_t next; /* when the next announcement is due; 0: none */
	usec_t second; /* when the delayed burst starts; 0: none */
	uint32_t second_rounds;
	usec_t refresh; /* when the next refresh is due; 0: none */
	usec_t extra; /* when the next extra round is due; 0: none */
	bool extra_round; /* the running burst is for other interfaces */
};

/* After becoming Active: the burst, the delayed one, the refreshes. */
void vrrp_announcer_start(struct vrrp_announcer *announcer,
			  const struct vrrp_conf_garp *garp, usec_t now);
/* Another router announced our addresses; refreshes go on. */
void vrrp_announcer_again(struct vrrp_announcer *announcer,
			  const struct vrrp_conf_garp *garp, usec_t now);
void vrrp_announcer_stop(struct vrrp_announcer *announcer);
/* GARP is another one now: refreshes and extra rounds follow it. */
void vrrp_announcer_change(struct vrrp_announcer *announcer,
			   const struct vrrp_conf_garp *garp, usec_t now);

/*
 * The address (0 .. COUNT-1) to announce now, or -1 if none is due yet. To be
 * called until it returns -1. FAMILY tells which pause counts. SHARED, unless it
 * is NULL, is when the next one of any announcer with the same SHARED may be.
 */
int vrrp_announcer_next(struct vrrp_announcer *announcer,
			const struct vrrp_conf_garp *garp, uint16_t family,
			uint32_t count, usec_t now, usec_t *shared);
/* When to call it again; 0: never. */
usec_t vrrp_announcer_when(const struct vrrp_announcer *announcer);

#endif
