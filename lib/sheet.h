/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sheet: rows of several kinds as text, for figures of thousands of objects on
 * their way from one process to another. A row is a line; its fields are divided
 * by tabs, and the first one is the kind. Before the first row of a kind comes
 * its head, whose first field is the kind behind a '#' and whose others name the
 * columns. So a reader takes the columns that it knows from a writer of another
 * version, and no name is repeated for each object. A number is decimal, an
 * empty field is unknown, and a text has "\t", "\n" and "\\" for the characters
 * that would end it.
 */
#ifndef EVENKEEL_LIB_SHEET_H
#define EVENKEEL_LIB_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHEET_FIELDS 96 /* of a row, the kind included */
#define SHEET_KINDS 16

struct sheet_bytes {
	char *bytes; /* NULL: none yet */
	size_t length, room;
};

/* All zeroes is an empty sheet; sheet_free() gives its memory back. */
struct sheet {
	struct sheet_bytes out; /* whole lines */
	struct sheet_bytes first; /* the first row of a kind, behind its head */
	const char *kinds[SHEET_KINDS]; /* whose heads are written */
	unsigned nr_kinds;
	bool heading; /* the row at hand is the first of its kind */
};

/*
 * Begin a row. KIND and all KEYS must live as long as the sheet, and each row of
 * a kind has the same columns in the same order.
 */
void sheet_begin(struct sheet *sheet, const char *kind);
void sheet_text(struct sheet *sheet, const char *key, const char *text);
void sheet_number(struct sheet *sheet, const char *key, int64_t number);
/* NUMBER if it is KNOWN, else an empty field. */
void sheet_known(struct sheet *sheet, const char *key, bool known,
		 int64_t number);
void sheet_end(struct sheet *sheet);

void sheet_clear(struct sheet *sheet); /* keeps the memory */
void sheet_free(struct sheet *sheet);

/* NUMBER in decimal, without a NUL. Returns the length, SHEET_NUMBER at most. */
#define SHEET_NUMBER 20
size_t sheet_print_number(char out[SHEET_NUMBER], int64_t number);

/* Reading. */
struct sheet_field {
	const char *text; /* not ended by NUL */
	size_t length;
};

struct sheet_row {
	bool head;
	size_t nr;
	struct sheet_field fields[SHEET_FIELDS]; /* [0]: the kind, without '#' */
};

struct sheet_reader {
	const char *at, *end;
};

/*
 * The next row, whose fields lie in the reader's text. Returns 1, 0 at the end,
 * or -EBADMSG: the last line is cut, or a row has too many fields.
 */
int sheet_read(struct sheet_reader *reader, struct sheet_row *row);
bool sheet_is(const struct sheet_field *field, const char *text);
/* Returns false if the field is empty or no number of an int64_t. */
bool sheet_read_number(const struct sheet_field *field, int64_t *number);
/*
 * The field as it was before sheet_text(), at most SIZE bytes with the NUL, cut
 * where OUT is full. Returns OUT.
 */
const char *sheet_read_text(const struct sheet_field *field, char *out,
			    size_t size);

#endif
