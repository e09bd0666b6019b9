/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/metrics_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/metrics.h"
#include "lib/sheet.h"
#include "lib/text.h"
#include "lib/util.h"

#define METRICS_TEXT_MAX 1024 /* of a label */

/* The fields of the rows of a kind by their numbers; 0: there is no such field. */
struct metrics_columns {
	bool known; /* their head has come */
	size_t labels[METRICS_LABELS];
	size_t *slots;
};

struct metrics_parser {
	struct metrics *metrics;
	struct metrics_columns columns[METRICS_KINDS];
	size_t version; /* a column of the daemon's row */
	bool ended;
};

size_t metrics_slots(enum metrics_kind kind)
{
	size_t i, nr = 0;

	for (i = 0; i < metrics_table_size; i++)
		nr += metrics_table[i].kind == kind;
	return nr;
}

size_t metrics_slot(const struct metric *metric)
{
	const struct metric *one;
	size_t slot = 0;

	for (one = metrics_table; one < metric; one++)
		slot += one->kind == metric->kind;
	return slot;
}

static enum metrics_kind metrics_kind_of(const struct sheet_field *word)
{
	unsigned kind;

	for (kind = 0; kind < METRICS_KINDS; kind++)
		if (sheet_is(word, metrics_kinds[kind].row))
			break;
	return (enum metrics_kind)kind;
}

/* The column of ROW, a head, that is called NAME; 0: there is none. */
static size_t metrics_column(const struct sheet_row *row, const char *name)
{
	size_t i;

	for (i = 1; i < row->nr; i++)
		if (sheet_is(&row->fields[i], name))
			return i;
	return 0;
}

/* Columns "le=BOUND" are the buckets of a histogram. */
static void metrics_head_bounds(struct metrics_parser *parser,
				const struct sheet_row *row, size_t *slots)
{
	struct metrics *metrics = parser->metrics;
	char text[24];
	size_t i;

	for (i = 1; i < row->nr && metrics->nr_bounds < METRICS_BUCKETS; i++) {
		sheet_read_text(&row->fields[i], text, sizeof(text));
		if (strncmp(text, "le=", 3) != 0 || strlen(text + 3) > 15 ||
		    text[3 + strspn(text + 3, "0123456789.+Inf")] != '\0')
			continue;
		slots[metrics->nr_bounds] = i;
		snprintf(metrics->bounds[metrics->nr_bounds++],
			 sizeof(metrics->bounds[0]), "%.15s", text + 3);
	}
}

/* A kind that has a head already keeps it, and another kind is not for us. */
static void metrics_head(struct metrics_parser *parser,
			 const struct sheet_row *row)
{
	enum metrics_kind kind = metrics_kind_of(&row->fields[0]);
	const struct metrics_kind_info *info;
	struct metrics_columns *columns;
	struct metrics_rows *rows;
	size_t i, nr = 0;

	if (kind == METRICS_KINDS || parser->columns[kind].known)
		return;
	info = &metrics_kinds[kind];
	columns = &parser->columns[kind];
	columns->known = true;
	columns->slots = xcalloc(metrics_slots(kind) + METRICS_BUCKETS,
				 sizeof(*columns->slots));
	for (i = 0; i < METRICS_LABELS && info->labels[i].name; i++)
		columns->labels[i] =
			metrics_column(row, info->labels[i].column);
	for (i = 0; i < metrics_table_size; i++)
		if (metrics_table[i].kind == kind)
			columns->slots[nr++] =
				metrics_column(row, metrics_table[i].column);
	rows = &parser->metrics->rows[kind];
	rows->nr_slots = nr;
	if (kind == METRICS_PROBES) {
		metrics_head_bounds(parser, row, columns->slots + nr);
		rows->nr_slots += parser->metrics->nr_bounds;
	}
	if (kind == METRICS_DAEMON)
		parser->version = metrics_column(row, "version");
}

/* Room for LENGTH bytes more behind the last label, which are counted as used. */
static char *metrics_room(struct metrics *metrics, size_t length)
{
	if (metrics->room_labels - metrics->nr_labels < length) {
		metrics->room_labels = 2 * (metrics->nr_labels + length) + 1024;
		metrics->labels = xrealloc_array(metrics->labels,
						 metrics->room_labels, 1);
	}
	metrics->nr_labels += length;
	return metrics->labels + metrics->nr_labels - length;
}

static void metrics_add(struct metrics *metrics, const char *bytes,
			size_t length)
{
	memcpy(metrics_room(metrics, length), bytes, length);
}

/*
 * TEXT as the value of a label, with the escapes that both formats share, into
 * OUT, which has five bytes for each and one more. A byte that is no UTF-8 is written out, as
 * Prometheus would refuse the whole scrape for it. Returns the length.
 */
static size_t metrics_escape(const char *text, char *out)
{
	size_t length, used = 0;

	for (; *text; text += length ? length : 1) {
		length = text_character(text);
		if (length == 0) {
			used += (size_t)sprintf(out + used, "\\\\x%02x",
						(unsigned char)*text);
		} else if (*text == '\n' || *text == '"' || *text == '\\') {
			out[used++] = '\\';
			out[used++] = *text == '\n' ? 'n' : *text;
		} else {
			memcpy(out + used, text, length);
			used += length;
		}
	}
	return used;
}

static void metrics_label(struct metrics *metrics, bool first, const char *name,
			  const char *text)
{
	char escaped[5 * METRICS_TEXT_MAX];

	if (!first)
		metrics_add(metrics, ",", 1);
	metrics_add(metrics, name, strlen(name));
	metrics_add(metrics, "=\"", 2);
	metrics_add(metrics, escaped, metrics_escape(text, escaped));
	metrics_add(metrics, "\"", 1);
}

/*
 * The labels from START on are those of the row before as well, in most rows of a
 * check and of its results: then there is one copy of them. Returns where they are.
 */
static size_t metrics_share_labels(struct metrics *metrics,
				   const struct metrics_rows *rows,
				   size_t start)
{
	const struct metrics_labels *last =
		rows->nr ? &rows->labels[rows->nr - 1] : NULL;
	size_t length = metrics->nr_labels - start;

	if (!last || last->length != length ||
	    memcmp(metrics->labels + last->at, metrics->labels + start,
		   length) != 0)
		return start;
	metrics->nr_labels = start;
	return last->at;
}

/* The labels of a new row of KIND. Returns false if it belongs to no row. */
static bool metrics_row_labels(struct metrics_parser *parser,
			       enum metrics_kind kind,
			       const struct sheet_row *row,
			       struct metrics_labels *labels)
{
	const struct metrics_kind_info *info = &metrics_kinds[kind];
	const struct metrics_columns *columns = &parser->columns[kind];
	struct metrics *metrics = parser->metrics;
	uint32_t parent = 0;
	char text[METRICS_TEXT_MAX];
	size_t i, length, start = metrics->nr_labels;

	if (info->parent != METRICS_KINDS) {
		if (metrics->rows[info->parent].nr == 0)
			return false;
		parent = (uint32_t)metrics->rows[info->parent].nr - 1;
	}
	for (i = 0; i < METRICS_LABELS && info->labels[i].name; i++) {
		if (columns->labels[i] == 0 || columns->labels[i] >= row->nr)
			continue;
		sheet_read_text(&row->fields[columns->labels[i]], text,
				sizeof(text));
		/* To Prometheus, an empty label and a missing one are the same. */
		if (*text && !str_equal(text, info->labels[i].missing))
			metrics_label(metrics, metrics->nr_labels == start,
				      info->labels[i].name, text);
	}
	if (metrics->nr_labels > UINT32_MAX)
		return false;
	length = metrics->nr_labels - start;
	start = metrics_share_labels(metrics, &metrics->rows[kind], start);
	*labels = (struct metrics_labels){ .at = (uint32_t)start,
					   .length = (uint32_t)length,
					   .parent = parent };
	return true;
}

/* A word as its index; a word of another version, as no word, is none of them. */
static int64_t metrics_word(const struct metric *metric,
			    const struct sheet_field *field)
{
	int64_t i;

	for (i = 0; metric->words[i]; i++)
		if (sheet_is(field, metric->words[i]))
			return i;
	return -1;
}

static int64_t metrics_value(const struct sheet_row *row, size_t column,
			     const struct metric *metric)
{
	int64_t number;

	if (column == 0 || column >= row->nr)
		return METRICS_UNKNOWN;
	if (metric && metric->unit == METRICS_WORD)
		return metrics_word(metric, &row->fields[column]);
	return sheet_read_number(&row->fields[column], &number) ?
		       number :
		       METRICS_UNKNOWN;
}

/* Folded, so that small negative numbers are small; METRICS_UNKNOWN becomes 0. */
static void metrics_pack(struct metrics_rows *rows, int64_t value)
{
	uint64_t folded = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);

	pack_uint(&rows->values, folded + 1);
}

void metrics_values(const struct metrics_rows *rows, size_t row, size_t nr,
		    int64_t *values)
{
	struct unpack unpack = {
		.at = rows->values.data + rows->labels[row].values,
		.end = rows->values.data + rows->values.used,
	};
	uint64_t folded;
	size_t i;

	for (i = 0; i < nr; i++) {
		folded = unpack_uint(&unpack) - 1;
		values[i] = (int64_t)(folded >> 1) ^ -(int64_t)(folded & 1);
	}
}

/* Returns false if there are more than can be found again. */
static bool metrics_row_values(struct metrics_parser *parser,
			       enum metrics_kind kind,
			       const struct sheet_row *row,
			       struct metrics_labels *labels)
{
	const struct metrics_columns *columns = &parser->columns[kind];
	struct metrics_rows *rows = &parser->metrics->rows[kind];
	size_t slot = 0, i;

	labels->values = (uint32_t)rows->values.used;
	for (i = 0; i < metrics_table_size; i++) {
		if (metrics_table[i].kind != kind)
			continue;
		metrics_pack(rows, metrics_value(row, columns->slots[slot],
						 &metrics_table[i]));
		slot++;
	}
	for (; slot < rows->nr_slots; slot++)
		metrics_pack(rows,
			     metrics_value(row, columns->slots[slot], NULL));
	return rows->values.used <= UINT32_MAX;
}

static void metrics_row_version(struct metrics_parser *parser,
				const struct sheet_row *row)
{
	struct metrics *metrics = parser->metrics;
	char text[48];

	if (parser->version == 0 || parser->version >= row->nr)
		return;
	sheet_read_text(&row->fields[parser->version], text, sizeof(text));
	metrics->version[metrics_escape(text, metrics->version)] = '\0';
}

/* Returns false if the row makes no sense. */
static bool metrics_row(struct metrics_parser *parser,
			const struct sheet_row *row)
{
	enum metrics_kind kind = metrics_kind_of(&row->fields[0]);
	struct metrics_labels labels;
	struct metrics_rows *rows;

	if (parser->ended)
		return false;
	parser->ended = sheet_is(&row->fields[0], "end");
	if (kind == METRICS_KINDS)
		return true;
	if (!parser->columns[kind].known ||
	    !metrics_row_labels(parser, kind, row, &labels) ||
	    !metrics_row_values(parser, kind, row, &labels))
		return false;
	rows = &parser->metrics->rows[kind];
	rows->labels = array_grow(rows->labels, rows->nr, &rows->room_labels,
				  sizeof(*rows->labels));
	rows->labels[rows->nr] = labels;
	rows->nr++;
	if (kind == METRICS_DAEMON)
		metrics_row_version(parser, row);
	return true;
}

struct metrics_parser *metrics_parser_new(void)
{
	struct metrics_parser *parser = xcalloc(1, sizeof(*parser));

	parser->metrics = xcalloc(1, sizeof(*parser->metrics));
	/* A row without a label has a place among the labels as well. */
	metrics_room(parser->metrics, 1);
	parser->metrics->nr_labels = 0;
	return parser;
}

bool metrics_parser_take(struct metrics_parser *parser, const char *lines,
			 size_t length)
{
	struct sheet_reader reader = { lines, lines + length };
	struct sheet_row row;
	int got;

	while ((got = sheet_read(&reader, &row)) > 0) {
		if (row.head)
			metrics_head(parser, &row);
		else if (!metrics_row(parser, &row))
			return false;
	}
	return got == 0;
}

struct metrics *metrics_parser_end(struct metrics_parser *parser)
{
	struct metrics *metrics = parser->metrics;
	unsigned kind;

	for (kind = 0; kind < METRICS_KINDS; kind++)
		free(parser->columns[kind].slots);
	if (!parser->ended) {
		metrics_free(metrics);
		metrics = NULL;
	}
	free(parser);
	return metrics;
}

struct metrics *metrics_parse(const char *text, size_t length)
{
	struct metrics_parser *parser = metrics_parser_new();
	bool good = metrics_parser_take(parser, text, length);
	struct metrics *metrics = metrics_parser_end(parser);

	if (good)
		return metrics;
	metrics_free(metrics);
	return NULL;
}

void metrics_free(struct metrics *metrics)
{
	unsigned kind;

	if (!metrics)
		return;
	for (kind = 0; kind < METRICS_KINDS; kind++) {
		pack_free(&metrics->rows[kind].values);
		free(metrics->rows[kind].labels);
	}
	free(metrics->labels);
	free(metrics);
}
