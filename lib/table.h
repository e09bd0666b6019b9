/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPVS table as plain data: one struct for the wanted and the actual table.
 * balance/ builds the wanted one, ipvs/ dumps the actual one, and only their
 * difference is ever sent to the kernel. The struct lives here since two rooms
 * need it; its functions (sort, diff, encode) are in ipvs/.
 *
 * Values follow include/uapi/linux/ip_vs.h.
 */
#ifndef EVENKEEL_LIB_TABLE_H
#define EVENKEEL_LIB_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define TABLE_NAME_MAX \
	16 /* a scheduler's or persistence engine's name, with NUL */

/* enum values are the kernel's IP_VS_CONN_F_* */
enum forward {
	FORWARD_NAT = 0,
	FORWARD_LOCAL = 1,
	FORWARD_TUN = 2,
	FORWARD_DR = 3,
};

enum tunnel {
	TUNNEL_IPIP = 0,
	TUNNEL_GUE = 1,
	TUNNEL_GRE = 2,
};

/* IP_VS_TUNNEL_ENCAP_FLAG_* */
enum tunnel_flag {
	TUNNEL_CSUM = 1,
	TUNNEL_REMCSUM = 2,
};

/* IP_VS_SVC_F_*; HASHED (2) is the kernel's own and never kept here */
enum service_flag {
	SERVICE_PERSISTENT = 0x01,
	SERVICE_ONEPACKET = 0x04,
	SERVICE_SCHED1 = 0x08, /* sh-fallback, mh-fallback, flag-1 */
	SERVICE_SCHED2 = 0x10, /* sh-port, mh-port, flag-2 */
	SERVICE_SCHED3 = 0x20, /* flag-3 */
};

#define SERVICE_FLAGS_ALL 0x3d

/* The identity of a service: (family, fwmark), or (protocol, address, port). */
struct service_key {
	struct endpoint vip; /* address unset with a fwmark */
	uint32_t fwmark; /* 0: none */
	uint16_t family; /* AF_INET or AF_INET6, also with a fwmark */
	uint16_t protocol; /* IPPROTO_TCP, UDP, SCTP; 0 with a fwmark */
};

/* No reference: an entry of the kernel's that no part of our file wants. */
#define TABLE_NO_REF UINT32_MAX

struct table_dest {
	struct endpoint rip; /* identity, within the service */
	uint32_t weight; /* 0 to INT32_MAX */
	uint32_t u_threshold; /* 0: none */
	uint32_t l_threshold;
	uint8_t forward; /* enum forward */
	uint8_t tun_type; /* enum tunnel; 0 unless FORWARD_TUN */
	uint16_t tun_port; /* host order; 0 unless TUNNEL_GUE */
	uint16_t tun_flags;
	uint16_t pad;
	uint32_t ref; /* wanted: index of the server in struct conf; else TABLE_NO_REF */
	/* Read from the kernel only. */
	uint32_t active;
	uint32_t inactive;
	uint32_t persistent;
	uint32_t hole; /* 0: tables are compared byte by byte */
	/* Since it is in the table, all likewise. */
	uint64_t conns;
	uint64_t in_bytes, out_bytes;
	uint64_t in_packets, out_packets;
};

struct table_service {
	struct service_key key; /* identity */
	char scheduler[TABLE_NAME_MAX];
	char pe_name[TABLE_NAME_MAX]; /* "" or "sip" */
	uint32_t flags; /* enum service_flag bits */
	uint32_t timeout; /* s, with SERVICE_PERSISTENT */
	/* Persistence granularity: prefix length, 1-32 or 1-128. */
	uint32_t prefix;
	uint32_t ref; /* wanted: index of the virtual server in struct conf */
	/* Wanted: a server that goes is out before the next one is in. */
	bool exclusive;
	size_t first_dest; /* its servers are dests[first_dest .. + nr_dests) */
	size_t nr_dests;
	/* Read from the kernel only (the 64-bit statistics). */
	uint64_t conns;
	uint64_t in_bytes;
	uint64_t out_bytes;
};

struct table {
	struct table_service *services;
	size_t nr_services;
	size_t room_services;
	struct table_dest *dests;
	size_t nr_dests;
	size_t room_dests;
};

/* An empty table is all zeroes; these free or forget its content. */
void table_clear(struct table *table); /* keeps the memory for the next use */
void table_free(struct table *table); /* frees the arrays, not the struct */
void table_swap(struct table *a, struct table *b);
/* The content of FROM instead of TO's. */
void table_copy(struct table *to, const struct table *from);

/*
 * Append a service, zeroed but for TABLE_NO_REF; the servers added afterwards
 * are its. The pointer is good until the next call. Never fails (see xcalloc).
 */
struct table_service *table_add_service(struct table *table);
struct table_dest *table_add_dest(struct table *table);

/* Order of services and of the servers in one, for sorting and diffing. */
int service_key_cmp(const struct service_key *a, const struct service_key *b);

/* "TCP 192.0.2.1:3306", "FWM 5", "FWM 5 IPv6"; OUT has SERVICE_TEXT_MAX bytes. */
#define SERVICE_TEXT_MAX 72
const char *service_key_format(const struct service_key *key, char *out);

#endif
