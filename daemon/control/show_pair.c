/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pair as JSON: see show.h. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "daemon/director.h"
#include "daemon/pair/pair.h"
#include "daemon/pair/pair_child.h"
#include "daemon/control/show.h"
#include "daemon/pair/sync.h"
#include "daemon/pair/tracker.h"
#include "conf/conf.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"
#include "vrrp/fsm.h"
#include "vrrp/packet.h"
#include "vrrp/receive.h"

/* The vrrp process answers in a millisecond, unless it stands still. */
#define SHOW_PATIENCE (100 * USEC_PER_MSEC)

static const char *show_pair_state_word(const struct ipc_vrrp_state *state)
{
	if (!state || state->state >= VRRP_STATES)
		return "unknown";
	return vrrp_state_name((enum vrrp_state)state->state);
}

static struct json_object *show_seconds(usec_t time)
{
	return json_object_new_double((double)time / (double)USEC_PER_SEC);
}

static struct json_object *show_vrrp_process(const struct show *show)
{
	struct json_object *obj = json_object_new_object();
	struct pair_child_view view;

	pair_child_get(pair_get_child(director_pair(show->director)), &view);
	show_process(show, obj, &view.process);
	show_flag(obj, "ready", view.ready);
	show_flag(obj, "waits_for_table", view.wanted && !view.allowed);
	return obj;
}

static struct json_object *
show_addresses(const struct vrrp_conf_instance *instance)
{
	struct json_object *list = json_object_new_array();
	char addr[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 8];
	uint32_t i;

	for (i = 0; i < instance->nr_addresses + instance->nr_excluded; i++) {
		const struct vrrp_conf_address *one =
			i < instance->nr_addresses ?
				&instance->addresses[i] :
				&instance->excluded[i - instance->nr_addresses];

		snprintf(text, sizeof(text), "%s/%u",
			 addr_format(&one->addr, addr), one->prefix);
		json_object_array_add(list, json_object_new_string(text));
	}
	return list;
}

static struct json_object *show_faults(const struct show *show,
				       const struct ipc_vrrp_state *state)
{
	static const struct {
		enum vrrp_fault bit;
		const char *text;
	} texts[] = {
		{ VRRP_FAULT_INTERFACE, "there is no such interface" },
		{ VRRP_FAULT_LINK, "the link is down" },
		{ VRRP_FAULT_SOURCE, "no address to send from" },
		{ VRRP_FAULT_SOCKET, "no socket" },
		{ VRRP_FAULT_VMAC, "the virtual MAC is not ready" },
	};
	const struct vrrp_conf *conf = show->conf->vrrp;
	struct json_object *list = json_object_new_array();
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (state->faults & texts[i].bit)
			json_object_array_add(
				list, json_object_new_string(texts[i].text));
	if (state->culprit >= conf->nr_trackers)
		return list;
	if (state->faults & VRRP_FAULT_TRACKER)
		snprintf(text, sizeof(text), "%s is down",
			 conf->trackers[state->culprit].name);
	else if (state->faults & VRRP_FAULT_WAITING)
		snprintf(text, sizeof(text), "%s is not known yet",
			 conf->trackers[state->culprit].name);
	else
		return list;
	json_object_array_add(list, json_object_new_string(text));
	return list;
}

static void show_drops(const struct ipc_vrrp_state *state,
		       struct json_object *obj)
{
	struct json_object *drops = json_object_new_object();
	struct json_object *odd = json_object_new_object();
	unsigned i;

	for (i = 1; i < VRRP_DROPS; i++)
		if (state->drops[i])
			show_number(drops, vrrp_drop_name((enum vrrp_drop)i),
				    (int64_t)state->drops[i]);
	for (i = 0; i < VRRP_ODDITIES; i++)
		if (state->oddities[i])
			show_number(odd, vrrp_oddity_name(i),
				    (int64_t)state->oddities[i]);
	json_object_object_add(obj, "dropped", drops);
	json_object_object_add(obj, "odd", odd);
}

static void show_addr(struct json_object *obj, const char *key,
		      const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	json_object_object_add(
		obj, key,
		addr_is_set(addr) ?
			json_object_new_string(addr_format(addr, text)) :
			NULL);
}

static void show_protocol(const struct show *show,
			  const struct ipc_vrrp_state *state,
			  struct json_object *obj)
{
	show_text(obj, "why", vrrp_why_text((enum vrrp_why)state->why));
	show_age(obj, "since_s", state->since, show->now);
	show_number(obj, "priority", state->priority);
	json_object_object_add(obj, "faults", show_faults(show, state));
	show_addr(obj, "source", &state->source);
	show_addr(obj, "peer", &state->peer);
	json_object_object_add(
		obj, "peer_priority",
		state->heard ? json_object_new_int(state->peer_priority) :
			       NULL);
	show_age(obj, "heard_s", state->heard, show->now);
	json_object_object_add(obj, "interval_s",
			       show_seconds(state->interval));
	json_object_object_add(
		obj, "timer_s",
		state->timer ? show_seconds(state->timer - show->now) : NULL);
	show_number(obj, "adverts_sent", (int64_t)state->sent);
	show_number(obj, "adverts_received", (int64_t)state->received);
	show_number(obj, "stops_sent", (int64_t)state->stops_sent);
	show_number(obj, "stops_received", (int64_t)state->stops_received);
	show_number(obj, "send_errors", (int64_t)state->send_errors);
	show_number(obj, "takeovers", (int64_t)state->takeovers);
	show_number(obj, "lower_masters_heard", (int64_t)state->lowers);
	show_number(obj, "strays", (int64_t)state->strays);
	show_drops(state, obj);
}

static struct json_object *show_instance(const struct show *show,
					 const struct pair_child *child,
					 uint32_t index)
{
	const struct vrrp_conf *vrrp = show->conf->vrrp;
	const struct vrrp_conf_instance *conf = &vrrp->instances[index];
	const struct ipc_vrrp_state *state = pair_child_state(child, index);
	struct json_object *obj = json_object_new_object();

	show_text(obj, "name", conf->name);
	show_text(obj, "state", show_pair_state_word(state));
	show_text(obj, "interface", conf->ifname);
	show_number(obj, "version", conf->version);
	show_number(obj, "vrid", conf->vrid);
	show_number(obj, "priority_configured", conf->priority);
	json_object_object_add(obj, "addresses", show_addresses(conf));
	show_text(obj, "group",
		  conf->sync_group < vrrp->nr_groups ?
			  vrrp->groups[conf->sync_group].name :
			  NULL);
	if (state)
		show_protocol(show, state, obj);
	return obj;
}

static struct json_object *show_trackers(const struct show *show)
{
	const struct trackers *trackers =
		pair_get_trackers(director_pair(show->director));
	const struct vrrp_conf *vrrp = show->conf->vrrp;
	struct json_object *list = json_object_new_array(), *obj;
	struct tracker_view view;
	uint32_t i;

	for (i = 0; i < vrrp->nr_trackers; i++) {
		/* Interfaces are watched by the vrrp process alone. */
		if (!trackers_get(trackers, i, &view))
			continue;
		obj = json_object_new_object();
		show_text(obj, "name", vrrp->trackers[i].name);
		show_text(obj, "kind",
			  vrrp_tracker_kind_name(vrrp->trackers[i].kind));
		json_object_object_add(
			obj, "value",
			view.known ? json_object_new_int(view.value) : NULL);
		show_age(obj, "since_s", view.since, show->now);
		show_text(obj, "text", view.text);
		json_object_array_add(list, obj);
	}
	return list;
}

/* Null: the file has no lvs_sync_daemon. */
static struct json_object *show_sync(const struct show *show)
{
	const struct pair_sync *conf = &show->conf->pair->sync;
	struct json_object *obj;
	struct sync_view view;

	if (!conf->ifname)
		return NULL;
	sync_get(director_sync(show->director), &view);
	obj = json_object_new_object();
	show_flag(obj, "sends", view.sends);
	show_flag(obj, "receives", view.receives);
	show_text(obj, "interface", conf->ifname);
	show_number(obj, "id", conf->id);
	return obj;
}

struct json_object *show_pair(const struct show *show)
{
	struct pair_child *child =
		pair_get_child(director_pair(show->director));
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct show now = *show;
	uint32_t i;

	pair_child_refresh(child, SHOW_PATIENCE);
	now.now = loop_now_exact(director_loop(show->director));
	for (i = 0; i < show->conf->vrrp->nr_instances; i++)
		json_object_array_add(list, show_instance(&now, child, i));
	json_object_object_add(obj, "process", show_vrrp_process(&now));
	json_object_object_add(obj, "instances", list);
	json_object_object_add(obj, "trackers", show_trackers(&now));
	json_object_object_add(obj, "sync", show_sync(&now));
	return obj;
}

struct json_object *show_pair_short(const struct show *show)
{
	const struct pair_child *child =
		pair_get_child(director_pair(show->director));
	int64_t counts[VRRP_STATES] = { 0 };
	const struct ipc_vrrp_state *state;
	struct json_object *obj;
	uint32_t i;

	if (show->conf->vrrp->nr_instances == 0)
		return NULL;
	for (i = 0; i < show->conf->vrrp->nr_instances; i++) {
		state = pair_child_state(child, i);
		counts[state && state->state < VRRP_STATES ? state->state :
							     VRRP_INIT]++;
	}
	obj = show_vrrp_process(show);
	show_number(obj, "master", counts[VRRP_ACTIVE]);
	show_number(obj, "backup", counts[VRRP_BACKUP]);
	show_number(obj, "fault", counts[VRRP_FAULT]);
	return obj;
}
