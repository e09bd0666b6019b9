/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the kernel runs a process: its priority, its memory, its processors. A
 * process sets this for itself, while it has the rights; the processes that it
 * starts later have the same, except for real-time priority and locked memory.
 */
#ifndef EVENKEEL_LIB_SCHEDULING_H
#define EVENKEEL_LIB_SCHEDULING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULING_CPUS 1024

struct scheduling_cpus {
	uint64_t bits[SCHEDULING_CPUS / 64]; /* by number; none: all */
};

struct scheduling {
	int nice; /* -20..19; 0: as it is */
	uint32_t rt_priority; /* SCHED_RR, 1..99; 0: no real time */
	uint32_t rlimit_rttime; /* us without a pause; 0: no limit */
	bool lock_memory; /* nothing is swapped out */
	struct scheduling_cpus cpus;
};

bool scheduling_has_cpus(const struct scheduling_cpus *cpus);
bool scheduling_equal(const struct scheduling *a, const struct scheduling *b);

/*
 * Give this process each setting of WANTED that BEFORE, all zero at the start,
 * has not, and the usual one where only BEFORE has any. A setting that the kernel
 * refuses is logged as of PART, and stays as it was.
 */
void scheduling_apply(const struct scheduling *wanted,
		      const struct scheduling *before, const char *part);

/* Room for any text of scheduling_format(). */
#define SCHEDULING_TEXT_MAX (48 + SCHEDULING_CPUS / 4 + 1)
/* As one word, for a command line. */
void scheduling_format(const struct scheduling *scheduling,
		       char out[SCHEDULING_TEXT_MAX]);
bool scheduling_parse(struct scheduling *scheduling, const char *text);

#endif
