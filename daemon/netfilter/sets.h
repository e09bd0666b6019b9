/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of addresses in the kernel, and the firewall for no_accept. The wanted
 * sets and rules follow from the configuration, the decided table and the
 * states of the VRRP instances, and are compared with those written last.
 *
 * Two kinds of sets. Published ones are for the administrator's own rules:
 *
 *	vrrp_ipsets	the addresses that this box holds now (IPv4, IPv6)
 *	lvs_ipsets	"served": address, protocol and port of each service;
 *			for each pool the servers that get connections
 *
 * And those of no_accept's rules, whose names are ours alone: "drop", the
 * addresses of all instances with no_accept, and "accept", the services.
 * Addresses are in these sets whether held or not: while an address is not
 * held, no packet to it reaches INPUT, and when it comes there is no moment
 * without a rule: at the start an instance waits until sets_guarded() says that
 * the rules are in place. A reload that asks for the first ones takes no address
 * away; there the rules follow when iptables has written them.
 *
 * The names of written sets are kept in the run directory, so that the next
 * daemon can remove sets that a killed one left and the configuration no longer
 * wants. A daemon that is killed leaves sets and rules to go with the table
 * that it leaves.
 */
#ifndef EVENKEEL_DAEMON_NETFILTER_SETS_H
#define EVENKEEL_DAEMON_NETFILTER_SETS_H

#include <stdbool.h>

#include "daemon/netfilter/addrset.h"
#include "conf/conf.h"
#include "lib/loop.h"

struct history;
struct sets;

/* The input of sets_wanted(). */
struct sets_input {
	const struct conf *conf;
	/* The decided table; NULL: unknown, then the file's services count. */
	const struct table *table;
	/* For each instance, whether its addresses are here; NULL: unknown. */
	const bool *held;
	bool vrrp; /* handle no_accept and held addresses: not with -C */
	bool lvs; /* handle services and pools: not with -P */
};

/* Names that the configuration does not choose. */
struct sets_names {
	char drop[2][ADDRSET_NAME_MAX]; /* IPv4, IPv6 */
	char accept[2][ADDRSET_NAME_MAX];
	char chain[ADDRSET_NAME_MAX];
};

/* The names for a run directory: SUFFIX tells several daemons apart. */
void sets_make_names(struct sets_names *names, const char *suffix);

/*
 * Pure: every set that INPUT asks for, settled, into OUT (empty). A set that
 * needs an unknown part of INPUT is left out of OUT.
 */
void sets_wanted(const struct sets_input *input, const struct sets_names *names,
		 struct addrsets *out);
/*
 * Pure: a number that differs, most likely, if sets_wanted() or the services
 * would; weights count as none and some. Configurations are told apart by their
 * address alone.
 */
uint64_t sets_fingerprint(const struct sets_input *input);
/* Pure: whether an instance with no_accept has addresses of FAMILY. */
bool sets_protects(const struct sets_input *input, uint16_t family);

/*
 * FILE, which is copied, keeps the names of written sets; SUFFIX as in
 * sets_make_names(). LOOP and HISTORY must outlive the sets.
 */
struct sets *sets_new(struct loop *loop, const char *file, const char *suffix,
		      struct history *history);
/* Leaves the kernel as it is; NULL is allowed. */
void sets_free(struct sets *sets);

/*
 * Make the kernel be as INPUT asks; published sets of unknown things stay as
 * they are. Errors are logged, and tried again.
 */
void sets_follow(struct sets *sets, const struct sets_input *input);

/*
 * Whether the rules that no_accept asks for are in place: true without any.
 * *KNOWN is false while the rules are still being tried.
 */
bool sets_guarded(const struct sets *sets, bool *known);
/* CHANGED is called when sets_guarded() may return another result. */
void sets_watch(struct sets *sets, void (*changed)(void *arg), void *arg);

/*
 * The end of the daemon, the addresses are gone: rules and sets go. A published
 * set that somebody's rule refers to cannot go: it is emptied. But while the
 * kernel's table stays (KEEP_TABLE), services and pools (by the names in CONF)
 * do not change, and such a set of them stays as it is.
 */
void sets_remove(struct sets *sets, const struct conf_sets *conf,
		 bool keep_table);

#endif
