/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To whom the files of a configuration belong: it names programs that root runs,
 * and may hold passwords.
 */
#ifndef EVENKEEL_DAEMON_PROC_OWNERS_H
#define EVENKEEL_DAEMON_PROC_OWNERS_H

#include "conf/conf.h"

/*
 * Complain of each file that others can change, which is a mistake with
 * enable_script_security, and of an inline password that others can read.
 * Returns 0, or -EACCES if the configuration must not be used.
 */
int owners_check(const struct conf *conf, struct conf_report *report);

#endif
