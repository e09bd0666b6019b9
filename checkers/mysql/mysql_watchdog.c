/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_watchdog.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A helper has a session, and for a moment a file or a second socket. */
#define WATCHDOG_FDS 16
/* Sockets that are opened after the deadline are found this fast. */
#define WATCHDOG_AGAIN (10 * USEC_PER_MSEC)
/* If the signal comes this late, the host had no time for us. */
#define WATCHDOG_LATE (250 * USEC_PER_MSEC)

/* A signal handler has no argument, so this cannot be anywhere else. */
static struct {
	volatile sig_atomic_t expired;
	volatile sig_atomic_t connected;
	volatile sig_atomic_t late;
	int spared;
	usec_t deadline;
} watchdog;

static void watchdog_barks(int signo)
{
	struct sockaddr_storage peer;
	int saved = errno;
	socklen_t size;
	int fd;

	if (!watchdog.expired &&
	    clock_now() - watchdog.deadline > WATCHDOG_LATE)
		watchdog.late = 1;
	for (fd = watchdog.spared + 1; fd <= watchdog.spared + WATCHDOG_FDS;
	     fd++) {
		size = sizeof(peer);
		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
		    !watchdog.expired)
			watchdog.connected = 1;
		/*
		 * Not reset: a copy of the descriptor shows when the server
		 * closes its end. A socket that is not connected yet is given
		 * up by this, too.
		 */
		shutdown(fd, SHUT_RDWR);
	}
	watchdog.expired = 1;
	errno = saved;
}

static void watchdog_set(usec_t wait, usec_t again)
{
	struct itimerval timer = {
		.it_value = { .tv_sec = wait / USEC_PER_SEC,
			      .tv_usec = wait % USEC_PER_SEC },
		.it_interval = { .tv_usec = again },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

void mysql_watchdog_start(int spared, usec_t deadline)
{
	struct sigaction action = { .sa_handler = watchdog_barks,
				    .sa_flags = SA_RESTART };
	usec_t wait = deadline - clock_now();

	watchdog.expired = watchdog.connected = watchdog.late = 0;
	watchdog.spared = spared;
	watchdog.deadline = deadline;
	sigaction(SIGALRM, &action, NULL);
	watchdog_set(wait > 0 ? wait : 1, WATCHDOG_AGAIN);
}

void mysql_watchdog_stop(void)
{
	watchdog_set(0, 0);
}

bool mysql_watchdog_expired(void)
{
	return watchdog.expired;
}

bool mysql_watchdog_connected(void)
{
	return watchdog.connected;
}

bool mysql_watchdog_late(void)
{
	return watchdog.late;
}
