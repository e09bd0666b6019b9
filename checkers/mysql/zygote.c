/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/confine.h"
#include "lib/log.h"

/* The one descriptor of a zygote or helper besides the standard ones. */
#define ZYGOTE_SOCK 3
/* How long helpers have for their goodbyes when the checker is gone. */
#define ZYGOTE_GRACE_SEC 1
#define ZYGOTE_FDS 2

/*
 * Move SOCK to its place and close everything else. The standard descriptors
 * become /dev/null: the zygote prints nothing, and where one was closed at the
 * start there is a socket by now, such as the checker's end of ours, whose end
 * we would never see. A log on standard error stays.
 */
static void zygote_keep_only(int sock)
{
	int last = log_get_target() == LOG_TO_STDERR ? STDERR_FILENO :
						       ZYGOTE_SOCK;
	int null, fd;

	if (sock != ZYGOTE_SOCK && dup2(sock, ZYGOTE_SOCK) < 0)
		_exit(EXIT_FAILURE);
	null = open("/dev/null", O_RDWR);
	for (fd = 0; fd < last; fd++) {
		if (null < 0 || (null != fd && dup2(null, fd) < 0))
			_exit(EXIT_FAILURE);
	}
	if (syscall(SYS_close_range, ZYGOTE_SOCK + 1, ~0u, 0) < 0)
		_exit(EXIT_FAILURE);
}

/* The end of the socket ends these processes, not a signal sent to all. */
static void zygote_set_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	static const int ignored[] = { SIGINT,	SIGHUP,	 SIGTERM, SIGUSR1,
				       SIGUSR2, SIGPIPE, SIGCHLD };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &ignore, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int zygote_send(int sock, const struct zygote_reply *reply,
		       const int *fds)
{
	_Alignas(struct cmsghdr) char
		control[CMSG_SPACE(ZYGOTE_FDS * sizeof(int))];
	struct iovec iov = { .iov_base = (void *)(uintptr_t)reply,
			     .iov_len = sizeof(*reply) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (fds) {
		memset(control, 0, sizeof(control));
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(ZYGOTE_FDS * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, ZYGOTE_FDS * sizeof(int));
	}
	while (sendmsg(sock, &msg, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* A process that cannot be confined does not begin; the checker sees its end. */
static void zygote_confine(const struct confine *confine)
{
	int error = confine ? confine_enter(confine) : 0;

	if (error == 0)
		return;
	log_error("check", "%s cannot be confined: %s", confine->name,
		  strerror(-error));
	_exit(EXIT_FAILURE);
}

static void zygote_become_helper(const struct zygote_kind *kind, int sock,
				 pid_t zygote)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != zygote)
		_exit(EXIT_FAILURE);
	prctl(PR_SET_NAME, kind->name);
	zygote_keep_only(sock);
	zygote_confine(kind->helper);
	kind->run(ZYGOTE_SOCK);
	_exit(EXIT_SUCCESS);
}

/* Fork one helper; FDS get its socket and its pidfd. Returns 0 or an errno. */
static int zygote_fork(const struct zygote_kind *kind, int *fds, pid_t *pid)
{
	pid_t zygote = getpid();
	int pair[2];
	int error = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return errno;
	*pid = fork();
	if (*pid < 0) {
		error = errno;
	} else if (*pid == 0) {
		zygote_become_helper(kind, pair[1], zygote);
	} else {
		/* The helper is not waited for, but while it runs the pid is
		 * its own; if it has ended already there is an error. */
		fds[1] = (int)syscall(SYS_pidfd_open, *pid, 0);
		if (fds[1] < 0)
			error = errno;
	}
	close(pair[1]);
	fds[0] = pair[0];
	if (error)
		close(fds[0]);
	return error;
}

static void zygote_serve(const struct zygote_kind *kind)
{
	struct zygote_reply reply;
	int fds[ZYGOTE_FDS] = { -1, -1 };
	pid_t pid = 0;
	ssize_t got;
	char byte;

	for (;;) {
		got = recv(ZYGOTE_SOCK, &byte, sizeof(byte), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return;
		reply.error = zygote_fork(kind, fds, &pid);
		reply.pid = pid;
		if (zygote_send(ZYGOTE_SOCK, &reply, reply.error ? NULL : fds) <
		    0)
			return;
		if (reply.error)
			continue;
		close(fds[0]);
		close(fds[1]);
	}
}

static void zygote_main(const struct zygote_kind *kind, int sock)
{
	zygote_set_signals();
	prctl(PR_SET_NAME, "evenkeel-zygote");
	zygote_keep_only(sock);
	/* No core file, no debugger: helpers will hold passwords. */
	prctl(PR_SET_DUMPABLE, 0);
	if (kind->prepare)
		kind->prepare();
	zygote_confine(kind->zygote);
	zygote_serve(kind);
	close(ZYGOTE_SOCK);
	/* With SIGCHLD ignored this returns when the last child has ended;
	 * if the alarm ends us first, the kernel ends the children. */
	alarm(ZYGOTE_GRACE_SEC);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	_exit(EXIT_SUCCESS);
}

int zygote_start(struct zygote *zygote, const struct zygote_kind *kind)
{
	int pair[2];
	int error = 0;

	zygote->sock = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	zygote->pid = fork();
	if (zygote->pid == 0)
		zygote_main(kind, pair[1]);
	if (zygote->pid < 0)
		error = -errno;
	close(pair[1]);
	if (error)
		close(pair[0]);
	else
		zygote->sock = pair[0];
	return error;
}

void zygote_leave(struct zygote *zygote)
{
	if (zygote->sock >= 0)
		close(zygote->sock);
	zygote->sock = -1;
}

/*
 * The kernel closes the descriptors of a process that ends, and tells its parent
 * directly after: the wait is for that moment.
 */
bool zygote_was_killed(const struct zygote *zygote)
{
	int status = 0;

	while (waitpid(zygote->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int zygote_ask(const struct zygote *zygote)
{
	if (zygote->sock < 0)
		return -EPIPE;
	while (send(zygote->sock, "f", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static size_t zygote_take_fds(struct msghdr *msg, int *fds)
{
	struct cmsghdr *cmsg;
	size_t count;

	cmsg = CMSG_FIRSTHDR(msg);
	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (count > ZYGOTE_FDS)
		count = ZYGOTE_FDS;
	memcpy(fds, CMSG_DATA(cmsg), count * sizeof(int));
	return count;
}

int zygote_take(const struct zygote *zygote, struct zygote_child *child)
{
	_Alignas(struct cmsghdr) char
		control[CMSG_SPACE(ZYGOTE_FDS * sizeof(int))];
	struct zygote_reply reply = { .error = 0 };
	struct iovec iov = { .iov_base = &reply, .iov_len = sizeof(reply) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fds[ZYGOTE_FDS] = { -1, -1 };
	ssize_t got;
	size_t i, count;

	do {
		got = recvmsg(zygote->sock, &msg,
			      MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (got <= 0)
		return 0;
	count = zygote_take_fds(&msg, fds);
	*child = (struct zygote_child){ .error = reply.error,
					.sock = fds[0],
					.pidfd = fds[1],
					.pid = reply.pid };
	if (count == ZYGOTE_FDS)
		return 1;
	/* Without descriptors to spare, the kernel drops the attached
	 * descriptors; the helper then sees the end of its socket and goes. */
	for (i = 0; i < count; i++)
		close(fds[i]);
	if (child->error == 0)
		child->error = EMFILE;
	return 1;
}
