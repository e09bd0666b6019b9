/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a page matches, and that a match ends. */
#include <criterion/criterion.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/http_regex.h"

static struct probe_result judge(const struct conf_url *url, const char *page,
				 size_t length)
{
	struct probe_result result = { .outcome = PROBE_OK,
				       .text = "status 200" };
	struct http_regex *regex = http_regex_new(url);

	cr_assert_not_null(regex);
	http_regex_judge(regex, url, page, length, &result);
	http_regex_free(regex);
	return result;
}

Test(regex, a_page)
{
	static const struct {
		struct conf_url url;
		const char *page;
		bool good;
	} rows[] = {
		{ { .regex = "well" }, "all is well\n", true },
		{ { .regex = "well" }, "all is ill\n", false },
		{ { .regex = "well" }, "all is Well\n", false },
		{ { .regex = "well", .regex_no_match = true }, "well", false },
		{ { .regex = "well", .regex_no_match = true }, "ill", true },
		{ { .regex = "well", .regex_options = PCRE2_CASELESS },
		  "all is Well\n",
		  true },
		{ { .regex = "^two$" }, "one\ntwo\n", false },
		{ { .regex = "^two$", .regex_options = PCRE2_MULTILINE },
		  "one\ntwo\n",
		  true },
		{ { .regex = "" }, "", true },
		{ { .regex = "." }, "", false },
		/* Where it may begin; what stands before is seen. */
		{ { .regex = "b", .regex_min = 1 }, "ab", true },
		{ { .regex = "a", .regex_min = 1 }, "ab", false },
		{ { .regex = "(?<=a)b", .regex_min = 1 }, "ab", true },
		{ { .regex = "", .regex_min = 2 }, "ab", true },
		{ { .regex = "", .regex_min = 3 }, "ab", false },
		/* Behind the page there is nothing that could match. */
		{ { .regex = "a", .regex_no_match = true, .regex_min = 9 },
		  "aaa",
		  true },
		/* In the middle of a character: from the next one on. */
		{ { .regex = "^|x", .regex_options = PCRE2_UTF, .regex_min = 1 },
		  "\xc3\xa4x",
		  true },
		{ { .regex = "\xc3\xa4",
		    .regex_options = PCRE2_UTF | PCRE2_CASELESS },
		  "\xff\xc3\x84",
		  true },
		{ { .regex = "x", .regex_options = PCRE2_UTF }, "x\xc3", true },
	};
	struct conf_url url;
	struct probe_result result;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		url = rows[i].url;
		url.regex_max = CONF_REGEX_ANYWHERE;
		result = judge(&url, rows[i].page, strlen(rows[i].page));
		cr_expect_eq(result.outcome,
			     rows[i].good ? PROBE_OK : PROBE_STATUS,
			     "'%s' and '%s': %s", url.regex, rows[i].page,
			     result.text);
		cr_expect_eq(strcmp(result.text, "status 200") == 0,
			     rows[i].good);
	}
}

Test(regex, the_end_of_where_it_may_begin)
{
	struct conf_url url = { .regex = "bc", .regex_max = 1 };

	cr_expect_eq(judge(&url, "abc", 3).outcome, PROBE_OK);
	url.regex_max = 0;
	cr_expect_eq(judge(&url, "abc", 3).outcome, PROBE_STATUS);
}

Test(regex, no_page_at_all)
{
	struct conf_url url = { .regex = "^$",
				.regex_max = CONF_REGEX_ANYWHERE };

	cr_expect_eq(judge(&url, NULL, 0).outcome, PROBE_OK);
}

Test(regex, a_page_that_says_its_text_is_utf8_and_is_not)
{
	struct conf_url url = { .regex = "(*UTF)x",
				.regex_max = CONF_REGEX_ANYWHERE };
	struct probe_result result = judge(&url, "x\xff", 2);

	cr_expect_eq(result.outcome, PROBE_STATUS);
	cr_expect(strstr(result.text, "UTF-8 error"), "%s", result.text);
}

/*
 * Each would take seconds to hours: the steps of an item, the bytes that one item
 * runs over from each place anew, and the places to come back to.
 */
Test(regex, expressions_that_go_badly_with_the_page, .timeout = 300)
{
	static const struct {
		const char *regex, *piece, *text;
	} rows[] = {
		{ "(a*)*b", "a", "10 million steps" },
		{ "(a|aa)+c", "a", "32 MiB" },
		{ "a+[bc]", "a", "10 million steps" },
		{ "\\w+[!?]", "a", "10 million steps" },
		{ "(?s).*.*.*[!?]", "a ", "10 million steps" },
		{ "(?:a|.)*[!?]", "a", "32 MiB" },
	};
	char *page = malloc(HTTP_REGEX_MAX);
	struct conf_url url = { .regex_max = CONF_REGEX_ANYWHERE };
	struct probe_result result;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (k = 0; k < HTTP_REGEX_MAX; k++)
			page[k] = rows[i].piece[k % strlen(rows[i].piece)];
		/* The last letters of the first two: they are looked for first. */
		page[HTTP_REGEX_MAX - 1] = 'c';
		page[HTTP_REGEX_MAX - 2] = '\n';
		page[HTTP_REGEX_MAX - 3] = 'b';
		page[HTTP_REGEX_MAX - 4] = '\n';
		url.regex = rows[i].regex;
		result = judge(&url, page, HTTP_REGEX_MAX);
		cr_expect_eq(result.outcome, PROBE_STATUS);
		cr_expect(strstr(result.text, rows[i].text), "%s: %s",
			  url.regex, result.text);
	}
	free(page);
}
