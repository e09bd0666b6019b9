/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process and its routers, as the files of this room share them:
 *
 *	vrrp.c		the process: main's messages, signals, scheduling
 *	vrrp_reload.c	from one configuration to the next
 *	input.c		packets in
 *	yield.c		the operator's switchover
 *	router.c	one router: its needs, and the steps of its state machine
 *	vips.c		its addresses, put on and taken off, and announced
 *	routes.c		the routes and rules that go with its addresses
 *	vmac.c		virtual MAC addresses
 *
 * A file calls those below it only.
 */
#ifndef EVENKEEL_VRRP_VRRP_INTERNAL_H
#define EVENKEEL_VRRP_VRRP_INTERNAL_H

#include "lib/log_pump.h"
#include "lib/loop.h"
#include "vrrp/host.h"
#include "vrrp/interfaces.h"
#include "vrrp/router.h"
#include "vrrp/track.h"
#include "vrrp/vrrp.h"

/* When a garp_group may announce again. */
struct vrrp_pace {
	usec_t arp, na;
};

struct vrrp {
	struct loop *loop;
	int sock; /* to main */
	void (*drain)(struct vrrp_sock *sock); /* reads adverts, for sock.h */
	struct loop_io io;
	struct loop_signal term, interrupt;
	struct loop_task report;
	struct log_pump pump;
	struct loop_timer report_retry; /* main did not read */
	struct vrrp_net net;
	int announce_fd;
	uint32_t generation;
	uint32_t yield_serial; /* of main's last IPC_VRRP_YIELD */
	struct conf *whole; /* the owner of CONF */
	const struct vrrp_conf *conf; /* NULL before the first */
	struct scheduling scheduling; /* as it is, raised or not */
	struct vrrp_track_value *values; /* one for each tracker */
	struct vrrp_router **routers; /* one for each instance, in order */
	uint32_t nr_routers;
	/* Keys of files, for the configuration that comes next. */
	struct ipc_vrrp_key *keys;
	size_t nr_keys;
	uint32_t keys_generation;
	struct vrrp_pace *paces; /* one for each garp_group */
	struct vrrp_host host;
	struct vrrp_routes routes; /* the static lines */
	struct vrrp_sock **socks;
	size_t nr_socks, room_socks;
};

/* input.c */
/*
 * Read waiting datagrams and give their adverts to SOCK's routers; so many at
 * most that timers do not starve.
 */
void vrrp_input_drain(struct vrrp_sock *sock);

/* hurry.c */
/* The scheduling and the name that CONF asks for. */
void vrrp_use_scheduling(struct vrrp *vrrp, const struct vrrp_conf *conf);
/*
 * A timer was LATE by so many microseconds: the processor was busy with others. After
 * a long delay this process gets a higher priority, if the configuration allows it.
 */
void vrrp_hurry(struct vrrp *vrrp, usec_t late);

/* vrrp_reload.c */
/* Put WHOLE, which is the callee's from now on, into use between two adverts. */
void vrrp_reload(struct vrrp *vrrp, struct conf *whole);
/* Every router stops, and is freed. */
void vrrp_unload(struct vrrp *vrrp);

#endif
