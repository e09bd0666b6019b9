/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The changes that the kernel did not carry out at the last try. The set keeps
 * an audit from taking them for somebody else's doing and from trying them out
 * of turn, and the log from repeating the same refusal.
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
	int error; /* 0: not tried, since another change was refused */
	char text[96]; /* as in struct ipvs_failure */
	bool still; /* seen again by refusals_leave_out() */
	bool yields; /* then: of IPVS_PHASE_YIELD */
};

/* A zeroed set is empty. The array is sorted between the calls. */
struct refusals {
	struct refusal *all;
	size_t nr;
	size_t room;
};

void refusals_free(struct refusals *set); /* frees the content */

/*
 * PLAN comes from a fresh comparison: take the known refusals out of it, with
 * the changes that must not be made without them (ipvs_change_begins()), and
 * forget the refusals that it does not need any more.
 */
void refusals_leave_out(struct refusals *set, struct ipvs_plan *plan);

/* Whether FAILURE of CHANGE is known, with this very error. */
bool refusals_know(const struct refusals *set, const struct ipvs_change *change,
		   const struct ipvs_failure *failure);

/* By which -errno the service KEY was not made; 0: it is not refused. */
int refusals_error(const struct refusals *set, const struct service_key *key);

/*
 * PLAN was tried with the result REPORT. KEEP: the plan lacked the changes that
 * were refused before, and their refusals stay; else the set is made anew.
 * Returns whether a change is newly refused, or refused with another error.
 */
bool refusals_take(struct refusals *set, const struct ipvs_plan *plan,
		   const struct ipvs_report *report, bool keep);

#endif
