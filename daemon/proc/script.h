/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a command of the configuration: as its user, in a process group of
 * its own, without our descriptors, with a time limit, never waited for. Who
 * runs what, and when, is decided elsewhere (notify.c, checks.c); this is how.
 *
 * Everything that may take time or fail on a bad path (finding the file, the
 * user, whether it is safe to run) is done in the child, so a script on a dead
 * file system delays nobody here. What keeps the child from becoming the script
 * comes back through a pipe: "could not be run" is never mistaken for an exit
 * status.
 *
 * At the time limit the group gets SIGTERM, and SCRIPT_KILL_AFTER later
 * SIGKILL. When the script itself has ended, by whatever means, what is left of
 * its group is killed, and what has left its group too (see orphans.h): nothing
 * goes on in the background unseen. Only a script that outlives us, and ends in
 * time, may leave daemons in sessions of their own.
 */
#ifndef EVENKEEL_DAEMON_PROC_SCRIPT_H
#define EVENKEEL_DAEMON_PROC_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

struct loop;

/* From the SIGTERM at the limit to the SIGKILL. */
#define SCRIPT_KILL_AFTER (2 * USEC_PER_SEC)

/* What is to be run; read during script_start() only. */
struct script_order {
	const struct conf_script *script; /* with a command */
	/* Arguments behind those of the file, ended by NULL; NULL: none. */
	const char *const *extra;
	/* The default user and group; whether others may not change it. */
	const struct conf_global *global;
	usec_t timeout; /* 0: it may run for ever */
	/*
	 * Called when the limit has passed, before ENDED: a script that cannot
	 * be killed must not keep anybody waiting. NULL is allowed.
	 */
	void (*late)(void *arg);
	/* It is not killed with main, and what it leaves in other sessions stays. */
	bool outlives_us;
};

enum script_end {
	SCRIPT_EXITED, /* by itself; STATUS is its exit status */
	SCRIPT_SIGNALLED, /* by signal STATUS, not sent by us */
	SCRIPT_TIMED_OUT, /* by us, at the time limit */
	SCRIPT_NOT_RUN, /* it could not be run: WHY */
};

struct script_result {
	enum script_end end;
	int status;
	char why[128]; /* for people: "cannot be executed: No such file..." */
};

/* Called once, when all of the script's processes that we know are gone. */
typedef void script_ended(void *arg, const struct script_result *result);

/* All runs of this process. */
struct scripts;
struct script_run;

struct scripts *scripts_new(struct loop *loop);
/* Runs that are under way go on without us; stop them before. NULL is fine. */
void scripts_free(struct scripts *scripts);

/*
 * Start ORDER; *RUN (NULL: nobody cares) is valid until ENDED is called, which
 * is exactly once, later, unless it is stopped before. Returns 0, or -errno if
 * there is nothing to start it with; ENDED is not called then.
 */
int script_start(struct scripts *scripts, const struct script_order *order,
		 script_ended *ended, void *arg, struct script_run **run);

/* Kill it with all that it started, and say nothing; RUN is no more. */
void script_stop(struct script_run *run);
/* The same, but ENDED is called when it is dead, and RUN lives until then. */
void script_kill(struct script_run *run);

/* RESULT in words: "exited with status 3". */
void script_describe(const struct script_result *result, char *out,
		     size_t size);

#endif
