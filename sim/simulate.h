/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `evenkeeld --simulate`: run a scenario (see sim/sim.h) and show the
 * decisions: a timeline, a plot in text, and a plot as SVG. A simulation needs
 * no privileges, no kernel and no configuration.
 */
#ifndef EVENKEEL_SIM_SIMULATE_H
#define EVENKEEL_SIM_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/sim.h"

/* ARGV[0] is the word before the options. Returns the exit status. */
int simulate_main(int argc, char **argv);

/* The plotted values, one for each server and second. */
enum simulate_what {
	SIMULATE_WEIGHT,
	SIMULATE_CONNECTIONS,
	SIMULATE_RUNNING,
	SIMULATE_WHATS,
};

struct simulate_event {
	usec_t at;
	char *text;
};

struct simulate_record {
	const char *title;
	uint32_t servers;
	uint32_t seconds; /* recorded so far */
	uint32_t room;
	float *values; /* indexed by simulate_value() */
	struct simulate_event *events;
	size_t nr_events, room_events;
};

/* The title of a figure in plots. */
const char *simulate_what_name(enum simulate_what what);
/* The value of WHAT in SECOND; both indices must be in RECORD's range. */
float simulate_value(const struct simulate_record *record,
		     enum simulate_what what, uint32_t second, uint32_t server);
/* The highest value of all; at least 1. */
float simulate_highest(const struct simulate_record *record,
		       enum simulate_what what);

/* simulate_plot.c: a row for each server, COLUMNS wide. */
void simulate_plot_text(const struct simulate_record *record, uint32_t columns,
			FILE *out);
/* simulate_svg.c */
void simulate_plot_svg(const struct simulate_record *record, FILE *out);

#endif
