/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doctor on the status of a daemon that runs, by tables of its answers. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "conf_world.h"
#include "daemon/doctor/judge.h"
#include "lib/verdict.h"

static struct world world;
static struct doctor_host host;
static struct findings findings;

/* A pool on VIP by METHOD, whose server 192.0.2.11 or fd00::11 has two checks. */
static void file_says(const char *vip, const char *method)
{
	const char *server = strchr(vip, ':') ? "fd00::11" : "192.0.2.11";
	char text[1024];

	snprintf(text, sizeof(text),
		 "global_defs {\noperator_peer 192.0.2.3 7000 /key\n}\n"
		 "virtual_server %s 3306 {\nlvs_sched wlc\nlvs_method %s\n"
		 "protocol TCP\nprobe_path client\nreal_server %s 3306 {\n"
		 "uthreshold 500\nMYSQL_CHECK {\nusername u\n}\n"
		 "TCP_CHECK {\nconnect_port 81\n}\n}\n}\n",
		 vip, method, server);
	world = world_parse(text, true);
	cr_assert_not_null(world.conf, "%s", world.said);
}

/* What the daemon answers: of the first check, the server and itself. */
static const char *words = "the words"; /* of the check that fails */

static void daemon_says(const char *outcome, int error, const char *limits,
			const char *daemon)
{
	const struct conf_server *server = &world.conf->servers[0];
	char text[2048], addr[ENDPOINT_TEXT_MAX];

	snprintf(text, sizeof(text),
		 "{ 'daemon': { 'version': '1.0', %s }, 'virtual_servers': [ "
		 "{ 'name': '%s', 'servers': [ { 'address': '%s', %s "
		 "'checks': [ { 'type': 'MYSQL_CHECK', 'outcome': '%s', "
		 "'error': %d, 'text': '%s' }, "
		 "{ 'type': 'TCP_CHECK', 'outcome': 'ok', 'error': 0, "
		 "'text': 'all right' } ] } ] } ] }",
		 daemon, world.conf->virtual_servers[0].name,
		 endpoint_format(&server->addr, addr), limits, outcome, error,
		 words);
	host.daemon = json_tokener_parse(text);
	cr_assert_not_null(host.daemon, "%s", text);
	judge_daemon(world.conf, &host, &findings);
}

static void forget(void)
{
	findings_free(&findings);
	json_object_put(host.daemon);
	host.daemon = NULL;
	world_free(&world);
}

TestSuite(doctor_daemon, .fini = forget);

static void expect_one(const char *id, enum finding_severity severity,
		       const char *text, const char *mend, const char *on)
{
	const struct finding *one = findings.list;
	char addr[ADDR_TEXT_MAX] = "";

	cr_assert_eq(findings.nr, 1, "%zu findings, not %s", findings.nr, id);
	if (addr_is_set(&one->host))
		addr_format(&one->host, addr);
	cr_expect_str_eq(one->id, id);
	cr_expect_eq(one->severity, severity, "%s", id);
	cr_expect_str_eq(one->text, text);
	cr_expect_str_eq(one->mend, mend);
	cr_expect_str_eq(addr, on, "%s", id);
}

#define KERNEL "'kernel': { 'tcp_timeout_s': 900 }"

Test(doctor_daemon, each_outcome_has_its_finding)
{
	static const struct {
		const char *outcome;
		int error;
		const char *id;
		enum finding_severity severity;
		const char *text, *mend, *on;
	} rows[] = {
		{ "refused", 0, "server", FINDING_ERROR,
		  "fails its MYSQL_CHECK: the words", "ss -ltn sport = :3306",
		  "192.0.2.11" },
		{ "unreachable", 0, "server", FINDING_ERROR,
		  "fails its MYSQL_CHECK: the words", "ip route get 192.0.2.11",
		  "" },
		{ "lagging", 0, "server", FINDING_WARNING,
		  "fails its MYSQL_CHECK: the words", "", "" },
		{ "saturated", 1040, "server", FINDING_WARNING,
		  "fails its MYSQL_CHECK: the words", "", "" },
		{ "blocked", 1129, "check", FINDING_ERROR,
		  "cannot be judged by its MYSQL_CHECK: the words",
		  "mysqladmin flush-hosts", "192.0.2.11" },
		{ "misconfigured", 1227, "check", FINDING_ERROR,
		  "cannot be judged by its MYSQL_CHECK: the words",
		  "mysql -e 'SELECT user, host, plugin FROM mysql.user'",
		  "192.0.2.11" },
		{ "misconfigured", 0, "check", FINDING_ERROR,
		  "cannot be judged by its MYSQL_CHECK: the words", "", "" },
		{ "local-fault", 0, "check", FINDING_WARNING,
		  "cannot be judged by its MYSQL_CHECK: the words", "", "" },
	};
	char text[FINDING_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		file_says("192.0.2.10", "DR");
		daemon_says(rows[i].outcome, rows[i].error, "", KERNEL);
		snprintf(text, sizeof(text),
			 "192.0.2.11:3306 (pool 192.0.2.10:3306) %s",
			 rows[i].text);
		expect_one(rows[i].id, rows[i].severity, text, rows[i].mend,
			   rows[i].on);
		forget();
	}
}

Test(doctor_daemon, what_is_well_or_not_known_yet_is_not_told)
{
	static const char *const outcomes[] = { "ok", "none", "drain" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(outcomes); i++) {
		file_says("192.0.2.10", "DR");
		daemon_says(outcomes[i], 0,
			    "'max_connections': 500, 'wait_timeout_s': 900,",
			    KERNEL);
		cr_expect_eq(findings.nr, 0, "%s: %s", outcomes[i],
			     findings.nr ? findings.list[0].text : "");
		forget();
	}
}

/* A server that clients do not reach, by each method. */
Test(doctor_daemon, the_clients_way_has_its_command)
{
	static const struct {
		const char *vip, *method, *mend, *on;
	} rows[] = {
		{ "192.0.2.10", "DR",
		  "sysctl -w net.ipv4.conf.all.arp_ignore=1 "
		  "net.ipv4.conf.all.arp_announce=2 && "
		  "ip addr replace 192.0.2.10/32 dev lo",
		  "192.0.2.11" },
		{ "fd00::10", "DR", "ip addr replace fd00::10/128 dev lo nodad",
		  "fd00::11" },
		{ "192.0.2.10", "TUN",
		  "ip addr show to 192.0.2.10; ip -d link show up",
		  "192.0.2.11" },
		{ "192.0.2.10", "NAT", "nft list ruleset | grep -n mark", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		file_says(rows[i].vip, rows[i].method);
		daemon_says("client-path", 0, "", KERNEL);
		cr_assert_eq(findings.nr, 1);
		cr_expect_str_eq(findings.list[0].id, "client_path");
		expect_one("client_path", FINDING_ERROR, findings.list[0].text,
			   rows[i].mend, rows[i].on);
		cr_expect(strstr(findings.list[0].text, ") the words"));
		forget();
	}
}

/* The fault is here: the server has nothing to mend. */
Test(doctor_daemon, a_firewall_here_that_drops_the_probes)
{
	file_says("192.0.2.10", "DR");
	words = "fails: " VERDICT_DROPPED_HERE " packets";
	daemon_says("client-path", 0, "", KERNEL);
	expect_one("client_path", FINDING_ERROR, findings.list[0].text,
		   "nft list ruleset | grep -n mark", "");
}

Test(doctor_daemon, a_server_that_takes_less_than_it_gets)
{
	file_says("192.0.2.10", "DR");
	daemon_says("ok", 0, "'max_connections': 499,", KERNEL);
	expect_one("max_connections", FINDING_WARNING,
		   "192.0.2.11:3306 (pool 192.0.2.10:3306) has max_connections "
		   "499 and gets up to 500 from here (uthreshold): the rest "
		   "is refused",
		   "mysql -e 'SET GLOBAL max_connections = 500'", "192.0.2.11");
}

Test(doctor_daemon, a_server_that_waits_longer_than_the_kernel)
{
	file_says("192.0.2.10", "DR");
	daemon_says("ok", 0, "'wait_timeout_s': 28800,", KERNEL);
	cr_assert_eq(findings.nr, 1);
	expect_one("wait_timeout", FINDING_WARNING, findings.list[0].text,
		   "ipvsadm --set 28800 0 0", "");
	forget();
	file_says("192.0.2.10", "DR");
	daemon_says("ok", 0, "'wait_timeout_s': 28800,",
		    "'kernel': { 'tcp_timeout_s': null }");
	cr_expect_eq(findings.nr, 0);
}

Test(doctor_daemon, the_other_balancer)
{
	static const struct {
		const char *peer, *id, *mend;
	} rows[] = {
		{ "'same_version': false, 'version': '0.9'", "peer_version",
		  "" },
		{ "'same_configuration': false", "peer_configuration",
		  "ssh 192.0.2.3 cat /etc/e.conf | diff - /etc/e.conf" },
		{ "'clock_ahead_s': 2.5", "clock", "timedatectl set-ntp true" },
		{ "'clock_ahead_s': -2.5", "clock",
		  "timedatectl set-ntp true" },
	};
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		file_says("192.0.2.10", "DR");
		snprintf(text, sizeof(text),
			 "'config_file': '/etc/e.conf', 'peer': { %s }",
			 rows[i].peer);
		daemon_says("ok", 0, "", text);
		cr_assert_eq(findings.nr, 1, "%s", rows[i].peer);
		expect_one(rows[i].id, FINDING_WARNING, findings.list[0].text,
			   rows[i].mend, "");
		forget();
	}
	file_says("192.0.2.10", "DR");
	daemon_says("ok", 0, "",
		    "'peer': { 'same_version': true, 'clock_ahead_s': 1.9, "
		    "'same_configuration': null }");
	cr_expect_eq(findings.nr, 0);
}

/* The path stands in a command for a root shell. */
Test(doctor_daemon, a_path_that_a_shell_would_read_is_in_no_command)
{
	file_says("192.0.2.10", "DR");
	daemon_says("ok", 0, "",
		    "'config_file': '/etc/$(reboot)', "
		    "'peer': { 'same_configuration': false }");
	cr_assert_eq(findings.nr, 1);
	cr_expect_str_eq(findings.list[0].mend, "");
}

Test(doctor_daemon, another_configuration_or_no_daemon_is_said)
{
	struct world older;

	file_says("192.0.2.20", "DR");
	older = world;
	file_says("192.0.2.10", "DR");
	daemon_says("ok", 0, "", KERNEL);
	findings_free(&findings);
	judge_daemon(older.conf, &host, &findings);
	cr_assert_eq(findings.nr, 1);
	cr_expect_str_eq(findings.list[0].id, "other_configuration");
	cr_expect_str_eq(findings.list[0].mend, "evenkeel reload");
	findings_free(&findings);
	json_object_put(host.daemon);
	host.daemon = json_tokener_parse("{ 'virtual_servers': 'x' }");
	judge_daemon(older.conf, &host, &findings);
	cr_assert_eq(findings.nr, 1);
	cr_expect_str_eq(findings.list[0].id, "other_configuration");
	findings_free(&findings);
	json_object_put(host.daemon);
	host.daemon = NULL;
	snprintf(host.daemon_why, sizeof(host.daemon_why), "no daemon");
	judge_daemon(older.conf, &host, &findings);
	expect_one("servers_unknown", FINDING_NOTE,
		   "what checks find is not known: no daemon", "", "");
	world_free(&older);
}

/* Of a thousand servers that are down, a hundred are told. */
Test(doctor_daemon, a_long_list_is_cut)
{
	char *text = xcalloc(1, 200000);
	size_t used = 0, i;

	used += (size_t)sprintf(text, "virtual_server 192.0.2.10 3306 {\n"
				      "lvs_sched wlc\nlvs_method DR\n"
				      "protocol TCP\n");
	for (i = 0; i < 1000; i++)
		used += (size_t)sprintf(text + used,
					"real_server 10.0.%zu.%zu 3306 {\n"
					"TCP_CHECK { }\n}\n",
					i / 250, i % 250 + 1);
	sprintf(text + used, "}\n");
	world = world_parse(text, true);
	cr_assert_not_null(world.conf, "%s", world.said);
	used = (size_t)sprintf(text, "{ 'virtual_servers': [ { 'name': "
				     "'192.0.2.10:3306', 'servers': [");
	for (i = 0; i < 1000; i++)
		used += (size_t)sprintf(
			text + used,
			"%s{ 'address': '10.0.%zu.%zu:3306', 'checks': [ "
			"{ 'outcome': '%s' } ] }",
			i ? "," : "", i / 250, i % 250 + 1,
			i == 999 ? "refused" : "lagging");
	sprintf(text + used, "] } ] }");
	host.daemon = json_tokener_parse(text);
	free(text);
	judge_daemon(world.conf, &host, &findings);
	cr_assert_eq(findings.nr, 101);
	cr_expect_str_eq(findings.list[100].id, "more_servers");
	cr_expect_str_eq(findings.list[100].text,
			 "900 more findings of servers are not shown");
	cr_expect_eq(findings_worst(&findings), FINDING_ERROR);
}
