/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding include lines without looking at every line: most files have none,
 * and reading them costs next to nothing.
 */
#include <ctype.h>
#include <string.h>

#include "conf/lang/read.h"

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

bool conf_read_is_include(const struct conf_reader *reader, const char *line,
			  const char *eol, struct read_include *include)
{
	struct conf_word *pattern = &include->pattern;
	const char *p = line, *id;
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
			return false;
		while (p < eol && isspace((unsigned char)*p))
			p++;
	}
	if (eol - p < 9 || memcmp(p, "include", 7) != 0)
		return false;
	p += 7;
	include->kind = '\0';
	if (strchr("rmwba", *p))
		include->kind = *p++;
	if (p == eol || (*p != ' ' && *p != '\t'))
		return false;
	while (p < eol && isspace((unsigned char)*p))
		p++;
	pattern->text = p;
	if (p < eol && *p == '"' &&
	    (id = memchr(p + 1, '"', (size_t)(eol - (p + 1))))) {
		pattern->text++;
		pattern->len = (uint32_t)(id - p - 1);
		return pattern->len > 0;
	}
	while (p < eol && !isspace((unsigned char)*p) && *p != '#' && *p != '!')
		p++;
	pattern->len = (uint32_t)(p - pattern->text);
	return pattern->len > 0;
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
