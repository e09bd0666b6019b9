/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's connection sync (net/netfilter/ipvs/ip_vs_sync.c), kept as the
 * file wants it. Sender and receiver run on both boxes all the time: the sender
 * of a box that balances nothing is silent, and a box that becomes active finds
 * its sender running and the other box listening.
 *
 * The threads are compared with the file as often as the table is, so a thread
 * that somebody has stopped runs again; a thread whose settings differ is
 * stopped and started, and the other is left alone. Without lvs_sync_daemon in
 * the file, threads of somebody else are left alone; ours are stopped at the
 * reload that removes the keyword. At the end of the daemon our threads stay or
 * go as the table does.
 *
 * The kernel's defaults tell the other box of a connection at its third packet
 * and then at every fiftieth: a session that is idle after its login, as those
 * of connection pools are, is lost at a takeover. lvs_sync_tuning sets the
 * values that save such a session; without it, a warning names the settings
 * that would lose it.
 */
#ifndef EVENKEEL_DAEMON_PAIR_SYNC_H
#define EVENKEEL_DAEMON_PAIR_SYNC_H

#include <stdbool.h>

#include "ipvs/backend.h"
#include "conf/conf.h"

struct history;
struct sync;

/* HISTORY must outlive the result. */
struct sync *sync_new(struct history *history);
void sync_free(struct sync *sync); /* leaves the threads; NULL is allowed */

/* Make the kernel's threads as CONF wants; an error is logged once. */
void sync_reconcile(struct sync *sync, struct ipvs_backend *backend,
		    const struct conf *conf);

/* Stop our threads. */
void sync_release(struct sync *sync, struct ipvs_backend *backend);

struct sync_view {
	bool sends, receives; /* as seen last */
};

void sync_get(const struct sync *sync, struct sync_view *view);

/*
 * Whether a thread that runs as ACTUAL has the settings of WANTED. The kernel
 * cuts maxlen to a sendable size; so WANTED's maxlen is compared only if it
 * differs from the one we started with: STARTED, 0 for a thread that is not
 * ours.
 */
bool sync_same(const struct ipvs_sync *actual, const struct ipvs_sync *wanted,
	       uint16_t started);

#endif
