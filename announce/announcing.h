/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When an announce_group's addresses are announced. Pure: a step takes the facts
 * of now and the time, and says where the addresses are to be.
 *
 * Several balancers serve the same addresses, and the network's routers spread
 * the clients over its announcers. So a wrong announcement loses the
 * share of this balancer, and a withdrawal moves connections:
 *
 *	good slowly	announce_delay passes before an announcement, and a pool
 *			that fails in between starts it anew
 *	bad fast	withdraw_delay passes before a withdrawal
 *	never blind	nothing is announced after a start before the table is in
 *			the kernel and the first verdicts are in, unless that takes
 *			ANNOUNCING_PATIENCE and too few others announce. An address
 *			that the process before left announced stays so meanwhile
 *	never nobody	pools that fail everywhere must not leave the network
 *			without a route. A balancer withdraws for its pools' health
 *			only while min_announcers others announce with pools that
 *			work; an announcement in spite of failed pools does not
 *			count. So if all fail, all announce, and none withdraws
 *			because another one, just as blind, is still there
 *	never by hearsay	an announcement counts for a withdrawal only if its
 *			balancer has said it ANNOUNCING_HEARSAY after the pools have
 *			failed here, so that everybody may know of that. Of
 *			any number that withdraw, each has thus counted one that
 *			failed later or not at all, and the last to fail finds
 *			nobody to count, whatever is lost between them
 *	never unserved	without IPVS in the kernel no pool counts as one that works
 *	not by age	who stood still for longer than its lease begins anew
 *	fail open	an announcement of a balancer that is not heard does not
 *			count: the balancer may be dead
 *
 * The operator's drain of this balancer counts above all of it, at once.
 *
 * After a withdrawal packets still come, until the routers know and the last
 * connection has moved; forwarding goes on, and only after `linger` does anybody
 * say that this balancer may be switched off.
 */
#ifndef EVENKEEL_ANNOUNCE_ANNOUNCING_H
#define EVENKEEL_ANNOUNCE_ANNOUNCING_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

/* The same time as a vrrp_instance waits for the table. */
#define ANNOUNCING_PATIENCE (10 * USEC_PER_SEC)
/*
 * A report may be as old as the time between two, a second, when it is sent, and
 * be as long on its way. So a report that comes so long after a failure was true
 * when the pools had failed here already.
 */
#define ANNOUNCING_HEARSAY (2 * USEC_PER_SEC)

enum announcing_where {
	ANNOUNCING_NOWHERE, /* not announced; clients' packets are served */
	ANNOUNCING_UP, /* on `interface` */
	ANNOUNCING_DRAIN, /* on `drain_interface` */
};

enum announcing_why {
	ANNOUNCING_WHY_START, /* the table or the first verdicts are not in */
	ANNOUNCING_WHY_GOOD,
	ANNOUNCING_WHY_BAD,
	ANNOUNCING_WHY_LAST, /* bad, but too few others announce */
	ANNOUNCING_WHY_SILENT, /* the same, and one of them is not heard */
	ANNOUNCING_WHY_DRAIN,
	ANNOUNCING_WHY_TABLE, /* not read yet, so that no pool is judged */
	ANNOUNCING_WHY_LEASE, /* ran out, as nobody has renewed it */
	ANNOUNCING_WHYS,
};

struct announcing_input {
	bool complete; /* the table is in the kernel, the first verdicts are in */
	bool good; /* the pools are as `when` asks */
	bool no_table; /* the kernel's was not read yet, so no pool is judged */
	bool drained; /* by the operator */
	bool channel; /* there is an operator channel */
	bool silent; /* on it, somebody is not heard */
	uint32_t others; /* that announce, with pools that work */
	uint32_t confirmed; /* of them, that count for a withdrawal */
};

struct announcing {
	enum announcing_where where;
	enum announcing_why why;
	usec_t since; /* of WHERE */
	usec_t began;
	bool complete; /* once, is always */
	usec_t failing; /* the pools, since; 0: they work */
	enum announcing_where next; /* where it turns to */
	usec_t turning; /* since; 0: it does not */
	usec_t due; /* the end of the turn, or of the patience; 0: never */
};

/*
 * A new group, or the daemon's start. WHERE: where the kernel has the addresses
 * already, as a process before has left them.
 */
void announcing_begin(struct announcing *state, enum announcing_where where,
		      usec_t now);
/*
 * Another balancer has said, at the time SAID of this one's clock, that it
 * announces with pools that work: into INPUT.
 */
void announcing_count(const struct announcing *state,
		      struct announcing_input *input, usec_t said);
/*
 * Take INPUT in. Returns whether WHERE or WHY have changed; to be called again
 * at state->due at the latest.
 */
bool announcing_step(struct announcing *state,
		     const struct conf_announce_group *conf,
		     const struct announcing_input *input, usec_t now);
/*
 * The kernel has taken the addresses off, as nobody has renewed their lease: this
 * process stood still, and what it knows of its pools is as old. So they are not put
 * back at once, but after announce_delay, as any that were withdrawn.
 */
void announcing_lapse(struct announcing *state, usec_t now);
/* How long forwarding is still needed after a withdrawal; 0: no longer. */
usec_t announcing_lingers(const struct announcing *state,
			  const struct conf_announce_group *conf, usec_t now);

/* For logs and answers: "announced", "not announced", "draining". */
const char *announcing_where_name(enum announcing_where where);
const char *announcing_why_name(enum announcing_why why);

#endif
