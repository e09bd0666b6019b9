/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process and its routers, as the files of this room share them:
 *
 *	vrrp.c		the process: main's messages, signals, scheduling
 *	vrrp_reload.c	from one configuration to the next
 *	router.c	one router: steps of the state machine carried out
 *	router_bind.c		its interface, source address, socket; its faults
 *	vips.c		its addresses, put on and taken off, and announced
 *	input.c		packets in
 *	ways.c		the routes and rules that go with its addresses
 *	vmac.c		virtual MAC addresses
 */
#ifndef EVENKEEL_VRRP_VRRP_INTERNAL_H
#define EVENKEEL_VRRP_VRRP_INTERNAL_H

#include "lib/log_pump.h"
#include "lib/loop.h"
#include "lib/vrrp_ipc.h"
#include "vrrp/announce.h"
#include "vrrp/fsm.h"
#include "vrrp/interfaces.h"
#include "vrrp/packet.h"
#include "vrrp/rival.h"
#include "vrrp/sock.h"
#include "vrrp/track.h"
#include "vrrp/vrrp.h"
#include "vrrp/ways.h"

/* A line of one kind may be logged once a minute; the others are counted. */
struct vrrp_limit {
	usec_t next;
	uint64_t skipped;
};

struct vrrp_vip {
	const struct vrrp_conf_address *conf;
	bool added; /* by us: was not there before */
};

struct vrrp_router {
	struct vrrp *vrrp;
	const struct vrrp_conf_instance *conf;
	struct vrrp_fsm fsm;
	struct loop_timer timer;
	uint32_t index; /* in the configuration */

	int link; /* index of the interface; 0: none */
	int vmac; /* index of the virtual MAC's; 0: none, or not wanted */
	struct addr source;
	unsigned faults; /* enum vrrp_fault bits */
	struct vrrp_sock *sock; /* NULL: not open */
	struct vrrp_sock *ear; /* where the other cast is heard; NULL: not */
	uint32_t culprit;

	uint32_t nr_vips;
	struct vrrp_vip *vips; /* the advertised ones, then the excluded */
	uint8_t *packed; /* the advertised ones, as they go into a packet */
	struct loop_timer repair;
	usec_t repaired;
	struct vrrp_ways ways;
	struct vrrp_announcer announcer;
	struct loop_timer announce;

	struct ipc_vrrp_state report; /* the counters, and the last report */
	struct vrrp_limit limits[VRRP_DROPS];
	struct vrrp_limit send_limit;
	struct vrrp_limit vip_limit;
	struct vrrp_rival rival;
	unsigned oddities_told; /* enum vrrp_oddity bits */
	bool started;
	bool cleaned; /* leftovers of an earlier life were looked for */
	bool dirty; /* to be reported */
};

struct vrrp {
	struct loop *loop;
	int sock; /* to main */
	struct loop_io io;
	struct loop_signal term, interrupt;
	struct loop_task tell;
	struct log_pump pump;
	struct loop_timer tell_again; /* main did not read */
	struct vrrp_net net;
	int announce_fd;
	uint32_t generation;
	struct conf *whole; /* the owner of CONF */
	const struct vrrp_conf *conf; /* NULL before the first */
	struct vrrp_track_value *values; /* one for each tracker */
	struct vrrp_router **routers; /* one for each instance, in order */
	uint32_t nr_routers;
	struct vrrp_ways ways; /* the static lines */
	struct vrrp_sock **socks;
	size_t nr_socks, room_socks;
};

/* router.c */
struct vrrp_router *vrrp_router_new(struct vrrp *vrrp,
				    const struct vrrp_conf_instance *conf);
/* The routes and rules of CONF. */
struct vrrp_lines vrrp_router_lines(const struct vrrp_conf_instance *conf);
/* The router's addresses and state are the caller's: VRRP_EVENT_STOP first. */
void vrrp_router_free(struct vrrp_router *router);
/* Carry out one step for EVENT; the sync group is not asked. */
void vrrp_router_step(struct vrrp_router *router,
		      const struct vrrp_event *event);
/* Carry out the demands of the router's sync group. */
void vrrp_router_settle(struct vrrp_router *router);
/* Carry out the step for EVENT and, after a change, the group's demands. */
void vrrp_router_give(struct vrrp_router *router,
		      const struct vrrp_event *event);
/* Fill router->report with the present state. */
void vrrp_router_report(struct vrrp_router *router);

/* router_bind.c */
/* The interface that adverts and addresses use: the vmac, if there is one. */
int vrrp_router_port(const struct vrrp_router *router);
/*
 * Look at the interface, virtual MAC, source address and socket again, which may
 * have changed, and open what is missing. A new or lost fault goes to the
 * router's sync group.
 */
void vrrp_router_update_link(struct vrrp_router *router);
/*
 * Set the priority from the configuration and the trackers' values, and the
 * faults that trackers make; no interface or socket is looked at.
 */
void vrrp_router_update_priority(struct vrrp_router *router);
/* Both, with the sync group asked once. */
void vrrp_router_update(struct vrrp_router *router);
/* Set the values of trackers of interfaces. */
void vrrp_track_interfaces(struct vrrp *vrrp);
/*
 * Set COUNT trackers' values as main reports them, and every router's priority.
 * A tracker that the configuration does not have is ignored.
 */
void vrrp_trackers_set(struct vrrp *vrrp, const struct ipc_vrrp_track *tracks,
		       size_t count);
/* Close the router's sockets. */
void vrrp_router_unbind(struct vrrp_router *router);
/* Whether ADDR is a virtual address of any instance. */
bool vrrp_is_virtual(const void *vrrp, const struct addr *addr);

/* vips.c */
void vrrp_vips_set(struct vrrp_router *router);
void vrrp_vips_free(struct vrrp_router *router);
/* The interface that a virtual address belongs on; 0: there is none. */
int vrrp_vips_home(const struct vrrp_router *router,
		   const struct vrrp_vip *vip);
void vrrp_vips_take(struct vrrp_router *router);
void vrrp_vips_drop(struct vrrp_router *router);
/* Remove the leftovers of a killed daemon. Once for each interface found. */
void vrrp_vips_clean(struct vrrp_router *router);
/*
 * ADDR (NULL: any) or its interface changed: if it is not as it should be, put
 * it right, soon, but not in a race.
 */
void vrrp_vips_check(struct vrrp_router *router, const struct addr *addr);
void vrrp_vips_repair(struct vrrp_router *router);
void vrrp_announce_run(struct vrrp_router *router);
void vrrp_announce_self(struct vrrp_router *router);

/* input.c */
void vrrp_input_ready(struct loop_io *io, unsigned what);
/* Read waiting datagrams, so many at most that timers do not starve. */
void vrrp_input_drain(struct vrrp_sock *sock);
/* Warn of adverts that did not count, if the router is Active and it is time. */
void vrrp_input_warn(struct vrrp_router *router);
/* Whether a line may be logged now; *SKIPPED lines were not, before it. */
bool vrrp_limit_ok(struct vrrp_limit *limit, usec_t now, uint64_t *skipped);

/* vrrp_reload.c */
/* Put WHOLE, which is the callee's from now on, into use between two adverts. */
void vrrp_reload(struct vrrp *vrrp, struct conf *whole);
/* Every router stops, and is freed. */
void vrrp_unload(struct vrrp *vrrp);

/* vrrp.c */
/* Router has news for main. */
void vrrp_touch(struct vrrp_router *router);

#endif
