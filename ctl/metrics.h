/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's answers as metrics, in Prometheus' text format 0.0.4 or in
 * OpenMetrics 1.0.
 *
 * One table has all families, in the order of the output. A family that has a
 * value for nothing in the configuration is left out with its head; a value that
 * is not known is left out too, since NaN would say something else. States are
 * printed as one sample each, 1 for the present one and 0 for the others, and
 * counters begin with 0, so that no series comes and goes while the
 * configuration is the same: the rate of a series whose first value is 1 never
 * shows that first event. Labels hold
 * names of the configuration and words of a fixed list, never free text.
 *
 * Rules: https://prometheus.io/docs/specs/om/open_metrics_spec/ and
 * .../docs/instrumenting/exposition_formats/.
 */
#ifndef EVENKEEL_CTL_METRICS_H
#define EVENKEEL_CTL_METRICS_H

#include <stdbool.h>
#include <stdio.h>

struct json_object;

/* The daemon's answers; each may be NULL, and its metrics are then missing. */
struct metrics_source {
	struct json_object *status;
	struct json_object *headroom;
	struct json_object *vrrp;
	double now; /* seconds since 1970, for the times of events */
};

/*
 * Print all families of SCOPE ("daemon", "pool", "server", "check", "vrrp"; NULL:
 * of all scopes) to OUT. evenkeel_up is printed in any case.
 */
void metrics_print(FILE *out, const struct metrics_source *source,
		   bool openmetrics, const char *scope);

/* The scopes, until NULL. */
const char *metrics_scope_at(unsigned index);
/* The index of SCOPE, or -1. */
int metrics_scope_find(const char *scope);

#endif
