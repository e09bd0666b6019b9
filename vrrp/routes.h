/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The routes and rules that go with a router's addresses, and the lines of
 * static_ipaddress, static_routes and static_rules, which are there as long as
 * the process runs. Like addresses they come back when somebody removes them,
 * and lines left by a killed daemon are removed before the first use.
 *
 * The kernel takes routes away without a word when their interface goes down or
 * their source address goes. So after any change all lines are added again; for
 * lines already there the kernel only says so.
 */
#ifndef EVENKEEL_VRRP_ROUTES_H
#define EVENKEEL_VRRP_ROUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/loop.h"
#include "conf/vrrp_conf.h"

struct vrrp;
struct vrrp_router;

/* Lines of one configuration, which must live as long as they are in use. */
struct vrrp_lines {
	const struct vrrp_conf_address *addresses; /* static ones only */
	const struct vrrp_conf_route *routes;
	const struct vrrp_conf_rule *rules;
	uint32_t nr_addresses, nr_routes, nr_rules;
};

/* The state of a line. */
enum vrrp_line_state {
	VRRP_LINE_MISSING,
	VRRP_LINE_OURS, /* we added it */
	VRRP_LINE_FOREIGN, /* there already, and not by us: left alone */
	VRRP_LINE_FAILED, /* as was logged */
};

struct vrrp_routes {
	struct vrrp *vrrp;
	const struct vrrp_router *router; /* NULL: the static lines */
	struct vrrp_lines lines;
	/* An enum vrrp_line_state for each line. */
	uint8_t *address_states, *route_states, *rule_states;
	struct loop_timer repair;
	usec_t repaired;
	bool rules_lost; /* another process removed a rule of ours */
	bool active; /* they are to be there */
};

/* No lines yet. */
void vrrp_routes_init(struct vrrp_routes *routes, struct vrrp *vrrp,
		      const struct vrrp_router *router);
/* Lines in the kernel stay; see vrrp_routes_remove(). */
void vrrp_routes_free(struct vrrp_routes *routes);

/*
 * Use LINES from now on: if active, lines gone from the file are removed, new
 * ones are added, and common ones are not touched.
 */
void vrrp_routes_change(struct vrrp_routes *routes,
			const struct vrrp_lines *lines);
/* Remove the lines that an earlier process left; not while active. */
void vrrp_routes_clean(struct vrrp_routes *routes);
void vrrp_routes_add(struct vrrp_routes *routes);
void vrrp_routes_remove(struct vrrp_routes *routes);
/* Something changed (RULE: a rule was removed): check all lines soon. */
void vrrp_routes_check(struct vrrp_routes *routes, bool rule);

#endif
