/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/script_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/proc/environment.h"
#include "daemon/proc/privs.h"

/* Where the pipe to main is until the script runs. */
#define SCRIPT_REPORT 3

/* Whether only root can change the file or folder of ST. */
static bool script_only_roots(const struct stat *st)
{
	bool sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX);

	if (st->st_uid != 0)
		return false;
	if (sticky)
		return true;
	return !(st->st_mode & S_IWOTH) &&
	       (st->st_gid == 0 || !(st->st_mode & S_IWGRP));
}

/* PATH and each folder above it. */
static bool script_way_is_safe(const char *path)
{
	char part[PATH_MAX];
	struct stat st;
	char *slash;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return false;
	for (;;) {
		/* A link is its owner's to change, in a sticky folder too. */
		if (lstat(part, &st) == 0 && S_ISLNK(st.st_mode) &&
		    st.st_uid != 0)
			return false;
		if (stat(part, &st) < 0)
			return errno == ENOENT;
		if (!script_only_roots(&st))
			return false;
		if (part[1] == '\0')
			return true;
		slash = strrchr(part, '/');
		if (slash == part)
			slash[1] = '\0';
		else
			*slash = '\0';
	}
}

bool script_is_safe(const char *path)
{
	char real[PATH_MAX];

	if (path[0] != '/' || !script_way_is_safe(path))
		return false;
	if (!realpath(path, real))
		return errno == ENOENT;
	return script_way_is_safe(real);
}

noreturn static void script_fail(enum script_stage stage, int error)
{
	struct script_failure failure = { .stage = stage, .error = error };

	/* If main is gone, the failure has no reader. */
	(void)!write(SCRIPT_REPORT, &failure, sizeof(failure));
	_exit(127);
}

/* Keep REPORT, in its place, and nothing else. */
static void script_close_all(int report)
{
	int null = open("/dev/null", O_RDWR);
	int error = null < 0 ? errno : 0;
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO && !error; fd++)
		error = dup2(null, fd) < 0 ? errno : 0;
	if (report != SCRIPT_REPORT &&
	    dup3(report, SCRIPT_REPORT, O_CLOEXEC) < 0)
		_exit(127);
	if (!error && syscall(SYS_close_range, SCRIPT_REPORT + 1, ~0u, 0) < 0)
		error = errno;
	if (error)
		script_fail(SCRIPT_STAGE_FDS, error);
}

static void script_reset_signals(void)
{
	sigset_t none;
	int signo;

	for (signo = 1; signo < SIGRTMIN; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void script_become(const struct script_order *order)
{
	const struct conf_script *script = order->script;
	const char *user = script->user ? script->user :
					  order->global->script_user;
	const char *group = script->user ? script->group :
					   order->global->script_group;
	int error = privs_become_script(user, group,
					order->global->supplementary_groups);

	if (error < 0)
		script_fail(SCRIPT_STAGE_USER, -error);
}

const char *script_find(const char *command, char *out, size_t size)
{
	const char *path = ENVIRONMENT_PATH, *end;
	struct stat st;

	if (strchr(command, '/'))
		return command;
	for (; path && *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		if (*path != '/' ||
		    snprintf(out, size, "%.*s/%s", (int)(end - path), path,
			     command) >= (int)size)
			continue;
		if (stat(out, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(out, X_OK) == 0)
			return out;
	}
	return NULL;
}

static char **script_argv(const struct script_order *order)
{
	size_t own = 0, extra = 0, i;
	char **argv;

	while (order->script->argv[own])
		own++;
	while (order->extra && order->extra[extra])
		extra++;
	argv = xcalloc(own + extra + 1, sizeof(*argv));
	for (i = 0; i < own; i++)
		argv[i] = order->script->argv[i];
	for (i = 0; i < extra; i++)
		argv[own + i] = xstrdup(order->extra[i]);
	return argv;
}

noreturn void script_exec(const struct script_order *order, int report,
			  pid_t parent)
{
	char found[PATH_MAX];
	const char *path;

	setpgid(0, 0);
	script_close_all(report);
	script_reset_signals();
	umask(022); /* not main's */
	script_become(order);
	environment_become_script();
	/*
	 * Orphans of the script are its own children, and main's when it ends.
	 */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* Set only now: a change of user clears PDEATHSIG. */
	if (!order->outlives_us &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent))
		_exit(127);
	path = script_find(order->script->argv[0], found, sizeof(found));
	if (!path)
		script_fail(SCRIPT_STAGE_EXEC, ENOENT);
	if (order->global->script_security && geteuid() == 0 &&
	    !script_is_safe(path))
		script_fail(SCRIPT_STAGE_UNSAFE, 0);
	/*
	 * With a slash in PATH, execvp() searches no folders; and a text file
	 * without a "#!" line is run by the shell.
	 */
	execvp(path, script_argv(order));
	script_fail(SCRIPT_STAGE_EXEC, errno);
}
