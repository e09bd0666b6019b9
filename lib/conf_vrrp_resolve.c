/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names become numbers: the members of groups, what instances and groups track,
 * the instance of lvs_sync_daemon. All blocks are bound by now.
 */
#include <stdio.h>
#include <string.h>

#include "lib/conf_vrrp.h"

/* Groups */

static void resolve_member(struct conf_ctx *ctx, struct vrrp_group_draft *group,
			   uint32_t group_index, struct vrrp_member *member)
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
		conf_say(ctx, CLASS_WARNING, group->node, 1,
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

/* Trackers */

static bool same_tracker(const struct conf_ctx *ctx, uint32_t index,
			 const void *key)
{
	const struct vrrp_conf_tracker *have = &ctx->draft->vrrp
							->trackers[index],
				       *want = key;

	return have->kind == want->kind && strcmp(have->name, want->name) == 0;
}

/* The tracker's index; *ADDED says whether it is a new one. */
static uint32_t get_tracker(struct conf_ctx *ctx,
			    const struct vrrp_conf_tracker *want, bool *added)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	uint32_t hash = conf_hash(want->name, strlen(want->name));
	uint32_t index =
		conf_set_find(ctx, &all->tracker_set, hash, same_tracker, want);

	*added = index == UINT32_MAX;
	if (!*added)
		return index;
	index = (uint32_t)all->nr_trackers;
	all->trackers = array_grow(all->trackers, index, &all->room_trackers,
				   sizeof(*want));
	all->trackers[all->nr_trackers++] = *want;
	conf_set_add(&all->tracker_set, hash, index);
	return index;
}

static void add_watch(struct vrrp_draft *all, struct pair_watch watch)
{
	all->watches = array_grow(all->watches, all->nr_watches,
				  &all->room_watches, sizeof(watch));
	all->watches[all->nr_watches++] = watch;
}

static uint32_t resolve_interface(struct conf_ctx *ctx,
				  const struct track_ref *ref)
{
	struct vrrp_conf_tracker tracker = { .kind = VRRP_TRACK_INTERFACE };
	bool added;

	tracker.name = conf_vrrp_ifname(ctx, ref->node, ref->word);
	tracker.ifname = tracker.name;
	return tracker.name ? get_tracker(ctx, &tracker, &added) : UINT32_MAX;
}

static const char *source_word(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_SCRIPT:
		return "vrrp_script";
	case VRRP_TRACK_PROCESS:
		return "vrrp_track_process";
	case VRRP_TRACK_FILE:
		return "track_file";
	case VRRP_TRACK_INTERFACE:
	case VRRP_TRACK_POOL:
		break;
	}
	return "tracker";
}

static struct pair_watch source_watch(struct conf_ctx *ctx,
				      const struct vrrp_source_draft *source,
				      uint32_t tracker)
{
	struct pair_watch watch = { .tracker = tracker, .vs = PAIR_NO_SERVICE };

	if (source->kind == VRRP_TRACK_SCRIPT)
		watch.script = pool_copy(ctx->pool, &source->script, 1,
					 sizeof(source->script));
	else if (source->kind == VRRP_TRACK_FILE)
		watch.file = pool_copy(ctx->pool, &source->file, 1,
				       sizeof(source->file));
	else
		watch.process = pool_copy(ctx->pool, &source->process, 1,
					  sizeof(source->process));
	return watch;
}

/* Script, file or process: also what its own block says of weights. */
static uint32_t resolve_source(struct conf_ctx *ctx, struct track_ref *ref)
{
	const struct conf_word *name = conf_word(ctx, ref->node, ref->word);
	struct vrrp_draft *all = ctx->draft->vrrp;
	uint32_t index = conf_vrrp_find_source(ctx, ref->kind, name);
	struct vrrp_conf_tracker tracker = { .kind = ref->kind };
	struct vrrp_source_draft *source;
	bool added;

	if (index == UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, ref->node, ref->word,
			 "there is no %s '%.*s' in the file",
			 source_word(ref->kind), CONF_SHOW(name));
		return UINT32_MAX;
	}
	source = &all->sources[index];
	source->used = true;
	if (source->dropped)
		return UINT32_MAX;
	if (ref->weight == UNSET_WEIGHT)
		ref->weight = source->weight;
	if (ref->reverse == UNSET_BOOL)
		ref->reverse = source->reverse;
	tracker.name = source->name;
	tracker.init_fail = source->init_fail;
	index = get_tracker(ctx, &tracker, &added);
	if (added)
		add_watch(all, source_watch(ctx, source, index));
	return index;
}

/* Pools: each kernel service of a virtual server, and its name. */
struct pool_key {
	const char *name; /* "fwmark 5", "group NAME"; NULL: an endpoint */
	struct endpoint endpoint;
};

static bool vs_has(const struct conf_virtual_server *vs,
		   const struct pool_key *key)
{
	uint32_t i;

	if (key->name)
		return strcmp(vs->name, key->name) == 0;
	for (i = 0; i < vs->nr_keys; i++) {
		if (vs->keys[i].fwmark == 0 &&
		    endpoint_cmp(&vs->keys[i].vip, &key->endpoint) == 0)
			return true;
	}
	return false;
}

static bool same_pool(const struct conf_ctx *ctx, uint32_t index,
		      const void *key)
{
	return vs_has(&ctx->draft->vss[index], key);
}

static uint32_t pool_hash(const struct pool_key *key)
{
	return key->name ? conf_hash(key->name, strlen(key->name)) :
			   endpoint_hash(&key->endpoint);
}

/* Built when the first one is asked for. */
static void index_pools(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	const struct conf_virtual_server *vs;
	struct pool_key key;
	uint32_t i, k;

	for (i = 0; i < ctx->draft->nr_vss; i++) {
		vs = &ctx->draft->vss[i];
		key = (struct pool_key){ .name = vs->name };
		conf_set_add(&all->pool_set, pool_hash(&key), i);
		for (k = 0; k < vs->nr_keys; k++) {
			key = (struct pool_key){ .endpoint = vs->keys[k].vip };
			if (vs->keys[k].fwmark == 0)
				conf_set_add(&all->pool_set, pool_hash(&key),
					     i);
		}
	}
}

/* How the line names it, and what messages call it. */
static bool pool_name(struct conf_ctx *ctx, const struct track_ref *ref,
		      struct pool_key *key, char *text, size_t size)
{
	const struct conf_word *word = conf_word(ctx, ref->node, ref->word);
	const struct conf_word *value =
		conf_word(ctx, ref->node, ref->word + 1);
	char addr[ADDR_TEXT_MAX];

	memset(key, 0, sizeof(*key));
	if (conf_is(word, "fwmark") || conf_is(word, "group")) {
		snprintf(text, size, "%.*s %.*s", (int)word->len, word->text,
			 CONF_SHOW(value));
		key->name = text;
		return true;
	}
	if (!conf_get_host(ctx, ref->node, ref->word, &key->endpoint.addr))
		return false;
	if (!conf_get_port(value, &key->endpoint.port)) {
		conf_say(ctx, CLASS_FAULT, ref->node, ref->word + 1,
			 "'%.*s' is not a port: a number up to 65535",
			 CONF_SHOW(value));
		return false;
	}
	snprintf(text, size, "%s %u", addr_format(&key->endpoint.addr, addr),
		 key->endpoint.port);
	return true;
}

static uint32_t resolve_pool(struct conf_ctx *ctx, const struct track_ref *ref)
{
	struct vrrp_conf_tracker tracker = { .kind = VRRP_TRACK_POOL };
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct pool_key key;
	uint32_t vs, index;
	char text[128];
	bool added;

	if (!pool_name(ctx, ref, &key, text, sizeof(text)))
		return UINT32_MAX;
	if (all->pool_set.nr == 0)
		index_pools(ctx);
	vs = conf_set_find(ctx, &all->pool_set, pool_hash(&key), same_pool,
			   &key);
	if (vs == UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, ref->node, ref->word,
			 "there is no virtual_server '%s' in the file", text);
		return UINT32_MAX;
	}
	tracker.name = conf_string(ctx, text, strlen(text));
	index = get_tracker(ctx, &tracker, &added);
	if (added)
		add_watch(all,
			  (struct pair_watch){ .tracker = index, .vs = vs });
	return index;
}

static uint32_t resolve_ref(struct conf_ctx *ctx, struct track_ref *ref)
{
	switch (ref->kind) {
	case VRRP_TRACK_INTERFACE:
		return resolve_interface(ctx, ref);
	case VRRP_TRACK_SCRIPT:
	case VRRP_TRACK_PROCESS:
	case VRRP_TRACK_FILE:
		return resolve_source(ctx, ref);
	case VRRP_TRACK_POOL:
		return resolve_pool(ctx, ref);
	}
	return UINT32_MAX;
}

/* Whether it is tracked by the one at hand already. */
static bool is_tracked(struct conf_ctx *ctx, const struct track_ref *ref,
		       uint32_t tracker)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	size_t i;

	for (i = 0; i < all->nr_tracks; i++) {
		if (all->tracks[i].tracker != tracker)
			continue;
		conf_say(ctx, CLASS_FAULT, ref->node, ref->word,
			 "'%s' is tracked here already",
			 all->trackers[tracker].name);
		return true;
	}
	return false;
}

static void add_track(struct conf_ctx *ctx, const struct track_ref *ref,
		      uint32_t tracker)
{
	struct vrrp_draft *all = ctx->draft->vrrp;

	all->tracks = array_grow(all->tracks, all->nr_tracks, &all->room_tracks,
				 sizeof(*all->tracks));
	all->tracks[all->nr_tracks++] = (struct vrrp_conf_track){
		.tracker = tracker,
		.weight = ref->weight,
		.reverse = ref->reverse,
	};
}

/*
 * A weight that cannot count here, as WHY says: an interface then counts
 * without, all others are left out, which is what keepalived does.
 */
static bool drop_weight(struct conf_ctx *ctx, struct track_ref *ref,
			const char *name, const char *why)
{
	bool keep = ref->kind == VRRP_TRACK_INTERFACE;

	conf_say(
		ctx, CLASS_WARNING, ref->node, ref->word,
		keep ? "the weight of '%s' is ignored, its loss is a fault: %s" :
		       "'%s' has a weight and is not tracked: %s",
		name, why);
	ref->weight = 0;
	return keep;
}

/* WHY: weights cannot count; or NULL. */
static void resolve_refs(struct conf_ctx *ctx, struct track_refs refs,
			 const char *why)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct track_ref *ref;
	uint32_t i, tracker;

	for (i = 0; i < refs.nr; i++) {
		ref = &all->refs[refs.first + i];
		tracker = resolve_ref(ctx, ref);
		if (ref->weight == UNSET_WEIGHT)
			ref->weight = 0;
		if (ref->reverse == UNSET_BOOL)
			ref->reverse = false;
		if (tracker == UINT32_MAX || is_tracked(ctx, ref, tracker))
			continue;
		if (ref->weight && why &&
		    !drop_weight(ctx, ref, all->trackers[tracker].name, why))
			continue;
		add_track(ctx, ref, tracker);
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
	const char *why = NULL;

	if (draft->vi.priority == VRRP_PRIORITY_OWNER)
		why = "priority 255 never changes";
	else if (group && !group->weights && !group->global_tracking)
		why = "members of a vrrp_sync_group must change together; track it in the group, or say 'sync_group_tracking_weight' there";
	all->nr_tracks = 0;
	resolve_refs(ctx, draft->refs, why);
	draft->vi.nr_tracks = (uint32_t)all->nr_tracks;
	draft->vi.tracks = pool_copy(ctx->pool, all->tracks, all->nr_tracks,
				     sizeof(*all->tracks));
}

/* global_tracking: what one member tracks counts for all of them. */
static void share_tracks(struct conf_ctx *ctx,
			 const struct vrrp_group_draft *group)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_instance_draft *draft;
	const struct vrrp_member *member;
	uint32_t i, k;
	size_t n;

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

			for (n = 0; n < all->nr_tracks; n++) {
				if (all->tracks[n].tracker ==
				    draft->vi.tracks[k].tracker)
					break;
			}
			if (n == all->nr_tracks)
				add_track(ctx, &ref,
					  draft->vi.tracks[k].tracker);
		}
		draft->vi.nr_tracks = 0;
		draft->vi.tracks = NULL;
	}
}

static void warn_unused(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	size_t i;

	for (i = 0; i < all->nr_sources; i++) {
		if (!all->sources[i].used)
			conf_say(ctx, CLASS_ODD, all->sources[i].node, 1,
				 "nothing tracks '%s'; it is not looked at",
				 all->sources[i].name);
	}
}

void conf_vrrp_resolve_tracks(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_group_draft *group;
	size_t i;

	for (i = 0; i < all->nr_instances; i++) {
		if (!all->instances[i].dropped)
			resolve_instance(ctx, &all->instances[i]);
	}
	for (i = 0; i < all->nr_groups; i++) {
		group = &all->groups[i];
		if (group->dropped)
			continue;
		all->nr_tracks = 0;
		resolve_refs(ctx, group->refs, NULL);
		if (group->global_tracking)
			share_tracks(ctx, group);
		group->group.nr_tracks = (uint32_t)all->nr_tracks;
		group->group.tracks = pool_copy(ctx->pool, all->tracks,
						all->nr_tracks,
						sizeof(*all->tracks));
	}
	warn_unused(ctx);
}
