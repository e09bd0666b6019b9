/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILE_CHECK: the meaning of the number in the file. Pure. */
#ifndef EVENKEEL_CHECKERS_FILE_JUDGE_H
#define EVENKEEL_CHECKERS_FILE_JUDGE_H

#include "checkers/probe.h"
#include "lib/ipc.h"

/*
 * The number of NEWS into RESULT: good with a difference to the server's weight,
 * or PROBE_FILE. A difference of -2147483648 or less takes the server out.
 */
void file_judge(const struct conf_number *conf, const struct ipc_number *news,
		struct probe_result *result);

#endif
