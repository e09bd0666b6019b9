/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/track.h"

#define WORST (-254)

struct sum {
	int64_t weight;
	struct vrrp_track_result *result;
};

static void track_add_fault(struct vrrp_track_result *result,
			    uint32_t fault_tracker, bool waiting)
{
	/* A real failure explains more than a tracker that has not spoken. */
	if (result->fault && (waiting || !result->waiting))
		return;
	result->fault = true;
	result->waiting = waiting;
	result->fault_tracker = fault_tracker;
}

static void track_add_file(struct sum *sum, const struct vrrp_conf_track *use,
			   int64_t value)
{
	int64_t product = value * use->weight * (use->reverse ? -1 : 1);

	if (use->weight == 0) {
		if ((value != 0) != use->reverse)
			track_add_fault(sum->result, use->tracker, false);
		return;
	}
	if (product <= WORST)
		track_add_fault(sum->result, use->tracker, false);
	else
		sum->weight += product > -WORST ? -WORST : product;
}

static void track_add(struct sum *sum, const struct vrrp_conf *conf,
		      const struct vrrp_conf_track *use,
		      const struct vrrp_track_value *value)
{
	bool known = value->known || conf->trackers[use->tracker].init_fail;
	bool up;

	if (!known) {
		if (use->weight == 0)
			track_add_fault(sum->result, use->tracker, true);
		return;
	}
	if (conf->trackers[use->tracker].kind == VRRP_TRACK_FILE) {
		track_add_file(sum, use, value->value);
		return;
	}
	if (value->known && value->value == VRRP_TRACK_NO_EFFECT)
		return;
	up = (value->known && value->value != 0) != use->reverse;
	if (use->weight == 0 && !up)
		track_add_fault(sum->result, use->tracker, false);
	if ((use->weight > 0) == up)
		sum->weight += use->weight;
}

static uint8_t track_clamp_priority(int64_t priority)
{
	if (priority < 1)
		return 1;
	if (priority > VRRP_PRIORITY_OWNER - 1)
		return VRRP_PRIORITY_OWNER - 1;
	return (uint8_t)priority;
}

struct vrrp_track_result
vrrp_track_judge(const struct vrrp_conf *conf,
		 const struct vrrp_conf_instance *instance,
		 const struct vrrp_conf_group *group,
		 const struct vrrp_track_value *values)
{
	struct vrrp_track_result result = { 0 };
	struct sum sum = { .result = &result };
	uint32_t i;

	for (i = 0; i < instance->nr_tracks; i++)
		track_add(&sum, conf, &instance->tracks[i],
			  &values[instance->tracks[i].tracker]);
	for (i = 0; group && i < group->nr_tracks; i++)
		track_add(&sum, conf, &group->tracks[i],
			  &values[group->tracks[i].tracker]);
	result.priority = instance->priority;
	if (instance->priority != VRRP_PRIORITY_OWNER)
		result.priority =
			track_clamp_priority(instance->priority + sum.weight);
	return result;
}
