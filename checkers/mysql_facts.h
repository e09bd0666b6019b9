/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a server tells about itself besides good or bad: connections, limits,
 * uptime. Any user may ask for these. What cannot be read is left out and never
 * guessed, and it changes nothing about the outcome of the probe.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_FACTS_H
#define EVENKEEL_CHECKERS_MYSQL_FACTS_H

#include <mysql.h>

#include "lib/verdict.h"

/* Returns 0, or -1 if the session is not usable any more. */
int mysql_facts_read(MYSQL *mysql, struct facts *facts);

/*
 * Take one name and its value into FACTS, if both make sense. Exposed for the
 * table test.
 */
void mysql_facts_take(struct facts *facts, const char *name, const char *value);

#endif
