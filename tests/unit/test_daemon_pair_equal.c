/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two parses: what is the same text about VRRP is equal, bytes between members
 * included, and each word that differs is found.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/vrrp_conf.h"

/* One place of the text, and what stands there instead. */
struct change {
	const char *from, *to;
};

static const char text[] =
	"global_defs {\nvrrp_rt_priority 9\n}\n"
	"static_ipaddress {\n192.0.2.200/24 dev eth0\n}\n"
	"static_routes {\n198.51.100.0/24 via 192.0.2.1 dev eth0\n}\n"
	"static_rules {\nfrom 192.0.2.0/24 table 1\n}\n"
	"vrrp_script s {\nscript /bin/s\n}\n"
	"vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\n"
	"priority 99\nadvert_int 1\n"
	"virtual_ipaddress {\n192.0.2.1/24 label eth0:1\n192.0.2.2 peer 192.0.2.3\n}\n"
	"virtual_ipaddress_excluded {\n192.0.2.9\n}\n"
	"virtual_routes {\ndefault via 192.0.2.7 metric 3\n"
	"203.0.113.0/24 nexthop via 192.0.2.4 nexthop via 192.0.2.5 dev eth3\n}\n"
	"virtual_rules {\nfwmark 7 iif eth5 table 100\n}\n"
	"unicast_peer {\n192.0.2.77 min_ttl 64\n}\n"
	"track_script {\ns weight 5\n}\ntrack_interface {\neth8\n}\n}\n"
	"vrrp_instance b {\ninterface eth0\nvirtual_router_id 2\n"
	"virtual_ipaddress {\n192.0.2.30\n}\n}\n"
	"vrrp_sync_group g {\ngroup {\na b\n}\nsync_group_tracking_weight\n}\n";

static const struct change changes[] = {
	{ "vrrp_rt_priority 9", "vrrp_rt_priority 8" },
	{ "192.0.2.200/24", "192.0.2.201/24" },
	{ "192.0.2.200/24 dev eth0", "192.0.2.200/24 dev eth1" },
	{ "198.51.100.0/24", "198.51.101.0/24" },
	{ "via 192.0.2.1 dev eth0", "via 192.0.2.1 dev eth1" },
	{ "192.0.2.0/24 table 1", "192.0.2.0/24 table 2" },
	{ "priority 99", "priority 98" },
	{ "advert_int 1", "advert_int 2" },
	{ "label eth0:1", "label eth0:2" },
	{ "peer 192.0.2.3", "peer 192.0.2.6" },
	{ "192.0.2.9", "192.0.2.8" },
	{ "metric 3", "metric 4" },
	{ "via 192.0.2.4", "via 192.0.2.6" },
	{ "dev eth3", "dev eth4" },
	{ "fwmark 7", "fwmark 8" },
	{ "iif eth5", "iif eth6" },
	{ "table 100", "table 101" },
	{ "192.0.2.77", "192.0.2.78" },
	{ "min_ttl 64", "min_ttl 63" },
	{ "weight 5", "weight 6" },
	{ "weight 5", "weight 5 reverse" },
	{ "\neth8", "\neth9" },
	{ "vrrp_script s {\nscript /bin/s\n",
	  "vrrp_script s {\nscript /bin/s\ninit_fail\n" },
	{ "\na b\n", "\nb\na\n}\n}\nvrrp_sync_group h {\ngroup {\n" },
};

static struct conf *parse(const char *what)
{
	struct conf_report report = { 0 };
	struct conf_options options = { .compat = true };
	struct conf *conf;

	cr_assert_eq(conf_parse(what, strlen(what), &options, &conf, &report),
		     0, "%s", what);
	return conf;
}

/* The text with its first FROM replaced. */
static char *change(const struct change *change)
{
	const char *at = strstr(text, change->from);
	char *changed = NULL;

	cr_assert_not_null(at, "%s", change->from);
	cr_assert(asprintf(&changed, "%.*s%s%s", (int)(at - text), text,
			   change->to, at + strlen(change->from)) > 0);
	return changed;
}

Test(pair_equal, the_same_text)
{
	struct conf *a = parse(text), *b = parse(text);

	cr_assert_eq(a->vrrp->nr_instances, 2);
	cr_assert(vrrp_conf_equal(a->vrrp, b->vrrp));
	conf_free(a);
	conf_free(b);
}

Test(pair_equal, virtual_servers_do_not_count)
{
	struct change more = {
		"global_defs", "virtual_server 192.0.2.1 80 {\nlvs_sched rr\n"
			       "protocol TCP\nlvs_method DR\n"
			       "real_server 192.0.2.2 80 {\n}\n}\nglobal_defs"
	};
	char *changed = change(&more);
	struct conf *a = parse(text), *b = parse(changed);

	cr_assert_eq(b->nr_servers, 1);
	cr_assert(vrrp_conf_equal(a->vrrp, b->vrrp));
	conf_free(a);
	conf_free(b);
	free(changed);
}

Test(pair_equal, each_word_counts)
{
	struct conf *a = parse(text), *b;
	char *changed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		changed = change(&changes[i]);
		b = parse(changed);
		cr_expect_not(vrrp_conf_equal(a->vrrp, b->vrrp), "%s -> %s",
			      changes[i].from, changes[i].to);
		conf_free(b);
		free(changed);
	}
	conf_free(a);
}
