/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/sheet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

static void sheet_add(struct sheet_bytes *to, const char *bytes, size_t length)
{
	if (to->room - to->length < length) {
		to->room = 2 * (to->length + length) + 256;
		to->bytes = xrealloc_array(to->bytes, to->room, 1);
	}
	memcpy(to->bytes + to->length, bytes, length);
	to->length += length;
}

static void sheet_add_text(struct sheet_bytes *to, const char *text)
{
	size_t length;

	for (; *text; text += length + 1) {
		length = strcspn(text, "\t\n\\");
		sheet_add(to, text, length);
		if (!text[length])
			return;
		sheet_add(to,
			  text[length] == '\t' ? "\\t" :
			  text[length] == '\n' ? "\\n" :
						 "\\\\",
			  2);
	}
}

/* Where the fields of the row at hand go. */
static struct sheet_bytes *sheet_row(struct sheet *sheet)
{
	return sheet->heading ? &sheet->first : &sheet->out;
}

void sheet_begin(struct sheet *sheet, const char *kind)
{
	unsigned i;

	for (i = 0; i < sheet->nr_kinds; i++)
		if (strcmp(sheet->kinds[i], kind) == 0)
			break;
	sheet->heading = i == sheet->nr_kinds && i < SHEET_KINDS;
	if (sheet->heading) {
		sheet->kinds[sheet->nr_kinds++] = kind;
		sheet->first.length = 0;
		sheet_add(&sheet->out, "#", 1);
		sheet_add(&sheet->out, kind, strlen(kind));
	}
	sheet_add(sheet_row(sheet), kind, strlen(kind));
}

static struct sheet_bytes *sheet_column(struct sheet *sheet, const char *key)
{
	struct sheet_bytes *row = sheet_row(sheet);

	if (sheet->heading) {
		sheet_add(&sheet->out, "\t", 1);
		sheet_add(&sheet->out, key, strlen(key));
	}
	sheet_add(row, "\t", 1);
	return row;
}

void sheet_text(struct sheet *sheet, const char *key, const char *text)
{
	sheet_add_text(sheet_column(sheet, key), text);
}

size_t sheet_print_number(char out[SHEET_NUMBER], int64_t number)
{
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char digits[SHEET_NUMBER], *at = digits + sizeof(digits);
	size_t length;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		*--at = '-';
	length = (size_t)(digits + sizeof(digits) - at);
	memcpy(out, at, length);
	return length;
}

void sheet_known(struct sheet *sheet, const char *key, bool known,
		 int64_t number)
{
	struct sheet_bytes *to = sheet_column(sheet, key);
	char digits[SHEET_NUMBER];

	if (known)
		sheet_add(to, digits, sheet_print_number(digits, number));
}

void sheet_number(struct sheet *sheet, const char *key, int64_t number)
{
	sheet_known(sheet, key, true, number);
}

void sheet_end(struct sheet *sheet)
{
	if (sheet->heading) {
		sheet_add(&sheet->out, "\n", 1);
		sheet_add(&sheet->out, sheet->first.bytes, sheet->first.length);
	}
	sheet_add(&sheet->out, "\n", 1);
	sheet->heading = false;
}

void sheet_clear(struct sheet *sheet)
{
	sheet->out.length = 0;
	sheet->nr_kinds = 0;
	sheet->heading = false;
}

void sheet_free(struct sheet *sheet)
{
	free(sheet->out.bytes);
	free(sheet->first.bytes);
	memset(sheet, 0, sizeof(*sheet));
}

int sheet_read(struct sheet_reader *reader, struct sheet_row *row)
{
	const char *line = reader->at, *end, *tab;

	if (line == reader->end)
		return 0;
	end = memchr(line, '\n', (size_t)(reader->end - line));
	if (!end)
		return -EBADMSG;
	reader->at = end + 1;
	row->head = *line == '#';
	line += row->head;
	for (row->nr = 0; row->nr < SHEET_FIELDS; line = tab + 1) {
		tab = memchr(line, '\t', (size_t)(end - line));
		row->fields[row->nr++] = (struct sheet_field){
			line, (size_t)((tab ? tab : end) - line)
		};
		if (!tab)
			return 1;
	}
	return -EBADMSG;
}

bool sheet_is(const struct sheet_field *field, const char *text)
{
	return strlen(text) == field->length &&
	       memcmp(field->text, text, field->length) == 0;
}

bool sheet_read_number(const struct sheet_field *field, int64_t *number)
{
	bool minus = field->length > 0 && field->text[0] == '-';
	uint64_t sum = 0;
	size_t i = minus;

	if (i == field->length)
		return false;
	for (; i < field->length; i++) {
		if (field->text[i] < '0' || field->text[i] > '9' ||
		    sum > INT64_MAX / 10)
			return false;
		sum = sum * 10 + (uint64_t)(field->text[i] - '0');
		if (sum > INT64_MAX)
			return false;
	}
	*number = minus ? -(int64_t)sum : (int64_t)sum;
	return true;
}

const char *sheet_read_text(const struct sheet_field *field, char *out,
			    size_t size)
{
	size_t i, used = 0;

	for (i = 0; i < field->length && used + 1 < size; i++) {
		char c = field->text[i];

		if (c == '\\' && i + 1 < field->length) {
			c = field->text[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
		}
		out[used++] = c;
	}
	out[used] = '\0';
	return out;
}
