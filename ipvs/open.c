/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Getting at the kernel's table, and what to tell a person if that fails.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipvs/request.h"

/* Asking for the family loads the module, unless the kernel was told not to. */
static void load_module(void)
{
	static char path[] = "/sbin/modprobe", quiet[] = "-q",
		    module[] = "ip_vs";
	char *argv[] = { path, quiet, module, NULL };
	pid_t pid;

	if (posix_spawn(&pid, path, NULL, NULL, argv, environ) != 0)
		return;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void explain_open(int err, char *text)
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

static int new_or_load(struct ipvs_backend **backend)
{
	int err = ipvs_netlink_new(backend);

	if (err != -ENOENT)
		return err;
	load_module();
	return ipvs_netlink_new(backend);
}

int ipvs_netlink_open(struct ipvs_backend **backend, char *text)
{
	struct ipvs_info info;
	int err;

	*backend = NULL;
	text[0] = '\0';
	err = new_or_load(backend);
	/* Every command needs the capability: the first one tells. */
	if (err == 0)
		err = ipvs_get_info(*backend, &info);
	if (err < 0) {
		explain_open(err, text);
		ipvs_close(*backend);
		*backend = NULL;
	}
	return err;
}
