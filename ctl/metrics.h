/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's sheet of figures (daemon/control/feed.h) as metrics, in
 * Prometheus' text format 0.0.4 or in OpenMetrics 1.0.
 *
 * One table has all families, in the order of the output (metrics_table.h). A
 * family that has a value for nothing in the configuration is left out with its
 * head; a value that is not known is left out too, since NaN would say something
 * else. States are printed as one sample each, 1 for the present one and 0 for the
 * others, and counters begin with 0, so that no series comes and goes while the
 * configuration is the same: the rate of a series whose first value is 1 never
 * shows that first event. Two counters have a series for each kind of event of
 * each server, which would be more than all others together; theirs begins with
 * the first such event, and stays. Labels hold names of the configuration and
 * words of a fixed list, never free text.
 *
 * The output of ten thousand servers is 28 MB. It is never in memory as a whole:
 * the sheet is taken in as numbers, and printed bit by bit as it is sent.
 *
 * Rules: https://prometheus.io/docs/specs/om/open_metrics_spec/ and
 * .../docs/instrumenting/exposition_formats/.
 */
#ifndef EVENKEEL_CTL_METRICS_H
#define EVENKEEL_CTL_METRICS_H

#include <stdbool.h>
#include <stddef.h>

struct metrics;
struct metrics_parser;
struct metrics_printer;

/*
 * The figures of the sheet in LENGTH bytes of TEXT, which is not needed any more;
 * NULL: it makes no sense, or its end is missing. The caller frees with
 * metrics_free().
 */
struct metrics *metrics_parse(const char *text, size_t length);
void metrics_free(struct metrics *metrics); /* NULL is allowed */
/*
 * The same in pieces of LENGTH bytes, which are whole lines: false, they make no
 * sense, and the rest is not needed. metrics_parser_end(), which is owed, gives
 * PARSER up, and the figures to the caller; NULL: the end is missing.
 */
struct metrics_parser *metrics_parser_new(void);
bool metrics_parser_take(struct metrics_parser *parser, const char *lines,
			 size_t length);
struct metrics *metrics_parser_end(struct metrics_parser *parser);

/*
 * Print all families of SCOPE ("daemon", "pool", "server", "check", "vrrp",
 * "bfd", "announce"; NULL: of all scopes). METRICS must outlive the printer; NULL: the
 * daemon does not answer. evenkeel_up is printed in any case. The caller frees
 * with metrics_printer_free().
 */
struct metrics_printer *metrics_printer_new(const struct metrics *metrics,
					    bool openmetrics,
					    const char *scope);
void metrics_printer_free(struct metrics_printer *printer); /* NULL is allowed */

/* The next bytes, at most SIZE, into OUT. Returns how many; 0: that was all. */
size_t metrics_printer_read(struct metrics_printer *printer, char *out,
			    size_t size);

/* The scopes, until NULL. */
const char *metrics_scope_at(unsigned index);
/* The index of SCOPE, or -1. */
int metrics_scope_find(const char *scope);

#endif
