/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes and rules of the file, as rtnetlink(7) takes them. A line without a
 * protocol gets keepalived's own number, so that a line left by a killed daemon
 * is told from the host's: a removal names the number, and the kernel removes
 * no other line.
 */
#ifndef EVENKEEL_VRRP_ROUTE_H
#define EVENKEEL_VRRP_ROUTE_H

#include "vrrp/interfaces.h"

/* Room for the text of a route or a rule. */
#define VRRP_LINE_TEXT_MAX 160

/*
 * Add ROUTE; one without an interface or a gateway that says it goes out of PORT
 * (an interface's index; 0: there is none). Returns 0 or -errno: -EEXIST if there
 * is one to the same destination with the same metric, -ENODEV without the
 * interface, -ENETUNREACH if the gateway is not reached.
 */
int vrrp_route_add(struct vrrp_net *net, const struct vrrp_conf_route *route,
		   int port);
/* Remove ROUTE. A missing route is fine. Returns 0 or -errno. */
int vrrp_route_del(struct vrrp_net *net, const struct vrrp_conf_route *route,
		   int port);

/*
 * Add RULE. Returns 0 or -errno: -EEXIST if the very same is there; one without
 * a priority can be there several times.
 */
int vrrp_rule_add(struct vrrp_net *net, const struct vrrp_conf_rule *rule);
/* Remove RULE, however often it is there. Returns 0 or -errno. */
int vrrp_rule_del(struct vrrp_net *net, const struct vrrp_conf_rule *rule);

/* "route 192.0.2.0/24 via 10.0.0.1", "rule from ... table ..."; for the log. */
const char *vrrp_route_text(const struct vrrp_conf_route *route, char *out);
const char *vrrp_rule_text(const struct vrrp_conf_rule *rule, char *out);

#endif
