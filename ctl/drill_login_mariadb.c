/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MariaDB Connector/C. The library reads the option file at the beginning of a
 * connection, and goes on without TLS where the server has none, even with a
 * method that then sends the password in clear. So a login stops when it is
 * connected, which the library's non-blocking calls can do; the greeting is
 * looked at, and only then the methods are set.
 */
#include "ctl/drill_login.h"

#include <errno.h>
#include <poll.h>

#include "lib/mysql_greeting.h"

/* The header that defines the number includes a header that is not
 * installed. */
#define DRILL_AUTHENTICATION 2
/* A stack for a login, TLS included. */
#define DRILL_STACK ((size_t)256 << 10)

int drill_login_prepare(void)
{
	const char *name;
	MYSQL *mysql;
	unsigned i;

	if (mysql_library_init(0, NULL, NULL))
		return -ENOMEM;
	mysql = mysql_init(NULL);
	if (!mysql)
		return -ENOMEM;
	/* A plugin that is not installed is missed when a server asks for it. */
	for (i = 0; (name = mysql_method_plugin(i)); i++)
		mysql_load_plugin(mysql, name, DRILL_AUTHENTICATION, 0);
	mysql_close(mysql);
	return 0;
}

/* Whether the option file, or the library by itself, wants TLS. */
static bool drill_login_wants_tls(MYSQL *mysql)
{
	static const enum mysql_option files[] = {
		MYSQL_OPT_SSL_CA,
		MYSQL_OPT_SSL_CAPATH,
		MYSQL_OPT_SSL_CERT,
		MYSQL_OPT_SSL_KEY,
	};
	my_bool wanted = 0;
	const char *file;
	size_t i;

	if (mysql_get_optionv(mysql, MYSQL_OPT_SSL_ENFORCE, &wanted) || wanted)
		return wanted;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		file = NULL;
		if (!mysql_get_optionv(mysql, files[i], &file) && file)
			return true;
	}
	return false;
}

/* Begin with METHOD, and let the server switch to no other than those of WAY. */
static int drill_login_restrict(MYSQL *mysql, enum mysql_way way,
				const char *method)
{
	unsigned local_infile = 0;

	if (!mysql_way_allows(way, method))
		method = "mysql_native_password";
	return mysql_options(mysql, MYSQL_PLUGIN_DIR, MYSQL_NO_PLUGINS) ||
	       mysql_options(mysql, MYSQL_DEFAULT_AUTH, method) ||
	       /* A server could otherwise ask for any file that we can read. */
	       mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &local_infile) ||
	       mysql_optionsv(mysql, MARIADB_OPT_RESTRICTED_AUTH,
			      mysql_way_methods(way));
}

/* The socket is connected: the option file is read, nothing is said yet. */
static int drill_login_look(MYSQL *mysql)
{
	enum mysql_way way = MYSQL_WAY_PLAIN;
	struct mysql_greeting greeting;
	my_bool use = 1;

	/* How the library takes a greeting that we do not understand is not
	 * known; so it gets no more than PLAIN for such a one. */
	mysql_greeting_peek(mysql_get_socket(mysql), &greeting);
	if (greeting.tls && drill_login_wants_tls(mysql)) {
		if (mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &use))
			return -1;
		way = MYSQL_WAY_TLS;
	}
	return drill_login_restrict(mysql, way, greeting.method);
}

/*
 * Wait for one of the EVENTS that the library waits for. Returns those that
 * came, and whether the socket is CONNECTED.
 */
static int drill_login_wait(MYSQL *mysql, int events, bool *connected)
{
	struct pollfd poll_for = { .fd = mysql_get_socket(mysql) };

	*connected = false;
	if (poll_for.fd < 0)
		return MYSQL_WAIT_TIMEOUT;
	poll_for.events = (events & MYSQL_WAIT_READ ? POLLIN : 0) |
			  (events & MYSQL_WAIT_WRITE ? POLLOUT : 0);
	while (poll(&poll_for, 1, -1) < 0) {
		if (errno != EINTR)
			return MYSQL_WAIT_TIMEOUT;
	}
	*connected = !(poll_for.revents & (POLLERR | POLLNVAL));
	return events & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
}

/* A host may have several addresses; the first that is connected is looked at. */
bool drill_login(MYSQL *mysql, const struct drill_target *target)
{
	bool looked = false, connected;
	size_t stack = DRILL_STACK;
	MYSQL *done = NULL;
	int events;

	if (mysql_options(mysql, MYSQL_OPT_NONBLOCK, &stack) ||
	    drill_login_restrict(mysql, MYSQL_WAY_PLAIN, ""))
		return false;
	events = mysql_real_connect_start(&done, mysql, target->host,
					  target->user, target->password, NULL,
					  target->port, NULL, 0);
	while (events) {
		events = drill_login_wait(mysql, events, &connected);
		if (connected && !looked) {
			looked = true;
			if (drill_login_look(mysql))
				return false;
		}
		events = mysql_real_connect_cont(&done, mysql, events);
	}
	return done;
}
