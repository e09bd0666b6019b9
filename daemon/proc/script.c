/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/script.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/proc/orphans.h"
#include "daemon/proc/script_exec.h"
#include "lib/loop.h"

struct script_run {
	LIST_ENTRY(script_run) entry;
	struct scripts *scripts;
	struct loop *loop;
	struct loop_io end; /* a pidfd */
	struct loop_timer limit;
	pid_t pid; /* and the process group's number */
	int report; /* a pipe: the child's failure to run it */
	bool ending; /* the limit has passed */
	bool may_leave; /* daemons that it has started */
	void (*late)(void *arg); /* NULL: not reported */
	script_ended *ended; /* NULL: stopped, not reported */
	void *arg;
};

struct scripts {
	struct loop *loop;
	LIST_HEAD(, script_run) runs;
	struct orphans *orphans;
};

static const char *const script_stages[SCRIPT_STAGES] = {
	[SCRIPT_STAGE_NONE] = "cannot be run",
	[SCRIPT_STAGE_FDS] = "our descriptors cannot be kept from it",
	[SCRIPT_STAGE_USER] = "its user or group cannot be taken",
	[SCRIPT_STAGE_UNSAFE] =
		"is not run as root: others can change it (enable_script_security)",
	[SCRIPT_STAGE_EXEC] = "cannot be executed",
};

static void script_free(struct script_run *run)
{
	int pidfd = run->end.fd;

	LIST_REMOVE(run, entry);
	loop_timer_clear(&run->limit);
	loop_io_stop(&run->end);
	close(pidfd);
	close(run->report);
	free(run);
}

/* Whether the child said that it could not become the script. */
static bool script_failed(const struct script_run *run,
			  struct script_result *result)
{
	struct script_failure failure;
	ssize_t got = read(run->report, &failure, sizeof(failure));
	const char *stage;

	if (got != (ssize_t)sizeof(failure))
		return false;
	stage = script_stages[failure.stage < SCRIPT_STAGES ? failure.stage :
							      SCRIPT_STAGE_NONE];
	result->end = SCRIPT_NOT_RUN;
	snprintf(result->why, sizeof(result->why), "%s%s%s", stage,
		 failure.error ? ": " : "",
		 failure.error ? strerror(failure.error) : "");
	return true;
}

static void script_judge(const struct script_run *run, int status,
			 struct script_result *result)
{
	*result = (struct script_result){ .status = 0 };
	if (script_failed(run, result))
		return;
	if (run->ending) {
		result->end = SCRIPT_TIMED_OUT;
	} else if (WIFSIGNALED(status)) {
		result->end = SCRIPT_SIGNALLED;
		result->status = WTERMSIG(status);
	} else {
		result->end = SCRIPT_EXITED;
		result->status = WEXITSTATUS(status);
	}
}

/*
 * As long as the dead leader is not collected, its number is that of its group
 * and of nothing else, so first the rest of the group is killed.
 */
static int script_collect(const struct script_run *run)
{
	int status = 0;

	kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/*
 * Whether RUN has ended so that its daemons may stay: the leader is dead, in
 * time.
 */
static bool script_may_leave(const struct script_run *run)
{
	siginfo_t info = { .si_pid = 0 };

	return run->may_leave && run->ended && !run->ending &&
	       waitid(P_PID, (id_t)run->pid, &info,
		      WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

/*
 * Kills processes that left the group of their script. To be called before the
 * leader is collected: see script_collect().
 */
static void script_end_orphans(struct scripts *scripts)
{
	const struct script_run *run;

	LIST_FOREACH (run, &scripts->runs, entry)
		if (script_may_leave(run)) {
			orphans_spare(scripts->orphans);
			return;
		}
	orphans_kill(scripts->orphans);
}

static void script_has_ended(struct loop_io *io, unsigned what)
{
	struct script_run *run = container_of(io, struct script_run, end);
	struct script_result result;
	siginfo_t info = { .si_pid = 0 };
	script_ended *ended;
	void *arg;

	if (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
		    0 &&
	    info.si_pid == 0)
		return;
	kill(-run->pid, SIGKILL);
	script_end_orphans(run->scripts);
	script_judge(run, script_collect(run), &result);
	ended = run->ended;
	arg = run->arg;
	script_free(run);
	if (ended)
		ended(arg, &result);
}

static void script_limit(struct loop_timer *timer)
{
	struct script_run *run = container_of(timer, struct script_run, limit);

	kill(-run->pid, run->ending ? SIGKILL : SIGTERM);
	if (run->ending)
		return;
	run->ending = true;
	loop_timer_set(timer, loop_now(run->loop) + SCRIPT_KILL_AFTER);
	if (run->late)
		run->late(run->arg);
}

static int script_watch(struct script_run *run)
{
	int pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	int error;

	if (pidfd < 0)
		return -errno;
	error = loop_io_start(run->loop, &run->end, pidfd, LOOP_READ,
			      script_has_ended);
	if (error < 0)
		close(pidfd);
	return error;
}

/* Fork the child of RUN. Returns 0 or -errno. */
static int script_fork(struct script_run *run, const struct script_order *order)
{
	pid_t self = getpid();
	int report[2], error;

	if (pipe2(report, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	run->pid = loop_fork();
	if (run->pid == 0)
		script_exec(order, report[1], self);
	error = run->pid < 0 ? -errno : 0;
	close(report[1]);
	if (error == 0) {
		/*
		 * Parent and child both call setpgid(), so the group exists for
		 * either.
		 */
		setpgid(run->pid, run->pid);
		error = script_watch(run);
		if (error < 0) {
			kill(run->pid, SIGKILL);
			script_collect(run);
		}
	}
	if (error < 0)
		close(report[0]);
	run->report = report[0];
	return error;
}

int script_start(struct scripts *scripts, const struct script_order *order,
		 script_ended *ended, void *arg, struct script_run **run)
{
	struct script_run *new = xcalloc(1, sizeof(*new));
	int error;

	new->scripts = scripts;
	new->loop = scripts->loop;
	new->may_leave = order->outlives_us;
	new->late = order->late;
	new->ended = ended;
	new->arg = arg;
	error = script_fork(new, order);
	if (error < 0) {
		free(new);
		return error;
	}
	LIST_INSERT_HEAD(&scripts->runs, new, entry);
	loop_timer_init(new->loop, &new->limit, script_limit);
	if (order->timeout > 0)
		loop_timer_set(&new->limit,
			       loop_now_exact(new->loop) + order->timeout);
	if (run)
		*run = new;
	return 0;
}

/*
 * The script is collected when it has died; that may take the kernel a while.
 */
void script_kill(struct script_run *run)
{
	kill(-run->pid, SIGKILL);
	loop_timer_clear(&run->limit);
}

void script_stop(struct script_run *run)
{
	script_kill(run);
	run->ended = NULL;
}

static bool script_scripts_has(void *arg, pid_t pid)
{
	const struct scripts *scripts = arg;
	const struct script_run *run;

	LIST_FOREACH (run, &scripts->runs, entry)
		if (run->pid == pid)
			return true;
	return false;
}

struct scripts *scripts_new(struct loop *loop)
{
	struct scripts *scripts = xcalloc(1, sizeof(*scripts));

	scripts->loop = loop;
	LIST_INIT(&scripts->runs);
	scripts->orphans = orphans_new(loop, script_scripts_has, scripts);
	return scripts;
}

void scripts_free(struct scripts *scripts)
{
	struct script_run *run, *next;

	if (!scripts)
		return;
	for (run = LIST_FIRST(&scripts->runs); run; run = next) {
		next = LIST_NEXT(run, entry);
		script_free(run);
	}
	orphans_free(scripts->orphans);
	free(scripts);
}

void script_describe(const struct script_result *result, char *out, size_t size)
{
	switch (result->end) {
	case SCRIPT_EXITED:
		snprintf(out, size, "exited with status %d", result->status);
		break;
	case SCRIPT_SIGNALLED:
		snprintf(out, size, "was ended by signal %d (%s)",
			 result->status, strsignal(result->status));
		break;
	case SCRIPT_TIMED_OUT:
		snprintf(out, size, "ran too long and was ended");
		break;
	case SCRIPT_NOT_RUN:
		snprintf(out, size, "%s", result->why);
		break;
	}
}
