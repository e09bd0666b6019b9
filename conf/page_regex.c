/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/page_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "conf/conf.h"
#include "lib/util.h"

/* The names are keepalived's, the values PCRE2's. */
static const struct {
	const char *name;
	uint32_t option;
} page_regex_options[] = {
	{ "allow_empty_class", PCRE2_ALLOW_EMPTY_CLASS },
	{ "alt_bsux", PCRE2_ALT_BSUX },
	{ "alt_circumflex", PCRE2_ALT_CIRCUMFLEX },
	{ "alt_verbnames", PCRE2_ALT_VERBNAMES },
	{ "auto_callout", PCRE2_AUTO_CALLOUT },
	{ "caseless", PCRE2_CASELESS },
	{ "dollar_endonly", PCRE2_DOLLAR_ENDONLY },
	{ "dotall", PCRE2_DOTALL },
	{ "dupnames", PCRE2_DUPNAMES },
	{ "extended", PCRE2_EXTENDED },
	{ "firstline", PCRE2_FIRSTLINE },
	{ "match_unset_backref", PCRE2_MATCH_UNSET_BACKREF },
	{ "multiline", PCRE2_MULTILINE },
	{ "never_backslash_c", PCRE2_NEVER_BACKSLASH_C },
	{ "never_ucp", PCRE2_NEVER_UCP },
	{ "never_utf", PCRE2_NEVER_UTF },
	{ "no_auto_capture", PCRE2_NO_AUTO_CAPTURE },
	{ "no_auto_possess", PCRE2_NO_AUTO_POSSESS },
	{ "no_dotstar_anchor", PCRE2_NO_DOTSTAR_ANCHOR },
	{ "no_start_optimize", PCRE2_NO_START_OPTIMIZE },
	{ "ucp", PCRE2_UCP },
	{ "ungreedy", PCRE2_UNGREEDY },
	{ "use_offset_limit", PCRE2_USE_OFFSET_LIMIT },
	{ "utf", PCRE2_UTF },
};

uint32_t page_regex_option(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(page_regex_options); i++)
		if (strlen(page_regex_options[i].name) == length &&
		    memcmp(page_regex_options[i].name, name, length) == 0)
			return page_regex_options[i].option;
	return 0;
}

void page_regex_print(FILE *out, uint32_t options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(page_regex_options); i++)
		if (options & page_regex_options[i].option)
			fprintf(out, " %s", page_regex_options[i].name);
}

struct pcre2_real_code_8 *page_regex_compile(const struct conf_url *url,
					     char *why, size_t size)
{
	uint32_t options = url->regex_options | PCRE2_AUTO_CALLOUT |
			   PCRE2_USE_OFFSET_LIMIT;
	PCRE2_UCHAR said[128] = "no memory";
	pcre2_code *code;
	PCRE2_SIZE at = 0;
	int error = 0;

	/* A page may be cut in the middle of a character, or be none of UTF-8. */
	if (options & PCRE2_UTF)
		options |= PCRE2_MATCH_INVALID_UTF;
	code = pcre2_compile((PCRE2_SPTR)url->regex, PCRE2_ZERO_TERMINATED,
			     options, &error, &at, NULL);
	if (code)
		return code;
	pcre2_get_error_message(error, said, sizeof(said));
	snprintf(why, size, "%s, at character %zu", (const char *)said,
		 (size_t)at + 1);
	return NULL;
}

bool page_regex_is_good(const struct conf_url *url, char *why, size_t size)
{
	pcre2_code *code = page_regex_compile(url, why, size);

	pcre2_code_free(code);
	return code;
}
