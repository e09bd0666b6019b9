/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the lines that the log kept because there was no room for them: tried
 * again every so often, so that the last lines before a silence do not wait for
 * the next thing that happens. Each process that has a loop has one pump.
 */
#ifndef EVENKEEL_LIB_LOG_PUMP_H
#define EVENKEEL_LIB_LOG_PUMP_H

#include "lib/loop.h"

struct log_pump {
	struct loop *loop;
	struct loop_timer timer;
	usec_t wait;
};

/* Flush kept lines by LOOP's timer. PUMP and LOOP must outlive the pumping. */
void log_pump_start(struct log_pump *pump, struct loop *loop);
/* Before the loop is freed. */
void log_pump_stop(struct log_pump *pump);

#endif
