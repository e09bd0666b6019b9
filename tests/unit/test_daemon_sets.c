/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sets there are to be, what is in them, and the rules: no kernel. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/netfilter/firewall.h"
#include "daemon/netfilter/sets.h"
#include "conf/conf.h"
#include "conf/vrrp_conf.h"

#define INSTANCE(name, vrid, word, vip)                         \
	"vrrp_instance " name " {\n interface eth0\n "          \
	"virtual_router_id " vrid "\n priority 100\n" word "\n" \
	"virtual_ipaddress {\n" vip "\n}\n}\n"
#define POOL(vip, more, one, two)                                         \
	"virtual_server " vip " {\n lvs_sched wlc\n lvs_method DR\n" more \
	"\n real_server " one " {\n}\n real_server " two " {\n}\n}\n"

static const char text_both[] =
	"global_defs {\n vrrp_ipsets held\n lvs_ipsets ek\n}\n" INSTANCE(
		"a", "1", "no_accept", "192.0.2.1") INSTANCE("b", "2", "accept",
							     "192.0.2.2")
		INSTANCE("c", "3", "no_accept", "fe80::1\n2001:db8::1")
			POOL("192.0.2.1 3306", "protocol TCP", "10.0.0.1 3306",
			     "10.0.0.2 3306")
				POOL("fwmark 5", "", "10.0.0.1 3306",
				     "10.0.0.2 3306")
					POOL("192.0.2.2 0",
					     "protocol UDP\n"
					     "persistence_timeout 9",
					     "10.0.0.1 0", "10.0.0.2 0");

struct sets_world {
	struct conf *conf;
	struct table table;
	bool held[4];
	struct sets_input input;
	struct sets_names names;
	struct addrsets wanted;
};

static struct sets_world *sets_world_new(const char *source)
{
	struct sets_world *world = xcalloc(1, sizeof(*world));
	struct conf_options options = { .config_id = "test" };
	struct conf_report report = { 0 };
	char path[] = "/tmp/evenkeel-sets.XXXXXX", *text;
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	size_t length;

	cr_assert_not_null(file);
	fputs(source, file);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(conf_read(path, &options, &text, &length, &report), 0);
	remove(path);
	cr_assert_eq(conf_parse(text, length, &options, &world->conf, &report),
		     0);
	free(text);
	world->input = (struct sets_input){ .conf = world->conf,
					    .table = &world->table,
					    .held = world->held,
					    .vrrp = true,
					    .lvs = true };
	sets_make_names(&world->names, "");
	return world;
}

static void sets_world_free(struct sets_world *world)
{
	addrsets_free(&world->wanted);
	table_free(&world->table);
	conf_free(world->conf);
	free(world);
}

/* Service VS of the file as the decision would have it. */
static void serve(struct sets_world *world, uint32_t vs, uint32_t weight1,
		  uint32_t weight2)
{
	const struct conf_virtual_server *conf =
		&world->conf->virtual_servers[vs];
	const uint32_t weights[] = { weight1, weight2 };
	struct table_service *service = table_add_service(&world->table);
	struct table_dest *dest;
	uint32_t i;

	service->key = conf->keys[0];
	service->ref = vs;
	for (i = 0; i < 2; i++) {
		dest = table_add_dest(&world->table);
		dest->rip = world->conf->servers[conf->first_server + i].addr;
		dest->weight = weights[i];
	}
}

/* "NAME: MEMBER MEMBER"; NULL if there is no such set. */
static const char *show(struct sets_world *world, const char *name)
{
	static char text[1024];
	const struct addrset *set = addrsets_find(&world->wanted, name);
	char ep[ENDPOINT_TEXT_MAX];
	size_t i, n = 0;

	if (!set)
		return NULL;
	text[0] = '\0';
	for (i = 0; i < set->nr; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
				      i ? " " : "",
				      endpoint_format(&set->members[i].ep, ep));
	return text;
}

static void decide(struct sets_world *world)
{
	addrsets_free(&world->wanted);
	sets_wanted(&world->input, &world->names, &world->wanted);
}

Test(daemon_sets, no_accept_is_prepared_before_the_address_is_held)
{
	struct sets_world *world = sets_world_new(text_both);

	serve(world, 0, 1, 1);
	decide(world);
	cr_assert_str_eq(show(world, "evenkeel-drop"), "192.0.2.1");
	cr_assert_str_eq(show(world, "evenkeel6-drop"), "2001:db8::1 fe80::1");
	cr_assert_str_eq(show(world, "evenkeel-accept"), "192.0.2.1:3306");
	cr_assert_str_eq(show(world, "evenkeel6-accept"), "");
	cr_assert_str_eq(show(world, "held"), "");
	cr_assert(sets_protects(&world->input, AF_INET));
	sets_world_free(world);
}

Test(daemon_sets, held_addresses_follow_the_states)
{
	struct sets_world *world = sets_world_new(text_both);

	world->held[1] = true;
	world->held[2] = true;
	decide(world);
	cr_assert_str_eq(show(world, "held"), "192.0.2.2");
	cr_assert_str_eq(show(world, "held6"), "2001:db8::1 fe80::1");
	world->held[2] = false;
	decide(world);
	cr_assert_str_eq(show(world, "held6"), "");
	sets_world_free(world);
}

Test(daemon_sets, a_pool_has_its_serving_servers)
{
	struct sets_world *world = sets_world_new(text_both);

	serve(world, 0, 100, 0);
	serve(world, 1, 1, 1);
	serve(world, 2, 0, 1);
	decide(world);
	cr_assert_str_eq(show(world, "ek-192.0.2.1:3306"), "10.0.0.1:3306");
	/* Of a mark, and of all ports: addresses alone. */
	cr_assert_str_eq(show(world, "ek-fwmark_5"), "10.0.0.1 10.0.0.2");
	cr_assert_str_eq(show(world, "ek-192.0.2.2:udp"), "10.0.0.2");
	cr_assert_str_eq(show(world, "ek-served"), "192.0.2.1:3306");
	cr_assert_str_eq(show(world, "ek6-served"), "");
	cr_assert_null(show(world, "ek6-fwmark_5"));
	sets_world_free(world);
}

/* As a service of the checks' own (probe_path client) stands in the wanted table. */
Test(daemon_sets, marks_of_probes_are_in_no_set)
{
	struct sets_world *world = sets_world_new(text_both);
	struct table_service *service;
	size_t before;

	serve(world, 0, 1, 1);
	serve(world, 1, 1, 1);
	decide(world);
	before = world->wanted.nr;
	service = table_add_service(&world->table);
	service->key.fwmark = CONF_PROBE_MARKS_FIRST;
	service->key.family = AF_INET;
	table_add_dest(&world->table)->weight = 1;
	/* The last service's reference would be the first pool's. */
	cr_assert_eq(service->ref, TABLE_NO_REF);
	decide(world);
	cr_expect_eq(world->wanted.nr, before);
	cr_expect_str_eq(show(world, "ek-192.0.2.1:3306"),
			 "10.0.0.1:3306 10.0.0.2:3306");
	cr_expect_str_eq(show(world, "ek-fwmark_5"), "10.0.0.1 10.0.0.2");
	cr_expect_null(show(world, "ek-fwmark_1163264000"));
	cr_expect_str_eq(show(world, "ek-served"), "192.0.2.1:3306");
	sets_world_free(world);
}

Test(daemon_sets, what_is_unknown_is_left_out)
{
	struct sets_world *world = sets_world_new(text_both);

	world->input.table = NULL;
	world->input.held = NULL;
	decide(world);
	cr_assert_null(show(world, "held"));
	cr_assert_null(show(world, "ek-served"));
	/* But no_accept must not cut off what the file serves. */
	cr_assert_str_eq(show(world, "evenkeel-accept"), "192.0.2.1:3306");
	sets_world_free(world);
}

Test(daemon_sets, each_half_sees_to_its_own)
{
	struct sets_world *world = sets_world_new(text_both);

	world->input.vrrp = false;
	decide(world);
	cr_assert_null(show(world, "held"));
	cr_assert_null(show(world, "evenkeel-drop"));
	cr_assert_not_null(show(world, "ek-served"));
	world->input.vrrp = true;
	world->input.lvs = false;
	decide(world);
	cr_assert_not_null(show(world, "held"));
	cr_assert_null(show(world, "ek-served"));
	sets_world_free(world);
}

/* Most decisions only move weights; those must cost nothing. */
Test(daemon_sets, the_fingerprint_sees_what_matters)
{
	struct sets_world *world = sets_world_new(text_both);
	uint64_t print, before;

	serve(world, 0, 50, 100);
	before = sets_fingerprint(&world->input);
	world->table.dests[0].weight = 51;
	cr_assert_eq(sets_fingerprint(&world->input), before);
	world->table.dests[0].weight = 0;
	print = sets_fingerprint(&world->input);
	cr_assert_neq(print, before);
	world->table.dests[0].weight = 50;
	world->held[1] = true;
	cr_assert_neq(sets_fingerprint(&world->input), before);
	world->input.held = NULL;
	cr_assert_neq(sets_fingerprint(&world->input), before);
	world->input.held = world->held;
	world->held[1] = false;
	cr_assert_eq(sets_fingerprint(&world->input), before);
	serve(world, 1, 0, 0);
	cr_assert_neq(sets_fingerprint(&world->input), before);
	sets_world_free(world);
}

Test(daemon_sets, nothing_unless_asked_for)
{
	struct sets_world *world =
		sets_world_new(INSTANCE("a", "1", "accept", "192.0.2.1")
				       POOL("192.0.2.1 3306", "protocol TCP",
					    "10.0.0.1 3306", "10.0.0.2 3306"));

	serve(world, 0, 1, 1);
	world->held[0] = true;
	decide(world);
	cr_assert_eq(world->wanted.nr, 0);
	cr_assert_not(sets_protects(&world->input, AF_INET));
	sets_world_free(world);
}

Test(daemon_sets, an_owner_accepts)
{
	struct sets_world *world = sets_world_new(
		INSTANCE("a", "1", "no_accept\n priority 255", "192.0.2.1"));

	decide(world);
	cr_assert_eq(world->wanted.nr, 0);
	sets_world_free(world);
}

Test(daemon_sets, pools_with_the_same_name_have_sets_of_their_own)
{
	struct sets_world *world = sets_world_new(
		"global_defs {\n lvs_ipsets ek\n}\n"
		"virtual_server_group a+b {\n192.0.2.1 3306\n}\n"
		"virtual_server_group a/b {\n192.0.2.2 3306\n}\n" POOL(
			"group a+b", "protocol TCP", "10.0.0.1 1", "10.0.0.2 2")
			POOL("group a/b", "protocol TCP", "10.0.0.3 3",
			     "10.0.0.4 4"));

	serve(world, 0, 1, 1);
	serve(world, 1, 1, 1);
	decide(world);
	cr_assert_eq(world->wanted.nr, 4);
	cr_assert_not_null(show(world, "ek-group_a_b"));
	cr_assert_eq(world->wanted.sets[3].nr, 2);
	cr_assert_eq(strncmp(world->wanted.sets[3].name, "ek-group_a_b~", 13),
		     0);
	sets_world_free(world);
}

/* Rules come in the order in which they are looked at. */
static void check_order(const char *text, const char *const *words)
{
	for (; *words; words++) {
		const char *at = strstr(text, *words);

		cr_assert_not_null(at, "%s is not behind the others", *words);
		text = at + strlen(*words);
	}
}

Test(daemon_sets, what_is_served_returns_before_the_drop)
{
	static const char *const v4[] = {
		"*filter\n:MINE - [0:0]\n",
		"-A MINE -m set ! --match-set d dst -j RETURN\n",
		"-A MINE -m set --match-set s dst,dst -j RETURN\n",
		"-A MINE -m mark --mark 5 -j RETURN\n",
		"-A MINE -d 192.0.2.2 -p 17 -j RETURN\n",
		"--icmp-type 3 -j RETURN\n",
		"-A MINE -j DROP\nCOMMIT\n",
		NULL
	};
	static const char *const v6[] = { "--icmpv6-type 2 -j RETURN\n",
					  "--icmpv6-type 135 -j RETURN\n",
					  "--icmpv6-type 136 -j RETURN\n",
					  "-A MINE -j DROP\n", NULL };
	struct service_key keys[2] = {
		{ .fwmark = 5, .family = AF_INET },
		{ .family = AF_INET, .protocol = IPPROTO_UDP },
	};
	struct firewall_plan plan = { .family = AF_INET,
				      .chain = "MINE",
				      .drop = "d",
				      .accept = "s",
				      .keys = keys,
				      .nr_keys = 2 };
	char *text;

	cr_assert_eq(addr_parse(&keys[1].vip.addr, "192.0.2.2", 9), 0);
	text = firewall_text(&plan);
	check_order(text, v4);
	free(text);
	plan.family = AF_INET6;
	text = firewall_text(&plan);
	check_order(text, v6);
	cr_assert_null(strstr(text, "mark"));
	cr_assert_null(strstr(text, "192.0.2.2"));
	free(text);
}
