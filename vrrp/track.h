/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the trackers' values to an effective priority, or a fault. Pure: a
 * tracker is a number here, watched by the process itself (interfaces) or by
 * main (all others).
 */
#ifndef EVENKEEL_VRRP_TRACK_H
#define EVENKEEL_VRRP_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/vrrp_conf.h"

struct vrrp_track_value {
	bool known;
	/* 1 up, 0 down, or VRRP_TRACK_NO_EFFECT; VRRP_TRACK_FILE: the number */
	int32_t value;
};

struct vrrp_track_result {
	uint8_t priority; /* 1..254, or 255 for an owner */
	bool fault;
	bool waiting; /* a fault only because a tracker has not spoken yet */
	uint32_t fault_tracker; /* the tracker that made the fault */
};

/*
 * Judge an instance: its own uses of trackers, and its group's (GROUP may be
 * NULL). VALUES has one entry for each tracker of the configuration.
 *
 * Weight 0: down means fault, and so does unknown until the first report. A
 * positive weight is added while up, a negative one while down; unknown adds
 * nothing. A file adds its number times the weight; with weight 0, any number
 * but 0 is a fault, and so is a product of -254 or less. A script that cannot
 * be run (VRRP_TRACK_NO_EFFECT) adds nothing and is no fault. An owner's priority
 * never changes, and nobody else becomes 255.
 */
struct vrrp_track_result
vrrp_track_judge(const struct vrrp_conf *conf,
		 const struct vrrp_conf_instance *instance,
		 const struct vrrp_conf_group *group,
		 const struct vrrp_track_value *values);

#endif
