/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plot for a terminal: a row for each server, time from left to right, and a
 * letter for how much; plain ASCII, since it ends in logs and mails, too.
 */
#include "sim/simulate.h"

#define PLOT_ROWS_MAX 32

static const char plot_shades[] = " .:-=+*#%@";

/* The highest value in the seconds that fall into one column. */
static float plot_column(const struct simulate_record *record,
			 enum simulate_what what, uint32_t server,
			 uint32_t column, uint32_t columns)
{
	uint32_t first =
		(uint32_t)((uint64_t)column * record->seconds / columns);
	uint32_t end =
		(uint32_t)((uint64_t)(column + 1) * record->seconds / columns);
	float highest = 0;

	for (; first < end; first++)
		if (simulate_value(record, what, first, server) > highest)
			highest = simulate_value(record, what, first, server);
	return highest;
}

static char plot_shade(float value, float highest)
{
	size_t levels = sizeof(plot_shades) - 2;
	size_t level = (size_t)((double)value / highest * (double)levels + 0.5);

	/* A value above 0 is never drawn as blank. */
	if (level == 0 && value > 0)
		level = 1;
	return plot_shades[level < levels ? level : levels];
}

static void plot_what(const struct simulate_record *record,
		      enum simulate_what what, uint32_t columns, FILE *out)
{
	float highest = simulate_highest(record, what);
	uint32_t i, c;

	fprintf(out, "%s (' ' is 0, '@' is %.0f)\n", simulate_what_name(what),
		(double)highest);
	for (i = 0; i < record->servers && i < PLOT_ROWS_MAX; i++) {
		float most = 0;

		fprintf(out, "%5s%-3u |", "s", i + 1);
		for (c = 0; c < columns; c++) {
			float value = plot_column(record, what, i, c, columns);

			if (value > most)
				most = value;
			fputc(plot_shade(value, highest), out);
		}
		fprintf(out, "| at most %.0f\n", (double)most);
	}
	if (record->servers > PLOT_ROWS_MAX)
		fprintf(out, "      ... and %u servers more\n",
			record->servers - PLOT_ROWS_MAX);
}

void simulate_plot_text(const struct simulate_record *record, uint32_t columns,
			FILE *out)
{
	int what;

	if (record->seconds == 0)
		return;
	if (columns > record->seconds)
		columns = record->seconds;
	for (what = 0; what < SIMULATE_WHATS; what++) {
		plot_what(record, (enum simulate_what)what, columns, out);
		fprintf(out, "\n");
	}
	fprintf(out, "0 to %u s, %.1f s a column\n", record->seconds,
		(double)record->seconds / columns);
}
