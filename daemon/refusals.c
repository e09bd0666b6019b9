/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/refusals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

void refusals_free(struct refusals *set)
{
	free(set->all);
	memset(set, 0, sizeof(*set));
}

static int refusals_refusal_cmp(const void *a, const void *b)
{
	const struct refusal *x = a, *y = b;
	int order = service_key_cmp(&x->service, &y->service);

	if (order == 0)
		order = endpoint_cmp(&x->server, &y->server);
	return order ? order : (int)x->op - (int)y->op;
}

static struct refusal refusals_refusal_of(const struct ipvs_change *change)
{
	struct refusal refusal = { .op = change->op,
				   .service = change->service->key };

	if (change->dest)
		refusal.server = change->dest->rip;
	return refusal;
}

static struct refusal *refusals_find(const struct refusals *set,
				     const struct ipvs_change *change)
{
	struct refusal key = refusals_refusal_of(change);

	if (set->nr == 0)
		return NULL;
	return bsearch(&key, set->all, set->nr, sizeof(key),
		       refusals_refusal_cmp);
}

/* Whether CHANGE must wait for a refused one; those come before in the plan. */
static bool refusals_hold(const struct refusals *set,
			  const struct ipvs_change *change)
{
	size_t i;

	if (!ipvs_change_begins(change))
		return false;
	for (i = 0; i < set->nr; i++)
		if (set->all[i].still && set->all[i].yields &&
		    service_key_cmp(&set->all[i].service,
				    &change->service->key) == 0)
			return true;
	return false;
}

void refusals_leave_out(struct refusals *set, struct ipvs_plan *plan)
{
	size_t i, left = 0;
	struct refusal *known;

	if (set->nr == 0)
		return;
	for (i = 0; i < set->nr; i++)
		set->all[i].still = false;
	for (i = 0; i < plan->nr; i++) {
		known = refusals_find(set, &plan->changes[i]);
		if (known) {
			known->still = true;
			known->yields = plan->changes[i].phase ==
					IPVS_PHASE_YIELD;
		} else if (!refusals_hold(set, &plan->changes[i])) {
			plan->changes[left++] = plan->changes[i];
		}
	}
	plan->nr = left;
	for (i = 0, left = 0; i < set->nr; i++)
		if (set->all[i].still)
			set->all[left++] = set->all[i];
	set->nr = left;
}

bool refusals_know(const struct refusals *set, const struct ipvs_change *change,
		   const struct ipvs_failure *failure)
{
	const struct refusal *known = refusals_find(set, change);

	return known && known->error == failure->error &&
	       strcmp(known->text, failure->text) == 0;
}

int refusals_error(const struct refusals *set, const struct service_key *key)
{
	size_t i;

	for (i = 0; i < set->nr; i++)
		if (set->all[i].op == IPVS_NEW_SERVICE &&
		    service_key_cmp(&set->all[i].service, key) == 0)
			return set->all[i].error;
	return 0;
}

static void refusals_add(struct refusals *set, const struct ipvs_change *change,
			 const struct ipvs_failure *failure)
{
	struct refusal refusal = refusals_refusal_of(change);

	if (failure) {
		refusal.error = failure->error;
		snprintf(refusal.text, sizeof(refusal.text), "%s",
			 failure->text);
	}
	set->all = array_grow(set->all, set->nr, &set->room, sizeof(*set->all));
	set->all[set->nr++] = refusal;
}

bool refusals_take(struct refusals *set, const struct ipvs_plan *plan,
		   const struct ipvs_report *report, bool keep)
{
	struct refusals next = { 0 };
	bool news = false;
	size_t i, f = 0;

	/* Failures are in the order of the changes. */
	for (i = 0; i < plan->nr; i++) {
		const struct ipvs_change *change = &plan->changes[i];
		const struct ipvs_failure *failure =
			f < report->nr_failures &&
					report->failures[f].change == i ?
				&report->failures[f++] :
				NULL;

		if (change->result == 0)
			continue;
		news = news ||
		       (failure && !refusals_know(set, change, failure));
		refusals_add(&next, change, failure);
	}
	for (i = 0; keep && i < set->nr; i++) {
		next.all = array_grow(next.all, next.nr, &next.room,
				      sizeof(*next.all));
		next.all[next.nr++] = set->all[i];
	}
	if (next.nr > 1)
		qsort(next.all, next.nr, sizeof(*next.all),
		      refusals_refusal_cmp);
	refusals_free(set);
	*set = next;
	return news;
}
