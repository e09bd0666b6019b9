/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer of main as metrics: the same text as `evenkeel metrics` prints. */
#ifndef EVENKEEL_WEB_FIGURES_H
#define EVENKEEL_WEB_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

struct figures;
struct store_answer;

#define FIGURES_ALL (-1)

struct figures_wish {
	bool openmetrics;
	int scope; /* as metrics_scope_find(), or FIGURES_ALL */
};

/*
 * The text for ANSWER (NULL: main does not answer), which is given up. Never NULL;
 * the caller frees with figures_free().
 */
struct figures *figures_new(struct store_answer *answer,
			    const struct figures_wish *wish);
void figures_free(struct figures *figures);
/* The next bytes, at most SIZE, into OUT. Returns how many; 0: that was all. */
size_t figures_read(struct figures *figures, char *out, size_t size);

/* The media type of the text, a constant. */
const char *figures_type(const struct figures_wish *wish);

#endif
