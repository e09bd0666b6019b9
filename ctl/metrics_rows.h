/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a sheet as numbers: between metrics_rows.c and metrics.c. */
#ifndef EVENKEEL_CTL_METRICS_ROWS_H
#define EVENKEEL_CTL_METRICS_ROWS_H

#include <stdint.h>

#include "ctl/metrics_table.h"
#include "lib/pack.h"

#define METRICS_BUCKETS 16
#define METRICS_UNKNOWN INT64_MIN /* a value that the sheet does not have */

/*
 * All rows of a kind. Most values are small, so a row's are packed, and unpacked by
 * metrics_values(): of ten thousand servers they take a fifth of the memory, and a
 * process that serves metrics has several answers at a time.
 */
struct metrics_rows {
	size_t nr, room_labels;
	size_t nr_slots; /* values of a row: its families, and its buckets */
	struct pack values;
	struct metrics_labels {
		/* A part of struct metrics' labels: the row's own, and its parent's. */
		uint32_t at, length;
		uint32_t parent; /* a row of the parent's kind */
		uint32_t values; /* where they begin */
	} * labels;
};

struct metrics {
	struct metrics_rows rows[METRICS_KINDS];
	char *labels; /* a="1",b="2" of each row, without an end */
	size_t nr_labels, room_labels;
	char version[256]; /* of the daemon, with escapes */
	/* Of histograms: the texts of the label le, in their order. */
	unsigned nr_bounds;
	char bounds[METRICS_BUCKETS][16];
};

/* Where a row has the value of METRIC; its buckets are behind that of all families. */
size_t metrics_slot(const struct metric *metric);
size_t metrics_slots(enum metrics_kind kind);
/* The first NR values of row ROW into VALUES. */
void metrics_values(const struct metrics_rows *rows, size_t row, size_t nr,
		    int64_t *values);

#endif
