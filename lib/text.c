/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_in(char *out, size_t size)
{
	out[0] = '\0';
	return (struct text){ .out = out, .size = size };
}

void text_add(struct text *text, const char *fmt, ...)
{
	va_list ap;
	int len;

	if (text->used + 1 >= text->size)
		return;
	va_start(ap, fmt);
	len = vsnprintf(text->out + text->used, text->size - text->used, fmt,
			ap);
	va_end(ap);
	if (len > 0)
		text->used += (size_t)len;
	if (text->used >= text->size)
		text->used = text->size - 1;
}

void text_add_seconds(struct text *text, usec_t time)
{
	text_add(text, "%lld.%lld s", (long long)(time / USEC_PER_SEC),
		 (long long)(time % USEC_PER_SEC / (USEC_PER_SEC / 10)));
}

void text_drop_end(struct text *text, char c)
{
	if (text->used && text->out[text->used - 1] == c)
		text->out[--text->used] = '\0';
}

size_t text_character(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = at[0] < 0x80 ? 1 :
			at[0] < 0xc2 ? 0 :
			at[0] < 0xe0 ? 2 :
			at[0] < 0xf0 ? 3 :
			at[0] < 0xf5 ? 4 :
				       0;
	size_t i;

	/* The NUL behind a text continues no character. */
	for (i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than necessary, a surrogate, or beyond the last one. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) ||
	    (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}
