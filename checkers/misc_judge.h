/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judge the end of a script: pure. */
#ifndef EVENKEEL_CHECKERS_MISC_JUDGE_H
#define EVENKEEL_CHECKERS_MISC_JUDGE_H

#include "checkers/probe.h"
#include "lib/ipc.h"

/*
 * END, as main says it, into RESULT. An exit status of 0 is good; with
 * misc_dynamic one from 2 to 255 is good too, and a weight of two less.
 */
void misc_judge(const struct conf_misc *misc, const struct ipc_script_end *end,
		struct probe_result *result);

#endif
