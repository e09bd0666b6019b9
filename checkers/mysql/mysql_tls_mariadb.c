/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MariaDB Connector/C. The library takes a wish for TLS for a fact: "enforce"
 * means "use it if the server has it", and its caching_sha2_password then sends
 * the password in clear whether the server has it or not. So every login stops
 * when it is connected, which the library's non-blocking calls can do; the
 * server's greeting is looked at (mysql_login.h), and only then the library
 * gets its security options.
 *
 * Since 3.4 TLS is on and verified unless it is switched off, so every login sets
 * both options. Of the certificate see mysql_trust.h.
 */
#include "checkers/mysql/mysql_lib.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "checkers/mysql/mysql_login.h"
#include "checkers/mysql/mysql_trust.h"

/* Without a file of CAs: the CAs that the system trusts. */
#define MYSQL_SYSTEM_CAS "/etc/ssl/certs"

/* The header that defines the number includes a header that is not
 * installed. */
#define MYSQL_LIB_AUTHENTICATION 2

/* A stack for a login, TLS included. */
#define MYSQL_LIB_STACK ((size_t)256 << 10)

/* If a plugin is not installed, a server that asks for it is told so. */
static void mysql_lib_load_plugins(void)
{
	MYSQL *mysql = mysql_init(NULL);
	const char *name;
	unsigned i;

	for (i = 0; mysql && (name = mysql_method_plugin(i)); i++)
		mysql_load_plugin(mysql, name, MYSQL_LIB_AUTHENTICATION, 0);
	if (mysql)
		mysql_close(mysql);
}

/*
 * For each login that verifies nothing, the library loads the system's bundle
 * of CAs all the same, and that takes ten times as long as the rest. OpenSSL
 * can be told to find none by default; a CA that is asked for is still loaded.
 */
int mysql_lib_prepare(void)
{
	if (setenv("SSL_CERT_FILE", "/dev/null", 1) < 0 ||
	    setenv("SSL_CERT_DIR", "/dev/null", 1) < 0)
		return -1;
	if (mysql_library_init(0, NULL, NULL))
		return -1;
	mysql_lib_load_plugins();
	return 0;
}

bool mysql_lib_can_let_go(MYSQL *mysql)
{
	return !mysql_get_ssl_cipher(mysql) && !mysql->net.compress;
}

int mysql_lib_socket(MYSQL *mysql)
{
	return mysql_get_socket(mysql);
}

static int mysql_lib_set_ca(MYSQL *mysql, const struct mysql_request *request)
{
	const char *ca = mysql_request_string(request, MYSQL_STRING_TLS_CA);

	if (ca)
		return mysql_options(mysql, MYSQL_OPT_SSL_CA, ca);
	return mysql_options(mysql, MYSQL_OPT_SSL_CAPATH, MYSQL_SYSTEM_CAS);
}

/*
 * No TLS. Every option that has to do with it is taken back: to the library a
 * certificate means that there is TLS.
 */
static int mysql_lib_set_plain(MYSQL *mysql,
			       const struct mysql_request *request,
			       enum mysql_way way)
{
	const char *key =
		mysql_request_string(request, MYSQL_STRING_SERVER_KEY);
	/* If TLS is required, this is only reached where we see no greeting;
	 * should the library see one, it must not log in without TLS. */
	my_bool refuse = request->tls >= MYSQL_TLS_REQUIRED;
	int error;

	error = mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &refuse) ||
		mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &refuse);
	if (!error && way == MYSQL_WAY_KEY)
		error = mysql_options(mysql, MYSQL_SERVER_PUBLIC_KEY, key);
	return error ? -1 : 0;
}

static int mysql_lib_set_tls(MYSQL *mysql, const struct mysql_request *request)
{
	const char *cert = mysql_request_string(request, MYSQL_STRING_TLS_CERT);
	const char *key = mysql_request_string(request, MYSQL_STRING_TLS_KEY);
	my_bool use = 1;
	int error;

	error = mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &use) ||
		mysql_trust_set(mysql, request->tls) < 0;
	if (!error && request->tls >= MYSQL_TLS_VERIFY_CA)
		error = mysql_lib_set_ca(mysql, request);
	if (!error && cert)
		error = mysql_options(mysql, MYSQL_OPT_SSL_CERT, cert);
	if (!error && key)
		error = mysql_options(mysql, MYSQL_OPT_SSL_KEY, key);
	return error ? -1 : 0;
}

/*
 * The library compares names by searching for one in a list of them. The search
 * lets an empty name and parts of names pass, but there is no plugin with such
 * a name (see MYSQL_NO_PLUGINS); here the list counts.
 */
static int mysql_lib_set_security(MYSQL *mysql,
				  const struct mysql_request *request,
				  enum mysql_way way,
				  const struct mysql_greeting *greeting)
{
	int error = mysql_optionsv(mysql, MARIADB_OPT_RESTRICTED_AUTH,
				   mysql_way_methods(way));

	/* The method in the greeting need not be the account's: the login
	 * begins with a method of ours, and the server names the account's. */
	if (!error && !mysql_way_allows(way, greeting->method))
		error = mysql_options(mysql, MYSQL_DEFAULT_AUTH,
				      "mysql_native_password");
	if (error)
		return -1;
	return way == MYSQL_WAY_TLS ? mysql_lib_set_tls(mysql, request) :
				      mysql_lib_set_plain(mysql, request, way);
}

/* The socket is connected, or it failed: set the library's security options. */
static void mysql_lib_look(MYSQL *mysql, struct mysql_login *login)
{
	int sock = mysql_get_socket(mysql);
	struct mysql_greeting greeting;
	enum mysql_way way;

	mysql_login_keep(login, sock);
	way = mysql_login_look(sock, login, &greeting);
	if (way != MYSQL_WAY_REFUSED &&
	    mysql_lib_set_security(mysql, login->request, way, &greeting) < 0)
		way = mysql_login_refuse(
			login, PROBE_LOCAL_FAULT,
			"the client library refuses an option");
	/* The library is on its way to the login and has to be let go. */
	if (way == MYSQL_WAY_REFUSED)
		mysql_login_cut(sock);
}

/* Wait for one of the EVENTS that the library waits for. */
static int mysql_lib_wait(MYSQL *mysql, int events)
{
	struct pollfd poll_for = { .fd = mysql_get_socket(mysql) };

	if (poll_for.fd < 0)
		return MYSQL_WAIT_TIMEOUT;
	poll_for.events = (events & MYSQL_WAIT_READ ? POLLIN : 0) |
			  (events & MYSQL_WAIT_WRITE ? POLLOUT : 0);
	while (poll(&poll_for, 1, -1) < 0) {
		if (errno != EINTR)
			return MYSQL_WAIT_TIMEOUT;
	}
	/* The watchdog's time limit counts, not the library's. */
	return events & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
}

bool mysql_lib_login(MYSQL *mysql, struct mysql_login *login)
{
	const struct mysql_request *request = login->request;
	size_t stack = MYSQL_LIB_STACK;
	MYSQL *done = NULL;
	bool looked = false;
	int events;

	if (mysql_options(mysql, MYSQL_OPT_NONBLOCK, &stack))
		return false;
	events = mysql_real_connect_start(
		&done, mysql, mysql_request_string(request, MYSQL_STRING_HOST),
		mysql_request_string(request, MYSQL_STRING_USERNAME),
		mysql_request_string(request, MYSQL_STRING_PASSWORD),
		mysql_request_string(request, MYSQL_STRING_DATABASE),
		login->port, NULL, 0);
	while (events) {
		events = mysql_lib_wait(mysql, events);
		if (!looked)
			mysql_lib_look(mysql, login);
		looked = true;
		events = mysql_real_connect_cont(&done, mysql, events);
	}
	return done;
}
