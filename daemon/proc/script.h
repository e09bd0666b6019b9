/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a command of the configuration: as its user, in a process group of
 * its own, without our descriptors, with a time limit, never waited for. The
 * choice of scripts and times is made elsewhere (notify.c, checks.c).
 *
 * Each step that may take time or fail on a bad path (finding the file, the
 * user, whether it is safe to run) is done in the child, so a script on a dead
 * file system delays nobody here. A failure to become the script is reported by
 * the child through a pipe: "could not be run" is never mistaken for an exit
 * status.
 *
 * At the time limit the group gets SIGTERM, and SCRIPT_KILL_AFTER later
 * SIGKILL. When the script itself has ended in any way, the rest of its group
 * is killed, and the processes that have left its group too (see orphans.h): no
 * process goes on in the background unseen. Only a script that outlives us, and
 * ends in time, may leave daemons in sessions of their own.
 */
#ifndef EVENKEEL_DAEMON_PROC_SCRIPT_H
#define EVENKEEL_DAEMON_PROC_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

struct loop;

/* From the SIGTERM at the limit to the SIGKILL. */
#define SCRIPT_KILL_AFTER (2 * USEC_PER_SEC)

/* A script to run, and how; read during script_start() only. */
struct script_order {
	const struct conf_script *script; /* with a command */
	/* Arguments behind those of the file, ended by NULL; NULL: none. */
	const char *const *extra;
	/*
	 * The default user and group; whether the file must be safe from
	 * others.
	 */
	const struct conf_global *global;
	usec_t timeout; /* 0: may run for ever */
	/*
	 * Called when the limit has passed, before ENDED: a script that cannot
	 * be killed must not keep anybody waiting. NULL is allowed.
	 */
	void (*late)(void *arg);
	/* Not killed with main; its daemons in other sessions stay. */
	bool outlives_us;
};

enum script_end {
	SCRIPT_EXITED, /* by itself; STATUS is its exit status */
	SCRIPT_SIGNALLED, /* by signal STATUS, not sent by us */
	SCRIPT_TIMED_OUT, /* by us, at the time limit */
	SCRIPT_NOT_RUN, /* could not be run: WHY */
};

struct script_result {
	enum script_end end;
	int status;
	char why[128]; /* for people: "cannot be executed: No such file..." */
};

/* Called once, when all of the script's processes that we know are gone. */
typedef void script_ended(void *arg, const struct script_result *result);

/* The scripts that this process runs. */
struct scripts;
struct script_run;

struct scripts *scripts_new(struct loop *loop);
/* Runs under way go on without us; stop them before. NULL is fine. */
void scripts_free(struct scripts *scripts);

/*
 * Start ORDER; *RUN (NULL: not needed) is valid until ENDED is called, which is
 * exactly once, later, unless the run is stopped before. Returns 0, or -errno
 * if there is nothing to start it with; ENDED is not called then.
 */
int script_start(struct scripts *scripts, const struct script_order *order,
		 script_ended *ended, void *arg, struct script_run **run);

/*
 * Kill the script and its processes, without calling ENDED; RUN is no longer
 * valid.
 */
void script_stop(struct script_run *run);
/*
 * Like script_stop(), but ENDED is called at its death, and RUN lives till
 * then.
 */
void script_kill(struct script_run *run);

/* RESULT in words: "exited with status 3". */
void script_describe(const struct script_result *result, char *out,
		     size_t size);

#endif
