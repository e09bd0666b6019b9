/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fate of a packet under the host's nftables rules, as `nft -j list
 * ruleset` prints them; see libnftables-json(5). Pure.
 *
 * Many conditions cannot be judged from a listing: a limit, a set that fills
 * itself, an extension of iptables. So an answer is given only where it is
 * sure: a packet counts as dropped if every path through a chain ends in a
 * drop, whatever the conditions that are not understood say.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_RULESET_H
#define EVENKEEL_DAEMON_DOCTOR_RULESET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"

struct json_object;
struct ruleset;

/*
 * Sort the rules of LISTING, which must outlive the result. An odd listing gives
 * few rules or none.
 */
struct ruleset *ruleset_new(struct json_object *listing);
void ruleset_free(struct ruleset *ruleset); /* NULL is allowed */

#define RULESET_HOOKS 3

/* A packet, as far as it is known; one that varies has the value for that. */
struct ruleset_packet {
	const char *hooks[RULESET_HOOKS]; /* passed: "input"; NULL: no more */
	const char *iif, *oif; /* NULL: varies */
	uint16_t family; /* AF_INET or AF_INET6 */
	struct addr from, to; /* AF_UNSPEC: varies */
	uint8_t protocol; /* IPPROTO_TCP, 112, ... */
	uint16_t sport, dport; /* 0: varies, or the protocol has none */
	const char *state; /* of conntrack: "new", "established" */
	const char *icmp; /* the type's name; NULL: no ICMP packet */
	bool multicast;
	/* The packet's mark is from the first to the last; both 0: it varies. */
	uint32_t mark_first, mark_last;
};

/* The place where a packet ends. */
struct ruleset_drop {
	/* Of the base chain; good as long as the listing. */
	const char *family, *table, *chain;
	bool policy; /* no rule of it, but the chain's policy */
};

/* Whether PACKET is surely dropped, and if so where. */
bool ruleset_drops(const struct ruleset *ruleset,
		   const struct ruleset_packet *packet,
		   struct ruleset_drop *drop);

/* The first rule that gives packets a mark from FIRST to LAST: its chain. */
bool ruleset_sets_mark(const struct ruleset *ruleset, uint32_t first,
		       uint32_t last, struct ruleset_drop *where);

/* Whether a rule rewrites sources: masquerade, snat. */
bool ruleset_masquerades(const struct ruleset *ruleset);

#endif
