/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helper's own deadline. The client library blocks, its time limits are
 * whole seconds and count each stage anew; so a timer signal shuts the sockets
 * down when the probe's time is up. The blocked call then fails, in every stage
 * of a login and under TLS, and the helper lives on. (A helper that does not
 * come back even so is killed by the checker.)
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_WATCHDOG_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_WATCHDOG_H

#include <stdbool.h>

#include "lib/util.h"

/* Descriptors from here on are none of the watchdog's business. */
#define MYSQL_WATCHDOG_BEYOND 64

/*
 * From now on until mysql_watchdog_stop(), every socket with a descriptor above
 * SPARED, a low one, is shut down at DEADLINE (a point in time) and when it turns up later.
 * The signal comes now and then between the two as well, or after the stop: with
 * deadlines that move on there is no system call for each.
 */
void mysql_watchdog_start(int spared, usec_t deadline);
void mysql_watchdog_stop(void);

/* Shut FD down as well, wherever its number is; -1: none. It is connected. */
void mysql_watchdog_mind(int fd);

/* Whether the deadline has passed since the start. */
bool mysql_watchdog_expired(void);
/* If so: whether a connection had been made by then. */
bool mysql_watchdog_connected(void);
/* If so: whether this process got to run so late that nothing can be said. */
bool mysql_watchdog_late(void);

#endif
