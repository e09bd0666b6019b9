/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MariaDB Connector/C 3.4 and later. OpenSSL verifies the chain during the
 * handshake, and the library notes its faults in the handle; the name
 * is compared afterwards, by the function that is replaced here. Only the library
 * built with OpenSSL works so: with another one its own function stays, which
 * compares the name too.
 */
#include "checkers/mysql/mysql_trust.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "checkers/mysql/mysql_lib.h"

/* CR_SSL_CONNECTION_ERROR, of a header that Oracle's library has elsewhere. */
#define MYSQL_TRUST_ERROR 2026

/* The library's function has its connection as an argument, whose type is in
 * headers that are not meant for programs. */
static MYSQL *mysql_trust_handle;

static const char *mysql_trust_why(unsigned status)
{
	if (status & MARIADB_TLS_VERIFY_PERIOD)
		return "Certificate not yet valid or expired";
	if (status & MARIADB_TLS_VERIFY_REVOKED)
		return "Certificate revoked";
	if (status & MARIADB_TLS_VERIFY_TRUST)
		return "Peer certificate is not trusted";
	return "Peer certificate verification failed";
}

/* Returns whether the login ends here. */
static int mysql_trust_chain(void *connection, unsigned flags)
{
	NET *net = &mysql_trust_handle->net;
	unsigned status = net->tls_verify_status;

	if (!(status & ~(unsigned)MARIADB_TLS_VERIFY_HOST))
		return 0;
	net->last_errno = MYSQL_TRUST_ERROR;
	memcpy(net->sqlstate, "HY000", sizeof("HY000"));
	snprintf(net->last_error, sizeof(net->last_error), "TLS/SSL error: %s",
		 mysql_trust_why(status));
	return 1;
}

static bool mysql_trust_is_openssl(MYSQL *mysql)
{
	const char *library = NULL;

	return mariadb_get_infov(mysql, MARIADB_TLS_LIBRARY, &library) == 0 &&
	       library && strncmp(library, "OpenSSL", strlen("OpenSSL")) == 0;
}

int mysql_trust_set(MYSQL *mysql, enum mysql_tls tls)
{
	my_bool verify = tls >= MYSQL_TLS_VERIFY_CA;

	if (mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify))
		return -1;
	if (tls != MYSQL_TLS_VERIFY_CA || !mysql_trust_is_openssl(mysql))
		return 0;
	mysql_trust_handle = mysql;
	return mysql_optionsv(mysql, MARIADB_OPT_TLS_VERIFICATION_CALLBACK,
			      mysql_trust_chain) ?
		       -1 :
		       0;
}
