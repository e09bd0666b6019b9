/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The collectors: this host into a struct doctor_host. They read, and change
 * nothing; each has a deadline.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_COLLECT_H
#define EVENKEEL_DAEMON_DOCTOR_COLLECT_H

#include <stddef.h>

#include "daemon/doctor/doctor_host.h"

/*
 * Fill HOST, except its firewall's rules and the answers on the wire; CONF names
 * the addresses. The caller frees with collect_free().
 */
void collect_host(struct doctor_host *host, const struct conf *conf);
void collect_free(struct doctor_host *host);

/*
 * Set RULES of HOST to the firewall's, or RULES_ERROR to why they cannot be
 * listed. Runs nft(8) and the iptables-save(8) of each make, each of them for
 * a few seconds at the most.
 */
void collect_rules(struct doctor_host *host);

/*
 * Set ROUTING of HOST to the rules that choose a table of routes, if they can be
 * listed. Runs ip(8) twice, for a few seconds at the most.
 */
void collect_routing(struct doctor_host *host);

/*
 * Ask the daemon at SOCKET for its status: set DAEMON of HOST, or DAEMON_WHY to
 * why there is none.
 */
void collect_daemon(struct doctor_host *host, const char *socket);

/*
 * Add the interfaces to HOST, without any if the kernel does not list them.
 * Their addresses are not looked at yet.
 */
void collect_links(struct doctor_host *host);

/*
 * Ask the kernel for the way to each of NR WAYS, of which the addresses are
 * set. A way stays without a link if the kernel knows none.
 */
void collect_ways(const struct doctor_host *host, struct doctor_way *ways,
		  uint32_t nr);

#endif
