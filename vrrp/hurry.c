/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the kernel runs the vrrp process, also after it was kept from running. */
#include <string.h>
#include <sys/prctl.h>

#include "lib/log.h"
#include "lib/scheduling.h"
#include "vrrp/vrrp_internal.h"

#define VRRP_PROCESS_NAME "evenkeel-vrrp"

/* No failure here is worth ending for: VRRP goes on, less sure of its time. */
void vrrp_use_scheduling(struct vrrp *vrrp, const struct vrrp_conf *conf)
{
	scheduling_apply(&conf->scheduling, &vrrp->scheduling, "vrrp");
	vrrp->scheduling = conf->scheduling;
	prctl(PR_SET_NAME,
	      conf->process_name ? conf->process_name : VRRP_PROCESS_NAME);
}

void vrrp_hurry(struct vrrp *vrrp, usec_t late)
{
	struct scheduling wanted = vrrp->scheduling;

	if (late < vrrp->conf->auto_priority_delay ||
	    wanted.rt_priority >= vrrp->conf->auto_priority)
		return;
	wanted.rt_priority++;
	log_warning(
		"vrrp",
		"a timer was late by %.3f s: real-time priority %u from now on",
		(double)late / 1e6, wanted.rt_priority);
	scheduling_apply(&wanted, &vrrp->scheduling, "vrrp");
	vrrp->scheduling = wanted;
}
