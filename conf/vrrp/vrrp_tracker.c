/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trackers: found by the lines of track_script and the like, and listed in the
 * order of the first use. Main watches most trackers.
 */
#include <stdio.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

static bool vrrp_tracker_same(const struct conf_ctx *ctx, uint32_t index,
			      const void *key)
{
	const struct vrrp_conf_tracker *have = &ctx->draft->vrrp
							->trackers[index],
				       *want = key;

	return have->kind == want->kind && strcmp(have->name, want->name) == 0;
}

static bool vrrp_tracker_find_interface(struct conf_ctx *ctx,
					const struct track_ref *ref,
					struct vrrp_found *found)
{
	found->tracker.name = conf_vrrp_ifname(ctx, ref->node, ref->word);
	found->tracker.ifname = found->tracker.name;
	return found->tracker.name != NULL;
}

static const char *vrrp_tracker_source_word(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_SCRIPT:
		return "vrrp_script";
	case VRRP_TRACK_PROCESS:
		return "vrrp_track_process";
	case VRRP_TRACK_FILE:
		return "track_file";
	case VRRP_TRACK_BFD:
		return "bfd_instance";
	case VRRP_TRACK_INTERFACE:
	case VRRP_TRACK_POOL:
	case VRRP_TRACK_FIREWALL:
		break;
	}
	return "tracker";
}

/* A file's own weight may be one for FILE_CHECK, beyond all priorities. */
static int32_t vrrp_tracker_weight(struct conf_ctx *ctx,
				   const struct track_ref *ref,
				   const struct vrrp_source_draft *source)
{
	const int32_t limit = 254;

	if (source->weight >= -limit && source->weight <= limit)
		return source->weight;
	conf_say(
		ctx, CLASS_WARNING, ref->node, ref->word,
		"the weight of '%s', %d, is beyond all priorities: here %d is taken",
		source->name, source->weight,
		source->weight < 0 ? -limit : limit);
	return source->weight < 0 ? -limit : limit;
}

/* Find a script, file or process; unset weights come from its own block. */
static bool vrrp_tracker_find_source(struct conf_ctx *ctx,
				     struct track_ref *ref,
				     struct vrrp_found *found)
{
	const struct conf_word *name = conf_word(ctx, ref->node, ref->word);
	uint32_t index = conf_vrrp_find_source(ctx, ref->kind, name);
	struct vrrp_source_draft *source;

	if (index == UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, ref->node, ref->word,
			 "there is no %s '%.*s' in the file",
			 vrrp_tracker_source_word(ref->kind), CONF_SHOW(name));
		return false;
	}
	source = &ctx->draft->vrrp->sources[index];
	source->used = true;
	if (ref->kind == VRRP_TRACK_BFD &&
	    !conf_bfd_is_for(ctx, source, ref->node, false))
		return false;
	if (source->node > ref->node)
		conf_say(
			ctx, CLASS_NOTE, ref->node, ref->word,
			"'%s' is described below, in line %u; keepalived would not track it",
			source->name, source->node->line);
	if (ref->weight == UNSET_WEIGHT)
		ref->weight = vrrp_tracker_weight(ctx, ref, source);
	if (ref->reverse == UNSET_BOOL)
		ref->reverse = source->reverse;
	found->source = source;
	found->tracker.name = source->name;
	found->tracker.init_fail = source->init_fail;
	return !source->dropped;
}

/* Pools: each kernel service of a virtual server, and its name. */
struct pool_key {
	const char *name; /* "fwmark 5", "group NAME"; NULL: an endpoint */
	struct endpoint endpoint;
};

static bool vrrp_tracker_vs_has(const struct conf_virtual_server *vs,
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

static bool vrrp_tracker_same_pool(const struct conf_ctx *ctx, uint32_t index,
				   const void *key)
{
	return vrrp_tracker_vs_has(&ctx->draft->vss[index], key);
}

static uint32_t vrrp_tracker_pool_hash(const struct pool_key *key)
{
	return key->name ? conf_hash(key->name, strlen(key->name)) :
			   endpoint_hash(&key->endpoint);
}

/* The index of pools is built when the first pool is looked up. */
static void vrrp_tracker_index_pools(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	const struct conf_virtual_server *vs;
	struct pool_key key;
	uint32_t i, k;

	for (i = 0; i < ctx->draft->nr_vss; i++) {
		vs = &ctx->draft->vss[i];
		key = (struct pool_key){ .name = vs->name };
		index_put(&all->pool_set, vrrp_tracker_pool_hash(&key), i);
		for (k = 0; k < vs->nr_keys; k++) {
			key = (struct pool_key){ .endpoint = vs->keys[k].vip };
			if (vs->keys[k].fwmark == 0)
				index_put(&all->pool_set,
					  vrrp_tracker_pool_hash(&key), i);
		}
	}
}

/* The pool's name from the line; NULL after complaining. */
static const char *vrrp_tracker_pool_name(struct conf_ctx *ctx,
					  const struct track_ref *ref,
					  struct pool_key *key)
{
	const struct conf_word *word = conf_word(ctx, ref->node, ref->word);
	const struct conf_word *value =
		conf_word(ctx, ref->node, ref->word + 1);
	size_t size = (size_t)word->len + value->len + ADDR_TEXT_MAX;
	char *text = arena_alloc(ctx->scratch, size), addr[ADDR_TEXT_MAX];

	memset(key, 0, sizeof(*key));
	if (conf_is(word, "fwmark") || conf_is(word, "group")) {
		snprintf(text, size, "%.*s %.*s", (int)word->len, word->text,
			 (int)value->len, value->text);
		key->name = text;
		return text;
	}
	if (!conf_get_host(ctx, ref->node, ref->word, &key->endpoint.addr))
		return NULL;
	if (!conf_get_port(value, &key->endpoint.port)) {
		conf_say(ctx, CLASS_FAULT, ref->node, ref->word + 1,
			 "'%.*s' is not a port: a number up to 65535",
			 CONF_SHOW(value));
		return NULL;
	}
	snprintf(text, size, "%s %u", addr_format(&key->endpoint.addr, addr),
		 key->endpoint.port);
	return text;
}

/*
 * An unknown virtual server refuses the file in every mode: keepalived has no
 * such word, and a process that does not know the virtual servers must find the
 * same trackers.
 */
static bool vrrp_tracker_find_pool(struct conf_ctx *ctx,
				   const struct track_ref *ref,
				   struct vrrp_found *found)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct pool_key key;
	const char *text;

	text = vrrp_tracker_pool_name(ctx, ref, &key);
	if (!text)
		return false;
	found->tracker.name = conf_string(ctx, text, strlen(text));
	found->vs = PAIR_NO_SERVICE;
	if (ctx->vrrp_only)
		return true;
	if (all->pool_set.used == 0)
		vrrp_tracker_index_pools(ctx);
	found->vs = conf_index_find(ctx, &all->pool_set,
				    vrrp_tracker_pool_hash(&key),
				    vrrp_tracker_same_pool, &key);
	if (found->vs != UINT32_MAX)
		return true;
	conf_say(ctx, CLASS_ERROR, ref->node, ref->word,
		 "there is no virtual_server '%.80s' in the file", text);
	return false;
}

bool conf_vrrp_find_tracker(struct conf_ctx *ctx, struct track_ref *ref,
			    struct vrrp_found *found)
{
	*found = (struct vrrp_found){ .tracker.kind = ref->kind };
	switch (ref->kind) {
	case VRRP_TRACK_INTERFACE:
		return vrrp_tracker_find_interface(ctx, ref, found);
	case VRRP_TRACK_SCRIPT:
	case VRRP_TRACK_PROCESS:
	case VRRP_TRACK_FILE:
	case VRRP_TRACK_BFD:
		return vrrp_tracker_find_source(ctx, ref, found);
	case VRRP_TRACK_POOL:
		return vrrp_tracker_find_pool(ctx, ref, found);
	case VRRP_TRACK_FIREWALL:
		break;
	}
	return false;
}

/* Main watches every tracker but interfaces. */
static void vrrp_tracker_add_watch(struct conf_ctx *ctx,
				   const struct vrrp_found *found,
				   uint32_t tracker)
{
	const struct vrrp_source_draft *source = found->source;
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct pair_watch watch = { .tracker = tracker, .vs = PAIR_NO_SERVICE };

	switch (found->tracker.kind) {
	case VRRP_TRACK_INTERFACE:
		return;
	case VRRP_TRACK_SCRIPT:
		watch.script = arena_copy(ctx->arena, &source->script, 1,
					  sizeof(source->script));
		break;
	case VRRP_TRACK_FILE:
		watch.file = arena_copy(ctx->arena, &source->file, 1,
					sizeof(source->file));
		break;
	case VRRP_TRACK_PROCESS:
		watch.process = arena_copy(ctx->arena, &source->process, 1,
					   sizeof(source->process));
		break;
	case VRRP_TRACK_POOL:
		watch.vs = found->vs;
		break;
	case VRRP_TRACK_FIREWALL:
	case VRRP_TRACK_BFD:
		break;
	}
	all->watches = array_grow(all->watches, all->nr_watches,
				  &all->room_watches, sizeof(watch));
	all->watches[all->nr_watches++] = watch;
}

uint32_t conf_vrrp_get_tracker(struct conf_ctx *ctx,
			       const struct vrrp_found *found)
{
	const struct vrrp_conf_tracker *want = &found->tracker;
	struct vrrp_draft *all = ctx->draft->vrrp;
	uint32_t hash = conf_hash(want->name, strlen(want->name));
	uint32_t index = conf_index_find(ctx, &all->tracker_set, hash,
					 vrrp_tracker_same, want);

	if (index != UINT32_MAX)
		return index;
	index = (uint32_t)all->nr_trackers;
	all->trackers = array_grow(all->trackers, index, &all->room_trackers,
				   sizeof(*want));
	all->trackers[all->nr_trackers++] = *want;
	index_put(&all->tracker_set, hash, index);
	vrrp_tracker_add_watch(ctx, found, index);
	return index;
}
