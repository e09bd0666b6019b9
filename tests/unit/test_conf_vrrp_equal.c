/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two parses: the same text about VRRP is equal, each word that differs is
 * found, and each member of each struct: a new one is found without a change
 * here. The print of a configuration parses to an equal one.
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
	"garp_group {\ngarp_interval 5\ngna_interval 6\ninterface eth9\n}\n"
	"interface_up_down_delays {\neth9 7 8\n}\n"
	"linkbeat_interfaces {\neth9 MII\n}\n"
	"vrrp_script s {\nscript /bin/s\n}\n"
	"vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\n"
	"priority 99\nadvert_int 1\n"
	"virtual_ipaddress {\n192.0.2.1/24 label eth0:1\n192.0.2.2 peer 192.0.2.3\n}\n"
	"virtual_ipaddress_excluded {\n192.0.2.9\n}\n"
	"virtual_routes {\ndefault via 192.0.2.7 metric 3\n"
	"203.0.113.0/24 nexthop via 192.0.2.4 nexthop via 192.0.2.5 dev eth3\n}\n"
	"virtual_rules {\nfwmark 7 iif eth5 table 100\n}\n"
	"unicast_peer {\n192.0.2.77 min_ttl 64 max_ttl 200\n}\nunicast_ttl 9\n"
	"unicast_src_ip 192.0.2.70\npreempt_delay 3\ngarp_master_delay 7\n"
	"track_script {\ns weight 5\n}\ntrack_interface {\neth8\n}\n"
	"auth_hmac {\nkey 1 file:/k\nkey 2 file:/l\nactive_key 1\n"
	"time_window 9\n}\n}\n"
	"vrrp_instance b {\ninterface eth0\nvirtual_router_id 2\n"
	"nopreempt\nno_accept\nuse_vmac v1\nversion 3\nadvert_int 0.5\n"
	"mcast_src_ip 192.0.2.71\ndont_track_primary\n"
	"virtual_ipaddress {\n192.0.2.30\n}\n}\n"
	"vrrp_sync_group g {\ngroup {\na b\n}\nsync_group_tracking_weight\n}\n";

static const struct change changes[] = {
	{ "vrrp_rt_priority 9", "vrrp_rt_priority 8" },
	{ "garp_interval 5", "garp_interval 4" },
	{ "gna_interval 6", "gna_interval 4" },
	{ "interface eth9", "interface eth0" },
	{ "eth9 7 8", "eth9 7 9" },
	{ "eth9 7 8", "eth9 6 8" },
	{ "eth9 7 8", "eth7 7 8" },
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
	{ "table 100", "realms 1/2 table 100" },
	{ "table 100", "goto 7" },
	{ "table 100", "uidrange 0-9 table 100" },
	{ "table 100", "ipproto tcp sport 8 dport 9-10 table 100" },
	{ "table 100", "tun_id 5 protocol 77 table 100" },
	{ "metric 3", "metric 3 mtu lock 1400 rtt 5ms rttvar 6 rto_min 1s" },
	{ "metric 3", "metric 3 cwnd 7 ssthresh lock 8 congctl lock reno" },
	{ "metric 3", "metric 3 congctl reno" },
	{ "metric 3", "metric 3 features ecn fastopen_no_cookie 1" },
	{ "metric 3", "metric 3 realms 4 pref low" },
	{ "metric 3", "metric 3 append" },
	{ "metric 3", "metric 3 prepend" },
	{ "eth9 MII", "eth9 IOCTL" },
	{ "vrrp_script s {", "linkbeat_use_polling\nvrrp_script s {" },
	{ "192.0.2.77", "192.0.2.78" },
	{ "min_ttl 64", "min_ttl 63" },
	{ "max_ttl 200", "max_ttl 201" },
	{ "unicast_ttl 9", "unicast_ttl 10" },
	{ "unicast_src_ip 192.0.2.70", "unicast_src_ip 192.0.2.72" },
	{ "preempt_delay 3", "preempt_delay 4" },
	{ "garp_master_delay 7", "garp_master_delay 8" },
	{ "nopreempt", "preempt" },
	{ "no_accept", "accept" },
	{ "use_vmac v1", "use_vmac v2" },
	{ "use_vmac v1", "" },
	{ "advert_int 0.5", "advert_int 0.6" },
	{ "mcast_src_ip 192.0.2.71", "mcast_src_ip 192.0.2.73" },
	{ "dont_track_primary", "" },
	{ "version 3", "version 3\nv3_checksum_as_v2 on" },
	{ "version 3", "version 3\nstrict_mode on" },
	{ "weight 5", "weight 6" },
	{ "weight 5", "weight 5 reverse" },
	{ "\neth8", "\neth9" },
	{ "vrrp_script s {\nscript /bin/s\n",
	  "vrrp_script s {\nscript /bin/s\ninit_fail\n" },
	{ "key 1 file:/k", "key 1 file:/o" },
	{ "key 2 file:/l\n", "" },
	{ "key 2", "key 3" },
	{ "active_key 1", "active_key 2" },
	{ "time_window 9", "time_window 8" },
	{ "time_window 9", "anti_replay monotonic\ntime_window 9" },
	{ "time_window 9", "mode permissive\ntime_window 9" },
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

Test(conf_vrrp_equal, the_same_text)
{
	struct conf *a = parse(text), *b = parse(text);

	cr_assert_eq(a->vrrp->nr_instances, 2);
	cr_assert(vrrp_conf_equal(a->vrrp, b->vrrp));
	conf_free(a);
	conf_free(b);
}

Test(conf_vrrp_equal, virtual_servers_do_not_count)
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

Test(conf_vrrp_equal, each_word_counts)
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

static char *print(const struct conf *conf)
{
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	cr_assert_not_null(out);
	conf_print(conf, out);
	fclose(out);
	return printed;
}

/* The print of WHAT is parsed to an equal configuration. */
static void check_print(const char *what)
{
	struct conf *a = parse(what), *b;
	char *printed = print(a);

	b = parse(printed);
	cr_expect(vrrp_conf_equal(a->vrrp, b->vrrp), "%s\n%s", what, printed);
	conf_free(a);
	conf_free(b);
	free(printed);
}

Test(conf_vrrp_equal, the_print_is_equal)
{
	char *changed;
	size_t i;

	check_print(text);
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		changed = change(&changes[i]);
		check_print(changed);
		free(changed);
	}
}

/* Where a struct has members, and where the compiler put bytes between them. */
#if defined(__has_builtin) && __has_builtin(__builtin_clear_padding)
#define KNOWS_PADDING true
#define CLEAR_PADDING(object) __builtin_clear_padding(object)
#else
#define KNOWS_PADDING false
#define CLEAR_PADDING(object) ((void)(object))
#endif

/* Configurations of one text, of which one is changed and changed back. */
struct pair_of {
	struct conf *a, *b;
};

/*
 * Change each byte of ITEM, which is a part of B: the bytes that MASK has,
 * which are those of members that are no pointers.
 */
static void check_bytes(const struct pair_of *two, const char *what,
			const void *item, const void *mask, size_t size)
{
	unsigned char *byte = (void *)(uintptr_t)item;
	size_t i, tried = 0;

	for (i = 0; i < size; i++) {
		if (!((const unsigned char *)mask)[i])
			continue;
		byte[i] ^= 1;
		cr_expect_not(vrrp_conf_equal(two->a->vrrp, two->b->vrrp),
			      "byte %zu of %s", i, what);
		byte[i] ^= 1;
		tried++;
	}
	cr_assert_gt(tried, 0, "%s", what);
	cr_assert(vrrp_conf_equal(two->a->vrrp, two->b->vrrp), "%s", what);
}

/*
 * The mask of a struct, without its pointers and its addresses' spare bytes,
 * which are named.
 */
#define CHECK(two, tag, item, ...)                                 \
	do {                                                       \
		struct tag mask;                                   \
                                                                   \
		memset(&mask, 0xff, sizeof(mask));                 \
		CLEAR_PADDING(&mask);                              \
		__VA_ARGS__;                                       \
		check_bytes(two, #tag, item, &mask, sizeof(mask)); \
	} while (0)

/* Whether an interface is tracked is in the instance's tracks. */
#define TRACKED_APART(mask) ((mask).no_track = false, (mask).track_group = NULL)

/* All bytes of an IPv6 address count, so each address becomes one. */
static void widen(const struct addr *addr)
{
	struct addr *writable = (void *)(uintptr_t)addr;

	*writable = (struct addr){ .family = AF_INET6 };
}

static void widen_all(const struct vrrp_conf *vrrp)
{
	const struct vrrp_conf_instance *vi = &vrrp->instances[0];

	widen(&vi->source);
	widen(&vi->group);
	widen(&vi->peers[0].addr);
	widen(&vi->addresses[0].addr);
	widen(&vi->addresses[0].broadcast);
	widen(&vi->addresses[0].peer);
	widen(&vi->routes[0].dst);
	widen(&vi->routes[0].from);
	widen(&vi->routes[0].src);
	widen(&vi->routes[0].via);
	widen(&vi->routes[1].nexthops[0].via);
	widen(&vi->rules[0].from);
	widen(&vi->rules[0].to);
}

static void check_members(const struct pair_of *two)
{
	const struct vrrp_conf *vrrp = two->b->vrrp;
	const struct vrrp_conf_instance *vi = &vrrp->instances[0];

	widen_all(two->a->vrrp);
	widen_all(vrrp);
	CHECK(two, vrrp_conf, vrrp, mask.instances = NULL, mask.groups = NULL,
	      mask.trackers = NULL, mask.addresses = NULL, mask.routes = NULL,
	      mask.rules = NULL, mask.garp_groups = NULL, mask.delays = NULL,
	      mask.linkbeats = NULL, mask.process_name = NULL);
	CHECK(two, vrrp_conf_garp_group, &vrrp->garp_groups[0],
	      mask.ifnames = NULL, mask.nr_ifnames = 0);
	CHECK(two, vrrp_conf_delay, &vrrp->delays[0], mask.ifname = NULL);
	CHECK(two, vrrp_conf_linkbeat, &vrrp->linkbeats[0], mask.ifname = NULL);
	CHECK(two, vrrp_conf_instance, vi, mask.name = NULL, mask.ifname = NULL,
	      mask.vmac_name = NULL, mask.addresses = NULL,
	      mask.excluded = NULL, mask.peers = NULL, mask.tracks = NULL,
	      mask.routes = NULL, mask.rules = NULL, mask.source.pad = 0,
	      mask.group.pad = 0, mask.hmac.keys = NULL);
	CHECK(two, vrrp_conf_key, &vi->hmac.keys[0], mask.file = NULL);
	CHECK(two, vrrp_conf_address, &vi->addresses[0], mask.dev = NULL,
	      mask.label = NULL, mask.addr.pad = 0, mask.broadcast.pad = 0,
	      mask.peer.pad = 0, TRACKED_APART(mask));
	CHECK(two, vrrp_conf_peer, &vi->peers[0], mask.addr.pad = 0);
	CHECK(two, vrrp_conf_track, &vi->tracks[0]);
	CHECK(two, vrrp_conf_route, &vi->routes[0], mask.dev = NULL,
	      mask.congctl = NULL, mask.nexthops = NULL, mask.dst.pad = 0,
	      mask.via.pad = 0, mask.from.pad = 0, mask.src.pad = 0,
	      TRACKED_APART(mask));
	CHECK(two, vrrp_conf_nexthop, &vi->routes[1].nexthops[0],
	      mask.dev = NULL, mask.via.pad = 0);
	CHECK(two, vrrp_conf_rule, &vi->rules[0], mask.iif = NULL,
	      mask.oif = NULL, mask.from.pad = 0, mask.to.pad = 0,
	      TRACKED_APART(mask));
	CHECK(two, vrrp_conf_group, &vrrp->groups[0], mask.name = NULL,
	      mask.tracks = NULL);
	CHECK(two, vrrp_conf_tracker, &vrrp->trackers[0], mask.name = NULL,
	      mask.ifname = NULL);
}

Test(conf_vrrp_equal, each_member_counts)
{
	struct pair_of two;

	if (!KNOWS_PADDING)
		cr_skip_test("the compiler does not tell where padding is");
	two = (struct pair_of){ parse(text), parse(text) };
	check_members(&two);
	conf_free(two.a);
	conf_free(two.b);
}
