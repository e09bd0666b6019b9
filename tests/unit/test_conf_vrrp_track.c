/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trackers, groups, who is told, lvs_sync_daemon, routes: how they fit. */
#include <criterion/criterion.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"

#define INSTANCE(name, id, more)                                          \
	"vrrp_instance " name " {\ninterface eth0\nvirtual_router_id " id \
	"\nvirtual_ipaddress {\n192.0.2." id "\n}\n" more "}\n"
#define SERVICE(name)                                              \
	"virtual_server " name " {\nlvs_sched rr\nlvs_method DR\n" \
	"protocol TCP\nreal_server 192.0.2.21 80 {\n}\n}\n"
#define SOURCES                                                     \
	"vrrp_script s {\nscript /bin/s\nweight -5\ninit_fail\n}\n" \
	"track_file f {\nfile /run/f\n}\n"                          \
	"vrrp_track_process p {\nprocess p\nweight 3 reverse\n}\n"

static struct world parse_good(const char *text)
{
	struct world world = world_parse(text, false);

	cr_assert_not_null(world.conf, "%s", world.said);
	return world;
}

/* keepalived drops an advert whose list is not just ours; wherever it is said. */
Test(conf_vrrp_track, compat_compares_the_lists_of_addresses)
{
	static const struct {
		const char *before, *after;
		bool option, wanted;
	} cases[] = {
		{ "", "", false, false },
		{ "", "", true, true },
		{ "global_defs {\nkeepalived_compat\n}\n", "", false, true },
		{ "", "global_defs {\nkeepalived_compat\n}\n", false, true },
	};
	struct world world;
	char text[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), "%s" INSTANCE("a", "1", "") "%s",
			 cases[i].before, cases[i].after);
		world = world_parse(text, cases[i].option);
		cr_assert_not_null(world.conf, "%s", world.said);
		cr_expect_eq(world.conf->vrrp->instances->same_addresses,
			     cases[i].wanted, "row %zu", i);
		world_free(&world);
	}
}

/* Whether the instance, and nothing else, is in Fault without its rules. */
Test(conf_vrrp_track, no_accept_needs_the_firewall)
{
	static const struct {
		const char *more;
		bool needs;
	} cases[] = {
		{ "", false },
		{ "accept\n", false },
		{ "no_accept\n", true },
		{ "strict_mode\n", true },
		{ "strict_mode\naccept\n", false },
		{ "no_accept\npriority 255\n", false },
	};
	const struct vrrp_conf *vrrp;
	struct world world;
	char text[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), INSTANCE("a", "1", "%s"),
			 cases[i].more);
		world = parse_good(text);
		vrrp = world.conf->vrrp;
		cr_assert_eq(vrrp->instances->nr_tracks, cases[i].needs, "%s",
			     cases[i].more);
		cr_assert_eq(vrrp->nr_trackers, cases[i].needs);
		cr_assert_eq(world.conf->pair->nr_watches, cases[i].needs);
		if (cases[i].needs) {
			cr_expect_eq(vrrp->trackers->kind, VRRP_TRACK_FIREWALL);
			cr_expect_eq(vrrp->instances->tracks->weight, 0);
		}
		world_free(&world);
	}
}

/* Uses and what they amount to: the weight and its direction. */
static const struct {
	const char *use;
	enum vrrp_tracker_kind kind;
	const char *name;
	int32_t weight;
	bool reverse;
} uses[] = {
	{ "track_interface {\neth1\n}\n", VRRP_TRACK_INTERFACE, "eth1", 0,
	  false },
	{ "track_interface {\neth1 weight -9 reverse\n}\n",
	  VRRP_TRACK_INTERFACE, "eth1", -9, true },
	{ "track_script {\ns\n}\n", VRRP_TRACK_SCRIPT, "s", -5, false },
	{ "track_script {\ns weight 7\n}\n", VRRP_TRACK_SCRIPT, "s", 7, false },
	{ "track_script {\ns weight +7 reverse\n}\n", VRRP_TRACK_SCRIPT, "s", 7,
	  true },
	{ "track_file {\nf\n}\n", VRRP_TRACK_FILE, "f", 1, false },
	{ "track_file {\nf weight 254\n}\n", VRRP_TRACK_FILE, "f", 254, false },
	{ "track_process {\np\n}\n", VRRP_TRACK_PROCESS, "p", 3, true },
	{ "track_process {\np weight 2\n}\n", VRRP_TRACK_PROCESS, "p", 2,
	  true },
	{ "track_process {\np weight 2 noreverse\n}\n", VRRP_TRACK_PROCESS, "p",
	  2, false },
	{ "track_virtual_server 192.0.2.10 80 weight 50\n", VRRP_TRACK_POOL,
	  "192.0.2.10 80", 50, false },
	{ "track_virtual_server fwmark 4 weight 1 reverse\n", VRRP_TRACK_POOL,
	  "fwmark 4", 1, true },
	{ "track_virtual_server group web weight 1\n", VRRP_TRACK_POOL,
	  "group web", 1, false },
	{ "track_virtual_server 192.0.2.12 80 weight 1\n", VRRP_TRACK_POOL,
	  "192.0.2.12 80", 1, false },
};

#define SERVICES                                                     \
	"virtual_server_group web {\n192.0.2.11-12 80\n}\n" SERVICE( \
		"192.0.2.10 80") SERVICE("fwmark 4") SERVICE("group web")

Test(conf_vrrp_track, uses)
{
	const struct vrrp_conf_track *track;
	const struct vrrp_conf *vrrp;
	struct world world;
	char text[2048];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		snprintf(text, sizeof(text),
			 INSTANCE("i", "1", "%s") SOURCES SERVICES,
			 uses[i].use);
		world = parse_good(text);
		vrrp = world.conf->vrrp;
		cr_assert_eq(vrrp->nr_trackers, 1);
		cr_assert_eq(vrrp->instances->nr_tracks, 1);
		track = vrrp->instances->tracks;
		cr_expect_eq(track->tracker, 0);
		cr_expect_eq(track->weight, uses[i].weight, "%s", uses[i].use);
		cr_expect_eq(track->reverse, uses[i].reverse, "%s",
			     uses[i].use);
		cr_expect_eq(vrrp->trackers->kind, uses[i].kind);
		cr_expect_str_eq(vrrp->trackers->name, uses[i].name);
		cr_expect_eq(world.conf->pair->nr_watches,
			     uses[i].kind != VRRP_TRACK_INTERFACE);
		world_free(&world);
	}
}

/* Main watches all but interfaces; each once, however many track it. */
Test(conf_vrrp_track, watches)
{
	struct world world = parse_good(
		INSTANCE("a", "1",
			 "track_interface {\neth1\n}\ntrack_script {\ns\n}\n"
			 "track_virtual_server 192.0.2.12 80 weight 5\n")
			INSTANCE("b", "2",
				 "track_file {\nf\n}\ntrack_script {\ns\n}\n"
				 "track_process {\np\n}\n") SOURCES SERVICES);
	const struct vrrp_conf *vrrp = world.conf->vrrp;
	const struct pair_conf *pair = world.conf->pair;
	const struct pair_watch *watch = pair->watches;

	cr_assert_eq(vrrp->nr_trackers, 5);
	cr_assert_eq(pair->nr_watches, 4);
	cr_assert_str_eq(vrrp->trackers[0].ifname, "eth1");
	cr_assert(watch[0].tracker == 1 && watch[0].script && !watch[0].file &&
		  !watch[0].process);
	cr_assert(vrrp->trackers[1].init_fail && !vrrp->trackers[3].init_fail);
	cr_assert_eq(watch[0].vs, PAIR_NO_SERVICE);
	/* The third virtual server, by an address of its group. */
	cr_assert(watch[1].tracker == 2 && !watch[1].script &&
		  watch[1].vs == 2);
	cr_assert(watch[2].tracker == 3 && watch[2].file);
	cr_assert(watch[3].tracker == 4 && watch[3].process);
	cr_assert_eq(vrrp->instances[1].tracks[1].tracker, 1);
	world_free(&world);
}

Test(conf_vrrp_track, sources)
{
	struct world world = parse_good(
		"vrrp_script s {\nscript \"/bin/s 'a b'\"\ninterval 2\n"
		"timeout 0.5\nrise 2\nfall 3\nuser u g\n}\n"
		"vrrp_script t {\nscript /bin/t\ninterval 7\n}\n"
		"track_file f {\nfile /run/f\ninit_file -4 overwrite\n}\n"
		"vrrp_track_process p {\nprocess /bin/p x\nparam_match partial\n"
		"quorum 2\nquorum_max 5\ndelay 3\nfork_delay 1\nfull_command\n}\n" INSTANCE(
			"i", "1",
			"track_script {\ns\nt\n}\ntrack_file {\nf\n}\n"
			"track_process {\np\n}\n"));
	const struct pair_watch *watch = world.conf->pair->watches;

	cr_assert(watch[0].script->interval == 2000000 &&
		  watch[0].script->timeout == 500000 &&
		  watch[0].script->rise == 2 && watch[0].script->fall == 3);
	cr_assert_str_eq(watch[0].script->script->argv[1], "a b");
	cr_assert_str_eq(watch[0].script->script->user, "u");
	cr_assert_str_eq(watch[0].script->script->group, "g");
	/* Unless it is said, a run may take as long as the interval. */
	cr_assert_eq(watch[1].script->timeout, 7000000);
	cr_assert(watch[2].file->init && watch[2].file->overwrite &&
		  watch[2].file->init_value == -4);
	cr_assert_str_eq(watch[2].file->path, "/run/f");
	cr_assert_str_eq(watch[3].process->path, "/bin/p");
	cr_assert_str_eq(watch[3].process->arguments[0], "x");
	cr_assert_null(watch[3].process->arguments[1]);
	cr_assert(watch[3].process->match_partial &&
		  !watch[3].process->match_initial &&
		  watch[3].process->full_command &&
		  watch[3].process->quorum == 2 &&
		  watch[3].process->quorum_max == 5 &&
		  watch[3].process->fork_delay == 1000000 &&
		  watch[3].process->terminate_delay == 3000000);
	world_free(&world);
}

Test(conf_vrrp_track, groups)
{
	struct world world = parse_good(
		"vrrp_sync_group g {\ngroup {\nb c\n}\n"
		"track_interface {\neth9 weight 4\n}\nnotify_fault /bin/g\n}\n" INSTANCE(
			"a", "1", "") INSTANCE("b", "2", "")
			INSTANCE("c", "3", "notify_master /bin/c\n"));
	const struct vrrp_conf *vrrp = world.conf->vrrp;

	cr_assert_eq(vrrp->nr_groups, 1);
	cr_assert_str_eq(vrrp->groups->name, "g");
	cr_assert_eq(vrrp->instances[0].sync_group, VRRP_NO_GROUP);
	cr_assert_eq(vrrp->instances[1].sync_group, 0);
	cr_assert_eq(vrrp->instances[2].sync_group, 0);
	cr_assert(vrrp->groups->nr_tracks == 1 &&
		  vrrp->groups->tracks->weight == 4);
	cr_assert_str_eq(world.conf->pair->groups->fault->command, "/bin/g");
	cr_assert_null(world.conf->pair->groups->master);
	cr_assert_str_eq(world.conf->pair->instances[2].master->command,
			 "/bin/c");
	world_free(&world);
}

/* Members' weights: ignored, allowed, or shared by all. */
Test(conf_vrrp_track, weights_in_groups)
{
	static const struct {
		const char *word;
		uint32_t member, group; /* tracks of the two */
		uint32_t warnings;
	} cases[] = {
		{ "", 1, 0, 2 },
		{ "sync_group_tracking_weight\n", 2, 0, 0 },
		{ "global_tracking\n", 0, 2, 0 },
	};
	const struct vrrp_conf *vrrp;
	struct world world;
	char text[2048];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(
			text, sizeof(text),
			"vrrp_script s {\nscript /bin/s\nweight -5\n}\n"
			"vrrp_sync_group g {\ngroup {\na\nb\n}\n%s}\n" INSTANCE(
				"a", "1",
				"track_interface {\neth1 weight 3\n}\n"
				"track_script {\ns\n}\n")
				INSTANCE("b", "2", ""),
			cases[i].word);
		world = parse_good(text);
		vrrp = world.conf->vrrp;
		cr_expect_eq(world.report.warnings, cases[i].warnings, "%s",
			     world.said);
		cr_expect_eq(vrrp->instances[0].nr_tracks, cases[i].member);
		cr_expect_eq(vrrp->groups->nr_tracks, cases[i].group);
		/* An interface goes on without its weight. */
		if (cases[i].warnings) {
			cr_expect_eq(vrrp->instances[0].tracks->weight, 0);
			cr_expect_eq(vrrp->nr_trackers, 1);
		}
		world_free(&world);
	}
}

/* An instance is in one group; the first counts. */
Test(conf_vrrp_track, bad_groups)
{
	const char *text =
		"vrrp_sync_group g {\ngroup {\na\nb\n}\n}\n"
		"vrrp_sync_group h {\ngroup {\na\nc\nnobody\n}\n}\n"
		"vrrp_sync_group empty {\ngroup {\n}\n}\n"
		"vrrp_sync_group last {\ngroup {\nc\nd\n}\n}\n" INSTANCE(
			"a", "1", "") INSTANCE("b", "2", "")
			INSTANCE("c", "3", "") INSTANCE("d", "4", "");
	struct world world = world_parse(text, false);
	const struct vrrp_conf *vrrp;

	cr_assert_null(world.conf);
	cr_assert(strstr(world.said, "member of group 'g'"));
	cr_assert(strstr(world.said, "no vrrp_instance 'nobody'"));
	cr_assert(strstr(world.said, "'empty' has no member"));
	world_free(&world);

	world = world_parse(text, true);
	vrrp = world.conf->vrrp;
	/* The empty one is gone, and the numbers are those of the others. */
	cr_assert_eq(vrrp->nr_groups, 3);
	cr_assert_str_eq(vrrp->groups[vrrp->instances[0].sync_group].name, "g");
	cr_assert_str_eq(vrrp->groups[vrrp->instances[2].sync_group].name, "h");
	cr_assert_str_eq(vrrp->groups[vrrp->instances[3].sync_group].name,
			 "last");
	world_free(&world);
}

/* Main and the vrrp process parse the same text to the same numbers. */
Test(conf_vrrp_track, the_process_for_vrrp_alone_finds_the_same)
{
	const char *text = INSTANCE("a", "1",
				    "track_script {\ns\n}\n"
				    "track_virtual_server group web weight 5\n")
		INSTANCE("b", "2",
			 "track_process {\np\n}\n"
			 "track_virtual_server fwmark 4 weight 5\n")
			SOURCES SERVICES;
	struct conf_options options = { .vrrp_only = true };
	struct world all = parse_good(text),
		     some = world_parse_options(text, strlen(text), &options);
	const struct vrrp_conf *x = all.conf->vrrp, *y = some.conf->vrrp;
	uint32_t i;

	cr_assert_eq(some.conf->nr_virtual_servers, 0);
	cr_assert_eq(some.conf->nr_checks, 0);
	cr_assert_eq(all.conf->nr_virtual_servers, 3);
	cr_assert_eq(x->nr_instances, y->nr_instances);
	cr_assert_eq(x->nr_trackers, y->nr_trackers);
	for (i = 0; i < x->nr_trackers; i++)
		cr_expect_str_eq(x->trackers[i].name, y->trackers[i].name);
	for (i = 0; i < x->nr_instances; i++)
		cr_expect_eq(x->instances[i].tracks[1].tracker,
			     y->instances[i].tracks[1].tracker);
	world_free(&all);
	world_free(&some);
}

static const struct {
	const char *line, *wanted;
} syncs[] = {
	{ "eth1", "eth1 - 0 0 8848 1 224.0.0.81" },
	{ "eth1 a", "eth1 a 9 0 8848 1 224.0.0.81" },
	{ "eth1 a 5", "eth1 a 5 0 8848 1 224.0.0.81" },
	{ "eth1 a id 5", "eth1 a 5 0 8848 1 224.0.0.81" },
	{ "eth1 inst a", "eth1 a 9 0 8848 1 224.0.0.81" },
	{ "eth1 id 255", "eth1 - 255 0 8848 1 224.0.0.81" },
	{ "eth1 id 0 inst a", "eth1 a 0 0 8848 1 224.0.0.81" },
	{ "eth1 maxlen 1400 port 9000 ttl 3 group ff02::81",
	  "eth1 - 0 1400 9000 3 ff02::81" },
	{ "eth1 nobody", NULL },
	{ "eth1 inst", NULL },
	{ "eth1 id", NULL },
	{ "eth1 id 256", NULL },
	{ "eth1 maxlen 0", NULL },
	{ "eth1 maxlen 65508", NULL },
	{ "eth1 port 0", NULL },
	{ "eth1 ttl 0", NULL },
	{ "eth1 group 192.0.2.1", NULL },
	{ "eth1 a b", NULL },
	{ "eth1 a 5 6", NULL },
	{ "0123456789abcdef", NULL },
};

Test(conf_vrrp_track, lvs_sync_daemon)
{
	char text[512], addr[ADDR_TEXT_MAX];
	const struct pair_sync *sync;
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(syncs); i++) {
		snprintf(text, sizeof(text),
			 "global_defs {\nlvs_sync_daemon %s\n}\n" INSTANCE(
				 "a", "9", ""),
			 syncs[i].line);
		world = world_parse(text, false);
		cr_expect_eq(world.conf != NULL, syncs[i].wanted != NULL,
			     "%s: %s", syncs[i].line, world.said);
		if (world.conf && syncs[i].wanted) {
			sync = &world.conf->pair->sync;
			snprintf(text, sizeof(text), "%s %s %u %u %u %u %s",
				 sync->ifname,
				 sync->instance ? sync->instance : "-",
				 sync->id, sync->maxlen, sync->port, sync->ttl,
				 addr_format(&sync->group, addr));
			cr_expect_str_eq(text, syncs[i].wanted);
		}
		world_free(&world);
	}
}

Test(conf_vrrp_track, the_old_word_for_the_sync_daemon)
{
	struct world world = parse_good(INSTANCE("a", "1", "") INSTANCE(
		"b", "9", "lvs_sync_daemon_interface eth1\n"));
	const struct pair_sync *sync = &world.conf->pair->sync;

	cr_assert_str_eq(sync->ifname, "eth1");
	cr_assert_str_eq(sync->instance, "b");
	cr_assert(sync->id == 9 && sync->ttl == 1 &&
		  sync->port == PAIR_SYNC_PORT);
	world_free(&world);
}

Test(conf_vrrp_track, who_is_told)
{
	struct world world = parse_good(
		"global_defs {\nnotify_fifo /run/a u g\n"
		"notify_fifo_script \"/bin/r x\" v\nvrrp_notify_fifo /run/b\n"
		"lvs_notify_fifo /run/c\nfifo_write_vrrp_states_on_reload\n"
		"vrrp_notify_priority_changes\n}\n" INSTANCE(
			"a", "1",
			"notify /bin/n\nnotify_master \"/bin/m x\" u g\n"
			"notify_backup /bin/b\nnotify_fault /bin/f\n"
			"notify_stop /bin/s\nnotify_deleted /bin/d\n"
			"notify_master_rx_lower_pri /bin/l\n"));
	const struct pair_conf *pair = world.conf->pair;
	const struct pair_notify *notify = pair->instances;

	cr_assert_str_eq(pair->fifo.path, "/run/a");
	cr_assert_str_eq(pair->fifo.user, "u");
	cr_assert_str_eq(pair->fifo.group, "g");
	cr_assert_str_eq(pair->fifo.script->argv[1], "x");
	cr_assert_str_eq(pair->fifo.script->user, "v");
	cr_assert_str_eq(pair->vrrp_fifo.path, "/run/b");
	cr_assert_str_eq(pair->lvs_fifo.path, "/run/c");
	cr_assert_null(pair->lvs_fifo.script);
	cr_assert(pair->fifo_on_reload && pair->priority_changes &&
		  notify->priority_changes);
	cr_assert_str_eq(notify->any->command, "/bin/n");
	cr_assert_str_eq(notify->master->command, "/bin/m x");
	cr_assert_str_eq(notify->master->user, "u");
	cr_assert_str_eq(notify->backup->command, "/bin/b");
	cr_assert_str_eq(notify->fault->command, "/bin/f");
	cr_assert_str_eq(notify->stop->command, "/bin/s");
	cr_assert_str_eq(notify->deleted->command, "/bin/d");
	cr_assert_str_eq(notify->master_rx_lower_pri->command, "/bin/l");
	world_free(&world);
}

Test(conf_vrrp_track, routes)
{
	struct world world = parse_good(INSTANCE(
		"a", "1",
		"virtual_routes {\n"
		"198.51.100.7/24 via 192.0.2.1 dev eth1 src 192.0.2.5 table 7 metric 8 scope link mtu 1400 onlink proto static tos 0x10\n"
		"default via 192.0.2.1\n"
		"unreachable to 2001:db8::/32\n"
		"203.0.113.0/24 via 192.0.2.1 or 192.0.2.2 dev eth2\n"
		"inet6 default dev eth0\n"
		"}\n"
		"virtual_rules {\n"
		"not from 192.0.2.7/24 to 198.51.100.0/24 iif eth0 fwmark 0x10/15 table main priority 9\n"
		"to 2001:db8::/32 prohibit\n"
		"}\n"));
	const struct vrrp_conf_route *route =
		world.conf->vrrp->instances->routes;
	const struct vrrp_conf_rule *rule = world.conf->vrrp->instances->rules;
	char text[ADDR_TEXT_MAX];

	cr_assert_eq(world.conf->vrrp->instances->nr_routes, 5);
	/* The host's bits of a destination are 0. */
	cr_assert_str_eq(addr_format(&route[0].dst, text), "198.51.100.0");
	cr_assert(route[0].prefix == 24 && route[0].type == RTN_UNICAST &&
		  route[0].family == AF_INET && route[0].table == 7 &&
		  route[0].metric == 8 && route[0].mtu == 1400 &&
		  route[0].scope == RT_SCOPE_LINK && route[0].onlink &&
		  route[0].protocol == RTPROT_STATIC && route[0].tos == 16);
	cr_assert_str_eq(route[0].dev, "eth1");
	cr_assert_str_eq(addr_format(&route[0].src, text), "192.0.2.5");
	cr_assert(route[1].prefix == 0 && !addr_is_set(&route[1].dst) &&
		  route[1].scope == VRRP_SCOPE_FOUND &&
		  route[1].table == RT_TABLE_MAIN);
	cr_assert(route[2].type == RTN_UNREACHABLE &&
		  route[2].family == AF_INET6);
	cr_assert(route[3].nr_nexthops == 2 && !addr_is_set(&route[3].via));
	cr_assert_str_eq(addr_format(&route[3].nexthops[1].via, text),
			 "192.0.2.2");
	cr_assert_eq(route[4].family, AF_INET6);
	cr_assert(rule[0].invert && rule[0].action == FR_ACT_TO_TBL &&
		  rule[0].table == RT_TABLE_MAIN && rule[0].fwmark == 16 &&
		  rule[0].fwmask == 15 && rule[0].priority == 9 &&
		  rule[0].priority_set && rule[0].from_prefix == 24);
	cr_assert(rule[1].action == FR_ACT_PROHIBIT &&
		  rule[1].family == AF_INET6 && !rule[1].priority_set);
	world_free(&world);
}

Test(conf_vrrp_track, static_addresses_have_an_interface)
{
	static const char lines[] =
		"static_ipaddress {\n192.0.2.1/24\n192.0.2.2 dev eth5\n}\n";
	struct world world = world_parse(lines, false);
	char text[256];

	cr_assert_null(world.conf);
	cr_assert(strstr(world.said, "needs a 'dev'"));
	world_free(&world);

	world = world_parse(lines, true);
	cr_assert_eq(world.conf->vrrp->nr_addresses, 2);
	cr_assert_str_eq(world.conf->vrrp->addresses[0].dev, "eth0");
	world_free(&world);

	snprintf(text, sizeof(text),
		 "%sglobal_defs {\ndefault_interface eth1\n}\n", lines);
	world = parse_good(text);
	cr_assert_eq(world.conf->vrrp->nr_addresses, 2);
	cr_assert_str_eq(world.conf->vrrp->addresses[0].dev, "eth1");
	cr_assert_str_eq(world.conf->vrrp->addresses[1].dev, "eth5");
	world_free(&world);
}
