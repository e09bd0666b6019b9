/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that another balancer began: see sloppy.c. */
#ifndef EVENKEEL_DAEMON_PROC_SLOPPY_H
#define EVENKEEL_DAEMON_PROC_SLOPPY_H

#include <stdbool.h>

struct sloppy {
	bool set; /* by us; it was 0 */
	int told; /* -errno, as last logged */
};

/*
 * Set net.ipv4.vs.sloppy_tcp to 1 if it is WANTED, and put 0 back if it is not
 * wanted any more and we have set it. To be called often: somebody may change it.
 */
void sloppy_tend(struct sloppy *sloppy, bool wanted);

#endif
