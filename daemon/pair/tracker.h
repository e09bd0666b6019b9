/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trackers of instances that main watches: scripts, files, processes, pools
 * and neighbours. A tracker's value is one number (of a file the number in it, of other
 * kinds 1 for up and 0 for down), reported when it changes. The meaning of a
 * number for an instance (weight, reverse, Fault) is the vrrp process's matter.
 *
 * Through a reload a tracker of the same kind and name keeps its number, and
 * its counts if its settings are the same, so that a reload moves no address.
 *
 *	tracker.c		the list, and the pools
 *	tracker_script.c	vrrp_script: rise and fall, one at a time
 *	tracker_file.c		vrrp_track_file: inotify, and a look now and then
 *	tracker_process.c	vrrp_track_process: a look at /proc each second
 *
 * Processes are looked for in /proc, and not followed through the kernel's
 * process connector: the connector works in the first network namespace only,
 * loses events when it is flooded, and has to be checked by a look at /proc
 * then; a delay of a second is small against an address's move.
 *
 * A pool counts as down when no server of it is usable: no server serves, or
 * the sorry server, or the last servers as a last resort, or there is no IPVS
 * in the kernel. In all other cases a pool counts as up, also while its servers
 * are not known yet, soft-failed ones are kept, or a failure upstream freezes
 * it; and with -P, where pools are not checked. So a box without a server loses
 * to a box with some; if both boxes have none, a weight lowers both alike, and
 * the address stays. With weight 0 both go to Fault and neither box has the
 * address, until the first box sees a server again: such a file asks for that,
 * and so a weight is the better choice.
 */
#ifndef EVENKEEL_DAEMON_PAIR_TRACKER_H
#define EVENKEEL_DAEMON_PAIR_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "balance/balance.h"
#include "conf/conf.h"

struct loop;
struct scripts;
struct trackers;

/* TRACKER is an index into vrrp_conf.trackers of the present configuration. */
typedef void trackers_report(void *arg, uint32_t tracker, int32_t value);

struct trackers *trackers_new(struct loop *loop, struct scripts *scripts,
			      trackers_report *report, void *arg);
void trackers_free(struct trackers *trackers); /* NULL is allowed */

/*
 * Watch the trackers of CONF, which must live until the next call. SAID is
 * called for each tracker that is known already, before this function returns.
 */
void trackers_configure(struct trackers *trackers, const struct conf *conf);

/*
 * After a decision: the state of the pools. BALANCE NULL: pools are not checked
 * here (-P), so they count as up. REACHED: the kernel has IPVS; without it no
 * server is of any use, even if its checks pass.
 */
void trackers_pools(struct trackers *trackers, const struct balance *balance,
		    bool reached);

/*
 * Whether the rules of no_accept are in place: an instance that asks for them
 * takes no part without them, since its addresses would be open to everybody.
 */
void trackers_firewall(struct trackers *trackers, bool guarded);

/* Tell the trackers of the bfd_instance NAME whether it is UP; WHY: for people. */
void trackers_neighbor(struct trackers *trackers, const char *name, bool up,
		       const char *why);

/* For people: the state of a tracker. */
struct tracker_view {
	bool known;
	int32_t value;
	usec_t since; /* of the value; 0: not known */
	const char *text; /* the last observation; "" */
};

/* False if main does not watch TRACKER. */
bool trackers_get(const struct trackers *trackers, uint32_t tracker,
		  struct tracker_view *view);

#endif
