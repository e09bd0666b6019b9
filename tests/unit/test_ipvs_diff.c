/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipvs_world.h"

/* One service with three servers, as a start. */
static void start(struct table *t)
{
	world_service(t, 1);
	world_dest(t, 1, 100);
	world_dest(t, 2, 100);
	world_dest(t, 3, 0);
}

/* The operations of a plan as letters: N S D services, n s d servers. */
static const char *shape(const struct ipvs_plan *plan)
{
	static const char letters[] = "NSDnsd";
	static char text[64];
	size_t i;

	for (i = 0; i < plan->nr && i < sizeof(text) - 1; i++)
		text[i] = letters[plan->changes[i].op];
	text[i] = '\0';
	return text;
}

static void check_shape(const struct table *actual, const struct table *desired,
			const struct ipvs_keys *owned, const char *want)
{
	struct ipvs_plan plan = { 0 };

	cr_assert_eq(ipvs_diff(actual, desired, owned, &plan), 0);
	cr_assert_str_eq(shape(&plan), want);
	ipvs_plan_free(&plan);
}

Test(ipvs_diff, nothing_to_do)
{
	struct table a = { 0 }, b = { 0 };

	check_shape(&a, &b, NULL, "");
	start(&a);
	start(&b);
	check_shape(&a, &b, NULL, "");
	/* What the kernel reports and nobody wants does not count. */
	a.dests[0].active = 17;
	a.services[0].conns = 1000;
	a.services[0].timeout = 360;
	a.services[0].prefix = 24;
	b.services[0].ref = 5;
	b.dests[1].ref = 6;
	a.dests[0].tun_port = 99;
	check_shape(&a, &b, NULL, "");
	table_free(&a);
	table_free(&b);
}

Test(ipvs_diff, each_field_of_a_service)
{
	static const struct {
		const char *scheduler, *pe_name;
		uint32_t flags, timeout, prefix, fields;
	} cases[] = {
		{ "wlc", "", SERVICE_PERSISTENT, 60, 32, 0 },
		{ "rr", "", SERVICE_PERSISTENT, 60, 32, IPVS_FIELD_SCHEDULER },
		{ "wlc", "sip", SERVICE_PERSISTENT, 60, 32, IPVS_FIELD_PE },
		{ "wlc", "", SERVICE_PERSISTENT, 61, 32, IPVS_FIELD_TIMEOUT },
		{ "wlc", "", SERVICE_PERSISTENT, 60, 31, IPVS_FIELD_PREFIX },
		{ "wlc", "", 0, 61, 31, IPVS_FIELD_FLAGS },
		{ "wlc", "", SERVICE_PERSISTENT | SERVICE_SCHED3, 60, 32,
		  IPVS_FIELD_FLAGS },
		/* HASHED is the kernel's. */
		{ "wlc", "", SERVICE_PERSISTENT | 2, 60, 32, 0 },
		{ "rr", "", SERVICE_ONEPACKET, 1, 1,
		  IPVS_FIELD_SCHEDULER | IPVS_FIELD_FLAGS },
	};
	struct table_service have = { .flags = SERVICE_PERSISTENT,
				      .timeout = 60,
				      .prefix = 32,
				      .scheduler = "wlc" };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct table_service want = { .flags = cases[i].flags,
					      .timeout = cases[i].timeout,
					      .prefix = cases[i].prefix };

		snprintf(want.scheduler, sizeof(want.scheduler), "%s",
			 cases[i].scheduler);
		snprintf(want.pe_name, sizeof(want.pe_name), "%s",
			 cases[i].pe_name);
		cr_expect_eq(ipvs_compare_services(&have, &want),
			     cases[i].fields, "case %zu", i);
	}
}

Test(ipvs_diff, each_field_of_a_server)
{
	static const struct {
		struct table_dest have, want;
		uint32_t fields;
	} cases[] = {
		{ { .weight = 1 }, { .weight = 1 }, 0 },
		{ { .weight = 1 }, { .weight = 2 }, IPVS_FIELD_WEIGHT },
		{ { .forward = FORWARD_NAT },
		  { .forward = FORWARD_DR },
		  IPVS_FIELD_FORWARD },
		{ { .u_threshold = 1 },
		  { .u_threshold = 2 },
		  IPVS_FIELD_THRESHOLDS },
		{ { .l_threshold = 1 },
		  { .l_threshold = 2 },
		  IPVS_FIELD_THRESHOLDS },
		/* Tunnels matter to tunnels, and their ports to GUE. */
		{ { .forward = FORWARD_DR, .tun_type = TUNNEL_GRE },
		  { .forward = FORWARD_DR },
		  0 },
		{ { .forward = FORWARD_TUN, .tun_port = 5 },
		  { .forward = FORWARD_TUN },
		  0 },
		{ { .forward = FORWARD_TUN, .tun_type = TUNNEL_GRE },
		  { .forward = FORWARD_TUN },
		  IPVS_FIELD_TUNNEL },
		{ { .forward = FORWARD_TUN,
		    .tun_type = TUNNEL_GUE,
		    .tun_port = 1 },
		  { .forward = FORWARD_TUN,
		    .tun_type = TUNNEL_GUE,
		    .tun_port = 2 },
		  IPVS_FIELD_TUNNEL },
		{ { .forward = FORWARD_TUN,
		    .tun_type = TUNNEL_GRE,
		    .tun_flags = TUNNEL_CSUM },
		  { .forward = FORWARD_TUN, .tun_type = TUNNEL_GRE },
		  IPVS_FIELD_TUNNEL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(ipvs_compare_dests(&cases[i].have, &cases[i].want),
			     cases[i].fields, "case %zu", i);
}

Test(ipvs_diff, one_weight_is_one_change)
{
	struct table a = { 0 }, b = { 0 };
	struct ipvs_plan plan = { 0 };

	start(&a);
	start(&b);
	b.dests[1].weight = 50;
	cr_assert_eq(ipvs_diff(&a, &b, NULL, &plan), 0);
	cr_assert_eq(plan.nr, 1);
	cr_assert_eq(plan.changes[0].op, IPVS_SET_DEST);
	cr_assert_eq(plan.changes[0].fields, IPVS_FIELD_WEIGHT);
	cr_assert_eq(plan.changes[0].dest, &b.dests[1]);
	cr_assert_eq(plan.changes[0].old_dest, &a.dests[1]);
	cr_assert_eq(plan.changes[0].service, &b.services[0]);
	cr_assert_eq(plan.changes[0].old_service, &a.services[0]);
	ipvs_plan_free(&plan);
	table_free(&a);
	table_free(&b);
}

Test(ipvs_diff, additions_first_removals_last)
{
	struct table a = { 0 }, b = { 0 };
	struct ipvs_keys owned;

	/* 1: edited; 2: removed; 3: new. In 1, a server leaves, one quiesces,
	 * one gets a weight, and one is new. */
	start(&a);
	world_service(&a, 2);
	world_dest(&a, 1, 1);
	world_service(&b, 1);
	strcpy(b.services[0].scheduler, "rr");
	world_dest(&b, 2, 0);
	world_dest(&b, 3, 100);
	world_dest(&b, 4, 1);
	world_service(&b, 3);
	world_dest(&b, 1, 1);
	owned = world_keys(&a);
	check_shape(&a, &b, &owned, "nNnSssdD");
	ipvs_keys_free(&owned);
	table_free(&a);
	table_free(&b);
}

Test(ipvs_diff, weight_is_given_before_it_is_taken)
{
	struct table a = { 0 }, b = { 0 };
	struct ipvs_plan plan = { 0 };

	world_service(&a, 1);
	world_dest(&a, 1, 100);
	world_dest(&a, 2, 0);
	world_service(&b, 1);
	world_dest(&b, 1, 0);
	world_dest(&b, 2, 100);
	cr_assert_eq(ipvs_diff(&a, &b, NULL, &plan), 0);
	cr_assert_eq(plan.nr, 2);
	cr_assert_eq(plan.changes[0].dest->weight, 100);
	cr_assert_eq(plan.changes[1].dest->weight, 0);
	ipvs_plan_free(&plan);
	table_free(&a);
	table_free(&b);
}

Test(ipvs_diff, foreign_services_stay)
{
	struct table a = { 0 }, b = { 0 }, mine = { 0 };
	struct ipvs_plan plan = { 0 };
	struct ipvs_keys owned;

	start(&a);
	world_service(&a, 2);
	world_dest(&a, 1, 1);
	check_shape(&a, &b, NULL, "");
	world_service(&mine, 2);
	owned = world_keys(&mine);
	cr_assert_eq(ipvs_diff(&a, &b, &owned, &plan), 0);
	cr_assert_eq(plan.nr, 1);
	cr_assert_eq(plan.changes[0].op, IPVS_DEL_SERVICE);
	cr_assert_eq(plan.changes[0].service, &a.services[1]);
	cr_assert_eq(plan.services_before[0], 2);
	cr_assert(plan.keeps_family[0]);
	cr_assert_not(plan.keeps_family[1]);
	/* What is wanted is ours, whoever made it. */
	start(&b);
	b.dests[0].weight = 7;
	check_shape(&a, &b, &owned, "sD");
	ipvs_plan_free(&plan);
	ipvs_keys_free(&owned);
	table_free(&a);
	table_free(&b);
	table_free(&mine);
}

Test(ipvs_diff, refuses_disorder)
{
	struct table a = { 0 }, b = { 0 };
	struct ipvs_keys owned = { 0 };
	struct ipvs_plan plan = { 0 };

	start(&a);
	world_service(&b, 2);
	world_service(&b, 1);
	cr_assert_eq(ipvs_diff(&a, &b, NULL, &plan), -EINVAL);
	cr_assert_eq(ipvs_diff(&b, &a, NULL, &plan), -EINVAL);
	ipvs_keys_add_table(&owned, &a);
	cr_assert_eq(ipvs_diff(&a, &a, &owned, &plan), -EINVAL);
	ipvs_keys_sort(&owned);
	cr_assert_eq(ipvs_diff(&a, &a, &owned, &plan), 0);
	ipvs_plan_free(&plan);
	ipvs_keys_free(&owned);
	table_free(&a);
	table_free(&b);
}

static const char *words(const struct ipvs_change *change)
{
	static char text[IPVS_CHANGE_TEXT_MAX];

	return ipvs_change_format(change, text, sizeof(text));
}

Test(ipvs_diff, in_words)
{
	struct table a = { 0 }, b = { 0 };
	struct ipvs_change change = { .op = IPVS_NEW_DEST };
	struct table_dest *dest;

	start(&a);
	start(&b);
	change.service = &b.services[0];
	change.old_service = &a.services[0];
	change.dest = &b.dests[0];
	change.old_dest = &a.dests[0];
	cr_assert_str_eq(words(&change),
			 "add server 10.1.0.1:3306 weight 100 NAT to TCP "
			 "10.0.0.1:3306");
	change.op = IPVS_DEL_DEST;
	cr_assert_str_eq(words(&change),
			 "remove server 10.1.0.1:3306 from TCP 10.0.0.1:3306");
	change.op = IPVS_SET_DEST;
	dest = &b.dests[0];
	dest->weight = 5;
	dest->forward = FORWARD_TUN;
	dest->tun_type = TUNNEL_GUE;
	dest->tun_port = 6080;
	dest->tun_flags = TUNNEL_CSUM;
	dest->u_threshold = 900;
	change.fields = ipvs_compare_dests(&a.dests[0], dest);
	cr_assert_str_eq(words(&change),
			 "change server 10.1.0.1:3306 of TCP 10.0.0.1:3306: "
			 "weight 100 to 5, method NAT to TUN gue port 6080 "
			 "csum, thresholds 0/0 to 900/0");
	change.dest = NULL;
	change.op = IPVS_NEW_SERVICE;
	cr_assert_str_eq(words(&change),
			 "add service TCP 10.0.0.1:3306 scheduler wlc");
	change.op = IPVS_DEL_SERVICE;
	cr_assert_str_eq(words(&change),
			 "remove service TCP 10.0.0.1:3306 with 3 servers");
	change.op = IPVS_SET_SERVICE;
	strcpy(b.services[0].scheduler, "mh");
	strcpy(b.services[0].pe_name, "sip");
	b.services[0].flags = SERVICE_PERSISTENT | SERVICE_SCHED1;
	b.services[0].timeout = 60;
	b.services[0].prefix = 24;
	change.fields = ipvs_compare_services(&a.services[0], &b.services[0]);
	cr_assert_str_eq(words(&change),
			 "change service TCP 10.0.0.1:3306: scheduler wlc to "
			 "mh, flags none to persistent,flag-1, persistence 0 s "
			 "to 60 s, prefix /32 to /24, engine none to sip");
	change.op = IPVS_NEW_SERVICE;
	cr_assert_str_eq(words(&change),
			 "add service TCP 10.0.0.1:3306 scheduler mh "
			 "persistence 60 s /24 engine sip flags flag-1");
	table_free(&a);
	table_free(&b);
}

/* Nothing is written beyond the buffer, and the text always ends. */
Test(ipvs_diff, words_fit)
{
	struct table a = { 0 };
	struct ipvs_change change = { .op = IPVS_NEW_DEST };
	char text[IPVS_CHANGE_TEXT_MAX];
	size_t size;

	start(&a);
	change.service = &a.services[0];
	change.dest = &a.dests[0];
	for (size = 1; size < 80; size++) {
		memset(text, 'x', sizeof(text));
		ipvs_change_format(&change, text, size);
		cr_assert_lt(strlen(text), size);
		cr_assert_eq(text[size], 'x');
	}
	table_free(&a);
}

/* Where two servers at once are worse than none, who goes is out first. */
Test(ipvs_diff, an_exclusive_service_yields_first)
{
	struct table a = { 0 }, b = { 0 };

	/* 1 goes, 2 rests, 3 begins, 4 is new. */
	world_service(&a, 1);
	world_dest(&a, 1, 100);
	world_dest(&a, 2, 100);
	world_dest(&a, 3, 0);
	world_service(&b, 1);
	world_dest(&b, 2, 0);
	world_dest(&b, 3, 100);
	world_dest(&b, 4, 100);
	check_shape(&a, &b, NULL, "nssd");
	b.services[0].exclusive = true;
	check_shape(&a, &b, NULL, "dsns");
	table_free(&a);
	table_free(&b);
}
