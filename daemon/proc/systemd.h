/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to systemd from a Type=notify-reload service: datagrams to the
 * socket in $NOTIFY_SOCKET, as sd_notify(3) describes them. Without that
 * variable these functions do nothing.
 */
#ifndef EVENKEEL_DAEMON_PROC_SYSTEMD_H
#define EVENKEEL_DAEMON_PROC_SYSTEMD_H

#include "lib/util.h"

/* Tell systemd, if it started the daemon; errors are ignored. NOW: monotonic. */
void systemd_ready(const char *status);
void systemd_reloading(usec_t now);
void systemd_stopping(void);
void systemd_watchdog(void);

/* How often to call systemd_watchdog(): half of WATCHDOG_USEC; 0: never. */
usec_t systemd_watchdog_interval(void);

#endif
