/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's settings. A NAME without a slash is one of IPVS's, in
 * /proc/sys/net/ipv4/vs, of our network namespace: see
 * Documentation/networking/ipvs-sysctl.rst of the kernel. Any other is a path
 * below /proc/sys.
 */
#ifndef EVENKEEL_DAEMON_PROC_SYSCTL_H
#define EVENKEEL_DAEMON_PROC_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The value of NAME into OUT, its numbers separated by one blank. Returns 0 or
 * -errno; -ENOENT if this kernel has none of that name.
 */
int sysctl_read(const char *name, char *out, size_t size);
/* Returns 0 or -errno. */
int sysctl_write(const char *name, const char *value);

/* Pure: blanks of any kind to one blank each, none at the ends; in place. */
void sysctl_tidy(char *text);

#endif
