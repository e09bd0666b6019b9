/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From one configuration to the next, between two adverts. An instance is the
 * same if its name, interface, family, VRID and virtual MAC are; then its
 * router goes on, and only the differences are touched:
 *
 * - nothing differs: not a packet more or less;
 * - addresses: an Active Router adds and announces the new ones, then removes
 *   the old ones; it stays Active all the while;
 * - the rest: an Active Router says the new settings with an advert at once.
 *
 * Instances that are gone stop first (priority 0), since a new one may hold
 * their addresses.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/conf.h"
#include "lib/carry.h"
#include "lib/log.h"
#include "lib/util.h"
#include "vrrp/address.h"
#include "vrrp/vips.h"
#include "vrrp/vrrp_internal.h"

static uint32_t reload_hash_identity(const void *item)
{
	const struct vrrp_conf_instance *instance = item;

	return hash_text(instance->name);
}

static bool reload_same_identity(const void *one, const void *other)
{
	const struct vrrp_conf_instance *a = one, *b = other;

	return str_equal(a->name, b->name) && str_equal(a->ifname, b->ifname) &&
	       a->vrf == b->vrf && a->family == b->family &&
	       a->vrid == b->vrid && a->use_vmac == b->use_vmac &&
	       str_equal(a->vmac_name, b->vmac_name);
}

static const struct carry_key reload_identity_key = { reload_hash_identity,
						      reload_same_identity };

/*
 * The content and pace of adverts; not the priority, which vrrp_router_update()
 * sets.
 */
static bool reload_same_protocol(const struct vrrp_conf_instance *a,
				 const struct vrrp_conf_instance *b)
{
	return a->version == b->version && a->interval == b->interval &&
	       a->down_adverts == b->down_adverts &&
	       a->checksum == b->checksum && a->auth == b->auth &&
	       memcmp(a->auth_data, b->auth_data, VRRP_AUTH_LENGTH) == 0 &&
	       (a->sync_group == VRRP_NO_GROUP) ==
		       (b->sync_group == VRRP_NO_GROUP) &&
	       (a->priority == VRRP_PRIORITY_OWNER) ==
		       (b->priority == VRRP_PRIORITY_OWNER) &&
	       vrrp_addresses_equal(a->addresses, a->nr_addresses, b->addresses,
				    b->nr_addresses);
}

static uint32_t reload_hash_vip(const void *item)
{
	const struct vrrp_vip *vip = item;

	return addr_hash(&vip->conf->addr);
}

static bool reload_same_vip(const void *a, const void *b)
{
	const struct vrrp_vip *one = a, *other = b;

	return vrrp_address_equal(one->conf, other->conf);
}

/* Whether two addresses are one to the kernel, though their options differ. */
static bool reload_same_place(const void *a, const void *b)
{
	const struct vrrp_vip *one = a, *other = b;

	return addr_cmp(&one->conf->addr, &other->conf->addr) == 0 &&
	       str_equal(one->conf->dev, other->conf->dev) &&
	       one->conf->prefix == other->conf->prefix;
}

static const struct carry_key reload_vip_key = { reload_hash_vip,
						 reload_same_vip };
static const struct carry_key reload_place_key = { reload_hash_vip,
						   reload_same_place };

/* Remove the addresses of OLD that no new entry puts on the same interface. */
static void reload_remove_gone(const struct vrrp_router *router,
			       struct carry_list new, struct carry_list old)
{
	const struct vrrp_vip *vips = old.items;
	uint32_t *places = carry_find(old, new, &reload_place_key), i;

	for (i = 0; i < old.nr; i++) {
		int index = vrrp_vips_link(router, &vips[i]);

		if (index > 0 && vips[i].added && places[i] == INDEX_END &&
		    vrrp_address_del(&router->vrrp->net, index, vips[i].conf) <
			    0)
			log_error("vrrp", "%s: cannot remove an address",
				  router->conf->name);
	}
	free(places);
}

static void reload_change_vips(struct vrrp_router *router)
{
	bool active = router->fsm.state == VRRP_ACTIVE, new = false;
	struct vrrp_vip *before = router->vips;
	struct carry_list old = { before, router->nr_vips, sizeof(*before) };
	struct carry_list now;
	uint32_t *places, i;

	free(router->packed);
	vrrp_vips_set(router);
	now = (struct carry_list){ router->vips, router->nr_vips,
				   sizeof(*before) };
	places = carry_find(now, old, &reload_vip_key);
	for (i = 0; i < router->nr_vips; i++) {
		if (places[i] != INDEX_END)
			router->vips[i].added = before[places[i]].added;
		new = new || places[i] == INDEX_END;
	}
	free(places);
	if (active && new) {
		vrrp_vips_add(router);
		vrrp_announcer_start(&router->announcer, &router->conf->garp,
				     loop_now(router->vrrp->loop));
	}
	if (active)
		reload_remove_gone(router, now, old);
	router->cleaned = active;
	free(before);
}

/* Point the router at its new settings, and act on the differences. */
static void reload_change_router(struct vrrp_router *router,
				 const struct vrrp_conf_instance *conf)
{
	const struct vrrp_conf_instance *old = router->conf;
	struct vrrp_event event = { .kind = VRRP_EVENT_SETTINGS };
	struct vrrp_lines lines = vrrp_router_lines(conf);
	bool same_vips =
		vrrp_addresses_equal(old->addresses, old->nr_addresses,
				     conf->addresses, conf->nr_addresses) &&
		vrrp_addresses_equal(old->excluded, old->nr_excluded,
				     conf->excluded, conf->nr_excluded);
	bool same = reload_same_protocol(old, conf);
	uint32_t i;

	router->conf = conf;
	router->deviations_logged = 0;
	if (same_vips) {
		/* Only the memory that they are described in is another. */
		for (i = 0; i < router->nr_vips; i++)
			router->vips[i].conf =
				i < conf->nr_addresses ?
					&conf->addresses[i] :
					&conf->excluded[i - conf->nr_addresses];
	} else {
		reload_change_vips(router);
	}
	vrrp_routes_change(&router->routes, &lines);
	if (!same)
		vrrp_router_step(router, &event);
	if (router->fsm.state == VRRP_ACTIVE)
		vrrp_announcer_change(&router->announcer, &conf->garp,
				      loop_now(router->vrrp->loop));
	if (!same_vips || router->fsm.state == VRRP_ACTIVE)
		vrrp_vips_announce(router);
}

static uint32_t reload_hash_tracker(const void *item)
{
	const struct vrrp_conf_tracker *tracker = item;

	return hash_text(tracker->name);
}

static bool reload_same_tracker(const void *a, const void *b)
{
	const struct vrrp_conf_tracker *one = a, *other = b;

	return one->kind == other->kind && str_equal(one->name, other->name);
}

static const struct carry_key reload_tracker_key = { reload_hash_tracker,
						     reload_same_tracker };

/*
 * The values that the same trackers had before. A new tracker is unknown at the
 * start until main reports its value; at a reload nothing is held against the
 * tracker until then, or a line more in the file would drop an address for as
 * long as a script takes.
 */
static struct vrrp_track_value *
reload_carry_values(const struct vrrp *vrrp, const struct vrrp_conf *conf)
{
	struct vrrp_track_value *values = xcalloc(
		conf->nr_trackers > 0 ? conf->nr_trackers : 1, sizeof(*values));
	const struct vrrp_conf *old = vrrp->conf;
	uint32_t *places, i;

	if (!old)
		return values;
	places = carry_find(
		(struct carry_list){ conf->trackers, conf->nr_trackers,
				     sizeof(*conf->trackers) },
		(struct carry_list){ old->trackers, old->nr_trackers,
				     sizeof(*old->trackers) },
		&reload_tracker_key);
	for (i = 0; i < conf->nr_trackers; i++) {
		values[i].known = !conf->trackers[i].init_fail;
		values[i].value = conf->trackers[i].kind != VRRP_TRACK_FILE;
		if (places[i] != INDEX_END)
			values[i] = vrrp->values[places[i]];
	}
	free(places);
	return values;
}

static void reload_stop_router(struct vrrp_router *router)
{
	struct vrrp_event stop = { .kind = VRRP_EVENT_STOP };

	vrrp_router_step(router, &stop);
	vrrp_router_free(router);
}

/* The old routers that go on, at their new places; the others stop. */
static struct vrrp_router **reload_match(struct vrrp *vrrp,
					 const struct vrrp_conf *conf)
{
	struct vrrp_router **routers =
		xcalloc(conf->nr_instances > 0 ? conf->nr_instances : 1,
			sizeof(struct vrrp_router *));
	struct carry_list list = { conf->instances, conf->nr_instances,
				   sizeof(*conf->instances) };
	struct carry_list old = { NULL, 0, sizeof(*conf->instances) };
	uint32_t *places, i, k;

	if (vrrp->conf) {
		old.items = vrrp->conf->instances;
		old.nr = vrrp->nr_routers;
	}
	places = carry_pair(list, old, &reload_identity_key);
	for (i = 0; i < conf->nr_instances; i++) {
		if (places[i] == INDEX_END)
			continue;
		routers[i] = vrrp->routers[places[i]];
		vrrp->routers[places[i]] = NULL;
	}
	free(places);
	for (k = 0; k < vrrp->nr_routers; k++) {
		if (vrrp->routers[k])
			reload_stop_router(vrrp->routers[k]);
	}
	return routers;
}

/* Each router gets the list of its sync group. */
static void reload_join_groups(struct vrrp *vrrp)
{
	struct vrrp_router **last = xcalloc((size_t)vrrp->conf->nr_groups + 1,
					    sizeof(struct vrrp_router *));
	struct vrrp_router *router;
	uint32_t i, group;

	for (i = 0; i < vrrp->nr_routers; i++) {
		router = vrrp->routers[i];
		group = router->conf->sync_group;
		router->group_first = router;
		router->group_next = NULL;
		if (group == VRRP_NO_GROUP)
			continue;
		if (last[group]) {
			router->group_first = last[group]->group_first;
			last[group]->group_next = router;
		}
		last[group] = router;
	}
	free(last);
}

/*
 * A new member of a group that is Active joins it, instead of stopping it.
 * ACTIVE: whether a member is, or NULL without a group.
 */
static void reload_start_one(struct vrrp_router *router,
			     const struct vrrp_event *start, bool *active)
{
	struct vrrp_event join = { .kind = VRRP_EVENT_GROUP_UP };

	/* A router with a fault must not begin by taking its addresses. */
	if (router->faults && router->fsm.state != VRRP_FAULT) {
		vrrp_router_sync_group(router);
		if (active)
			*active = false;
	}
	vrrp_router_step(router, start);
	if (!active)
		return;
	*active = *active || router->fsm.state == VRRP_ACTIVE;
	if (*active)
		vrrp_router_step(router, &join);
}

static void reload_start_new(struct vrrp *vrrp, const struct vrrp_event *start)
{
	bool *active = xcalloc((size_t)vrrp->conf->nr_groups + 1, 1);
	struct vrrp_router *router;
	uint32_t i, group;

	for (i = 0; i < vrrp->nr_routers; i++) {
		group = vrrp->routers[i]->conf->sync_group;
		if (group != VRRP_NO_GROUP &&
		    vrrp->routers[i]->fsm.state == VRRP_ACTIVE)
			active[group] = true;
	}
	for (i = 0; i < vrrp->nr_routers; i++) {
		router = vrrp->routers[i];
		group = router->conf->sync_group;
		if (!router->started)
			reload_start_one(
				router, start,
				group == VRRP_NO_GROUP ? NULL : &active[group]);
	}
	free(active);
}

/* vrrp_startup_delay, or the rest of vrrp_delay_after_boot. */
static usec_t reload_start_delay(const struct vrrp_conf *conf)
{
	usec_t delay = conf->startup_delay, left;
	struct timespec up = { 0 };

	if (conf->delay_after_boot == 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &up) < 0)
		return delay;
	left = ((usec_t)conf->delay_after_boot - up.tv_sec) * USEC_PER_SEC;
	return left > delay ? left : delay;
}

static void reload_start_all(struct vrrp *vrrp, bool first)
{
	struct vrrp_event start = { .kind = VRRP_EVENT_START };
	struct vrrp_router *router;
	uint32_t i;

	if (first)
		start.delay = reload_start_delay(vrrp->conf);
	vrrp_track_interfaces(vrrp);
	for (i = 0; i < vrrp->nr_routers; i++)
		vrrp_router_update(vrrp->routers[i]);
	reload_start_new(vrrp, &start);
	for (i = 0; i < vrrp->nr_routers; i++) {
		router = vrrp->routers[i];
		if (router->group_first == router)
			vrrp_router_sync_group(router);
		vrrp_router_report_soon(router);
	}
}

/* Before the instances, whose routes may need them. */
static void reload_change_static(struct vrrp *vrrp, bool first)
{
	const struct vrrp_conf *conf = vrrp->conf;
	struct vrrp_lines lines = {
		.addresses = conf->addresses,
		.routes = conf->routes,
		.rules = conf->rules,
		.nr_addresses = conf->nr_addresses,
		.nr_routes = conf->nr_routes,
		.nr_rules = conf->nr_rules,
	};

	vrrp_routes_change(&vrrp->routes, &lines);
	if (!first)
		return;
	vrrp_routes_clean(&vrrp->routes);
	vrrp_routes_add(&vrrp->routes);
}

/* The router of instance I, which went on or is new. */
static void reload_use(struct vrrp *vrrp, uint32_t i)
{
	const struct vrrp_conf_instance *instance = &vrrp->conf->instances[i];
	struct vrrp_router *router = vrrp->routers[i];
	bool is_new = !router;

	if (is_new)
		router = vrrp_router_new(vrrp, instance);
	router->index = i;
	/* Before an advert says the new settings. */
	vrrp_signature_use(&router->signature, instance, i, vrrp->keys,
			   vrrp->nr_keys);
	if (!is_new)
		reload_change_router(router, instance);
	vrrp->routers[i] = router;
}

void vrrp_reload(struct vrrp *vrrp, struct conf *whole)
{
	const struct vrrp_conf *conf = whole->vrrp;
	struct vrrp_track_value *values = reload_carry_values(vrrp, conf);
	struct vrrp_router **routers = reload_match(vrrp, conf);
	struct conf *old = vrrp->whole;
	bool first = vrrp->conf == NULL;
	uint32_t i;

	free(vrrp->values);
	free(vrrp->routers);
	free(vrrp->paces);
	vrrp->paces =
		xcalloc((size_t)conf->nr_garp_groups + 1, sizeof(*vrrp->paces));
	vrrp->values = values;
	vrrp->routers = routers;
	vrrp->nr_routers = conf->nr_instances;
	vrrp->conf = conf;
	vrrp->whole = whole;
	vrrp_net_follow(&vrrp->net, conf);
	vrrp_host_igmp(&vrrp->host, conf->disable_local_igmp);
	for (i = 0; i < conf->nr_instances; i++)
		reload_use(vrrp, i);
	reload_join_groups(vrrp);
	reload_change_static(vrrp, first);
	reload_start_all(vrrp, first);
	conf_free(old);
}

void vrrp_unload(struct vrrp *vrrp)
{
	uint32_t i;

	for (i = 0; i < vrrp->nr_routers; i++)
		reload_stop_router(vrrp->routers[i]);
	if (vrrp->conf)
		vrrp_routes_remove(&vrrp->routes);
	vrrp_routes_free(&vrrp->routes);
	free(vrrp->routers);
	free(vrrp->values);
	free(vrrp->socks);
	free(vrrp->paces);
	vrrp->paces = NULL;
	vrrp->net.delays = NULL;
	vrrp->net.nr_delays = 0;
	vrrp_host_igmp(&vrrp->host, false);
	vrrp->routers = NULL;
	vrrp->nr_routers = 0;
	vrrp->values = NULL;
	vrrp->socks = NULL;
	conf_free(vrrp->whole);
	vrrp->whole = NULL;
	vrrp->conf = NULL;
}
