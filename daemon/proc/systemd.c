/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/systemd.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void systemd_send(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int sock;

	if (len == 0 || len >= sizeof(sa.sun_path))
		return;
	memcpy(sa.sun_path, path, len);
	if (sa.sun_path[0] == '@') /* the abstract name space */
		sa.sun_path[0] = '\0';
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock < 0)
		return;
	/* An error is ignored: without a receiver there is no one to tell. */
	(void)!sendto(
		sock, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&sa,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(sock);
}

void systemd_ready(const char *status)
{
	char text[256];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=%s\nMAINPID=%d", status,
		 (int)getpid());
	systemd_send(text);
}

void systemd_reloading(usec_t now)
{
	char text[96];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)now);
	systemd_send(text);
}

void systemd_stopping(void)
{
	systemd_send("STOPPING=1");
}

void systemd_watchdog(void)
{
	systemd_send("WATCHDOG=1");
}

usec_t systemd_watchdog_interval(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (!text || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	return strtoll(text, NULL, 10) / 2;
}
