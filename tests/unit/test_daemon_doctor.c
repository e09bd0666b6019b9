/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doctor's judges, by tables: hosts made by hand, and rules of a firewall. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "daemon/doctor/iptables.h"
#include "daemon/doctor/judge.h"
#include "daemon/doctor/ruleset.h"
#include "daemon/doctor/wire.h"

/* eth0 is the clients' and the servers', out leads to the rest of the world. */
struct ward {
	struct world world;
	struct doctor_host host;
	struct doctor_link links[2];
	struct doctor_way services[1], servers[1];
	enum doctor_module schedulers[1];
	struct findings findings;
};

static struct addr at(const char *text)
{
	struct addr addr;

	cr_assert_eq(addr_parse(&addr, text, strlen(text)), 0, "%s", text);
	return addr;
}

static void ward_sysctl(struct ward *ward, enum doctor_sysctl sysctl,
			const char *value)
{
	snprintf(ward->host.sysctls[sysctl], DOCTOR_VALUE_MAX, "%s", value);
}

/* A host on which nothing is wrong, for a server that is reached by METHOD. */
static struct ward ward_new(const char *method, const char *global,
			    const char *in_pool)
{
	static const char *const fine[DOCTOR_SYSCTLS] = {
		"1", "1", "0", "0", "10",  "1000",
		"0", "1", "1", "1", "0 0", "0",
	};
	struct ward ward = { 0 };
	char text[1024];
	unsigned i;

	snprintf(text, sizeof(text),
		 "global_defs {\n%s\n}\n"
		 "virtual_server 192.0.2.10 3306 {\nlvs_sched wlc\n"
		 "lvs_method %s\nprotocol TCP\n%s\n"
		 "real_server 192.0.2.11 3306 {\n}\n}\n",
		 global, method, in_pool);
	ward.world = world_parse(text, false);
	cr_assert_not_null(ward.world.conf, "%s", ward.world.said);
	for (i = 0; i < DOCTOR_SYSCTLS; i++)
		ward_sysctl(&ward, i, fine[i]);
	ward.links[0] = (struct doctor_link){ .name = "eth0",
					      .index = 2,
					      .mtu = 1500,
					      .up = true,
					      .ether = true,
					      .clients = true,
					      .servers = true,
					      .lro = -1 };
	ward.links[1] = (struct doctor_link){
		.name = "out", .index = 3, .mtu = 1500, .up = true
	};
	ward.services[0] = (struct doctor_way){ .addr = at("192.0.2.10"),
						.on_link = true };
	ward.servers[0] = (struct doctor_way){ .addr = at("192.0.2.11"),
					       .on_link = true };
	ward.schedulers[0] = DOCTOR_MODULE_LOADED;
	ward.host.root = true;
	ward.host.ip_vs = DOCTOR_MODULE_LOADED;
	ward.host.nr_links = 2;
	ward.host.default_link = 0;
	ward.host.nr_services = 1;
	ward.host.nr_servers = 1;
	return ward;
}

/* Judge all but the rules; the number of findings. */
static size_t ward_judge(struct ward *ward)
{
	findings_free(&ward->findings);
	ward->host.links = ward->links;
	ward->host.services = ward->services;
	ward->host.servers = ward->servers;
	ward->host.schedulers = ward->schedulers;
	judge_kernel(ward->world.conf, &ward->host, &ward->findings);
	judge_links(ward->world.conf, &ward->host, &ward->findings);
	return ward->findings.nr;
}

/* The only finding is ID, SEVERITY, mended by MEND. */
static void ward_finds(struct ward *ward, const char *id,
		       enum finding_severity severity, const char *mend)
{
	size_t nr = ward_judge(ward);

	cr_assert_eq(nr, 1, "%s: %zu findings, the first %s", id, nr,
		     nr ? ward->findings.list[0].text : "none");
	cr_expect_str_eq(ward->findings.list[0].id, id);
	cr_expect_eq(ward->findings.list[0].severity, severity, "%s", id);
	cr_expect_str_eq(ward->findings.list[0].mend, mend);
	cr_expect_eq(findings_worst(&ward->findings), severity);
}

static void ward_free(struct ward *ward)
{
	findings_free(&ward->findings);
	world_free(&ward->world);
}

Test(doctor, a_sound_host_has_no_finding)
{
	static const char *const methods[] = { "DR", "NAT", "TUN" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		struct ward ward = ward_new(methods[i], "lvs_sync_daemon eth0",
					    "persistence_timeout 60");

		ward.links[0].mtu = 1520;
		cr_expect_eq(ward_judge(&ward), 0, "%s: %s", methods[i],
			     ward.findings.nr ? ward.findings.list[0].text :
						"");
		ward_free(&ward);
	}
}

Test(doctor, each_setting_of_the_kernel_has_its_finding)
{
	static const struct {
		const char *method, *global, *pool;
		enum doctor_sysctl sysctl;
		const char *value, *id;
		enum finding_severity severity;
		const char *mend;
	} cases[] = {
		{ "NAT", "", "", DOCTOR_IP_FORWARD, "0", "ip_forward",
		  FINDING_ERROR, "sysctl -w net/ipv4/ip_forward=1" },
		{ "DR", "", "", DOCTOR_VS_NODEST, "0", "expire_nodest_conn",
		  FINDING_WARNING,
		  "sysctl -w net/ipv4/vs/expire_nodest_conn=1" },
		{ "DR", "", "", DOCTOR_VS_REUSE, "0", "conn_reuse_mode",
		  FINDING_WARNING, "sysctl -w net/ipv4/vs/conn_reuse_mode=1" },
		{ "DR", "", "persistence_timeout 60", DOCTOR_VS_QUIESCENT, "0",
		  "expire_quiescent_template", FINDING_WARNING,
		  "sysctl -w net/ipv4/vs/expire_quiescent_template=1" },
		{ "DR", "lvs_sync_daemon eth0", "", DOCTOR_VS_BACKUP_ONLY, "1",
		  "backup_only", FINDING_ERROR,
		  "sysctl -w net/ipv4/vs/backup_only=0" },
		{ "DR", "lvs_sync_daemon eth0", "", DOCTOR_VS_THRESHOLD, "3 50",
		  "sync_threshold", FINDING_WARNING,
		  "sysctl -w net/ipv4/vs/sync_threshold=\"0 0\"" },
		{ "DR", "", "", DOCTOR_TRACKED, "800", "conntrack_full",
		  FINDING_WARNING,
		  "sysctl -w net/netfilter/nf_conntrack_max=2000" },
		{ "NAT", "", "", DOCTOR_REDIRECTS, "1", "send_redirects",
		  FINDING_WARNING,
		  "sysctl -w net/ipv4/conf/all/send_redirects=0 "
		  "net/ipv4/conf/eth0/send_redirects=0" },
	};
	/* The same values, where they do no harm. */
	static const struct {
		const char *method;
		enum doctor_sysctl sysctl;
		const char *value;
	} harmless[] = {
		{ "DR", DOCTOR_IP_FORWARD, "0" },
		{ "NAT", DOCTOR_IP6_FORWARD, "0" },
		{ "DR", DOCTOR_VS_QUIESCENT, "0" },
		{ "DR", DOCTOR_VS_BACKUP_ONLY, "1" },
		{ "DR", DOCTOR_VS_THRESHOLD, "3 50" },
		{ "DR", DOCTOR_TRACKED, "799" },
		{ "DR", DOCTOR_REDIRECTS, "1" },
		{ "DR", DOCTOR_RP_FILTER, "1" },
		{ "DR", DOCTOR_VS_NODEST, "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ward ward = ward_new(cases[i].method, cases[i].global,
					    cases[i].pool);

		ward_sysctl(&ward, cases[i].sysctl, cases[i].value);
		ward_finds(&ward, cases[i].id, cases[i].severity,
			   cases[i].mend);
		ward_free(&ward);
	}
	for (i = 0; i < ARRAY_SIZE(harmless); i++) {
		struct ward ward = ward_new(harmless[i].method, "", "");

		ward_sysctl(&ward, harmless[i].sysctl, harmless[i].value);
		cr_expect_eq(ward_judge(&ward), 0, "%s = %s",
			     doctor_sysctl_name(harmless[i].sysctl),
			     harmless[i].value);
		ward_free(&ward);
	}
}

Test(doctor, modules)
{
	struct ward ward = ward_new("DR", "", "");

	ward.schedulers[0] = DOCTOR_MODULE_LOADABLE;
	cr_expect_eq(ward_judge(&ward), 0);
	ward.schedulers[0] = DOCTOR_MODULE_UNKNOWN;
	cr_expect_eq(ward_judge(&ward), 0);
	ward.schedulers[0] = DOCTOR_MODULE_MISSING;
	ward_finds(&ward, "scheduler", FINDING_ERROR, "modprobe ip_vs_wlc");
	ward.host.ip_vs = DOCTOR_MODULE_LOADABLE;
	ward_finds(&ward, "ip_vs", FINDING_ERROR, "modprobe ip_vs");
	ward_free(&ward);
}

Test(doctor, interfaces)
{
	struct ward ward = ward_new("DR", "lvs_sync_daemon eth0", "");

	ward.links[0].lro = 1;
	ward_finds(&ward, "lro", FINDING_ERROR, "ethtool -K eth0 lro off");
	ward.links[0].lro = 0;
	ward.links[0].gro = 1;
	ward_finds(&ward, "gro", FINDING_NOTE, "ethtool -K eth0 gro off");
	ward.links[0].gro = 0;
	ward.links[1].gro = 1;
	cr_expect_eq(ward_judge(&ward), 0, "nothing is forwarded there");
	ward.links[0].up = false;
	ward_finds(&ward, "interface", FINDING_ERROR,
		   "ip link set dev eth0 up");
	strcpy(ward.links[0].name, "eth1");
	ward_finds(&ward, "interface", FINDING_ERROR, "");
	ward_free(&ward);
}

Test(doctor, a_strict_filter_hurts_where_the_way_back_is_another)
{
	struct ward ward = ward_new("DR", "", "");

	ward.host.default_link = 1;
	ward.links[0].rp_filter = 1;
	ward_finds(&ward, "rp_filter", FINDING_ERROR,
		   "sysctl -w net/ipv4/conf/eth0/rp_filter=2");
	ward_sysctl(&ward, DOCTOR_RP_FILTER, "2");
	cr_expect_eq(ward_judge(&ward), 0, "the greater value counts");
	ward_sysctl(&ward, DOCTOR_RP_FILTER, "1");
	ward.links[0].rp_filter = 0;
	ward_finds(&ward, "rp_filter", FINDING_ERROR,
		   "sysctl -w net/ipv4/conf/eth0/rp_filter=2");
	ward.host.default_link = DOCTOR_NO_LINK;
	cr_expect_eq(ward_judge(&ward), 0);
	ward_free(&ward);
}

Test(doctor, sizes_of_packets)
{
	static const struct {
		const char *method, *words;
		uint32_t clients, servers; /* MTU; 0: the clients' interface */
		uint32_t need; /* 0: it fits */
	} cases[] = {
		{ "DR", "", 1500, 0, 0 },
		{ "DR", "", 9000, 0, 0 },
		{ "DR", "", 9000, 1500, 9000 },
		{ "DR", "", 1500, 9000, 0 },
		{ "TUN", "", 1500, 0, 1520 },
		{ "TUN", "", 1520, 0, 0 },
		{ "TUN", "", 1500, 1520, 0 },
		{ "TUN", "", 1500, 1519, 1520 },
		{ "TUN", "", 9000, 9000, 9020 },
		{ "TUN type gre", "", 1500, 1520, 1524 },
		{ "TUN type gue port 6080", "", 1500, 1520, 1532 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ward ward = ward_new(cases[i].method, "", "");
		char mend[64];

		ward.links[0].mtu = cases[i].clients;
		ward.links[1].mtu = cases[i].servers;
		ward.servers[0].link = cases[i].servers ? 1 : 0;
		snprintf(mend, sizeof(mend), "ip link set dev %s mtu %u",
			 cases[i].servers ? "out" : "eth0", cases[i].need);
		if (cases[i].need)
			ward_finds(&ward, "mtu", FINDING_WARNING, mend);
		else
			cr_expect_eq(ward_judge(&ward), 0, "%s %u %u",
				     cases[i].method, cases[i].clients,
				     cases[i].servers);
		ward_free(&ward);
	}
}

Test(doctor, an_interface_is_one_word_of_the_shell)
{
	static const struct {
		const char *name, *word;
	} cases[] = {
		{ "eth0.100", "eth0.100" },
		{ "$(reboot)", "'$(reboot)'" },
		{ "a;b", "'a;b'" },
		{ "it's", "'it'\\''s'" },
		{ "", "''" },
	};
	char word[DOCTOR_WORD_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_str_eq(doctor_word(cases[i].name, word),
				 cases[i].word);
	cr_expect_lt(strlen(doctor_word("''''''''''''''''''''", word)),
		     DOCTOR_WORD_MAX);
}

/* A base chain at input with RULES, POLICY, and a chain "other" with OTHER. */
static struct json_object *listing(const char *policy, const char *rules,
				   const char *other)
{
	struct json_object *obj;
	char text[4096];

	snprintf(text, sizeof(text),
		 "{\"nftables\": ["
		 "{\"set\": {\"family\": \"inet\", \"table\": \"t\","
		 " \"name\": \"s\", \"elem\": ["
		 "  {\"prefix\": {\"addr\": \"192.0.2.0\", \"len\": 24}}]}},"
		 "{\"chain\": {\"family\": \"inet\", \"table\": \"t\","
		 " \"name\": \"in\", \"type\": \"filter\","
		 " \"hook\": \"input\", \"policy\": \"%s\"}},"
		 "{\"chain\": {\"family\": \"inet\", \"table\": \"t\","
		 " \"name\": \"other\"}}%s%s]}",
		 policy, rules, other);
	obj = json_tokener_parse(text);
	cr_assert_not_null(obj, "%s", text);
	return obj;
}

#define RULE(chain, expr)                                       \
	",{\"rule\": {\"family\": \"inet\", \"table\": \"t\", " \
	"\"chain\": \"" chain "\", \"expr\": [" expr "]}}"
#define IN(expr) RULE("in", expr)
#define OTHER(expr) RULE("other", expr)
#define MATCH(left, op, right)                             \
	"{\"match\": {\"op\": \"" op "\", \"left\": " left \
	", \"right\": " right "}},"
#define META(key) "{\"meta\": {\"key\": \"" key "\"}}"
#define FIELD(protocol, field)                                               \
	"{\"payload\": {\"protocol\": \"" protocol "\", \"field\": \"" field \
	"\"}}"
#define STATE "{\"ct\": {\"key\": \"state\"}}"
#define ACCEPT "{\"accept\": null}"
#define DROP "{\"drop\": null}"
#define REJECT "{\"reject\": {\"type\": \"icmpx\"}}"
#define JUMP "{\"jump\": {\"target\": \"other\"}}"
#define GOTO "{\"goto\": {\"target\": \"other\"}}"
#define LIMIT "{\"limit\": {\"rate\": 5, \"per\": \"second\"}},"
#define SELF "{\"jump\": {\"target\": \"in\"}}"

/* The packet: TCP from 192.0.2.11 port 3306 on eth0, to a port of ours. */
Test(doctor, the_firewall_is_blamed_only_if_it_is_sure)
{
	static const struct {
		const char *policy, *rules, *other;
		bool drops;
	} cases[] = {
		{ "accept", "", "", false },
		{ "drop", "", "", true },
		{ "drop", IN(ACCEPT), "", false },
		{ "accept", IN(DROP), "", true },
		{ "accept", IN(REJECT), "", true },
		{ "accept", IN("{\"counter\": {}},{\"log\": null}," DROP), "",
		  true },
		{ "accept", IN("{\"queue\": null}") IN(DROP), "", false },
		{ "accept", IN("{\"tproxy\": {}}," DROP), "", false },
		{ "drop", IN("{\"tproxy\": {}}," ACCEPT), "", false },
		/* A condition that is not understood. */
		{ "drop", IN(LIMIT ACCEPT), "", false },
		{ "accept", IN(LIMIT DROP), "", false },
		{ "drop", IN(LIMIT DROP), "", true },
		{ "drop", IN(LIMIT JUMP), OTHER(DROP), false },
		/* Interfaces, protocols, ports. */
		{ "drop", IN(MATCH(META("iifname"), "==", "\"eth*\"") ACCEPT),
		  "", false },
		{ "drop", IN(MATCH(META("iifname"), "==", "\"lo\"") ACCEPT), "",
		  true },
		{ "drop", IN(MATCH(META("iifname"), "!=", "\"lo\"") ACCEPT), "",
		  false },
		{ "accept", IN(MATCH(META("oifname"), "==", "\"x\"") DROP), "",
		  false },
		{ "accept", IN(MATCH(META("l4proto"), "==", "\"tcp\"") DROP),
		  "", true },
		{ "accept", IN(MATCH(META("l4proto"), "==", "6") DROP), "",
		  true },
		{ "accept", IN(MATCH(META("l4proto"), "==", "\"vrrp\"") DROP),
		  "", false },
		{ "accept", IN(MATCH(FIELD("tcp", "sport"), "==", "3306") DROP),
		  "", true },
		{ "accept",
		  IN(MATCH(FIELD("th", "sport"), "==",
			   "{\"set\": [22, {\"range\": [3000, 4000]}]}") DROP),
		  "", true },
		{ "accept", IN(MATCH(FIELD("udp", "sport"), "!=", "22") DROP),
		  "", false },
		{ "accept", IN(MATCH(FIELD("tcp", "dport"), "==", "22") DROP),
		  "", false },
		{ "drop", IN(MATCH(FIELD("tcp", "dport"), "==", "22") ACCEPT),
		  "", false },
		/* Addresses. */
		{ "accept",
		  IN(MATCH(FIELD("ip", "saddr"), "==", "\"@s\"") DROP), "",
		  true },
		{ "accept",
		  IN(MATCH(FIELD("ip", "saddr"), "!=", "\"@s\"") DROP), "",
		  false },
		{ "drop",
		  IN(MATCH(FIELD("ip", "saddr"), "==", "\"@gone\"") ACCEPT), "",
		  false },
		{ "accept",
		  IN(MATCH(FIELD("ip", "saddr"),
			   "==", "{\"range\": [\"192.0.2.1\", \"192.0.2.20\"]}")
			     DROP),
		  "", true },
		{ "accept",
		  IN(MATCH(FIELD("ip6", "saddr"), "!=", "\"::1\"") DROP), "",
		  false },
		{ "accept",
		  IN(MATCH(FIELD("ip", "daddr"), "==", "\"192.0.2.1\"") DROP),
		  "", false },
		/* Conntrack. */
		{ "drop",
		  IN(MATCH(STATE, "in", "[\"established\", \"related\"]")
			     ACCEPT),
		  "", false },
		{ "accept", IN(MATCH(STATE, "==", "\"invalid\"") DROP), "",
		  false },
		{ "drop",
		  IN("{\"vmap\": {\"key\": " STATE
		     ", \"data\": {\"set\": [[\"invalid\", " DROP
		     "], [\"established\", " ACCEPT "]]}}}"),
		  "", false },
		{ "drop",
		  IN("{\"vmap\": {\"key\": " STATE
		     ", \"data\": {\"set\": [[\"new\", " ACCEPT "]]}}}"),
		  "", true },
		{ "drop",
		  IN("{\"vmap\": {\"key\": " STATE ", \"data\": \"@m\"}}"), "",
		  false },
		/* Other chains. */
		{ "accept", IN(JUMP), OTHER(DROP), true },
		{ "accept", IN(JUMP) IN(DROP), OTHER(ACCEPT), false },
		{ "drop", IN(JUMP), OTHER("{\"return\": null}") OTHER(ACCEPT),
		  true },
		{ "drop", IN(GOTO) IN(ACCEPT), "", true },
		{ "drop", IN(JUMP) IN(ACCEPT), "", false },
		{ "accept", IN(SELF) IN(DROP), "", false },
		{ "accept", IN("{\"jump\": {\"target\": \"none\"}}") IN(DROP),
		  "", false },
		/* Extensions of iptables. */
		{ "accept",
		  IN("{\"xt\": {\"type\": \"match\", \"name\": \"comment\"}}," DROP),
		  "", true },
		{ "accept",
		  IN("{\"xt\": {\"type\": \"match\", \"name\": \"owner\"}}," DROP),
		  "", false },
		{ "accept",
		  IN("{\"xt\": {\"type\": \"target\", \"name\": \"REJECT\"}}"),
		  "", true },
		{ "drop",
		  IN("{\"xt\": {\"type\": \"target\", \"name\": \"LOG\"}}"), "",
		  true },
		{ "drop",
		  IN("{\"xt\": {\"type\": \"target\", \"name\": \"NFQUEUE\"}}"),
		  "", false },
	};
	struct ruleset_packet packet = { .hooks = { "prerouting", "input" },
					 .iif = "eth0",
					 .family = AF_INET,
					 .from = at("192.0.2.11"),
					 .protocol = IPPROTO_TCP,
					 .sport = 3306,
					 .state = "established" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *obj = listing(
			cases[i].policy, cases[i].rules, cases[i].other);
		struct ruleset *rules = ruleset_new(obj);
		struct ruleset_drop drop;

		cr_expect_eq(ruleset_drops(rules, &packet, &drop),
			     cases[i].drops, "case %zu: %s, %s%s", i,
			     cases[i].policy, cases[i].rules, cases[i].other);
		ruleset_free(rules);
		json_object_put(obj);
	}
}

#define MARK META("mark")
#define MASKED(mask) "{\"&\": [" MARK ", " mask "]}"
#define BITS(first, len) "{\"prefix\": {\"addr\": " first ", \"len\": " len "}}"
#define SET_MARK(value) \
	"{\"mangle\": {\"key\": " MARK ", \"value\": " value "}}"

/* A packet whose mark is one of 0x45560000 to 0x4556ffff, which nft has in decimals. */
Test(doctor, a_mark_out_of_a_range)
{
	static const struct {
		const char *rules;
		bool drops, sets;
	} cases[] = {
		{ IN(MATCH(MASKED("4294901760"), "==", "1163264000") DROP),
		  true, false },
		{ IN(MATCH(MASKED("4294901760"), "==", "1163198464") DROP),
		  false, false },
		/* The same as nft prints it. */
		{ IN(MATCH(MARK, "==", BITS("1163264000", "16")) DROP), true,
		  false },
		{ IN(MATCH(MARK, "==", BITS("1163264000", "17")) DROP), false,
		  false },
		{ IN(MATCH(MARK, "!=", BITS("1163198464", "16")) DROP), true,
		  false },
		{ IN(MATCH(MARK, "==", BITS("1157627904", "8")) DROP), true,
		  false },
		{ IN(MATCH(MARK, "==", BITS("0", "99")) DROP), false, false },
		{ IN(MATCH(MASKED("4278190080"), "==", "1157627904") DROP),
		  true, false },
		{ IN(MATCH(MASKED("65535"), "==", "1") DROP), false, false },
		{ IN(MATCH("{\"&\": 1}", "==", "1") DROP), false, false },
		{ IN(MATCH(MARK, "==", "{\"range\": [1163264000, 1163329535]}")
			     DROP),
		  true, false },
		{ IN(MATCH(MARK, "==", "{\"range\": [1163264001, 1163329535]}")
			     DROP),
		  false, false },
		{ IN(MATCH(MARK, "==", "1163264001") DROP), false, false },
		{ IN(MATCH(MARK, "!=", "1163264001") DROP), false, false },
		{ IN(MATCH(MARK, "!=", "7") DROP), true, false },
		{ IN(MATCH(MARK, "==", "0") DROP), false, false },
		{ IN(MATCH(MARK, "==", "\"odd\"") DROP), false, false },
		{ IN(SET_MARK("1163264001")), false, true },
		{ IN(SET_MARK("1163329536")), false, false },
		{ IN(SET_MARK("\"odd\"")), false, false },
		{ IN(DROP) OTHER(SET_MARK("1163329535")), true, true },
	};
	struct ruleset_packet packet = { .hooks = { "prerouting", "input" },
					 .family = AF_INET,
					 .protocol = IPPROTO_TCP,
					 .mark_first = 0x45560000,
					 .mark_last = 0x4556ffff };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *obj = listing("accept", cases[i].rules, "");
		struct ruleset *rules = ruleset_new(obj);
		struct ruleset_drop drop;

		cr_expect_eq(ruleset_drops(rules, &packet, &drop),
			     cases[i].drops, "case %zu: %s", i, cases[i].rules);
		cr_expect_eq(ruleset_sets_mark(rules, packet.mark_first,
					       packet.mark_last, &drop),
			     cases[i].sets, "case %zu: %s", i, cases[i].rules);
		ruleset_free(rules);
		json_object_put(obj);
	}
}

Test(doctor, an_odd_listing_blames_nobody)
{
	static const char *const texts[] = {
		"null",
		"[]",
		"{}",
		"{\"nftables\": 5}",
		"{\"nftables\": [5, null, {\"chain\": 7}, {\"rule\": []},"
		" {\"set\": {}}]}",
		"{\"nftables\": [{\"chain\": {\"family\": \"ip\", \"table\": 3,"
		" \"name\": null, \"hook\": \"input\"}},"
		" {\"rule\": {\"family\": \"ip\", \"expr\": [null, 3,"
		" {\"match\": null}, {\"vmap\": []}, {\"jump\": 5},"
		" {\"match\": {\"op\": 3, \"left\": 5}}]}}]}",
	};
	struct ruleset_packet packet = { .hooks = { "input" },
					 .family = AF_INET,
					 .protocol = IPPROTO_TCP };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		struct json_object *obj = json_tokener_parse(texts[i]);
		struct ruleset *rules = ruleset_new(obj);
		struct ruleset_drop drop;

		cr_expect_not(ruleset_drops(rules, &packet, &drop), "%s",
			      texts[i]);
		ruleset_free(rules);
		json_object_put(obj);
	}
}

#define MAC_LB "\2\0\0\0\0\1"
#define MAC_SERVER "\2\0\0\0\0\2"
#define MAC_PEER "\0\0\x5e\0\1\5"
#define MAC_THIRD "\2\0\0\0\0\3"
#define ARP_MEND                                    \
	"sysctl -w net.ipv4.conf.all.arp_ignore=1 " \
	"net.ipv4.conf.all.arp_announce=2"

Test(doctor, who_may_answer_for_the_service_address)
{
	static const struct {
		bool held;
		const char *global;
		const char *macs[3]; /* that answer for it */
		size_t findings;
		const char *id, *mend;
	} cases[] = {
		{ false, "", { NULL }, 0, NULL, NULL },
		{ true, "", { NULL }, 0, NULL, NULL },
		{ false, "", { MAC_PEER }, 0, NULL, NULL },
		{ true, "", { MAC_LB }, 0, NULL, NULL },
		{ true,
		  "",
		  { MAC_PEER },
		  1,
		  "duplicate",
		  "ip neigh show | grep -i 00:00:5e:00:01:05" },
		{ false,
		  "",
		  { MAC_PEER, MAC_THIRD },
		  1,
		  "duplicate",
		  "ip neigh show | grep -i 02:00:00:00:00:03" },
		{ true, "", { MAC_PEER, MAC_THIRD }, 2, "duplicate", NULL },
		{ false, "", { MAC_SERVER }, 1, "arp_server", ARP_MEND },
		{ true, "", { MAC_SERVER }, 1, "arp_server", ARP_MEND },
		{ false,
		  "",
		  { MAC_SERVER, MAC_PEER },
		  1,
		  "arp_server",
		  ARP_MEND },
		/* The other balancer is a server as well. */
		{ false,
		  "operator_peer 192.0.2.11 8850 /k",
		  { MAC_SERVER },
		  0,
		  NULL,
		  NULL },
	};
	size_t i, m;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ward ward = ward_new("DR", cases[i].global, "");
		struct doctor_answer answers[4] = { { .addr = { 0 } } };

		answers[0].addr = at("192.0.2.11");
		memcpy(answers[0].mac, MAC_SERVER, DOCTOR_MAC);
		for (m = 0; m < 3 && cases[i].macs[m]; m++) {
			answers[m + 1].addr = at("192.0.2.10");
			memcpy(answers[m + 1].mac, cases[i].macs[m],
			       DOCTOR_MAC);
		}
		memcpy(ward.links[0].mac, MAC_LB, DOCTOR_MAC);
		ward.services[0].local = cases[i].held;
		ward_judge(&ward);
		ward.host.answers = answers;
		ward.host.nr_answers = (uint32_t)(m + 1);
		judge_wire(ward.world.conf, &ward.host, &ward.findings);
		cr_assert_eq(ward.findings.nr, cases[i].findings,
			     "case %zu: %zu", i, ward.findings.nr);
		if (cases[i].id)
			cr_expect_str_eq(ward.findings.list[0].id, cases[i].id);
		if (cases[i].mend)
			cr_expect_str_eq(ward.findings.list[0].mend,
					 cases[i].mend);
		if (cases[i].id && strcmp(cases[i].id, "arp_server") == 0)
			cr_expect_eq(addr_cmp(&ward.findings.list[0].host,
					      &answers[0].addr),
				     0);
		ward_free(&ward);
	}
}

Test(doctor, frames_of_arp)
{
	static const uint8_t answer[WIRE_ARP] = {
		0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 2, 192, 0, 2, 11,
	};
	uint8_t frame[WIRE_ARP], mac[DOCTOR_MAC];
	struct addr addr = at("192.0.2.10"), who;
	size_t i;

	cr_expect(wire_answer(answer, sizeof(answer), &who, mac));
	cr_expect_arr_eq(mac, MAC_SERVER, DOCTOR_MAC);
	addr = at("192.0.2.11");
	cr_expect_eq(addr_cmp(&who, &addr), 0);
	for (i = 0; i < WIRE_ARP; i++)
		cr_expect_not(wire_answer(answer, i, &who, mac), "%zu", i);
	for (i = 0; i < 8; i++) {
		memcpy(frame, answer, sizeof(frame));
		frame[i] ^= 1;
		cr_expect_not(wire_answer(frame, sizeof(frame), &who, mac),
			      "byte %zu", i);
	}
	wire_question(&addr, mac, frame);
	cr_expect_not(wire_answer(frame, sizeof(frame), &who, mac),
		      "a question is no answer");
	cr_expect_arr_eq(frame + 14, "\0\0\0\0", 4, "no sender's address");
	cr_expect_arr_eq(frame + 24, addr.bytes, 4);
}

/* The packet is that of the table above. */
Test(doctor, rules_of_iptables)
{
	static const struct {
		const char *rules;
		bool drops;
	} cases[] = {
		{ ":INPUT ACCEPT [0:0]\n", false },
		{ ":INPUT DROP [0:0]\n", true },
		{ ":INPUT DROP [0:0]\n"
		  "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED "
		  "-j ACCEPT\n",
		  false },
		{ ":INPUT DROP [0:0]\n"
		  "-A INPUT -m state --state NEW -j ACCEPT\n",
		  true },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT -m state ! --state NEW "
		  "-m comment --comment \"say \\\"-j\\\" ACCEPT\" -j DROP\n",
		  true },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.0/24 -i eth+ -p tcp "
		  "-m multiport --sports 22,3306:3310 -j REJECT "
		  "--reject-with tcp-reset\n",
		  true },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT ! -s 192.0.2.0/24 -j DROP\n",
		  false },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT ! -i lo -p tcp -m tcp "
		  "--sport 3306: -j DROP\n",
		  true },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT -p icmp -m icmp "
		  "--icmp-type 8 -j DROP\n",
		  false },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT -m limit --limit 5/sec "
		  "-j DROP\n",
		  false },
		{ ":INPUT DROP [0:0]\n-A INPUT -m limit --limit 5/sec "
		  "-j ACCEPT\n",
		  false },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --tcp-flags "
		  "SYN,ACK SYN,ACK -j DROP\n",
		  false },
		{ ":INPUT ACCEPT [0:0]\n:deny - [0:0]\n-A INPUT -j LOG "
		  "--log-prefix \"-j \"\n-A INPUT -g deny\n-A INPUT -j ACCEPT\n"
		  "-A deny -j DROP\n",
		  true },
		{ ":INPUT ACCEPT [0:0]\n:INPUT2 - [0:0]\n-A INPUT2 -j DROP\n",
		  false },
		/* Cut short, and worse. */
		{ ":INPUT", false },
		{ ":INPUT DROP\n-A", true },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT -j", false },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT ! \"", false },
		{ ":INPUT ACCEPT [0:0]\n-A INPUT x -s / -j DROP", false },
	};
	struct ruleset_packet packet = { .hooks = { "prerouting", "input" },
					 .iif = "eth0",
					 .family = AF_INET,
					 .from = at("192.0.2.11"),
					 .protocol = IPPROTO_TCP,
					 .sport = 3306,
					 .state = "established" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *obj = json_object_new_object();
		struct json_object *list = json_object_new_array();
		struct ruleset_drop drop = { .family = NULL };
		struct ruleset *rules;
		char text[1024];

		snprintf(text, sizeof(text), "# a comment\n*filter\n%s",
			 cases[i].rules);
		iptables_add(list, text, "ip", "iptables-nft");
		json_object_object_add(obj, "nftables", list);
		rules = ruleset_new(obj);
		cr_expect_eq(ruleset_drops(rules, &packet, &drop),
			     cases[i].drops, "case %zu: %s", i, cases[i].rules);
		if (cases[i].drops)
			cr_expect_str_eq(drop.table, "filter (iptables-nft)");
		ruleset_free(rules);
		json_object_put(obj);
	}
}
