/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vrrp process as main sees it: started, given its configuration and the
 * values of main's trackers, and listened to. The last state of each instance
 * is kept here, through reloads (by the instance's name) and through restarts
 * of the process.
 *
 * A reload that changes nothing of VRRP is not sent to the process at all:
 * parsing ten thousand real servers takes longer than an advertisement may be
 * late.
 */
#ifndef EVENKEEL_DAEMON_PAIR_VRRP_PROC_H
#define EVENKEEL_DAEMON_PAIR_VRRP_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/proc/process.h"
#include "lib/loop.h"
#include "conf/vrrp_conf.h"
#include "lib/vrrp_ipc.h"

struct config;
struct history;
struct vrrp_proc;

struct vrrp_proc_events {
	/*
	 * INSTANCE has changed; BEFORE is its previous state (all zeroes, and
	 * KNOWN false: none).
	 */
	void (*state)(void *arg, uint32_t instance,
		      const struct ipc_vrrp_state *before, bool known);
	/* The answer to vrrp_proc_ask() is here, or will not come in time. */
	void (*told)(void *arg);
	/* The process ended; it is restarted unless STOPPED. */
	void (*ended)(void *arg, bool stopped);
	void *arg;
};

/* The process starts at the first vrrp_proc_configure() with an instance. */
struct vrrp_proc *vrrp_proc_new(struct loop *loop, struct history *history,
				const struct vrrp_proc_events *events);
void vrrp_proc_free(struct vrrp_proc *child); /* NULL is allowed */

/*
 * Use CONFIG, which must live until the next call. Earlier values of trackers
 * are forgotten: call vrrp_proc_track() again for each tracker that has a
 * value.
 */
void vrrp_proc_configure(struct vrrp_proc *child, const struct config *config);
/* From now on the process may have its configuration, and take addresses. */
void vrrp_proc_allow(struct vrrp_proc *child);

/* A tracker's value now; kept, and sent again to a restarted process. */
void vrrp_proc_track(struct vrrp_proc *child, uint32_t tracker, int32_t value);

/*
 * INSTANCE leaves its addresses to the other router, which has PRIORITY, and
 * stays behind it (0: does not) until the process says that it is over; through
 * reloads, and restarts of the process. It counts with vrrp_proc_tell_yields().
 */
void vrrp_proc_yield(struct vrrp_proc *child, uint32_t instance,
		     uint8_t priority);
uint8_t vrrp_proc_behind(const struct vrrp_proc *child, uint32_t instance);
uint32_t vrrp_proc_count_behind(const struct vrrp_proc *child);
/*
 * Returns 0, or -errno: -E2BIG with more than IPC_VRRP_YIELDS_MAX. Then those that
 * are Active are not behind. A process that is not there yet is told when it takes
 * its configuration.
 */
int vrrp_proc_tell_yields(struct vrrp_proc *child);

/*
 * Ask the process for its counters. Returns true if events.told will be called,
 * after LIMIT at the latest; false if the process does not answer at all, and the
 * states of before are the last ones.
 */
bool vrrp_proc_ask(struct vrrp_proc *child, usec_t limit);

/* Another balancer is master too: the process is replaced unless it answers now. */
void vrrp_proc_doubt(struct vrrp_proc *child);

/* End the process: events.ended is called. Returns false if it does not run. */
bool vrrp_proc_stop(struct vrrp_proc *child, usec_t limit);

/* The last state of INSTANCE; NULL: none yet. */
const struct ipc_vrrp_state *vrrp_proc_state(const struct vrrp_proc *child,
					     uint32_t instance);

struct vrrp_proc_view {
	bool wanted; /* there are instances */
	bool allowed; /* vrrp_proc_allow() was called */
	bool ready; /* uses the present configuration */
	struct process_view process;
};

void vrrp_proc_get(const struct vrrp_proc *child, struct vrrp_proc_view *view);

#endif
