/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/drill_plot.h"

#include <stdlib.h>
#include <string.h>

/* Wider pictures say no more. */
#define PLOT_CELLS_MAX 120
#define PLOT_LABEL_MAX 32

/* The content of a row: the answers of a server, or failures of a kind. */
struct plot_row {
	uint8_t kind, server;
};

static bool plot_row_has(const struct plot_row *row,
			 const struct drill_attempt *attempt)
{
	return attempt->kind == row->kind && attempt->server == row->server;
}

static void plot_label(const struct drill_stats *stats,
		       const struct plot_row *row, char *out, size_t size)
{
	if (row->kind == DRILL_ANSWERED)
		drill_server_text(stats, row->server, out, size);
	else
		snprintf(out, size, "%s",
			 drill_kind_text((enum drill_kind)row->kind));
}

/* Returns the number of rows; ROWS has room for all that there can be. */
static size_t plot_rows(const struct drill_stats *stats, struct plot_row *rows)
{
	size_t nr = 0;
	unsigned i;

	for (i = 0; i < stats->nr_servers; i++)
		rows[nr++] = (struct plot_row){ DRILL_ANSWERED, (uint8_t)i };
	for (i = DRILL_ANSWERED + 1; i < DRILL_KINDS; i++)
		if (stats->counts[i])
			rows[nr++] = (struct plot_row){ (uint8_t)i,
							DRILL_NO_SERVER };
	return nr;
}

static void plot_row_print(FILE *out, const struct drill_stats *stats,
			   const struct plot_row *row, usec_t total,
			   size_t cells)
{
	char line[PLOT_CELLS_MAX + 1];
	size_t i;

	memset(line, '.', cells);
	line[cells] = '\0';
	for (i = 0; i < stats->nr; i++) {
		const struct drill_attempt *one = &stats->attempts[i];
		size_t cell = (size_t)(one->start * (usec_t)cells / total);

		if (cell < cells && plot_row_has(row, one))
			line[cell] = row->kind == DRILL_ANSWERED ? '#' : 'x';
	}
	fprintf(out, "%s\n", line);
}

void drill_plot_timeline(FILE *out, const struct drill_stats *stats,
			 usec_t total, size_t width)
{
	struct plot_row rows[DRILL_SERVERS + DRILL_KINDS];
	size_t nr = plot_rows(stats, rows), label = 0, cells, i;
	char text[DRILL_NAME_MAX + 32];

	if (width < DRILL_PLOT_MIN || nr == 0 || total <= 0)
		return;
	for (i = 0; i < nr; i++) {
		plot_label(stats, &rows[i], text, sizeof(text));
		if (strlen(text) > label)
			label = strlen(text);
	}
	if (label > width / 2 - 4)
		label = width / 2 - 4;
	if (label > PLOT_LABEL_MAX)
		label = PLOT_LABEL_MAX;
	cells = width - label - 2;
	if (cells > PLOT_CELLS_MAX)
		cells = PLOT_CELLS_MAX;
	for (i = 0; i < nr; i++) {
		plot_label(stats, &rows[i], text, sizeof(text));
		fprintf(out, "%-*.*s  ", (int)label, (int)label, text);
		plot_row_print(out, stats, &rows[i], total, cells);
	}
	snprintf(text, sizeof(text), "%.1f s", (double)total / 1e6);
	fprintf(out, "%*s  0 s%*s\n", (int)label, "", (int)cells - 3, text);
}

/* Upper ends of the histogram's rows in milliseconds, and the last one's. */
static const double plot_limits[] = { 0.5, 1,	2,   5,	   10,	 20,  50,
				      100, 200, 500, 1000, 2000, 5000 };

#define PLOT_CLASSES (ARRAY_SIZE(plot_limits) + 1)

static size_t plot_class(uint32_t took)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(plot_limits); i++)
		if (took < plot_limits[i] * 1000)
			break;
	return i;
}

static void plot_class_print(FILE *out, size_t index, unsigned count,
			     unsigned most, size_t cells)
{
	size_t filled = ((size_t)count * cells + most - 1) / most;
	char bar[PLOT_CELLS_MAX + 1];

	memset(bar, '#', filled);
	bar[filled] = '\0';
	if (index < ARRAY_SIZE(plot_limits))
		fprintf(out, "< %4g ms", plot_limits[index]);
	else
		fprintf(out, " longer  ");
	fprintf(out, " %8u  %s\n", count, bar);
}

void drill_plot_times(FILE *out, const struct drill_stats *stats, size_t width)
{
	unsigned counts[PLOT_CLASSES] = { 0 }, most = 0;
	size_t first = PLOT_CLASSES, last = 0, i, cells;

	if (width < DRILL_PLOT_MIN)
		return;
	for (i = 0; i < stats->nr; i++)
		if (stats->attempts[i].kind == DRILL_ANSWERED)
			counts[plot_class(stats->attempts[i].took)]++;
	for (i = 0; i < PLOT_CLASSES; i++) {
		if (!counts[i])
			continue;
		first = first < i ? first : i;
		last = i;
		most = most > counts[i] ? most : counts[i];
	}
	cells = width - 20 < PLOT_CELLS_MAX / 2 ? width - 20 :
						  PLOT_CELLS_MAX / 2;
	for (i = first; i <= last && most; i++)
		plot_class_print(out, i, counts[i], most, cells);
}
