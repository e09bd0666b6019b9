/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/privs.h"
#include "lib/log.h"

#define NOTIFY_TIMEOUT (30 * USEC_PER_SEC)
#define NOTIFY_WAITING_MAX 1000

struct notify_job {
	STAILQ_ENTRY(notify_job) entry;
	char **argv;
	char *user;
	char *group;
};

struct notify {
	struct loop *loop;
	STAILQ_HEAD(, notify_job) waiting;
	unsigned nr_waiting;
	struct notify_job *running;
	struct loop_child child;
	struct loop_timer timeout;
};

static void notify_next(struct notify *notify);

static void notify_job_free(struct notify_job *job)
{
	size_t i;

	if (!job)
		return;
	for (i = 0; job->argv[i]; i++)
		free(job->argv[i]);
	free(job->argv);
	free(job->user);
	free(job->group);
	free(job);
}

static struct notify_job *notify_job_new(const struct conf_script *script,
					 const char *user, const char *group)
{
	struct notify_job *job = xcalloc(1, sizeof(*job));
	size_t count = 0, i;

	while (script->argv[count])
		count++;
	job->argv = xcalloc(count + 1, sizeof(*job->argv));
	for (i = 0; i < count; i++)
		job->argv[i] = xstrdup(script->argv[i]);
	job->user = user ? xstrdup(user) : NULL;
	job->group = group ? xstrdup(group) : NULL;
	return job;
}

static void notify_exec(const struct notify_job *job)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	setpgid(0, 0);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (privs_become_script(job->user, job->group) < 0)
		_exit(126);
	execv(job->argv[0], job->argv);
	_exit(127);
}

static void notify_ended(struct loop_child *child, int status)
{
	struct notify *notify = container_of(child, struct notify, child);
	const char *name = notify->running->argv[0];

	loop_timer_clear(&notify->timeout);
	/* Whatever it left running in its group goes with it. */
	kill(-child->pid, SIGKILL);
	if (WIFSIGNALED(status))
		log_warning("notify", "%s was ended by signal %d", name,
			    WTERMSIG(status));
	else if (WEXITSTATUS(status) == 127)
		log_error("notify", "%s cannot be executed", name);
	else if (WEXITSTATUS(status) == 126)
		log_error("notify", "%s: its user or group cannot be taken",
			  name);
	else if (WEXITSTATUS(status) != 0)
		log_warning("notify", "%s exited with status %d", name,
			    WEXITSTATUS(status));
	notify_job_free(notify->running);
	notify->running = NULL;
	notify_next(notify);
}

static void notify_timeout(struct loop_timer *timer)
{
	struct notify *notify = container_of(timer, struct notify, timeout);

	log_warning("notify", "%s has run for %lld s and is ended",
		    notify->running->argv[0],
		    (long long)(NOTIFY_TIMEOUT / USEC_PER_SEC));
	kill(-notify->child.pid, SIGKILL);
}

static int notify_spawn(struct notify *notify, const struct notify_job *job)
{
	pid_t pid = fork();
	int error;

	if (pid == 0)
		notify_exec(job);
	if (pid < 0)
		return -errno;
	setpgid(pid, pid);
	error = loop_child_start(notify->loop, &notify->child, pid,
				 notify_ended);
	if (error < 0) {
		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return error;
}

static void notify_next(struct notify *notify)
{
	struct notify_job *job;
	int error;

	while (!notify->running && (job = STAILQ_FIRST(&notify->waiting))) {
		STAILQ_REMOVE_HEAD(&notify->waiting, entry);
		notify->nr_waiting--;
		notify->running = job;
		error = notify_spawn(notify, job);
		if (error == 0) {
			loop_timer_set(&notify->timeout,
				       loop_now(notify->loop) + NOTIFY_TIMEOUT);
			return;
		}
		log_error("notify", "%s cannot be started: %s", job->argv[0],
			  strerror(-error));
		notify->running = NULL;
		notify_job_free(job);
	}
}

/* May root run it? Nobody else may be able to change the file. */
static bool notify_is_safe(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return true; /* the attempt to run it will tell */
	return st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

struct notify *notify_new(struct loop *loop)
{
	struct notify *notify = xcalloc(1, sizeof(*notify));

	notify->loop = loop;
	STAILQ_INIT(&notify->waiting);
	loop_timer_init(loop, &notify->timeout, notify_timeout);
	return notify;
}

void notify_free(struct notify *notify)
{
	struct notify_job *job;

	if (!notify)
		return;
	while ((job = STAILQ_FIRST(&notify->waiting))) {
		STAILQ_REMOVE_HEAD(&notify->waiting, entry);
		notify_job_free(job);
	}
	loop_timer_clear(&notify->timeout);
	/* One that runs is left to finish: it may be telling of our end. */
	if (notify->running)
		loop_child_stop(&notify->child);
	notify_job_free(notify->running);
	free(notify);
}

void notify_run(struct notify *notify, const struct conf_script *script,
		const struct conf_global *global)
{
	const char *user, *group;
	struct notify_job *job;

	if (!script || !script->argv || !script->argv[0])
		return;
	user = script->user ? script->user : global->script_user;
	group = script->user ? script->group : global->script_group;
	if (!user)
		user = privs_script_user();
	if (global->script_security && (!user || strcmp(user, "root") == 0) &&
	    !notify_is_safe(script->argv[0])) {
		log_error("notify",
			  "%s is not run as root: others can change it "
			  "(enable_script_security)",
			  script->argv[0]);
		return;
	}
	if (notify->nr_waiting >= NOTIFY_WAITING_MAX) {
		log_error("notify",
			  "%s is not run: %u scripts are waiting already",
			  script->argv[0], notify->nr_waiting);
		return;
	}
	job = notify_job_new(script, user, group);
	STAILQ_INSERT_TAIL(&notify->waiting, job, entry);
	notify->nr_waiting++;
	notify_next(notify);
}
