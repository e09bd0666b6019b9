/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The duties of a sync group's members to each other, decided at one place for
 * all of them: either every member is Active or none is, and one member's fault
 * is everybody's. An instance outside any group is judged as a group of one.
 * Pure.
 */
#ifndef EVENKEEL_VRRP_GROUP_H
#define EVENKEEL_VRRP_GROUP_H

#include <stddef.h>

#include "vrrp/fsm.h"

struct vrrp_member {
	enum vrrp_state state;
	bool ready; /* as vrrp_fsm.ready */
	bool broken; /* has a fault of its own */
};

/*
 * The event that is due for each of COUNT members: FAULT, RECOVER, GROUP_UP,
 * GROUP_DOWN or NONE, in EVENTS. To be asked again after these were carried
 * out, until it returns false (nothing is left to do); at most three times.
 */
bool vrrp_group_judge(const struct vrrp_member *members, size_t count,
		      enum vrrp_event_kind *events);

#endif
