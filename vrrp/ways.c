/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/ways.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/util.h"
#include "vrrp/address.h"
#include "vrrp/vrrp_internal.h"
#include "vrrp/route.h"

#define REPAIR_SOON (20 * USEC_PER_MSEC)
#define REPAIR_PAUSE USEC_PER_SEC

static const char *ways_name(const struct vrrp_ways *ways)
{
	return ways->router ? ways->router->conf->name : "static";
}

static int ways_port(const struct vrrp_ways *ways)
{
	return ways->router ? vrrp_router_port(ways->router) : 0;
}

static struct vrrp_net *ways_net(const struct vrrp_ways *ways)
{
	return &ways->vrrp->net;
}

/*
 * A line's state after an attempt to add it. A line of ours that is still there
 * keeps its state.
 */
static uint8_t ways_result(const struct vrrp_ways *ways, uint8_t before,
			   int error, const char *text)
{
	if (error == 0) {
		if (before == VRRP_LINE_OURS)
			log_warning("vrrp", "%s: %s was gone, adding it",
				    ways_name(ways), text);
		return VRRP_LINE_OURS;
	}
	if (error == -EEXIST) {
		if (before == VRRP_LINE_OURS || before == VRRP_LINE_THEIRS)
			return before;
		log_warning("vrrp",
			    "%s: %s is there already, and not by us: left "
			    "alone",
			    ways_name(ways), text);
		return VRRP_LINE_THEIRS;
	}
	if (before != VRRP_LINE_FAILED)
		log_error("vrrp", "%s: cannot add %s: %s", ways_name(ways),
			  text, strerror(-error));
	return VRRP_LINE_FAILED;
}

static void ways_take_address(struct vrrp_ways *ways, uint32_t i)
{
	const struct vrrp_conf_address *address = &ways->lines.addresses[i];
	const struct vrrp_link *link =
		vrrp_net_link(ways_net(ways), address->dev);
	const struct vrrp_held *held;
	char text[ADDR_TEXT_MAX];
	int error = -ENODEV;

	held = link ? vrrp_net_held(ways_net(ways), link->index,
				    &address->addr) :
		      NULL;
	/* An address with our mark is a killed daemon's, and is taken over. */
	if (held) {
		if (ways->addresses[i] == VRRP_LINE_MISSING)
			ways->addresses[i] = held->proto == VRRP_ADDRESS_PROTO ?
						     VRRP_LINE_OURS :
						     VRRP_LINE_THEIRS;
		return;
	}
	if (link)
		error = vrrp_address_add(ways_net(ways), link->index, address);
	ways->addresses[i] = ways_result(ways, ways->addresses[i], error,
					 addr_format(&address->addr, text));
}

static void ways_take_route(struct vrrp_ways *ways, uint32_t i)
{
	const struct vrrp_conf_route *route = &ways->lines.routes[i];
	char text[VRRP_LINE_TEXT_MAX];

	ways->routes[i] = ways_result(ways, ways->routes[i],
				      vrrp_route_add(ways_net(ways), route,
						     ways_port(ways)),
				      vrrp_route_text(route, text));
}

/*
 * The kernel takes any number of one rule without a priority; so such a rule is
 * only added if it was not added before, or may have gone.
 */
static void ways_take_rule(struct vrrp_ways *ways, uint32_t i)
{
	const struct vrrp_conf_rule *rule = &ways->lines.rules[i];
	char text[VRRP_LINE_TEXT_MAX];
	int error;

	if (!rule->priority_set && ways->rules[i] == VRRP_LINE_OURS) {
		if (!ways->rules_lost)
			return;
		if (vrrp_rule_del(ways_net(ways), rule) == 0)
			ways->rules[i] = VRRP_LINE_MISSING;
	}
	error = vrrp_rule_add(ways_net(ways), rule);
	ways->rules[i] = ways_result(ways, ways->rules[i], error,
				     vrrp_rule_text(rule, text));
}

void vrrp_ways_take(struct vrrp_ways *ways)
{
	uint32_t i;

	ways->active = true;
	for (i = 0; i < ways->lines.nr_addresses; i++)
		ways_take_address(ways, i);
	for (i = 0; i < ways->lines.nr_routes; i++)
		ways_take_route(ways, i);
	for (i = 0; i < ways->lines.nr_rules; i++)
		ways_take_rule(ways, i);
	ways->rules_lost = false;
}

static void ways_tell_drop(const struct vrrp_ways *ways, int error,
			   const char *text)
{
	if (error < 0)
		log_error("vrrp", "%s: cannot remove %s: %s", ways_name(ways),
			  text, strerror(-error));
}

static void ways_drop_address(struct vrrp_ways *ways, uint32_t i)
{
	const struct vrrp_conf_address *address = &ways->lines.addresses[i];
	const struct vrrp_link *link =
		vrrp_net_link(ways_net(ways), address->dev);
	char text[ADDR_TEXT_MAX];

	if (ways->addresses[i] == VRRP_LINE_OURS && link)
		ways_tell_drop(ways,
			       vrrp_address_del(ways_net(ways), link->index,
						address),
			       addr_format(&address->addr, text));
	ways->addresses[i] = VRRP_LINE_MISSING;
}

static void ways_drop_route(struct vrrp_ways *ways, uint32_t i)
{
	const struct vrrp_conf_route *route = &ways->lines.routes[i];
	char text[VRRP_LINE_TEXT_MAX];

	if (ways->routes[i] == VRRP_LINE_OURS)
		ways_tell_drop(ways,
			       vrrp_route_del(ways_net(ways), route,
					      ways_port(ways)),
			       vrrp_route_text(route, text));
	ways->routes[i] = VRRP_LINE_MISSING;
}

static void ways_drop_rule(struct vrrp_ways *ways, uint32_t i)
{
	const struct vrrp_conf_rule *rule = &ways->lines.rules[i];
	char text[VRRP_LINE_TEXT_MAX];

	if (ways->rules[i] == VRRP_LINE_OURS)
		ways_tell_drop(ways, vrrp_rule_del(ways_net(ways), rule),
			       vrrp_rule_text(rule, text));
	ways->rules[i] = VRRP_LINE_MISSING;
}

/* The reverse order: a line goes before the lines that it needs. */
void vrrp_ways_drop(struct vrrp_ways *ways)
{
	uint32_t i;

	ways->active = false;
	loop_timer_clear(&ways->repair);
	for (i = ways->lines.nr_rules; i > 0; i--)
		ways_drop_rule(ways, i - 1);
	for (i = ways->lines.nr_routes; i > 0; i--)
		ways_drop_route(ways, i - 1);
	for (i = ways->lines.nr_addresses; i > 0; i--)
		ways_drop_address(ways, i - 1);
}

/* Only lines with our number are removed; a missing line is no error. */
void vrrp_ways_clean(struct vrrp_ways *ways)
{
	uint32_t i;

	if (ways->active)
		return;
	for (i = 0; i < ways->lines.nr_rules; i++)
		(void)vrrp_rule_del(ways_net(ways), &ways->lines.rules[i]);
	for (i = 0; i < ways->lines.nr_routes; i++)
		(void)vrrp_route_del(ways_net(ways), &ways->lines.routes[i],
				     ways_port(ways));
}

static void ways_repair(struct loop_timer *timer)
{
	struct vrrp_ways *ways = container_of(timer, struct vrrp_ways, repair);

	ways->repaired = loop_now(ways->vrrp->loop);
	if (ways->active)
		vrrp_ways_take(ways);
}

void vrrp_ways_check(struct vrrp_ways *ways, bool rule)
{
	usec_t when = loop_now(ways->vrrp->loop) + REPAIR_SOON;

	ways->rules_lost = ways->rules_lost || rule;
	if (!ways->active || ways->repair.set ||
	    ways->lines.nr_addresses + ways->lines.nr_routes +
			    ways->lines.nr_rules ==
		    0)
		return;
	if (ways->repaired > 0 && when < ways->repaired + REPAIR_PAUSE)
		when = ways->repaired + REPAIR_PAUSE;
	loop_timer_set(&ways->repair, when);
}

void vrrp_ways_init(struct vrrp_ways *ways, struct vrrp *vrrp,
		    const struct vrrp_router *router)
{
	memset(ways, 0, sizeof(*ways));
	ways->vrrp = vrrp;
	ways->router = router;
	loop_timer_init(vrrp->loop, &ways->repair, ways_repair);
}

void vrrp_ways_free(struct vrrp_ways *ways)
{
	if (ways->vrrp)
		loop_timer_clear(&ways->repair);
	free(ways->addresses);
	free(ways->routes);
	free(ways->rules);
	ways->addresses = ways->routes = ways->rules = NULL;
}

/*
 * The states of a new list; an old line that is in it goes along, once, and its
 * old place is no longer ours to remove.
 */
static uint8_t *ways_carry_routes(struct vrrp_ways *ways,
				  const struct vrrp_lines *lines)
{
	uint8_t *states = xcalloc(lines->nr_routes + 1, 1);
	uint32_t i, k;

	for (i = 0; i < lines->nr_routes; i++) {
		for (k = 0; k < ways->lines.nr_routes; k++) {
			if (ways->routes[k] == VRRP_LINE_MISSING ||
			    !vrrp_route_equal(&lines->routes[i],
					      &ways->lines.routes[k]))
				continue;
			states[i] = ways->routes[k];
			ways->routes[k] = VRRP_LINE_MISSING;
			break;
		}
	}
	return states;
}

static uint8_t *ways_carry_rules(struct vrrp_ways *ways,
				 const struct vrrp_lines *lines)
{
	uint8_t *states = xcalloc(lines->nr_rules + 1, 1);
	uint32_t i, k;

	for (i = 0; i < lines->nr_rules; i++) {
		for (k = 0; k < ways->lines.nr_rules; k++) {
			if (ways->rules[k] == VRRP_LINE_MISSING ||
			    !vrrp_rule_equal(&lines->rules[i],
					     &ways->lines.rules[k]))
				continue;
			states[i] = ways->rules[k];
			ways->rules[k] = VRRP_LINE_MISSING;
			break;
		}
	}
	return states;
}

static uint8_t *ways_carry_addresses(struct vrrp_ways *ways,
				     const struct vrrp_lines *lines)
{
	uint8_t *states = xcalloc(lines->nr_addresses + 1, 1);
	uint32_t i, k;

	for (i = 0; i < lines->nr_addresses; i++) {
		const struct vrrp_conf_address *new = &lines->addresses[i];

		for (k = 0; k < ways->lines.nr_addresses; k++) {
			const struct vrrp_conf_address *old =
				&ways->lines.addresses[k];

			if (ways->addresses[k] == VRRP_LINE_MISSING ||
			    addr_cmp(&new->addr, &old->addr) != 0 ||
			    new->prefix != old->prefix ||
			    !str_equal(new->dev, old->dev))
				continue;
			states[i] = ways->addresses[k];
			ways->addresses[k] = VRRP_LINE_MISSING;
			break;
		}
	}
	return states;
}

void vrrp_ways_change(struct vrrp_ways *ways, const struct vrrp_lines *lines)
{
	uint8_t *addresses = ways_carry_addresses(ways, lines);
	uint8_t *routes = ways_carry_routes(ways, lines);
	uint8_t *rules = ways_carry_rules(ways, lines);
	bool active = ways->active, lost = ways->rules_lost;

	/* Lines left in the old lists are gone from the file. */
	vrrp_ways_drop(ways);
	free(ways->addresses);
	free(ways->routes);
	free(ways->rules);
	ways->addresses = addresses;
	ways->routes = routes;
	ways->rules = rules;
	ways->lines = *lines;
	ways->rules_lost = lost;
	if (lines->nr_routes > 0 || lines->nr_rules > 0)
		vrrp_net_hear_ways(ways_net(ways));
	if (active)
		vrrp_ways_take(ways);
}
