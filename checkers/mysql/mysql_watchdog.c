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
	volatile sig_atomic_t minded;
	int spared;
	bool heard; /* the handler is there */
	_Atomic bool running; /* between start and stop */
	_Atomic usec_t deadline;
	_Atomic usec_t rings; /* the timer's time; 0: it is not set */
} watchdog = { .minded = -1 };

/* In the handler too, where setitimer() is a plain system call. */
static void watchdog_set(usec_t wait)
{
	struct itimerval timer = {
		.it_value = { .tv_sec = wait / USEC_PER_SEC,
			      .tv_usec = wait % USEC_PER_SEC },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void watchdog_shut(int fd)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
	    !watchdog.expired)
		watchdog.connected = 1;
	/*
	 * Not reset: a copy of the descriptor shows when the server closes its
	 * end. A socket that is not connected yet is given up by this, too.
	 */
	shutdown(fd, SHUT_RDWR);
}

static void watchdog_barks(int signo)
{
	usec_t now = clock_now();
	int saved = errno;
	usec_t wait = WATCHDOG_AGAIN;
	int fd;

	if (!watchdog.running) {
		watchdog.rings = 0;
		return;
	}
	if (now < watchdog.deadline) {
		wait = watchdog.deadline - now;
	} else {
		if (!watchdog.expired &&
		    now - watchdog.deadline > WATCHDOG_LATE)
			watchdog.late = 1;
		for (fd = watchdog.spared + 1;
		     fd <= watchdog.spared + WATCHDOG_FDS; fd++)
			watchdog_shut(fd);
		if (watchdog.minded >= 0)
			watchdog_shut(watchdog.minded);
		watchdog.expired = 1;
	}
	watchdog.rings = now + wait;
	watchdog_set(wait);
	errno = saved;
}

static void watchdog_listen(void)
{
	struct sigaction action = { .sa_handler = watchdog_barks,
				    .sa_flags = SA_RESTART };

	if (!watchdog.heard)
		sigaction(SIGALRM, &action, NULL);
	watchdog.heard = true;
}

/*
 * A timer that is set for earlier stays: the handler sets it anew for the rest.
 * As the deadline is written before the timer is looked at, this holds wherever
 * the signal comes in between.
 */
void mysql_watchdog_start(int spared, usec_t deadline)
{
	usec_t wait = deadline - clock_now();

	watchdog.expired = watchdog.connected = watchdog.late = 0;
	watchdog.spared = spared;
	watchdog.deadline = deadline;
	watchdog_listen();
	watchdog.running = true;
	if (watchdog.rings != 0 && watchdog.rings <= deadline)
		return;
	watchdog.rings = deadline;
	watchdog_set(wait > 0 ? wait : 1);
}

void mysql_watchdog_stop(void)
{
	watchdog.running = false;
}

void mysql_watchdog_mind(int fd)
{
	watchdog.minded = fd;
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
