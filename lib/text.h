/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of text that is put together piece by piece, cut where it is full; and the
 * characters of a text.
 */
#ifndef EVENKEEL_LIB_TEXT_H
#define EVENKEEL_LIB_TEXT_H

#include <stddef.h>

#include "lib/util.h"

struct text {
	char *out; /* ended by NUL at all times */
	size_t size; /* of OUT, at least 1 */
	size_t used; /* strlen(out) */
};

/* An empty text in OUT, a buffer of the caller's of SIZE bytes. */
struct text text_in(char *out, size_t size);

/* Add to the end, as printf() would. A full text stays as it is. */
void text_add(struct text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "1.5 s", tenths cut off */
void text_add_seconds(struct text *text, usec_t time);
/* Take the last character away if it is C. */
void text_drop_end(struct text *text, char c);

/*
 * The length of the character of UTF-8 that TEXT, which NUL ends, begins with; 0:
 * it is none.
 */
size_t text_character(const char *text);

#endif
