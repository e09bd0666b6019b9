/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/http_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "conf/page_regex.h"
#include "lib/util.h"

struct http_regex {
	pcre2_code *code;
	pcre2_match_context *context;
	pcre2_match_data *data;
};

/* The cost of one match so far. */
struct http_regex_work {
	size_t steps;
	size_t at; /* where the page was looked at last */
};

/*
 * PCRE2 comes here before each item of the expression. What it has read since is
 * counted too: one item can run over the whole page.
 */
static int http_regex_count(pcre2_callout_block *block, void *arg)
{
	struct http_regex_work *work = arg;
	size_t at = block->current_position;

	work->steps += 1 + (at > work->at ? at - work->at : 0);
	work->at = at;
	return work->steps > HTTP_REGEX_WORK ? PCRE2_ERROR_CALLOUT : 0;
}

struct http_regex *http_regex_new(const struct conf_url *url)
{
	struct http_regex *regex = xcalloc(1, sizeof(*regex));
	char why[160];

	regex->code = page_regex_compile(url, why, sizeof(why));
	regex->context = pcre2_match_context_create(NULL);
	/* Nobody asks where the match is. */
	regex->data = pcre2_match_data_create(1, NULL);
	if (!regex->code || !regex->context || !regex->data) {
		http_regex_free(regex);
		return NULL;
	}
	pcre2_set_heap_limit(regex->context, HTTP_REGEX_MEMORY);
	/*
	 * The steps are counted here; PCRE2's own count begins anew at each
	 * byte.
	 */
	pcre2_set_match_limit(regex->context, HTTP_REGEX_WORK);
	if (url->regex_max != CONF_REGEX_ANYWHERE)
		pcre2_set_offset_limit(regex->context, url->regex_max);
	return regex;
}

void http_regex_free(struct http_regex *regex)
{
	if (!regex)
		return;
	pcre2_match_data_free(regex->data);
	pcre2_match_context_free(regex->context);
	pcre2_code_free(regex->code);
	free(regex);
}

/* The first character at or behind the offset where a match may begin. */
static size_t http_regex_begin(const struct conf_url *url, const char *page,
			       size_t length)
{
	size_t at = url->regex_min;

	if (url->regex_options & PCRE2_UTF)
		while (at < length && ((unsigned char)page[at] & 0xc0) == 0x80)
			at++;
	return at;
}

static int http_regex_match(const struct http_regex *regex,
			    const struct conf_url *url, const char *page,
			    size_t length)
{
	size_t begin = http_regex_begin(url, page, length);
	struct http_regex_work work = { .at = begin };

	if (begin > length)
		return PCRE2_ERROR_NOMATCH;
	pcre2_set_callout(regex->context, http_regex_count, &work);
	return pcre2_match(regex->code, (PCRE2_SPTR)(page ? page : ""), length,
			   begin, 0, regex->data, regex->context);
}

static void http_regex_say(int error, struct probe_result *result)
{
	PCRE2_UCHAR said[96] = "";

	if (error == PCRE2_ERROR_CALLOUT || error == PCRE2_ERROR_MATCHLIMIT ||
	    error == PCRE2_ERROR_DEPTHLIMIT || error == PCRE2_ERROR_HEAPLIMIT) {
		snprintf(result->text, sizeof(result->text),
			 "'regex' needs more than %s for the page; make it "
			 "simpler, or the page shorter",
			 error == PCRE2_ERROR_HEAPLIMIT ? "32 MiB" :
							  "10 million steps");
		return;
	}
	pcre2_get_error_message(error, said, sizeof(said));
	snprintf(result->text, sizeof(result->text),
		 "'regex' cannot be looked for in the page: %.80s",
		 (const char *)said);
}

void http_regex_judge(const struct http_regex *regex,
		      const struct conf_url *url, const char *page,
		      size_t length, struct probe_result *result)
{
	int found = http_regex_match(regex, url, page, length);
	bool matches = found >= 0;

	if (!matches && found != PCRE2_ERROR_NOMATCH) {
		result->outcome = PROBE_STATUS;
		http_regex_say(found, result);
	} else if (matches == url->regex_no_match) {
		result->outcome = PROBE_STATUS;
		snprintf(result->text, sizeof(result->text),
			 matches ? "the page matches 'regex', and must not" :
				   "the page does not match 'regex'");
	}
}
