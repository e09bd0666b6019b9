/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The login of a drill's attempt. A server that lies about itself gets no
 * password in clear and loads no code here: the methods are those of a check
 * (lib/mysql_greeting.h), whatever the option file says. TLS is the option
 * file's decision. There is one file for each client library, and configure
 * chooses.
 */
#ifndef EVENKEEL_CTL_DRILL_LOGIN_H
#define EVENKEEL_CTL_DRILL_LOGIN_H

#include <mysql.h>
#include <stdbool.h>

#include "ctl/drill_probe.h"

/* Once, before any login. Returns 0, or -ENOMEM if the library is no use. */
int drill_login_prepare(void);

/*
 * Log in on a handle that has its other options. Returns whether there is a
 * session; if not, the reason is in mysql_errno().
 */
bool drill_login(MYSQL *mysql, const struct drill_target *target);

#endif
