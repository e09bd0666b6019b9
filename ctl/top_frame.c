/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/top_frame.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/fields.h"

#define TOP_LAST_MIN 12 /* characters of the last column */
#define TOP_COLUMN_MIN 8 /* enough for a count or a state */
#define TOP_KEYS                                                                  \
	"q quit  1-6 view  s sort  r reverse  / filter  e explain  space pause  " \
	"+ - interval  ? help"

/* The column to sort by; qsort() has no argument for it. */
static const struct top_choice *top_order;

static int top_row_compare_cells(const struct top_row *a,
				 const struct top_row *b)
{
	const struct top_cell *first = &a->cells[top_order->sort];
	const struct top_cell *second = &b->cells[top_order->sort];

	/* The largest number first, names as in a register. */
	if (first->is_number)
		return (first->number < second->number) -
		       (first->number > second->number);
	return strcmp(first->text, second->text);
}

static int top_row_compare(const void *left, const void *right)
{
	const struct top_row *a = left, *b = right;
	int order = top_order->sort < 0 ? (a->badness < b->badness) -
						  (a->badness > b->badness) :
					  top_row_compare_cells(a, b);

	if (top_order->reverse)
		order = -order;
	return order ? order : (a->place > b->place) - (a->place < b->place);
}

static bool top_row_passes(const struct top_row *row, const char *filter)
{
	size_t c;

	for (c = 0; c < TOP_COLUMNS; c++)
		if (row->cells[c].text &&
		    strcasestr(row->cells[c].text, filter))
			return true;
	return false;
}

void top_table_order(struct top_table *table, const struct top_choice *choice)
{
	size_t i, c, kept = 0;

	for (i = 0; i < table->nr; i++) {
		if (top_row_passes(&table->rows[i], choice->filter)) {
			table->rows[kept++] = table->rows[i];
			continue;
		}
		for (c = 0; c < TOP_COLUMNS; c++)
			free(table->rows[i].cells[c].text);
	}
	table->nr = kept;
	top_order = choice;
	if (kept > 1)
		qsort(table->rows, kept, sizeof(*table->rows), top_row_compare);
}

static size_t top_columns(const struct top_view *view)
{
	size_t c = 0;

	while (c < TOP_COLUMNS && view->heads[c])
		c++;
	return c;
}

static void top_measure(const struct top_table *table,
			const struct top_view *view, size_t from, size_t to,
			size_t *widths)
{
	size_t c, i, length;

	for (c = 0; c < top_columns(view); c++) {
		widths[c] = strlen(view->heads[c]);
		for (i = from; i < to; i++) {
			length = strlen(table->rows[i].cells[c].text);
			if (length > widths[c])
				widths[c] = length;
		}
	}
}

/*
 * Take from the widest columns until the last one has some room. The first one
 * says what a row is about and stays whole; what has no room at all is cut off
 * at the right.
 */
static void top_fit(size_t *widths, size_t columns, size_t width)
{
	size_t used, c, widest;

	for (;;) {
		used = TOP_LAST_MIN;
		widest = 0;
		for (c = 0; c + 1 < columns; c++) {
			used += widths[c] + 2;
			if (c > 0 && (!widest || widths[c] > widths[widest]))
				widest = c;
		}
		if (!width || used <= width || !widest ||
		    widths[widest] <= TOP_COLUMN_MIN)
			break;
		widths[widest]--;
	}
}

static const char *top_tone(const struct top_window *window, enum tone tone)
{
	static const char *const tones[] = {
		[TONE_PLAIN] = "",	   [TONE_GOOD] = "\033[32m",
		[TONE_BAD] = "\033[1;31m", [TONE_WARN] = "\033[33m",
		[TONE_FAINT] = "\033[2m",  [TONE_HEAD] = "\033[1m",
	};

	return window->colour ? tones[tone] : "";
}

/* End a line, and clear the rest of it. */
static void top_line_end(FILE *out, const struct top_window *window)
{
	fputs(window->terminal ? "\033[0m\033[K\r\n" : "\n", out);
}

/* A row of texts; LEFT is the room in the window. */
static void top_row_print(FILE *out, const struct top_window *window,
			  const struct top_row *row, const size_t *widths,
			  size_t columns)
{
	size_t left = window->width ? window->width : SIZE_MAX, c;

	for (c = 0; c < columns; c++) {
		const struct top_cell *cell = &row->cells[c];
		size_t width = c + 1 < columns ? widths[c] : strlen(cell->text);

		if (width > left)
			width = left;
		fprintf(out, "%s%*.*s%s", top_tone(window, cell->tone),
			(cell->is_number ? 1 : -1) *
				(int)(c + 1 < columns ? width : 0),
			(int)width, cell->text,
			window->colour && cell->tone ? "\033[0m" : "");
		left -= width;
		if (c + 1 < columns && left >= 2) {
			fputs("  ", out);
			left -= 2;
		} else if (c + 1 < columns) {
			break;
		}
	}
	top_line_end(out, window);
}

static void top_heads_print(FILE *out, const struct top_window *window,
			    const struct top_table *table,
			    const struct top_choice *choice,
			    const size_t *widths)
{
	size_t columns = top_columns(choice->view), c;
	char marked[TOP_COLUMNS][32];
	struct top_row heads = { 0 };

	for (c = 0; c < columns; c++) {
		snprintf(marked[c], sizeof(marked[c]), "%s%s",
			 choice->view->heads[c],
			 choice->sort == (int)c ? "*" : "");
		heads.cells[c].text = marked[c];
		heads.cells[c].tone = TONE_HEAD;
		heads.cells[c].is_number = table->nr &&
					   table->rows[0].cells[c].is_number;
	}
	top_row_print(out, window, &heads, widths, columns);
}

/* TEXT up to the end of its line, cut to the window. */
static const char *top_text_line(FILE *out, const struct top_window *window,
				 const char *text)
{
	size_t length = strcspn(text, "\n");
	size_t shown = window->width && length > window->width ? window->width :
								 length;

	fprintf(out, "%.*s", (int)shown, text);
	top_line_end(out, window);
	return text[length] ? text + length + 1 : text + length;
}

static void top_foot_print(FILE *out, const struct top_window *window,
			   const struct top_choice *choice)
{
	char line[TOP_FILTER_MAX + 64];

	if (!window->terminal)
		return;
	if (choice->typing)
		snprintf(line, sizeof(line), "filter: %s_", choice->filter);
	else
		snprintf(line, sizeof(line), "%s", TOP_KEYS);
	fprintf(out, "%s%.*s\033[0m\033[K", top_tone(window, TONE_FAINT),
		(int)window->width, line);
}

static size_t top_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* Bring the selection and the window's first row into the window. */
static void top_scroll(struct top_choice *choice, size_t nr, size_t room)
{
	if (choice->selected >= nr)
		choice->selected = nr ? nr - 1 : 0;
	if (choice->selected < choice->first)
		choice->first = choice->selected;
	if (room && choice->selected >= choice->first + room)
		choice->first = choice->selected - room + 1;
	if (choice->first + room > nr)
		choice->first = nr > room ? nr - room : 0;
}

static void top_rows_print(FILE *out, const struct top_window *window,
			   const struct top_table *table,
			   struct top_choice *choice, size_t room)
{
	size_t columns = top_columns(choice->view), from, to, i;
	size_t widths[TOP_COLUMNS] = { 0 };

	top_scroll(choice, table->nr, room);
	from = window->terminal ? choice->first : 0;
	to = window->terminal && from + room < table->nr ? from + room :
							   table->nr;
	top_measure(table, choice->view, from, to, widths);
	if (choice->sort >= 0)
		widths[choice->sort]++;
	top_fit(widths, columns, window->width);
	top_heads_print(out, window, table, choice, widths);
	for (i = from; i < to; i++) {
		struct top_window marked = *window;

		if (window->terminal && i == choice->selected) {
			fputs("\033[7m", out);
			marked.colour = false;
		}
		top_row_print(out, &marked, &table->rows[i], widths, columns);
	}
	for (; window->terminal && i < from + room; i++)
		top_line_end(out, window);
}

void top_frame_print(FILE *out, const struct top_window *window,
		     const struct top_table *table, struct top_choice *choice,
		     const char *head, const char *stale)
{
	size_t used = top_lines(head) + 2 + (stale ? 1 : 0);
	/* Of old figures, none may look good. */
	struct top_window fresh = *window;

	if (stale)
		fresh.colour = false;
	if (window->terminal)
		fputs("\033[H", out);
	while (*head)
		head = top_text_line(out, window, head);
	if (stale) {
		fputs(top_tone(window, TONE_BAD), out);
		top_text_line(out, window, stale);
	}
	top_rows_print(out, &fresh, table, choice,
		       window->height > used ? window->height - used : 1);
	top_foot_print(out, window, choice);
}

void top_page_print(FILE *out, const struct top_window *window,
		    const char *text)
{
	size_t line;

	fputs("\033[H", out);
	for (line = 1; line < window->height; line++)
		text = top_text_line(out, window, text);
	fputs("any key goes back\033[K", out);
}

static unsigned top_paused_pools(struct json_object *status)
{
	struct json_object *list = field(status, "virtual_servers");
	size_t i, nr = list ? json_object_array_length(list) : 0;
	unsigned paused = 0;

	for (i = 0; i < nr; i++)
		paused += field_flag(json_object_array_get_idx(list, i),
				     "paused");
	return paused;
}

char *top_head(const struct top_data *data, const struct top_choice *choice,
	       const char *clock)
{
	struct json_object *daemon = field(data->status, "daemon");
	struct json_object *pair = field(daemon, "vrrp");
	char up[32], text[512], order[64], pools[64] = "";
	unsigned paused = top_paused_pools(data->status);
	int len;

	if (!data->status)
		return xstrdup("evenkeel: no answer yet\n\n");
	snprintf(order, sizeof(order), "%s%s",
		 choice->sort < 0 ? "worst first" :
				    choice->view->heads[choice->sort],
		 choice->reverse ? ", reversed" : "");
	len = snprintf(text, sizeof(text), "evenkeel %s, up %s, as of %s%s",
		       field_text(daemon, "version"),
		       field_age(daemon, "uptime_s", up, sizeof(up)), clock,
		       field_flag(field(daemon, "checker"), "answering") ?
			       "" :
			       "; THE CHECKER DOES NOT ANSWER");
	if (pair)
		len += snprintf(text + len, sizeof(text) - (size_t)len,
				"; vrrp: %lld MASTER, %lld BACKUP, %lld FAULT",
				field_number(pair, "master"),
				field_number(pair, "backup"),
				field_number(pair, "fault"));
	if (paused)
		snprintf(pools, sizeof(pools),
			 "; %u POOLS PAUSED BY THE OPERATOR", paused);
	snprintf(text + len, sizeof(text) - (size_t)len,
		 "\nview %s, %s%s%s%s%s%s\n", choice->view->word, order,
		 choice->filter[0] ? ", filter " : "", choice->filter,
		 choice->paused ? ", PAUSED" : "",
		 field_flag(field(daemon, "kernel"), "reached") ||
				 !field(daemon, "kernel") ?
			 "" :
			 "; THE KERNEL'S TABLE CANNOT BE READ",
		 pools);
	return xstrdup(text);
}
