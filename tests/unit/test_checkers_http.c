/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an HTTP answer means. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/http_judge.h"

static struct conf_range odd[] = { { 200, 200 }, { 301, 302 }, { 404, 404 } };
static struct conf_range drain[] = { { 404, 404 }, { 500, 509 } };
static struct conf_url usual = { .path = "/" };
static struct conf_url picky = { .path = "/x", .status = { odd, 3 } };
static struct conf_http plain = { .urls = &usual, .nr_urls = 1 };
static struct conf_http draining = { .urls = &usual,
				     .nr_urls = 1,
				     .drain = { drain, 2 } };

Test(http, status)
{
	static const struct {
		const struct conf_http *http;
		const struct conf_url *url;
		long status;
		enum outcome outcome;
		const char *text;
	} rows[] = {
		{ &plain, &usual, 200, PROBE_OK, "status 200" },
		{ &plain, &usual, 299, PROBE_OK, "status 299" },
		{ &plain, &usual, 300, PROBE_STATUS,
		  "status 300, expected 200-299" },
		{ &plain, &usual, 199, PROBE_STATUS,
		  "status 199, expected 200-299" },
		{ &plain, &usual, 503, PROBE_STATUS,
		  "status 503, expected 200-299" },
		{ &plain, &picky, 200, PROBE_OK, "status 200" },
		{ &plain, &picky, 201, PROBE_STATUS,
		  "status 201, expected 200 301-302 404" },
		{ &plain, &picky, 302, PROBE_OK, "status 302" },
		{ &plain, &picky, 404, PROBE_OK, "status 404" },
		{ &draining, &picky, 404, PROBE_DRAIN,
		  "status 404 is a drain_code" },
		{ &draining, &usual, 509, PROBE_DRAIN,
		  "status 509 is a drain_code" },
		{ &draining, &usual, 510, PROBE_STATUS,
		  "status 510, expected 200-299" },
		{ &draining, &usual, 204, PROBE_OK, "status 204" },
	};
	struct probe_result result;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		http_judge_status(rows[i].http, rows[i].url, rows[i].status,
				  &result);
		cr_expect_eq(result.outcome, rows[i].outcome, "row %zu", i);
		cr_expect_str_eq(result.text, rows[i].text);
		cr_expect_eq(result.facts.have, FACT_HTTP_STATUS);
		cr_expect_eq(result.facts.http_status, rows[i].status);
	}
}

/* More ranges than there is room for in a verdict. */
Test(http, many_ranges)
{
	struct conf_range many[200];
	struct conf_url url = { .path = "/", .status = { many, 200 } };
	struct probe_result result;
	size_t i;

	for (i = 0; i < 200; i++)
		many[i] = (struct conf_range){ (uint16_t)(100 + i),
					       (uint16_t)(700 + i) };
	http_judge_status(&plain, &url, 950, &result);
	cr_expect_eq(result.outcome, PROBE_STATUS);
	cr_expect_lt(strlen(result.text), sizeof(result.text));
}

Test(http, digest)
{
	const char *sum = "b1946ac92492d2347c6235b4d2611184";
	struct conf_url url = { .path = "/",
				.digest = "B1946AC92492d2347c6235b4d2611184" };
	struct probe_result result = { .outcome = PROBE_OK };

	http_judge_digest(&url, sum, &result);
	cr_expect_eq(result.outcome, PROBE_OK);
	http_judge_digest(&usual, sum, &result);
	cr_expect_eq(result.outcome, PROBE_OK);
	url.digest = "00000000000000000000000000000000";
	http_judge_digest(&url, sum, &result);
	cr_expect_eq(result.outcome, PROBE_STATUS);
	cr_expect(strstr(result.text, sum));
}

Test(http, page)
{
	char path[400];
	struct conf_url urls[2] = { { .path = path }, { .path = "/b" } };
	struct conf_http http = { .urls = urls, .nr_urls = 1 };
	struct probe_result result;

	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	http_judge_status(&http, &urls[0], 503, &result);
	http_judge_page(&http, &urls[0], &result);
	cr_expect_str_eq(result.text, "status 503, expected 200-299");
	http.nr_urls = 2;
	http_judge_page(&http, &urls[1], &result);
	cr_expect_str_eq(result.text, "/b: status 503, expected 200-299");
	http_judge_page(&http, &urls[0], &result);
	cr_expect_lt(strlen(result.text), sizeof(result.text));
	cr_expect(strstr(result.text, "status 503"));
}

Test(http, nothing_slips_into_a_request)
{
	char name[32];

	cr_expect(http_is_sendable("/a?b=c&d=%20#\xc3\xa4", false));
	cr_expect_not(http_is_sendable("/a b", false));
	cr_expect(http_is_sendable("a b", true));
	cr_expect_not(http_is_sendable("/a\r\nX: y", true));
	cr_expect_not(http_is_sendable("/a\n", true));
	cr_expect_not(http_is_sendable("/a\t", true));
	cr_expect_not(http_is_sendable("/a\x7f", true));
	cr_expect(http_host_name("db.example.com:8080", name, sizeof(name)));
	cr_expect_str_eq(name, "db.example.com");
	cr_expect(http_host_name("a_b-c", name, sizeof(name)));
	cr_expect_not(http_host_name("", name, sizeof(name)));
	cr_expect_not(http_host_name(":80", name, sizeof(name)));
	cr_expect_not(http_host_name("a/b", name, sizeof(name)));
	cr_expect_not(http_host_name("user@host", name, sizeof(name)));
	cr_expect_not(http_host_name("a-name-that-is-longer-than-the-room",
				     name, sizeof(name)));
}
