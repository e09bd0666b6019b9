/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Oracle's libmysqlclient, 8.0 and later. The library never sends a password in
 * clear without TLS unless it is told to, but a server may ask for
 * sha256_password, and for that the library takes any key that the server sends.
 * So TLS is required, unless the option file has another ssl-mode.
 */
#include "ctl/drill_login.h"

#include <errno.h>

#include "lib/mysql_greeting.h"

int drill_login_prepare(void)
{
	return mysql_library_init(0, NULL, NULL) ? -ENOMEM : 0;
}

bool drill_login(MYSQL *mysql, const struct drill_target *target)
{
	unsigned mode = SSL_MODE_REQUIRED, local_infile = 0;
	bool no = false;

	if (mysql_options(mysql, MYSQL_PLUGIN_DIR, MYSQL_NO_PLUGINS) ||
	    mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode) ||
	    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &local_infile) ||
	    mysql_options(mysql, MYSQL_ENABLE_CLEARTEXT_PLUGIN, &no) ||
	    mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &no))
		return false;
	return mysql_real_connect(mysql, target->host, target->user,
				  target->password, NULL, target->port, NULL,
				  0);
}
