/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/figures.h"

#include <stdlib.h>

#include "ctl/metrics.h"
#include "lib/util.h"
#include "web/store.h"

struct figures {
	struct store_answer *answer;
	struct metrics_printer *printer;
};

static void figures_unmake(void *metrics)
{
	metrics_free(metrics);
}

/* The figures of ANSWER, its own; NULL: there are none. */
static const struct metrics *figures_of(struct store_answer *answer)
{
	if (!answer)
		return NULL;
	if (!answer->made) {
		answer->unmake = figures_unmake;
		answer->made =
			metrics_parse(answer->parts[0], answer->lengths[0]);
	}
	return answer->made;
}

struct figures *figures_new(struct store_answer *answer,
			    const struct figures_wish *wish)
{
	struct figures *figures = xcalloc(1, sizeof(*figures));
	const char *scope = wish->scope < 0 ?
				    NULL :
				    metrics_scope_at((unsigned)wish->scope);

	figures->answer = answer;
	figures->printer = metrics_printer_new(figures_of(answer),
					       wish->openmetrics, scope);
	return figures;
}

void figures_free(struct figures *figures)
{
	metrics_printer_free(figures->printer);
	store_let_go(figures->answer);
	free(figures);
}

size_t figures_read(struct figures *figures, char *out, size_t size)
{
	return metrics_printer_read(figures->printer, out, size);
}

const char *figures_type(const struct figures_wish *wish)
{
	return wish->openmetrics ?
		       "application/openmetrics-text; version=1.0.0; "
		       "charset=utf-8" :
		       "text/plain; version=0.0.4; charset=utf-8";
}
