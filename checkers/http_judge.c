/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/http_judge.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The statuses allowed to a page without status_code. */
static const struct conf_range http_usual_range = { 200, 299 };
static const struct conf_ranges http_usual = { &http_usual_range, 1 };

static bool http_status_in(const struct conf_ranges *ranges, long status)
{
	size_t i;

	for (i = 0; i < ranges->nr; i++) {
		if (status >= ranges->list[i].first &&
		    status <= ranges->list[i].last)
			return true;
	}
	return false;
}

/* "200-299 404"; cut where there is no more room. */
static void http_ranges_format(const struct conf_ranges *ranges, char *out,
			       size_t size)
{
	size_t used = 0, i;

	out[0] = '\0';
	for (i = 0; i < ranges->nr && used < size; i++) {
		const struct conf_range *range = &ranges->list[i];

		used += (size_t)snprintf(out + used, size - used, "%s%u",
					 i ? " " : "", range->first);
		if (range->last != range->first && used < size)
			used += (size_t)snprintf(out + used, size - used, "-%u",
						 range->last);
	}
}

void http_judge_status(const struct conf_http *http, const struct conf_url *url,
		       long status, struct probe_result *result)
{
	const struct conf_ranges *ranges = url->status.nr ? &url->status :
							    &http_usual;
	char expected[64];

	*result = (struct probe_result){ .outcome = PROBE_OK };
	result->facts.have = FACT_HTTP_STATUS;
	result->facts.http_status = (uint16_t)status;
	if (http_status_in(&http->drain, status)) {
		result->outcome = PROBE_DRAIN;
		snprintf(result->text, sizeof(result->text),
			 "status %ld is a drain_code", status);
	} else if (http_status_in(ranges, status)) {
		snprintf(result->text, sizeof(result->text), "status %ld",
			 status);
	} else {
		result->outcome = PROBE_STATUS;
		http_ranges_format(ranges, expected, sizeof(expected));
		snprintf(result->text, sizeof(result->text),
			 "status %ld, expected %s", status, expected);
	}
}

void http_judge_digest(const struct conf_url *url, const char sum[MD5_TEXT_MAX],
		       struct probe_result *result)
{
	if (!url->digest || strcasecmp(url->digest, sum) == 0)
		return;
	result->outcome = PROBE_STATUS;
	snprintf(result->text, sizeof(result->text),
		 "the page's digest is %s, expected %s", sum, url->digest);
}

void http_judge_page(const struct conf_http *http, const struct conf_url *url,
		     struct probe_result *result)
{
	char text[VERDICT_TEXT_MAX];

	if (http->nr_urls < 2)
		return;
	snprintf(text, sizeof(text), "%.48s: %.80s", url->path, result->text);
	memcpy(result->text, text, sizeof(text));
}

bool http_is_sendable(const char *text, bool blanks)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f ||
		    (*text == ' ' && !blanks))
			return false;
	}
	return true;
}

bool http_host_name(const char *virtualhost, char *out, size_t size)
{
	size_t len = strcspn(virtualhost, ":"), i;

	if (len == 0 || len >= size)
		return false;
	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)virtualhost[i]) &&
		    !strchr("-._", virtualhost[i]))
			return false;
	}
	memcpy(out, virtualhost, len);
	out[len] = '\0';
	return true;
}
