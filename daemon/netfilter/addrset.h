/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of addresses in the kernel (ipset), as data and as they are there. A
 * firewall's rules refer to sets by name (iptables -m set), and members change
 * without the rules being touched: a change is built in a set beside the old
 * one, and the two are swapped, so that no packet ever meets half of a change.
 *
 * addrset.c is the data, without I/O; addrset_kernel.c is the only file that
 * uses libipset.
 */
#ifndef EVENKEEL_DAEMON_NETFILTER_ADDRSET_H
#define EVENKEEL_DAEMON_NETFILTER_ADDRSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

/* The kernel's limit with the NUL; longer names are cut without a word. */
#define ADDRSET_NAME_MAX 32
/* Longest that may be chosen as the first part of derived names. */
#define ADDRSET_PREFIX_MAX 15

struct addrset_member {
	struct endpoint ep; /* port 0 in a set of addresses */
	uint16_t protocol; /* IPPROTO_TCP, ...; 0 in a set of addresses */
	uint16_t pad;
};

struct addrset {
	char name[ADDRSET_NAME_MAX];
	uint32_t hash; /* of the name, in a list */
	uint16_t family; /* AF_INET or AF_INET6; all members are */
	bool ports; /* hash:ip,port, else hash:ip */
	struct addrset_member *members; /* sorted, each once: addrset_settle() */
	size_t nr, room;
};

/* An empty list is all zeroes. */
struct addrsets {
	struct addrset *sets;
	size_t nr, room;
};

void addrset_clear(struct addrset *set); /* forgets the members */
/* Append; another family than the set's is left out. */
void addrset_add(struct addrset *set, const struct endpoint *ep,
		 uint16_t protocol);
/* Sort, and drop duplicates. */
void addrset_settle(struct addrset *set);
/* Same name, kind and members; both are settled. */
bool addrset_equal(const struct addrset *a, const struct addrset *b);

/* A new, empty set, good until the next call. NAME is cut if too long. */
struct addrset *addrsets_add(struct addrsets *sets, const char *name,
			     uint16_t family, bool ports);
struct addrset *addrsets_find(const struct addrsets *sets, const char *name);
void addrsets_free(struct addrsets *sets); /* empties it */
void addrsets_swap(struct addrsets *a, struct addrsets *b);

/*
 * The name of a set into OUT (ADDRSET_NAME_MAX bytes): PREFIX, "6" for IPv6,
 * "-" and WHAT, with "_" for each byte that is none of A-Z a-z 0-9 . : _ -. A
 * name longer than 31 bytes, or TAKEN, keeps 22 bytes and ends in "~" and eight
 * hexadecimal digits, a hash of the whole. PREFIX has ADDRSET_PREFIX_MAX bytes
 * at most.
 */
void addrset_derive_name(char *out, const char *prefix, uint16_t family,
			 const char *what, bool taken);

/*
 * Read a member as the kernel's tool lists it, "192.0.2.1" or
 * "192.0.2.1,tcp:3306" (or the protocol's number), LEN bytes, and append it.
 * Returns 0 or -EINVAL.
 */
int addrset_parse_member(struct addrset *set, const char *text, size_t len);

/* The kernel's side. */
struct addrset_kernel;

/* Returns 0 or -errno: -EPROTO if libipset or the kernel refuses. */
int addrset_kernel_open(struct addrset_kernel **out);
void addrset_kernel_free(struct addrset_kernel *kernel); /* NULL is allowed */

/*
 * Read the kernel's set of SET's name: its members into SET, settled. Returns
 * 0, -ENOENT if there is no such set, else -EIO; see addrset_kernel_why().
 */
int addrset_kernel_read(struct addrset_kernel *kernel, struct addrset *set);

/*
 * Make the kernel's set of WANTED's name hold its members: created if there is
 * none, else swapped as a whole. Returns 0 or -EIO, and then nothing changed.
 */
int addrset_kernel_write(struct addrset_kernel *kernel,
			 const struct addrset *wanted);

/* Returns 0 (also if it was not there), -EBUSY if a rule refers to it, -EIO. */
int addrset_kernel_remove(struct addrset_kernel *kernel, const char *name);
/* Take all members out; the set stays. Returns 0 or -EIO. */
int addrset_kernel_flush(struct addrset_kernel *kernel, const char *name);

/* The words of the last failure, one line; good until the next call. */
const char *addrset_kernel_why(const struct addrset_kernel *kernel);

#endif
