/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The changes that the kernel did not carry out when they were tried last. They
 * are known so that an audit neither takes them for somebody else's doing nor
 * tries them out of turn, and so that the same refusal is told once.
 */
#ifndef EVENKEEL_DAEMON_REFUSALS_H
#define EVENKEEL_DAEMON_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>

#include "ipvs/backend.h"
#include "ipvs/plan.h"

struct refusal {
	enum ipvs_op op;
	struct service_key service;
	struct endpoint server; /* all zeroes: the service itself */
	int error; /* 0: it was not tried, since another one was refused */
	char text[96]; /* as in struct ipvs_failure */
	bool still; /* seen again by refusals_leave_out() */
};

/* All zeroes is an empty set. In order between the calls. */
struct refusals {
	struct refusal *all;
	size_t nr;
	size_t room;
};

void refusals_free(struct refusals *set); /* frees the content */

/*
 * PLAN comes from a fresh comparison: take out what is refused already, and
 * forget the refusals that it does not need any more.
 */
void refusals_leave_out(struct refusals *set, struct ipvs_plan *plan);

/* Whether FAILURE of CHANGE is known, with this very error. */
bool refusals_know(const struct refusals *set, const struct ipvs_change *change,
		   const struct ipvs_failure *failure);

/*
 * PLAN was tried as REPORT says. KEEP: it was a plan without what was refused
 * before, which stays; else the set is made anew. Returns whether something is
 * refused now that was not before, or with another error.
 */
bool refusals_take(struct refusals *set, const struct ipvs_plan *plan,
		   const struct ipvs_report *report, bool keep);

#endif
