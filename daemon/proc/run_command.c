/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/run_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From a SIGKILL to its effect. */
#define COMMAND_DEATH (200 * USEC_PER_MSEC)

static int command_find(const char *name, char *path, size_t size)
{
	static const char *const folders[] = { "/usr/sbin", "/sbin", "/usr/bin",
					       "/bin", "/usr/local/sbin" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, size, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

/* A file in memory that begins with TEXT; neither side ever waits for it. */
static int command_file(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	int fd = memfd_create("command", MFD_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	if (length > 0 && write(fd, text, length) != (ssize_t)length) {
		error = errno ? -errno : -EIO;
		close(fd);
		return error;
	}
	if (lseek(fd, 0, SEEK_SET) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

static int command_spawn(const char *path, char *const *argv, int in, int out,
			 pid_t *pid)
{
	static char path_variable[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *environment[] = { path_variable, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&files);
	error = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, out,
							 STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, out,
							 STDERR_FILENO);
	if (error == 0)
		error = posix_spawn(pid, path, &files, &attributes, argv,
				    environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return -error;
}

/*
 * A command that even SIGKILL did not end, as it hangs in the kernel. 0: none.
 */
static pid_t command_stuck;

static bool command_ends(int pidfd, usec_t limit)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int ready;

	do
		ready = poll(&end, 1, (int)(limit / USEC_PER_MSEC));
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* Wait for PID, at most LIMIT, and a moment more for it to die. */
static int command_wait(pid_t pid, usec_t limit)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), status;
	bool in_time = pidfd >= 0 && command_ends(pidfd, limit);
	bool dead = in_time;

	if (!in_time) {
		kill(pid, SIGKILL);
		dead = pidfd < 0 || command_ends(pidfd, COMMAND_DEATH);
	}
	if (pidfd >= 0)
		close(pidfd);
	if (!dead) {
		command_stuck = pid;
		return -ETIMEDOUT;
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!in_time)
		return -ETIMEDOUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* A second command would only hang beside the stuck one. */
static bool command_is_stuck(void)
{
	if (command_stuck && waitpid(command_stuck, NULL, WNOHANG) == 0)
		return true;
	command_stuck = 0;
	return false;
}

static void command_read(int fd, char *output, size_t size)
{
	ssize_t got = pread(fd, output, size - 1, 0);

	output[got > 0 ? got : 0] = '\0';
}

/*
 * The process of NAME into *PID, and the file that it prints into to *OUT, which is
 * the caller's to close. Returns 0 or -errno.
 */
static int command_begin(const char *name, char *const *argv, const char *input,
			 int *out, pid_t *pid)
{
	char path[64];
	int in, result = command_find(name, path, sizeof(path));

	if (result < 0)
		return result;
	in = command_file(input);
	if (in < 0)
		return in;
	result = *out = command_file(NULL);
	if (result >= 0)
		result = command_spawn(path, argv, in, *out, pid);
	if (result < 0 && *out >= 0)
		close(*out);
	close(in);
	return result;
}

int command_run(const char *name, char *const *argv, const char *input,
		char *output, size_t size, usec_t limit)
{
	int out = -1, result;
	pid_t pid = 0;

	output[0] = '\0';
	if (command_is_stuck())
		return -ETIMEDOUT;
	result = command_begin(name, argv, input, &out, &pid);
	if (result < 0)
		return result;
	result = command_wait(pid, limit);
	command_read(out, output, size);
	close(out);
	return result;
}

void command_output(const struct command_job *command, char *output,
		    size_t size)
{
	command_read(command->out, output, size);
}

static void command_over(struct command_job *command, int result)
{
	int out = command->out;

	/* Another one may have begun then, or the owner is gone. */
	command->ended(command, result);
	close(out);
}

static void command_child_ended(struct loop_child *child, int status)
{
	struct command_job *command =
		container_of(child, struct command_job, child);

	command->busy = false;
	loop_timer_clear(&command->limit);
	if (!command->late)
		command_over(command,
			     WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR);
}

static void command_is_late(struct loop_timer *timer)
{
	struct command_job *command =
		container_of(timer, struct command_job, limit);

	command->late = true;
	kill(command->child.pid, SIGKILL);
	command_over(command, -ETIMEDOUT);
}

void command_init(struct command_job *command, struct loop *loop,
		  void (*ended)(struct command_job *command, int result))
{
	memset(command, 0, sizeof(*command));
	command->loop = loop;
	command->ended = ended;
	loop_timer_init(loop, &command->limit, command_is_late);
}

int command_start(struct command_job *command, const char *name,
		  char *const *argv, const char *input, usec_t limit)
{
	int out = -1, result;
	pid_t pid = 0;

	if (command->busy)
		return -ETIMEDOUT;
	result = command_begin(name, argv, input, &out, &pid);
	if (result < 0)
		return result;
	result = loop_child_start(command->loop, &command->child, pid,
				  command_child_ended);
	if (result < 0) {
		(void)command_wait(pid, 0);
		close(out);
		return result;
	}
	command->out = out;
	command->busy = true;
	command->late = false;
	loop_timer_set(&command->limit, loop_now(command->loop) + limit);
	return 0;
}

void command_stop(struct command_job *command)
{
	if (!command->busy)
		return;
	loop_timer_clear(&command->limit);
	loop_child_stop(&command->child);
	(void)command_wait(command->child.pid, 0);
	command->busy = false;
	if (!command->late)
		close(command->out);
}
