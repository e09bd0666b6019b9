/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What instances track and main watches: scripts, files, processes and pools.
 * Each tracker ends up as one number (a file's is the number in it, all others
 * are 1 for up and 0 for down), told when it changes. What a number means for an
 * instance (weight, reverse, Fault) is the vrrp process's matter.
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
 * process connector: the connector speaks in the first network namespace only,
 * loses events when it is flooded, and has to be checked by a look at /proc then;
 * a second is fast enough for what is weighed against an address's move.
 *
 * A pool counts as down when no server of it is usable: nothing serves, or the
 * sorry server, or those that served last as a last resort, or there is no IPVS
 * in the kernel. It counts as up in all other cases, also while its servers are
 * not known yet (nothing is held against it), soft-failed ones are kept, or a
 * failure upstream freezes it; and with -P, where nobody looks. So a box that sees no server loses to one that sees some; where both see none, a
 * weight lowers both alike, and nobody moves. With weight 0 both go to Fault and
 * nobody has the address, until the first box sees a server again: that is what
 * such a file asks for, and why a weight is the better choice.
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
typedef void trackers_said(void *arg, uint32_t tracker, int32_t value);

struct trackers *trackers_new(struct loop *loop, struct scripts *scripts,
			      trackers_said *said, void *arg);
void trackers_free(struct trackers *trackers); /* NULL is allowed */

/*
 * Watch what CONF names, which must live until the next call. SAID is called for
 * each that is known already, before this returns.
 */
void trackers_configure(struct trackers *trackers, const struct conf *conf);

/*
 * After a decision: how the pools are now. BALANCE NULL: nobody here checks them
 * (-P), so nothing is held against them. REACHED: there is a kernel with IPVS;
 * else no server is of any use, whatever its checks say.
 */
void trackers_pools(struct trackers *trackers, const struct balance *balance,
		    bool reached);

/*
 * How the rules of no_accept are: an instance that asks for them takes no part
 * without them, since its addresses would be open to everybody.
 */
void trackers_firewall(struct trackers *trackers, bool guarded);

/* For people: how a tracker is. */
struct tracker_view {
	bool known;
	int32_t value;
	usec_t since; /* of the value; 0: not known */
	const char *text; /* what was seen last; "" */
};

/* False if main does not watch it. */
bool trackers_get(const struct trackers *trackers, uint32_t tracker,
		  struct tracker_view *view);

#endif
