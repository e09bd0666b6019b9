/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Oracle's libmysqlclient, 8.0 and later: one option with the five modes that
 * our configuration names too. Where TLS is required it says nothing without,
 * and its caching_sha2_password sends the password in TLS or encrypted for a key
 * from a file. But a server may ask for sha256_password, for which it takes any
 * key that the server sends, and that cannot be forbidden. So without a key from
 * a file there is no login without TLS here.
 */
#include "checkers/mysql/mysql_lib.h"
#include "checkers/mysql/mysql_login.h"

/* Without a file of CAs: the CAs that the system trusts. */
#define MYSQL_SYSTEM_CAS "/etc/ssl/certs"

static const unsigned mysql_lib_modes[] = {
	[MYSQL_TLS_OFF] = SSL_MODE_DISABLED,
	[MYSQL_TLS_PREFERRED] = SSL_MODE_PREFERRED,
	[MYSQL_TLS_REQUIRED] = SSL_MODE_REQUIRED,
	[MYSQL_TLS_VERIFY_CA] = SSL_MODE_VERIFY_CA,
	[MYSQL_TLS_VERIFY_IDENTITY] = SSL_MODE_VERIFY_IDENTITY,
};

int mysql_lib_prepare(void)
{
	return mysql_library_init(0, NULL, NULL) ? -1 : 0;
}

/* The library agrees with the server on attributes of queries, in a form of their
 * own, and does not tell. */
bool mysql_lib_can_let_go(MYSQL *mysql)
{
	(void)mysql;
	return false;
}

int mysql_lib_socket(MYSQL *mysql)
{
	return (int)mysql->net.fd;
}

static int mysql_lib_set_ca(MYSQL *mysql, const struct mysql_request *request)
{
	const char *ca = mysql_request_string(request, MYSQL_STRING_TLS_CA);

	if (ca)
		return mysql_options(mysql, MYSQL_OPT_SSL_CA, ca);
	return mysql_options(mysql, MYSQL_OPT_SSL_CAPATH, MYSQL_SYSTEM_CAS);
}

static int mysql_lib_set_security(MYSQL *mysql,
				  const struct mysql_request *request)
{
	const char *cert = mysql_request_string(request, MYSQL_STRING_TLS_CERT);
	const char *key = mysql_request_string(request, MYSQL_STRING_TLS_KEY);
	const char *known =
		mysql_request_string(request, MYSQL_STRING_SERVER_KEY);
	unsigned mode = mysql_lib_modes[request->tls];
	bool ask = false;
	int error;

	if (!known && request->tls == MYSQL_TLS_PREFERRED)
		mode = SSL_MODE_REQUIRED;
	/* The library remembers the last one, whosever it was. */
	mysql_reset_server_public_key();
	error = mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode) ||
		mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &ask);
	if (!error && known)
		error = mysql_options(mysql, MYSQL_SERVER_PUBLIC_KEY, known);
	if (!error && request->tls >= MYSQL_TLS_VERIFY_CA)
		error = mysql_lib_set_ca(mysql, request);
	if (!error && cert)
		error = mysql_options(mysql, MYSQL_OPT_SSL_CERT, cert);
	if (!error && key)
		error = mysql_options(mysql, MYSQL_OPT_SSL_KEY, key);
	return error ? -1 : 0;
}

/* Whether the file allows a login at all; else LOGIN has why not. */
static bool mysql_lib_may_login(struct mysql_login *login)
{
	const char *known =
		mysql_request_string(login->request, MYSQL_STRING_SERVER_KEY);

	if (login->request->tls >= ARRAY_SIZE(mysql_lib_modes))
		mysql_login_refuse(login, PROBE_LOCAL_FAULT, "no such mode");
	else if (known && !mysql_login_has_key(known))
		mysql_login_refuse(login, PROBE_MISCONFIGURED,
				   mysql_login_no_key);
	else if (!known && login->request->tls == MYSQL_TLS_OFF)
		mysql_login_refuse(login, PROBE_MISCONFIGURED,
				   "without TLS, this client library needs a "
				   "server_public_key");
	return !login->refused;
}

bool mysql_lib_login(MYSQL *mysql, struct mysql_login *login)
{
	const struct mysql_request *request = login->request;

	if (!mysql_lib_may_login(login))
		return false;
	if (mysql_lib_set_security(mysql, request) < 0) {
		mysql_login_refuse(login, PROBE_LOCAL_FAULT,
				   "the client library refuses an option");
		return false;
	}
	if (!mysql_real_connect(
		    mysql, mysql_request_string(request, MYSQL_STRING_HOST),
		    mysql_request_string(request, MYSQL_STRING_USERNAME),
		    mysql_request_string(request, MYSQL_STRING_PASSWORD),
		    mysql_request_string(request, MYSQL_STRING_DATABASE),
		    login->port, NULL, 0))
		return false;
	mysql_login_keep(login, mysql_lib_socket(mysql));
	return true;
}
