/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/carry.h"
#include "lib/log.h"
#include "lib/util.h"
#include "vrrp/address.h"
#include "vrrp/vrrp_internal.h"
#include "vrrp/route.h"

#define REPAIR_SOON (20 * USEC_PER_MSEC)
#define REPAIR_PAUSE USEC_PER_SEC

static const char *routes_name(const struct vrrp_routes *routes)
{
	return routes->router ? routes->router->conf->name : "static";
}

static int routes_port(const struct vrrp_routes *routes)
{
	return routes->router ? vrrp_router_port(routes->router) : 0;
}

static struct vrrp_net *routes_net(const struct vrrp_routes *routes)
{
	return &routes->vrrp->net;
}

/*
 * A line's state after an attempt to add it. A line of ours that is still there
 * keeps its state.
 */
static uint8_t routes_result(const struct vrrp_routes *routes, uint8_t before,
			     int error, const char *text)
{
	if (error == 0) {
		if (before == VRRP_LINE_OURS)
			log_warning(
				"vrrp",
				"%s: %s was removed by somebody else, adding it again",
				routes_name(routes), text);
		return VRRP_LINE_OURS;
	}
	if (error == -EEXIST) {
		if (before == VRRP_LINE_OURS || before == VRRP_LINE_FOREIGN)
			return before;
		log_warning("vrrp",
			    "%s: %s exists and is somebody else's: not touched",
			    routes_name(routes), text);
		return VRRP_LINE_FOREIGN;
	}
	if (before != VRRP_LINE_FAILED)
		log_error("vrrp", "%s: cannot add %s: %s", routes_name(routes),
			  text, strerror(-error));
	return VRRP_LINE_FAILED;
}

static void routes_add_address(struct vrrp_routes *routes, uint32_t i)
{
	const struct vrrp_conf_address *address = &routes->lines.addresses[i];
	const struct vrrp_link *link =
		vrrp_net_link(routes_net(routes), address->dev);
	const struct vrrp_ifaddr *ifaddr;
	char text[ADDR_TEXT_MAX];
	int error = -ENODEV;

	ifaddr = link ? vrrp_net_ifaddr(routes_net(routes), link->index,
					&address->addr) :
			NULL;
	/* An address with our mark is a killed daemon's, and is taken over. */
	if (ifaddr) {
		if (routes->address_states[i] == VRRP_LINE_MISSING)
			routes->address_states[i] =
				ifaddr->proto == VRRP_ADDRESS_PROTO ?
					VRRP_LINE_OURS :
					VRRP_LINE_FOREIGN;
		return;
	}
	if (link)
		error = vrrp_address_add(routes_net(routes), link->index,
					 address);
	routes->address_states[i] =
		routes_result(routes, routes->address_states[i], error,
			      addr_format(&address->addr, text));
}

static void routes_add_route(struct vrrp_routes *routes, uint32_t i)
{
	const struct vrrp_conf_route *route = &routes->lines.routes[i];
	char text[VRRP_LINE_TEXT_MAX];

	routes->route_states[i] = routes_result(
		routes, routes->route_states[i],
		vrrp_route_add(routes_net(routes), route, routes_port(routes)),
		vrrp_route_text(route, text));
}

/*
 * The kernel takes any number of one rule without a priority; so such a rule is
 * only added if it was not added before, or may have gone.
 */
static void routes_add_rule(struct vrrp_routes *routes, uint32_t i)
{
	const struct vrrp_conf_rule *rule = &routes->lines.rules[i];
	char text[VRRP_LINE_TEXT_MAX];
	int error;

	if (!rule->priority_set && routes->rule_states[i] == VRRP_LINE_OURS) {
		if (!routes->rules_lost)
			return;
		if (vrrp_rule_del(routes_net(routes), rule) == 0)
			routes->rule_states[i] = VRRP_LINE_MISSING;
	}
	error = vrrp_rule_add(routes_net(routes), rule);
	routes->rule_states[i] = routes_result(routes, routes->rule_states[i],
					       error,
					       vrrp_rule_text(rule, text));
}

void vrrp_routes_add(struct vrrp_routes *routes)
{
	uint32_t i;

	routes->active = true;
	for (i = 0; i < routes->lines.nr_addresses; i++)
		routes_add_address(routes, i);
	for (i = 0; i < routes->lines.nr_routes; i++)
		routes_add_route(routes, i);
	for (i = 0; i < routes->lines.nr_rules; i++)
		routes_add_rule(routes, i);
	routes->rules_lost = false;
}

static void routes_log_removal(const struct vrrp_routes *routes, int error,
			       const char *text)
{
	if (error < 0)
		log_error("vrrp", "%s: cannot remove %s: %s",
			  routes_name(routes), text, strerror(-error));
}

static void routes_remove_address(struct vrrp_routes *routes, uint32_t i)
{
	const struct vrrp_conf_address *address = &routes->lines.addresses[i];
	const struct vrrp_link *link =
		vrrp_net_link(routes_net(routes), address->dev);
	char text[ADDR_TEXT_MAX];

	if (routes->address_states[i] == VRRP_LINE_OURS && link)
		routes_log_removal(routes,
				   vrrp_address_del(routes_net(routes),
						    link->index, address),
				   addr_format(&address->addr, text));
	routes->address_states[i] = VRRP_LINE_MISSING;
}

static void routes_remove_route(struct vrrp_routes *routes, uint32_t i)
{
	const struct vrrp_conf_route *route = &routes->lines.routes[i];
	char text[VRRP_LINE_TEXT_MAX];

	if (routes->route_states[i] == VRRP_LINE_OURS)
		routes_log_removal(routes,
				   vrrp_route_del(routes_net(routes), route,
						  routes_port(routes)),
				   vrrp_route_text(route, text));
	routes->route_states[i] = VRRP_LINE_MISSING;
}

static void routes_remove_rule(struct vrrp_routes *routes, uint32_t i)
{
	const struct vrrp_conf_rule *rule = &routes->lines.rules[i];
	char text[VRRP_LINE_TEXT_MAX];

	if (routes->rule_states[i] == VRRP_LINE_OURS)
		routes_log_removal(routes,
				   vrrp_rule_del(routes_net(routes), rule),
				   vrrp_rule_text(rule, text));
	routes->rule_states[i] = VRRP_LINE_MISSING;
}

/* The reverse order: a line goes before the lines that it needs. */
void vrrp_routes_remove(struct vrrp_routes *routes)
{
	uint32_t i;

	routes->active = false;
	loop_timer_clear(&routes->repair);
	for (i = routes->lines.nr_rules; i > 0; i--)
		routes_remove_rule(routes, i - 1);
	for (i = routes->lines.nr_routes; i > 0; i--)
		routes_remove_route(routes, i - 1);
	for (i = routes->lines.nr_addresses; i > 0; i--)
		routes_remove_address(routes, i - 1);
}

/* Only lines with our number are removed; a missing line is no error. */
void vrrp_routes_clean(struct vrrp_routes *routes)
{
	uint32_t i;

	if (routes->active)
		return;
	for (i = 0; i < routes->lines.nr_rules; i++)
		(void)vrrp_rule_del(routes_net(routes),
				    &routes->lines.rules[i]);
	for (i = 0; i < routes->lines.nr_routes; i++)
		(void)vrrp_route_del(routes_net(routes),
				     &routes->lines.routes[i],
				     routes_port(routes));
}

static void routes_repair(struct loop_timer *timer)
{
	struct vrrp_routes *routes =
		container_of(timer, struct vrrp_routes, repair);

	routes->repaired = loop_now(routes->vrrp->loop);
	if (routes->active)
		vrrp_routes_add(routes);
}

void vrrp_routes_check(struct vrrp_routes *routes, bool rule)
{
	usec_t when = loop_now(routes->vrrp->loop) + REPAIR_SOON;

	routes->rules_lost = routes->rules_lost || rule;
	if (!routes->active || routes->repair.set ||
	    routes->lines.nr_addresses + routes->lines.nr_routes +
			    routes->lines.nr_rules ==
		    0)
		return;
	if (routes->repaired > 0 && when < routes->repaired + REPAIR_PAUSE)
		when = routes->repaired + REPAIR_PAUSE;
	loop_timer_set(&routes->repair, when);
}

void vrrp_routes_init(struct vrrp_routes *routes, struct vrrp *vrrp,
		      const struct vrrp_router *router)
{
	memset(routes, 0, sizeof(*routes));
	routes->vrrp = vrrp;
	routes->router = router;
	loop_timer_init(vrrp->loop, &routes->repair, routes_repair);
}

void vrrp_routes_free(struct vrrp_routes *routes)
{
	if (routes->vrrp)
		loop_timer_clear(&routes->repair);
	free(routes->address_states);
	free(routes->route_states);
	free(routes->rule_states);
	routes->address_states = routes->route_states = routes->rule_states =
		NULL;
}

static uint32_t routes_hash_address(const void *item)
{
	const struct vrrp_conf_address *address = item;

	return addr_hash(&address->addr);
}

static bool routes_same_address(const void *a, const void *b)
{
	const struct vrrp_conf_address *one = a, *other = b;

	return addr_cmp(&one->addr, &other->addr) == 0 &&
	       one->prefix == other->prefix && str_equal(one->dev, other->dev);
}

static uint32_t routes_hash_route(const void *item)
{
	const struct vrrp_conf_route *route = item;
	const uint32_t key[] = { addr_hash(&route->dst), route->prefix,
				 route->table, route->metric, route->tos };

	return hash_bytes(key, sizeof(key));
}

static bool routes_same_route(const void *a, const void *b)
{
	return vrrp_route_equal(a, b);
}

static uint32_t routes_hash_rule(const void *item)
{
	const struct vrrp_conf_rule *rule = item;
	const uint32_t key[] = { addr_hash(&rule->from), addr_hash(&rule->to),
				 rule->fwmark,		 rule->table,
				 rule->priority,	 hash_text(rule->iif),
				 hash_text(rule->oif) };

	return hash_bytes(key, sizeof(key));
}

static bool routes_same_rule(const void *a, const void *b)
{
	return vrrp_rule_equal(a, b);
}

static const struct carry_key routes_address_key = { routes_hash_address,
						     routes_same_address };
static const struct carry_key routes_route_key = { routes_hash_route,
						   routes_same_route };
static const struct carry_key routes_rule_key = { routes_hash_rule,
						  routes_same_rule };

/*
 * The states of a new list; an old line that is in it goes along, once, and its
 * old place is no longer ours to remove.
 */
static uint8_t *routes_carry(uint8_t *old_states, struct carry_list list,
			     struct carry_list old, const struct carry_key *key)
{
	uint8_t *states = xcalloc((size_t)list.nr + 1, 1);
	uint32_t *places = carry_pair(list, old, key), i;

	for (i = 0; i < list.nr; i++) {
		if (places[i] == INDEX_END)
			continue;
		states[i] = old_states[places[i]];
		old_states[places[i]] = VRRP_LINE_MISSING;
	}
	free(places);
	return states;
}

static struct carry_list routes_addresses(const struct vrrp_lines *lines)
{
	return (struct carry_list){ lines->addresses, lines->nr_addresses,
				    sizeof(*lines->addresses) };
}

static struct carry_list routes_routes(const struct vrrp_lines *lines)
{
	return (struct carry_list){ lines->routes, lines->nr_routes,
				    sizeof(*lines->routes) };
}

static struct carry_list routes_rules(const struct vrrp_lines *lines)
{
	return (struct carry_list){ lines->rules, lines->nr_rules,
				    sizeof(*lines->rules) };
}

void vrrp_routes_change(struct vrrp_routes *routes,
			const struct vrrp_lines *lines)
{
	const struct vrrp_lines *old = &routes->lines;
	uint8_t *address_states =
		routes_carry(routes->address_states, routes_addresses(lines),
			     routes_addresses(old), &routes_address_key);
	uint8_t *route_states =
		routes_carry(routes->route_states, routes_routes(lines),
			     routes_routes(old), &routes_route_key);
	uint8_t *rule_states =
		routes_carry(routes->rule_states, routes_rules(lines),
			     routes_rules(old), &routes_rule_key);
	bool active = routes->active, lost = routes->rules_lost;

	/* Lines left in the old lists are gone from the file. */
	vrrp_routes_remove(routes);
	free(routes->address_states);
	free(routes->route_states);
	free(routes->rule_states);
	routes->address_states = address_states;
	routes->route_states = route_states;
	routes->rule_states = rule_states;
	routes->lines = *lines;
	routes->rules_lost = lost;
	if (lines->nr_routes > 0 || lines->nr_rules > 0)
		vrrp_net_monitor_routes(routes_net(routes));
	if (active)
		vrrp_routes_add(routes);
}
