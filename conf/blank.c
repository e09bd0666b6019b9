/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/blank.h"

#include <string.h>

/* Characters with a meaning in the language stay as they are. */
#define BLANK_KEEPS " \t\r\"'{}#!\\~@$<>()=,"

static void blank_line(char *p, const char *eol, const char *keyword)
{
	size_t word = strlen(keyword);

	while (p < eol && (*p == ' ' || *p == '\t'))
		p++;
	if ((size_t)(eol - p) <= word || memcmp(p, keyword, word) != 0 ||
	    (p[word] != ' ' && p[word] != '\t'))
		return;
	p += word;
	if (memchr(p, '$', (size_t)(eol - p)))
		return;
	for (; p < eol; p++)
		if (!strchr(BLANK_KEEPS, *p))
			*p = 'x';
}

void blank_values(char *text, size_t length, const char *keyword)
{
	char *end = text + length, *eol;

	for (; text < end; text = eol + 1) {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (!eol)
			eol = end;
		blank_line(text, eol, keyword);
	}
}
