/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A router's virtual addresses. The addresses are on an interface exactly while
 * the router is Active, with one exception: addresses that an owner (priority
 * 255) found there, and that are not marked as ours, are the host's own and
 * stay.
 *
 * An address that somebody removes comes back, and an address that somebody
 * adds to a Backup goes away again; after a moment and once a second at most,
 * lest two programs fight over it at full speed.
 *
 * A failure to add or remove an address is logged here; a failed addition is
 * tried again.
 */
#ifndef EVENKEEL_VRRP_VIPS_H
#define EVENKEEL_VRRP_VIPS_H

#include "vrrp/router.h"

/*
 * Make the router's list of addresses anew from its settings. The old list is
 * not freed: the caller has it (vrrp_vips_free(), or a reload's comparison).
 */
void vrrp_vips_set(struct vrrp_router *router);
/* Free the list; addresses on the host stay. */
void vrrp_vips_free(struct vrrp_router *router);
/* The interface that a virtual address belongs on; 0: there is none. */
int vrrp_vips_link(const struct vrrp_router *router,
		   const struct vrrp_vip *vip);
/*
 * Whether ADDR is a virtual address of any instance; VRRP is the process, as
 * vrrp_net_source() hands it on.
 */
bool vrrp_vips_is_virtual(const void *vrrp, const struct addr *addr);

/* Put all addresses on their interfaces. */
void vrrp_vips_add(struct vrrp_router *router);
/* Take all addresses off again, but for the host's own. */
void vrrp_vips_remove(struct vrrp_router *router);
/* Remove the addresses that a killed daemon left; not while Active. */
void vrrp_vips_clean(struct vrrp_router *router);
/*
 * ADDR (NULL: any) or its interface changed: if it is not as it should be, put
 * it right, soon, but not in a race.
 */
void vrrp_vips_check(struct vrrp_router *router, const struct addr *addr);
/* Add and remove at once the addresses that differ; announce added ones. */
void vrrp_vips_repair(struct vrrp_router *router);

/* Send the due announcements (announce.h), and set the timer for the rest. */
void vrrp_vips_announce(struct vrrp_router *router);
/*
 * Announce the source address to unicast peers: a stale neighbour entry there
 * would send their adverts astray.
 */
void vrrp_vips_announce_self(struct vrrp_router *router);

#endif
