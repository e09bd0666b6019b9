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

#include "conf/conf.h"
#include "lib/log.h"
#include "lib/util.h"
#include "vrrp/address.h"
#include "vrrp/vips.h"
#include "vrrp/vrrp_internal.h"

static bool reload_same_identity(const struct vrrp_conf_instance *a,
				 const struct vrrp_conf_instance *b)
{
	return str_equal(a->name, b->name) && str_equal(a->ifname, b->ifname) &&
	       a->family == b->family && a->vrid == b->vrid &&
	       a->use_vmac == b->use_vmac &&
	       str_equal(a->vmac_name, b->vmac_name);
}

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

static struct vrrp_vip *reload_find_vip(struct vrrp_vip *vips, uint32_t nr_vips,
					const struct vrrp_conf_address *address)
{
	uint32_t i;

	for (i = 0; i < nr_vips; i++) {
		if (vrrp_address_equal(vips[i].conf, address))
			return &vips[i];
	}
	return NULL;
}

/* An address of the old list that no new entry puts on the same interface. */
static bool reload_is_gone(const struct vrrp_router *router,
			   const struct vrrp_vip *old)
{
	uint32_t i;

	for (i = 0; i < router->nr_vips; i++) {
		const struct vrrp_conf_address *now = router->vips[i].conf;

		if (addr_cmp(&now->addr, &old->conf->addr) == 0 &&
		    str_equal(now->dev, old->conf->dev) &&
		    now->prefix == old->conf->prefix)
			return false;
	}
	return true;
}

static void reload_change_vips(struct vrrp_router *router)
{
	bool active = router->fsm.state == VRRP_ACTIVE;
	struct vrrp_vip *old = router->vips, *same;
	uint32_t nr_old = router->nr_vips, i;
	bool new = false;

	free(router->packed);
	vrrp_vips_set(router);
	for (i = 0; i < router->nr_vips; i++) {
		same = reload_find_vip(old, nr_old, router->vips[i].conf);
		if (same)
			router->vips[i].added = same->added;
		new = new || !same;
	}
	if (active && new) {
		vrrp_vips_add(router);
		vrrp_announcer_start(&router->announcer, &router->conf->garp,
				     loop_now(router->vrrp->loop));
	}
	for (i = 0; active && i < nr_old; i++) {
		int index = vrrp_vips_link(router, &old[i]);

		if (index > 0 && old[i].added &&
		    reload_is_gone(router, &old[i]) &&
		    vrrp_address_del(&router->vrrp->net, index, old[i].conf) <
			    0)
			log_error("vrrp", "%s: cannot remove an address",
				  router->conf->name);
	}
	router->cleaned = active;
	free(old);
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
	if (!same_vips)
		vrrp_vips_announce(router);
}

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
	uint32_t i, k;

	for (i = 0; vrrp->conf && i < conf->nr_trackers; i++) {
		values[i].known = !conf->trackers[i].init_fail;
		values[i].value = conf->trackers[i].kind != VRRP_TRACK_FILE;
		for (k = 0; k < vrrp->conf->nr_trackers; k++) {
			const struct vrrp_conf_tracker *old =
				&vrrp->conf->trackers[k];

			if (old->kind == conf->trackers[i].kind &&
			    str_equal(old->name, conf->trackers[i].name))
				values[i] = vrrp->values[k];
		}
	}
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
	uint32_t i, k;

	for (i = 0; i < conf->nr_instances; i++) {
		for (k = 0; !routers[i] && k < vrrp->nr_routers; k++) {
			if (!vrrp->routers[k] ||
			    !reload_same_identity(vrrp->routers[k]->conf,
						  &conf->instances[i]))
				continue;
			routers[i] = vrrp->routers[k];
			vrrp->routers[k] = NULL;
		}
	}
	for (k = 0; k < vrrp->nr_routers; k++) {
		if (vrrp->routers[k])
			reload_stop_router(vrrp->routers[k]);
	}
	return routers;
}

/* Whether the sync group of ROUTER is Active here. */
static bool reload_group_is_active(const struct vrrp_router *router)
{
	const struct vrrp *vrrp = router->vrrp;
	uint32_t i;

	for (i = 0; i < vrrp->nr_routers; i++) {
		if (router->conf->sync_group != VRRP_NO_GROUP &&
		    vrrp->routers[i]->conf->sync_group ==
			    router->conf->sync_group &&
		    vrrp->routers[i]->fsm.state == VRRP_ACTIVE)
			return true;
	}
	return false;
}

/* A new member of a group that is Active joins it, instead of stopping it. */
static void reload_start_one(struct vrrp_router *router,
			     const struct vrrp_event *start)
{
	struct vrrp_event join = { .kind = VRRP_EVENT_GROUP_UP };

	/* A router with a fault must not begin by taking its addresses. */
	if (router->faults)
		vrrp_router_sync_group(router);
	vrrp_router_step(router, start);
	if (reload_group_is_active(router))
		vrrp_router_step(router, &join);
}

static void reload_start_all(struct vrrp *vrrp, bool first)
{
	struct vrrp_event start = { .kind = VRRP_EVENT_START };
	uint32_t i;

	if (first)
		start.delay = vrrp->conf->startup_delay;
	vrrp_track_interfaces(vrrp);
	for (i = 0; i < vrrp->nr_routers; i++)
		vrrp_router_update(vrrp->routers[i]);
	for (i = 0; i < vrrp->nr_routers; i++) {
		if (!vrrp->routers[i]->started)
			reload_start_one(vrrp->routers[i], &start);
	}
	for (i = 0; i < vrrp->nr_routers; i++) {
		vrrp_router_sync_group(vrrp->routers[i]);
		vrrp_router_report_soon(vrrp->routers[i]);
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
	vrrp->values = values;
	vrrp->routers = routers;
	vrrp->nr_routers = conf->nr_instances;
	vrrp->conf = conf;
	vrrp->whole = whole;
	for (i = 0; i < conf->nr_instances; i++) {
		if (routers[i])
			reload_change_router(routers[i], &conf->instances[i]);
		else
			routers[i] = vrrp_router_new(vrrp, &conf->instances[i]);
		routers[i]->index = i;
	}
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
	vrrp->routers = NULL;
	vrrp->nr_routers = 0;
	vrrp->values = NULL;
	vrrp->socks = NULL;
	conf_free(vrrp->whole);
	vrrp->whole = NULL;
	vrrp->conf = NULL;
}
