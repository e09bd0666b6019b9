/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The marks of probe_path client, and the own address that a probe comes from. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "daemon/probe_marks.h"
#include "daemon/proc/own_address.h"
#include "ipvs/sort.h"
#include "lib/table.h"

static struct probe_marks marks;
static struct ipvs_keys owned;
static struct world world;

/* A pool with SERVERS "1d2n": the last number of an address, and the method. */
static const struct conf *use_file(const char *head, const char *servers)
{
	char text[4096];
	size_t used, i;

	used = (size_t)snprintf(text, sizeof(text),
				"%s\nvirtual_server 192.0.2.10 3306 {\n"
				"lvs_sched rr\nprotocol TCP\nlvs_method DR\n"
				"probe_path client\n",
				head);
	for (i = 0; servers[i]; i += 2)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used,
			"real_server 10.0.0.%c 3306 {\nlvs_method %s\n"
			"TCP_CHECK { }\nTCP_CHECK {\nconnect_port 9200\n}\n}\n",
			servers[i], servers[i + 1] == 'n' ? "NAT" : "DR");
	snprintf(text + used, sizeof(text) - used, "}\n");
	world_free(&world);
	world = world_parse(text, true);
	cr_assert_not_null(world.conf, "%s", world.said);
	return world.conf;
}

/* The mark of the server 10.0.0.N; 0: none. */
static uint32_t mark_of(unsigned n)
{
	struct in_addr wanted = { htonl(10u << 24 | n) };
	uint32_t i;

	for (i = 0; i < world.conf->nr_servers; i++) {
		const struct conf_server *server = &world.conf->servers[i];
		const struct probe_mark *mark = probe_marks_find(
			&marks, &server->addr.addr, &server->forward);

		if (server->addr.addr.v4.s_addr == wanted.s_addr)
			return mark ? mark->mark : 0;
	}
	return 0;
}

static void own(const struct table *table)
{
	ipvs_keys_clear(&owned);
	ipvs_keys_add_table(&owned, table);
	ipvs_keys_sort(&owned);
}

static void teardown(void)
{
	probe_marks_free(&marks);
	ipvs_keys_free(&owned);
	world_free(&world);
	world = (struct world){ 0 };
}

TestSuite(probe_marks, .fini = teardown);

Test(probe_marks, a_server_has_one_mark_for_all_its_checks)
{
	struct table table = { 0 };
	const struct table_dest *dest;

	cr_expect_eq(probe_marks_use(&marks, use_file("", "1d2n"), NULL, NULL),
		     0);
	probe_marks_add(&marks, &table);
	cr_assert_eq(table.nr_services, 2);
	cr_assert_eq(table.nr_dests, 2);
	cr_expect_eq(table.services[0].key.fwmark, 0x45560000);
	cr_expect_eq(table.services[0].ref, TABLE_NO_REF);
	dest = &table.dests[table.services[1].first_dest];
	cr_expect_eq(dest->rip.port, 0, "the packet's port is kept");
	cr_expect_eq(dest->weight, 1);
	cr_expect_eq(dest->forward, FORWARD_NAT);
	cr_expect_eq(mark_of(2), 0x45560001);
	table_free(&table);
}

Test(probe_marks, a_server_that_stays_keeps_its_mark)
{
	uint32_t two, three;

	probe_marks_use(&marks, use_file("", "1d2d3d"), NULL, NULL);
	two = mark_of(2);
	three = mark_of(3);
	probe_marks_use(&marks, use_file("", "3d2d"), NULL, NULL);
	cr_expect_eq(mark_of(2), two);
	cr_expect_eq(mark_of(3), three);
	probe_marks_use(&marks, use_file("", "4d3d2d"), NULL, NULL);
	cr_expect_eq(mark_of(2), two);
	cr_expect_eq(mark_of(3), three);
	cr_expect_eq(mark_of(4), 0x45560000, "the first one's is free");
	/* By another method it is another way. */
	probe_marks_use(&marks, use_file("", "4d3n2d"), NULL, NULL);
	cr_expect_neq(mark_of(3), 0);
	cr_expect_eq(mark_of(2), two);
	cr_expect_eq(mark_of(4), 0x45560000);
}

Test(probe_marks, the_kernels_table_remembers_the_marks_over_a_restart)
{
	struct table table = { 0 };
	uint32_t one, three;

	probe_marks_use(&marks, use_file("", "1d2d3d"), NULL, NULL);
	one = mark_of(1);
	three = mark_of(3);
	probe_marks_add(&marks, &table);
	ipvs_sort_table(&table, NULL);
	own(&table);
	probe_marks_free(&marks);
	use_file("", "3d1d");
	probe_marks_adopt(&marks, world.conf, &table, &owned);
	cr_expect_eq(probe_marks_use(&marks, world.conf, &table, &owned), 0);
	cr_expect_eq(mark_of(1), one);
	cr_expect_eq(mark_of(3), three);
	cr_expect_eq(marks.foreign, 0);
	cr_expect_eq(marks.nr, 2);
	/* Services of others are not adopted, and their marks not used either. */
	ipvs_keys_clear(&owned);
	probe_marks_free(&marks);
	probe_marks_adopt(&marks, world.conf, &table, &owned);
	probe_marks_use(&marks, world.conf, &table, &owned);
	cr_expect_eq(mark_of(3), 0x45560003);
	cr_expect_eq(mark_of(1), 0x45560004);
	cr_expect_neq(marks.foreign, 0);
	table_free(&table);
}

Test(probe_marks, marks_of_others_are_left_alone)
{
	struct table table = { 0 };
	struct table_service *svc = table_add_service(&table);

	svc->key.fwmark = 0x45560001;
	svc->key.family = AF_INET6;
	/* One in the file as well, which compat takes. */
	use_file("virtual_server fwmark 1163264000 {\nlvs_sched rr\n"
		 "lvs_method NAT\nreal_server 10.0.0.9 80 {\n}\n}",
		 "1d2d");
	probe_marks_use(&marks, world.conf, &table, &owned);
	cr_expect_eq(marks.foreign, 0x45560001);
	cr_expect_eq(mark_of(1), 0x45560002);
	cr_expect_eq(mark_of(2), 0x45560003);
	table_free(&table);
}

/* Payload goes the clients' way, whichever way the checks go. */
Test(probe_marks, payload_has_marks_of_its_own_accord)
{
	static const char file[] =
		"virtual_server %s {\nlvs_sched rr\nprotocol TCP\n"
		"lvs_method DR\n%s"
		"real_server 10.0.0.1 3306 {\nMYSQL_CHECK {\nusername u\n}\n}\n"
		"real_server 10.0.0.2 3306 {\nTCP_CHECK {\n}\n}\n}\n";
	static const struct {
		const char *service, *words;
		bool marked;
	} cases[] = {
		{ "192.0.2.10 3306", "integrity {\n}\n", true },
		{ "192.0.2.10 3306", "", false },
		{ "fwmark 7", "integrity {\n}\n", false },
	};
	char text[1024];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), file, cases[i].service,
			 cases[i].words);
		world_free(&world);
		world = world_parse(text, true);
		cr_assert_not_null(world.conf, "%s", world.said);
		probe_marks_use(&marks, world.conf, NULL, &owned);
		cr_expect_eq(mark_of(1) != 0, cases[i].marked, "case %zu", i);
		cr_expect_eq(mark_of(2), 0, "it has no login, case %zu", i);
		cr_expect_eq(conf_probes_as_client(world.conf),
			     cases[i].marked);
	}
}

Test(probe_marks, another_range_is_begun_anew)
{
	probe_marks_use(&marks, use_file("", "1d2d"), NULL, NULL);
	probe_marks_use(&marks,
			use_file("global_defs {\nprobe_marks 0xffff0000\n}",
				 "2d1d"),
			NULL, NULL);
	cr_expect_eq(mark_of(2), 0xffff0000);
	cr_expect_eq(mark_of(1), 0xffff0001);
	/* Without such checks nothing is left. */
	world_free(&world);
	world = world_parse("global_defs {\n}\n", false);
	probe_marks_use(&marks, world.conf, NULL, NULL);
	cr_expect_eq(marks.nr, 0);
}

Test(probe_marks, a_range_that_is_full_is_told)
{
	struct table table = { 0 };
	uint32_t i;

	for (i = 0; i < CONF_PROBE_MARKS - 1; i++) {
		struct table_service *svc = table_add_service(&table);

		svc->key.fwmark = CONF_PROBE_MARKS_FIRST + i;
		svc->key.family = AF_INET;
	}
	cr_expect_eq(probe_marks_use(&marks, use_file("", "1d2d"), &table,
				     &owned),
		     1);
	cr_expect_eq(mark_of(1), 0x4556ffff);
	cr_expect_eq(mark_of(2), 0);
	table_clear(&table);
	probe_marks_add(&marks, &table);
	cr_expect_eq(table.nr_services, 1);
	table_free(&table);
}

/* Addresses of a host: 192.0.2.10 and 2001:db8::10 move. */
static bool moves(void *arg, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	addr_format(addr, text);
	return strcmp(text, "192.0.2.10") == 0 ||
	       strcmp(text, "2001:db8::10") == 0;
}

struct host {
	struct ifaddrs list[8];
	struct sockaddr_storage addr[8], mask[8];
	size_t nr;
};

static void host_add(struct host *host, const char *link, const char *address,
		     const char *mask)
{
	size_t i = host->nr++;
	struct endpoint ep = { 0 };

	addr_parse(&ep.addr, address, strlen(address));
	endpoint_to_sockaddr(&ep, &host->addr[i]);
	addr_parse(&ep.addr, mask, strlen(mask));
	endpoint_to_sockaddr(&ep, &host->mask[i]);
	host->list[i].ifa_name = (char *)(uintptr_t)link;
	host->list[i].ifa_addr = (struct sockaddr *)&host->addr[i];
	host->list[i].ifa_netmask = (struct sockaddr *)&host->mask[i];
	if (i > 0)
		host->list[i - 1].ifa_next = &host->list[i];
}

static const char *choose(struct host *host, const char *server,
			  const char *from)
{
	static char text[ADDR_TEXT_MAX + IF_NAMESIZE];
	struct own_address own;
	struct addr to, kernels;
	char addr[ADDR_TEXT_MAX];

	addr_parse(&to, server, strlen(server));
	addr_parse(&kernels, from, strlen(from));
	own_address_choose(host->list, &to, &kernels, moves, NULL, &own);
	if (!addr_is_set(&own.addr))
		return "none";
	snprintf(text, sizeof(text), "%s %s", addr_format(&own.addr, addr),
		 own.link);
	return text;
}

Test(own_address, an_address_that_moves_is_no_source)
{
	struct host host = { 0 };

	host_add(&host, "lo", "127.0.0.1", "255.0.0.0");
	host_add(&host, "eth1", "10.1.0.2", "255.255.0.0");
	host_add(&host, "eth0", "192.0.2.10", "255.255.255.255");
	host_add(&host, "eth0", "192.0.2.2", "255.255.255.0");
	host_add(&host, "eth0", "2001:db8::10", "ffff:ffff::");
	host_add(&host, "eth0", "fe80::1", "ffff::");
	host_add(&host, "eth0", "2001:db8::2", "ffff:ffff::");
	cr_expect_str_eq(choose(&host, "192.0.2.11", "192.0.2.2"),
			 "192.0.2.2 eth0");
	cr_expect_str_eq(choose(&host, "192.0.2.11", "192.0.2.10"),
			 "192.0.2.2 eth0");
	/* The kernel's own choice stands, whatever else there is. */
	cr_expect_str_eq(choose(&host, "192.0.2.11", "10.1.0.2"),
			 "10.1.0.2 eth1");
	cr_expect_str_eq(choose(&host, "10.1.0.9", "192.0.2.10"),
			 "10.1.0.2 eth1");
	/* Far away: the interface decides. */
	cr_expect_str_eq(choose(&host, "198.51.100.1", "192.0.2.10"),
			 "192.0.2.2 eth0");
	cr_expect_str_eq(choose(&host, "2001:db8::11", "2001:db8::10"),
			 "2001:db8::2 eth0");
}

/* getifaddrs() gives an IPv4 address with its label. */
Test(own_address, an_address_with_a_label_is_of_its_interface)
{
	struct host host = { 0 };

	host_add(&host, "eth1", "10.1.0.2", "255.255.0.0");
	host_add(&host, "eth0", "192.0.2.2", "255.255.255.0");
	host_add(&host, "eth0:vip", "192.0.2.10", "255.255.255.255");
	host_add(&host, "eth0:far", "172.16.0.1", "255.255.255.255");
	cr_expect_str_eq(choose(&host, "172.16.0.9", "172.16.0.1"),
			 "172.16.0.1 eth0");
	/* The interface of the kernel's choice decides. */
	cr_expect_str_eq(choose(&host, "198.51.100.1", "192.0.2.10"),
			 "192.0.2.2 eth0");
}

Test(own_address, a_host_may_have_none_that_stays)
{
	struct host host = { 0 };

	host_add(&host, "lo", "127.0.0.1", "255.0.0.0");
	host_add(&host, "eth0", "192.0.2.10", "255.255.255.0");
	host_add(&host, "eth0", "fe80::1", "ffff::");
	cr_expect_str_eq(choose(&host, "192.0.2.11", "192.0.2.10"), "none");
	cr_expect_str_eq(choose(&host, "2001:db8::11", "2001:db8::10"), "none");
}
