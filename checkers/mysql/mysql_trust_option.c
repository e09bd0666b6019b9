/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MariaDB Connector/C before 3.4: a file of CAs makes it verify the chain. */
#include "checkers/mysql/mysql_trust.h"

int mysql_trust_set(MYSQL *mysql, enum mysql_tls tls)
{
	my_bool name = tls == MYSQL_TLS_VERIFY_IDENTITY;

	return mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &name) ?
		       -1 :
		       0;
}
