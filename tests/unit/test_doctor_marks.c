/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks of probe_path client that somebody else uses too, in rules of iptables and
 * nftables and in rules for routes; and ways back that its probes do not show.
 */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "conf_world.h"
#include "daemon/doctor/findings.h"
#include "daemon/doctor/iptables.h"
#include "daemon/doctor/judge.h"

static struct world world;
static struct doctor_host host;
static struct findings findings;

static const char *method = "DR", *bindto = "";

static void use_file(const char *marks, const char *word)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "global_defs {\n%s\n}\nvirtual_server 192.0.2.10 3306 {\n"
		 "lvs_sched rr\nlvs_method %s\nprotocol TCP\n%s\n"
		 "real_server 192.0.2.11 3306 {\nTCP_CHECK {\n%s\n}\n"
		 "TCP_CHECK {\n%s\n}\n}\n}\n",
		 marks, method, word, bindto, bindto);
	world_free(&world);
	world = world_parse(text, false);
	cr_assert_not_null(world.conf, "%s", world.said);
}

static void setup(void)
{
	host = (struct doctor_host){ .root = true };
	use_file("", "probe_path client");
}

static void teardown(void)
{
	findings_free(&findings);
	json_object_put(host.rules);
	json_object_put(host.routing[0]);
	json_object_put(host.routing[1]);
	world_free(&world);
}

TestSuite(doctor_marks, .init = setup, .fini = teardown);

/* The text of the one finding ID; "": there is none. */
static const char *said(const char *id)
{
	const char *text = "";
	size_t i;

	findings_free(&findings);
	judge_rules(world.conf, &host, &findings);
	judge_routing(world.conf, &host, &findings);
	for (i = 0; i < findings.nr; i++) {
		if (strcmp(findings.list[i].id, id) != 0)
			continue;
		cr_expect_str_empty(text, "%s besides", text);
		text = findings.list[i].text;
	}
	return text;
}

static void use_iptables(const char *line)
{
	struct json_object *list = json_object_new_array();
	char text[512];

	json_object_put(host.rules);
	snprintf(text, sizeof(text), "*mangle\n:OUTPUT ACCEPT [0:0]\n%s\n",
		 line);
	iptables_add(list, text, "ip", "iptables-nft");
	host.rules = json_object_new_object();
	json_object_object_add(host.rules, "nftables", list);
}

Test(doctor_marks, a_rule_of_iptables_sets_one)
{
	static const struct {
		const char *line;
		bool said;
	} cases[] = {
		{ "-A OUTPUT -p tcp -j MARK --set-xmark 0x45560001/0xffffffff",
		  true },
		{ "-A OUTPUT -p tcp -j MARK --set-mark 1163264001", true },
		{ "-A OUTPUT -j MARK --set-xmark 0x4556ffff", true },
		{ "-A OUTPUT -j MARK --set-xmark 0x45570000/0xffffffff",
		  false },
		{ "-A OUTPUT -j MARK --set-xmark 0x1/0xff", false },
		{ "-A OUTPUT -j MARK --set-xmark", false },
		{ "-A OUTPUT -j MARK --set-xmark 0x45560001/x", false },
		{ "-A OUTPUT -j CONNMARK --set-xmark 0x45560001/0xffffffff",
		  false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		use_iptables(cases[i].line);
		cr_expect_eq(said("probe_marks")[0] != '\0', cases[i].said,
			     "%s: %s", cases[i].line, said("probe_marks"));
	}
	use_iptables(cases[0].line);
	cr_expect_not_null(strstr(said("probe_marks"),
				  "the chain OUTPUT of ip mangle (iptables-nft)"
				  " sets a mark from 0x45560000 on"));
	cr_expect_not_null(strstr(said("probe_marks"), "'probe_marks FIRST'"));
	/* Another range, or no such check. */
	use_file("probe_marks 0x10000", "probe_path client");
	cr_expect_str_empty(said("probe_marks"));
	use_file("", "");
	cr_expect_str_empty(said("probe_marks"));
}

/* Rules as `iptables-save` prints them. */
Test(doctor_marks, a_rule_of_iptables_drops_them)
{
	static const struct {
		const char *line;
		bool said;
	} cases[] = {
		{ "-A OUTPUT -m mark --mark 0x45560000/0xffff0000 -j DROP",
		  true },
		{ "-A OUTPUT -p tcp -m mark ! --mark 0x0 -j DROP", true },
		{ "-A OUTPUT -m mark --mark 0x45560001 -j DROP", false },
		{ "-A OUTPUT -m mark --mark 0x45570000/0xffff0000 -j DROP",
		  false },
		{ "-A OUTPUT -m mark --mark word -j DROP", false },
		/* Of the connection, which is not known. */
		{ "-A OUTPUT -m connmark --mark 0x45560000/0xffff0000 -j DROP",
		  false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		use_iptables(cases[i].line);
		cr_expect_eq(said("probes_out")[0] != '\0', cases[i].said,
			     "%s: %s", cases[i].line, said("probes_out"));
	}
}

/* nft's "meta mark set meta mark and 0xffff0000 or 0x45560001" */
Test(doctor_marks, a_rule_of_nft_sets_some_bits)
{
	static const char listing[] =
		"{\"nftables\": [{\"chain\": {\"family\": \"ip\", "
		"\"table\": \"t\", \"name\": \"c\"}}, {\"rule\": {"
		"\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", "
		"\"expr\": [{\"mangle\": {\"key\": {\"meta\": {\"key\": "
		"\"mark\"}}, \"value\": {\"%s\": [{\"meta\": {\"key\": "
		"\"mark\"}}, %s]}}}]}}]}";
	static const struct {
		const char *how, *value;
		bool said;
	} cases[] = {
		{ "|", "1163264001", true },  { "^", "1163264001", true },
		{ "|", "1", false },	      { "|", "\"odd\"", false },
		{ "&", "1163264001", false },
	};
	char text[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), listing, cases[i].how,
			 cases[i].value);
		json_object_put(host.rules);
		host.rules = json_tokener_parse(text);
		cr_assert_not_null(host.rules);
		cr_expect_eq(said("probe_marks")[0] != '\0', cases[i].said,
			     "%s %s", cases[i].how, cases[i].value);
	}
}

/* As `ip -j rule` prints them. */
Test(doctor_marks, a_rule_for_routes_takes_them)
{
	static const struct {
		const char *rule;
		bool said;
	} cases[] = {
		{ "\"fwmark\":\"0x45560001\",\"table\":\"100\"", true },
		{ "\"fwmark\":\"0x4556ffff\",\"action\":\"blackhole\"", true },
		{ "\"fwmark\":\"0x45560000\",\"fwmask\":\"0xffff0000\"", true },
		{ "\"fwmark\":\"0x45000000\",\"fwmask\":\"0xff000000\"", true },
		{ "\"fwmark\":\"0x45570000\",\"fwmask\":\"0xffff0000\"",
		  false },
		/* Low bits: of a mark that is in use with one server, or not. */
		{ "\"fwmark\":\"0x1\",\"fwmask\":\"0xff\"", true },
		{ "\"fwmark\":\"0x4000\",\"fwmask\":\"0x4000\"", false },
		{ "\"fwmark\":\"0x1\"", false },
		{ "\"not\":null,\"fwmark\":\"0x45560001\"", false },
		{ "\"fwmark\":\"0\",\"fwmask\":\"0xff\"", false },
		{ "\"fwmark\":null", false },
		{ "\"src\":\"all\"", false },
	};
	char text[256];
	size_t i, family;

	for (family = 0; family < 2; family++) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			snprintf(text, sizeof(text),
				 "[{\"priority\":0,\"table\":\"local\"},"
				 "{\"priority\":99,%s},{\"priority\":100,%s}]",
				 cases[i].rule, cases[i].rule);
			json_object_put(host.routing[family]);
			host.routing[family] = json_tokener_parse(text);
			cr_assert_not_null(host.routing[family], "%s", text);
			cr_expect_eq(said("probe_marks")[0] != '\0',
				     cases[i].said, "%s: %s", text,
				     said("probe_marks"));
		}
	}
	snprintf(text, sizeof(text), "[{\"priority\":99,%s}]", cases[0].rule);
	json_object_put(host.routing[1]);
	host.routing[1] = json_tokener_parse(text);
	cr_expect_not_null(strstr(said("probe_marks"),
				  "'ip -6 rule' (priority 99) takes packets "
				  "with the mark 0x45560001/0xffffffff by the "
				  "routes of table 100"));
	use_file("", "");
	cr_expect_str_empty(said("probe_marks"));
}

/* A server behind NAT, by the way to it from here. */
Test(doctor_marks, a_way_back_that_no_probe_shows)
{
	static const struct {
		const char *method, *word, *bindto;
		bool on_link, local, said;
	} cases[] = {
		{ "NAT", "probe_path client", "", true, false, true },
		{ "NAT", "probe_path client", "", false, false, false },
		{ "NAT", "probe_path client", "", true, true, false },
		{ "NAT", "probe_path client", "bindto 198.51.100.1", true,
		  false, false },
		{ "NAT", "", "", true, false, false },
		{ "DR", "probe_path client", "", true, false, false },
		{ "TUN", "probe_path client", "", true, false, false },
	};
	struct doctor_way way = { .link = DOCTOR_NO_LINK };
	size_t i;

	cr_assert_eq(addr_parse(&way.addr, "192.0.2.11", 10), 0);
	host.servers = &way;
	host.nr_servers = 1;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		method = cases[i].method;
		bindto = cases[i].bindto;
		use_file("", cases[i].word);
		way.on_link = cases[i].on_link;
		way.local = cases[i].local;
		cr_expect_eq(strncmp(said("nat_return"),
				     "checks of 192.0.2.11 come from", 30) == 0,
			     cases[i].said, "case %zu: %s", i,
			     said("nat_return"));
	}
	host.servers = NULL;
}
