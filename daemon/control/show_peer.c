/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channels to other balancers, and their reports, as JSON: see show.h. */
#include <json-c/json.h>
#include <stdlib.h>

#include "daemon/control/show.h"
#include "daemon/control/view.h"
#include "daemon/operator/peer_reports.h"

static struct json_object *show_peer_flag(bool known, bool flag)
{
	return known ? json_object_new_boolean(flag) : NULL;
}

static const char *show_peer_state(enum peer_instance_state state)
{
	switch (state) {
	case PEER_INSTANCE_MASTER:
		return "MASTER";
	case PEER_INSTANCE_BACKUP:
		return "BACKUP";
	case PEER_INSTANCE_FAULT:
		return "FAULT";
	case PEER_INSTANCE_OTHER:
		break;
	}
	return "INIT";
}

/* The other balancer's word on one item; THEIRS is NULL if it says nothing. */
typedef void show_peer_fn(struct json_object *obj,
			  const struct peer_item *theirs);

static void show_peer_instance(struct json_object *obj,
			       const struct peer_item *theirs)
{
	show_text(obj, "state",
		  theirs ? show_peer_state(
				   (enum peer_instance_state)theirs->state) :
			   NULL);
}

/* The servers that are up over there. */
static void show_peer_pool(struct json_object *obj,
			   const struct peer_item *theirs)
{
	json_object_object_add(
		obj, "up", theirs ? json_object_new_int64(theirs->up) : NULL);
}

/* Each item of KIND that this balancer has. */
static struct json_object *show_peer_list(const struct view *core,
					  const struct other_view *other,
					  enum peer_item_kind kind,
					  show_peer_fn *show)
{
	struct json_object *list = json_object_new_array(), *obj;
	const struct fitness_item *own = other->own;
	struct peer_item *items;
	size_t count, i;

	items = peer_reports_items(other->all, core->now, &count);
	for (i = 0; i < other->nr_own; i++) {
		if (own[i].item.kind != kind)
			continue;
		obj = json_object_new_object();
		show_text(obj, "name", own[i].name);
		show(obj,
		     peer_reports_find(items, count, kind, own[i].item.id));
		json_object_array_add(list, obj);
	}
	free(items);
	return list;
}

static void show_peer_report(const struct view *core,
			     const struct other_view *other,
			     struct json_object *obj)
{
	const struct ipc_peer_page *page = other->page;
	bool reports = other->reports;

	show_flag(obj, "reports", reports);
	show_flag(obj, "clocks_apart", other->clocks_apart);
	show_age(obj, "report_s", other->when, core->now);
	show_text(obj, "version", page ? page->version : NULL);
	json_object_object_add(obj, "same_version",
			       show_peer_flag(page, other->same_version));
	json_object_object_add(obj, "same_configuration",
			       show_peer_flag(page, other->same_pools));
	json_object_object_add(
		obj, "table_complete",
		show_peer_flag(reports,
			       page && page->flags & PEER_REPORT_TABLE));
	json_object_object_add(
		obj, "verdicts_complete",
		show_peer_flag(reports,
			       page && page->flags & PEER_REPORT_VERDICTS));
	json_object_object_add(
		obj, "clock_ahead_s",
		reports ? json_object_new_double((double)other->ahead /
						 (double)USEC_PER_SEC) :
			  NULL);
	json_object_object_add(obj, "instances",
			       show_peer_list(core, other, PEER_ITEM_INSTANCE,
					      show_peer_instance));
	json_object_object_add(obj, "pools",
			       show_peer_list(core, other, PEER_ITEM_POOL,
					      show_peer_pool));
}

struct json_object *show_peer(const struct view *core, uint32_t i)
{
	const struct peer_proc_view *channel = &core->peers[i].channel;
	struct json_object *obj;
	char text[ENDPOINT_TEXT_MAX];

	if (i >= core->nr_peers)
		return NULL;
	obj = json_object_new_object();
	show_process(core, obj, &channel->process);
	show_text(obj, "address", endpoint_format(&channel->peer, text));
	show_age(obj, "heard_s", channel->heard, core->now);
	show_flag(obj, "silent", channel->silent);
	show_peer_report(core, &core->peers[i].report, obj);
	return obj;
}

struct json_object *show_peers(const struct view *core)
{
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < core->nr_peers; i++)
		json_object_array_add(list, show_peer(core, i));
	return list;
}
