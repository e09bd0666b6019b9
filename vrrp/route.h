/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes and rules of the file, as rtnetlink(7) takes them. Those that do not say
 * a protocol get keepalived's own number, so that what a killed daemon left is
 * told from the host's: a removal names it, and the kernel removes no other.
 */
#ifndef EVENKEEL_VRRP_ROUTE_H
#define EVENKEEL_VRRP_ROUTE_H

#include "vrrp/interfaces.h"

/* Room for what the two functions below write. */
#define VRRP_LINE_TEXT_MAX 160

/*
 * Add ROUTE; one without an interface or a gateway that says it goes out of PORT
 * (an interface's index; 0: there is none). Returns 0 or -errno: -EEXIST if there
 * is one to the same destination with the same metric, -ENODEV without the
 * interface, -ENETUNREACH if the gateway is not reached.
 */
int vrrp_route_add(struct vrrp_net *net, const struct vrrp_conf_route *route,
		   int port);
/* Remove it. It is fine if it is not there. Returns 0 or -errno. */
int vrrp_route_del(struct vrrp_net *net, const struct vrrp_conf_route *route,
		   int port);

/*
 * Add RULE. Returns 0 or -errno: -EEXIST if the very same is there; one without
 * a priority can be there several times.
 */
int vrrp_rule_add(struct vrrp_net *net, const struct vrrp_conf_rule *rule);
/* Remove it, however often it is there. Returns 0 or -errno. */
int vrrp_rule_del(struct vrrp_net *net, const struct vrrp_conf_rule *rule);

/* "route 192.0.2.0/24 via 10.0.0.1", "rule from ... table ..."; for the log. */
const char *vrrp_route_text(const struct vrrp_conf_route *route, char *out);
const char *vrrp_rule_text(const struct vrrp_conf_rule *rule, char *out);

#endif
