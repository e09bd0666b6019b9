/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/group.h"

/* Faults come first, since they decide which members take part at all. */
static bool group_judge_faults(const struct vrrp_member *members, size_t count,
			       enum vrrp_event_kind *events)
{
	bool broken = false, any = false;
	size_t i;

	for (i = 0; i < count; i++)
		broken = broken || members[i].broken;
	for (i = 0; i < count; i++) {
		events[i] = VRRP_EVENT_NONE;
		if (broken && members[i].state != VRRP_FAULT)
			events[i] = VRRP_EVENT_FAULT;
		if (!broken && members[i].state == VRRP_FAULT)
			events[i] = VRRP_EVENT_RECOVER;
		any = any || events[i] != VRRP_EVENT_NONE;
	}
	return any;
}

bool vrrp_group_judge(const struct vrrp_member *members, size_t count,
		      enum vrrp_event_kind *events)
{
	bool all = true, any = false;
	size_t i;

	if (group_judge_faults(members, count, events))
		return true;
	for (i = 0; i < count; i++)
		all = all &&
		      (members[i].state == VRRP_ACTIVE ||
		       (members[i].state == VRRP_BACKUP && members[i].ready));
	for (i = 0; i < count; i++) {
		if (all && members[i].state == VRRP_BACKUP)
			events[i] = VRRP_EVENT_GROUP_UP;
		if (!all && members[i].state == VRRP_ACTIVE)
			events[i] = VRRP_EVENT_GROUP_DOWN;
		any = any || events[i] != VRRP_EVENT_NONE;
	}
	return any;
}
