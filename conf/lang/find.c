/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding include lines without looking at every line: most files have none,
 * and reading them costs next to nothing.
 */
#include <ctype.h>
#include <string.h>

#include "conf/lang/read.h"
#include "lib/util.h"

const char *conf_read_line_start(const char *p, const char *text)
{
	while (p > text && p[-1] != '\n')
		p--;
	return p;
}

/* "$NAME=", perhaps behind "@id": the first line of a value. */
static bool find_is_definition(const char *p)
{
	while (isblank((unsigned char)*p))
		p++;
	if (*p == '@') {
		p += strcspn(p, " \t\n");
		while (isblank((unsigned char)*p))
			p++;
	}
	if (*p++ != '$')
		return false;
	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	return *p == '=';
}

bool conf_read_goes_on(const char *line, const char *text,
		       struct read_value *known)
{
	const char *p = line, *end;
	bool goes_on = false;

	/* Back over all lines that end in a backslash. */
	while (p > text && !goes_on) {
		if (p == known->line) {
			goes_on = known->goes_on;
			break;
		}
		for (end = p - 1; end > text &&
				  isspace((unsigned char)end[-1]) &&
				  end[-1] != '\n';)
			end--;
		if (end == text || end[-1] != '\\')
			break;
		p = conf_read_line_start(end, text);
		goes_on = find_is_definition(p);
	}
	known->line = line;
	known->goes_on = goes_on;
	return goes_on;
}

/* Behind the blanks and the "@ID"s of a line; NULL if it is not for us. */
static const char *find_statement(const struct conf_reader *reader,
				  const char *p, const char *eol)
{
	const char *id;
	bool wanted;

	while (p < eol && isspace((unsigned char)*p))
		p++;
	while (p < eol && *p == '@') {
		wanted = p[1] != '^';
		id = p + (wanted ? 1 : 2);
		for (p = id; p < eol && *p != ' ' && *p != '\t';)
			p++;
		if (((size_t)(p - id) == strlen(reader->config_id) &&
		     memcmp(id, reader->config_id, (size_t)(p - id)) == 0) !=
		    wanted)
			return NULL;
		while (p < eol && isspace((unsigned char)*p))
			p++;
	}
	return p;
}

/* The rules that the letter behind "include" brings. */
static unsigned find_checks(char letter)
{
	switch (letter) {
	case 'r':
		return READ_CHECK_READABLE;
	case 'm':
		return READ_CHECK_READABLE | READ_CHECK_MATCH;
	case 'w':
		return READ_CHECK_READABLE | READ_CHECK_MATCH |
		       READ_CHECK_WILDCARD;
	case 'b':
		return READ_CHECK_READABLE | READ_CHECK_BRACE;
	}
	return READ_CHECK_ALL;
}

bool conf_read_is_include(const struct conf_reader *reader, const char *line,
			  const char *eol, struct read_include *include)
{
	struct conf_word *pattern = &include->pattern;
	const char *p = find_statement(reader, line, eol), *end;

	if (!p || eol - p < 9 || memcmp(p, "include", 7) != 0)
		return false;
	p += 7;
	include->checks = reader->checks;
	if (strchr("rmwba", *p))
		include->checks |= find_checks(*p++);
	if (p == eol || (*p != ' ' && *p != '\t'))
		return false;
	while (p < eol && isspace((unsigned char)*p))
		p++;
	pattern->text = p;
	if (p < eol && *p == '"' &&
	    (end = memchr(p + 1, '"', (size_t)(eol - (p + 1))))) {
		pattern->text++;
		pattern->len = (uint32_t)(end - p - 1);
		return pattern->len > 0;
	}
	while (p < eol && !isspace((unsigned char)*p) && *p != '#' && *p != '!')
		p++;
	pattern->len = (uint32_t)(p - pattern->text);
	return pattern->len > 0;
}

static unsigned find_check(const char *word, size_t len)
{
	static const struct {
		const char *word;
		unsigned checks;
	} checks[] = {
		{ "readable", READ_CHECK_READABLE },
		{ "match", READ_CHECK_READABLE | READ_CHECK_MATCH },
		{ "wildcard_match", READ_CHECK_READABLE | READ_CHECK_WILDCARD },
		{ "brace_match", READ_CHECK_READABLE | READ_CHECK_BRACE },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(checks); i++)
		if (strlen(checks[i].word) == len &&
		    memcmp(checks[i].word, word, len) == 0)
			return checks[i].checks;
	return 0;
}

/* A word alone begins anew; '+' adds to the rules before, '-' takes away. */
bool conf_read_set_checks(struct conf_reader *reader, const char *line,
			  const char *eol, struct conf_word *bad)
{
	static const char name[] = "include_check";
	const char *p = find_statement(reader, line, eol), *word;
	unsigned checks = 0, one;
	bool any = false;
	char sign;

	bad->text = NULL;
	if (!p || (size_t)(eol - p) < sizeof(name) - 1 ||
	    memcmp(p, name, sizeof(name) - 1) != 0)
		return false;
	p += sizeof(name) - 1;
	if (p < eol && !isspace((unsigned char)*p))
		return false;
	for (;; any = true) {
		while (p < eol && isspace((unsigned char)*p))
			p++;
		if (p == eol || *p == '#' || *p == '!')
			break;
		sign = *p;
		if (sign == '+' || sign == '-')
			p++;
		if (!any && (sign == '+' || sign == '-'))
			checks = reader->checks;
		for (word = p; p < eol && !isspace((unsigned char)*p);)
			p++;
		one = find_check(word, (size_t)(p - word));
		if (!one) {
			bad->text = word;
			bad->len = (uint32_t)(p - word);
			return true;
		}
		if (sign == '-')
			checks &= ~(one == READ_CHECK_READABLE ?
					    READ_CHECK_ALL :
					    one & ~READ_CHECK_READABLE);
		else
			checks |= one;
	}
	reader->checks = any ? checks : READ_CHECK_ALL;
	return true;
}

const char *conf_read_value(const struct conf_reader *reader, const char *word)
{
	const char *text = reader->out.text, *end = text + reader->out.len;
	const char *p, *line, *value = NULL;
	size_t len = strlen(word);

	for (p = text; (p = memmem(p, (size_t)(end - p), word, len)); p++) {
		line = conf_read_line_start(p, text);
		while (line < p && isblank((unsigned char)*line))
			line++;
		if (line != p || p + len == end ||
		    !isblank((unsigned char)p[len]))
			continue;
		value = p + len;
		while (isblank((unsigned char)*value))
			value++;
	}
	return value;
}

/*
 * The next "include" anywhere in the text; most files have none. Steps by the
 * length of the word, looking at the byte that would be its last: most bytes
 * of a configuration are blanks and digits, which are not in it.
 */
const char *conf_read_next_include(const char *from, const char *end)
{
	static const uint8_t shift[256] = {
		['i'] = 6, ['n'] = 5, ['c'] = 4,
		['l'] = 3, ['u'] = 2, ['d'] = 1,
	};
	const char *p = from + 6;

	while (p < end) {
		uint8_t step = shift[(uint8_t)*p];

		if (step)
			p += step;
		else if (*p != 'e')
			p += 7;
		else if (memcmp(p - 6, "includ", 6) == 0)
			return p - 6;
		else
			p += 1;
	}
	return NULL;
}
