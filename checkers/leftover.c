/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/leftover.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A host that does not answer for so long is gone, or out of reach. */
#define LEFTOVER_IDLE_SEC 2
#define LEFTOVER_SILENCE_MS 10000

static uint16_t leftover_port(int sock)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof(ss);

	if (getsockname(sock, (struct sockaddr *)&ss, &size) < 0)
		return 0;
	if (ss.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&ss)->sin_port);
	if (ss.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&ss)->sin6_port);
	return 0;
}

/* A server's host that was switched off says nothing by itself. */
static void leftover_watch(struct leftover *leftover)
{
	int on = 1, idle = LEFTOVER_IDLE_SEC, silence = LEFTOVER_SILENCE_MS;
	int sock = leftover->sock;

	leftover->watched = true;
	(void)setsockopt(sock, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(sock, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
	(void)setsockopt(sock, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence,
			 sizeof(silence));
	(void)setsockopt(sock, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/* Whether the server has closed its end, or the connection is no more. */
static bool leftover_is_gone(int sock)
{
	struct tcp_info info = { .tcpi_state = TCP_CLOSE };
	socklen_t size = sizeof(info);

	return getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 ||
	       (info.tcpi_state != TCP_ESTABLISHED &&
		info.tcpi_state != TCP_FIN_WAIT1 &&
		info.tcpi_state != TCP_FIN_WAIT2);
}

static void leftover_reset(int sock)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)connect(sock, &none, sizeof(none));
	close(sock);
}

void leftovers_add(struct leftovers *leftovers, const struct leftover *leftover)
{
	struct leftover *place = &leftovers->of[leftovers->count];

	if (leftovers->count == LEFTOVERS_MAX) {
		leftover_reset(leftover->sock);
		return;
	}
	*place = *leftover;
	/*
	 * A connection that was told goodbye is over a moment later, as a rule;
	 * the system calls that watch it are saved.
	 */
	if (leftover->hung) {
		place->port = leftover_port(leftover->sock);
		leftover_watch(place);
	}
	shutdown(leftover->sock, SHUT_RDWR);
	leftovers->count++;
}

/* The order stays. */
static void leftover_leftovers_remove(struct leftovers *leftovers,
				      unsigned place)
{
	leftovers->count--;
	memmove(&leftovers->of[place], &leftovers->of[place + 1],
		(leftovers->count - place) * sizeof(leftovers->of[0]));
}

/*
 * LEFTOVER is not over yet. Seen so once more, it may last, and keepalive has to
 * find out whether its server is still there.
 */
static void leftover_is_seen(struct leftover *leftover)
{
	if (leftover->seen && !leftover->watched)
		leftover_watch(leftover);
	leftover->seen = true;
}

unsigned leftovers_sweep(struct leftovers *leftovers)
{
	unsigned i = 0;

	while (i < leftovers->count) {
		if (!leftover_is_gone(leftovers->of[i].sock)) {
			leftover_is_seen(&leftovers->of[i]);
			i++;
			continue;
		}
		close(leftovers->of[i].sock);
		leftover_leftovers_remove(leftovers, i);
	}
	return leftovers->count;
}

void leftovers_give_up(struct leftovers *leftovers)
{
	if (leftovers->count == 0)
		return;
	leftover_reset(leftovers->of[0].sock);
	leftover_leftovers_remove(leftovers, 0);
}

void leftovers_clear(struct leftovers *leftovers)
{
	while (leftovers->count > 0)
		close(leftovers->of[--leftovers->count].sock);
}

bool leftovers_hang(const struct leftovers *leftovers, unsigned stage)
{
	unsigned i;

	for (i = 0; i < leftovers->count; i++) {
		if (leftovers->of[i].hung && leftovers->of[i].stage == stage)
			return true;
	}
	return false;
}
