/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/yield.h"

#include <stdlib.h>

#include "vrrp/router.h"
#include "vrrp/vrrp_internal.h"

/* PRIORITY is the other router's; 0: do not stay behind it. */
static void yield_set(struct vrrp_router *router, uint32_t priority, bool leave)
{
	bool active = router->fsm.state == VRRP_ACTIVE;

	if (router->conf->priority == VRRP_PRIORITY_OWNER || priority > 255 ||
	    (active && !leave))
		priority = 0;
	if (router->behind == priority)
		return;
	router->behind = (uint8_t)priority;
	vrrp_router_update_priority(router);
}

void vrrp_yield(struct vrrp *vrrp, const struct ipc_vrrp_yield *yield,
		const struct ipc_vrrp_behind *behind, size_t count)
{
	struct vrrp_event event = { .kind = VRRP_EVENT_YIELD };
	uint32_t *priorities =
		xcalloc(vrrp->nr_routers + 1, sizeof(*priorities));
	uint32_t i;
	size_t k;

	vrrp->yield_serial = yield->serial;
	for (k = 0; k < count; k++)
		if (behind[k].instance < vrrp->nr_routers)
			priorities[behind[k].instance] = behind[k].priority;
	/* All first: members of a sync group leave with the same priority. */
	for (i = 0; i < vrrp->nr_routers; i++)
		yield_set(vrrp->routers[i], priorities[i], yield->leave);
	for (i = 0; i < vrrp->nr_routers; i++) {
		if (vrrp->routers[i]->behind > 0)
			vrrp_router_event(vrrp->routers[i], &event);
		vrrp_router_report_soon(vrrp->routers[i]);
	}
	free(priorities);
}
