/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The routes and rules that go with a router's addresses, and the lines of
 * static_ipaddress, static_routes and static_rules, which are there as long as
 * the process runs. Like addresses they come back when somebody removes them,
 * and what a killed daemon left of them is removed before the first use.
 *
 * The kernel takes routes away without a word when their interface goes down or
 * their source address goes. So whenever something changed, all are added again;
 * for those that are there, the kernel says so, and that is all that happens.
 */
#ifndef EVENKEEL_VRRP_WAYS_H
#define EVENKEEL_VRRP_WAYS_H

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

/* What became of each line. */
enum vrrp_line_state {
	VRRP_LINE_MISSING,
	VRRP_LINE_OURS, /* we added it */
	VRRP_LINE_THEIRS, /* there already, and not by us: left alone */
	VRRP_LINE_FAILED, /* as was logged */
};

struct vrrp_ways {
	struct vrrp *vrrp;
	const struct vrrp_router *router; /* NULL: the static lines */
	struct vrrp_lines lines;
	uint8_t *addresses, *routes, *rules; /* enum vrrp_line_state, each */
	struct loop_timer repair;
	usec_t repaired;
	bool rules_lost; /* somebody removed a rule of ours */
	bool active; /* they are to be there */
};

/* No lines yet. */
void vrrp_ways_init(struct vrrp_ways *ways, struct vrrp *vrrp,
		    const struct vrrp_router *router);
/* What is in the kernel stays; see vrrp_ways_drop(). */
void vrrp_ways_free(struct vrrp_ways *ways);

/*
 * Use LINES from now on: if active, those that are gone are removed, new ones
 * are added, and those in both are not touched.
 */
void vrrp_ways_change(struct vrrp_ways *ways, const struct vrrp_lines *lines);
/* Remove what an earlier process left of them; not while active. */
void vrrp_ways_clean(struct vrrp_ways *ways);
void vrrp_ways_take(struct vrrp_ways *ways);
void vrrp_ways_drop(struct vrrp_ways *ways);
/* Something changed; RULE: somebody removed a rule. Put it right, soon. */
void vrrp_ways_check(struct vrrp_ways *ways, bool rule);

#endif
