/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Announced addresses in the kernel, by rtnetlink: the interface, addresses, and
 * the routes that deliver. One socket asks, another one listens, so that a
 * change made by somebody else is put right at once.
 *
 * The kernel carries a request out before send() returns: waiting for its answer
 * waits for nothing else.
 */
#ifndef EVENKEEL_ANNOUNCE_RTNL_H
#define EVENKEEL_ANNOUNCE_RTNL_H

#include "announce/place.h"
#include "lib/loop.h"

struct nl_sock;

struct rtnl {
	struct nl_sock *request;
	struct nl_sock *monitor;
	struct loop_io io;
	/* Somebody else changed an address or a link. */
	void (*changed)(void *arg);
	void *arg;
};

/* Returns 0 or -errno; after a failure nothing is open. */
int rtnl_open(struct rtnl *rtnl, struct loop *loop, void (*changed)(void *arg),
	      void *arg);
/*
 * The receive buffer for changes by others: BYTES, by force beyond the system's
 * limit; 0: the usual one.
 */
void rtnl_set_buffer(struct rtnl *rtnl, uint32_t bytes, bool force);
void rtnl_close(struct rtnl *rtnl); /* fine if it is not open */

/*
 * All addresses of the host and the routes of ours, sorted, into KERNEL, which
 * is cleared first. Returns 0 or -errno.
 */
int rtnl_read(struct rtnl *rtnl, struct place_kernel *kernel);

/*
 * Make the dummy interface IFNAME, and set it up, if it is absent; an existing
 * interface stays as it is. Returns 1 if it was made, 0, or -errno: -EOPNOTSUPP if
 * this kernel has no dummy interfaces, -ENETDOWN if it is there but not up.
 */
int rtnl_make_link(struct rtnl *rtnl, const char *ifname);

/* For people, into OUT: why it failed for IFNAME with ERROR, and the way out. */
void rtnl_link_trouble(int error, const char *ifname, char *out, size_t size);

/* Carry CHANGE out. A change that is there already is fine. Returns 0 or -errno. */
int rtnl_apply(struct rtnl *rtnl, const struct place_change *change);

#endif
