/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every row of the tables of virtual servers and of global_defs: a value that is
 * not the default is printed, is read back as the same, and makes the
 * configuration another one. The values come from the row itself; a row with a
 * type of its own needs one here, or the test fails.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/vrrp/vrrp_blocks.h"

/* Where the lines of a block stand in a file. A '%' stands for them. */
struct place {
	enum conf_block_id block;
	const char *text;
};

#define SERVICE(body, server)                                                \
	"virtual_server 192.0.2.1 80 {\nlvs_sched rr\nlvs_method NAT\n"      \
	"protocol UDP\npersistence_timeout 100\nquorum 20\nweight 50\n" body \
	"real_server 192.0.2.2 8080 {\nuthreshold 90\n" server "}\n"         \
	"}\n"
#define ANNOUNCE(body) \
	"announce_group g {\nvirtual_ipaddress {\n192.0.2.1\n}\n" body "}\n"
#define PAGE "HTTP_GET {\nurl {\npath /\n}\n}\n"
static const struct place places[] = {
	{ BLOCK_GLOBAL, "global_defs {\n%}\n" SERVICE("", PAGE) },
	{ BLOCK_SETS, "global_defs {\n%}\n" },
	{ BLOCK_SSL, "SSL {\n%}\n" SERVICE("", PAGE) },
	{ BLOCK_MAIL, "global_defs {\n%}\n" },
	{ BLOCK_PROCESS, "global_defs {\n%}\n" },
	{ BLOCK_PROCESS_FILE, "global_defs {\n}\n%" },
	{ BLOCK_VIRTUAL_SERVER, ANNOUNCE("") SERVICE("%", PAGE) },
	{ BLOCK_REAL_SERVER, SERVICE("", "%" PAGE) },
	{ BLOCK_TIMING, SERVICE("", "TCP_CHECK {\n%}\n") },
	{ BLOCK_CONNECT, SERVICE("", "TCP_CHECK {\n%}\n") },
	{ BLOCK_MYSQL_CHECK, SERVICE("", "MYSQL_CHECK {\nusername u\n%}\n") },
	{ BLOCK_HTTP_CHECK, SERVICE("", "HTTP_GET {\nurl {\npath /\n}\n%}\n") },
	{ BLOCK_URL, SERVICE("", "HTTP_GET {\nurl {\npath /\n%}\n}\n") },
	{ BLOCK_MISC_CHECK,
	  SERVICE("", "MISC_CHECK {\nmisc_path /bin/true\n%}\n") },
	{ BLOCK_FILE_CHECK,
	  "track_file f {\nfile /f\n}\ntrack_file g {\nfile /g\n}\n" SERVICE(
		  "", "FILE_CHECK {\ntrack_file f\n%}\n") },
	{ BLOCK_BFD_CHECK,
	  "bfd_instance f {\nneighbor_ip 192.0.2.8\n}\n"
	  "bfd_instance g {\nneighbor_ip 192.0.2.9\n}\n" SERVICE(
		  "", "BFD_CHECK {\nname f\n%}\n") },
	{ BLOCK_SMTP_CHECK, SERVICE("", "SMTP_CHECK {\n%}\n") },
	{ BLOCK_SMTP_HOST, SERVICE("", "SMTP_CHECK {\nhost {\n%}\n}\n") },
	{ BLOCK_DNS_CHECK, SERVICE("", "DNS_CHECK {\n%}\n") },
	{ BLOCK_UDP_CHECK, SERVICE("", "UDP_CHECK {\nrequire_reply 00\n%}\n") },
	{ BLOCK_SLOW_START, SERVICE("", "slow_start {\n%}\n") },
	{ BLOCK_FASTEST,
	  SERVICE("lvs_sched fastest\nfastest_response {\n%}\n", "") },
	{ BLOCK_HEADROOM, SERVICE("headroom {\n%}\n", "") },
	{ BLOCK_INTEGRITY, SERVICE("integrity {\n%}\n", "") },
	{ BLOCK_ANNOUNCE, ANNOUNCE("%") SERVICE("announce g\n", "") },
};

/* A line for a row of a type of its own, or with company that it needs. */
struct sample {
	enum conf_block_id block;
	const char *name;
	const char *line; /* NULL: as of its type */
	const char *with; /* lines that stand there in any case, or NULL */
};

static const struct sample samples[] = {
	{ BLOCK_GLOBAL, "control_socket", "/run/x root", NULL },
	{ BLOCK_GLOBAL, "operator_peer", "192.0.2.7 99 /etc/key", NULL },
	{ BLOCK_GLOBAL, "probe_marks", "0x10000", NULL },
	{ BLOCK_GLOBAL, "recorder", "/r size 5M", NULL },
	{ BLOCK_GLOBAL, "metrics_listen", "192.0.2.7 99 scrape.example", NULL },
	{ BLOCK_GLOBAL, "status_listen", "192.0.2.7 98 page.example", NULL },
	{ BLOCK_GLOBAL, "script_user", "nobody", NULL },
	{ BLOCK_GLOBAL, "lvs_flush_on_stop", "VS", NULL },
	{ BLOCK_GLOBAL, "lvs_flush_onstop", "VS", NULL },
	{ BLOCK_GLOBAL, "lvs_timeouts", "tcp 9 udp 8", NULL },
	{ BLOCK_SETS, "vrrp_ipsets", "four six", NULL },
	{ BLOCK_PROCESS_FILE, "net_namespace", "other", NULL },
	{ BLOCK_PROCESS_FILE, "net_namespace_ipvs", "other", NULL },
	{ BLOCK_PROCESS_FILE, "instance", "other", NULL },
	{ BLOCK_PROCESS, "reload_time_file", "/other", NULL },
	{ BLOCK_PROCESS, "reload_file", "/other", NULL },
	{ BLOCK_PROCESS, "iproute_usr_dir", "/other", NULL },
	{ BLOCK_PROCESS, "iproute_etc_dir", "/other", NULL },
	{ BLOCK_PROCESS, "umask", "IWGRP|IRWXO", NULL },
	{ BLOCK_PROCESS, "checker_priority", "-7", NULL },
	{ BLOCK_PROCESS, "process_name", "director", NULL },
	{ BLOCK_PROCESS, "checker_process_name", "prober", NULL },
	{ BLOCK_PROCESS, "lvs_process_name", "prober", NULL },
	{ BLOCK_PROCESS, "checker_cpu_affinity", "0 2 1023", NULL },
	{ BLOCK_PROCESS, "bfd_priority", "-7", NULL },
	{ BLOCK_PROCESS, "bfd_process_name", "neighbour", NULL },
	{ BLOCK_PROCESS, "bfd_cpu_affinity", "0 2 1023", NULL },
	{ BLOCK_MAIL, "notification_email", "{\na@b.example\n}", NULL },
	{ BLOCK_MAIL, "notification_email_from", "a@b.example", NULL },
	{ BLOCK_MAIL, "smtp_server", "mx.example 26", NULL },
	{ BLOCK_MAIL, "smtp_helo_name", "a.example", NULL },
	{ BLOCK_MAIL, "email_faults", "off", NULL },
	{ BLOCK_SETS, "lvs_ipsets", "pools", NULL },
	{ BLOCK_SETS, "vrrp_iptables", "CHAIN", NULL },
	{ BLOCK_VIRTUAL_SERVER, "protocol", "TCP", NULL },
	{ BLOCK_VIRTUAL_SERVER, "announce", "g", NULL },
	{ BLOCK_ANNOUNCE, "virtual_ipaddress", "{\n192.0.2.99\n}", NULL },
	{ BLOCK_ANNOUNCE, "lease", "9", NULL },
	{ BLOCK_VIRTUAL_SERVER, "kill_spare", "dump repl", "on_leave kill\n" },
	{ BLOCK_VIRTUAL_SERVER, "cold_pool_limit", "10%", NULL },
	{ BLOCK_VIRTUAL_SERVER, "alpha", "", NULL },
	{ BLOCK_VIRTUAL_SERVER, "inhibit_on_failure", "", NULL },
	{ BLOCK_VIRTUAL_SERVER, "lvs_sched", "wlc", NULL },
	{ BLOCK_VIRTUAL_SERVER, "lb_algo", "wlc", NULL },
	{ BLOCK_VIRTUAL_SERVER, "lvs_method", "DR", NULL },
	{ BLOCK_VIRTUAL_SERVER, "lb_kind", "TUN type gre", NULL },
	{ BLOCK_VIRTUAL_SERVER, "hashed", NULL, NULL },
	{ BLOCK_VIRTUAL_SERVER, "sh-fallback", "", "lvs_sched sh\n" },
	{ BLOCK_VIRTUAL_SERVER, "sh-port", "", "lvs_sched sh\n" },
	{ BLOCK_VIRTUAL_SERVER, "mh-fallback", "", "lvs_sched mh\n" },
	{ BLOCK_VIRTUAL_SERVER, "mh-port", "", "lvs_sched mh\n" },
	{ BLOCK_VIRTUAL_SERVER, "ops", "", NULL },
	{ BLOCK_VIRTUAL_SERVER, "flag-1", "", NULL },
	{ BLOCK_VIRTUAL_SERVER, "flag-2", "", NULL },
	{ BLOCK_VIRTUAL_SERVER, "flag-3", "", NULL },
	{ BLOCK_VIRTUAL_SERVER, "persistence_granularity", "24", NULL },
	{ BLOCK_VIRTUAL_SERVER, "persistence_engine", "sip", NULL },
	{ BLOCK_VIRTUAL_SERVER, "sorry_server", "192.0.2.9 81", NULL },
	{ BLOCK_VIRTUAL_SERVER, "sorry_server_lvs_method", "DR",
	  "sorry_server 192.0.2.9 80\n" },
	{ BLOCK_VIRTUAL_SERVER, "sorry_server_inhibit", "",
	  "sorry_server 192.0.2.9 80\n" },
	{ BLOCK_VIRTUAL_SERVER, "correlated_failure", "off", NULL },
	{ BLOCK_VIRTUAL_SERVER, "weight", "70", NULL },
	{ BLOCK_VIRTUAL_SERVER, "slow_start", "{\ntime 3\n}", NULL },
	{ BLOCK_VIRTUAL_SERVER, "headroom", "{\nhigh 33%\n}", NULL },
	{ BLOCK_VIRTUAL_SERVER, "integrity", "{\n}", NULL },
	{ BLOCK_VIRTUAL_SERVER, "fastest_response", "{\nstep 33%\n}",
	  "lvs_sched fastest\n" },
	{ BLOCK_REAL_SERVER, "lvs_method", "TUN type gue port 99 csum", NULL },
	{ BLOCK_REAL_SERVER, "slow_start", "{\ngate none\n}", NULL },
	{ BLOCK_MYSQL_CHECK, "resume_lag", NULL, "max_lag 1000\n" },
	{ BLOCK_MYSQL_CHECK, "lag_source", "heartbeat a.b", NULL },
	{ BLOCK_MYSQL_CHECK, "write_check", "a.b", "role source\n" },
	{ BLOCK_HTTP_CHECK, "url", "{\npath /other\n}", NULL },
	{ BLOCK_HTTP_CHECK, "drain_code", "404 500-503", NULL },
	{ BLOCK_HTTP_CHECK, "tls", "verify_ca", NULL },
	{ BLOCK_URL, "digest", "0123456789abcdef0123456789abcdef", NULL },
	{ BLOCK_URL, "regex", "\"a.*b\"", NULL },
	{ BLOCK_URL, "regex_no_match", "", "regex a\n" },
	{ BLOCK_URL, "regex_options", "utf caseless", "regex a\n" },
	{ BLOCK_URL, "regex_min_offset", "9", "regex a\n" },
	{ BLOCK_URL, "regex_max_offset", "0", "regex a\n" },
	{ BLOCK_URL, "status_code", "201", NULL },
	{ BLOCK_MISC_CHECK, "misc_path", "\"/bin/false 1\"", NULL },
	{ BLOCK_MISC_CHECK, "user", "nobody", NULL },
	{ BLOCK_FILE_CHECK, "track_file", "g", NULL },
	{ BLOCK_FILE_CHECK, "weight", "-5 reverse", NULL },
	{ BLOCK_BFD_CHECK, "name", "g", NULL },
	{ BLOCK_SMTP_CHECK, "helo_name", "a.example", NULL },
	{ BLOCK_SMTP_CHECK, "host", "{\nconnect_port 99\n}", NULL },
	{ BLOCK_DNS_CHECK, "name", "a.example", NULL },
	{ BLOCK_UDP_CHECK, "payload", "00FF", NULL },
	{ BLOCK_UDP_CHECK, "require_reply", "01XX", NULL },
	{ BLOCK_FASTEST, "range", "30% 170%", NULL },
	{ BLOCK_INTEGRITY, "rate", "1MB", NULL },
	{ BLOCK_INTEGRITY, "sizes", "2-64KiB", NULL },
};

/* Rows without an effect of their own, or that only other tests can show. */
static const struct {
	enum conf_block_id block;
	const char *name;
	const char *why;
} without[] = {
	{ BLOCK_HTTP_CHECK, "tls_compliant", "it is done in any case" },
	{ BLOCK_URL, "tls_compliant", "it is done in any case" },
	{ BLOCK_GLOBAL, "keepalived_compat", "it changes what is an error" },
	{ BLOCK_VIRTUAL_SERVER, "hashed", "sh and mh always do" },
	{ BLOCK_MAIL, "no_checker_emails", "there are none" },
	{ BLOCK_PROCESS, "use_symlink_paths", "it is done in any case" },
	{ BLOCK_PROCESS, "process_names", "the same" },
	{ BLOCK_PROCESS_FILE, "namespace_with_ipsets", "the same" },
	{ BLOCK_PROCESS_FILE, "use_pid_dir", "the same" },
	{ BLOCK_VIRTUAL_SERVER, "ip_family",
	  "only with a mark, see 15-fwmark" },
	{ BLOCK_VIRTUAL_SERVER, "real_server", "is in each place" },
};

static const struct sample *sample_of(enum conf_block_id block,
				      const struct conf_keyword *kw)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		if (samples[i].block == block &&
		    strcmp(samples[i].name, kw->name) == 0)
			return &samples[i];
	}
	return NULL;
}

static bool is_without(enum conf_block_id block, const struct conf_keyword *kw)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(without); i++) {
		if (without[i].block == block &&
		    strcmp(without[i].name, kw->name) == 0)
			return true;
	}
	return false;
}

/* A number of the row's range that is not its default, and rarely another's. */
static int64_t another_number(const struct conf_keyword *kw, int64_t step)
{
	int64_t value = (kw->preset > 0 ? kw->preset : 0) + 7 * step;

	if (value < kw->min)
		value = kw->min + step;
	if (value > kw->max)
		value = kw->max;
	return value == kw->preset ? kw->min : value;
}

static const char *another_choice(const struct conf_keyword *kw)
{
	const struct conf_choice *choice;

	for (choice = kw->data; choice->value == kw->preset; choice++)
		;
	return choice->word;
}

/* The line of KW with another value by its type; NULL: nobody knows one. */
static char *line_by_type(const struct conf_keyword *kw)
{
	const struct conf_type *type = kw->type;
	char *line = NULL, word[64] = "";

	if (type == &conf_type_u32 || type == &conf_type_u16 ||
	    type == &conf_type_u8)
		snprintf(word, sizeof(word), "%lld",
			 (long long)another_number(kw, 1));
	else if (type == &conf_type_time)
		snprintf(word, sizeof(word), "%lld",
			 (long long)(another_number(kw, USEC_PER_SEC) /
				     USEC_PER_SEC));
	else if (type == &conf_type_percent)
		snprintf(word, sizeof(word), "%lld%%",
			 (long long)another_number(kw, 1));
	else if (type == &conf_type_share)
		strcpy(word, "3%");
	else if (type == &conf_type_port)
		strcpy(word, "99");
	else if (type == &conf_type_addr)
		strcpy(word, "192.0.2.77");
	else if (type == &conf_type_string)
		strcpy(word, "\"other text\"");
	else if (type == &conf_type_outside)
		snprintf(word, sizeof(word), "%s",
			 kw->min == CONF_OUTSIDE_USER ? "nobody" : "/file");
	else if (type == &conf_type_script)
		strcpy(word, "\"/bin/echo 'a b'\" nobody");
	else if (type == &conf_type_bool || type == &conf_type_flag ||
		 type == &conf_type_maybe)
		snprintf(word, sizeof(word), "%s",
			 kw->preset > 0 ? "off" : "on");
	else if (type == &conf_type_choice || type == &conf_type_either)
		snprintf(word, sizeof(word), "%s", another_choice(kw));
	else if (type != &conf_type_true)
		return NULL;
	if (asprintf(&line, "%s %s\n", kw->name, word) < 0)
		abort();
	return line;
}

static char *line_of(const struct conf_keyword *kw, const struct sample *sample)
{
	char *line = NULL;

	if (!sample || !sample->line)
		return line_by_type(kw);
	if (asprintf(&line, "%s %s\n", kw->name, sample->line) < 0)
		abort();
	return line;
}

/* The text of PLACE with LINES where they belong. */
static char *text_of(const struct place *place, const char *with,
		     const char *lines)
{
	const char *at = strchr(place->text, '%');
	char *text = NULL;

	if (asprintf(&text, "%.*s%s%s%s", (int)(at - place->text), place->text,
		     with ? with : "", lines, at + 1) < 0)
		abort();
	return text;
}

static bool same_announced(const struct conf *a, const struct conf *b)
{
	uint32_t i;

	if (a->nr_announce_groups != b->nr_announce_groups)
		return false;
	for (i = 0; i < a->nr_announce_groups; i++)
		if (!conf_block_equal(&conf_block_announce,
				      &a->announce_groups[i],
				      &b->announce_groups[i]))
			return false;
	return true;
}

static bool same(const struct conf *a, const struct conf *b)
{
	struct conf_changes changes =
		conf_compare(a, b, conf_checks_equal(a, b));

	return changes.added + changes.changed + changes.gone == 0 &&
	       conf_block_equal(&conf_block_ssl, &a->global.ssl,
				&b->global.ssl) &&
	       same_announced(a, b) &&
	       conf_block_equal(&conf_block_global, &a->global, &b->global) &&
	       conf_block_equal(&conf_block_sets, &a->global.sets,
				&b->global.sets) &&
	       conf_block_equal(&conf_block_process, &a->global, &b->global) &&
	       conf_block_equal(&conf_block_process_file, &a->global,
				&b->global) &&
	       conf_block_equal(&conf_block_mail, &a->global.mail,
				&b->global.mail);
}

/* Checks that are the same have the same hash. */
static void check_hashes(const struct conf *a, const struct conf *b,
			 const char *line)
{
	uint32_t i;

	for (i = 0; i < a->nr_checks && i < b->nr_checks; i++)
		cr_expect(!conf_check_equal(&a->checks[i], &b->checks[i]) ||
				  conf_check_hash(&a->checks[i]) ==
					  conf_check_hash(&b->checks[i]),
			  "equal checks differ in their hash: %s", line);
}

static void check_print(const struct conf_keyword *kw, const struct conf *plain,
			const struct conf *other, const char *line)
{
	char *without_it = world_print(plain), *with_it = world_print(other);
	struct world again = world_parse(with_it, false);

	cr_expect(strcmp(without_it, with_it) != 0,
		  "nothing is printed differently: %s", line);
	cr_expect(again.conf != NULL, "what is printed is refused: %s%s", line,
		  again.said);
	if (again.conf && !(kw->flags & KW_SECRET)) {
		cr_expect(same(other, again.conf),
			  "what is printed reads as something else: %s", line);
		check_hashes(other, again.conf, line);
	}
	free(without_it);
	free(with_it);
	world_free(&again);
}

static void check_row(const struct place *place, const struct conf_keyword *kw)
{
	const struct sample *sample = sample_of(place->block, kw);
	char *line = line_of(kw, sample);
	char *before = text_of(place, sample ? sample->with : NULL, ""),
	     *after = text_of(place, sample ? sample->with : NULL,
			      line ? line : "");
	struct world plain = world_parse(before, false),
		     other = world_parse(after, false);

	cr_expect(line != NULL, "'%s' has a type of its own: it needs a sample",
		  kw->name);
	cr_assert_not_null(plain.conf, "%s%s", before, plain.said);
	cr_expect(other.conf != NULL, "%s%s", after, other.said);
	if (line && other.conf) {
		cr_expect(!same(plain.conf, other.conf),
			  "%s: it makes no difference: %s",
			  conf_blocks[place->block]->name, line);
		check_hashes(plain.conf, other.conf, line);
		check_print(kw, plain.conf, other.conf, line);
	}
	free(line);
	free(before);
	free(after);
	world_free(&plain);
	world_free(&other);
}

Test(conf_rows, each_prints_reads_back_and_makes_a_difference)
{
	const struct conf_keyword *kw;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		const struct conf_block *block = conf_blocks[places[i].block];

		for (n = 0; n < block->nr_keywords; n++) {
			kw = &block->keywords[n];
			if ((kw->flags & KW_IDLE) && !kw->kept)
				continue;
			if (!is_without(places[i].block, kw))
				check_row(&places[i], kw);
		}
	}
}

static bool has_place(enum conf_block_id block)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (places[i].block == block)
			return true;
	}
	return false;
}

/* A new block, or a word in one that had none: it must be tried above. */
Test(conf_rows, no_block_before_those_of_vrrp_is_left_out)
{
	const struct conf_keyword *kw;
	size_t i, n;

	for (i = 0; i < BLOCK_VRRP_GLOBAL; i++) {
		/* A group has no words, only addresses. */
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++) {
			kw = &conf_blocks[i]->keywords[n];
			cr_expect(!kw->type || (kw->flags & KW_IDLE) ||
					  has_place((enum conf_block_id)i),
				  "'%s' of %s is not tried", kw->name,
				  conf_blocks[i]->name);
		}
	}
}

/* A pool of three alike; LINE is in the last one. The other pool stays. */
static char *three_servers(const char *line)
{
	char *text = NULL;

	if (asprintf(&text,
		     "virtual_server 192.0.2.1 80 {\nprotocol TCP\n"
		     "real_server 192.0.2.2 80 {\n" PAGE "}\n"
		     "real_server 192.0.2.3 80 {\n" PAGE "}\n"
		     "real_server 192.0.2.4 80 {\n%s" PAGE "}\n}\n"
		     "virtual_server 192.0.2.9 80 {\nprotocol UDP\n"
		     "real_server 192.0.2.2 80 {\n" PAGE "}\n}\n",
		     line) < 0)
		abort();
	return text;
}

/* The servers before it are equal, and share all that it points to. */
Test(conf_rows, a_change_of_one_of_many_servers_is_seen)
{
	static const char *const lines[] = {
		"weight 7\n",
		"inhibit_on_failure\n",
		"drain_timeout 9\n",
		"notify_up /bin/true\n",
		"notify_down /bin/true\n",
		"slow_start {\ntime 9\n}\n",
		"lvs_method TUN\n",
		"uthreshold 5\n",
		"TCP_CHECK { }\n",
		"fall 9\n",
		"warmup 9\n",
		"alpha\n",
	};
	char *text = three_servers("");
	struct world before = world_parse(text, false);
	size_t i;

	free(text);
	cr_assert_not_null(before.conf, "%s", before.said);
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		struct conf_changes changes;
		struct world now;

		text = three_servers(lines[i]);
		now = world_parse(text, false);
		free(text);
		cr_assert_not_null(now.conf, "%s%s", lines[i], now.said);
		changes =
			conf_compare(before.conf, now.conf,
				     conf_checks_equal(before.conf, now.conf));
		cr_expect(changes.added == 0 && changes.gone == 0 &&
				  changes.changed == 1,
			  "%s: %u new, %u changed, %u gone", lines[i],
			  changes.added, changes.changed, changes.gone);
		world_free(&now);
	}
	world_free(&before);
}

Test(conf_rows, virtual_servers_that_come_and_go_are_counted)
{
	struct world a =
		world_parse("virtual_server 192.0.2.1 80 {\nprotocol TCP\n}\n"
			    "virtual_server 2001:db8::1 80 {\nprotocol TCP\n}\n"
			    "virtual_server fwmark 5 {\n}\n",
			    false);
	struct world b =
		world_parse("virtual_server 2001:db8::1 80 {\nprotocol UDP\n}\n"
			    "virtual_server fwmark 5 {\nlvs_sched rr\n}\n"
			    "virtual_server 192.0.2.1 80 {\nprotocol TCP\n}\n",
			    false);
	struct conf_changes changes;

	cr_assert_not_null(a.conf, "%s", a.said);
	cr_assert_not_null(b.conf, "%s", b.said);
	changes = conf_compare(a.conf, b.conf, true);
	cr_expect_eq(changes.added, 1, "%u new", changes.added);
	cr_expect_eq(changes.changed, 1, "%u changed", changes.changed);
	cr_expect_eq(changes.gone, 1, "%u gone", changes.gone);
	world_free(&a);
	world_free(&b);
}
