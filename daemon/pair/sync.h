/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's connection sync (net/netfilter/ipvs/ip_vs_sync.c), kept as the
 * file wants it. Both threads run on both boxes all the time: the sender of a box
 * that balances nothing has nothing to say, and a box that becomes active need
 * not start what the other one should have been listening to already.
 *
 * They are compared with the file as often as the table is, so one that somebody
 * has stopped runs again; one whose settings differ is stopped and started, and
 * the other is left alone. Without lvs_sync_daemon in the file, threads that
 * somebody else runs are none of our business; ours are stopped at the reload
 * that takes it out. At the end of the daemon they stay or go as the table does.
 *
 * The kernel's defaults tell the other box of a connection at its third packet
 * and then at every fiftieth: a session that is idle after its login, as those of
 * connection pools are, is lost at a takeover. lvs_sync_tuning sets what saves
 * it; without it, a warning names what would be lost.
 */
#ifndef EVENKEEL_DAEMON_PAIR_SYNC_H
#define EVENKEEL_DAEMON_PAIR_SYNC_H

#include <stdbool.h>

#include "ipvs/backend.h"
#include "conf/conf.h"

struct history;
struct sync;

/* HISTORY must outlive it. */
struct sync *sync_new(struct history *history);
void sync_free(struct sync *sync); /* leaves the threads; NULL is allowed */

/* Make the kernel do what CONF wants; troubles are logged once each. */
void sync_reconcile(struct sync *sync, struct ipvs_backend *backend,
		    const struct conf *conf);

/* Stop those that are ours. */
void sync_release(struct sync *sync, struct ipvs_backend *backend);

struct sync_view {
	bool sends, receives; /* as seen last */
};

void sync_get(const struct sync *sync, struct sync_view *view);

/*
 * Whether a thread that runs as ACTUAL is one that runs as WANTED. The kernel
 * cuts maxlen to what it can send; so it counts only if it is not what we started
 * with: STARTED, 0 if it was not us.
 */
bool sync_same(const struct ipvs_sync *actual, const struct ipvs_sync *wanted,
	       uint16_t started);

#endif
