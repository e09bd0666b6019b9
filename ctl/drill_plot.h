/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A drill as a picture of characters: who answered when, and how long answers
 * took. Pure; plain ASCII, so that it can be pasted into any report.
 */
#ifndef EVENKEEL_CTL_DRILL_PLOT_H
#define EVENKEEL_CTL_DRILL_PLOT_H

#include <stddef.h>
#include <stdio.h>

#include "ctl/drill_stats.h"

/* Narrower than this, pictures are not drawn. */
#define DRILL_PLOT_MIN 40

/*
 * A row for each server, and one for each kind of failure that there was, from
 * the beginning to TOTAL; no line is wider than WIDTH.
 */
void drill_plot_timeline(FILE *out, const struct drill_stats *stats,
			 usec_t total, size_t width);
/* How many answers took how long. */
void drill_plot_times(FILE *out, const struct drill_stats *stats, size_t width);

#endif
