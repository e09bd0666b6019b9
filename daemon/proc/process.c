/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/conf.h"
#include "confine/confine.h"
#include "daemon/proc/environment.h"
#include "daemon/proc/heartbeat.h"
#include "daemon/proc/mailbox.h"
#include "lib/history.h"
#include "lib/hmac.h"
#include "lib/log.h"
#include "lib/util.h"

#define PROCESS_CHANNEL 3 /* the child's descriptor of the socket pair */
#define PROCESS_SETTLED (60 * USEC_PER_SEC)
#define PROCESS_BACKOFF_MIN USEC_PER_SEC
#define PROCESS_BACKOFF_MAX (60 * USEC_PER_SEC)
/* A dying child closes its channel a moment before its end can be seen. */
#define PROCESS_GOODBYE USEC_PER_SEC
/* Disks that take longer for the files of a role do not answer. */
#define PROCESS_LOOK (5 * USEC_PER_SEC)
/* From a SIGKILL to its effect. */
#define PROCESS_DEATH USEC_PER_SEC
/* Messages taken in one turn: a flood must not starve the loop. */
#define PROCESS_BURST 64
/* As many of these as the channel can hold, and some. */
#define PROCESS_BURSTS_QUEUED 16
/* Malformed messages before a child is taken for broken. */
#define PROCESS_BAD_MAX 16

struct process {
	struct loop *loop;
	const struct process_role *role;
	struct history *history;
	char *user;
	char *title; /* NULL: the usual one */
	struct scheduling scheduling;
	bool restyled; /* the child runs otherwise */
	void *arg;
	struct loop_child child;
	struct loop_io channel;
	struct loop_io sender; /* while mail waits */
	struct mailbox mail;
	struct loop_timer restart;
	struct loop_child looker; /* the process of role->look() */
	struct loop_timer late; /* it has taken too long */
	bool looks; /* it has not ended */
	bool late_said;
	struct loop_timer beat; /* time of the next question */
	struct heartbeat heartbeat;
	uint8_t key[HMAC_LENGTH]; /* of this child's questions */
	struct loop_timer goodbye; /* channel closed: wait for the end */
	int sock;
	bool wanted; /* was configured */
	bool running;
	bool stopped;
	bool resting; /* killed as there is no work for it, and not dead yet */
	bool quiet; /* logged as not answering */
	usec_t spoke;
	unsigned restarts;
	unsigned bad;
	usec_t started;
	usec_t backoff;
	const char *killed_why;
	const char *doubt; /* the last sign that the child stands still */
	struct ipc_message message; /* large, so not on a stack */
};

/* In the child, between fork and exec: nothing but plain system calls. */
static void process_exec(struct process *process, int sock)
{
	char *argv[14], *environment[ENVIRONMENT_MAX];
	char level[8], title[32], scheduling[SCHEDULING_TEXT_MAX];
	int argc = 0;

	snprintf(level, sizeof(level), "%d", (int)log_get_level());
	snprintf(title, sizeof(title), "evenkeel-%s", process->role->name);
	argv[argc++] = title;
	argv[argc++] = (char *)(uintptr_t) "--child";
	argv[argc++] = (char *)(uintptr_t)process->role->name;
	argv[argc++] = (char *)(uintptr_t) "--child-level";
	argv[argc++] = level;
	if (log_get_target() == LOG_TO_STDERR)
		argv[argc++] = (char *)(uintptr_t) "-l";
	if (process->user) {
		argv[argc++] = (char *)(uintptr_t) "--child-user";
		argv[argc++] = process->user;
	}
	if (process->title) {
		argv[argc++] = (char *)(uintptr_t) "--child-title";
		argv[argc++] = process->title;
	}
	scheduling_format(&process->scheduling, scheduling);
	argv[argc++] = (char *)(uintptr_t) "--child-scheduling";
	argv[argc++] = scheduling;
	argv[argc] = NULL;
	if (sock == PROCESS_CHANNEL)
		fcntl(sock, F_SETFD, 0);
	else if (dup2(sock, PROCESS_CHANNEL) < 0)
		_exit(127);
	syscall(SYS_close_range, PROCESS_CHANNEL + 1, ~0u, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	environment_of_child(environment);
	execve("/proc/self/exe", argv, environment);
	_exit(127);
}

static void process_note(const struct process *process, const char *what)
{
	if (process->history)
		history_add(process->history, "%s process: %s",
			    process->role->name, what);
}

static void process_close(struct process *process)
{
	loop_io_stop(&process->channel);
	loop_io_stop(&process->sender);
	mailbox_clear(&process->mail);
	if (process->sock >= 0)
		close(process->sock);
	process->sock = -1;
}

static void process_plan_restart(struct process *process, usec_t now)
{
	if (process->stopped || !process->wanted)
		return;
	if (now - process->started >= PROCESS_SETTLED)
		process->backoff = 0;
	loop_timer_set(&process->restart, now + process->backoff);
	process->backoff = process->backoff ? process->backoff * 2 :
					      PROCESS_BACKOFF_MIN;
	if (process->backoff > PROCESS_BACKOFF_MAX)
		process->backoff = PROCESS_BACKOFF_MAX;
}

/*
 * The filter's handler ended the process, or the signal itself, which it had
 * blocked.
 */
static bool process_was_refused(int status)
{
	return (WIFEXITED(status) && WEXITSTATUS(status) == CONFINE_STATUS) ||
	       (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void process_describe_end(const struct process *process, int status,
				 char *out, size_t size)
{
	if (process->killed_why)
		snprintf(out, size, "killed by us: %s", process->killed_why);
	else if (process_was_refused(status))
		snprintf(out, size,
			 "ended by its filter: it made a system call that it "
			 "may not make, which its last line names");
	else if (WIFSIGNALED(status))
		snprintf(out, size, "killed by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "exited with status %d",
			 WEXITSTATUS(status));
}

static void process_try(struct process *process);

static void process_ended(struct loop_child *child, int status)
{
	struct process *process = container_of(child, struct process, child);
	usec_t now = loop_now(process->loop);
	char why[128];

	process->running = false;
	if (process->resting) {
		process->resting = false;
		if (process->wanted)
			process_try(process);
		return;
	}
	process_describe_end(process, status, why, sizeof(why));
	process->killed_why = NULL;
	loop_timer_clear(&process->goodbye);
	loop_timer_clear(&process->beat);
	process_close(process);
	/* Whatever the child held must not wait: somebody else has it too. */
	if (process->heartbeat.doubted)
		process->backoff = 0;
	process_plan_restart(process, now);
	if (!process->stopped)
		process_note(process, why);
	process->role->ended(process->arg, why);
}

/* The end of the stream, an error, or malformed messages: end the child. */
static void process_give_up(struct process *process, int got)
{
	loop_io_stop(&process->channel);
	if (got == -EBADMSG)
		process_kill(process, "it sends nonsense");
	else
		loop_timer_set(&process->goodbye,
			       loop_now(process->loop) + PROCESS_GOODBYE);
}

static void process_stays(struct loop_timer *timer)
{
	struct process *process = container_of(timer, struct process, goodbye);

	process_kill(process, process->stopped ? "it did not end in time" :
						 "it closed its channel");
}

/* The proof that the question NUMBER was read: nobody else knows the key. */
static uint64_t process_token(const struct process *process, uint32_t number)
{
	uint8_t mac[HMAC_LENGTH];
	uint64_t token;

	hmac_sha256(process->key, sizeof(process->key), &number, sizeof(number),
		    mac);
	memcpy(&token, mac, sizeof(token));
	return token;
}

/* Returns false if the child has sent too much that is not for main. */
static bool process_heard(struct process *process)
{
	const struct ipc_message *msg = &process->message;
	const struct ipc_ping *pong = (const void *)msg->body;

	process->spoke = loop_now(process->loop);
	if (msg->header.type != IPC_PONG) {
		if (ipc_dispatch(process->role->messages, process->arg, msg))
			return true;
		return ++process->bad < PROCESS_BAD_MAX;
	}
	/* A number can be guessed by a child that does not read. */
	if (pong->token != process_token(process, pong->number))
		return ++process->bad < PROCESS_BAD_MAX;
	heartbeat_answer(&process->heartbeat, pong->number);
	if (!process->quiet)
		return true;
	process->quiet = false;
	log_notice(process->role->name, "answers again");
	process_note(process, "answers again");
	return true;
}

/* Takes up to a burst of messages. Returns whether there may be more. */
static bool process_take(struct process *process)
{
	int i, got;

	for (i = 0; i < PROCESS_BURST && process->channel.loop; i++) {
		got = ipc_recv(process->sock, &process->message);
		if (got == -EAGAIN)
			return false;
		if (got == 1) {
			if (process->message.fd >=
			    0) /* a child has none to give */
				close(process->message.fd);
			if (process_heard(process))
				continue;
			got = -EBADMSG;
		}
		if (got == -EBADMSG && ++process->bad < PROCESS_BAD_MAX)
			continue;
		process_give_up(process, got);
	}
	return process->channel.loop != NULL;
}

static void process_ready(struct loop_io *io, unsigned what)
{
	process_take(container_of(io, struct process, channel));
}

void process_hear(struct process *process)
{
	int i;

	for (i = 0; i < PROCESS_BURSTS_QUEUED; i++)
		if (!process_take(process))
			return;
}

/*
 * Waiting mail shows that the child does not read, and a question must not
 * overtake the work that makes the child slow to answer.
 */
static void process_ask(struct process *process)
{
	struct ipc_ping ping = { .number = process->heartbeat.number };

	ping.token = process_token(process, ping.number);
	if (!mailbox_is_empty(&process->mail) ||
	    ipc_send(process->sock, IPC_PING, 0, &ping, sizeof(ping), -1) < 0)
		heartbeat_unasked(&process->heartbeat);
}

static void process_give_up_silent(struct process *process)
{
	process->quiet = true;
	if (process->heartbeat.doubted)
		log_error(process->role->name,
			  "does not answer, and %s: it is killed, and started "
			  "again",
			  process->doubt);
	else
		log_error(process->role->name,
			  "has not answered for %u seconds: it is killed, and "
			  "started again",
			  process->heartbeat.missed);
	process_kill(process, "it did not answer");
}

static void process_tell_quiet(struct process *process)
{
	if (process->quiet || !heartbeat_is_quiet(&process->heartbeat))
		return;
	process->quiet = true;
	log_warning(process->role->name, "does not answer");
	process_note(process, "does not answer");
}

/*
 * If main itself stood still, the child's answers wait in the channel. The loop
 * asks the descriptors before a timer that late; what is said since is heard here.
 */
static void process_beat(struct loop_timer *timer)
{
	struct process *process = container_of(timer, struct process, beat);

	process_hear(process);
	if (!process->running || process->killed_why)
		return;
	switch (heartbeat_beat(&process->heartbeat)) {
	case HEARTBEAT_ASK:
		process_tell_quiet(process);
		process_ask(process);
		break;
	case HEARTBEAT_GIVE_UP:
		process_give_up_silent(process);
		return;
	}
	loop_timer_set(timer, loop_now(process->loop) +
				      heartbeat_pause(&process->heartbeat));
}

void process_doubt(struct process *process, const char *why)
{
	if (!process->running || process->killed_why || process->stopped ||
	    !heartbeat_doubt(&process->heartbeat))
		return;
	process->doubt = why;
	loop_timer_set(&process->beat, loop_now(process->loop));
}

static int process_watch(struct process *process, pid_t pid)
{
	int error = loop_child_start(process->loop, &process->child, pid,
				     process_ended);

	if (error == 0) {
		error = loop_io_start(process->loop, &process->channel,
				      process->sock, LOOP_READ, process_ready);
		if (error < 0)
			loop_child_stop(&process->child);
	}
	return error;
}

static int process_spawn(struct process *process)
{
	int fds[2], error;
	pid_t pid;

	error = ipc_pair(fds);
	if (error < 0)
		return error;
	pid = loop_fork();
	if (pid == 0)
		process_exec(process, fds[1]);
	error = pid < 0 ? -errno : 0;
	close(fds[1]);
	process->sock = fds[0];
	if (error == 0)
		error = process_watch(process, pid);
	if (error < 0) {
		process_close(process);
		if (pid > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		return error;
	}
	process->running = true;
	process->restyled = false;
	process->quiet = false;
	process->bad = 0;
	/* Without randomness the numbers are as good as they were. */
	(void)!getrandom(process->key, sizeof(process->key), GRND_NONBLOCK);
	heartbeat_start(&process->heartbeat, process->role->patience);
	loop_timer_set(&process->beat,
		       loop_now(process->loop) + HEARTBEAT_EVERY);
	process->child.pid = pid;
	return 0;
}

static void process_send_conf(struct process *process)
{
	int error = process->role->send_conf(process->arg);

	if (error == 0)
		return;
	log_error(process->role->name, "does not take its configuration: %s",
		  strerror(-error));
	process_kill(process, "it does not take its configuration");
}

static void process_try(struct process *process)
{
	int error;

	process->started = loop_now(process->loop);
	error = process_spawn(process);
	if (error < 0) {
		log_error(process->role->name,
			  "cannot be started: %s; trying again in %lld s",
			  strerror(-error),
			  (long long)(process->backoff / USEC_PER_SEC));
		process_plan_restart(process, process->started);
		return;
	}
	log_info(process->role->name, "started, pid %d",
		 (int)process->child.pid);
	process_send_conf(process);
}

static void process_disk_late(struct loop_timer *timer)
{
	struct process *process = container_of(timer, struct process, late);

	if (!process->late_said)
		log_error(process->role->name,
			  "is not started: the disk of a file with a password "
			  "or a key for it does not answer; tried again until "
			  "it does");
	process->late_said = true;
	/*
	 * A looker that stands still ends now; a disk that holds it lets it end later.
	 */
	kill(process->looker.pid, SIGKILL);
}

static void process_disk_done(struct loop_child *looker, int status)
{
	struct process *process = container_of(looker, struct process, looker);

	process->looks = false;
	loop_timer_clear(&process->late);
	if (process->running || process->stopped || !process->wanted)
		return;
	if (WIFSIGNALED(status)) {
		process_plan_restart(process, loop_now(process->loop));
		return;
	}
	process->late_said = false;
	process_try(process);
}

/* The looker shares no descriptor with main: neither main's socket nor its lock. */
static void process_disk_child(struct process *process)
{
	prctl(PR_SET_NAME, "evenkeel-look");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)syscall(SYS_close_range, 0, INT_MAX, 0);
	(void)process->role->look(process->arg, true);
	_exit(0);
}

/* Returns false if there is nothing to look at, or nobody who could. */
static bool process_disk_ask(struct process *process)
{
	pid_t pid;

	if (!process->role->look || !process->role->look(process->arg, false))
		return false;
	pid = loop_fork();
	if (pid == 0)
		process_disk_child(process);
	if (pid < 0)
		return false;
	if (loop_child_start(process->loop, &process->looker, pid,
			     process_disk_done) < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return false;
	}
	process->looks = true;
	loop_timer_set(&process->late, loop_now(process->loop) + PROCESS_LOOK);
	return true;
}

static void process_restart(struct loop_timer *timer)
{
	struct process *process = container_of(timer, struct process, restart);

	if (process->looks)
		return; /* it goes on when that has ended */
	process->restarts++;
	if (!process_disk_ask(process))
		process_try(process);
}

static void process_stop_looking(struct process *process)
{
	loop_timer_clear(&process->late);
	if (process->looks)
		kill(process->looker.pid, SIGKILL);
}

struct process *process_new(struct loop *loop, const struct process_role *role,
			    struct history *history, void *arg)
{
	struct process *process = xcalloc(1, sizeof(*process));

	process->loop = loop;
	process->role = role;
	process->history = history;
	process->arg = arg;
	process->sock = -1;
	mailbox_init(&process->mail);
	loop_timer_init(loop, &process->restart, process_restart);
	loop_timer_init(loop, &process->beat, process_beat);
	loop_timer_init(loop, &process->goodbye, process_stays);
	loop_timer_init(loop, &process->late, process_disk_late);
	return process;
}

/*
 * A child that hangs in the kernel dies when it can; main does not wait for
 * that.
 */
static void process_put_down(struct process *process)
{
	struct pollfd end = { .fd = process->child.io.fd, .events = POLLIN };

	kill(process->child.pid, SIGKILL);
	(void)poll(&end, 1, (int)(PROCESS_DEATH / USEC_PER_MSEC));
	loop_child_stop(&process->child);
	waitpid(process->child.pid, NULL, WNOHANG);
}

static void process_dismiss(struct process *process)
{
	process->stopped = true;
	loop_timer_clear(&process->restart);
	loop_timer_clear(&process->goodbye);
	loop_timer_clear(&process->beat);
	process_stop_looking(process);
	if (process->looks)
		loop_child_stop(&process->looker);
	process_close(process);
}

static void process_forget(struct process *process)
{
	free(process->user);
	free(process->title);
	free(process);
}

void process_free(struct process *process)
{
	if (!process)
		return;
	process_dismiss(process);
	if (process->running)
		process_put_down(process);
	process_forget(process);
}

void process_leave(struct process *process)
{
	if (!process)
		return;
	process_dismiss(process);
	if (process->running)
		loop_child_stop(&process->child);
	process_forget(process);
}

void process_set_style(struct process *process,
		       const struct conf_process *style)
{
	static const struct conf_process usual;

	if (!style)
		style = &usual;
	if (str_equal(process->title, style->name) &&
	    scheduling_equal(&process->scheduling, &style->scheduling))
		return;
	free(process->title);
	process->title = style->name ? xstrdup(style->name) : NULL;
	process->scheduling = style->scheduling;
	process->restyled = process->wanted;
}

void process_configure(struct process *process, const char *user)
{
	bool same = str_equal(process->user, user);

	if (!same) {
		free(process->user);
		process->user = user ? xstrdup(user) : NULL;
	}
	if (!process->wanted) {
		process->wanted = true;
		if (!process->running)
			process_try(process);
	} else if (process->resting) {
		return; /* it is started when its forerunner is dead */
	} else if (!same) {
		process_kill(process,
			     "the configuration names another checker_user");
	} else if (process->restyled) {
		process_kill(
			process,
			"the configuration calls or runs it in another way");
	} else if (process->running) {
		process_send_conf(process);
	}
}

void process_rest(struct process *process)
{
	process->wanted = false;
	process->backoff = 0;
	loop_timer_clear(&process->restart);
	loop_timer_clear(&process->goodbye);
	loop_timer_clear(&process->beat);
	process_stop_looking(process);
	process_close(process);
	if (!process->running)
		return;
	process->resting = true;
	process->killed_why = NULL;
	kill(process->child.pid, SIGKILL);
}

bool process_replaces(const struct process *process, const char *user)
{
	return !process->wanted || process->restyled ||
	       !str_equal(process->user, user);
}

bool process_wanted(const struct process *process)
{
	return process->wanted;
}

void process_kill(struct process *process, const char *why)
{
	if (!process_running(process))
		return;
	process->killed_why = why;
	kill(process->child.pid, SIGKILL);
}

void process_stop(struct process *process, usec_t limit)
{
	process->stopped = true;
	loop_timer_clear(&process->restart);
	loop_timer_clear(&process->beat); /* LIMIT is its patience now */
	process_stop_looking(process);
	if (!process->running)
		return;
	kill(process->child.pid, SIGTERM);
	loop_timer_set(&process->goodbye, loop_now(process->loop) + limit);
}

bool process_is_behind(const struct process *process)
{
	return process_running(process) &&
	       (!mailbox_is_empty(&process->mail) || ipc_unread(process->sock));
}

bool process_has_mail(const struct process *process)
{
	return process_running(process) && !mailbox_is_empty(&process->mail);
}

bool process_running(const struct process *process)
{
	return process->running && !process->resting;
}

void process_get(const struct process *process, struct process_view *view)
{
	view->running = process_running(process);
	view->answering = view->running && !process->quiet;
	view->pid = view->running ? process->child.pid : 0;
	view->restarts = process->restarts;
	view->spoke = process->spoke;
}

static void process_deliver(struct loop_io *io, unsigned what)
{
	struct process *process = container_of(io, struct process, sender);
	struct mailbox_letter *mail;
	int error;

	while ((mail = mailbox_first(&process->mail))) {
		error = ipc_send(process->sock,
				 (enum ipc_type)mail->header.type,
				 mail->header.generation, mail->body,
				 mail->length, mail->fd);
		if (error == -EAGAIN)
			return;
		/* Another error is the child's end, which is told elsewhere. */
		mailbox_drop_first(&process->mail);
	}
	loop_io_stop(io);
}

/* A child that answers, and never reads, would make main grow for ever. */
static int process_queue(struct process *process,
			 const struct ipc_header *header, const void *body,
			 size_t length, int fd)
{
	int error = 0;

	if (!process->sender.loop)
		error = loop_io_start(process->loop, &process->sender,
				      process->sock, LOOP_WRITE,
				      process_deliver);
	if (error == 0)
		error = mailbox_put(&process->mail, header, body, length, fd);
	if (error == -ENOBUFS && !process->killed_why) {
		log_error(process->role->name,
			  "does not read what it is sent: it is killed, and "
			  "started again");
		process_kill(process, "it did not read what it was sent");
	}
	return error;
}

int process_send(struct process *process, enum ipc_type type,
		 uint32_t generation, const void *body, size_t length, int fd)
{
	struct ipc_header header = { .type = type, .generation = generation };
	int error = -EAGAIN;

	if (!process_running(process))
		return -ENOTCONN;
	if (type == IPC_CONF) /* the child reads it before it answers again */
		heartbeat_busy(&process->heartbeat);
	/* The order is kept: a new message does not overtake waiting mail. */
	if (mailbox_is_empty(&process->mail))
		error = ipc_send(process->sock, type, generation, body, length,
				 fd);
	if (error == -EAGAIN)
		error = process_queue(process, &header, body, length, fd);
	return error;
}
