/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vrrp_instance: from text to values; defaults and where they come from. */
#include <criterion/criterion.h>
#include <linux/if_addr.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"

/* An instance that is whole, so that a test adds what it is about. */
#define WHOLE "interface eth0\nvirtual_router_id 7\n"
#define V4 "virtual_ipaddress {\n192.0.2.1\n}\n"
#define V6 "virtual_ipaddress {\nfe80::1\n}\n"

static char *text_of(const char *global, const char *body)
{
	char *text = NULL;

	cr_assert(asprintf(&text,
			   "global_defs {\n%s\n}\nvrrp_instance i {\n%s\n}\n",
			   global, body) > 0);
	return text;
}

static struct world parse(const char *global, const char *body, bool compat)
{
	char *text = text_of(global, body);
	struct world world = world_parse(text, compat);

	free(text);
	return world;
}

/* The values of an instance, by where they are in it. */
struct value {
	const char *global, *body;
	size_t offset, size;
	int64_t wanted;
};

#define V(global, body, member, wanted)                                   \
	{                                                                 \
		global, WHOLE body,                                       \
			offsetof(struct vrrp_conf_instance, member),      \
			sizeof(((struct vrrp_conf_instance *)0)->member), \
			wanted                                            \
	}

static int64_t value_at(const void *base, size_t offset, size_t size)
{
	const char *p = (const char *)base + offset;
	uint32_t word;
	int64_t wide;

	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint8_t *)p | *(const uint8_t *)(p + 1) << 8;
	case 4:
		memcpy(&word, p, 4);
		return word;
	default:
		memcpy(&wide, p, 8);
		return wide;
	}
}

static const struct value values[] = {
	/* defaults */
	V("", V4, version, 2),
	V("", V4, family, AF_INET),
	V("", V4, vrid, 7),
	V("", V4, priority, 100),
	V("", V4, interval, 1000000),
	V("", V4, down_adverts, 3),
	V("", V4, ttl, 255),
	V("", V4, preempt, 1),
	V("", V4, preempt_delay, 0),
	V("", V4, accept, 1),
	V("", V4, strict, 0),
	V("", V4, lower_prio_no_advert, 0),
	V("", V4, skip_check_adv_addr, 0),
	V("", V4, check_unicast_src, 1),
	V("", V4, track_primary, 1),
	V("", V4, use_vmac, 0),
	V("", V4, vmac_xmit_base, 0),
	V("", V4, checksum, VRRP_CHECKSUM_PSEUDO),
	V("", V4, auth, VRRP_AUTH_NONE),
	V("", V4, sync_group, VRRP_NO_GROUP),
	V("", V4, nr_addresses, 1),
	V("", V4, nr_excluded, 0),
	V("", V4, nr_peers, 0),
	V("", V4, nr_tracks, 0),
	V("", V4, garp.master_repeat, 5),
	V("", V4, garp.master_delay, 5000000),
	V("", V4, garp.master_refresh, 0),
	V("", V4, garp.master_refresh_repeat, 1),
	V("", V4, garp.lower_repeat, 5),
	V("", V4, garp.lower_delay, 5000000),
	V("", V4, garp.arp_interval, 0),
	V("", V4, garp.na_interval, 0),
	/* the family is that of the addresses, IPv6 has version 3 */
	V("", V6, version, 3),
	V("", V6, family, AF_INET6),
	V("vrrp_version 2", V6, version, 3),
	V("vrrp_version 3", V4, version, 3),
	V("vrrp_version 3", "version 2\n" V4, version, 2),
	V("", "native_ipv6\n" V6, family, AF_INET6),
	/* numbers */
	V("", "priority 1\n" V4, priority, 1),
	V("", "priority 255\n" V4, priority, 255),
	V("", "state BACKUP\n" V4, priority, 100),
	V("", "state MASTER\npriority 9\n" V4, priority, 9),
	V("", "state MASTER\n" V4, priority, 255),
	V("", "advert_int 255\n" V4, interval, 255000000),
	V("", "version 3\nadvert_int 0.01\n" V4, interval, 10000),
	V("", "version 3\nadvert_int 40.95\n" V4, interval, 40950000),
	V("", "advert_int 0.25\n" V6, interval, 250000),
	V("", "down_timer_adverts 100\n" V4, down_adverts, 100),
	V("vrrp_down_timer_adverts 5", V4, down_adverts, 5),
	V("vrrp_down_timer_adverts 5", "down_timer_adverts 2\n" V4,
	  down_adverts, 2),
	/* switches: the instance's, else the file's, else the default */
	V("", "nopreempt\n" V4, preempt, 0),
	V("", "nopreempt\npreempt\n" V4, preempt, 1),
	V("", "preempt_delay 1000\n" V4, preempt_delay, 1000000000),
	V("", "no_accept\n" V4, accept, 0),
	V("", "no_accept\naccept\n" V4, accept, 1),
	V("", "strict_mode\n" V4, strict, 1),
	V("", "strict_mode\n" V4, accept, 0),
	V("", "strict_mode\naccept\n" V4, accept, 1),
	V("", "strict_mode\npriority 255\n" V4, accept, 1),
	V("vrrp_strict", V4, strict, 1),
	V("vrrp_strict", "strict_mode off\n" V4, strict, 0),
	V("vrrp_down_timer_adverts 9", "strict_mode\n" V4, down_adverts, 3),
	V("vrrp_garp_lower_prio_repeat 9", "strict_mode\n" V4,
	  garp.lower_repeat, 0),
	V("", "strict_mode\ngarp_lower_prio_repeat 2\n" V4, garp.lower_repeat,
	  0),
	V("", "strict_mode\n" V4, lower_prio_no_advert, 1),
	V("", "strict_mode\nversion 3\n" V4, lower_prio_no_advert, 0),
	V("vrrp_lower_prio_no_advert", V4, lower_prio_no_advert, 1),
	V("vrrp_lower_prio_no_advert", "lower_prio_no_advert false\n" V4,
	  lower_prio_no_advert, 0),
	V("", V4, higher_prio_send_advert, 1),
	V("vrrp_lower_prio_no_advert", V4, higher_prio_send_advert, 0),
	V("vrrp_higher_prio_send_advert off", V4, higher_prio_send_advert, 0),
	V("vrrp_higher_prio_send_advert off",
	  "lower_prio_no_advert\nhigher_prio_send_advert\n" V4,
	  higher_prio_send_advert, 1),
	V("", V4, owner_ignore_adverts, 0),
	V("vrrp_owner_ignore_adverts", V4, owner_ignore_adverts, 1),
	V("vrrp_owner_ignore_adverts", "owner_ignore_adverts no\n" V4,
	  owner_ignore_adverts, 0),
	V("", V4, timer_expired_backup, 0),
	V("", "timer_expired_backup\n" V4, timer_expired_backup, 254),
	V("", "timer_expired_backup 90\n" V4, timer_expired_backup, 90),
	V("", "promote_secondaries\n" V4, promote_secondaries, 1),
	V("vrrp_skip_check_adv_addr", V4, skip_check_adv_addr, 1),
	V("vrrp_skip_check_adv_addr", "skip_check_adv_addr no\n" V4,
	  skip_check_adv_addr, 0),
	V("vrrp_check_unicast_src off", V4, check_unicast_src, 0),
	V("vrrp_check_unicast_src off", "check_unicast_src\n" V4,
	  check_unicast_src, 1),
	V("v3_checksum_as_v2", V4, checksum, VRRP_CHECKSUM_MESSAGE),
	V("v3_checksum_as_v2", "v3_checksum_as_v2 off\n" V4, checksum,
	  VRRP_CHECKSUM_PSEUDO),
	V("", "dont_track_primary\n" V4, track_primary, 0),
	V("", "use_vmac\n" V4, use_vmac, 1),
	V("", "use_vmac\nvmac_xmit_base\n" V4, vmac_xmit_base, 1),
	/* announcements: lower_prio_* follow the file's master_* */
	V("", "garp_master_repeat 0\ngarp_lower_prio_repeat 3\n" V4,
	  garp.lower_repeat, 3),
	V("", "garp_master_repeat 0\n" V4, garp.master_repeat, 1),
	V("vrrp_garp_master_repeat 0", V4, garp.master_repeat, 1),
	V("", "garp_master_repeat 2\n" V4, garp.lower_repeat, 5),
	V("", "garp_master_delay 1\n" V4, garp.lower_delay, 5000000),
	V("vrrp_garp_master_delay 9", "garp_master_delay 2\n" V4,
	  garp.lower_delay, 9000000),
	V("vrrp_garp_master_repeat 9", V4, garp.lower_repeat, 9),
	V("vrrp_garp_lower_prio_repeat 4", "garp_master_repeat 2\n" V4,
	  garp.lower_repeat, 4),
	V("vrrp_garp_master_delay 9", "garp_master_delay 2\n" V4,
	  garp.master_delay, 2000000),
	V("vrrp_garp_master_refresh 60", V4, garp.master_refresh, 60000000),
	V("vrrp_garp_master_refresh_repeat 2", V4, garp.master_refresh_repeat,
	  2),
	V("vrrp_garp_interval 0.001", V4, garp.arp_interval, 1000),
	V("vrrp_gna_interval 0.000002", V4, garp.na_interval, 2),
	V("vrrp_min_garp", V4, garp.master_repeat, 1),
	V("vrrp_min_garp", V4, garp.master_delay, 0),
	V("vrrp_min_garp", V4, garp.lower_repeat, 1),
	V("vrrp_min_garp\nvrrp_garp_master_repeat 3", V4, garp.master_repeat,
	  3),
	/* unicast */
	V("", "unicast_peer {\n192.0.2.9\n}\n" V4, nr_peers, 1),
	V("", "unicast_ttl 9\nunicast_peer {\n192.0.2.9\n}\n" V4, ttl, 9),
	V("", "unicast_ttl 9\n" V4, ttl, 255),
	V("", "use_vmac\nunicast_peer {\n192.0.2.9\n}\n" V4, vmac_xmit_base, 1),
	/* several blocks are one list */
	V("", V4 V4, nr_addresses, 2),
	V("", V4 "virtual_ipaddress_excluded {\n2001:db8::1\n192.0.2.5\n}\n",
	  nr_excluded, 2),
};

Test(conf_vrrp, values)
{
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		world = parse(values[i].global, values[i].body, false);
		cr_assert_not_null(world.conf, "%s: %s", values[i].body,
				   world.said);
		cr_assert_eq(world.conf->vrrp->nr_instances, 1);
		cr_expect_eq(value_at(world.conf->vrrp->instances,
				      values[i].offset, values[i].size),
			     values[i].wanted, "%s %s: %lld", values[i].global,
			     values[i].body,
			     (long long)value_at(world.conf->vrrp->instances,
						 values[i].offset,
						 values[i].size));
		world_free(&world);
	}
}

/* Where adverts go and come from. */
static const struct {
	const char *global, *body, *source, *group;
} places[] = {
	{ "", V4, "none", "224.0.0.18" },
	{ "", V6, "none", "ff02::12" },
	{ "vrrp_mcast_group4 224.0.0.50", V4, "none", "224.0.0.50" },
	{ "vrrp_mcast_group6 ff02::50", V6, "none", "ff02::50" },
	{ "vrrp_mcast_group4 224.0.0.50", "mcast_dst_ip 224.0.0.51\n" V4,
	  "none", "224.0.0.51" },
	{ "", "mcast_src_ip 192.0.2.8\n" V4, "192.0.2.8", "224.0.0.18" },
	{ "", "unicast_src_ip 192.0.2.8\nunicast_peer {\n192.0.2.9\n}\n" V4,
	  "192.0.2.8", "224.0.0.18" },
	{ "",
	  "unicast_src_ip 192.0.2.8\nmcast_src_ip 192.0.2.7\nunicast_peer {\n192.0.2.9\n}\n" V4,
	  "192.0.2.8", "224.0.0.18" },
};

Test(conf_vrrp, source_and_group)
{
	const struct vrrp_conf_instance *vi;
	char text[ADDR_TEXT_MAX], body[256];
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(body, sizeof(body), WHOLE "%s", places[i].body);
		world = parse(places[i].global, body, false);
		cr_assert_not_null(world.conf, "%s", world.said);
		vi = world.conf->vrrp->instances;
		cr_expect_str_eq(addr_format(&vi->source, text),
				 places[i].source, "%s", body);
		cr_expect_str_eq(addr_format(&vi->group, text), places[i].group,
				 "%s", body);
		world_free(&world);
	}
}

/* Lines of virtual_ipaddress, written out again as we understand them. */
static const struct {
	const char *line, *wanted;
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1/32 scope 0 lft -1" },
	{ "192.0.2.1/24", "192.0.2.1/24 scope 0 lft -1" },
	{ "192.0.2.1/0 brd +",
	  "192.0.2.1/0 brd 255.255.255.255 scope 0 lft -1" },
	{ "192.0.2.1/31 brd +", "192.0.2.1/31 scope 0 lft -1" },
	{ "192.0.2.1 brd +", "192.0.2.1/32 scope 0 lft -1" },
	{ "192.0.2.1/24 brd +", "192.0.2.1/24 brd 192.0.2.255 scope 0 lft -1" },
	{ "brd + 192.0.2.1/30", "192.0.2.1/30 brd 192.0.2.3 scope 0 lft -1" },
	{ "192.0.2.1/24 brd -", "192.0.2.1/24 brd 192.0.2.0 scope 0 lft -1" },
	{ "192.0.2.1/24 broadcast 192.0.2.9",
	  "192.0.2.1/24 brd 192.0.2.9 scope 0 lft -1" },
	{ "192.0.2.1/24 dev eth1 scope link label eth1:0",
	  "192.0.2.1/24 dev eth1 label eth1:0 scope 253 lft -1" },
	{ "dev eth1 192.0.2.1 scope 7",
	  "192.0.2.1/32 dev eth1 scope 7 lft -1" },
	{ "192.0.2.1 peer 192.0.2.2/31 scope host",
	  "192.0.2.1/31 peer 192.0.2.2 scope 254 lft -1" },
	{ "192.0.2.1 scope nowhere preferred_lft 60",
	  "192.0.2.1/32 scope 255 lft 60" },
	{ "2001:db8::1/64 home mngtmpaddr noprefixroute autojoin -nodad",
	  "2001:db8::1/64 scope 0 flags 710 dad lft -1" },
	{ "fe80::1/64 preferred_lft forever", "fe80::1/64 scope 0 lft -2" },
};

static void describe(const struct vrrp_conf_address *address, char *out,
		     size_t size)
{
	char text[ADDR_TEXT_MAX];
	FILE *file = fmemopen(out, size, "w");

	fprintf(file, "%s/%u", addr_format(&address->addr, text),
		address->prefix);
	if (addr_is_set(&address->broadcast))
		fprintf(file, " brd %s",
			addr_format(&address->broadcast, text));
	if (addr_is_set(&address->peer))
		fprintf(file, " peer %s", addr_format(&address->peer, text));
	if (address->dev)
		fprintf(file, " dev %s", address->dev);
	if (address->label)
		fprintf(file, " label %s", address->label);
	fprintf(file, " scope %u", address->scope);
	if (address->flags)
		fprintf(file, " flags %x", address->flags);
	if (address->dad)
		fputs(" dad", file);
	fprintf(file, " lft %d", (int)address->preferred_lft);
	fclose(file);
}

Test(conf_vrrp, address_lines)
{
	char body[256], text[256];
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		snprintf(body, sizeof(body),
			 WHOLE V4 "virtual_ipaddress_excluded {\n%s\n}\n",
			 addresses[i].line);
		world = parse("", body, false);
		cr_assert_not_null(world.conf, "%s", world.said);
		cr_assert_eq(world.conf->vrrp->instances->nr_excluded, 1);
		describe(world.conf->vrrp->instances->excluded, text,
			 sizeof(text));
		cr_expect_str_eq(text, addresses[i].wanted);
		world_free(&world);
	}
}

Test(conf_vrrp, password)
{
	const char *body = WHOLE
		"authentication {\nauth_type PASS\nauth_pass pass\n}\n" V4;
	struct world world = parse("", body, false);
	const struct vrrp_conf_instance *vi = world.conf->vrrp->instances;
	char *printed = world_print(world.conf);

	cr_assert_eq(vi->auth, VRRP_AUTH_SIMPLE);
	cr_assert_arr_eq(vi->auth_data, "pass\0\0\0\0", VRRP_AUTH_LENGTH);
	cr_assert_null(strstr(printed, "auth_pass pass"));
	cr_assert_not_null(strstr(printed, "auth_pass ***"));
	free(printed);
	world_free(&world);

	world = parse(
		"",
		WHOLE
		"authentication {\nauth_type PASS\nauth_pass 123456789\n}\n" V4,
		false);
	cr_assert_arr_eq(world.conf->vrrp->instances->auth_data, "12345678",
			 VRRP_AUTH_LENGTH);
	cr_assert_eq(world.report.warnings, 1);
	cr_assert_null(strstr(world.said, "12345678"));
	world_free(&world);
}

/* Unicast alone can do without an interface. */
Test(conf_vrrp, unicast_without_interface)
{
	struct world world =
		parse("",
		      "virtual_router_id 3\nunicast_peer {\n192.0.2.9\n}\n"
		      "virtual_ipaddress {\n192.0.2.1 dev eth0\n}\n",
		      false);

	cr_assert_not_null(world.conf, "%s", world.said);
	cr_assert_str_eq(world.conf->vrrp->instances->ifname, "");
	world_free(&world);
}

Test(conf_vrrp, peers_have_a_range_of_ttls)
{
	struct world world = parse(
		"",
		WHOLE
		"unicast_peer {\n192.0.2.8\n192.0.2.9 max_ttl 64 min_ttl 63\n}\n" V4,
		false);
	const struct vrrp_conf_peer *peers = world.conf->vrrp->instances->peers;

	cr_assert(peers[0].min_ttl == 0 && peers[0].max_ttl == 255);
	cr_assert(peers[1].min_ttl == 63 && peers[1].max_ttl == 64);
	world_free(&world);
}

/* The process's own settings. */
Test(conf_vrrp, process)
{
	struct world world = parse(
		"vrrp_rt_priority 50\nvrrp_rlimit_rttime 10000\nvrrp_priority -7\n"
		"vrrp_no_swap\nvrrp_startup_delay 2.5",
		WHOLE V4, false);
	const struct vrrp_conf *vrrp = world.conf->vrrp;

	cr_assert(vrrp->scheduling.rt_priority == 50 &&
		  vrrp->scheduling.rlimit_rttime == 10000 &&
		  vrrp->scheduling.nice == -7 && vrrp->scheduling.lock_memory &&
		  vrrp->startup_delay == 2500000);
	world_free(&world);
}

Test(conf_vrrp, without_instances_there_is_nothing)
{
	struct world world = world_parse("global_defs {\n}\n", false);

	cr_assert_eq(world.conf->vrrp->nr_instances, 0);
	cr_assert_eq(world.conf->vrrp->nr_trackers, 0);
	cr_assert_eq(world.conf->pair->nr_watches, 0);
	cr_assert_null(world.conf->pair->sync.ifname);
	cr_assert_null(world.conf->pair->fifo.path);
	world_free(&world);
}

/* As many as fit into an advert, and one more. */
static struct world parse_many(unsigned n, bool v6, bool compat)
{
	struct world world;
	char *body = NULL;
	size_t size;
	FILE *out = open_memstream(&body, &size);
	unsigned i;

	fputs(WHOLE "virtual_ipaddress {\n", out);
	for (i = 0; i < n; i++)
		fprintf(out, v6 ? "fe80::%x\n" : "10.%u.0.1\n", i % 256);
	fputs("}\n", out);
	fclose(out);
	world = parse("", body, compat);
	free(body);
	return world;
}

Test(conf_vrrp, an_advert_has_so_much_room)
{
	static const struct {
		unsigned n;
		bool v6;
	} limits[] = { { 255, false }, { 90, true } };
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		world = parse_many(limits[i].n, limits[i].v6, false);
		cr_assert_not_null(world.conf, "%s", world.said);
		cr_assert_eq(world.conf->vrrp->instances->nr_addresses,
			     limits[i].n);
		world_free(&world);

		world = parse_many(limits[i].n + 1, limits[i].v6, false);
		cr_assert_null(world.conf);
		cr_assert_not_null(strstr(world.said, "excluded"));
		world_free(&world);

		world = parse_many(limits[i].n + 3, limits[i].v6, true);
		cr_assert_eq(world.conf->vrrp->instances->nr_addresses,
			     limits[i].n);
		cr_assert_eq(world.conf->vrrp->instances->nr_excluded, 3);
		world_free(&world);
	}
}
