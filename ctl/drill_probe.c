/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/drill_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <mysql.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl/drill_login.h"
#include "lib/mysql_greeting.h"

#define DRILL_QUERY "SELECT @@hostname, @@server_id, @@read_only"
/* The group of the option files that is read besides [client]. */
#define DRILL_GROUP "evenkeel"
/* The largest packet of an answer. */
#define DRILL_PACKET_MAX (1ul << 20)

int drill_probe_prepare(void)
{
	return drill_login_prepare();
}

static void drill_probe_say(int sock, const struct drill_message *message)
{
	if (send(sock, message, sizeof(*message), MSG_NOSIGNAL) < 0)
		_exit(1); /* nobody wants to know */
}

static int drill_probe_options(MYSQL *mysql, const struct drill_target *target)
{
	/* These whole seconds only back the deadline up. */
	unsigned seconds = (unsigned)(target->timeout / USEC_PER_SEC) + 2;
	unsigned protocol = MYSQL_PROTOCOL_TCP;
	unsigned long packet = DRILL_PACKET_MAX;
	int error;

	error = mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds) ||
		mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &seconds) ||
		mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &seconds) ||
		mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol) ||
		mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet) ||
		mysql_options(mysql, MYSQL_READ_DEFAULT_GROUP, DRILL_GROUP);
	if (!error && target->defaults_file)
		error = mysql_options(mysql, MYSQL_READ_DEFAULT_FILE,
				      target->defaults_file);
	return error;
}

/* The errno of a connection to the address; 0: it is accepted. */
static int drill_probe_connect(const struct drill_target *target)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	int sock, error = 0;
	char port[8];

	snprintf(port, sizeof(port), "%u", target->port);
	if (getaddrinfo(target->host, port, &hints, &found))
		return 0;
	sock = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, found->ai_addr, found->ai_addrlen) < 0)
		error = errno;
	if (sock >= 0)
		close(sock);
	freeaddrinfo(found);
	return error;
}

static void drill_probe_fail(MYSQL *mysql, const struct drill_target *target,
			     int sock, struct drill_message *message)
{
	unsigned number = mysql_errno(mysql);
	char text[DRILL_TEXT_MAX];

	message->done = 1;
	message->when = clock_now();
	text_copy_printable(text, sizeof(text), mysql_error(mysql),
			    strlen(mysql_error(mysql)));
	/*
	 * MariaDB's library loses the errno of a connection, and says that it is
	 * in progress: another connection tells. If that one is accepted, the
	 * port was closed a moment ago.
	 */
	if (drill_is_vague(number, text)) {
		int error = drill_probe_connect(target);

		snprintf(text, sizeof(text), "%s (%d)",
			 strerror(error ? error : ECONNREFUSED),
			 error ? error : ECONNREFUSED);
	}
	message->kind = drill_classify(number, text);
	if (mysql_is_method_refused(number, text))
		snprintf(text, sizeof(text), "%s", MYSQL_METHOD_REFUSED);
	memcpy(message->text, text, sizeof(message->text));
	drill_probe_say(sock, message);
	_exit(0);
}

static void drill_probe_ask(MYSQL *mysql, const struct drill_target *target,
			    int sock, struct drill_message *message)
{
	MYSQL_RES *result = NULL;
	MYSQL_ROW row = NULL;

	if (mysql_query(mysql, DRILL_QUERY) == 0)
		result = mysql_store_result(mysql);
	if (!result)
		drill_probe_fail(mysql, target, sock, message);
	if (mysql_num_fields(result) == 3)
		row = mysql_fetch_row(result);
	message->done = 1;
	message->when = clock_now();
	if (row && row[0] && row[1] && row[2]) {
		text_copy_printable(message->name, sizeof(message->name),
				    row[0], strlen(row[0]));
		message->id = (uint32_t)strtoul(row[1], NULL, 10);
		message->read_only = drill_is_read_only(row[2]);
		message->kind = DRILL_ANSWERED;
	} else {
		message->kind = DRILL_OTHER;
		snprintf(message->text, sizeof(message->text),
			 "not the answer of a MySQL server");
	}
	mysql_free_result(result);
	/* After its last word this process may be ended at any moment, and the
	 * server shall not count an aborted client: so goodbye comes first. */
	mysql_close(mysql);
	drill_probe_say(sock, message);
	_exit(0);
}

static void drill_probe_run(const struct drill_target *target, int sock)
{
	struct drill_message message = { 0 };
	MYSQL *mysql = mysql_init(NULL);

	if (!mysql || drill_probe_options(mysql, target))
		_exit(1);
	if (!drill_login(mysql, target))
		drill_probe_fail(mysql, target, sock, &message);
	drill_probe_say(sock, &message);
	drill_probe_ask(mysql, target, sock, &message);
}

/*
 * A client library, and its plugins still more, have ways to write to a
 * terminal and to read from one. Returns the descriptor to use for SOCK.
 */
static int drill_probe_detach(int sock)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;

	if (sock <= STDERR_FILENO)
		sock = fcntl(sock, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (null < 0 || sock < 0)
		_exit(1);
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			_exit(1);
	if (null > STDERR_FILENO)
		close(null);
	return sock;
}

static void drill_probe_child(const struct drill_target *target, int sock,
			      pid_t parent)
{
	struct sigaction none = { .sa_handler = SIG_IGN };
	sigset_t all;

	sock = drill_probe_detach(sock);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* Ctrl-C is the parent's to judge. */
	sigaction(SIGINT, &none, NULL);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	drill_probe_run(target, sock);
}

int drill_probe_start(const struct drill_target *target, pid_t *pid)
{
	pid_t parent = getpid();
	int socks[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		return -errno;
	*pid = fork();
	if (*pid == 0)
		drill_probe_child(target, socks[1], parent);
	error = errno;
	close(socks[1]);
	if (*pid < 0) {
		close(socks[0]);
		return -error;
	}
	return socks[0];
}

int drill_probe_read(int sock, struct drill_message *message)
{
	ssize_t got = recv(sock, message, sizeof(*message), MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got != (ssize_t)sizeof(*message) || message->kind >= DRILL_KINDS)
		return -1;
	message->name[sizeof(message->name) - 1] = '\0';
	message->text[sizeof(message->text) - 1] = '\0';
	return 1;
}
