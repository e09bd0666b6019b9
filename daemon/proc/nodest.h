/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections of a server that was taken out: see nodest.c. */
#ifndef EVENKEEL_DAEMON_PROC_NODEST_H
#define EVENKEEL_DAEMON_PROC_NODEST_H

#include <stdbool.h>

struct nodest {
	bool set; /* by us; it was 0 */
	int told; /* -errno, as last logged */
};

/*
 * Set net.ipv4.vs.expire_nodest_conn to 1 if it is WANTED, and put 0 back if it
 * is not wanted any more. To be called often: somebody may change it.
 */
void nodest_tend(struct nodest *nodest, bool wanted);

#endif
