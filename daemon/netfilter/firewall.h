/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firewall's side of no_accept: a chain of our own in the filter table, and
 * one jump to it at the head of INPUT (or of the chain that vrrp_iptables names).
 *
 * IPVS takes its packets at the hook LOCAL_IN with priority 98 and 99
 * (net/netfilter/ipvs/ip_vs_core.c), and INPUT is at 0, before it. So a plain
 * drop of an address kills its services; packets to services have to pass
 * first:
 *
 *	not to one of the addresses			return
 *	to a served address, protocol and port		return
 *	with the mark of a served service		return
 *	an ICMP error (a client's path MTU)		return
 *	neighbour solicitation, advertisement		return
 *	all the rest					drop
 *
 * The chain returns and never accepts, so the administrator's own rules still
 * apply to served packets. The addresses and services are in sets
 * (daemon/netfilter/addrset.h), so that most changes touch no rule.
 *
 * The rules are written in one commit (iptables-restore --noflush), and rules
 * of others are not touched. iptables of both kinds (nft and legacy) will do.
 */
#ifndef EVENKEEL_DAEMON_NETFILTER_FIREWALL_H
#define EVENKEEL_DAEMON_NETFILTER_FIREWALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/table.h"

/* The input for the rules of one family. */
struct firewall_plan {
	uint16_t family; /* AF_INET or AF_INET6 */
	const char *chain; /* ours */
	const char *drop; /* the set of addresses */
	const char *accept; /* the set of served address, protocol and port */
	/*
	 * Services that no set can hold: those of a mark, and those of all
	 * ports (port 0). Other services, and other families, are skipped.
	 */
	const struct service_key *keys;
	size_t nr_keys;
};

/*
 * Pure: the text for iptables-restore, without the jump; the caller's to free().
 */
char *firewall_text(const struct firewall_plan *plan);

struct firewall;

/*
 * CHAIN is the name of our chain, HOOK the chain with the jump; both are
 * copied.
 */
struct firewall *firewall_new(const char *chain, const char *hook);
void firewall_free(
	struct firewall *firewall); /* leaves the rules; NULL is fine */

/*
 * Make the rules of PLAN's family be as planned, or (DROP is NULL) gone. Costs
 * nothing if the rules were left so last time. Returns 0 or -errno, after
 * logging the trouble once: -ENOENT without iptables, -ETIMEDOUT, -EIO if
 * iptables refuses.
 */
int firewall_set(struct firewall *firewall, const struct firewall_plan *plan);

/*
 * Look whether the rules are still there as they were written, and write them
 * anew if not, or if that failed before. Returns true if a write was needed.
 */
bool firewall_audit(struct firewall *firewall);

/* The state of the wanted rules. */
enum firewall_state {
	FIREWALL_READY, /* in place, or none are wanted */
	FIREWALL_TRYING, /* failed once; others may have held the lock */
	FIREWALL_FAILED, /* no tool to write them, or repeated failures */
};

enum firewall_state firewall_state(const struct firewall *firewall);

/* Remove our chains and jumps, of both families, known to us or not. */
void firewall_remove(struct firewall *firewall);

#endif
