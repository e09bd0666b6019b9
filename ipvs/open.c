/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening the kernel's table, and the advice to a person if that fails. */
#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipvs/request.h"
#include "lib/util.h"

/* So long the first try waits for it. */
#define MODPROBE_LIMIT (2 * USEC_PER_SEC)

/* A modprobe that has not ended yet; 0: there is none. */
static pid_t modprobe;
/* The first try is over. */
static bool open_tried;

static void open_wait_modprobe(usec_t limit)
{
	int pidfd = (int)syscall(SYS_pidfd_open, modprobe, 0);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (pidfd >= 0) {
		(void)poll(&end, 1, (int)(limit / USEC_PER_MSEC));
		close(pidfd);
	}
	if (waitpid(modprobe, NULL, WNOHANG) != 0)
		modprobe = 0;
}

/*
 * Asking for the family loads the module, unless the kernel was told not to. The
 * first try, at the start, waits a little for modprobe, so that a daemon has its
 * table at once. Later ones are made while others are waited on and do not wait:
 * modprobe goes on by itself, and the next try finds the module, or modprobe still
 * running.
 */
static void open_load_module(void)
{
	static char path[] = "/sbin/modprobe", quiet[] = "-q",
		    module[] = "ip_vs";
	char *argv[] = { path, quiet, module, NULL };

	if (modprobe) {
		open_wait_modprobe(0);
		return;
	}
	if (posix_spawn(&modprobe, path, NULL, NULL, argv, environ) == 0)
		open_wait_modprobe(open_tried ? 0 : MODPROBE_LIMIT);
	else
		modprobe = 0;
	open_tried = true;
}

static void open_explain(int err, char *text)
{
	switch (err) {
	case -EPERM:
		snprintf(
			text, IPVS_TEXT_MAX,
			"IPVS: not permitted: this needs CAP_NET_ADMIN in the initial user "
			"namespace (root, and not in an unprivileged container)");
		return;
	case -ENOENT:
		snprintf(
			text, IPVS_TEXT_MAX,
			"IPVS: the kernel has no ip_vs: try \"modprobe ip_vs\"; if there is no "
			"such module, install the distribution's full kernel package (Debian: "
			"linux-image-amd64)");
		return;
	case -EPROTONOSUPPORT:
		snprintf(text, IPVS_TEXT_MAX,
			 "IPVS: the kernel has no generic netlink");
		return;
	}
	snprintf(text, IPVS_TEXT_MAX, "IPVS: cannot talk to the kernel: %s",
		 strerror(-err));
}

static int open_new_or_load(struct ipvs_backend **backend)
{
	int err = ipvs_netlink_new(backend);

	if (err != -ENOENT)
		return err;
	open_load_module();
	return ipvs_netlink_new(backend);
}

int ipvs_netlink_open(struct ipvs_backend **backend, char *text)
{
	struct ipvs_info info;
	int err;

	*backend = NULL;
	text[0] = '\0';
	err = open_new_or_load(backend);
	/* Every command needs the capability; the first one shows its lack. */
	if (err == 0)
		err = ipvs_get_info(*backend, &info);
	if (err < 0) {
		open_explain(err, text);
		ipvs_close(*backend);
		*backend = NULL;
	}
	return err;
}
