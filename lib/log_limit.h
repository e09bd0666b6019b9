/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A limit for lines that something outside of this process causes, one for each
 * cause and kind: so many in a minute, generously more than a healthy cause has
 * to say. Lines beyond the limit are left out and counted, and the count is
 * logged.
 */
#ifndef EVENKEEL_LIB_LOG_LIMIT_H
#define EVENKEEL_LIB_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

struct log_limit {
	const char *part; /* of the log, for the count of lines left out */
	const char *what; /* "results of checks" */
	uint64_t most; /* lines in a minute */
	usec_t until; /* the minute that is counted ends then; 0: none began */
	uint64_t said;
	uint64_t left_out;
};

/* Whether a line may be written at NOW, by our own clock. */
bool log_limit_pass(struct log_limit *limit, usec_t now);

#endif
