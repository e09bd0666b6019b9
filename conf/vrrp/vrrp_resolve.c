/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names become numbers, after all blocks are bound: the members of groups, the
 * tracks of instances and groups, the instance of lvs_sync_daemon.
 */
#include <stdio.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/* Groups */

static void resolve_member(struct conf_ctx *ctx, struct vrrp_group_draft *group,
			   uint32_t group_index,
			   struct vrrp_group_member *member)
{
	const struct conf_word *name =
		conf_word(ctx, member->node, member->word);
	struct vrrp_draft *all = ctx->draft->vrrp;
	uint32_t index = conf_vrrp_find_instance(ctx, name);
	struct vrrp_conf_instance *vi;

	if (index == UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, member->node, member->word,
			 "there is no vrrp_instance '%.*s' in the file",
			 CONF_SHOW(name));
		return;
	}
	vi = &all->instances[index].vi;
	if (vi->sync_group == group_index) {
		conf_say(ctx, CLASS_WARNING, member->node, member->word,
			 "'%s' is a member already", vi->name);
	} else if (vi->sync_group != VRRP_NO_GROUP) {
		conf_say(
			ctx, CLASS_FAULT, member->node, member->word,
			"'%s' is a member of group '%s', and cannot be one of '%s' too",
			vi->name, all->groups[vi->sync_group].group.name,
			group->group.name);
	} else if (!all->instances[index].dropped) {
		vi->sync_group = group_index;
		member->instance = index;
	}
}

static void resolve_group(struct conf_ctx *ctx, uint32_t index)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_group_draft *group = &all->groups[index];
	uint32_t i, members = 0;

	for (i = 0; i < group->nr_members; i++) {
		resolve_member(ctx, group, index,
			       &all->members[group->first_member + i]);
		members += all->members[group->first_member + i].instance !=
			   VRRP_NO_INSTANCE;
	}
	if (members == 0) {
		conf_say(
			ctx, CLASS_FAULT, group->node, 1,
			"the vrrp_sync_group '%s' has no member; name them in 'group { }'",
			group->group.name);
		group->dropped = true;
	} else if (members == 1) {
		conf_say(ctx, CLASS_NOTE, group->node, 1,
			 "the vrrp_sync_group '%s' has one member only",
			 group->group.name);
	}
}

void conf_vrrp_resolve_groups(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	uint32_t i;

	for (i = 0; i < all->nr_groups; i++)
		resolve_group(ctx, i);
}

/* Tracks */

/* The tracks of the next instance or group. */
static void vrrp_resolve_begin_list(struct vrrp_draft *all)
{
	all->nr_tracks = 0;
	all->list++;
}

/* Does the instance or group at hand track TRACKER already? */
static bool vrrp_resolve_is_on_list(const struct vrrp_draft *all,
				    uint32_t tracker)
{
	return tracker < all->nr_on_list && all->on_list[tracker] == all->list;
}

static bool vrrp_resolve_is_tracked(struct conf_ctx *ctx,
				    const struct track_ref *ref,
				    uint32_t tracker)
{
	struct vrrp_draft *all = ctx->draft->vrrp;

	if (!vrrp_resolve_is_on_list(all, tracker))
		return false;
	conf_say(ctx, CLASS_FAULT, ref->node, ref->word,
		 "'%s' is tracked here already", all->trackers[tracker].name);
	return true;
}

static void vrrp_resolve_add_track(struct conf_ctx *ctx,
				   const struct track_ref *ref,
				   uint32_t tracker)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_conf_track *track;

	all->tracks = array_grow(all->tracks, all->nr_tracks, &all->room_tracks,
				 sizeof(*all->tracks));
	track = &all->tracks[all->nr_tracks++];
	memset(track, 0, sizeof(*track)); /* they are compared as bytes */
	track->tracker = tracker;
	track->weight = ref->weight;
	track->reverse = ref->reverse;
	while (all->nr_on_list <= tracker) {
		all->on_list = array_grow(all->on_list, all->nr_on_list,
					  &all->room_on_list,
					  sizeof(*all->on_list));
		all->on_list[all->nr_on_list++] = 0;
	}
	all->on_list[tracker] = all->list;
}

/* Why weights do not count. */
enum weightless {
	WEIGHTS_COUNT,
	WEIGHTLESS_OWNER,
	WEIGHTLESS_MEMBER,
};

/*
 * A weight that cannot count: an interface of a member is then tracked without
 * weight, any other tracker is left out, as in keepalived.
 */
static bool vrrp_resolve_drop_weight(struct conf_ctx *ctx,
				     struct track_ref *ref, const char *name,
				     enum weightless why)
{
	bool keep = why == WEIGHTLESS_MEMBER &&
		    ref->kind == VRRP_TRACK_INTERFACE;

	conf_say(
		ctx, CLASS_WARNING, ref->node, ref->word,
		keep ? "the weight of '%s' is ignored, its loss is a fault: %s" :
		       "'%s' has a weight and is not tracked: %s",
		name,
		why == WEIGHTLESS_OWNER ?
			"priority 255 never changes" :
			"members of a vrrp_sync_group must change together; track it in the group, or say 'sync_group_tracking_weight' there");
	ref->weight = 0;
	return keep;
}

static void resolve_refs(struct conf_ctx *ctx, struct track_refs refs,
			 enum weightless why)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct track_ref *ref;
	struct vrrp_found found;
	uint32_t i, tracker;

	for (i = 0; i < refs.nr; i++) {
		ref = &all->refs[refs.first + i];
		if (!conf_vrrp_find_tracker(ctx, ref, &found))
			continue;
		if (ref->weight == UNSET_WEIGHT)
			ref->weight = 0;
		if (ref->reverse == UNSET_BOOL)
			ref->reverse = false;
		if (ref->weight && why &&
		    !vrrp_resolve_drop_weight(ctx, ref, found.tracker.name,
					      why))
			continue;
		tracker = conf_vrrp_get_tracker(ctx, &found);
		if (!vrrp_resolve_is_tracked(ctx, ref, tracker))
			vrrp_resolve_add_track(ctx, ref, tracker);
	}
}

/* no_accept: missing firewall rules are a fault. */
static void vrrp_resolve_track_firewall(struct conf_ctx *ctx)
{
	struct vrrp_found found = {
		.tracker = { .name = "no_accept", .kind = VRRP_TRACK_FIREWALL },
	};
	struct track_ref ref = { .kind = VRRP_TRACK_FIREWALL };

	vrrp_resolve_add_track(ctx, &ref, conf_vrrp_get_tracker(ctx, &found));
}

/* ROOM holds the name that an interface gets without one in the file. */
static const char *vrrp_resolve_vmac_name(const struct vrrp_conf_instance *vi,
					  char room[VRRP_IFNAME_MAX + 1])
{
	if (vi->vmac_name)
		return vi->vmac_name;
	snprintf(room, VRRP_IFNAME_MAX + 1, "vrrp%s.%u",
		 vi->family == AF_INET6 ? "6" : "", vi->vrid);
	return room;
}

/* A virtual MAC's interface is made by an instance, and follows its parent. */
static bool vrrp_resolve_is_vmac(const struct vrrp_draft *all, const char *dev)
{
	char room[VRRP_IFNAME_MAX + 1];
	struct index_walk walk;
	uint32_t i;

	index_for_each (&all->vmac_set, conf_hash(dev, strlen(dev)), &walk, i) {
		if (strcmp(dev, vrrp_resolve_vmac_name(&all->instances[i].vi,
						       room)) == 0)
			return true;
	}
	return false;
}

static void vrrp_resolve_index_vmacs(struct vrrp_draft *all)
{
	char room[VRRP_IFNAME_MAX + 1];
	const char *name;
	uint32_t i;

	for (i = 0; i < all->nr_instances; i++) {
		if (all->instances[i].dropped || !all->instances[i].vi.use_vmac)
			continue;
		name = vrrp_resolve_vmac_name(&all->instances[i].vi, room);
		index_put(&all->vmac_set, conf_hash(name, strlen(name)), i);
	}
}

/*
 * An address, route or rule on another interface than the instance's: while that
 * is down, the instance could not serve its addresses, so the loss is a fault,
 * as if track_interface said it. A line of track_interface has precedence, and
 * dont_track_primary is for the instance's own interface.
 */
static void vrrp_resolve_track_dev(struct conf_ctx *ctx,
				   const struct vrrp_conf_instance *vi,
				   const char *dev)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_found found = {
		.tracker = { .name = dev,
			     .ifname = dev,
			     .kind = VRRP_TRACK_INTERFACE },
	};
	struct track_ref ref = { .kind = VRRP_TRACK_INTERFACE };
	uint32_t tracker;

	if (!dev || strcmp(dev, vi->ifname) == 0 ||
	    vrrp_resolve_is_vmac(all, dev))
		return;
	tracker = conf_vrrp_get_tracker(ctx, &found);
	if (!vrrp_resolve_is_on_list(all, tracker))
		vrrp_resolve_add_track(ctx, &ref, tracker);
}

static void vrrp_resolve_track_addresses(
	struct conf_ctx *ctx, const struct vrrp_conf_instance *vi,
	const struct vrrp_conf_address *addresses, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		if (!addresses[i].no_track)
			vrrp_resolve_track_dev(ctx, vi, addresses[i].dev);
	}
}

static void vrrp_resolve_track_lines(struct conf_ctx *ctx,
				     const struct vrrp_conf_instance *vi)
{
	const struct vrrp_conf_route *route;
	uint32_t i, k;

	vrrp_resolve_track_addresses(ctx, vi, vi->addresses, vi->nr_addresses);
	vrrp_resolve_track_addresses(ctx, vi, vi->excluded, vi->nr_excluded);
	for (i = 0; i < vi->nr_routes; i++) {
		route = &vi->routes[i];
		if (route->no_track)
			continue;
		vrrp_resolve_track_dev(ctx, vi, route->dev);
		for (k = 0; k < route->nr_nexthops; k++)
			vrrp_resolve_track_dev(ctx, vi, route->nexthops[k].dev);
	}
	for (i = 0; i < vi->nr_rules; i++) {
		if (vi->rules[i].no_track)
			continue;
		vrrp_resolve_track_dev(ctx, vi, vi->rules[i].iif);
		vrrp_resolve_track_dev(ctx, vi, vi->rules[i].oif);
	}
}

static void resolve_instance(struct conf_ctx *ctx,
			     struct vrrp_instance_draft *draft)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	const struct vrrp_group_draft *group =
		draft->vi.sync_group == VRRP_NO_GROUP ?
			NULL :
			&all->groups[draft->vi.sync_group];
	enum weightless why = WEIGHTS_COUNT;
	uint32_t dev;

	if (draft->vi.priority == VRRP_PRIORITY_OWNER)
		why = WEIGHTLESS_OWNER;
	else if (group && !group->weights && !group->global_tracking)
		why = WEIGHTLESS_MEMBER;
	vrrp_resolve_begin_list(all);
	resolve_refs(ctx, draft->refs, why);
	vrrp_resolve_track_lines(ctx, &draft->vi);
	for (dev = draft->static_devs; dev;
	     dev = all->static_devs[dev - 1].next)
		vrrp_resolve_track_dev(ctx, &draft->vi,
				       all->static_devs[dev - 1].dev);
	if (!draft->vi.accept && why != WEIGHTLESS_OWNER)
		vrrp_resolve_track_firewall(ctx);
	draft->vi.nr_tracks = (uint32_t)all->nr_tracks;
	draft->vi.tracks = arena_copy(ctx->arena, all->tracks, all->nr_tracks,
				      sizeof(*all->tracks));
}

/* global_tracking: the tracks of a member count for all members. */
static void vrrp_resolve_share_tracks(struct conf_ctx *ctx,
				      const struct vrrp_group_draft *group)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_instance_draft *draft;
	const struct vrrp_group_member *member;
	uint32_t i, k;

	for (i = 0; i < group->nr_members; i++) {
		member = &all->members[group->first_member + i];
		if (member->instance == VRRP_NO_INSTANCE)
			continue;
		draft = &all->instances[member->instance];
		for (k = 0; k < draft->vi.nr_tracks; k++) {
			struct track_ref ref = {
				.weight = draft->vi.tracks[k].weight,
				.reverse = draft->vi.tracks[k].reverse,
			};

			if (!vrrp_resolve_is_on_list(
				    all, draft->vi.tracks[k].tracker))
				vrrp_resolve_add_track(
					ctx, &ref, draft->vi.tracks[k].tracker);
		}
		draft->vi.nr_tracks = 0;
		draft->vi.tracks = NULL;
	}
}

static void vrrp_resolve_warn_unused(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	size_t i;

	for (i = 0; i < all->nr_sources; i++) {
		if (!all->sources[i].used)
			conf_say(ctx, CLASS_ODD, all->sources[i].node, 1,
				 "nothing tracks '%s', so it is never checked",
				 all->sources[i].name);
	}
}

void conf_vrrp_resolve_tracks(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_group_draft *group;
	size_t i;

	vrrp_resolve_index_vmacs(all);
	for (i = 0; i < all->nr_instances; i++) {
		if (!all->instances[i].dropped)
			resolve_instance(ctx, &all->instances[i]);
	}
	for (i = 0; i < all->nr_groups; i++) {
		group = &all->groups[i];
		if (group->dropped)
			continue;
		vrrp_resolve_begin_list(all);
		resolve_refs(ctx, group->refs, WEIGHTS_COUNT);
		if (group->global_tracking)
			vrrp_resolve_share_tracks(ctx, group);
		group->group.nr_tracks = (uint32_t)all->nr_tracks;
		group->group.tracks = arena_copy(ctx->arena, all->tracks,
						 all->nr_tracks,
						 sizeof(*all->tracks));
	}
	vrrp_resolve_warn_unused(ctx);
}
