/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Oracle's libmysqlclient, 8.0 and later: one option with the five modes that
 * our configuration names too. It never sends a password in clear text unless
 * it is told to.
 */
#include "checkers/mysql_lib.h"

/* Without a file of CAs: those that the system trusts. */
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

int mysql_lib_set_security(MYSQL *mysql, const struct mysql_request *request)
{
	const char *cert = mysql_request_string(request, MYSQL_STRING_TLS_CERT);
	const char *key = mysql_request_string(request, MYSQL_STRING_TLS_KEY);
	unsigned mode;
	int error;

	if (request->tls >= ARRAY_SIZE(mysql_lib_modes))
		return -1;
	mode = mysql_lib_modes[request->tls];
	error = mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
	if (!error && request->tls >= MYSQL_TLS_VERIFY_CA)
		error = mysql_lib_set_ca(mysql, request);
	if (!error && cert)
		error = mysql_options(mysql, MYSQL_OPT_SSL_CERT, cert);
	if (!error && key)
		error = mysql_options(mysql, MYSQL_OPT_SSL_KEY, key);
	return error ? -1 : 0;
}
