/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer of main as metrics: the same text as `evenkeel metrics` prints. */
#ifndef EVENKEEL_WEB_FIGURES_H
#define EVENKEEL_WEB_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

struct store_answer;

#define FIGURES_ALL (-1)

struct figures_wish {
	bool openmetrics;
	int scope; /* as metrics_scope_find(), or FIGURES_ALL */
};

/*
 * The text for ANSWER (NULL: main does not answer), to be freed by the caller,
 * and its length. NULL: there is no memory.
 */
char *figures_text(const struct store_answer *answer,
		   const struct figures_wish *wish, size_t *length);
/* The media type of that text, a constant. */
const char *figures_type(const struct figures_wish *wish);
/* A small number for each wish, below STORE_MADE. */
unsigned figures_number(const struct figures_wish *wish);

#endif
