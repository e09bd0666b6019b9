/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/proc/pidfile.h"
#include "daemon/proc/systemd.h"

Test(systemd, datagrams_reach_the_socket_and_its_absence_is_harmless)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char name[64], text[256];
	int sock = socket(AF_UNIX, SOCK_DGRAM, 0);
	ssize_t len;

	unsetenv("NOTIFY_SOCKET");
	systemd_ready("nobody listens");
	snprintf(name, sizeof(name), "@evenkeel-test-%d", (int)getpid());
	memcpy(sa.sun_path, name, strlen(name));
	sa.sun_path[0] = '\0';
	cr_assert_eq(bind(sock, (struct sockaddr *)&sa,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				      strlen(name))),
		     0);
	setenv("NOTIFY_SOCKET", name, 1);
	systemd_ready("here");
	len = recv(sock, text, sizeof(text) - 1, MSG_DONTWAIT);
	cr_assert_gt(len, 0);
	text[len] = '\0';
	cr_assert_neq(strstr(text, "READY=1\nSTATUS=here"), NULL);
	systemd_reloading(12345);
	len = recv(sock, text, sizeof(text) - 1, MSG_DONTWAIT);
	text[len > 0 ? len : 0] = '\0';
	cr_assert_str_eq(text, "RELOADING=1\nMONOTONIC_USEC=12345");
}

Test(systemd, watchdog_is_for_the_named_process)
{
	setenv("WATCHDOG_USEC", "2000000", 1);
	unsetenv("WATCHDOG_PID");
	cr_assert_eq(systemd_watchdog_interval(), 1000000);
	setenv("WATCHDOG_PID", "1", 1);
	cr_assert_eq(systemd_watchdog_interval(), 0);
	unsetenv("WATCHDOG_USEC");
	cr_assert_eq(systemd_watchdog_interval(), 0);
}

Test(pidfile, one_holder_at_a_time_and_stale_files_do_not_hinder)
{
	char path[] = "/tmp/evenkeel-pid-XXXXXX";
	int fd, pid, holder = mkstemp(path);

	cr_assert_eq(write(holder, "99999\n", 6), 6);
	close(holder);
	fd = pidfile_take(path, &pid);
	cr_assert_geq(fd, 0, "a stale file is taken");
	cr_assert_eq(pidfile_write(path), 0);
	cr_assert_lt(pidfile_take(path, &pid), 0);
	cr_assert_eq(pid, (int)getpid());
	pidfile_drop(path, fd);
	cr_assert_lt(access(path, F_OK), 0);
}
