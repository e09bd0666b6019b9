/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: the changes that turn the kernel's table into the wanted one, in an
 * order in which no connection is lost on the way. A plan is data: ipvs_diff()
 * makes it, ipvs_apply() carries it out, `evenkeel plan` prints it.
 *
 * Changes point into the two tables they come from, so a plan is good only as
 * long as neither table is touched.
 */
#ifndef EVENKEEL_IPVS_PLAN_H
#define EVENKEEL_IPVS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipvs/sort.h"
#include "lib/table.h"

enum ipvs_op {
	IPVS_NEW_SERVICE,
	IPVS_SET_SERVICE,
	IPVS_DEL_SERVICE,
	IPVS_NEW_DEST,
	IPVS_SET_DEST,
	IPVS_DEL_DEST,
};

/*
 * The order of a plan. Additions come first, so that a service never loses its
 * last server before the next one is there, and an address family never its
 * last service (the kernel then takes its hooks out and the local stack resets
 * every connection). For the same reason servers that get weight 0 come after
 * servers that get another weight. An exclusive service is the exception: a
 * moment without a server is better there than a moment with two.
 */
enum ipvs_phase {
	/* DEL_DEST, and SET_DEST with weight 0, of an exclusive service */
	IPVS_PHASE_YIELD,
	IPVS_PHASE_ADD, /* NEW_SERVICE, each followed by its NEW_DESTs; NEW_DEST */
	IPVS_PHASE_EDIT, /* SET_SERVICE; SET_DEST with a weight */
	IPVS_PHASE_QUIESCE, /* SET_DEST with weight 0 */
	IPVS_PHASE_DEL_DEST,
	IPVS_PHASE_DEL_SERVICE, /* takes its servers along */
	IPVS_PHASES,
};

/* Why a SET is there: the fields that differ. */
enum ipvs_field {
	IPVS_FIELD_SCHEDULER = 1 << 0,
	IPVS_FIELD_FLAGS = 1 << 1,
	IPVS_FIELD_TIMEOUT = 1 << 2,
	IPVS_FIELD_PREFIX = 1 << 3,
	IPVS_FIELD_PE = 1 << 4,
	IPVS_FIELD_WEIGHT = 1 << 5,
	IPVS_FIELD_FORWARD = 1 << 6,
	IPVS_FIELD_THRESHOLDS = 1 << 7,
	IPVS_FIELD_TUNNEL = 1 << 8,
};

struct ipvs_change {
	enum ipvs_op op;
	enum ipvs_phase phase;
	uint32_t fields; /* enum ipvs_field bits, with SET_* */
	/* Set by ipvs_apply(): 0, or -errno as the kernel said. */
	int result;
	/* The wanted service; with DEL_SERVICE the actual one. Never NULL. */
	const struct table_service *service;
	const struct table_service
		*old_service; /* the actual one; NULL with NEW_SERVICE */
	/* The wanted server; with DEL_DEST the actual one. NULL with *_SERVICE. */
	const struct table_dest *dest;
	const struct table_dest
		*old_dest; /* the actual one; NULL with NEW_DEST */
};

/*
 * Whether CHANGE lets a server of an exclusive service begin; then it must not
 * be made while a change of IPVS_PHASE_YIELD of the same service is due.
 */
bool ipvs_change_begins(const struct ipvs_change *change);

/* An all-zero plan is empty. */
struct ipvs_plan {
	struct ipvs_change *changes;
	size_t nr;
	size_t room;
	struct ipvs_change *spare; /* for ordering */
	size_t room_spare;
	bool in_order; /* by phase */
	/* Services in the kernel before, of IPv4 and IPv6, foreign ones included. */
	size_t services_before[2];
	bool keeps_family[2]; /* some service of that family is meant to remain */
};

void ipvs_plan_free(
	struct ipvs_plan *plan); /* frees the content, not the struct */

/*
 * Compare two ordered tables (see sort.h) and fill PLAN, whose former content
 * is forgotten. Pure.
 *
 * Services in DESIRED are ours. A service that is only in ACTUAL is removed if
 * OWNED (sorted; NULL: the empty set) has it, else it is foreign and left
 * alone. In a service of ours every server that is not wanted is removed.
 * Entries that are equal in every field that matters make no change.
 *
 * Returns 0, or -EINVAL if a table or the set is not in order.
 */
int ipvs_diff(const struct table *actual, const struct table *desired,
	      const struct ipvs_keys *owned, struct ipvs_plan *plan);

/*
 * After ipvs_apply(): bring ACTUAL, from which PLAN was made, to the kernel's
 * present state by the results of the changes, so that the next plan needs no
 * dump. PLAN is emptied, since its pointers do not hold any more. Must not be
 * used when the report says to read again; failures are fine. Numbers of
 * connections, which only a dump can tell, stay as they were.
 */
void ipvs_update_actual(struct table *actual, struct ipvs_plan *plan);

/* Which fields differ in effect, as enum ipvs_field bits; 0: no SET is needed. */
uint32_t ipvs_compare_services(const struct table_service *actual,
			       const struct table_service *wanted);
uint32_t ipvs_compare_dests(const struct table_dest *actual,
			    const struct table_dest *wanted);

/*
 * A change in words: "add server 192.0.2.11:3306 weight 100 to TCP
 * 192.0.2.1:3306". Returns OUT, of SIZE bytes; IPVS_CHANGE_TEXT_MAX always do.
 */
#define IPVS_CHANGE_TEXT_MAX 384
const char *ipvs_change_format(const struct ipvs_change *change, char *out,
			       size_t size);

/* "NAT", "DR", ...; "rr"; never NULL. */
const char *ipvs_forward_name(unsigned forward);
const char *ipvs_tunnel_name(unsigned tun_type);

#endif
