/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE_CHECK, from the checker's side, which reads no files: main watches the
 * file and says which number is in it, at each change (daemon/check_files.h). The
 * news is judged at once; between changes the schedule repeats the verdict on the
 * last number, so that rise and fall count here as everywhere.
 */
#include <stdio.h>
#include <stdlib.h>

#include "checkers/check.h"
#include "checkers/file_judge.h"
#include "checkers/probe.h"

struct file_state {
	bool known; /* NEWS is main's last word */
	struct ipc_number news;
};

static void file_attach(struct check *check)
{
	check->state = xcalloc(1, sizeof(struct file_state));
}

static void file_detach(struct check *check)
{
	free(check->state);
	check->state = NULL;
}

static void file_conclude(struct check *check)
{
	const struct file_state *state = check->state;
	struct probe_result result;

	file_judge(check->conf->number, &state->news, &result);
	check_finish(check, &result);
}

/* Before main's first word the probe waits for it, until the deadline. */
static int file_start(struct check *check)
{
	const struct file_state *state = check->state;

	if (state->known)
		file_conclude(check);
	return 0;
}

static void file_hear(struct check *check, const struct ipc_number *news)
{
	struct file_state *state = check->state;

	state->known = true;
	state->news = *news;
	if (check->started)
		file_conclude(check);
	else
		check_run_now(check);
}

static void file_cancel(struct check *check)
{
	(void)check;
}

static void file_expire(struct check *check, struct probe_result *result)
{
	(void)check;
	probe_result_fill(result, PROBE_LOCAL_FAULT, 0);
	snprintf(result->text, sizeof(result->text),
		 "the main process has not said what is in the file");
}

const struct probe_type probe_file = {
	.name = "file",
	.start = file_start,
	.cancel = file_cancel,
	.expire = file_expire,
	.attach = file_attach,
	.detach = file_detach,
	.hear_number = file_hear,
};
