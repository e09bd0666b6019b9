/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes of a file: inheritance, defaults, sharing. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"

#define SECONDS(n) ((usec_t)((n)*1000000))

/*
 * What a full disk or a template that failed leaves takes no services away, not
 * under keepalived_compat either.
 */
Test(conf_parse, nothing_is_no_configuration)
{
	static const char *const texts[] = { "",	 "\n",
					     "# x",	 "   ",
					     "\r\n\r\n", "instance x\n",
					     "}\n",	 "@not-here a {\n" };
	struct world world;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(texts); i++) {
		world = world_parse(texts[i / 2], i % 2);
		cr_assert_null(world.conf, "'%s'", texts[i / 2]);
		cr_assert_gt(world.report.errors, 0, "'%s': %s", texts[i / 2],
			     world.said);
		world_free(&world);
	}
}

/* But who wants nothing can say so. */
Test(conf_parse, nothing_can_be_meant)
{
	static const char *const texts[] = { "global_defs {\n}\n",
					     "global_defs { }",
					     "instance x\nglobal_defs\n{\n}" };
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		world = world_parse(texts[i], false);
		cr_assert_not_null(world.conf);
		cr_assert_eq(world.conf->nr_virtual_servers, 0);
		cr_assert_eq(world.conf->nr_files, 1);
		cr_assert_eq(world.report.warnings, 0);
		world_free(&world);
	}
	conf_free(NULL);
}

Test(conf_parse, defaults)
{
	char *text = world_service("", "TCP_CHECK {\n}\n");
	struct world world = world_parse(text, false);
	const struct conf_virtual_server *vs = world.conf->virtual_servers;
	const struct conf_server *server = world.conf->servers;
	const struct conf_check *check = world.conf->checks;

	cr_assert_eq(world.said_len, 0, "%s", world.said);
	cr_assert_str_eq(vs->name, "192.0.2.1:80");
	cr_assert_str_eq(vs->scheduler, "rr");
	cr_assert_eq(vs->nr_keys, 1);
	cr_assert_eq(vs->keys->protocol, IPPROTO_TCP);
	cr_assert_eq(vs->keys->family, AF_INET);
	cr_assert_eq(vs->keys->vip.port, 80);
	cr_assert(vs->quorum == 1 && vs->hysteresis == 0 &&
		  vs->persistence == 0);
	cr_assert(!vs->alpha && !vs->omega && vs->flags == 0 &&
		  vs->prefix == 32);
	cr_assert(vs->min_serving.value == 50 && vs->min_serving.percent);
	cr_assert_eq(vs->correlated, 60);
	cr_assert(vs->base_weight == 1 && !vs->weights_move && !vs->fastest);
	cr_assert(vs->fastest_response.low == 50 &&
		  vs->fastest_response.high == 150);
	cr_assert(vs->fastest_response.step == 5 &&
		  vs->fastest_response.dead_band == 15);
	cr_assert(vs->headroom.survive.value == 50 &&
		  vs->headroom.survive.percent);
	cr_assert(vs->headroom.reserve == 10 && vs->headroom.high == 80);
	cr_assert_not(vs->headroom.threshold);
	cr_assert_eq(vs->sorry.addr.addr.family, AF_UNSPEC);
	cr_assert(server->weight == 1 && server->forward.method == FORWARD_NAT);
	cr_assert(server->u_threshold == 0 && server->l_threshold == 0);
	cr_assert(!server->inhibit && !server->backup && !server->alpha);
	cr_assert_eq(server->drain_timeout, SECONDS(300));
	cr_assert_not_null(server->slow_start);
	cr_assert_eq(server->slow_start->time, 0);
	cr_assert_eq(server->nr_uses, 1);
	cr_assert_eq(server->addr.port, 8080);
	cr_assert(check->rise == 1 && check->fall == 2 && check->nr_users == 1);
	cr_assert_eq(check->delay_loop, SECONDS(60));
	cr_assert_eq(check->delay_before_retry, SECONDS(1));
	cr_assert_eq(check->timeout, SECONDS(5));
	cr_assert_eq(check->warmup, -1);
	cr_assert_eq(endpoint_cmp(&check->dst, &server->addr), 0);
	cr_assert_eq(check->bind.addr.family, AF_UNSPEC);
	world_free(&world);
	free(text);
}

Test(conf_parse, defaults_of_each_kind_of_check)
{
	static const struct {
		const char *text;
		usec_t timeout, delay_before_retry;
		uint32_t fall;
	} rows[] = {
		{ "TCP_CHECK {\n}", SECONDS(5), SECONDS(1), 2 },
		{ "MYSQL_CHECK {\nusername u\n}", SECONDS(1), SECONDS(1), 2 },
		{ "HTTP_GET {\nurl {\npath /\n}\n}", SECONDS(5), SECONDS(3),
		  2 },
		{ "SSL_GET {\nurl {\npath /\n}\n}", SECONDS(5), SECONDS(3), 2 },
		{ "MISC_CHECK {\nmisc_path /bin/true\n}", SECONDS(7),
		  SECONDS(1), 1 },
		{ "SMTP_CHECK {\n}", SECONDS(5), SECONDS(1), 2 },
		{ "DNS_CHECK {\n}", SECONDS(5), SECONDS(7), 4 },
		{ "UDP_CHECK {\n}", SECONDS(5), SECONDS(1), 2 },
		{ "PING_CHECK {\n}", SECONDS(5), SECONDS(1), 2 },
	};
	const struct conf_check *check;
	struct world world;
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		text = world_service("delay_loop 7", rows[i].text);
		world = world_parse(text, false);
		cr_assert_not_null(world.conf, "%s", world.said);
		check = world.conf->checks;
		cr_assert_eq(check->kind, i);
		cr_assert_eq(check->timeout, rows[i].timeout, "%s",
			     rows[i].text);
		cr_assert_eq(check->delay_before_retry,
			     rows[i].delay_before_retry, "%s", rows[i].text);
		cr_assert_eq(check->fall, rows[i].fall, "%s", rows[i].text);
		cr_assert_eq(check->delay_loop, SECONDS(7));
		cr_assert_eq(world.conf->nr_checks, 1);
		cr_assert_eq(world.conf->servers->nr_uses, 1);
		world_free(&world);
		free(text);
	}
}

static void expect_text(const char *got, const char *wanted)
{
	cr_expect_eq(got != NULL, wanted != NULL);
	if (got && wanted)
		cr_expect_str_eq(got, wanted);
}

static void expect_traits(const struct conf_traits *got,
			  const struct conf_traits *wanted)
{
	cr_expect_eq(got->max_lag, wanted->max_lag);
	cr_expect_eq(got->resume_lag, wanted->resume_lag);
	cr_expect_eq(got->needs_source, wanted->needs_source);
	cr_expect_eq(got->many_sources, wanted->many_sources);
	cr_expect_eq(got->counts_connections, wanted->counts_connections);
	cr_expect_eq(got->times_server, wanted->times_server);
	cr_expect_eq(got->reports_weight, wanted->reports_weight);
	cr_expect_eq(got->holds_secret, wanted->holds_secret);
	expect_text(got->secret_file, wanted->secret_file);
	expect_text(got->script ? got->script->command : NULL,
		    wanted->script ? wanted->script->command : NULL);
}

#define MYSQL(words) "MYSQL_CHECK {\nusername u\n" words "\n}"
#define MISC(words) "MISC_CHECK {\nmisc_path /bin/true\n" words "\n}"
#define OF_MYSQL .counts_connections = true, .times_server = true

/* The decision and the daemon go by the traits and never ask for the kind. */
Test(conf_parse, the_words_of_a_check_become_its_traits)
{
	static const struct conf_script script = { .command = "/bin/true" };
	static const struct {
		const char *block;
		struct conf_traits traits;
	} rows[] = {
		{ "TCP_CHECK {\n}", { 0 } },
		{ "HTTP_GET {\nurl {\npath /\n}\n}", { 0 } },
		{ MYSQL(""), { OF_MYSQL } },
		{ MYSQL("role replica"), { OF_MYSQL } },
		{ MYSQL("max_lag 30\nresume_lag 7"),
		  { OF_MYSQL, .max_lag = SECONDS(30),
		    .resume_lag = SECONDS(7) } },
		{ MYSQL("role source"), { OF_MYSQL, .needs_source = true } },
		{ MYSQL("cluster galera"), { OF_MYSQL, .many_sources = true } },
		{ MYSQL("cluster group_replication"),
		  { OF_MYSQL, .many_sources = true } },
		{ MYSQL("cluster none"), { OF_MYSQL } },
		{ MYSQL("password p"), { OF_MYSQL, .holds_secret = true } },
		{ MYSQL("password p\npassword_file /etc/p"),
		  { OF_MYSQL, .secret_file = "/etc/p" } },
		{ MISC(""), { .script = &script } },
		{ MISC("misc_dynamic"),
		  { .script = &script, .reports_weight = true } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = world_service("", rows[i].block);
		struct world world = world_parse(text, false);

		cr_assert_not_null(world.conf, "%s", world.said);
		expect_traits(&world.conf->checks->traits, &rows[i].traits);
		world_free(&world);
		free(text);
	}
}

/* Where a value is said, and what wins. */
Test(conf_parse, checks_inherit_from_servers_and_those_from_virtual_servers)
{
	static const struct {
		const char *vs, *rs, *check;
		uint32_t rise, fall;
		usec_t delay_loop;
	} rows[] = {
		{ "", "", "", 1, 2, SECONDS(60) },
		{ "retry 3", "", "", 1, 4, SECONDS(60) },
		{ "retry 3", "retry 5", "", 1, 6, SECONDS(60) },
		{ "retry 3", "retry 5", "retry 0", 1, 1, SECONDS(60) },
		{ "fall 9", "", "", 1, 9, SECONDS(60) },
		{ "fall 9", "retry 1", "", 1, 2, SECONDS(60) },
		{ "retry 5", "fall 9", "", 1, 9, SECONDS(60) },
		{ "", "", "fall 9\nretry 3", 1, 9, SECONDS(60) },
		{ "rise 2", "", "", 2, 2, SECONDS(60) },
		{ "rise 2", "rise 3", "rise 4", 4, 2, SECONDS(60) },
		{ "delay_loop 1", "", "", 1, 2, SECONDS(1) },
		{ "delay_loop 1", "delay_loop 2.5", "", 1, 2, SECONDS(2.5) },
		{ "delay_loop 1", "delay_loop 2.5", "delay_loop 3", 1, 2,
		  SECONDS(3) },
	};
	const struct conf_check *check;
	char server[128], *text;
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(server, sizeof(server), "TCP_CHECK {\n%s\n}\n%s\n",
			 rows[i].check, rows[i].rs);
		text = world_service(rows[i].vs, server);
		world = world_parse(text, false);
		cr_assert_not_null(world.conf, "%s", world.said);
		check = world.conf->checks;
		cr_assert_eq(check->rise, rows[i].rise, "%zu", i);
		cr_assert_eq(check->fall, rows[i].fall, "%zu", i);
		cr_assert_eq(check->delay_loop, rows[i].delay_loop, "%zu", i);
		world_free(&world);
		free(text);
	}
}

Test(conf_parse, alpha_is_inherited_and_switched_off)
{
	static const struct {
		const char *vs, *rs, *check;
		bool server, use;
	} rows[] = {
		{ "", "", "", false, false },
		{ "alpha", "", "", true, true },
		{ "", "alpha", "", true, true },
		{ "", "", "alpha", false, true },
		{ "alpha", "alpha off", "", false, false },
		{ "alpha", "", "alpha no", true, false },
	};
	char server[128], *text;
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(server, sizeof(server), "TCP_CHECK {\n%s\n}\n%s\n",
			 rows[i].check, rows[i].rs);
		text = world_service(rows[i].vs, server);
		world = world_parse(text, false);
		cr_assert_eq(world.conf->servers->alpha, rows[i].server, "%zu",
			     i);
		cr_assert_eq(world.conf->servers->uses->alpha, rows[i].use,
			     "%zu", i);
		world_free(&world);
		free(text);
	}
}

Test(conf_parse, equal_checks_are_one)
{
	static const char text[] =
		"$VS= \\\nlvs_sched rr \\\nlvs_method NAT \\\nprotocol TCP \\\n"
		"real_server 192.0.2.2 80 { \\\nMYSQL_CHECK { \\\nusername u \\\n} \\\n"
		"TCP_CHECK { } \\\nTCP_CHECK { } \\\n} \\\n"
		"real_server 192.0.2.3 80 { \\\nMYSQL_CHECK { \\\nusername u \\\n} \\\n}\n"
		"virtual_server 192.0.2.1 1 {\n$VS\n}\n"
		"virtual_server 192.0.2.1 2 {\nalpha\n$VS\n}\n"
		"virtual_server 192.0.2.1 3 {\nrise 2\n$VS\n}\n";
	struct world world = world_parse(text, false);
	const struct conf *conf = world.conf;
	uint32_t i, n, users = 0;

	cr_assert_not_null(conf, "%s", world.said);
	/* Two servers with MySQL, one with TCP; once more for another rise. */
	cr_assert_eq(conf->nr_checks, 6);
	for (i = 0; i < conf->nr_checks; i++)
		users += conf->checks[i].nr_users;
	for (i = n = 0; i < conf->nr_servers; i++)
		n += conf->servers[i].nr_uses;
	cr_assert_eq(n, 12);
	cr_assert_eq(users, 12);
	/* What the checks ask is one struct, too. */
	cr_assert_eq(conf->checks[0].kind, CHECK_MYSQL);
	cr_assert_eq(conf->checks[2].kind, CHECK_MYSQL);
	cr_assert_eq(conf->checks[0].mysql, conf->checks[2].mysql);
	/* Alpha is of the use, not of the check. */
	cr_assert_eq(conf->servers[0].uses[0].check,
		     conf->servers[2].uses[0].check);
	cr_assert_not(conf->servers[0].uses[0].alpha);
	cr_assert(conf->servers[2].uses[0].alpha);
	world_free(&world);
}

/* A server that is left out takes its checks with it. */
Test(conf_parse, checks_of_servers_that_are_left_out_go)
{
	char *text = world_service(
		"real_server 192.0.2.2 8080 {\nTCP_CHECK {\nrise 1\n}\n}\n"
		"real_server 192.0.2.2 8080 {\nTCP_CHECK {\nrise 9\n}\n}\n"
		"real_server 192.0.2.3 8080 {\nTCP_CHECK {\nrise 7\n}\n}\n",
		"TCP_CHECK {\nrise 8\n}\n");
	struct world world = world_parse(text, true);

	cr_assert_not_null(world.conf, "%s", world.said);
	cr_assert_eq(world.report.warnings, 2);
	cr_assert_eq(world.conf->nr_servers, 2);
	cr_assert_eq(world.conf->nr_checks, 2);
	cr_assert_eq(world.conf->checks[0].rise, 1);
	cr_assert_eq(world.conf->checks[1].rise, 7);
	cr_assert_eq(world.conf->servers[1].uses[0].check, 1);
	world_free(&world);
	free(text);
}

Test(conf_parse, schedulers_and_their_flags)
{
	static const struct {
		const char *text, *scheduler, *word;
		uint32_t flags;
	} rows[] = {
		{ "lvs_sched wlc", "wlc", "wlc", 0 },
		{ "lvs_sched random", "mh", "random", SERVICE_SCHED2 },
		{ "lvs_sched fastest", "wlc", "fastest", 0 },
		{ "sh-port\nsh-fallback\nlvs_sched sh", "sh", "sh",
		  SERVICE_SCHED1 | SERVICE_SCHED2 },
		{ "lvs_sched mh\nmh-fallback", "mh", "mh", SERVICE_SCHED1 },
		{ "protocol TCP\nlvs_sched rr\nops", "rr", "rr", 0 },
		{ "lvs_sched twos\nflag-3\nops\nhashed", "twos", "twos",
		  SERVICE_SCHED3 | SERVICE_ONEPACKET },
		{ "lvs_sched rr\npersistence_timeout", "rr", "rr",
		  SERVICE_PERSISTENT },
	};
	struct world world;
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(
			text, sizeof(text),
			"virtual_server 192.0.2.1 80 {\nprotocol UDP\n%s\nlvs_method NAT\n"
			"real_server 192.0.2.2 80 {\n}\n}\n",
			rows[i].text);
		world = world_parse(text, false);
		cr_assert_not_null(world.conf, "%s", world.said);
		cr_assert_str_eq(world.conf->virtual_servers->scheduler,
				 rows[i].scheduler);
		cr_assert_str_eq(world.conf->virtual_servers->sched_word,
				 rows[i].word);
		cr_assert_eq(world.conf->virtual_servers->flags, rows[i].flags,
			     "%s", rows[i].text);
		world_free(&world);
	}
}

Test(conf_parse, groups_stand_for_many_services)
{
	static const char text[] =
		"virtual_server group g {\nlvs_sched rr\nlvs_method TUN\nprotocol UDP\n"
		"real_server 2001:db8::2 80 {\n}\n}\n"
		"virtual_server_group g {\n192.0.2.254-192.0.3.1 80\n192.0.2.8/31 81\n"
		"ae00::fffe-1 82\nae00::2-a 82\nfwmark 5\nfwmark 6 inet\n}\n";
	struct world world = world_parse(text, true);
	const struct conf_virtual_server *vs = world.conf->virtual_servers;
	char name[SERVICE_TEXT_MAX];

	/* The range that goes down is left out. */
	cr_assert_eq(world.report.warnings, 1, "%s", world.said);
	cr_assert_eq(vs->nr_keys, 4 + 2 + 9 + 2);
	cr_assert_str_eq(service_key_format(&vs->keys[0], name),
			 "UDP 192.0.2.254:80");
	cr_assert_str_eq(service_key_format(&vs->keys[3], name),
			 "UDP 192.0.3.1:80");
	cr_assert_str_eq(service_key_format(&vs->keys[5], name),
			 "UDP 192.0.2.9:81");
	cr_assert_str_eq(service_key_format(&vs->keys[14], name),
			 "UDP [ae00::a]:82");
	/* A mark without a family has that of the servers. */
	cr_assert_str_eq(service_key_format(&vs->keys[15], name), "FWM 5 IPv6");
	cr_assert_str_eq(service_key_format(&vs->keys[16], name), "FWM 6");
	cr_assert_str_eq(vs->name, "group g");
	world_free(&world);
}

Test(conf_parse, unused_bytes_of_keys_are_zero)
{
	struct world world =
		world_parse("virtual_server fwmark 9 {\nlvs_sched rr\n"
			    "lvs_method NAT\nreal_server 192.0.2.2 {\n}\n}\n",
			    false);
	struct service_key key;

	memset(&key, 0, sizeof(key));
	key.fwmark = 9;
	key.family = AF_INET;
	cr_assert_arr_eq(&key, world.conf->virtual_servers->keys, sizeof(key));
	world_free(&world);
}

Test(conf_parse, ports_that_only_nat_can_change)
{
	static const struct {
		const char *method, *port;
		uint16_t server, check;
		uint32_t warnings;
	} rows[] = {
		{ "NAT", "81", 81, 81, 0 }, { "NAT", "", 80, 80, 0 },
		{ "NAT", "0", 80, 80, 0 },  { "DR", "80", 80, 80, 0 },
		{ "DR", "81", 80, 81, 1 },  { "DR", "", 80, 80, 0 },
		{ "TUN", "81", 80, 81, 1 },
	};
	struct world world;
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(
			text, sizeof(text),
			"virtual_server 192.0.2.1 80 {\nlvs_sched rr\nlvs_method %s\n"
			"protocol TCP\nreal_server 192.0.2.2 %s {\nTCP_CHECK {\n}\n}\n}\n",
			rows[i].method, rows[i].port);
		world = world_parse(text, false);
		cr_assert_eq(world.conf->servers->addr.port, rows[i].server,
			     "%zu", i);
		cr_assert_eq(world.conf->checks->dst.port, rows[i].check, "%zu",
			     i);
		cr_assert_eq(world.report.warnings, rows[i].warnings, "%zu", i);
		world_free(&world);
	}
}

Test(conf_parse, a_quorum_can_be_reached)
{
	static const struct {
		const char *words;
		uint32_t quorum, hysteresis;
	} rows[] = {
		{ "quorum 3", 3, 0 },
		{ "quorum 4", 3, 0 },
		{ "quorum 3\nhysteresis 2", 3, 2 },
		{ "quorum 3\nhysteresis 3", 3, 2 },
		{ "quorum 9\nhysteresis 9", 3, 2 },
		{ "quorum 4294967295\nhysteresis 4294967295", 3, 2 },
	};
	struct world world;
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		text = world_service(rows[i].words, "weight 3");
		world = world_parse(text, false);
		cr_assert_eq(world.conf->virtual_servers->quorum,
			     rows[i].quorum);
		cr_assert_eq(world.conf->virtual_servers->hysteresis,
			     rows[i].hysteresis);
		world_free(&world);
		free(text);
	}
	/* keepalived makes the hysteresis -1 of this. */
	text = world_service("quorum 7\nhysteresis 1", "weight 0");
	world = world_parse(text, false);
	cr_assert_eq(world.conf->virtual_servers->quorum, 1);
	cr_assert_eq(world.conf->virtual_servers->hysteresis, 0);
	world_free(&world);
	free(text);
}

Test(conf_parse, weights_that_move_have_a_scale)
{
	static const struct {
		const char *vs, *rs;
		uint32_t base;
		bool move;
	} rows[] = {
		{ "", "", 1, false },
		{ "lvs_sched fastest", "", 100, true },
		{ "slow_start {\ntime 9\n}", "", 100, true },
		{ "", "slow_start {\n}", 100, true },
		{ "slow_start {\ntime 0\n}", "", 1, false },
		{ "base_weight 7", "", 7, false },
		{ "base_weight 7", "slow_start {\n}", 7, true },
	};
	struct world world;
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		text = world_service(rows[i].vs, rows[i].rs);
		world = world_parse(text, false);
		cr_assert_eq(world.conf->virtual_servers->base_weight,
			     rows[i].base, "%zu", i);
		cr_assert_eq(world.conf->virtual_servers->weights_move,
			     rows[i].move, "%zu", i);
		world_free(&world);
		free(text);
	}
	text = world_service("base_weight 1000",
			     "weight 2147483647\nTCP_CHECK {\n}\n");
	world = world_parse(text, false);
	cr_assert_eq(world.report.warnings, 1);
	cr_assert_leq((uint64_t)world.conf->servers->weight * 1000, INT32_MAX);
	world_free(&world);
	free(text);
}

/* A checker's own parse names the checks as main's does. */
Test(conf_parse, checks_alone_are_the_same_checks)
{
	static const char text[] =
		"virtual_server 192.0.2.1 1 {\nlvs_sched rr\nlvs_method NAT\n"
		"protocol TCP\nreal_server 192.0.2.2 80 {\nBFD_CHECK {\nname b\n}\n"
		"TCP_CHECK {\n}\n}\nreal_server 192.0.2.3 80 {\nMYSQL_CHECK {\n"
		"username u\n}\n}\n}\nbfd_instance b {\nneighbor_ip 192.0.2.9\n}\n";
	struct conf_options options = { .checks_only = true };
	struct world all = world_parse(text, false);
	struct world some =
		world_parse_options(text, sizeof(text) - 1, &options);
	uint32_t i;

	cr_assert_eq(all.conf->nr_servers, 2);
	cr_assert_eq(some.conf->nr_servers, 0);
	cr_assert_eq(some.conf->nr_virtual_servers, 0);
	cr_assert_eq(some.conf->nr_checks, 3);
	cr_assert_eq(some.conf->nr_checks, all.conf->nr_checks);
	for (i = 0; i < 3; i++) {
		cr_assert_eq(some.conf->checks[i].kind,
			     all.conf->checks[i].kind);
		cr_assert_eq(endpoint_cmp(&some.conf->checks[i].dst,
					  &all.conf->checks[i].dst),
			     0);
	}
	world_free(&all);
	world_free(&some);
}
