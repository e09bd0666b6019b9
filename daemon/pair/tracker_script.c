/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrp_script: run every interval, from start to start; never twice at once, so
 * a script that takes longer than its interval misses turns. Exit status 0 is
 * good; any other, a signal and the end of its time are bad, and so is a script
 * that has run and cannot be run any more.
 *
 * A script that could not be run even once is a mistake of the installation,
 * most often on both balancers, and says nothing of this host: were it bad,
 * neither would take the address. So it has no effect, as in keepalived,
 * unless init_fail asks for the opposite; an error says it. Another command
 * under the same name, after a reload, is a script that has not run.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/proc/script.h"
#include "daemon/pair/tracker_impl.h"
#include "lib/log.h"

struct script_tracker {
	struct tracker *tracker;
	struct loop_timer timer;
	struct script_run *run;
	struct tracker_count count;
	char *tried; /* the command of the last run */
	char *ran; /* of the last one that came about; NULL: none yet */
};

static const char *script_command(const struct script_tracker *self)
{
	const char *command = self->tracker->watch->script->script->command;

	return command ? command : "";
}

/* Commands change with a reload only, so hardly ever is anything copied. */
static void script_remember(char **slot, const char *command)
{
	if (*slot && strcmp(*slot, command) == 0)
		return;
	free(*slot);
	*slot = xstrdup(command);
}

static void script_result(struct script_tracker *self, bool good,
			  const char *why)
{
	const struct pair_script *conf = self->tracker->watch->script;

	tracker_count_step(&self->count, good, conf->rise, conf->fall);
	tracker_report(self->tracker, self->count.up, why);
}

/* It could not be run: bad, if it ever ran before. */
static void script_not_run(struct script_tracker *self, const char *why)
{
	if (self->ran && strcmp(self->ran, script_command(self)) != 0)
		self->count.known = false;
	if (self->count.known)
		script_result(self, false, why);
	else
		tracker_report(self->tracker, VRRP_TRACK_NO_EFFECT, why);
}

static void script_is_over(void *arg, const struct script_result *result)
{
	struct script_tracker *self = arg;
	char why[160];

	self->run = NULL;
	script_describe(result, why, sizeof(why));
	if (result->end == SCRIPT_NOT_RUN) {
		script_not_run(self, why);
		return;
	}
	script_remember(&self->ran, self->tried);
	script_result(self, result->end == SCRIPT_EXITED && result->status == 0,
		      why);
}

static void script_start_run(struct script_tracker *self)
{
	const struct pair_script *conf = self->tracker->watch->script;
	struct script_order order = {
		.script = conf->script,
		.global = &self->tracker->conf->global,
		.timeout = conf->timeout,
	};
	int error;

	script_remember(&self->tried, script_command(self));
	error = script_start(tracker_scripts(self->tracker), &order,
			     script_is_over, self, &self->run);

	if (error < 0) {
		self->run = NULL;
		script_not_run(self, strerror(-error));
	}
}

static void script_turn(struct loop_timer *timer)
{
	struct script_tracker *self =
		container_of(timer, struct script_tracker, timer);

	loop_timer_set(timer, loop_now(tracker_loop(self->tracker)) +
				      self->tracker->watch->script->interval);
	if (!self->run)
		script_start_run(self);
}

static void *script_begin(struct tracker *tracker, void *old)
{
	struct script_tracker *self = old;

	if (self) {
		/* The result of a run with the old settings still counts. */
		self->tracker = tracker;
		return self;
	}
	self = xcalloc(1, sizeof(*self));
	self->tracker = tracker;
	self->count.known = tracker->known &&
			    tracker->value != VRRP_TRACK_NO_EFFECT;
	self->count.up = self->count.known && tracker->value != 0;
	loop_timer_init(tracker_loop(tracker), &self->timer, script_turn);
	loop_timer_set(&self->timer, loop_now(tracker_loop(tracker)));
	return self;
}

static void script_end_tracker(void *state)
{
	struct script_tracker *self = state;

	loop_timer_clear(&self->timer);
	if (self->run)
		script_stop(self->run);
	free(self->tried);
	free(self->ran);
	free(self);
}

const struct tracker_type tracker_script_type = {
	.start = script_begin,
	.stop = script_end_tracker,
};
