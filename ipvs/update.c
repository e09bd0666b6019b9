/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a table of 10,000 servers costs the kernel more than most plans do.
 * So between two reads the results of the plans keep the actual table up to
 * date: a reload that changes one weight is then one request and no dump.
 */
#include "ipvs/plan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

struct update {
	struct table *actual;
	struct table added;
	bool *dead_services; /* of ACTUAL, by index; NULL: none is */
	bool *dead_dests;
};

static void update_set_service(struct update *update,
			       const struct ipvs_change *change)
{
	const struct table_service *from = change->service;
	struct table_service *to =
		&update->actual->services[change->old_service -
					  update->actual->services];

	memcpy(to->scheduler, from->scheduler, sizeof(to->scheduler));
	memcpy(to->pe_name, from->pe_name, sizeof(to->pe_name));
	to->flags = from->flags;
	to->timeout = from->timeout;
	to->prefix = from->prefix;
}

static void update_set_dest(struct update *update,
			    const struct ipvs_change *change)
{
	struct table_dest *to =
		&update->actual->dests[change->old_dest - update->actual->dests];
	struct table_dest from = *change->dest;

	from.ref = to->ref;
	from.active = to->active;
	from.inactive = to->inactive;
	from.persistent = to->persistent;
	*to = from;
}

/* Additions come in order, those of one service in a row. */
static void update_add_service(struct update *update,
			       const struct table_service *svc)
{
	struct table_service *added = ipvs_append_service(&update->added, svc);

	added->ref = TABLE_NO_REF;
}

static void update_add_dest(struct update *update,
			    const struct ipvs_change *change)
{
	struct table *added = &update->added;
	const struct table_service *svc = change->service;
	struct table_dest *dest;

	if (change->old_service)
		svc = change->old_service;
	if (added->nr_services == 0 ||
	    service_key_cmp(&added->services[added->nr_services - 1].key,
			    &svc->key) != 0)
		update_add_service(update, svc);
	dest = table_add_dest(added);
	*dest = *change->dest;
	dest->ref = TABLE_NO_REF;
}

static void update_mark_dead(bool **dead, size_t nr, size_t index)
{
	if (!*dead)
		*dead = xcalloc(nr, sizeof(**dead));
	(*dead)[index] = true;
}

static void update_take_change(struct update *update,
			       const struct ipvs_change *change)
{
	struct table *actual = update->actual;

	switch (change->op) {
	case IPVS_NEW_SERVICE:
		update_add_service(update, change->service);
		break;
	case IPVS_NEW_DEST:
		update_add_dest(update, change);
		break;
	case IPVS_SET_SERVICE:
		update_set_service(update, change);
		break;
	case IPVS_SET_DEST:
		update_set_dest(update, change);
		break;
	case IPVS_DEL_SERVICE:
		update_mark_dead(&update->dead_services, actual->nr_services,
				 (size_t)(change->service - actual->services));
		break;
	case IPVS_DEL_DEST:
		update_mark_dead(&update->dead_dests, actual->nr_dests,
				 (size_t)(change->dest - actual->dests));
		break;
	}
}

static void update_copy_living(const struct update *update, struct table *to)
{
	const struct table *from = update->actual;
	size_t i, j;

	for (i = 0; i < from->nr_services; i++) {
		const struct table_service *svc = &from->services[i];
		size_t end = svc->first_dest + svc->nr_dests;

		if (update->dead_services && update->dead_services[i])
			continue;
		ipvs_append_service(to, svc);
		for (j = svc->first_dest; j < end; j++)
			if (!update->dead_dests || !update->dead_dests[j])
				*table_add_dest(to) = from->dests[j];
	}
}

/* Edits are in place already; here entries come and go. */
static void update_rebuild(struct update *update)
{
	struct table living = { 0 };

	update_copy_living(update, &living);
	if (living.nr_services == 0) {
		/* The first plan of all. */
		living = *update->actual;
		*update->actual = update->added;
		update->added = living;
		return;
	}
	/*
	 * A service with new servers is in both. Taken from the additions it
	 * would lose an edit of its own, which came later.
	 */
	ipvs_join_tables(update->actual, &update->added, &living);
	table_free(&living);
}

void ipvs_update_actual(struct table *actual, struct ipvs_plan *plan)
{
	struct update update = { .actual = actual };
	size_t i;

	for (i = 0; i < plan->nr; i++)
		if (plan->changes[i].result == 0)
			update_take_change(&update, &plan->changes[i]);
	plan->nr = 0;
	if (update.added.nr_services || update.dead_services ||
	    update.dead_dests)
		update_rebuild(&update);
	table_free(&update.added);
	free(update.dead_services);
	free(update.dead_dests);
}
