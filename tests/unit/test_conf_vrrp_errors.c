/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What VRRP refuses and what it warns about; and what is left of it under
 * keepalived_compat.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"

#define K32 "0123456789abcdef0123456789abcdef"
#define KEY(id) "key " id " " K32
#define WHOLE "interface eth0\nvirtual_router_id 7\n"
#define V4 "virtual_ipaddress {\n192.0.2.1\n}\n"
#define V6 "virtual_ipaddress {\nfe80::1\n}\n"

static struct world parse_body(const char *body, bool compat)
{
	struct world world;
	char *text = NULL;

	cr_assert(asprintf(&text, "vrrp_instance i {\n%s}\n", body) > 0);
	world = world_parse(text, compat);
	free(text);
	return world;
}

/* One mistake each; LEFT: is the instance still there with leniency? */
static const struct {
	const char *body, *said;
	bool left;
} mistakes[] = {
	{ "interface eth0\n" V4, "needs a 'virtual_router_id'", false },
	{ "virtual_router_id 7\n" V4, "needs an 'interface'", false },
	{ WHOLE, "has no virtual_ipaddress", true },
	{ "virtual_router_id 7\nunicast_peer {\n192.0.2.9\n}\n" V4,
	  "each of its addresses needs a 'dev'", false },
	{ WHOLE "virtual_ipaddress {\n}\n", "has no virtual_ipaddress", true },
	{ "interface eth0\nvirtual_router_id 0\n" V4, "from 1 to 255", false },
	{ "interface eth0\nvirtual_router_id 256\n" V4, "from 1 to 255",
	  false },
	{ WHOLE "priority 0\n" V4, "from 1 to 255", true },
	{ WHOLE "priority 256\n" V4, "from 1 to 255", true },
	{ WHOLE "state FAULT\n" V4, "MASTER or BACKUP", true },
	{ WHOLE "advert_int 0\n" V4, "from 0.01 to 255", true },
	{ WHOLE "advert_int 256\n" V4, "from 0.01 to 255", true },
	{ WHOLE "advert_int 0.5\n" V4, "whole seconds", true },
	{ WHOLE "version 3\nadvert_int 40.96\n" V4, "40.95", true },
	{ WHOLE "version 3\nadvert_int 0.011\n" V4, "steps of 0.01", true },
	{ WHOLE "version 1\n" V4, "from 2 to 3", true },
	{ WHOLE "version 2\n" V6, "IPv6 needs version 3", true },
	{ WHOLE "down_timer_adverts 101\n" V4, "from 1 to 100", true },
	{ WHOLE "preempt_delay 1000.1\n" V4, "from 0 to 1000", true },
	{ WHOLE "virtual_ipaddress {\n192.0.2.1\nfe80::1\n}\n",
	  "virtual_ipaddress_excluded", true },
	{ WHOLE "unicast_peer {\n}\n" V4, "unicast_peer", true },
	{ WHOLE "unicast_src_ip 192.0.2.1\n" V4, "unicast_peer", true },
	{ WHOLE "unicast_peer {\nfe80::1\n}\n" V4, "must be as well", true },
	{ WHOLE "mcast_src_ip fe80::1\n" V4, "must be as well", true },
	{ WHOLE "mcast_dst_ip ff02::5\n" V4, "IPv4 multicast", true },
	{ WHOLE "mcast_dst_ip 192.0.2.1\n" V4, "IPv4 multicast", true },
	{ WHOLE "auth_hmac {\nkey 1 short\nactive_key 1\n}\n" V4,
	  "32 to 64 bytes", true },
	{ WHOLE "auth_hmac {\n" KEY("0") "\n}\n" V4, "its number, 1 to 255",
	  true },
	{ WHOLE "auth_hmac {\n" KEY("256") "\n}\n" V4, "its number, 1 to 255",
	  true },
	{ WHOLE "auth_hmac {\n" KEY("1") "\n}\n" V4, "needs an 'active_key'",
	  true },
	{ WHOLE "auth_hmac {\n" KEY("1") "\nactive_key 2\n}\n" V4,
	  "there is none with it", true },
	{ WHOLE "auth_hmac {\n" KEY("1") "\n" KEY("1") "\nactive_key 1\n}\n" V4,
	  "a key 1 already", true },
	{ WHOLE "auth_hmac {\nactive_key 1\n}\n" V4, "needs a 'key'", true },
	{ WHOLE "auth_hmac {\nkey 1 hex:00\n}\n" V4, "64 to 128 hex", true },
	{ WHOLE "auth_hmac {\nkey 1 hex:" K32 K32 "0\n}\n" V4, "odd number",
	  true },
	{ WHOLE "auth_hmac {\nkey 1 hex:" K32 "G" K32 "0\n}\n" V4,
	  "no hexadecimal digit", true },
	{ WHOLE "strict_mode on\nversion 3\nauth_hmac {\n" KEY(
		  "1") "\nactive_key 1\nmode permissive\n}\n" V4,
	  "needs 'mode enforce'", true },
	{ WHOLE "authentication {\nauth_type PASS\n}\n" V4,
	  "needs an 'auth_pass'", true },
	{ WHOLE "authentication {\nauth_pass x\n}\n" V4,
	  "needs 'auth_type PASS'", true },
	{ WHOLE "track_script {\nnobody\n}\n" V4,
	  "no vrrp_script 'nobody' in the file", true },
	{ WHOLE "track_file {\nnobody\n}\n" V4,
	  "no track_file 'nobody' in the file", true },
	{ WHOLE "track_process {\nnobody\n}\n" V4,
	  "no vrrp_track_process 'nobody' in the file", true },
	{ WHOLE "track_interface {\neth1\neth1\n}\n" V4, "tracked here already",
	  true },
	{ WHOLE "track_interface {\neth1 weight 254\n}\n" V4,
	  "from -253 to 253", true },
	{ WHOLE "track_interface {\neth1 weight 3 backwards\n}\n" V4,
	  "neither 'reverse' nor 'noreverse'", true },
	{ WHOLE "interface 0123456789abcdef\n" V4, "name of an interface",
	  true },
	{ WHOLE V4 "virtual_routes {\nvia 192.0.2.1\n}\n", "no destination",
	  true },
	{ WHOLE V4 "virtual_rules {\nfrom 192.0.2.1\n}\n", "table", true },
	{ WHOLE "strict_mode\nvirtual_ipaddress {\n2001:db8::1\n}\n",
	  "link-local", true },
};

Test(conf_vrrp_errors, each_refuses_the_file_and_says_why)
{
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		world = parse_body(mistakes[i].body, false);
		cr_expect_null(world.conf, "%s", mistakes[i].body);
		cr_expect(world.said && strstr(world.said, mistakes[i].said),
			  "%s says %s", mistakes[i].body, world.said);
		world_free(&world);
	}
}

/* What keepalived passes over, and people's files have. */
Test(conf_vrrp_errors, some_are_warnings_in_both_modes)
{
	static const struct {
		const char *body, *said;
	} rows[] = {
		{ WHOLE "state MASTER\npriority 9\nnopreempt\n" V4,
		  "'nopreempt' is ignored" },
		{ WHOLE "state MASTER\npriority 9\npreempt_delay 5\n" V4,
		  "at once, and does" },
		{ WHOLE "nopreempt\npreempt_delay 5\n" V4,
		  "nothing to be delayed" },
		{ WHOLE "priority 255\nnopreempt\n" V4, "always takes over" },
		{ WHOLE "authentication {\nauth_type AH\nauth_pass x\n}\n" V4,
		  "AH is not acted on" },
		{ WHOLE "authentication {\nauth_type PASS\nauth_pass x\n}\n"
			"auth_hmac {\n" KEY("1") "\nactive_key 1\n}\n" V4,
		  "takes the place of 'authentication'" },
	};
	struct world world;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		world = parse_body(rows[i / 2].body, i % 2);
		cr_assert_not_null(world.conf, "%s", rows[i / 2].body);
		cr_expect_eq(world.report.warnings, 1);
		cr_expect(strstr(world.said, rows[i / 2].said), "%s",
			  world.said);
		world_free(&world);
	}
}

Test(conf_vrrp_errors, with_leniency_the_word_is_left_out)
{
	struct world world;
	char *printed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		world = parse_body(mistakes[i].body, true);
		cr_assert_not_null(world.conf, "%s says %s", mistakes[i].body,
				   world.said);
		cr_expect(strstr(world.said, mistakes[i].said));
		cr_expect(world.report.warnings > 0);
		cr_expect_eq(world.conf->vrrp->nr_instances, mistakes[i].left,
			     "%s", mistakes[i].body);
		printed = world_print(world.conf);
		cr_expect_eq(!!strstr(printed, "vrrp_instance"),
			     mistakes[i].left);
		free(printed);
		world_free(&world);
	}
}

/* Not keepalived's, so that leniency does not help either. */
Test(conf_vrrp_errors, an_unknown_pool_is_refused_in_every_mode)
{
	const char *body = WHOLE
		"track_virtual_server 192.0.2.1 80 weight 3\n" V4;
	struct world world;
	int compat;

	for (compat = 0; compat < 2; compat++) {
		world = parse_body(body, compat);
		cr_expect_null(world.conf);
		cr_expect(
			strstr(world.said, "no virtual_server '192.0.2.1 80'"));
		world_free(&world);
	}
}

/*
 * Legal; a warning, or a note if all goes as written, says what somebody should
 * know. NULL: nothing is said.
 */
static const struct {
	const char *text, *said;
} advice[] = {
	{ "vrrp_instance i {\n" WHOLE V4 "}\n", NULL },
	{ "vrrp_instance i {\n" WHOLE V6 "}\n", NULL },
	{ "vrrp_instance i {\n" WHOLE "state MASTER\n" V4 "}\n",
	  "no priority, which makes it 255" },
	{ "vrrp_instance i {\n" WHOLE
	  "virtual_ipaddress {\n2001:db8::1\n}\n}\n",
	  "link-local" },
	{ "vrrp_instance i {\n" WHOLE "version 3\n"
	  "authentication {\nauth_type PASS\nauth_pass x\n}\n" V4 "}\n",
	  "version 3 has no authentication" },
	{ "vrrp_instance i {\n" WHOLE "strict_mode\n"
	  "authentication {\nauth_type PASS\nauth_pass x\n}\n" V4 "}\n",
	  "strict mode has no authentication" },
	{ "vrrp_script s {\nscript /bin/true\nweight 5\n}\n"
	  "vrrp_instance i {\n" WHOLE "nopreempt\ntrack_script {\ns\n}\n" V4
	  "}\n",
	  "will not move 'i'" },
	{ "vrrp_script s {\nscript /bin/true\n}\n"
	  "vrrp_instance i {\n" WHOLE "nopreempt\ntrack_script {\ns\n}\n" V4
	  "}\n",
	  NULL },
	{ "vrrp_instance i {\n" WHOLE
	  "priority 255\ntrack_interface {\neth1 weight 5\n}\n" V4 "}\n",
	  "priority 255 never changes" },
	{ "vrrp_instance i {\n" WHOLE
	  "virtual_ipaddress {\n192.0.2.1\n192.0.2.1/24\n}\n}\n",
	  "an address twice" },
	{ "vrrp_script s {\nscript /bin/true\n}\n"
	  "vrrp_instance i {\n" WHOLE V4 "}\n",
	  "nothing tracks 's'" },
	{ "vrrp_instance i {\n" WHOLE "garp_master_repeat 0\n" V4 "}\n",
	  "hardware address" },
	{ "vrrp_instance i {\n" WHOLE "version 3\nadvert_int 0.05\n" V4 "}\n",
	  "note: with adverts of 'i' so close together" },
	{ "global_defs {\nvrrp_rt_priority 5\n}\nvrrp_instance i {\n" WHOLE
	  "version 3\nadvert_int 0.05\n" V4 "}\n",
	  NULL },
	{ "vrrp_instance i {\n" WHOLE V4 "}\nvrrp_sync_group g {\n"
	  "group {\ni\n}\n}\n",
	  "note: the vrrp_sync_group 'g' has one member only" },
};

static uint32_t is_note(const char *said)
{
	return strncmp(said, "note: ", 6) == 0;
}

Test(conf_vrrp_errors, advice)
{
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(advice); i++) {
		world = world_parse(advice[i].text, false);
		cr_assert_not_null(world.conf, "%s", world.said);
		if (advice[i].said)
			cr_expect(world.report.notes + world.report.warnings ==
						  1 &&
					  world.report.notes ==
						  is_note(advice[i].said) &&
					  strstr(world.said, advice[i].said),
				  "%s says %s", advice[i].text, world.said);
		else
			cr_expect_eq(world.said_len, 0, "%s", world.said);
		world_free(&world);
	}
}

/* Two instances: what they must not share. */
static const struct {
	const char *first, *second;
	bool good;
} twins[] = {
	{ "interface a\nvirtual_router_id 1\n" V4,
	  "interface a\nvirtual_router_id 1\n" V4, false },
	{ "interface a\nvirtual_router_id 1\nuse_vmac\n" V4,
	  "interface a\nvirtual_router_id 1\n" V4, false },
	{ "interface a\nvirtual_router_id 1\n" V4,
	  "interface b\nvirtual_router_id 1\n" V4, true },
	{ "interface a\nvirtual_router_id 1\n" V4,
	  "interface a\nvirtual_router_id 2\n" V4, true },
	{ "interface a\nvirtual_router_id 1\n" V4,
	  "interface a\nvirtual_router_id 1\n" V6, true },
	{ "interface a\nvirtual_router_id 1\n" V6,
	  "interface a\nvirtual_router_id 1\n" V6, false },
	/* Other groups and other senders are told apart; but not a vmac. */
	{ "interface a\nvirtual_router_id 1\n" V4,
	  "interface a\nvirtual_router_id 1\nmcast_dst_ip 224.0.0.9\n" V4,
	  true },
	{ "interface a\nvirtual_router_id 1\nuse_vmac x\n" V4,
	  "interface a\nvirtual_router_id 1\nuse_vmac y\n"
	  "mcast_dst_ip 224.0.0.9\n" V4,
	  false },
	{ "interface a\nvirtual_router_id 1\n" V4,
	  "interface a\nvirtual_router_id 1\nunicast_peer {\n192.0.2.9\n}\n" V4,
	  true },
	{ "interface a\nvirtual_router_id 1\nunicast_src_ip 192.0.2.7\n"
	  "unicast_peer {\n192.0.2.9\n}\n" V4,
	  "interface a\nvirtual_router_id 1\nunicast_src_ip 192.0.2.8\n"
	  "unicast_peer {\n192.0.2.9\n}\n" V4,
	  true },
	{ "interface a\nvirtual_router_id 1\nunicast_src_ip 192.0.2.7\n"
	  "unicast_peer {\n192.0.2.9\n}\n" V4,
	  "interface a\nvirtual_router_id 1\n"
	  "unicast_peer {\n192.0.2.8\n}\n" V4,
	  false },
};

Test(conf_vrrp_errors, a_vrid_is_one_router)
{
	struct world world;
	char text[1024];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(twins); i++) {
		snprintf(text, sizeof(text),
			 "vrrp_instance x {\n%s}\nvrrp_instance y {\n%s}\n",
			 twins[i].first, twins[i].second);
		world = world_parse(text, false);
		cr_expect_eq(world.conf != NULL, twins[i].good, "%s", text);
		world_free(&world);
		world = world_parse(text, true);
		cr_expect_eq(world.conf->vrrp->nr_instances,
			     twins[i].good ? 2 : 1);
		world_free(&world);
	}
}

Test(conf_vrrp_errors, names_are_unique)
{
	static const char *const texts[] = {
		"vrrp_instance x {\n" WHOLE V4 "}\nvrrp_instance x {\n"
		"interface b\nvirtual_router_id 1\n" V4 "}\n",
		"vrrp_script x {\nscript /a\n}\nvrrp_script x {\nscript /b\n}\n",
		"track_file x {\nfile /a\n}\nvrrp_track_file x {\nfile /b\n}\n",
	};
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		world = world_parse(texts[i], false);
		cr_expect_null(world.conf);
		cr_expect(strstr(world.said, "already"));
		world_free(&world);
	}
	/* A script and a file are of different kinds. */
	world = world_parse("vrrp_script x {\nscript /a\n}\n"
			    "track_file x {\nfile /b\n}\n",
			    false);
	cr_assert_not_null(world.conf);
	world_free(&world);
}
