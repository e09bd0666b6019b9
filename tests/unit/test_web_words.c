/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of a request: tables of clients' fields. */
#include <criterion/criterion.h>
#include <stddef.h>

#include "lib/util.h"
#include "web/http_words.h"

Test(http, openmetrics_for_those_who_like_it_best)
{
	static const struct {
		const char *accept;
		bool open;
	} rows[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ "text/html", false },
		{ "application/openmetrics-text", true },
		{ "application/openmetrics-text; version=1.0.0", true },
		{ "APPLICATION/OpenMetrics-Text;Version=1.0.0", true },
		{ "application/openmetrics-text;version=0.0.1", false },
		{ "application/openmetrics-text;version=2.0.0", false },
		{ "application/openmetrics-textual", false },
		{ "application/openmetrics-text;q=0", false },
		{ "application/openmetrics-text;q=0.000", false },
		{ "text/plain, application/openmetrics-text;q=0.9", false },
		{ "text/plain;q=0.5, application/openmetrics-text;q=0.9",
		  true },
		{ "text/plain;version=1.0.0,application/openmetrics-text;q=0.1",
		  true },
		/* Prometheus 2.42 */
		{ "application/openmetrics-text;version=1.0.0,"
		  "application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  true },
		/* Prometheus 3 */
		{ "application/openmetrics-text;version=1.0.0;escaping="
		  "allow-utf-8;q=0.5,application/openmetrics-text;version="
		  "0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;"
		  "q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1",
		  true },
		/* the same, told to prefer the old format */
		{ "text/plain;version=0.0.4;q=0.6,"
		  "application/openmetrics-text;version=1.0.0;q=0.5",
		  false },
		{ ",,;;,=,;q=,q=0.,application/openmetrics-text;", true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		cr_expect_eq(http_wants_openmetrics(rows[i].accept),
			     rows[i].open, "%s", rows[i].accept);
}

Test(http, a_host_of_somebody_else)
{
	static const char *const names[] = { "lb1.example", "",
					     "Status.Example.", NULL };
	static const struct {
		const char *host;
		bool ours;
	} rows[] = {
		{ NULL, false },
		{ "", false },
		{ ":80", false },
		{ "127.0.0.1", true },
		{ "192.0.2.1:8080", true },
		{ "[::1]", true },
		{ "[2001:db8::1]:8080", true },
		{ "localhost", true },
		{ "localhost:8080", true },
		{ "LB1.Example:8080", true },
		{ "lb1.example.", true },
		{ "status.example", true },
		{ "status.example.:8080", true },
		{ "lb1.example.evil.example", false },
		{ "evil.example", false },
		{ "127.0.0.1.evil.example", false },
		{ "evil.example:127.0.0.1", false },
		{ "[evil.example]", false },
		{ "[127.0.0.1", true },
		{ ".", false },
		{ "lb1", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		cr_expect_eq(http_host_is_ours(rows[i].host, names),
			     rows[i].ours, "%s", rows[i].host);
}

Test(http, what_the_log_may_say_of_a_host)
{
	char longest[300];

	cr_expect(http_is_host("lb_1.example.:9100"));
	cr_expect_not(http_is_host(""));
	cr_expect_not(http_is_host("a b"));
	cr_expect_not(http_is_host("a\nb"));
	cr_expect_not(http_is_host("<b>"));
	cr_expect_not(http_is_host("\xc3\xa9.example"));
	memset(longest, 'a', sizeof(longest));
	longest[259] = '\0';
	cr_expect(http_is_host(longest));
	longest[259] = 'a';
	longest[260] = '\0';
	cr_expect_not(http_is_host(longest));
}

Test(http, words_and_names)
{
	cr_expect(http_is_word("192.0.2.1:3306", 14));
	cr_expect_not(http_is_word("192.0.2.1:3306", 13));
	cr_expect_not(http_is_word("a b", 9));
	cr_expect_not(http_is_word("a\nb", 9));
	cr_expect_not(http_is_word("\xc3\xa9", 9));
	cr_expect(http_is_name("pool \xc3\xa9", 9));
	cr_expect_not(http_is_name("pool\n", 9));
	cr_expect_not(http_is_name("pool\x7f", 9));
	cr_expect_not(http_is_name("pool", 3));
}
