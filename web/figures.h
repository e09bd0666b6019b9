/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer of main as metrics: the same text as `evenkeel metrics` prints. */
#ifndef EVENKEEL_WEB_FIGURES_H
#define EVENKEEL_WEB_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

struct figures;
struct store_answer;

#define FIGURES_ALL (-1)

struct figures_wish {
	bool openmetrics;
	int scope; /* as metrics_scope_find(), or FIGURES_ALL */
};

/*
 * All texts that are being read, the oldest first. A client that does not read
 * keeps the figures of its second, and those of ten thousand servers are 1.4 MB,
 * made of a sheet of 2.5 MB. So the sheets of all answers together are FIGURES_SHEETS
 * at the most, the newest excepted: the texts of the oldest answers end for it. That
 * is room for a scraper that takes long beside one that comes meanwhile.
 */
TAILQ_HEAD(figures_list, figures);
#define FIGURES_SHEETS ((size_t)6 << 20)

/*
 * The text for ANSWER (NULL: main does not answer), which is given up; it is in
 * LIST until figures_free(), which the caller owes. Never NULL.
 */
struct figures *figures_new(struct figures_list *list,
			    struct store_answer *answer,
			    const struct figures_wish *wish);
void figures_free(struct figures *figures);
/*
 * The next bytes, at most SIZE, into OUT. Returns how many; 0: that was all; -1:
 * the text has ended too early, see above.
 */
ssize_t figures_read(struct figures *figures, char *out, size_t size);

/* The media type of the text, a constant. */
const char *figures_type(const struct figures_wish *wish);

#endif
