/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The families of metrics, and the rows of the daemon's sheet that they come from. */
#ifndef EVENKEEL_CTL_METRICS_TABLE_H
#define EVENKEEL_CTL_METRICS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* A kind of rows, see daemon/control/feed.h: a family has samples for each row. */
enum metrics_kind {
	METRICS_DAEMON,
	METRICS_PEER,
	METRICS_SYNC,
	METRICS_BFD,
	METRICS_POOL,
	METRICS_STATE,
	METRICS_PROBES,
	METRICS_SERVER,
	METRICS_TRANSITION,
	METRICS_CHECK,
	METRICS_RESULT,
	METRICS_VRRP,
	METRICS_DROP,
	METRICS_ANNOUNCE,
	METRICS_SCRAPE,
	METRICS_KINDS,
};

#define METRICS_LABELS 3

/* The labels of a row are those of the row that it belongs to, and its own. */
struct metrics_kind_info {
	const char *row; /* its word in the sheet */
	const char *scope; /* its word for people */
	enum metrics_kind parent; /* METRICS_KINDS: none */
	struct {
		const char *name; /* NULL: no more */
		const char *column;
		const char
			*missing; /* the text without a label; NULL: "" alone */
	} labels[METRICS_LABELS];
};

extern const struct metrics_kind_info metrics_kinds[METRICS_KINDS];

/* How a field of the row becomes samples; an unknown field has none. */
enum metrics_unit {
	METRICS_NUMBER,
	METRICS_MICRO, /* millionths, us */
	METRICS_WORD, /* one of the words: a sample for each, 1 or 0 */
	METRICS_HISTOGRAM, /* the columns "le=BOUND", and the sum in us */
};

struct metric {
	enum metrics_kind kind;
	enum metrics_unit unit;
	bool counter; /* else a gauge */
	const char *name; /* without evenkeel_ and, of a counter, _total */
	const char *column;
	const char *help;
	/* Of METRICS_WORD: the label, and the words, until NULL. */
	const char *label;
	const char *const *words;
};

extern const struct metric metrics_table[];
extern const size_t metrics_table_size;

/* The unit that NAME ends with, as OpenMetrics has it; NULL: it has none. */
const char *metrics_unit_of(const char *name);

#endif
