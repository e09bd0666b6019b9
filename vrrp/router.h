/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual router at work: its state machine, the needs that must be met for it
 * to take part (interface, source address, socket, trackers), and the steps
 * carried out. A step is decided by pure functions (fsm.h, group.h, track.h);
 * this module sends the adverts, lets vips.c and routes put things on the host,
 * and reports.
 *
 * The calls go one way: the process (vrrp.c, vrrp_reload.c) and packets (input.c)
 * feed a router, the router uses its addresses, routes and socket.
 */
#ifndef EVENKEEL_VRRP_ROUTER_H
#define EVENKEEL_VRRP_ROUTER_H

#include "lib/vrrp_ipc.h"
#include "vrrp/announce.h"
#include "vrrp/fsm.h"
#include "vrrp/limit.h"
#include "vrrp/packet.h"
#include "vrrp/mismatch.h"
#include "vrrp/signature.h"
#include "vrrp/sock.h"
#include "vrrp/routes.h"

struct vrrp;

struct vrrp_vip {
	const struct vrrp_conf_address *conf;
	bool added; /* by us: was not there before */
};

/* Of a router behind the other one, after a switchover. */
#define VRRP_YIELD_PRIORITY 1

struct vrrp_router {
	struct vrrp *vrrp;
	const struct vrrp_conf_instance *conf;
	struct vrrp_fsm fsm;
	struct loop_timer timer;
	uint32_t index; /* in the configuration */
	/* The members of its sync group, in order; alone, itself. */
	struct vrrp_router *group_first;
	struct vrrp_router *group_next; /* NULL: the last */

	bool promotes; /* it has set promote_secondaries of its interface */
	int link; /* index of the interface; 0: none */
	int vmac; /* index of the virtual MAC's; 0: none, or not wanted */
	struct addr source;
	unsigned faults; /* enum vrrp_fault bits */
	struct vrrp_sock *sock; /* NULL: not open */
	struct vrrp_sock
		*other_sock; /* for adverts by the other cast; NULL: not open */
	uint32_t rx_wanted; /* its part of the socket's receive buffer */
	uint32_t fault_tracker;

	uint32_t nr_vips;
	struct vrrp_vip *vips; /* the advertised ones, then the excluded */
	uint8_t *packed; /* the advertised ones, as they go into a packet */
	struct loop_timer repair;
	usec_t repaired;
	struct vrrp_routes routes;
	struct vrrp_announcer announcer;
	struct vrrp_signature signature; /* auth_hmac */
	struct loop_timer announce;

	struct ipc_vrrp_state report; /* the counters, and the last report */
	struct vrrp_limit limits[VRRP_DROPS];
	struct vrrp_limit send_limit;
	struct vrrp_limit vip_limit;
	struct vrrp_mismatch mismatch;
	unsigned deviations_logged; /* enum vrrp_deviation bits */
	uint8_t own_priority; /* by the configuration and the trackers */
	uint8_t behind; /* yield.h; 0: it has its own priority */
	bool started;
	bool cleaned; /* leftovers of an earlier life were looked for */
	bool report_due; /* to be reported */
};

/*
 * A router for CONF, which must live as long as it is in use; not started, and
 * with nothing on the host. Never NULL.
 */
struct vrrp_router *vrrp_router_new(struct vrrp *vrrp,
				    const struct vrrp_conf_instance *conf);
/*
 * Close the router's sockets, remove its virtual MAC and free it. Its addresses
 * stay: VRRP_EVENT_STOP removes them, and must come first.
 */
void vrrp_router_free(struct vrrp_router *router);
/* The routes and rules of CONF; they belong to CONF. */
struct vrrp_lines vrrp_router_lines(const struct vrrp_conf_instance *conf);

/*
 * Feed EVENT to the state machine (RFC 9568 6.4) and carry its actions out; the
 * sync group is not asked. A failed action is logged, and tried again later.
 */
void vrrp_router_step(struct vrrp_router *router,
		      const struct vrrp_event *event);
/* Run the rules of the router's sync group until no member has to change. */
void vrrp_router_sync_group(struct vrrp_router *router);
/*
 * Feed EVENT to the state machine; if the state changed, run the rules of the
 * sync group.
 */
void vrrp_router_event(struct vrrp_router *router,
		       const struct vrrp_event *event);

/*
 * Look at the interface, virtual MAC, source address and socket again, which may
 * have changed, and open the sockets that are missing. A new or lost fault goes to the
 * router's sync group.
 */
void vrrp_router_update_link(struct vrrp_router *router);
/*
 * Set the priority from the configuration and the trackers' values, and the
 * faults that trackers make; no interface or socket is looked at.
 */
void vrrp_router_update_priority(struct vrrp_router *router);
/* vrrp_router_update_link() and _priority(), with one run of the sync group. */
void vrrp_router_update(struct vrrp_router *router);
/* After a switchover: from now on the router has its own priority again. */
void vrrp_router_end_yield(struct vrrp_router *router);
/* Set the values of trackers of interfaces from the links as they are now. */
void vrrp_track_interfaces(struct vrrp *vrrp);
/*
 * Set COUNT trackers' values as main reports them, and every router's priority.
 * A tracker that the configuration does not have is ignored.
 */
void vrrp_trackers_set(struct vrrp *vrrp, const struct ipc_vrrp_track *tracks,
		       size_t count);

/*
 * Warn of another router whose adverts are dropped, if this one is Active and
 * the last such warning is old enough (mismatch.h).
 */
void vrrp_router_warn_mismatch(struct vrrp_router *router);
/* Have the router's state reported to main at the end of this loop turn. */
void vrrp_router_report_soon(struct vrrp_router *router);
/* Fill router->report with the present state. */
void vrrp_router_report(struct vrrp_router *router);

/* The interface that adverts and addresses use: the vmac, if there is one. */
static inline int vrrp_router_port(const struct vrrp_router *router)
{
	return router->vmac > 0 ? router->vmac : router->link;
}

#endif
