/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts that a server tells about itself besides good or bad: connections,
 * limits, uptime, read_only. Any user may ask for them. A fact that cannot be
 * read is left out and never guessed. Pure.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_FACTS_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_FACTS_H

#include "lib/verdict.h"

/* Names for the lists in SHOW GLOBAL STATUS and SHOW GLOBAL VARIABLES. */
#define MYSQL_FACTS_STATUS                       \
	"'Threads_running','Threads_connected'," \
	"'Max_used_connections','Uptime'"
#define MYSQL_FACTS_VARIABLES                           \
	"'max_connections','wait_timeout','read_only'," \
	"'super_read_only','innodb_read_only'"

/* Take one name and its value into FACTS, if both make sense. */
void mysql_facts_take(struct facts *facts, const char *name, const char *value);

#endif
