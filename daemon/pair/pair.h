/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of the pair: it owns the vrrp process (vrrp_proc), the trackers
 * of instances (tracker), the notifications (notification, fifo) and the kernel's
 * connection sync (sync). The core calls it at a start, a reload, a
 * decision, and the end.
 *
 * The order of a start: an address without its table gets every established
 * connection reset, so the vrrp process is given its configuration, and with it
 * the right to take addresses, only once the whole table is in the kernel and
 * every check has spoken for the first time. But a box whose kernel refuses a
 * line of the table for ever, or where one check never ends, must not refuse
 * the address for ever: the peer may be dead. So after PAIR_PATIENCE the box
 * takes part all the same, and logs that. Ten seconds are longer than a sound
 * start takes, and short against the time that a host needs to boot.
 *
 * The order of an end: the vrrp process stops first, and so sends priority 0
 * and drops the addresses; then scripts and pipes are told STOP; then the
 * core goes on with the table. The next daemon begins with the gate closed
 * again.
 */
#ifndef EVENKEEL_DAEMON_PAIR_PAIR_H
#define EVENKEEL_DAEMON_PAIR_PAIR_H

#include <stdbool.h>

#include "balance/balance.h"
#include "lib/loop.h"

#define PAIR_PATIENCE (10 * USEC_PER_SEC)

struct conf;
struct config;
struct history;
struct kernel;
struct mail_proc;
struct notify;
struct pair;
struct vrrp_proc;
struct scripts;
struct trackers;

struct pair_needs {
	struct loop *loop;
	struct scripts *scripts;
	struct history *history;
	struct notify *notify;
	const char *yields_file; /* yields.h; copied */
	bool off; /* evenkeeld -C: no VRRP, no trackers, no notifications */
	/* An instance is in another state; the present one is in vrrp_proc. */
	void (*changed)(void *arg);
	/* As of struct vrrp_proc_events. */
	void (*told)(void *arg);
	void *arg;
};

/* The members of NEEDS must outlive the pair. */
struct pair *pair_new(const struct pair_needs *needs);
void pair_free(struct pair *pair); /* NULL is allowed; ends the vrrp process */

/* Use CONFIG, which must live until the next call; at the start and reloads. */
void pair_configure(struct pair *pair, const struct config *config);

/* Whether every check of CONF has spoken; BALANCE is NULL with -P. */
bool pair_all_known(const struct conf *conf, const struct balance *balance);

/*
 * After each decision. BALANCE (NULL with -P): the state of the pools. REACHED:
 * the kernel has IPVS. COMPLETE: the kernel has the whole decided table.
 */
void pair_decided(struct pair *pair, const struct balance *balance,
		  bool reached, bool complete);

/*
 * To be called before pair_decided(): whether no_accept's rules are in place.
 */
void pair_guarded(struct pair *pair, bool guarded);
/* BFD knows of the neighbour of the bfd_instance NAME whether it is UP, and WHY. */
void pair_neighbor(struct pair *pair, const char *name, bool up,
		   const char *why);

/* An event of BALANCE's decision, for the pipes and for mail. */
void pair_lvs_event(struct pair *pair, const struct balance *balance,
		    const struct balance_event *event);

/*
 * The end: stop the vrrp process, notify STOP, and call DONE when these steps
 * are through or have taken too long; perhaps before this function returns.
 */
void pair_end(struct pair *pair, void (*done)(void *arg), void *arg);

/* Whether this box has the addresses of INSTANCE. */
bool pair_holds(const struct pair *pair, uint32_t instance);

/*
 * The operator's switchover: instances, by their index, leave their addresses to
 * the other balancer, with its priority in PRIORITIES (0: this one does not leave).
 * It is kept before it is done; *KEPT: 0, or -errno if that is not so. Returns 0 or
 * -errno.
 */
int pair_yield(struct pair *pair, const uint8_t *priorities, int *kept);

/* For `evenkeel vrrp` and `evenkeel status`. */
struct vrrp_proc *pair_get_child(const struct pair *pair);
const struct trackers *pair_get_trackers(const struct pair *pair);
const struct mail_proc *pair_get_mail(const struct pair *pair);

#endif
