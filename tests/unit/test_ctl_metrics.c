/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How an answer's ages become moments in a metric and words for people. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/fields.h"
#include "ctl/metrics.h"
#include "lib/util.h"

static const char status_text[] =
	"{ \"daemon\": { \"uptime_s\": 5, \"peer\": { \"heard_s\": 2.5 } },"
	" \"virtual_servers\": [ { \"name\": \"a\", \"services\": [],"
	" \"servers\": [ { \"address\": \"192.0.2.1:1\", \"since_s\": 0,"
	" \"checks\": [] } ] } ] }";
static const char vrrp_text[] =
	"{ \"instances\": [ { \"name\": \"V\", \"vrid\": \"7\","
	" \"interface\": \"eth0\", \"heard_s\": 0.25,"
	" \"dropped\": { \"too short\": 3 } } ] }";

static char *printed;

static void setup(void)
{
	struct metrics_source source = {
		.status = json_tokener_parse(status_text),
		.vrrp = json_tokener_parse(vrrp_text),
		.now = 1000,
	};
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	cr_assert(source.status && source.vrrp && out);
	metrics_print(out, &source, false, NULL);
	fclose(out);
	json_object_put(source.status);
	json_object_put(source.vrrp);
}

static void teardown(void)
{
	free(printed);
}

TestSuite(ctl_metrics, .init = setup, .fini = teardown);

/* A line that begins with NAME ends with VALUE. */
static void assert_sample(const char *name, const char *value)
{
	size_t length = strlen(name);
	char *line = printed, *end;

	while (line && (strncmp(line, name, length) != 0 ||
			(line[length] != ' ' && line[length] != '{'))) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	cr_assert_not_null(line, "no %s in:\n%s", name, printed);
	end = strchr(line, '\n');
	cr_assert_not_null(end);
	*end = '\0';
	cr_expect_str_eq(strrchr(line, ' ') + 1, value, "%s", line);
	*end = '\n';
}

/* "So long ago" is a moment: now minus that, in every scope. */
Test(ctl_metrics, an_age_becomes_the_moment)
{
	assert_sample("evenkeel_start_time_seconds", "995");
	assert_sample("evenkeel_peer_heard_timestamp_seconds", "997.5");
	assert_sample("evenkeel_server_last_change_timestamp_seconds", "1000");
	assert_sample("evenkeel_vrrp_peer_heard_timestamp_seconds", "999.75");
}

/* The text of STATUS as metrics, for the caller to free. */
static char *metrics_of(const char *status, bool openmetrics)
{
	struct metrics_source source = { .status = json_tokener_parse(status),
					 .now = 1000 };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	cr_assert(source.status && out);
	metrics_print(out, &source, openmetrics, NULL);
	fclose(out);
	json_object_put(source.status);
	return text;
}

/*
 * A counter that falls to 0 while the kernel cannot be read would rise by all of
 * its value when it can be again.
 */
Test(ctl_series,
     a_counter_of_the_kernel_is_0_outside_the_table_and_else_missing)
{
	static const char status[] =
		"{ \"daemon\": { \"kernel\": { \"reached\": %s } },"
		" \"virtual_servers\": [ { \"name\": \"a\","
		" \"connections_total\": null, \"servers\": [ {"
		" \"address\": \"192.0.2.1:1\", \"weight_wanted\": null,"
		" \"weight_kernel\": null, \"connections_total\": %s } ] } ] }";
	static const char *const families[] = {
		"evenkeel_pool_new_connections_total{",
		"evenkeel_server_new_connections_total{",
		"evenkeel_server_weight_kernel{",
	};
	char text[512];
	size_t i;

	snprintf(text, sizeof(text), status, "true", "null");
	printed = metrics_of(text, false);
	for (i = 0; i < ARRAY_SIZE(families); i++)
		cr_expect(strstr(printed, families[i]), "no %s", families[i]);
	cr_expect(strstr(printed, "evenkeel_server_weight{"));
	assert_sample("evenkeel_server_new_connections_total", "0");
	free(printed);

	snprintf(text, sizeof(text), status, "true", "7");
	printed = metrics_of(text, false);
	assert_sample("evenkeel_server_new_connections_total", "7");
	free(printed);

	snprintf(text, sizeof(text), status, "false", "null");
	printed = metrics_of(text, false);
	for (i = 0; i < ARRAY_SIZE(families); i++)
		cr_expect_not(strstr(printed, families[i]), "%s", families[i]);
	assert_sample("evenkeel_server_weight", "0");
	free(printed);
}

Test(ctl_metrics, every_reason_to_drop_an_advert_is_there_from_the_start)
{
	assert_sample("evenkeel_vrrp_dropped_total{instance_name=\"V\","
		      "vrid=\"7\",interface=\"eth0\","
		      "reason=\"wrong password\"}",
		      "0");
	assert_sample("evenkeel_vrrp_dropped_total{instance_name=\"V\","
		      "vrid=\"7\",interface=\"eth0\",reason=\"too short\"}",
		      "3");
}

/* Between the type and the help, and in OpenMetrics only. */
Test(ctl_series, a_unit_is_told_where_the_format_knows_it)
{
	static const char head[] =
		"# TYPE evenkeel_start_time_seconds gauge\n"
		"# UNIT evenkeel_start_time_seconds seconds\n"
		"# HELP evenkeel_start_time_seconds ";
	char *text = metrics_of(status_text, true);

	cr_expect(strstr(text, head), "%s", text);
	cr_expect_not(strstr(text, "# UNIT evenkeel_up"));
	free(text);
	text = metrics_of(status_text, false);
	cr_expect_not(strstr(text, "# UNIT"));
	free(text);
}

/* The metrics of one virtual server with PROBES. */
static char *metrics_of_probes(const char *probes, bool openmetrics)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "{ \"daemon\": { \"probe_bounds_s\": [ 0.0025, 1.0 ] },"
		 " \"virtual_servers\": [ { \"name\": \"a\","
		 " \"probes\": %s } ] }",
		 probes);
	return metrics_of(text, openmetrics);
}

Test(ctl_series, probes_are_a_histogram)
{
	static const char wanted[] =
		"# HELP evenkeel_pool_probe_duration_seconds How long the "
		"probes took since the start.\n"
		"evenkeel_pool_probe_duration_seconds_bucket{virtual=\"a\","
		"protocol=\"\",check=\"TCP_CHECK\",le=\"0.0025\"} 1\n"
		"evenkeel_pool_probe_duration_seconds_bucket{virtual=\"a\","
		"protocol=\"\",check=\"TCP_CHECK\",le=\"1.0\"} 4\n"
		"evenkeel_pool_probe_duration_seconds_bucket{virtual=\"a\","
		"protocol=\"\",check=\"TCP_CHECK\",le=\"+Inf\"} 5\n"
		"evenkeel_pool_probe_duration_seconds_sum{virtual=\"a\","
		"protocol=\"\",check=\"TCP_CHECK\"} 7.25\n"
		"evenkeel_pool_probe_duration_seconds_count{virtual=\"a\","
		"protocol=\"\",check=\"TCP_CHECK\"} 5\n"
		"evenkeel_pool_probe_duration_seconds_bucket{virtual=\"a\","
		"protocol=\"\",check=\"MYSQL_CHECK\",le=\"0.0025\"} 0\n"
		"evenkeel_pool_probe_duration_seconds_bucket{virtual=\"a\","
		"protocol=\"\",check=\"MYSQL_CHECK\",le=\"1.0\"} 2\n"
		"evenkeel_pool_probe_duration_seconds_bucket{virtual=\"a\","
		"protocol=\"\",check=\"MYSQL_CHECK\",le=\"+Inf\"} 2\n"
		"evenkeel_pool_probe_duration_seconds_sum{virtual=\"a\","
		"protocol=\"\",check=\"MYSQL_CHECK\"} 0.5\n"
		"evenkeel_pool_probe_duration_seconds_count{virtual=\"a\","
		"protocol=\"\",check=\"MYSQL_CHECK\"} 2\n";
	static const char probes[] =
		"[ { \"check\": \"TCP_CHECK\", \"counts\": [ 1, 4, 5 ],"
		" \"sum_s\": 7.25 }, { \"check\": \"MYSQL_CHECK\","
		" \"counts\": [ 0, 2, 2 ], \"sum_s\": 0.5 } ]";
	bool openmetrics = true;
	char *text;

	do {
		openmetrics = !openmetrics;
		text = metrics_of_probes(probes, openmetrics);
		cr_expect(strstr(text, wanted), "%s", text);
		cr_expect(strstr(text,
				 "# TYPE evenkeel_pool_probe_duration_seconds "
				 "histogram\n"));
		free(text);
	} while (!openmetrics);
}

/* The rest of the buckets have as many. */
Test(ctl_series, a_histogram_may_end_with_the_first_that_has_all)
{
	char *text = metrics_of_probes(
		"[ { \"check\": \"TCP_CHECK\", \"counts\": [ 4 ],"
		" \"sum_s\": 0.25 } ]",
		false);
	const char *at = text;
	unsigned lines = 0;

	while ((at = strstr(at, "check=\"TCP_CHECK\""))) {
		at = strchr(at, '}');
		lines += strncmp(at, "} 4\n", 4) == 0;
	}
	cr_expect_eq(lines, 4, "%s", text);
	free(text);
}

/* As of a daemon of another version: no half of a histogram. */
Test(ctl_series, a_histogram_that_does_not_fit_its_bounds_is_left_out)
{
	static const char *const lists[] = {
		"null",
		"7",
		"[ 7 ]",
		"[ {} ]",
		"[ { \"counts\": [ ], \"sum_s\": 7.25 } ]",
		"[ { \"counts\": [ 1, 4, 5, 6 ], \"sum_s\": 7.25 } ]",
		"[ { \"counts\": [ 1, 4, 5 ] } ]",
		"[ { \"counts\": 7, \"sum_s\": 1 } ]",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		char *text = metrics_of_probes(lists[i], false);

		cr_expect_not(strstr(text, "probe_duration"), "%s", lists[i]);
		free(text);
	}
}

Test(ctl_series, a_file_that_was_refused_is_no_success)
{
	printed = metrics_of("{ \"daemon\": { \"config_refused\": true,"
			     " \"config_read_s\": 4 } }",
			     false);
	assert_sample("evenkeel_config_last_reload_successful", "0");
	assert_sample("evenkeel_config_last_reload_timestamp_seconds", "996");
	free(printed);
	printed = metrics_of("{ \"daemon\": { \"config_refused\": false } }",
			     false);
	assert_sample("evenkeel_config_last_reload_successful", "1");
	free(printed);
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
	struct metrics_source source = { .now = 1 };
	char wanted[160], *text;
	size_t i, size;
	FILE *out;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json_object *pools = json_object_new_array();
		struct json_object *pool = json_object_new_object();

		json_object_object_add(pool, "name",
				       json_object_new_string(cases[i].name));
		json_object_array_add(pools, pool);
		source.status = json_tokener_parse("{ \"daemon\": {} }");
		json_object_object_add(source.status, "virtual_servers", pools);
		out = open_memstream(&text, &size);
		metrics_print(out, &source, true, NULL);
		fclose(out);
		snprintf(wanted, sizeof(wanted), "{virtual=\"%s\",protocol",
			 cases[i].label);
		cr_expect(strstr(text, wanted), "no %s in:\n%s", wanted, text);
		free(text);
		json_object_put(source.status);
	}
}
