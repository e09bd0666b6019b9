/* SPDX-License-Identifier: GPL-2.0-or-later */
/* track_file, for instances: the number in the file is the tracker's value. */
#include <stdlib.h>

#include "daemon/pair/tracker_impl.h"
#include "daemon/proc/number_file.h"

struct file_tracker {
	struct tracker *tracker;
	struct number_file *file;
};

static void tracker_file_seen(void *arg, int32_t value, const char *why)
{
	struct file_tracker *self = arg;

	tracker_report(self->tracker, value, why);
}

static void tracker_file_stop(void *state)
{
	struct file_tracker *self = state;

	number_file_leave(self->file);
	free(self);
}

static void *tracker_file_start(struct tracker *tracker, void *old)
{
	const struct pair_file *conf = tracker->watch->file;
	struct file_tracker *self;

	/*
	 * A new state is as cheap as the old one; the tracker keeps the value.
	 */
	if (old)
		tracker_file_stop(old);
	else if (conf->init)
		number_file_make(conf);
	self = xcalloc(1, sizeof(*self));
	self->tracker = tracker;
	self->file = number_file_watch(tracker_loop(tracker), conf->path,
				       tracker_file_seen, self);
	return self;
}

const struct tracker_type tracker_file_type = {
	.start = tracker_file_start,
	.stop = tracker_file_stop,
};
