/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short command of the system's own (iptables), with a strict limit of time.
 * The daemon starts it and hears of its end; only at the daemon's own end, and in
 * tools that do nothing else, somebody waits for it. Scripts of the
 * configuration have script.h, with their users and process groups.
 */
#ifndef EVENKEEL_DAEMON_PROC_RUN_COMMAND_H
#define EVENKEEL_DAEMON_PROC_RUN_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/loop.h"
#include "lib/util.h"

/*
 * Run NAME, found in the system's folders only, with ARGV (ended by NULL).
 * INPUT (NULL: nothing) is its standard input; both its outputs go into OUTPUT,
 * as text, cut at SIZE bytes. After LIMIT the command is killed.
 *
 * Returns its exit status, 0 to 255; -ENOENT without such a program, -ETIMEDOUT,
 * -EINTR if a signal ended it, another -errno if it cannot be run.
 */
int command_run(const char *name, char *const *argv, const char *input,
		char *output, size_t size, usec_t limit);

/* Runs one command at a time, in the loop. The struct is part of its owner. */
struct command_job {
	struct loop *loop;
	struct loop_child child;
	struct loop_timer limit;
	int out; /* the file with what it prints, while it runs */
	bool busy; /* there is a process of it */
	bool late; /* which has passed its limit, and was told to be over */
	/*
	 * RESULT as command_run()'s. Another command may be started, unless the
	 * one of before is stuck.
	 */
	void (*ended)(struct command_job *command, int result);
};

void command_init(struct command_job *command, struct loop *loop,
		  void (*ended)(struct command_job *command, int result));
/*
 * As command_run(), but the end is reported later by ended(), and once. Returns 0
 * or -errno, and then nothing is reported: -ENOENT, -ETIMEDOUT while an earlier
 * command hangs in the kernel, where even SIGKILL does not end it.
 */
int command_start(struct command_job *command, const char *name,
		  char *const *argv, const char *input, usec_t limit);
/* In ended() only: what it has printed, as text, cut at SIZE bytes. */
void command_output(const struct command_job *command, char *output,
		    size_t size);
/* A command under way is killed, and nothing is reported. */
void command_stop(struct command_job *command);

#endif
