/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/blank.h"

#include <stdbool.h>
#include <string.h>

/* Characters with a meaning in the language stay as they are. */
#define BLANK_KEEPS " \t\r\"'{}#!\\~@$<>()=,"

/* Does a line of TEXT begin with the word at P? */
static bool blank_is_first(const char *text, const char *p)
{
	while (p > text && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == text || p[-1] == '\n';
}

static void blank_value(char *p, const char *eol)
{
	if (memchr(p, '$', (size_t)(eol - p)))
		return;
	for (; p < eol; p++)
		if (!strchr(BLANK_KEEPS, *p))
			*p = 'x';
}

/* Few lines have the keyword: search for it, not for the lines. */
void blank_values(char *text, size_t length, const char *keyword)
{
	char *p = text, *end = text + length, *eol;
	size_t word = strlen(keyword);

	while ((p = memmem(p, (size_t)(end - p), keyword, word))) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		if (p + word < eol && (p[word] == ' ' || p[word] == '\t') &&
		    blank_is_first(text, p)) {
			blank_value(p + word, eol);
			p = eol;
		} else {
			p += word;
		}
	}
}
