/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame of evenkeel top: rows in order, those that pass the filter, cut to the
 * window. Pure: prints to a stream, on a terminal with escapes.
 */
#ifndef EVENKEEL_CTL_TOP_FRAME_H
#define EVENKEEL_CTL_TOP_FRAME_H

#include <stdio.h>

#include "ctl/top_rows.h"

#define TOP_FILTER_MAX 64

/* The choices of the user. */
struct top_choice {
	const struct top_view *view;
	int sort; /* a column; -1: the worst first */
	bool reverse;
	char filter[TOP_FILTER_MAX];
	bool typing; /* the filter is being typed */
	bool paused;
	size_t selected; /* among the rows that pass the filter */
	size_t first; /* the uppermost row of the window */
};

struct top_window {
	size_t width, height; /* 0: no limit */
	bool terminal; /* escapes may be used */
	bool colour;
};

/* Sort the rows as CHOICE says, and drop those that do not pass its filter. */
void top_table_order(struct top_table *table, const struct top_choice *choice);
/*
 * Print HEAD (lines, each ended by \n), the column heads, rows and a line of
 * keys. STALE (or NULL) says why the figures are old. CHOICE's selection and
 * first row are brought into what there is.
 */
void top_frame_print(FILE *out, const struct top_window *window,
		     const struct top_table *table, struct top_choice *choice,
		     const char *head, const char *stale);
/* Print a page of TEXT, for help and explain. */
void top_page_print(FILE *out, const struct top_window *window,
		    const char *text);
/* The lines above the table. The caller frees them. */
char *top_head(const struct top_data *data, const struct top_choice *choice,
	       const char *clock);

#endif
