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

static void blank_value(char *p, const char *eol, char with)
{
	if (memchr(p, '$', (size_t)(eol - p)))
		return;
	for (; p < eol; p++)
		if (!strchr(BLANK_KEEPS, *p))
			*p = with;
}

static void blank_whole(char *p, const char *eol)
{
	blank_value(p, eol, 'x');
}

static void blank_second(char *p, const char *eol)
{
	p += strspn(p, " \t");
	p += strcspn(p, " \t\n");
	if (p >= eol)
		return;
	p += strspn(p, " \t\"'");
	if (eol - p >= 4 && memcmp(p, "hex:", 4) == 0)
		p += 4;
	else if (eol - p >= 5 && memcmp(p, "file:", 5) == 0)
		p += 5;
	if (p < eol)
		blank_value(p, eol, '0');
}

/* Few lines have the keyword: search for it, not for the lines. */
static void blank_each(char *text, size_t length, const char *keyword,
		       void (*blank)(char *p, const char *eol))
{
	char *p = text, *end = text + length, *eol;
	size_t word = strlen(keyword);

	while ((p = memmem(p, (size_t)(end - p), keyword, word))) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		if (p + word < eol && (p[word] == ' ' || p[word] == '\t') &&
		    blank_is_first(text, p)) {
			blank(p + word, eol);
			p = eol;
		} else {
			p += word;
		}
	}
}

void blank_values(char *text, size_t length, const char *keyword)
{
	blank_each(text, length, keyword, blank_whole);
}

void blank_keys(char *text, size_t length, const char *keyword)
{
	blank_each(text, length, keyword, blank_second);
}
