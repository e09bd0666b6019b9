/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the vrrp process would do the same with two configurations, which
 * come from two parses and share no string. The rows of the blocks compare the
 * members that a keyword sets; the others are here.
 */
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

static bool vrrp_equal_tracks(const struct vrrp_conf_track *a, uint32_t nr_a,
			      const struct vrrp_conf_track *b, uint32_t nr_b)
{
	uint32_t i;

	if (nr_a != nr_b)
		return false;
	for (i = 0; i < nr_a; i++) {
		if (a[i].tracker != b[i].tracker ||
		    a[i].weight != b[i].weight || a[i].reverse != b[i].reverse)
			return false;
	}
	return true;
}

static bool vrrp_equal_instance(const struct vrrp_conf_instance *a,
				const struct vrrp_conf_instance *b)
{
	return str_equal(a->name, b->name) && a->family == b->family &&
	       a->sync_group == b->sync_group &&
	       a->same_addresses == b->same_addresses &&
	       a->garp.arp_interval == b->garp.arp_interval &&
	       a->garp.na_interval == b->garp.na_interval &&
	       a->garp.group == b->garp.group &&
	       vrrp_equal_tracks(a->tracks, a->nr_tracks, b->tracks,
				 b->nr_tracks) &&
	       conf_block_equal(&conf_block_vrrp_instance, a, b);
}

static bool vrrp_equal_group(const struct vrrp_conf_group *a,
			     const struct vrrp_conf_group *b)
{
	return str_equal(a->name, b->name) &&
	       vrrp_equal_tracks(a->tracks, a->nr_tracks, b->tracks,
				 b->nr_tracks);
}

static bool vrrp_equal_tracker(const struct vrrp_conf_tracker *a,
			       const struct vrrp_conf_tracker *b)
{
	return str_equal(a->name, b->name) && a->kind == b->kind &&
	       str_equal(a->ifname, b->ifname) && a->init_fail == b->init_fail;
}

bool vrrp_conf_equal(const struct vrrp_conf *a, const struct vrrp_conf *b)
{
	uint32_t i;

	if (a->nr_instances != b->nr_instances ||
	    a->nr_groups != b->nr_groups || a->nr_trackers != b->nr_trackers ||
	    !conf_block_equal(&conf_block_vrrp_global, a, b) ||
	    !conf_block_equal(&conf_block_vrrp_static, a, b))
		return false;
	for (i = 0; i < a->nr_instances; i++) {
		if (!vrrp_equal_instance(&a->instances[i], &b->instances[i]))
			return false;
	}
	for (i = 0; i < a->nr_groups; i++) {
		if (!vrrp_equal_group(&a->groups[i], &b->groups[i]))
			return false;
	}
	for (i = 0; i < a->nr_trackers; i++) {
		if (!vrrp_equal_tracker(&a->trackers[i], &b->trackers[i]))
			return false;
	}
	return true;
}
