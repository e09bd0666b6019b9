/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The views of evenkeel top: each makes rows of cells from the daemon's answers.
 * Pure. A row knows how bad it is, so that the worst come first; a cell knows
 * its number, so that numbers are sorted as such.
 */
#ifndef EVENKEEL_CTL_TOP_ROWS_H
#define EVENKEEL_CTL_TOP_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "ctl/output.h"
#include "lib/util.h"

struct json_object;

#define TOP_COLUMNS 8

/* The last answers, and those before; NULL: not asked, or no answer yet. */
struct top_data {
	struct json_object *status, *status_before;
	struct json_object *vrrp;
	struct json_object *events; /* an array, oldest first */
	usec_t when, when_before; /* of the two status */
};

struct top_cell {
	char *text;
	enum tone tone;
	bool is_number;
	double number;
};

struct top_row {
	struct top_cell cells[TOP_COLUMNS];
	int badness; /* higher is worse */
	size_t place; /* in the daemon's order */
	const char *server,
		*virtual_server; /* to be explained; NULL: nothing */
};

struct top_table {
	struct top_row *rows;
	size_t nr, room;
};

struct top_view {
	char key;
	const char *word;
	const char *heads[TOP_COLUMNS]; /* until NULL */
	void (*fill)(struct top_table *table, const struct top_data *data);
};

/* The views, until NULL; and the one of that word or key, or NULL. */
const struct top_view *top_view_at(unsigned index);
const struct top_view *top_view_find(const char *word);
const struct top_view *top_view_of_key(char key);

/* Rows refer to DATA's answers, which must stay until top_table_clear(). */
void top_table_fill(struct top_table *table, const struct top_view *view,
		    const struct top_data *data);
void top_table_clear(struct top_table *table);

#endif
