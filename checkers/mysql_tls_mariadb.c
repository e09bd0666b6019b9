/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MariaDB Connector/C. "Enforce" there means "use it if the server has it";
 * a given CA makes it verify the chain, and SSL_VERIFY_SERVER_CERT the name or
 * address too. Since 3.4 TLS is on and verified unless it is switched off, so
 * every mode sets both options.
 */
#include "checkers/mysql_lib.h"

#include <stdlib.h>

/* Without a file of CAs: those that the system trusts. */
#define MYSQL_SYSTEM_CAS "/etc/ssl/certs"

/* What answers a challenge, and never sends the password itself. */
#define MYSQL_SAFE_METHODS                                            \
	"mysql_native_password,caching_sha2_password,client_ed25519," \
	"parsec"

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
	return mysql_library_init(0, NULL, NULL) ? -1 : 0;
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

int mysql_lib_set_security(MYSQL *mysql, const struct mysql_request *request)
{
	const char *cert = mysql_request_string(request, MYSQL_STRING_TLS_CERT);
	const char *key = mysql_request_string(request, MYSQL_STRING_TLS_KEY);
	my_bool use = request->tls != MYSQL_TLS_OFF;
	my_bool verify = request->tls == MYSQL_TLS_VERIFY_IDENTITY;
	int error;

	error = mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &use) ||
		mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT,
			      &verify) ||
		mysql_optionsv(mysql, MARIADB_OPT_RESTRICTED_AUTH,
			       MYSQL_SAFE_METHODS);
	if (!error && request->tls >= MYSQL_TLS_VERIFY_CA)
		error = mysql_lib_set_ca(mysql, request);
	if (!error && use && cert)
		error = mysql_options(mysql, MYSQL_OPT_SSL_CERT, cert);
	if (!error && use && key)
		error = mysql_options(mysql, MYSQL_OPT_SSL_KEY, key);
	return error ? -1 : 0;
}
