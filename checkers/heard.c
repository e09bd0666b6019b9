/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/heard.h"

#include <stdio.h>
#include <stdlib.h>

#include "checkers/check.h"

struct heard_state {
	bool known; /* NEWS is main's last word */
	struct ipc_number news;
};

void heard_attach(struct check *check)
{
	check->state = xcalloc(1, sizeof(struct heard_state));
}

void heard_detach(struct check *check)
{
	free(check->state);
	check->state = NULL;
}

static void heard_conclude(struct check *check, heard_judge *judge)
{
	const struct heard_state *state = check->state;
	struct probe_result result;

	judge(check, &state->news, &result);
	check_finish(check, &result);
}

int heard_start(struct check *check, heard_judge *judge)
{
	const struct heard_state *state = check->state;

	if (state->known)
		heard_conclude(check, judge);
	return 0;
}

void heard_take(struct check *check, const struct ipc_number *news,
		heard_judge *judge)
{
	struct heard_state *state = check->state;

	state->known = true;
	state->news = *news;
	if (check->started)
		heard_conclude(check, judge);
	else
		check_run_now(check);
}

void heard_cancel(struct check *check)
{
	(void)check;
}

void heard_expire(struct probe_result *result, const char *text)
{
	probe_result_fill(result, PROBE_LOCAL_FAULT, 0);
	snprintf(result->text, sizeof(result->text), "%s", text);
}
