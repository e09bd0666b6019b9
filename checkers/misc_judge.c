/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/check.h"
#include "checkers/misc_judge.h"

#include <stdio.h>
#include <string.h>

/* Exit statuses below this one say no weight. */
#define MISC_FIRST_WEIGHT 2

static void misc_judge_status(const struct conf_misc *misc, int status,
			      struct probe_result *result)
{
	bool dynamic = misc->dynamic && status >= MISC_FIRST_WEIGHT;

	result->outcome = status == 0 || dynamic ? PROBE_OK : PROBE_SCRIPT;
	result->facts.have = FACT_EXIT_STATUS;
	result->facts.exit_status = (uint8_t)status;
	snprintf(result->text, sizeof(result->text), "exit status %d", status);
	if (!dynamic)
		return;
	result->facts.have |= FACT_WEIGHT;
	result->facts.weight = (uint32_t)(status - MISC_FIRST_WEIGHT);
	snprintf(result->text, sizeof(result->text),
		 "exit status %d: weight %u", status, result->facts.weight);
}

void misc_judge(const struct conf_misc *misc, const struct ipc_script_end *end,
		struct probe_result *result)
{
	char why[sizeof(end->why)];

	text_copy_printable(why, sizeof(why), end->why, sizeof(end->why));
	probe_result_fill(result, PROBE_LOCAL_FAULT, 0);
	switch ((enum ipc_script_how)end->how) {
	case IPC_SCRIPT_EXITED:
		misc_judge_status(misc, end->status & 0xff, result);
		return;
	case IPC_SCRIPT_SIGNALLED:
		result->outcome = PROBE_SCRIPT;
		snprintf(result->text, sizeof(result->text),
			 "it was ended by signal %d", (int)end->status);
		return;
	case IPC_SCRIPT_TIMED_OUT:
		result->outcome = PROBE_SCRIPT;
		snprintf(result->text, sizeof(result->text),
			 "it did not end within %.6g s",
			 (double)misc->timeout / (double)USEC_PER_SEC);
		return;
	case IPC_SCRIPT_BUSY:
		result->outcome = PROBE_SCRIPT;
		snprintf(result->text, sizeof(result->text),
			 "its last run is past its time limit and still there");
		return;
	case IPC_SCRIPT_UNFIT:
		result->outcome = PROBE_MISCONFIGURED;
		break;
	case IPC_SCRIPT_SHORTAGE:
	case IPC_SCRIPT_STALE:
		break;
	}
	if (why[0])
		snprintf(result->text, sizeof(result->text), "%s", why);
}
