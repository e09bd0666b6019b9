/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announced addresses as JSON: see show.h. */
#include <json-c/json.h>

#include "conf/conf.h"
#include "daemon/control/show.h"
#include "daemon/control/view.h"

static const char *
show_announce_interface(const struct conf_announce_group *conf,
			enum announcing_where where)
{
	switch (where) {
	case ANNOUNCING_UP:
		return conf->ifname;
	case ANNOUNCING_DRAIN:
		return conf->drain_ifname;
	case ANNOUNCING_NOWHERE:
		break;
	}
	return NULL;
}

/* Whether this balancer may be switched off, as far as the group goes. */
static bool show_announce_is_idle(const struct view_announce *view)
{
	return view->state->where != ANNOUNCING_UP && !view->held &&
	       view->lingers == 0 && view->counted && view->active == 0;
}

/* The state that OTHER tells; NULL: none, or too long ago. */
static const char *show_announce_other(const struct view_announce_other *other)
{
	if (!other->known)
		return NULL;
	switch (other->state) {
	case PEER_ANNOUNCE_OFF:
		return "not announced";
	case PEER_ANNOUNCE_FAILED:
		return "announced, although it fails";
	case PEER_ANNOUNCE_WORKS:
		break;
	}
	return "announced";
}

/* Each other balancer, in the order of the file. */
static struct json_object *
show_announce_others(const struct view_announce *view)
{
	struct json_object *list = json_object_new_array(), *obj;
	char text[ENDPOINT_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < view->nr_told; i++) {
		obj = json_object_new_object();
		show_text(obj, "address",
			  endpoint_format(&view->told[i].at, text));
		show_flag(obj, "heard", view->told[i].heard);
		show_text(obj, "state", show_announce_other(&view->told[i]));
		json_object_array_add(list, obj);
	}
	return list;
}

static void show_announce_state(const struct view *core, uint32_t index,
				struct json_object *obj)
{
	const struct conf_announce_group *conf =
		&core->conf->announce_groups[index];
	const struct view_announce *view = &core->announces[index];
	const struct announcing *state = view->state;

	show_text(obj, "state", announcing_where_name(state->where));
	show_flag(obj, "announced", state->where == ANNOUNCING_UP);
	show_text(obj, "interface",
		  show_announce_interface(conf, state->where));
	show_age(obj, "since_s", state->since, core->now);
	show_text(obj, "why", announcing_why_name(state->why));
	show_flag(obj, "works", view->good);
	json_object_object_add(
		obj, "others",
		view_announce_is_heard(view) ?
			json_object_new_int64((int64_t)view->others) :
			NULL);
	json_object_object_add(
		obj, "others_silent",
		view->channel ? json_object_new_boolean(view->silent) : NULL);
	json_object_object_add(obj, "others_said", show_announce_others(view));
	show_text(obj, "turns_to",
		  state->turning ? announcing_where_name(state->next) : NULL);
	json_object_object_add(
		obj, "turns_in_s",
		state->turning ? json_object_new_double(
					 (double)(state->due - core->now) /
					 (double)USEC_PER_SEC) :
				 NULL);
	json_object_object_add(obj, "lingers_s",
			       json_object_new_double((double)view->lingers /
						      (double)USEC_PER_SEC));
	json_object_object_add(
		obj, "active",
		view->counted ? json_object_new_int64((int64_t)view->active) :
				NULL);
	show_flag(obj, "idle", show_announce_is_idle(view));
	show_text(obj, "trouble", view->trouble);
}

static struct json_object *show_announce_group(const struct view *core,
					       uint32_t index)
{
	const struct conf_announce_group *conf =
		&core->conf->announce_groups[index];
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char text[ADDR_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < conf->nr_addresses; i++)
		json_object_array_add(
			list, json_object_new_string(
				      addr_format(&conf->addresses[i], text)));
	show_text(obj, "name", conf->name);
	json_object_object_add(obj, "addresses", list);
	if (core->announces)
		show_announce_state(core, index, obj);
	return obj;
}

struct json_object *show_announce(const struct view *core)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < core->conf->nr_announce_groups; i++)
		json_object_array_add(list, show_announce_group(core, i));
	show_flag(obj, "drained", core->drained);
	json_object_object_add(obj, "groups", list);
	return obj;
}
