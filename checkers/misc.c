/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MISC_CHECK, from the checker's side: when a script is due, main is asked to
 * run it, because only main can take the script's user; and main tells how the
 * script ended. The schedule, the counting of failures and the meaning of an
 * exit status are here, as for every probe.
 *
 * The time limit is main's to enforce: main says "too late" at the limit,
 * whether the script can be killed or not. If main says nothing for a good
 * while after that, main stands still itself, which says nothing about the
 * server.
 */
#include <stdio.h>
#include <stdlib.h>

#include "checkers/check.h"
#include "checkers/misc_judge.h"
#include "checkers/misc_table.h"
#include "checkers/probe.h"

/* From the limit until we do not expect an answer any more. */
#define MISC_GRACE (2 * USEC_PER_SEC)

struct misc_probe {
	uint64_t ticket;
	uint32_t generation; /* of the configuration it was asked for under */
};

static int misc_ask(struct check *check)
{
	struct misc_probe *probe = check->probe;
	struct ipc_script_run run = { .ticket = probe->ticket,
				      .check = check->index };

	probe->generation = check_generation(check);
	return check_tell_main(check, IPC_SCRIPT_RUN, &run, sizeof(run));
}

static void misc_free(struct check *check)
{
	struct misc_probe *probe = check->probe;

	misc_table_drop(check_shared(check), probe->ticket);
	check->probe = NULL;
	free(probe);
}

static int misc_start(struct check *check)
{
	struct misc_probe *probe = xcalloc(1, sizeof(*probe));
	int error;

	check->probe = probe;
	probe->ticket = misc_table_add(check_shared(check), check);
	error = misc_ask(check);
	if (error < 0)
		misc_free(check);
	return error;
}

/* An answer to a dropped ticket is ignored. */
static void misc_script_end(void *shared, const struct ipc_script_end *end)
{
	struct check *check = misc_table_find(shared, end->ticket);
	struct probe_result result;
	struct misc_probe *probe;

	if (!check)
		return;
	probe = check->probe;
	/*
	 * Main got a new configuration while we asked. Main has sent us that
	 * configuration before the answer, so main and the checker speak of the
	 * same check again.
	 */
	if (end->how == IPC_SCRIPT_STALE &&
	    probe->generation != check_generation(check) &&
	    misc_ask(check) == 0)
		return;
	misc_judge(check->conf->misc, end, &result);
	misc_free(check);
	check_finish(check, &result);
}

/* If main cannot be told now, the script ends at its limit. */
static void misc_cancel(struct check *check)
{
	struct misc_probe *probe = check->probe;
	struct ipc_script_stop stop = { .ticket = probe->ticket };

	(void)check_tell_main(check, IPC_SCRIPT_STOP, &stop, sizeof(stop));
	misc_free(check);
}

static void misc_expire(struct check *check, struct probe_result *result)
{
	probe_result_fill(result, PROBE_LOCAL_FAULT, 0);
	snprintf(result->text, sizeof(result->text),
		 "the main process has not said how it ended");
	misc_cancel(check);
}

static void *misc_open(const struct probe_means *means)
{
	return xcalloc(1, sizeof(struct misc_table));
}

static void misc_close(void *shared)
{
	misc_table_free(shared);
	free(shared);
}

const struct probe_type probe_misc = {
	.name = "misc",
	.grace = MISC_GRACE,
	.start = misc_start,
	.cancel = misc_cancel,
	.expire = misc_expire,
	.open = misc_open,
	.close = misc_close,
	.script_end = misc_script_end,
};
