/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_lib.h"
#include "checkers/mysql/mysql_msg.h"
#include "checkers/mysql/mysql_session.h"
#include "checkers/mysql/mysql_watchdog.h"

/* For a last goodbye to a server that may not listen any more. */
#define HELPER_GOODBYE_SEC 1

void mysql_helper_prepare(void)
{
	/* Helpers without a library are no use; the checker will tell. */
	if (mysql_lib_prepare() < 0)
		_exit(EXIT_FAILURE);
}

/* The checker is ours, but a message cut short would be read past its end. */
static bool helper_request_is_whole(const struct mysql_request *request,
				    ssize_t got)
{
	int i;

	if (got < (ssize_t)offsetof(struct mysql_request, text) ||
	    request->place >= MYSQL_PLACES || request->used == 0 ||
	    request->used > sizeof(request->text) ||
	    (size_t)got != mysql_request_size(request) ||
	    request->text[request->used - 1] != '\0')
		return false;
	for (i = 0; i < MYSQL_STRINGS; i++) {
		if (request->strings[i] >= request->used &&
		    request->strings[i] != MYSQL_NO_STRING)
			return false;
	}
	return true;
}

static bool helper_request_is_forget(const struct mysql_request *request,
				     ssize_t got)
{
	return got == (ssize_t)offsetof(struct mysql_request, text) &&
	       request->serial == 0 && request->place < MYSQL_PLACES;
}

/*
 * The library keeps buffers of 8 and 16 kB for a session under TLS, of which
 * a few hundred bytes are ever used. As mappings of their own they cost a page or
 * two; in the heap they lie between each other's leavings, and cost all of them.
 * A helper with one session need not care, and spares itself the system calls.
 */
#define HELPER_BUFFER_MIN 8000

static void helper_have_many(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, HELPER_BUFFER_MIN);
	/* Else room at the heap's end is taken first. */
	(void)mallopt(M_TOP_PAD, 0);
}

/* The sessions by place; NULL: never used. All but one are paused. */
struct helper {
	int sock;
	uint64_t login;
	struct mysql_session *places[MYSQL_PLACES];
	unsigned current;
};

static struct mysql_session *helper_use(struct helper *helper, unsigned place)
{
	struct mysql_session **session = &helper->places[place];

	if (place != helper->current && helper->places[helper->current])
		mysql_session_pause(helper->places[helper->current]);
	if (!*session) {
		if (place == 1)
			helper_have_many();
		*session = xcalloc(1, sizeof(**session));
		(*session)->sock = -1;
		(*session)->spare = -1;
	} else if (place != helper->current) {
		mysql_session_resume(*session);
	}
	helper->current = place;
	return *session;
}

/* FD, or -1, instead of the one before, out of the watchdog's reach. */
static void helper_keep_socket(struct mysql_session *session, int fd)
{
	if (session->spare >= 0)
		close(session->spare);
	session->spare =
		fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, MYSQL_WATCHDOG_BEYOND);
	if (fd >= 0)
		close(fd);
}

static void helper_close(struct helper *helper, unsigned place)
{
	struct mysql_session *session;

	if (!helper->places[place])
		return;
	session = helper_use(helper, place);
	mysql_session_close(session);
	leftovers_clear(&session->leftovers);
	helper_keep_socket(session, -1);
	session->key = 0;
}

static void helper_close_all(struct helper *helper)
{
	unsigned place;

	for (place = 0; place < MYSQL_PLACES; place++)
		helper_close(helper, place);
}

/* A server that does not listen any more holds nobody up. */
static void helper_forget(struct helper *helper, unsigned place)
{
	mysql_watchdog_start(helper->sock,
			     clock_now() + HELPER_GOODBYE_SEC * USEC_PER_SEC);
	helper_close(helper, place);
	mysql_watchdog_stop();
}

static void helper_answer(struct helper *helper,
			  const struct mysql_request *request, int fd)
{
	struct mysql_session *session;
	struct mysql_reply reply;

	if (helper->login != request->login)
		helper_close_all(helper);
	helper->login = request->login;
	session = helper_use(helper, request->place);
	if (fd >= 0)
		helper_keep_socket(session, fd);
	memset(&reply, 0, sizeof(reply));
	mysql_watchdog_start(helper->sock, request->deadline);
	mysql_session_probe(session, request, &reply);
	mysql_watchdog_stop();
	reply.serial = request->serial;
	reply.session_open = session->link != NULL;
	reply.socket = session->spare >= 0;
	reply.leftovers = (uint8_t)leftovers_sweep(&session->leftovers);
	while (send(helper->sock, &reply, sizeof(reply), MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return;
	}
}

/* A request, and the socket that comes with it, or -1. As recv(). */
static ssize_t helper_receive(int sock, struct mysql_request *request, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control;
	struct iovec part = { request, sizeof(*request) };
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = got < 0 ? NULL : CMSG_FIRSTHDR(&msg);

	*fd = -1;
	if (head && head->cmsg_level == SOL_SOCKET &&
	    head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(head), sizeof(int));
	return got;
}

void mysql_helper_run(int sock)
{
	static struct mysql_request request;
	static struct helper helper;
	ssize_t got;
	int fd;

	helper.sock = sock;
	for (;;) {
		got = helper_receive(sock, &request, &fd);
		if (got < 0 && errno == EINTR)
			continue;
		if (helper_request_is_forget(&request, got)) {
			helper_forget(&helper, request.place);
			continue;
		}
		if (!helper_request_is_whole(&request, got))
			break;
		helper_answer(&helper, &request, fd);
		explicit_bzero(&request, (size_t)got);
	}
	signal(SIGALRM, SIG_DFL);
	alarm(HELPER_GOODBYE_SEC);
	helper_close_all(&helper);
}
