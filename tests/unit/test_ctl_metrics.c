/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the daemon's sheet of figures to metrics, and ages as words for people. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/fields.h"
#include "ctl/metrics.h"
#include "lib/sheet.h"
#include "lib/util.h"

/* Rows of a sheet, with tabs as blanks and the end added. */
static char *sheet_of(const char *rows)
{
	char *text, *at;
	int length = asprintf(&text, "%s#end\nend\n", rows);

	cr_assert_geq(length, 0);
	for (at = text; *at; at++)
		if (*at == ' ')
			*at = '\t';
	return text;
}

/* Printed in pieces of SIZE bytes, for the caller to free. */
static char *print(const struct metrics *metrics, bool openmetrics,
		   const char *scope, size_t size)
{
	struct metrics_printer *printer =
		metrics_printer_new(metrics, openmetrics, scope);
	char piece[8192], *text;
	size_t got, length;
	FILE *out = open_memstream(&text, &length);

	while ((got = metrics_printer_read(printer, piece, size)) > 0)
		fwrite(piece, 1, got, out);
	cr_expect_eq(metrics_printer_read(printer, piece, size), 0);
	fclose(out);
	metrics_printer_free(printer);
	return text;
}

/* The text of ROWS as metrics, for the caller to free. */
static char *metrics_of(const char *rows, bool openmetrics)
{
	char *sheet = sheet_of(rows), *text;
	struct metrics *metrics = metrics_parse(sheet, strlen(sheet));

	cr_assert(metrics, "%s", sheet);
	text = print(metrics, openmetrics, NULL, 8192);
	metrics_free(metrics);
	free(sheet);
	return text;
}

static bool has(const char *text, const char *line)
{
	size_t length = strlen(line);
	const char *at = text;

	while ((at = strstr(at, line))) {
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
		at++;
	}
	return false;
}

static const char rows[] =
	"#daemon version started generation config_accepted peer_heard\n"
	"daemon 1\\n\"2 995000000 3 1 \n"
	"#sync role running\nsync master 1\nsync backup 0\n"
	"#bfd name neighbor state since\n"
	"bfd four 192.0.2.2 down 998500000\nbfd six 2001:db8::2 unknown \n"
	"#vrrp name vrid interface state heard\n"
	"vrrp V 7 eth0 BACKUP 999250000\n"
	"#drop reason count\ndrop wrong_password 0\ndrop too_short 3\n"
	"#pool name protocol level quorum\npool a TCP normal 1\n"
	"#state state servers\nstate up 2\nstate down 0\n"
	"#server address state since operator slow_start lag bytes_in\n"
	"server 192.0.2.1:1 up 1000000 drain 250000 \t7\n"
	"#transition from to count\ntransition up down 2\n"
	"#check type number up duration\ncheck TCP_CHECK 1 1 1234\n"
	"#result outcome count\nresult ok 5\n"
	"check TCP_CHECK 2 0 5000000\nresult ok 0\nresult refused 9\n"
	"pool a UDP nothing 0\nserver 192.0.2.1:1 unknown  \t1000000 -1\t\n"
	"#scrape took held\nscrape 123456 4500\n";

#define SERVER "virtual=\"a\",server=\"192.0.2.1:1\""

static const char *const lines[] = {
	"evenkeel_up 1",
	"evenkeel_build_info{version=\"1\\n\\\"2\"} 1",
	"evenkeel_start_time_seconds 995",
	"evenkeel_config_generation 3",
	"evenkeel_sync_running{role=\"master\"} 1",
	"evenkeel_sync_running{role=\"backup\"} 0",
	"evenkeel_bfd_state{bfd_instance=\"four\","
	"neighbor=\"192.0.2.2\",state=\"down\"} 1",
	"evenkeel_bfd_state{bfd_instance=\"four\","
	"neighbor=\"192.0.2.2\",state=\"up\"} 0",
	"evenkeel_bfd_state{bfd_instance=\"six\","
	"neighbor=\"2001:db8::2\",state=\"unknown\"} 1",
	"evenkeel_bfd_last_change_timestamp_seconds{bfd_instance=\"four\","
	"neighbor=\"192.0.2.2\"} 998.5",
	"evenkeel_scrape_duration_seconds 0.123456",
	"evenkeel_scrape_held_seconds 0.0045",
	"evenkeel_vrrp_state{instance_name=\"V\",vrid=\"7\","
	"interface=\"eth0\",state=\"BACKUP\"} 1",
	"evenkeel_vrrp_state{instance_name=\"V\",vrid=\"7\","
	"interface=\"eth0\",state=\"MASTER\"} 0",
	"evenkeel_vrrp_peer_heard_timestamp_seconds{instance_name=\"V\","
	"vrid=\"7\",interface=\"eth0\"} 999.25",
	"evenkeel_vrrp_dropped_total{instance_name=\"V\",vrid=\"7\","
	"interface=\"eth0\",reason=\"too_short\"} 3",
	"evenkeel_vrrp_dropped_total{instance_name=\"V\",vrid=\"7\","
	"interface=\"eth0\",reason=\"wrong_password\"} 0",
	"evenkeel_pool_level{virtual=\"a\",level=\"normal\"} 1",
	"evenkeel_pool_level{virtual=\"a\",level=\"sorry\"} 0",
	"evenkeel_pool_level{virtual=\"a\",protocol=\"UDP\","
	"level=\"nothing\"} 1",
	"evenkeel_pool_servers{virtual=\"a\",state=\"up\"} 2",
	"evenkeel_pool_servers{virtual=\"a\",state=\"down\"} 0",
	"evenkeel_server_state{" SERVER ",state=\"up\"} 1",
	"evenkeel_server_state{" SERVER ",state=\"soft-failed\"} 0",
	"evenkeel_server_state{virtual=\"a\",protocol=\"UDP\","
	"server=\"192.0.2.1:1\",state=\"unknown\"} 1",
	"evenkeel_server_last_change_timestamp_seconds{" SERVER "} 1",
	"evenkeel_server_operator{" SERVER ",what=\"drain\"} 1",
	"evenkeel_server_operator{" SERVER ",what=\"weight\"} 0",
	"evenkeel_server_operator{virtual=\"a\",protocol=\"UDP\","
	"server=\"192.0.2.1:1\",what=\"drain\"} 0",
	"evenkeel_server_slow_start_ratio{" SERVER "} 0.25",
	"evenkeel_server_slow_start_ratio{virtual=\"a\",protocol=\"UDP\","
	"server=\"192.0.2.1:1\"} 1",
	"evenkeel_server_replication_lag_seconds{virtual=\"a\","
	"protocol=\"UDP\",server=\"192.0.2.1:1\"} -0.000001",
	"evenkeel_server_bytes_in_total{" SERVER "} 7",
	"evenkeel_server_transitions_total{" SERVER ",from=\"up\","
	"to=\"down\"} 2",
	"evenkeel_check_up{" SERVER ",check=\"TCP_CHECK\"} 1",
	"evenkeel_check_up{" SERVER ",check=\"TCP_CHECK\",number=\"2\"} 0",
	"evenkeel_check_duration_seconds{" SERVER ",check=\"TCP_CHECK\"} "
	"0.001234",
	"evenkeel_check_results_total{" SERVER ",check=\"TCP_CHECK\","
	"number=\"2\",outcome=\"refused\"} 9",
	"evenkeel_check_results_total{" SERVER ",check=\"TCP_CHECK\","
	"outcome=\"ok\"} 5",
};

Test(ctl_metrics, each_row_has_its_samples_with_its_labels)
{
	char *text = metrics_of(rows, false);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		cr_expect(has(text, lines[i]), "no %s in\n%s", lines[i], text);
	/* Unknown values, and families that nothing has a value of. */
	cr_expect_not(strstr(text, "evenkeel_peer_heard"));
	cr_expect_not(strstr(text, "lag_seconds{" SERVER "}"));
	cr_expect_not(strstr(text, "evenkeel_announced"));
	free(text);
}

/* Of several other balancers each has its samples; of one, no label. */
Test(ctl_metrics, each_other_balancer_has_its_samples)
{
	char *text = metrics_of("#daemon version\ndaemon 1\n"
				"#peer address running silent\n"
				"peer 192.0.2.3:8850 1 0\n"
				"peer 192.0.2.4:8850 1 1\n",
				false);

	cr_expect(has(text, "evenkeel_peer_silent{peer=\"192.0.2.3:8850\"} 0"));
	cr_expect(has(text, "evenkeel_peer_silent{peer=\"192.0.2.4:8850\"} 1"));
	free(text);
	text = metrics_of("#daemon version\ndaemon 1\n"
			  "#peer address running silent\n"
			  "peer  1 1\n",
			  false);
	cr_expect(has(text, "evenkeel_peer_silent 1"), "%s", text);
	free(text);
}

/* However small the pieces are, and at each place where one may end. */
Test(ctl_metrics, the_pieces_of_any_size_are_one_text)
{
	char *sheet = sheet_of(rows), *whole, *text;
	struct metrics *metrics = metrics_parse(sheet, strlen(sheet));
	size_t size;

	whole = print(metrics, true, NULL, 8192);
	for (size = 1; size < 300; size += 7) {
		text = print(metrics, true, NULL, size);
		cr_expect_str_eq(text, whole);
		free(text);
	}
	free(whole);
	metrics_free(metrics);
	free(sheet);
}

Test(ctl_metrics, a_scope_has_its_families_alone)
{
	char *sheet = sheet_of(rows), *text, *at;
	struct metrics *metrics = metrics_parse(sheet, strlen(sheet));
	const char *scope;
	unsigned i, lines_seen;

	for (i = 0; (scope = metrics_scope_at(i)); i++) {
		text = print(metrics, false, scope, 8192);
		lines_seen = 0;
		for (at = text; (at = strstr(at, "\nevenkeel_")); at++) {
			lines_seen++;
			if (strncmp(at, "\nevenkeel_up", 12) != 0 &&
			    strncmp(at, "\nevenkeel_build", 15) != 0 &&
			    strcmp(scope, "daemon") != 0)
				cr_expect_eq(strncmp(at + 10, scope,
						     strlen(scope)),
					     0, "%s has %.30s", scope, at + 1);
		}
		cr_expect_geq(lines_seen, strcmp(scope, "announce") ? 3 : 2);
		free(text);
	}
	metrics_free(metrics);
	free(sheet);
}

/* A daemon that ends in the middle of its answer has no figures, and not a part. */
Test(ctl_metrics, a_sheet_that_is_cut_is_none)
{
	char *sheet = sheet_of(rows);
	size_t length = strlen(sheet), i;
	struct metrics *metrics;

	for (i = 0; i < length; i++) {
		/* In memory that ends where the text does. */
		char *copy = malloc(i + 1);

		memcpy(copy, sheet, i);
		cr_expect_null(metrics_parse(copy, i), "%zu bytes", i);
		free(copy);
	}
	metrics = metrics_parse(sheet, length);
	cr_expect_not_null(metrics);
	metrics_free(metrics);
	free(sheet);
}

Test(ctl_metrics, rows_that_make_no_sense_are_refused)
{
	static const char *const bad[] = {
		"server 192.0.2.1:1\n", /* without a head */
		"#server address\nserver 192.0.2.1:1\n", /* of no pool */
		"#end\nend\n#pool name\npool a\n", /* behind the end */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		char *sheet = sheet_of(bad[i]);

		cr_expect_null(metrics_parse(sheet, strlen(sheet)), "%s",
			       sheet);
		free(sheet);
	}
}

/* A sheet may have rows only that carry no label, as one of another version. */
Test(ctl_metrics, a_sheet_without_any_label_is_read)
{
	char *text =
		metrics_of("#vrrp state\nvrrp BACKUP\n#drop\ndrop\n", false);

	cr_expect(has(text, "evenkeel_vrrp_state{state=\"BACKUP\"} 1"), "%s",
		  text);
	free(text);
}

/* As of another version: columns and rows that are not known here. */
Test(ctl_metrics, what_is_not_known_is_passed_over)
{
	char *text = metrics_of("#daemon color generation\ndaemon red 4\n"
				"#moon phase\nmoon full\n"
				"#pool name level\npool a furious\npool\n",
				false);

	cr_expect(has(text, "evenkeel_config_generation 4"), "%s", text);
	cr_expect(has(text,
		      "evenkeel_pool_level{virtual=\"a\",level=\"normal\"} 0"),
		  "%s", text);
	cr_expect_not(strstr(text, "start_time"));
	free(text);
}

Test(ctl_metrics, no_answer_is_up_0_and_no_more)
{
	char *text = print(NULL, true, NULL, 8192);

	cr_expect_str_eq(text, "# TYPE evenkeel_up gauge\n"
			       "# HELP evenkeel_up The daemon answers.\n"
			       "evenkeel_up 0\n# EOF\n");
	free(text);
}

/* Between the type and the help, and in OpenMetrics only. */
Test(ctl_series, a_unit_is_told_where_the_format_knows_it)
{
	static const char head[] =
		"# TYPE evenkeel_start_time_seconds gauge\n"
		"# UNIT evenkeel_start_time_seconds seconds\n"
		"# HELP evenkeel_start_time_seconds ";
	char *text = metrics_of(rows, true);

	cr_expect(strstr(text, head), "%s", text);
	cr_expect_not(strstr(text, "# UNIT evenkeel_up"));
	cr_expect(strstr(text, "# TYPE evenkeel_server_bytes_in counter\n"));
	free(text);
	text = metrics_of(rows, false);
	cr_expect_not(strstr(text, "# UNIT"));
	cr_expect(strstr(text,
			 "# TYPE evenkeel_server_bytes_in_total counter\n"));
	free(text);
}

Test(ctl_series, probes_are_a_histogram)
{
#define PROBES "evenkeel_pool_probe_duration_seconds"
#define OF(kind) "{virtual=\"a\",check=\"" kind "\""
	static const char wanted[] =
		"# HELP " PROBES " How long the probes took since the "
		"start.\n" PROBES
		"_bucket" OF("TCP_CHECK") ",le=\"0.0025\"} 1\n" PROBES "_bucket" OF("TCP_CHECK") ",le=\"1.0\"} 4\n" PROBES "_bucket" OF(
			"TCP_CHECK") ",le=\"+Inf\"} 5\n" PROBES
				     "_sum" OF("TCP_CHECK") "} 7.25\n" PROBES "_count" OF("TCP_CHECK") "} 5\n" PROBES "_bucket" OF(
					     "MYSQL_CHECK") ",le=\"0.0025\"} 0\n" PROBES
							    "_bucket" OF("MYSQL_CHECK") ",le=\"1.0\"} 2\n" PROBES "_bucket" OF(
								    "MYSQL_CHECK") ",le=\"+Inf\"} 2\n" PROBES
										   "_sum" OF("MYSQL_CHECK") "} 0.5\n" PROBES "_count" OF(
											   "MYSQL_CHECK") "} 2\n";
	static const char probes[] =
		"#pool name\npool a\n"
		"#probes type le=0.0025 le=1.0 le=+Inf sum\n"
		"probes TCP_CHECK 1 4 5 7250000\n"
		"probes MYSQL_CHECK 0 2 2 500000\n";
	bool openmetrics = true;
	char *text;

	do {
		openmetrics = !openmetrics;
		text = metrics_of(probes, openmetrics);
		cr_expect(strstr(text, wanted), "%s", text);
		cr_expect(strstr(text, "# TYPE " PROBES " histogram\n"));
		free(text);
	} while (!openmetrics);
}

/* As of a daemon of another version: no half of a histogram. */
Test(ctl_series, a_histogram_without_all_of_its_buckets_is_left_out)
{
	static const char *const lists[] = {
		"#probes type le=0.0025 le=1.0 sum\nprobes T 1 4 7\n",
		"#probes type le=0.0025 le=+Inf sum\nprobes T \t4 7\n",
		"#probes type le=0.0025 le=+Inf sum\nprobes T 1\n",
		"#probes type le=0.0025 le=+Inf sum\nprobes T 1 4\n",
		"#probes type sum\nprobes T 7\n",
		"#probes type le=a\"b le=0x1 sum\nprobes T 1 4 7\n",
	};
	char text[256], *printed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		snprintf(text, sizeof(text), "#pool name\npool a\n%s",
			 lists[i]);
		printed = metrics_of(text, false);
		cr_expect_not(strstr(printed, "probe_duration"), "%s",
			      lists[i]);
		free(printed);
	}
}

/* Two of a unit are the first that are told in it. */
Test(ctl_fields, an_age_has_one_number_and_one_unit)
{
	static const struct {
		double seconds;
		const char *text;
	} ages[] = {
		{ 0, "0.0 s" },	      { 9.5, "9.5 s" },
		{ 10, "10 s" },	      { 119, "119 s" },
		{ 120, "2 min" },     { 7199, "120 min" },
		{ 7200, "2 h" },      { 2 * 86400 - 1, "48 h" },
		{ 2 * 86400, "2 d" }, { 9 * 86400, "9 d" },
	};
	char out[24];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ages); i++)
		cr_expect_str_eq(field_age_text(ages[i].seconds, out,
						sizeof(out)),
				 ages[i].text);
}

/* Prometheus refuses a scrape whole for one byte that is no UTF-8. */
Test(ctl_labels, any_name_is_a_label)
{
	static const struct {
		const char *name, *label;
	} cases[] = {
		{ "a b{},=", "a b{},=" },
		{ "tab\there", "tab\there" },
		{ "q\"b\\n\nz", "q\\\"b\\\\n\\nz" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "caf\xe9", "caf\\\\xe9" },
		{ "\xff\xc3", "\\\\xff\\\\xc3" },
		{ "\xc0\xaf", "\\\\xc0\\\\xaf" },
		{ "\xe0\x80\xaf", "\\\\xe0\\\\x80\\\\xaf" },
		{ "\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80" },
		{ "\xf4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80" },
		{ "\xe2\x82", "\\\\xe2\\\\x82" },
	};
	struct sheet sheet = { .nr_kinds = 0 };
	struct metrics *metrics;
	char wanted[160], *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		sheet_clear(&sheet);
		sheet_begin(&sheet, "pool");
		sheet_text(&sheet, "name", cases[i].name);
		sheet_number(&sheet, "quorum", 1);
		sheet_end(&sheet);
		sheet_begin(&sheet, "end");
		sheet_end(&sheet);
		metrics = metrics_parse(sheet.out.bytes, sheet.out.length);
		text = print(metrics, true, NULL, 8192);
		snprintf(wanted, sizeof(wanted),
			 "evenkeel_pool_quorum{virtual=\"%s\"} 1",
			 cases[i].label);
		cr_expect(has(text, wanted), "no %s in:\n%s", wanted, text);
		free(text);
		metrics_free(metrics);
	}
	sheet_free(&sheet);
}
