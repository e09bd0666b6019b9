/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_login.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_watchdog.h"

const char mysql_login_no_key[] =
	"the server_public_key cannot be read, or is not a public key";

/* Where a file of this kind begins, blanks and remarks excepted. */
#define KEY_BEGIN "-----BEGIN PUBLIC KEY-----"
#define KEY_BEGIN_WITHIN 4096

bool mysql_login_has_key(const char *path)
{
	char text[KEY_BEGIN_WITHIN + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return false;
	text[got] = '\0';
	return strstr(text, KEY_BEGIN);
}

enum mysql_way mysql_login_refuse(struct mysql_login *login,
				  enum outcome outcome, const char *why)
{
	login->refused = why;
	login->outcome = outcome;
	return MYSQL_WAY_REFUSED;
}

enum mysql_way mysql_way_choose(enum mysql_tls tls, bool have_key,
				const struct mysql_greeting *greeting)
{
	if (greeting->tls && tls != MYSQL_TLS_OFF)
		return MYSQL_WAY_TLS;
	if (tls >= MYSQL_TLS_REQUIRED)
		return MYSQL_WAY_REFUSED;
	return have_key ? MYSQL_WAY_KEY : MYSQL_WAY_PLAIN;
}

static enum mysql_way login_choose(struct mysql_login *login,
				   const struct mysql_greeting *greeting)
{
	const char *key =
		mysql_request_string(login->request, MYSQL_STRING_SERVER_KEY);
	enum mysql_way way = mysql_way_choose(
		(enum mysql_tls)login->request->tls, key, greeting);

	if (way == MYSQL_WAY_REFUSED)
		return mysql_login_refuse(
			login, PROBE_MISCONFIGURED,
			"the server offers no TLS, and the file requires it");
	if (way == MYSQL_WAY_KEY && !mysql_login_has_key(key))
		return mysql_login_refuse(login, PROBE_MISCONFIGURED,
					  mysql_login_no_key);
	return way;
}

enum mysql_way mysql_login_look(int sock, struct mysql_login *login,
				struct mysql_greeting *greeting)
{
	enum mysql_greeting_state state = mysql_greeting_peek(sock, greeting);

	switch (state) {
	case MYSQL_GREETING_WHOLE:
		return login_choose(login, greeting);
	case MYSQL_GREETING_NONE:
		return MYSQL_WAY_PLAIN;
	case MYSQL_GREETING_SHORT:
	case MYSQL_GREETING_ODD:
		break;
	}
	/* How the library would take such a greeting is not known. */
	return mysql_login_refuse(login, PROBE_GARBAGE,
				  "its greeting makes no sense");
}

void mysql_login_keep(struct mysql_login *login, int sock)
{
	if (login->sock >= 0)
		close(login->sock);
	login->sock = fcntl(sock, F_DUPFD_CLOEXEC, MYSQL_WATCHDOG_BEYOND);
}

void mysql_login_cut(int sock)
{
	shutdown(sock, SHUT_RDWR);
}
