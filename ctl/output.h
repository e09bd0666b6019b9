/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output for eyes: colours only on a terminal (and never with NO_COLOR), tables
 * whose columns are as wide as their content and which fit the window.
 */
#ifndef EVENKEEL_CTL_OUTPUT_H
#define EVENKEEL_CTL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

enum tone {
	TONE_PLAIN,
	TONE_GOOD,
	TONE_BAD,
	TONE_WARN,
	TONE_FAINT,
	TONE_HEAD,
};

struct output {
	bool colour;
	size_t width; /* columns of the window; 0: not a terminal, no limit */
};

/* Find out what standard output is: its width, and whether colours fit. */
void output_init(struct output *output);

/* Print TEXT in TONE. */
void output_text(const struct output *output, enum tone tone, const char *text);

#define GRID_COLUMNS 8

/* A table: cells are collected first, so that columns can be measured. */
struct grid {
	struct grid_cell {
		char *text;
		enum tone tone;
	} * cells;
	size_t nr_rows;
	size_t room;
	size_t columns;
	unsigned right; /* bit by column: numbers are set flush right */
};

/* An empty grid; RIGHT: a bit for each column that is flush right. */
void grid_init(struct grid *grid, size_t columns, unsigned right);
void grid_free(struct grid *grid);
/* Start a row; cells not set stay empty. */
void grid_row(struct grid *grid);
void grid_cell(struct grid *grid, size_t column, enum tone tone,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * Print with INDENT blanks before each row. The last column is cut to the
 * window's width.
 */
void grid_print(const struct grid *grid, const struct output *output,
		size_t indent);

#endif
