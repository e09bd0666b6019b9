/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An expression and a page that it is looked for in: four bytes are the words that
 * go with it, then comes the expression up to a NUL, the rest is the page. Whatever
 * both are, a match ends and says something.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/http_regex.h"
#include "conf/page_regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_page(const struct conf_url *url, const uint8_t *page,
		      size_t size)
{
	struct probe_result result = { .outcome = PROBE_OK };
	struct http_regex *regex = http_regex_new(url);

	if (!regex)
		abort();
	http_regex_judge(regex, url, (const char *)page, size, &result);
	if ((result.outcome != PROBE_OK && result.outcome != PROBE_STATUS) ||
	    (result.outcome != PROBE_OK && !result.text[0]) ||
	    memchr(result.text, '\0', sizeof(result.text)) == NULL)
		abort();
	http_regex_free(regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "utf",	  "caseless",
					     "multiline", "dotall",
					     "extended",  "ucp",
					     "ungreedy",  "firstline" };
	struct conf_url url = { .regex_max = CONF_REGEX_ANYWHERE };
	char why[160], *expression;
	size_t length, i;

	if (size < 4)
		return 0;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (data[0] & 1u << i)
			url.regex_options |=
				page_regex_option(names[i], strlen(names[i]));
	url.regex_min = data[1] & 15;
	if (data[2] & 1)
		url.regex_max = data[2];
	url.regex_no_match = data[3] & 1;
	data += 4;
	size -= 4;
	expression = strndup((const char *)data, size);
	if (!expression)
		abort();
	length = strlen(expression);
	url.regex = expression;
	if (length < size)
		length++;
	if (page_regex_is_good(&url, why, sizeof(why)))
		fuzz_page(&url, data + length, size - length);
	else if (!why[0])
		abort();
	free(expression);
	return 0;
}
