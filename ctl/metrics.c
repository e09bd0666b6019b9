/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/metrics_rows.h"
#include "lib/sheet.h"
#include "lib/util.h"

/*
 * Lines are made until there are so many bytes, and then sent. A client that reads no
 * more keeps its batch.
 */
#define METRICS_BATCH 1024

struct metrics_printer {
	const struct metrics *metrics;
	bool openmetrics;
	const char *scope;
	/* Bytes that are printed, and those of them that are read. */
	char *bytes;
	size_t length, room, taken;
	/* The next row of the next family. */
	size_t family, row;
	bool headed; /* the family's head is printed */
	bool ended;
	int64_t *values; /* of the row at hand */
	/* Of the family at hand. */
	size_t slot;
	char prefix[96]; /* evenkeel_NAME */
	size_t prefix_length;
};

static void metrics_put(struct metrics_printer *printer, const char *bytes,
			size_t length)
{
	if (printer->room - printer->length < length) {
		printer->room = 2 * (printer->length + length);
		printer->bytes =
			xrealloc_array(printer->bytes, printer->room, 1);
	}
	memcpy(printer->bytes + printer->length, bytes, length);
	printer->length += length;
}

static void metrics_put_text(struct metrics_printer *printer, const char *text)
{
	metrics_put(printer, text, strlen(text));
}

static void metrics_put_number(struct metrics_printer *printer, int64_t number)
{
	char digits[SHEET_NUMBER];

	metrics_put(printer, digits, sheet_print_number(digits, number));
}

/* NUMBER millionths, without zeroes at the end. */
static void metrics_put_micro(struct metrics_printer *printer, int64_t number)
{
	uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
	uint64_t part = size % 1000000;
	char digits[8] = ".000000";
	size_t i, length = 7;

	if (number < 0)
		metrics_put(printer, "-", 1);
	metrics_put_number(printer, (int64_t)(size / 1000000));
	if (part == 0)
		return;
	for (i = 6; i > 0; i--, part /= 10)
		digits[i] = (char)('0' + part % 10);
	while (digits[length - 1] == '0')
		length--;
	metrics_put(printer, digits, length);
}

static void metrics_put_head(struct metrics_printer *printer, const char *name,
			     const char *type, const char *help)
{
	bool total = strcmp(type, "counter") == 0 && !printer->openmetrics;
	const char *unit = printer->openmetrics ? metrics_unit_of(name) : NULL;
	const struct {
		const char *word, *text, *end;
	} lines[] = {
		/*
		 * Parsers of OpenMetrics 1.0 want the type first; 0.0.4 takes
		 * any order and knows no unit.
		 */
		{ "# TYPE evenkeel_", type, "\n" },
		{ "# UNIT evenkeel_", unit, "\n" },
		{ "# HELP evenkeel_", help, ".\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		if (!lines[i].text)
			continue;
		metrics_put_text(printer, lines[i].word);
		metrics_put_text(printer, name);
		metrics_put_text(printer, total ? "_total " : " ");
		metrics_put_text(printer, lines[i].text);
		metrics_put_text(printer, lines[i].end);
	}
}

/* LABELS of a row of KIND behind those of its parents; false: there is none. */
static bool metrics_put_own(struct metrics_printer *printer,
			    enum metrics_kind kind,
			    const struct metrics_labels *labels)
{
	enum metrics_kind parent = metrics_kinds[kind].parent;
	const struct metrics *metrics = printer->metrics;
	bool any =
		parent != METRICS_KINDS &&
		metrics_put_own(printer, parent,
				&metrics->rows[parent].labels[labels->parent]);

	if (labels->length == 0)
		return any;
	metrics_put(printer, any ? "," : "{", 1);
	metrics_put(printer, metrics->labels + labels->at, labels->length);
	return true;
}

/* A row's labels, and with NAME one more. */
static void metrics_put_labels(struct metrics_printer *printer,
			       const struct metrics_labels *labels,
			       const char *name, const char *text)
{
	bool any = metrics_put_own(printer, metrics_table[printer->family].kind,
				   labels);

	if (name) {
		metrics_put(printer, any ? "," : "{", 1);
		metrics_put_text(printer, name);
		metrics_put(printer, "=\"", 2);
		metrics_put_text(printer, text);
		metrics_put(printer, "\"", 1);
	}
	if (any || name)
		metrics_put(printer, "}", 1);
}

/* The head of METRIC, once. */
static void metrics_begin(struct metrics_printer *printer,
			  const struct metric *metric)
{
	const char *type = metric->unit == METRICS_HISTOGRAM ? "histogram" :
			   metric->counter		     ? "counter" :
							       "gauge";

	if (!printer->headed)
		metrics_put_head(printer, metric->name, type, metric->help);
	printer->headed = true;
}

static void metrics_put_name(struct metrics_printer *printer)
{
	metrics_put(printer, printer->prefix, printer->prefix_length);
}

static void metrics_put_words(struct metrics_printer *printer,
			      const struct metric *metric,
			      const struct metrics_labels *labels,
			      int64_t value)
{
	int64_t i;

	for (i = 0; metric->words[i]; i++) {
		metrics_put_name(printer);
		metrics_put_labels(printer, labels, metric->label,
				   metric->words[i]);
		metrics_put(printer, i == value ? " 1\n" : " 0\n", 3);
	}
}

static void metrics_put_part(struct metrics_printer *printer, const char *part,
			     const struct metrics_labels *labels,
			     const char *bound)
{
	metrics_put_name(printer);
	metrics_put_text(printer, part);
	metrics_put_labels(printer, labels, bound ? "le" : NULL, bound);
	metrics_put(printer, " ", 1);
}

/*
 * The buckets of BUCKETS rise, and the last has all. Another version of the daemon
 * may have none, or have bounds that are not known here: no half of a histogram.
 */
static void metrics_put_histogram(struct metrics_printer *printer,
				  const struct metric *metric,
				  const struct metrics_labels *labels,
				  int64_t sum, const int64_t *buckets)
{
	const struct metrics *metrics = printer->metrics;
	unsigned i, nr = metrics->nr_bounds;

	if (nr == 0 || strcmp(metrics->bounds[nr - 1], "+Inf") != 0)
		return;
	for (i = 0; i < nr; i++)
		if (buckets[i] < 0)
			return;
	metrics_begin(printer, metric);
	for (i = 0; i < nr; i++) {
		metrics_put_part(printer, "_bucket", labels,
				 metrics->bounds[i]);
		metrics_put_number(printer, buckets[i]);
		metrics_put(printer, "\n", 1);
	}
	metrics_put_part(printer, "_sum", labels, NULL);
	metrics_put_micro(printer, sum);
	metrics_put(printer, "\n", 1);
	metrics_put_part(printer, "_count", labels, NULL);
	metrics_put_number(printer, buckets[nr - 1]);
	metrics_put(printer, "\n", 1);
}

/* The samples of METRIC for a row. */
static void metrics_put_row(struct metrics_printer *printer,
			    const struct metric *metric,
			    const struct metrics_labels *labels,
			    const int64_t *values)
{
	int64_t value = values[printer->slot];

	if (value == METRICS_UNKNOWN)
		return;
	if (metric->unit == METRICS_HISTOGRAM) {
		metrics_put_histogram(printer, metric, labels, value,
				      values + metrics_slots(metric->kind));
		return;
	}
	metrics_begin(printer, metric);
	if (metric->unit == METRICS_WORD) {
		metrics_put_words(printer, metric, labels, value);
		return;
	}
	metrics_put_name(printer);
	metrics_put_labels(printer, labels, NULL, NULL);
	metrics_put(printer, " ", 1);
	if (metric->unit == METRICS_MICRO)
		metrics_put_micro(printer, value);
	else
		metrics_put_number(printer, value);
	metrics_put(printer, "\n", 1);
}

static void metrics_begin_family(struct metrics_printer *printer,
				 const struct metric *metric)
{
	const char *parts[] = { "evenkeel_", metric->name,
				metric->counter ? "_total" : "" };
	size_t i, length;

	printer->slot = metrics_slot(metric);
	printer->headed = false;
	printer->prefix_length = 0;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		length = strlen(parts[i]);
		memcpy(printer->prefix + printer->prefix_length, parts[i],
		       length);
		printer->prefix_length += length;
	}
}

static bool metrics_is_wanted(const struct metrics_printer *printer,
			      const struct metric *metric)
{
	return !printer->scope ||
	       strcmp(printer->scope, metrics_kinds[metric->kind].scope) == 0;
}

/* The next rows of the family at hand, or the next family. */
static void metrics_make(struct metrics_printer *printer)
{
	const struct metric *metric = &metrics_table[printer->family];
	const struct metrics_rows *rows;
	size_t nr;

	if (!printer->metrics || printer->family == metrics_table_size) {
		if (printer->openmetrics)
			metrics_put_text(printer, "# EOF\n");
		printer->ended = true;
		return;
	}
	rows = &printer->metrics->rows[metric->kind];
	if (printer->row == 0)
		metrics_begin_family(printer, metric);
	nr = metric->unit == METRICS_HISTOGRAM ? rows->nr_slots :
						 printer->slot + 1;
	for (; metrics_is_wanted(printer, metric) && printer->row < rows->nr &&
	       printer->length < METRICS_BATCH;
	     printer->row++) {
		metrics_values(rows, printer->row, nr, printer->values);
		metrics_put_row(printer, metric, &rows->labels[printer->row],
				printer->values);
	}
	if (metrics_is_wanted(printer, metric) && printer->row < rows->nr)
		return;
	printer->row = 0;
	printer->family++;
}

/* As metrics_printer_read(), of one batch. */
static size_t metrics_take(struct metrics_printer *printer, char *out,
			   size_t size)
{
	size_t length;

	if (printer->taken == printer->length) {
		printer->taken = printer->length = 0;
		while (printer->length < METRICS_BATCH && !printer->ended)
			metrics_make(printer);
	}
	length = printer->length - printer->taken;
	if (length > size)
		length = size;
	memcpy(out, printer->bytes + printer->taken, length);
	printer->taken += length;
	return length;
}

size_t metrics_printer_read(struct metrics_printer *printer, char *out,
			    size_t size)
{
	size_t length = 0, more;

	while (length < size &&
	       (more = metrics_take(printer, out + length, size - length)) > 0)
		length += more;
	return length;
}

struct metrics_printer *metrics_printer_new(const struct metrics *metrics,
					    bool openmetrics, const char *scope)
{
	struct metrics_printer *printer = xcalloc(1, sizeof(*printer));

	printer->metrics = metrics;
	printer->openmetrics = openmetrics;
	printer->scope = scope;
	printer->room = 2 * METRICS_BATCH;
	printer->bytes = xcalloc(printer->room, 1);
	printer->values = xcalloc(metrics_table_size + METRICS_BUCKETS,
				  sizeof(*printer->values));
	metrics_put_head(printer, "up", "gauge", "The daemon answers");
	metrics_put_text(printer,
			 metrics ? "evenkeel_up 1\n" : "evenkeel_up 0\n");
	if (!metrics)
		return printer;
	metrics_put_head(printer, "build_info", "gauge",
			 "The version of the daemon");
	metrics_put_text(printer, "evenkeel_build_info{version=\"");
	metrics_put_text(printer, metrics->version);
	metrics_put_text(printer, "\"} 1\n");
	return printer;
}

void metrics_printer_free(struct metrics_printer *printer)
{
	if (!printer)
		return;
	free(printer->bytes);
	free(printer->values);
	free(printer);
}
