/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers that are forked by a process which knows nothing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkers/mysql/zygote.h"

static int prepared;

static void prepare(void)
{
	prepared = 1;
}

struct about {
	pid_t pid;
	int prepared;
	int fds;
	int sockets; /* its own excepted */
};

static bool is_socket(int fd)
{
	struct sockaddr_storage ss;
	socklen_t size = sizeof(ss);

	return getsockname(fd, (struct sockaddr *)&ss, &size) == 0;
}

/* Answers each message with what it is and what it has open. */
static void run(int sock)
{
	struct about about;
	char byte;
	int fd;

	while (recv(sock, &byte, 1, 0) > 0) {
		about = (struct about){ .pid = getpid(), .prepared = prepared };
		for (fd = 0; fd < 256; fd++) {
			about.fds += fcntl(fd, F_GETFD) >= 0;
			about.sockets += fd != sock && is_socket(fd);
		}
		if (send(sock, &about, sizeof(about), MSG_NOSIGNAL) < 0)
			return;
	}
}

static void end(struct zygote *zygote)
{
	zygote_leave(zygote);
	kill(zygote->pid, SIGKILL);
	cr_assert_eq(waitpid(zygote->pid, NULL, 0), zygote->pid);
}

static const struct zygote_kind kind = {
	.name = "echo",
	.prepare = prepare,
	.run = run,
};

static int wait_readable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, 10000);
}

static struct zygote_child helper_from(const struct zygote *zygote)
{
	struct zygote_child child;

	cr_assert_eq(zygote_ask(zygote), 0);
	cr_assert_eq(wait_readable(zygote->sock), 1);
	cr_assert_eq(zygote_take(zygote, &child), 1);
	cr_assert_eq(child.error, 0);
	cr_assert_gt(child.pid, 0);
	return child;
}

static struct about ask_helper(const struct zygote_child *child)
{
	struct about about;

	cr_assert_eq(send(child->sock, "?", 1, MSG_NOSIGNAL), 1);
	cr_assert_eq(wait_readable(child->sock), 1);
	cr_assert_eq(recv(child->sock, &about, sizeof(about), 0),
		     (ssize_t)sizeof(about));
	cr_assert_eq(about.pid, child->pid);
	cr_assert_eq(about.prepared, 1);
	return about;
}

static void expect_end(const struct zygote_child *child)
{
	char byte;

	cr_assert_eq(wait_readable(child->pidfd), 1);
	cr_assert_leq(recv(child->sock, &byte, 1, 0), 0);
	close(child->sock);
	close(child->pidfd);
}

Test(checkers_zygote, helpers_are_prepared_and_have_nothing_else_open)
{
	struct zygote zygote;
	struct zygote_child one, two;
	int secret = open("/dev/null", O_RDONLY);

	cr_assert_geq(secret, 0);
	cr_assert_eq(zygote_start(&zygote, &kind), 0);
	cr_assert_eq(prepared, 0);
	one = helper_from(&zygote);
	two = helper_from(&zygote);
	cr_assert_neq(one.pid, two.pid);
	cr_assert_leq(ask_helper(&one).fds, 4);
	cr_assert_leq(ask_helper(&two).fds, 4);
	/* One dies by force, one by the end of its socket. */
	syscall(SYS_pidfd_send_signal, one.pidfd, SIGKILL, NULL, 0);
	expect_end(&one);
	shutdown(two.sock, SHUT_RDWR);
	expect_end(&two);
	end(&zygote);
	close(secret);
}

/* Then the sockets of zygotes and helpers get the lowest numbers. */
Test(checkers_zygote, standard_descriptors_that_are_closed)
{
	struct zygote zygote;
	struct zygote_child child;
	int kept[3], fd;

	for (fd = 0; fd < 3; fd++) {
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
		close(fd);
	}
	cr_assert_eq(zygote_start(&zygote, &kind), 0);
	child = helper_from(&zygote);
	cr_expect_eq(ask_helper(&child).sockets, 0);
	zygote_leave(&zygote);
	shutdown(child.sock, SHUT_RDWR);
	expect_end(&child);
	cr_expect_eq(waitpid(zygote.pid, NULL, 0), zygote.pid);
	for (fd = 0; fd < 3; fd++)
		dup2(kept[fd], fd);
}

Test(checkers_zygote, its_end_is_the_end_of_all)
{
	struct zygote zygote;
	struct zygote_child child;

	cr_assert_eq(zygote_start(&zygote, &kind), 0);
	child = helper_from(&zygote);
	kill(zygote.pid, SIGKILL);
	expect_end(&child);
	cr_assert_eq(zygote_take(&zygote, &child), 0);
	end(&zygote);
	cr_assert_eq(zygote.sock, -1);
	cr_assert_eq(zygote_ask(&zygote), -EPIPE);
}

static void give_up(void)
{
	_exit(EXIT_FAILURE);
}

static void be_killed(void)
{
	raise(SIGKILL);
}

/* One that cannot work is told apart from one that somebody killed. */
Test(checkers_zygote, an_end_by_itself_and_a_kill)
{
	static const struct zygote_kind broken = { .name = "echo",
						   .prepare = give_up };
	static const struct zygote_kind killed = { .name = "echo",
						   .prepare = be_killed };
	struct zygote_child child;
	struct zygote zygote;
	struct pollfd ended = { .events = POLLIN };

	cr_assert_eq(zygote_start(&zygote, &broken), 0);
	ended.fd = zygote.sock;
	cr_assert_eq(poll(&ended, 1, -1), 1);
	cr_assert_eq(zygote_take(&zygote, &child), 0);
	cr_expect_not(zygote_was_killed(&zygote));
	cr_expect_not(zygote_was_killed(&zygote), "its status is taken");
	zygote_leave(&zygote);
	cr_assert_eq(zygote_start(&zygote, &killed), 0);
	ended.fd = zygote.sock;
	cr_assert_eq(poll(&ended, 1, -1), 1);
	cr_assert_eq(zygote_take(&zygote, &child), 0);
	cr_expect(zygote_was_killed(&zygote));
	zygote_leave(&zygote);
}

/* A helper that does not go by itself is ended a second after its parent. */
static void run_stubborn(int sock)
{
	for (;;)
		pause();
}

Test(checkers_zygote, nobody_outlives_the_checker)
{
	static const struct zygote_kind stubborn = {
		.name = "stubborn",
		.run = run_stubborn,
	};
	struct zygote zygote;
	struct zygote_child child;

	cr_assert_eq(zygote_start(&zygote, &stubborn), 0);
	child = helper_from(&zygote);
	zygote_leave(&zygote);
	cr_assert_eq(wait_readable(child.pidfd), 1);
	close(child.sock);
	close(child.pidfd);
}

Test(checkers_zygote, an_answer_that_has_not_come)
{
	struct zygote zygote;
	struct zygote_child child;

	cr_assert_eq(zygote_start(&zygote, &kind), 0);
	cr_assert_eq(zygote_take(&zygote, &child), -EAGAIN);
	end(&zygote);
}
