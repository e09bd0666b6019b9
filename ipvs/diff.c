/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From two tables to a plan: one walk over both. plan.h explains the order; the
 * reason for it is the kernel's treatment of live connections at each kind of
 * change, as measured:
 *
 * - SET_SERVICE and SET_DEST keep connections, with any change of fields.
 * - DEL_DEST drops packets of its connections, DEL_SERVICE of all its servers'.
 * - DEL_SERVICE of an address family's last service unregisters the hooks, so
 *   that the local stack answers with resets (net/netfilter/ipvs/ip_vs_ctl.c,
 *   ip_vs_unregister_hooks()).
 */
#include "ipvs/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

struct walk {
	const struct table *actual;
	const struct table *desired;
	const struct ipvs_keys *owned;
	struct ipvs_plan *plan;
};

void ipvs_plan_free(struct ipvs_plan *plan)
{
	free(plan->changes);
	free(plan->spare);
	memset(plan, 0, sizeof(*plan));
}

static struct ipvs_change *diff_plan_add(struct ipvs_plan *plan,
					 enum ipvs_op op, enum ipvs_phase phase)
{
	struct ipvs_change *change;

	/* A first plan only adds, and needs no second array to order it. */
	if (plan->nr && plan->changes[plan->nr - 1].phase > phase)
		plan->in_order = false;
	plan->changes = array_grow(plan->changes, plan->nr, &plan->room,
				   sizeof(*change));
	change = &plan->changes[plan->nr++];
	memset(change, 0, sizeof(*change));
	change->op = op;
	change->phase = phase;
	return change;
}

bool ipvs_change_begins(const struct ipvs_change *change)
{
	if (!change->service->exclusive || !change->dest ||
	    change->dest->weight == 0)
		return false;
	return change->op == IPVS_NEW_DEST ||
	       (change->op == IPVS_SET_DEST && change->old_dest->weight == 0);
}

uint32_t ipvs_compare_services(const struct table_service *actual,
			       const struct table_service *wanted)
{
	uint32_t fields = 0;

	if (strcmp(actual->scheduler, wanted->scheduler) != 0)
		fields |= IPVS_FIELD_SCHEDULER;
	if ((actual->flags ^ wanted->flags) & SERVICE_FLAGS_ALL)
		fields |= IPVS_FIELD_FLAGS;
	if (strcmp(actual->pe_name, wanted->pe_name) != 0)
		fields |= IPVS_FIELD_PE;
	/* Without persistence the kernel keeps both and uses neither. */
	if (wanted->flags & SERVICE_PERSISTENT) {
		if (actual->timeout != wanted->timeout)
			fields |= IPVS_FIELD_TIMEOUT;
		if (actual->prefix != wanted->prefix)
			fields |= IPVS_FIELD_PREFIX;
	}
	return fields;
}

static bool diff_tunnels_differ(const struct table_dest *a,
				const struct table_dest *b)
{
	if (b->forward != FORWARD_TUN)
		return false;
	if (a->tun_type != b->tun_type)
		return true;
	if (b->tun_type == TUNNEL_IPIP)
		return false;
	return a->tun_flags != b->tun_flags ||
	       (b->tun_type == TUNNEL_GUE && a->tun_port != b->tun_port);
}

uint32_t ipvs_compare_dests(const struct table_dest *actual,
			    const struct table_dest *wanted)
{
	uint32_t fields = 0;

	if (actual->weight != wanted->weight)
		fields |= IPVS_FIELD_WEIGHT;
	if (actual->forward != wanted->forward)
		fields |= IPVS_FIELD_FORWARD;
	if (actual->u_threshold != wanted->u_threshold ||
	    actual->l_threshold != wanted->l_threshold)
		fields |= IPVS_FIELD_THRESHOLDS;
	if (diff_tunnels_differ(actual, wanted))
		fields |= IPVS_FIELD_TUNNEL;
	return fields;
}

static void diff_plan_new_dest(const struct walk *walk,
			       const struct table_service *svc,
			       const struct table_service *old_svc,
			       const struct table_dest *dest)
{
	struct ipvs_change *change =
		diff_plan_add(walk->plan, IPVS_NEW_DEST, IPVS_PHASE_ADD);

	change->service = svc;
	change->old_service = old_svc;
	change->dest = dest;
}

static void diff_plan_new_service(const struct walk *walk,
				  const struct table_service *svc)
{
	struct ipvs_change *change =
		diff_plan_add(walk->plan, IPVS_NEW_SERVICE, IPVS_PHASE_ADD);
	struct ipvs_dests dest = ipvs_dests(walk->desired, svc);

	change->service = svc;
	while (dest.at < dest.end)
		diff_plan_new_dest(walk, svc, NULL, dest.at++);
}

static void diff_plan_del_service(const struct walk *walk,
				  const struct table_service *svc)
{
	struct ipvs_change *change = diff_plan_add(walk->plan, IPVS_DEL_SERVICE,
						   IPVS_PHASE_DEL_SERVICE);

	change->service = svc;
	change->old_service = svc;
}

static void diff_plan_set_dest(const struct walk *walk,
			       const struct table_service *svc,
			       const struct table_service *old_svc,
			       const struct table_dest *dest,
			       const struct table_dest *old)
{
	uint32_t fields = ipvs_compare_dests(old, dest);
	enum ipvs_phase phase = dest->weight ? IPVS_PHASE_EDIT :
					       IPVS_PHASE_QUIESCE;
	struct ipvs_change *change;

	if (!fields)
		return;
	if (svc->exclusive && dest->weight == 0)
		phase = IPVS_PHASE_YIELD;
	change = diff_plan_add(walk->plan, IPVS_SET_DEST, phase);
	change->fields = fields;
	change->service = svc;
	change->old_service = old_svc;
	change->dest = dest;
	change->old_dest = old;
}

static void diff_plan_del_dest(const struct walk *walk,
			       const struct table_service *svc,
			       const struct table_service *old_svc,
			       const struct table_dest *old)
{
	struct ipvs_change *change = diff_plan_add(
		walk->plan, IPVS_DEL_DEST,
		svc->exclusive ? IPVS_PHASE_YIELD : IPVS_PHASE_DEL_DEST);

	change->service = svc;
	change->old_service = old_svc;
	change->dest = old;
	change->old_dest = old;
}

static void diff_walk_dests(const struct walk *walk,
			    const struct table_service *old_svc,
			    const struct table_service *svc)
{
	struct ipvs_dests old = ipvs_dests(walk->actual, old_svc);
	struct ipvs_dests dest = ipvs_dests(walk->desired, svc);

	while (old.at < old.end || dest.at < dest.end) {
		int order = ipvs_dests_cmp(old, dest);

		if (order > 0)
			diff_plan_new_dest(walk, svc, old_svc, dest.at++);
		else if (order < 0)
			diff_plan_del_dest(walk, svc, old_svc, old.at++);
		else
			diff_plan_set_dest(walk, svc, old_svc, dest.at++,
					   old.at++);
	}
}

static void diff_walk_both(const struct walk *walk,
			   const struct table_service *old_svc,
			   const struct table_service *svc)
{
	uint32_t fields = ipvs_compare_services(old_svc, svc);
	struct ipvs_change *change;

	if (fields) {
		change = diff_plan_add(walk->plan, IPVS_SET_SERVICE,
				       IPVS_PHASE_EDIT);
		change->fields = fields;
		change->service = svc;
		change->old_service = old_svc;
	}
	diff_walk_dests(walk, old_svc, svc);
}

static unsigned diff_family_index(const struct table_service *svc)
{
	return svc->key.family == AF_INET6;
}

static bool diff_is_owned(const struct walk *walk,
			  const struct table_service *old)
{
	return walk->owned && ipvs_keys_has(walk->owned, &old->key);
}

/* Count a service that is there, wanted, or both; foreign ones remain too. */
static void diff_count_service(const struct walk *walk,
			       const struct table_service *old,
			       const struct table_service *svc)
{
	if (old)
		walk->plan->services_before[diff_family_index(old)]++;
	if (svc)
		walk->plan->keeps_family[diff_family_index(svc)] = true;
	else if (old && !diff_is_owned(walk, old))
		walk->plan->keeps_family[diff_family_index(old)] = true;
}

static void diff_walk_services(const struct walk *walk)
{
	struct ipvs_services in_old = ipvs_services(walk->actual);
	struct ipvs_services in_new = ipvs_services(walk->desired);

	while (in_old.at < in_old.end || in_new.at < in_new.end) {
		int order = ipvs_services_cmp(in_old, in_new);
		const struct table_service *old = order <= 0 ? in_old.at++ :
							       NULL;
		const struct table_service *svc = order >= 0 ? in_new.at++ :
							       NULL;

		diff_count_service(walk, old, svc);
		if (old && svc)
			diff_walk_both(walk, old, svc);
		else if (svc)
			diff_plan_new_service(walk, svc);
		else if (old && diff_is_owned(walk, old))
			diff_plan_del_service(walk, old);
	}
}

/* Put the changes into the order of their phases, each phase as it was. */
static void diff_plan_order(struct ipvs_plan *plan)
{
	size_t at[IPVS_PHASES + 1] = { 0 };
	struct ipvs_change *changes;
	size_t i, room;

	if (plan->room_spare < plan->room) {
		plan->spare = xrealloc_array(plan->spare, plan->room,
					     sizeof(*plan->spare));
		plan->room_spare = plan->room;
	}
	for (i = 0; i < plan->nr; i++)
		at[plan->changes[i].phase + 1]++;
	for (i = 1; i < IPVS_PHASES; i++)
		at[i] += at[i - 1];
	for (i = 0; i < plan->nr; i++)
		plan->spare[at[plan->changes[i].phase]++] = plan->changes[i];
	changes = plan->changes;
	room = plan->room;
	plan->changes = plan->spare;
	plan->room = plan->room_spare;
	plan->spare = changes;
	plan->room_spare = room;
}

int ipvs_diff(const struct table *actual, const struct table *desired,
	      const struct ipvs_keys *owned, struct ipvs_plan *plan)
{
	struct walk walk = { actual, desired, owned, plan };

	plan->nr = 0;
	plan->in_order = true;
	memset(plan->services_before, 0, sizeof(plan->services_before));
	memset(plan->keeps_family, 0, sizeof(plan->keeps_family));
	if (!ipvs_is_sorted(actual) || !ipvs_is_sorted(desired))
		return -EINVAL;
	if (owned && owned->nr && !owned->sorted)
		return -EINVAL;
	diff_walk_services(&walk);
	if (!plan->in_order)
		diff_plan_order(plan);
	return 0;
}
