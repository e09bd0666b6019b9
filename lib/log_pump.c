/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log_pump.h"

#include "lib/log.h"

#define PUMP_MIN (20 * USEC_PER_MSEC)
#define PUMP_MAX USEC_PER_SEC

static void pump_waits(void *arg)
{
	struct log_pump *pump = arg;

	if (pump->timer.set)
		return;
	pump->wait = PUMP_MIN;
	loop_timer_set(&pump->timer, loop_now(pump->loop) + pump->wait);
}

static void pump_timer(struct loop_timer *timer)
{
	struct log_pump *pump = container_of(timer, struct log_pump, timer);

	size_t before = log_kept();

	if (log_flush())
		return;
	pump->wait = pump->wait < PUMP_MAX / 2 ? pump->wait * 2 : PUMP_MAX;
	if (log_kept() < before)
		pump->wait = PUMP_MIN; /* its reader is slow, and alive */
	loop_timer_set(timer, loop_now(pump->loop) + pump->wait);
}

void log_pump_start(struct log_pump *pump, struct loop *loop)
{
	pump->loop = loop;
	loop_timer_init(loop, &pump->timer, pump_timer);
	log_on_waiting(pump_waits, pump);
	if (!log_flush())
		pump_waits(pump);
}

void log_pump_stop(struct log_pump *pump)
{
	if (!pump->loop)
		return;
	log_on_waiting(NULL, NULL);
	loop_timer_clear(&pump->timer);
	pump->loop = NULL;
}
