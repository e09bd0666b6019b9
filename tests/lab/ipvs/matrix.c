/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table with every scheduler, flag, protocol, address family and firewall
 * mark, and with every forwarding method, tunnel, and family of server; and how
 * ipvsadm says the same, written from its manual and not through our own words.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "roundtrip.h"

#define NR_OF(a) (sizeof(a) / sizeof((a)[0]))

static const char *const schedulers[] = {
	"rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh",
	"sh", "sed", "nq", "fo",  "ovf",  "mh",
};

static const uint16_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

static void set_addr(struct addr *addr, uint16_t family, uint32_t number)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = family;
	if (family == AF_INET) {
		addr->v4.s_addr = htonl(0x0a640000 + number);
		return;
	}
	addr->bytes[0] = 0xfd;
	addr->bytes[1] = 0x77;
	addr->bytes[12] = (uint8_t)(number >> 24);
	addr->bytes[13] = (uint8_t)(number >> 16);
	addr->bytes[14] = (uint8_t)(number >> 8);
	addr->bytes[15] = (uint8_t)number;
}

/* KIND is a protocol's index, or their number for a firewall mark. */
static void matrix_service(struct table *table, const char *scheduler,
			   uint32_t flags, uint16_t family, size_t kind)
{
	struct table_service *svc = table_add_service(table);
	uint32_t number = (uint32_t)table->nr_services;

	svc->key.family = family;
	if (kind == NR_OF(protocols)) {
		svc->key.fwmark = number;
	} else {
		svc->key.protocol = protocols[kind];
		set_addr(&svc->key.vip.addr, family, number);
		/* Every port is only possible with persistence. */
		svc->key.vip.port = flags & SERVICE_PERSISTENT &&
						    number % 5 == 0 ?
					    0 :
					    (uint16_t)(1 + number * 7);
	}
	snprintf(svc->scheduler, sizeof(svc->scheduler), "%s", scheduler);
	svc->flags = flags;
	svc->prefix = family == AF_INET6 ? 128 : 32;
	if (flags & SERVICE_PERSISTENT) {
		svc->timeout = 60 + number;
		svc->prefix -= number % 9;
		if (svc->key.protocol == IPPROTO_UDP && number % 3 == 0)
			strcpy(svc->pe_name, "sip");
	}
}

static void matrix_services(struct table *table)
{
	size_t scheduler, kind;
	uint32_t bits;

	for (scheduler = 0; scheduler < NR_OF(schedulers); scheduler++)
		for (bits = 0; bits < 32; bits++)
			for (kind = 0; kind <= NR_OF(protocols); kind++) {
				/* bit 1 of the kernel's flags is its own */
				uint32_t flags = (bits & 1) | (bits & 0x1e)
								      << 1;

				matrix_service(table, schedulers[scheduler],
					       flags, AF_INET, kind);
				matrix_service(table, schedulers[scheduler],
					       flags, AF_INET6, kind);
			}
}

static const struct table_dest methods[] = {
	{ .forward = FORWARD_NAT },
	{ .forward = FORWARD_DR },
	{ .forward = FORWARD_LOCAL },
	{ .forward = FORWARD_TUN },
	{ .forward = FORWARD_TUN, .tun_type = TUNNEL_GUE, .tun_port = 6080 },
	{ .forward = FORWARD_TUN,
	  .tun_type = TUNNEL_GUE,
	  .tun_port = 6081,
	  .tun_flags = TUNNEL_CSUM },
	{ .forward = FORWARD_TUN,
	  .tun_type = TUNNEL_GUE,
	  .tun_port = 65535,
	  .tun_flags = TUNNEL_REMCSUM },
	{ .forward = FORWARD_TUN, .tun_type = TUNNEL_GRE },
	{ .forward = FORWARD_TUN,
	  .tun_type = TUNNEL_GRE,
	  .tun_flags = TUNNEL_CSUM },
};

static const uint32_t weights[] = { 0, 1, 100, 65536, INT32_MAX };

/* A service with servers of every method in both families that it allows. */
static void matrix_dests(struct table *table, uint16_t family, size_t kind)
{
	const uint16_t families[] = { AF_INET, AF_INET6 };
	size_t method, weight, other;
	uint32_t number = 0;

	matrix_service(table, "wrr", 0, family, kind);
	for (method = 0; method < NR_OF(methods); method++)
		for (weight = 0; weight < NR_OF(weights); weight++)
			for (other = 0; other < NR_OF(families); other++) {
				struct table_dest *dest;

				if (families[other] != family &&
				    methods[method].forward != FORWARD_TUN)
					continue;
				dest = table_add_dest(table);
				*dest = methods[method];
				dest->ref = TABLE_NO_REF;
				dest->weight = weights[weight];
				set_addr(&dest->rip.addr, families[other],
					 0x10000 + ++number);
				dest->rip.port = (uint16_t)(3306 + number);
				dest->u_threshold = number % 4 * 1000;
				dest->l_threshold = number % 3 && number % 4 ?
							    number * 10 :
							    0;
			}
}

void matrix_build(struct table *table)
{
	size_t kind;

	for (kind = 0; kind <= NR_OF(protocols); kind++) {
		matrix_dests(table, AF_INET, kind);
		matrix_dests(table, AF_INET6, kind);
	}
	matrix_services(table);
}

static void print_endpoint(const struct endpoint *ep)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(ep->addr.family, ep->addr.bytes, text, sizeof(text));
	printf(ep->addr.family == AF_INET6 ? "[%s]:%u" : "%s:%u", text,
	       ep->port);
}

static void print_key(const struct service_key *key)
{
	if (key->fwmark) {
		printf("-f %u%s", key->fwmark,
		       key->family == AF_INET6 ? " -6" : "");
		return;
	}
	printf("%s ", key->protocol == IPPROTO_TCP ? "-t" :
		      key->protocol == IPPROTO_UDP ? "-u" :
						     "--sctp-service");
	print_endpoint(&key->vip);
}

/* ipvsadm has no word for the third flag of sh and mh, and so says nothing. */
static void print_flags(const struct table_service *svc)
{
	static const char *const sh[] = { "sh-fallback", "sh-port", "" };
	static const char *const mh[] = { "mh-fallback", "mh-port", "" };
	static const char *const other[] = { "flag-1", "flag-2", "flag-3" };
	const char *const *names = strcmp(svc->scheduler, "sh") == 0 ? sh :
				   strcmp(svc->scheduler, "mh") == 0 ? mh :
								       other;
	const char *comma = "";
	int i;

	if (svc->flags & (SERVICE_SCHED1 | SERVICE_SCHED2 | SERVICE_SCHED3))
		printf(" -b ");
	for (i = 0; i < 3; i++) {
		if (!(svc->flags & (SERVICE_SCHED1 << i)) || !names[i][0])
			continue;
		printf("%s%s", comma, names[i]);
		comma = ",";
	}
}

static void print_persistence(const struct table_service *svc)
{
	struct in_addr mask = { htonl(UINT32_MAX << (32 - svc->prefix % 33)) };

	if (!(svc->flags & SERVICE_PERSISTENT))
		return;
	printf(" -p %u", svc->timeout);
	if (svc->key.family == AF_INET6 && svc->prefix != 128)
		printf(" -M %u", svc->prefix);
	if (svc->key.family == AF_INET && svc->prefix != 32)
		printf(" -M %s", inet_ntoa(mask));
	if (svc->pe_name[0])
		printf(" --pe %s", svc->pe_name);
}

static void print_service(const struct table_service *svc)
{
	printf("-A ");
	print_key(&svc->key);
	printf(" -s %s", svc->scheduler);
	print_persistence(svc);
	if (svc->flags & SERVICE_ONEPACKET)
		printf(" -o");
	print_flags(svc);
	putchar('\n');
}

static void print_tunnel(const struct table_dest *dest)
{
	static const char *const types[] = { "ipip", "gue", "gre" };

	printf(" --tun-type %s", types[dest->tun_type]);
	if (dest->tun_type == TUNNEL_GUE)
		printf(" --tun-port %u", dest->tun_port);
	if (dest->tun_type == TUNNEL_IPIP)
		return;
	printf(dest->tun_flags & TUNNEL_CSUM	? " --tun-csum" :
	       dest->tun_flags & TUNNEL_REMCSUM ? " --tun-remcsum" :
						  " --tun-nocsum");
}

static void print_dest(const struct table_service *svc,
		       const struct table_dest *dest)
{
	printf("-a ");
	print_key(&svc->key);
	printf(" -r ");
	print_endpoint(&dest->rip);
	printf(" %s -w %u",
	       dest->forward == FORWARD_NAT ? "-m" :
	       dest->forward == FORWARD_TUN ? "-i" :
					      "-g",
	       dest->weight);
	if (dest->forward == FORWARD_TUN)
		print_tunnel(dest);
	putchar('\n');
}

void matrix_print(const struct table *table)
{
	size_t i, j;

	for (i = 0; i < table->nr_services; i++) {
		const struct table_service *svc = &table->services[i];

		print_service(svc);
		for (j = 0; j < svc->nr_dests; j++)
			print_dest(svc, &table->dests[svc->first_dest + j]);
	}
}
