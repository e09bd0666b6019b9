/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This host as the doctor finds it: plain data, filled by the collectors, read
 * by the judges. A test fills it by hand.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_DOCTOR_HOST_H
#define EVENKEEL_DAEMON_DOCTOR_DOCTOR_HOST_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/addr.h"

struct json_object;

#define DOCTOR_MAC 6
#define DOCTOR_VALUE_MAX 32

enum doctor_sysctl {
	DOCTOR_IP_FORWARD,
	DOCTOR_IP6_FORWARD,
	DOCTOR_RP_FILTER, /* of "all" */
	DOCTOR_REDIRECTS, /* of "all" */
	DOCTOR_TRACKED, /* connections in conntrack's table */
	DOCTOR_TRACKED_MAX,
	DOCTOR_VS_CONNTRACK,
	DOCTOR_VS_NODEST,
	DOCTOR_VS_QUIESCENT,
	DOCTOR_VS_REUSE,
	DOCTOR_VS_THRESHOLD, /* two numbers */
	DOCTOR_VS_BACKUP_ONLY,
	DOCTOR_SYSCTLS,
};

/* The name of one as `sysctl -w` takes it. */
const char *doctor_sysctl_name(enum doctor_sysctl sysctl);

/* A module of the kernel's. */
enum doctor_module {
	DOCTOR_MODULE_UNKNOWN, /* this host's modules cannot be looked at */
	DOCTOR_MODULE_LOADED, /* or built in */
	DOCTOR_MODULE_LOADABLE, /* the kernel loads it when asked for it */
	DOCTOR_MODULE_MISSING,
};

struct doctor_link {
	char name[IF_NAMESIZE];
	unsigned index;
	uint32_t mtu; /* 0: not known */
	uint8_t mac[DOCTOR_MAC];
	bool ether; /* MAC is one, and ARP is spoken there */
	bool up;
	/* The numbers below are -1 if they are not known. */
	int rp_filter;
	int send_redirects;
	int gro, lro;
	bool clients; /* packets to a service address come in here */
	bool servers; /* and leave to a server here */
};

/* The way from here to an address. */
struct doctor_way {
	struct addr addr;
	struct addr source; /* our address on the way; AF_UNSPEC: unknown */
	uint32_t link; /* index into links, or DOCTOR_NO_LINK */
	bool on_link; /* without a router between */
	bool local; /* the address is this host's own */
};

#define DOCTOR_NO_LINK UINT32_MAX

/* A host that says by ARP that it has ADDR. */
struct doctor_answer {
	struct addr addr;
	uint32_t link; /* index into links: where it was heard */
	uint8_t mac[DOCTOR_MAC];
	uint8_t pad[2];
};

struct doctor_host {
	bool root;
	enum doctor_module ip_vs;
	/* Of each virtual server's scheduler, in the configuration's order. */
	enum doctor_module *schedulers;
	char sysctls[DOCTOR_SYSCTLS][DOCTOR_VALUE_MAX]; /* "": unknown */
	struct doctor_link *links;
	uint32_t nr_links;
	uint32_t default_link; /* of IPv4; DOCTOR_NO_LINK: no such route */
	/* Sorted by address, each once. */
	struct doctor_way *services; /* LINK is where clients come in */
	uint32_t nr_services;
	struct doctor_way *servers;
	uint32_t nr_servers;
	/* As `nft -j list ruleset` has it; NULL: could not be listed. */
	struct json_object *rules;
	int rules_error; /* why not; 0: no nft is needed or it works */
	/* As `ip -j rule show` has them, of IPv4 and IPv6; NULL: not listed. */
	struct json_object *routing[2];
	/* The running daemon's answer to "status"; NULL: there is none, and why. */
	struct json_object *daemon;
	char daemon_why[512];
	struct doctor_answer *answers; /* each once */
	uint32_t nr_answers;
	int wire_error; /* -errno: the wire was not asked */
	bool legacy_rules; /* iptables-legacy has tables of its own */
	bool legacy_unseen; /* and they could not be listed */
};

/* The number in SYSCTL's value, the first if there are two; -1: unknown. */
long doctor_sysctl(const struct doctor_host *host, enum doctor_sysctl sysctl);

/* The way to ADDR among NR sorted WAYS; NULL if there is none. */
const struct doctor_way *doctor_way(const struct doctor_way *ways, uint32_t nr,
				    const struct addr *addr);

/* The link with NAME; NULL if there is none. */
struct doctor_link *doctor_link(const struct doctor_host *host,
				const char *name);

/*
 * NAME as one word of a shell, into OUT: an interface can be called $(reboot).
 */
#define DOCTOR_WORD_MAX (4 * IF_NAMESIZE + 3)
const char *doctor_word(const char *name, char out[DOCTOR_WORD_MAX]);

#endif
