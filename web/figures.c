/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/figures.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/metrics.h"
#include "lib/util.h"
#include "web/store.h"

/* More than any line of a sheet has. */
#define FIGURES_PIECE (64 << 10)

struct figures {
	TAILQ_ENTRY(figures) entry;
	struct figures_list *list;
	struct store_answer *answer; /* NULL: none, or given back */
	struct metrics_printer *printer; /* NULL: the text has ended too early */
};

static void figures_unmake(void *metrics)
{
	metrics_free(metrics);
}

/* The sheet of ANSWER goes by in pieces: it is never here as a whole. */
static struct metrics *figures_parse(const struct store_answer *answer)
{
	struct metrics_parser *parser = metrics_parser_new();
	char *piece = xcalloc(FIGURES_PIECE, 1);
	struct metrics *metrics;
	size_t at = 0, lines;
	bool good = true;
	const char *end;
	ssize_t got;

	while (good &&
	       (got = store_read(answer, 0, at, piece, FIGURES_PIECE)) > 0) {
		end = memrchr(piece, '\n', (size_t)got);
		lines = end ? (size_t)(end - piece) + 1 : 0;
		good = lines > 0 && metrics_parser_take(parser, piece, lines);
		at += lines;
	}
	free(piece);
	metrics = metrics_parser_end(parser);
	if (good)
		return metrics;
	metrics_free(metrics);
	return NULL;
}

static void figures_make(struct store_answer *answer)
{
	answer->unmake = figures_unmake;
	answer->made = figures_parse(answer);
	close(answer->fd);
	answer->fd = -1;
}

/* The figures of ANSWER, its own; NULL: there are none. */
static const struct metrics *figures_of(struct store_answer *answer)
{
	if (!answer)
		return NULL;
	if (!answer->made && answer->fd >= 0)
		figures_make(answer);
	return answer->made;
}

static void figures_end(struct figures *figures)
{
	metrics_printer_free(figures->printer);
	figures->printer = NULL;
	store_let_go(figures->answer);
	figures->answer = NULL;
}

/* Texts of one answer follow each other in LIST. */
static size_t figures_sheets(const struct figures_list *list)
{
	const struct store_answer *last = NULL;
	const struct figures *one;
	size_t sum = 0;

	TAILQ_FOREACH (one, list, entry) {
		if (!one->answer || one->answer == last)
			continue;
		last = one->answer;
		sum += last->length;
	}
	return sum;
}

/* Make room for the answer of the newest text. */
static void figures_tidy(struct figures_list *list)
{
	const struct store_answer *newest =
		TAILQ_LAST(list, figures_list)->answer;
	struct figures *one;

	TAILQ_FOREACH (one, list, entry) {
		if (one->answer == newest ||
		    figures_sheets(list) <= FIGURES_SHEETS)
			return;
		if (one->answer)
			figures_end(one);
	}
}

struct figures *figures_new(struct figures_list *list,
			    struct store_answer *answer,
			    const struct figures_wish *wish)
{
	struct figures *figures = xcalloc(1, sizeof(*figures));
	const char *scope = wish->scope < 0 ?
				    NULL :
				    metrics_scope_at((unsigned)wish->scope);

	figures->list = list;
	figures->answer = answer;
	TAILQ_INSERT_TAIL(list, figures, entry);
	if (answer)
		figures_tidy(list);
	figures->printer = metrics_printer_new(figures_of(answer),
					       wish->openmetrics, scope);
	return figures;
}

void figures_free(struct figures *figures)
{
	TAILQ_REMOVE(figures->list, figures, entry);
	figures_end(figures);
	free(figures);
}

ssize_t figures_read(struct figures *figures, char *out, size_t size)
{
	if (!figures->printer)
		return -1;
	return (ssize_t)metrics_printer_read(figures->printer, out, size);
}

const char *figures_type(const struct figures_wish *wish)
{
	return wish->openmetrics ?
		       "application/openmetrics-text; version=1.0.0; "
		       "charset=utf-8" :
		       "text/plain; version=0.0.4; charset=utf-8";
}
