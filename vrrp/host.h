/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of the host that the configuration asks for while the process runs;
 * the host's own come back at the end, or with a configuration without the word.
 */
#ifndef EVENKEEL_VRRP_HOST_H
#define EVENKEEL_VRRP_HOST_H

#include <stdbool.h>

struct vrrp_host {
	bool igmp_off; /* we have switched it off */
};

/* With QUIET no IGMP is sent for 224.0.0.0/24. */
void vrrp_host_igmp(struct vrrp_host *host, bool quiet);

#endif
