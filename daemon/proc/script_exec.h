/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The child's side of script.c: from the fork to the script. */
#ifndef EVENKEEL_DAEMON_PROC_SCRIPT_EXEC_H
#define EVENKEEL_DAEMON_PROC_SCRIPT_EXEC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include "daemon/proc/script.h"

/* The step that kept the child from becoming the script. */
enum script_stage {
	SCRIPT_STAGE_NONE,
	SCRIPT_STAGE_FDS, /* our descriptors could not be closed */
	SCRIPT_STAGE_USER,
	SCRIPT_STAGE_UNSAFE,
	SCRIPT_STAGE_EXEC,
	SCRIPT_STAGES,
};

struct script_failure {
	uint32_t stage; /* enum script_stage */
	int32_t error; /* an errno, or 0 */
};

/* Become ORDER's script, or write a struct script_failure to REPORT and exit. */
noreturn void script_exec(const struct script_order *order, int report,
			  pid_t parent);

/*
 * A command without a slash is looked for in PATH, as a shell does, and written
 * to OUT. Returns its path, or NULL if there is none.
 */
const char *script_find(const char *command, char *out, size_t size);

/*
 * Whether root may run PATH, which must be absolute: neither the file nor a
 * folder on the way to it (as written, and with symbolic links followed) can be
 * changed by anybody else. A folder with the sticky bit may be writable. A
 * path that does not exist is safe: running it fails.
 */
bool script_is_safe(const char *path);

#endif
