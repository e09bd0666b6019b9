/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The output of a drill: news as they come, on a terminal also a line that is
 * rewritten, and the summary with its pictures or as JSON at the end.
 */
#ifndef EVENKEEL_CTL_DRILL_REPORT_H
#define EVENKEEL_CTL_DRILL_REPORT_H

#include "ctl/drill_stats.h"
#include "ctl/output.h"

struct drill_watch;

struct drill_report {
	const struct output *output;
	bool json;
	bool live; /* a line that is rewritten */
	usec_t shown; /* when it was rewritten last */
};

void drill_report_init(struct drill_report *report, const struct output *output,
		       bool json);
/* WORDS: more about NEWS; may be empty. NOW counts from the beginning. */
void drill_report_news(struct drill_report *report, usec_t now,
		       const char *news, const char *words);
void drill_report_live(struct drill_report *report,
		       const struct drill_stats *stats, usec_t now);
void drill_report_end(struct drill_report *report,
		      const struct drill_watch *watch);

#endif
