/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether an interface has a link, by asking its driver: for drivers that do not
 * tell the kernel of each change.
 */
#ifndef EVENKEEL_VRRP_LINKBEAT_H
#define EVENKEEL_VRRP_LINKBEAT_H

#include "conf/vrrp_conf.h"

/*
 * Ask the interface IFNAME on SOCK, any datagram socket: in the way FIRST, and in
 * the others if its driver does not know that. Returns 1 with a link, 0 without
 * one; -errno if there is no such interface, or it knows no way.
 */
int vrrp_linkbeat_ask(int sock, const char *ifname, enum vrrp_linkbeat first);

#endif
