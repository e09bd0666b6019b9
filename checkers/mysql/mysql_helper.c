/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_helper.h"

#include <errno.h>
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
	    request->used == 0 || request->used > sizeof(request->text) ||
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

static void helper_answer(int sock, struct mysql_session *session,
			  const struct mysql_request *request)
{
	struct mysql_reply reply;

	memset(&reply, 0, sizeof(reply));
	mysql_watchdog_start(sock, request->deadline);
	mysql_session_probe(session, request, &reply);
	mysql_watchdog_stop();
	reply.serial = request->serial;
	reply.session_open = session->mysql != NULL;
	reply.leftovers = (uint8_t)leftovers_sweep(&session->leftovers);
	while (send(sock, &reply, sizeof(reply), MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return;
	}
}

void mysql_helper_run(int sock)
{
	static struct mysql_request request;
	struct mysql_session session = { .mysql = NULL, .sock = -1 };
	ssize_t got;

	for (;;) {
		got = recv(sock, &request, sizeof(request), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (!helper_request_is_whole(&request, got))
			break;
		helper_answer(sock, &session, &request);
		explicit_bzero(&request, sizeof(request));
	}
	signal(SIGALRM, SIG_DFL);
	alarm(HELPER_GOODBYE_SEC);
	mysql_session_close(&session);
}
