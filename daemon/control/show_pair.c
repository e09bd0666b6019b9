/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pair as JSON: see show.h. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "daemon/control/view.h"
#include "daemon/pair/mail_proc.h"
#include "daemon/pair/vrrp_proc.h"
#include "daemon/control/show.h"
#include "daemon/pair/sync.h"
#include "daemon/pair/tracker.h"
#include "conf/bfd_conf.h"
#include "conf/conf.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"
#include "vrrp/fsm.h"
#include "vrrp/packet.h"
#include "vrrp/receive.h"

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

static struct json_object *show_vrrp_process(const struct view *core)
{
	struct json_object *obj = json_object_new_object();
	struct vrrp_proc_view view;

	vrrp_proc_get(core->vrrp, &view);
	show_process(core, obj, &view.process);
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

static struct json_object *show_faults(const struct view *core,
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
		{ VRRP_FAULT_PEERS, "unicast without a peer" },
		{ VRRP_FAULT_KEY, "no key for auth_hmac" },
	};
	const struct vrrp_conf *conf = core->conf->vrrp;
	struct json_object *list = json_object_new_array();
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (state->faults & texts[i].bit)
			json_object_array_add(
				list, json_object_new_string(texts[i].text));
	if (state->fault_tracker >= conf->nr_trackers)
		return list;
	if (state->faults & VRRP_FAULT_TRACKER)
		snprintf(text, sizeof(text), "%s is down",
			 conf->trackers[state->fault_tracker].name);
	else if (state->faults & VRRP_FAULT_WAITING)
		snprintf(text, sizeof(text), "%s is not known yet",
			 conf->trackers[state->fault_tracker].name);
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
	for (i = 0; i < VRRP_DEVIATIONS; i++)
		if (state->deviations[i])
			show_number(odd, vrrp_deviation_name(i),
				    (int64_t)state->deviations[i]);
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

static void show_protocol(const struct view *core,
			  const struct ipc_vrrp_state *state,
			  struct json_object *obj)
{
	show_text(obj, "why",
		  vrrp_reason_text((enum vrrp_reason)state->reason));
	show_age(obj, "since_s", state->since, core->now);
	show_number(obj, "priority", state->priority);
	show_number(obj, "own_priority", state->own_priority);
	json_object_object_add(obj, "faults", show_faults(core, state));
	show_addr(obj, "source", &state->source);
	show_addr(obj, "peer", &state->peer);
	json_object_object_add(
		obj, "peer_priority",
		state->heard ? json_object_new_int(state->peer_priority) :
			       NULL);
	show_age(obj, "heard_s", state->heard, core->now);
	json_object_object_add(obj, "interval_s",
			       show_seconds(state->interval));
	json_object_object_add(
		obj, "timer_s",
		state->timer ? show_seconds(state->timer - core->now) : NULL);
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

static struct json_object *show_instance(const struct view *core,
					 uint32_t index)
{
	const struct vrrp_conf *vrrp = core->conf->vrrp;
	const struct vrrp_conf_instance *conf = &vrrp->instances[index];
	const struct ipc_vrrp_state *state = vrrp_proc_state(core->vrrp, index);
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
	/* The priority of the other one, after a switchover. */
	json_object_object_add(obj, "behind",
			       vrrp_proc_behind(core->vrrp, index) > 0 ?
				       json_object_new_int(vrrp_proc_behind(
					       core->vrrp, index)) :
				       NULL);
	if (state)
		show_protocol(core, state, obj);
	return obj;
}

static struct json_object *show_trackers(const struct view *core)
{
	const struct vrrp_conf *vrrp = core->conf->vrrp;
	struct json_object *list = json_object_new_array(), *obj;
	struct tracker_view view;
	uint32_t i;

	for (i = 0; i < vrrp->nr_trackers; i++) {
		/* Interfaces are watched by the vrrp process alone. */
		if (!trackers_get(core->trackers, i, &view))
			continue;
		obj = json_object_new_object();
		show_text(obj, "name", vrrp->trackers[i].name);
		show_text(obj, "kind",
			  vrrp_tracker_kind_name(vrrp->trackers[i].kind));
		json_object_object_add(
			obj, "value",
			view.known ? json_object_new_int(view.value) : NULL);
		show_age(obj, "since_s", view.since, core->now);
		show_text(obj, "text", view.text);
		json_object_array_add(list, obj);
	}
	return list;
}

/* Null: the file has no lvs_sync_daemon. */
static struct json_object *show_sync(const struct view *core)
{
	const struct pair_sync *conf = &core->conf->pair->sync;
	struct json_object *obj;

	if (!conf->ifname)
		return NULL;
	obj = json_object_new_object();
	show_flag(obj, "sends", core->sync.sends);
	show_flag(obj, "receives", core->sync.receives);
	show_text(obj, "interface", conf->ifname);
	show_number(obj, "id", conf->id);
	return obj;
}

struct json_object *show_pair(const struct view *core)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < core->conf->vrrp->nr_instances; i++)
		json_object_array_add(list, show_instance(core, i));
	json_object_object_add(obj, "process", show_vrrp_process(core));
	json_object_object_add(obj, "instances", list);
	json_object_object_add(obj, "trackers", show_trackers(core));
	json_object_object_add(obj, "sync", show_sync(core));
	return obj;
}

struct json_object *show_pair_short(const struct view *core)
{
	int64_t counts[VRRP_STATES] = { 0 };
	const struct ipc_vrrp_state *state;
	struct json_object *obj;
	uint32_t i;

	if (core->conf->vrrp->nr_instances == 0)
		return NULL;
	for (i = 0; i < core->conf->vrrp->nr_instances; i++) {
		state = vrrp_proc_state(core->vrrp, i);
		counts[state && state->state < VRRP_STATES ? state->state :
							     VRRP_INIT]++;
	}
	obj = show_vrrp_process(core);
	show_number(obj, "master", counts[VRRP_ACTIVE]);
	show_number(obj, "backup", counts[VRRP_BACKUP]);
	show_number(obj, "fault", counts[VRRP_FAULT]);
	return obj;
}

static struct json_object *show_bfd_session(const struct view *core, uint32_t i)
{
	const struct bfd_conf_instance *conf = &core->conf->bfd->instances[i];
	const struct view_neighbor *view = &core->neighbors[i];
	struct json_object *obj = json_object_new_object();
	char text[ADDR_TEXT_MAX];

	show_text(obj, "name", conf->name);
	show_text(obj, "neighbor", addr_format(&conf->neighbor, text));
	show_text(obj, "state", view_neighbor_state(view));
	show_age(obj, "since_s", view->since, core->now);
	show_text(obj, "why", view->known ? view->why : NULL);
	return obj;
}

struct json_object *show_bfd(const struct view *core)
{
	struct json_object *obj, *list;
	uint32_t i;

	if (!core->neighbors)
		return NULL;
	obj = json_object_new_object();
	list = json_object_new_array();
	show_process(core, obj, &core->bfd);
	for (i = 0; i < core->conf->bfd->nr_instances; i++)
		json_object_array_add(list, show_bfd_session(core, i));
	show_object_add(obj, "sessions", list);
	return obj;
}

struct json_object *show_mail(const struct view *core)
{
	struct mail_proc_view mail;
	struct json_object *obj;

	if (!mail_proc_get(core->mail, &mail))
		return NULL;
	obj = json_object_new_object();
	show_process(core, obj, &mail.process);
	show_text(obj, "server", mail.server);
	show_number(obj, "port", mail.port);
	show_number(obj, "waiting", mail.waiting);
	show_flag(obj, "failing", mail.failing);
	return obj;
}
