/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/util.h"

static const char *const tones[] = {
	[TONE_PLAIN] = "",  [TONE_GOOD] = "32", [TONE_BAD] = "1;31",
	[TONE_WARN] = "33", [TONE_FAINT] = "2", [TONE_HEAD] = "1",
};

void output_init(struct output *output)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");
	struct winsize size;

	output->colour = isatty(STDOUT_FILENO) && term &&
			 strcmp(term, "dumb") != 0 && !(none && none[0]);
	output->width = 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		output->width = size.ws_col;
}

void output_text(const struct output *output, enum tone tone, const char *text)
{
	if (output->colour && tones[tone][0])
		printf("\033[%sm%s\033[0m", tones[tone], text);
	else
		fputs(text, stdout);
}

void grid_init(struct grid *grid, size_t columns, unsigned right)
{
	memset(grid, 0, sizeof(*grid));
	grid->columns = columns;
	grid->right = right;
}

void grid_free(struct grid *grid)
{
	size_t i;

	for (i = 0; i < grid->nr_rows * grid->columns; i++)
		free(grid->cells[i].text);
	free(grid->cells);
	memset(grid, 0, sizeof(*grid));
}

void grid_row(struct grid *grid)
{
	size_t i;

	grid->cells = array_grow(grid->cells, grid->nr_rows, &grid->room,
				 grid->columns * sizeof(*grid->cells));
	for (i = 0; i < grid->columns; i++)
		grid->cells[grid->nr_rows * grid->columns + i] =
			(struct grid_cell){ 0 };
	grid->nr_rows++;
}

void grid_cell(struct grid *grid, size_t column, enum tone tone,
	       const char *fmt, ...)
{
	struct grid_cell *cell =
		&grid->cells[(grid->nr_rows - 1) * grid->columns + column];
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	free(cell->text);
	cell->text = xstrdup(text);
	cell->tone = tone;
}

static const char *output_cell_text(const struct grid_cell *cell)
{
	return cell->text ? cell->text : "";
}

static void output_grid_measure(const struct grid *grid, size_t *widths)
{
	size_t row, column;

	for (column = 0; column < grid->columns; column++) {
		widths[column] = 0;
		for (row = 0; row < grid->nr_rows; row++) {
			size_t len = strlen(output_cell_text(
				&grid->cells[row * grid->columns + column]));

			if (len > widths[column])
				widths[column] = len;
		}
	}
}

static void output_grid_print_cell(const struct grid_cell *cell,
				   const struct output *output, size_t width,
				   bool right, bool last)
{
	const char *text = output_cell_text(cell);
	size_t len = strlen(text);
	size_t pad = width > len ? width - len : 0;
	char cut[1024];

	if (right)
		printf("%*s", (int)pad, "");
	if (last && len > width)
		len = width;
	snprintf(cut, sizeof(cut), "%.*s", (int)len, text);
	output_text(output, cell->tone, cut);
	if (!right && !last)
		printf("%*s", (int)pad, "");
	if (!last)
		fputs("  ", stdout);
}

void grid_print(const struct grid *grid, const struct output *output,
		size_t indent)
{
	size_t widths[GRID_COLUMNS] = { 0 }, row, column, used = indent;

	if (grid->columns == 0 || grid->columns > GRID_COLUMNS)
		return;
	output_grid_measure(grid, widths);
	for (column = 0; column + 1 < grid->columns; column++)
		used += widths[column] + 2;
	/* The last column is cut to the window, but keeps 16 characters. */
	if (output->width && used + widths[grid->columns - 1] > output->width)
		widths[grid->columns - 1] =
			output->width > used + 16 ? output->width - used : 16;
	for (row = 0; row < grid->nr_rows; row++) {
		printf("%*s", (int)indent, "");
		for (column = 0; column < grid->columns; column++)
			output_grid_print_cell(
				&grid->cells[row * grid->columns + column],
				output, widths[column],
				grid->right >> column & 1,
				column + 1 == grid->columns);
		putchar('\n');
	}
}
