/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of a number that main sees and says: the number in a file (FILE_CHECK), whether a
 * session of BFD is up (BFD_CHECK). The news is judged at once; between the news the
 * schedule repeats the verdict on main's last word, so that rise and fall count here
 * as everywhere.
 */
#ifndef EVENKEEL_CHECKERS_HEARD_H
#define EVENKEEL_CHECKERS_HEARD_H

#include "checkers/probe.h"

/* The verdict on NEWS into RESULT. */
typedef void heard_judge(const struct check *check,
			 const struct ipc_number *news,
			 struct probe_result *result);

/* For struct probe_type; the state of the check is heard.c's. */
void heard_attach(struct check *check);
void heard_detach(struct check *check);
void heard_cancel(struct check *check);
/* Before main's first word the probe waits for it, until the deadline. Returns 0. */
int heard_start(struct check *check, heard_judge *judge);
void heard_take(struct check *check, const struct ipc_number *news,
		heard_judge *judge);
/* The deadline without a word of main; TEXT for people. */
void heard_expire(struct probe_result *result, const char *text);

#endif
