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
 *
 * The tool may take a second if somebody else holds its lock, and for ever if it
 * hangs: nobody waits for it. One command runs at a time; what each family still
 * needs is a few bits, and the next step is chosen when a command has ended.
 */
#ifndef EVENKEEL_DAEMON_NETFILTER_FIREWALL_H
#define EVENKEEL_DAEMON_NETFILTER_FIREWALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/loop.h"
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
 * CHAIN is the name of our chain, HOOK the chain with the jump; both are copied.
 * DONE is called when the tool has nothing more to do; REWRITTEN if rules that
 * others took away or kept from us were written.
 */
struct firewall *firewall_new(struct loop *loop, const char *chain,
			      const char *hook,
			      void (*done)(void *arg, bool rewritten),
			      void *arg);
/* Leaves the rules, and a tool under way is ended; NULL is fine. */
void firewall_free(struct firewall *firewall);

/*
 * From here on the rules of PLAN's family shall be as planned, or (DROP is NULL)
 * gone. Costs nothing if that was asked for last time. Trouble is logged once for
 * each kind, and firewall_state() tells.
 */
void firewall_set(struct firewall *firewall, const struct firewall_plan *plan);
/* The jump moves to HOOK, which is copied. */
void firewall_move(struct firewall *firewall, const char *hook);

/*
 * Look whether the rules are still there as they were written, and write them
 * anew if not, or if that failed before.
 */
void firewall_audit(struct firewall *firewall);

/* The state of the wanted rules. */
enum firewall_state {
	/* In place when somebody looked last, or none are wanted. */
	FIREWALL_READY,
	FIREWALL_TRYING, /* not yet; or failed once, as others may hold the lock */
	FIREWALL_FAILED, /* no tool to write them, or repeated failures */
};

enum firewall_state firewall_state(const struct firewall *firewall);
/* The tool is running, or will; DONE follows. */
bool firewall_is_busy(const struct firewall *firewall);

/* Remove our chains and jumps, of both families, known to us or not. */
void firewall_remove(struct firewall *firewall);
/* The same at the daemon's end, waited for, two seconds in all. */
void firewall_remove_now(struct firewall *firewall);

#endif
