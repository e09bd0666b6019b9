/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP from drafts to struct vrrp_conf and struct pair_conf; and the blocks
 * that are known, but not acted on, so that a file with them loads and a
 * misspelt word is found.
 */
#include "conf/vrrp/vrrp_blocks.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_line.h"

VRRP_LINES_TYPE(vrrp_static_addresses, conf_bind_addresses, vrrp_conf,
		addresses, nr_addresses, vrrp_address_lines);
VRRP_LINES_TYPE(vrrp_static_routes, conf_bind_routes, vrrp_conf, routes,
		nr_routes, vrrp_route_lines);
VRRP_LINES_TYPE(vrrp_static_rules, conf_bind_rules, vrrp_conf, rules, nr_rules,
		vrrp_rule_lines);

#define STATIC_LINES(word, lines, list)                              \
	{                                                            \
		(word), .type = &(lines), .kept = CONF_KEPT_WHOLE,   \
			.offset = offsetof(struct vrrp_draft, list), \
			.flags = KW_BLOCK | KW_VALUES | KW_REPEAT    \
	}

static const struct conf_keyword static_keywords[] = {
	STATIC_LINES("static_ipaddress", vrrp_static_addresses,
		     static_addresses),
	STATIC_LINES("static_routes", vrrp_static_routes, static_routes),
	STATIC_LINES("static_rules", vrrp_static_rules, static_rules),
	{ "garp_group", .type = &vrrp_type_garp_group, .kept = CONF_KEPT_WHOLE,
	  .block = &conf_block_garp_group, .flags = KW_BLOCK | KW_REPEAT },
	{ "interface_up_down_delays", .type = &vrrp_type_delays,
	  .kept = CONF_KEPT_WHOLE, .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "linkbeat_interfaces", .type = &vrrp_type_linkbeats,
	  .kept = CONF_KEPT_WHOLE, .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "linkbeat_use_polling", .type = &vrrp_type_linkbeat_all,
	  .kept = CONF_KEPT(struct vrrp_conf, linkbeat_all) },
};

const struct conf_block conf_block_vrrp_static =
	CONF_BLOCK(BLOCK_VRRP_STATIC, "the file", static_keywords,
		   &conf_block_process_file);

void conf_vrrp_begin(struct conf_ctx *ctx, struct vrrp_draft *draft)
{
	struct vrrp_global_draft *global = &draft->global.vrrp;

	ctx->draft->vrrp = draft;
	conf_block_preset(&conf_block_vrrp_global, &draft->global);
	conf_block_preset(&conf_block_process_file, &draft->global.global);
	addr_parse(&global->group4, "224.0.0.18", strlen("224.0.0.18"));
	addr_parse(&global->group6, "ff02::12", strlen("ff02::12"));
	conf_vrrp_unset_sync(&global->sync.sync);
	/* For a file without global_defs. */
	ctx->conf->global = draft->global.global;
}

/* Would A's adverts be taken for B's? */
static bool vrrp_blocks_same_way(const struct vrrp_conf_instance *a,
				 const struct vrrp_conf_instance *b)
{
	if (a->use_vmac && b->use_vmac)
		return true; /* they would have one hardware address */
	if ((a->nr_peers > 0) != (b->nr_peers > 0))
		return false;
	if (a->nr_peers == 0)
		return addr_cmp(&a->group, &b->group) == 0;
	return !addr_is_set(&a->source) || !addr_is_set(&b->source) ||
	       addr_cmp(&a->source, &b->source) == 0;
}

static bool vrrp_blocks_same_vrid(const struct conf_ctx *ctx, uint32_t index,
				  const void *key)
{
	const struct vrrp_conf_instance *have =
		&ctx->draft->vrrp->instances[index].vi;
	const struct vrrp_conf_instance *want = key;

	return have->vrid == want->vrid && have->family == want->family &&
	       strcmp(have->ifname, want->ifname) == 0 &&
	       vrrp_blocks_same_way(have, want);
}

/* A VRID names one virtual router on a link, in each family and group. */
static void vrrp_blocks_check_vrid(struct conf_ctx *ctx, uint32_t index)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_instance_draft *draft = &all->instances[index];
	uint32_t hash =
		conf_hash(draft->vi.ifname, strlen(draft->vi.ifname)) * 31 +
		draft->vi.vrid * 2u + (draft->vi.family == AF_INET6);
	uint32_t other = conf_index_find(ctx, &all->vrid_set, hash,
					 vrrp_blocks_same_vrid, &draft->vi);

	if (other == UINT32_MAX) {
		index_put(&all->vrid_set, hash, index);
		return;
	}
	conf_say(
		ctx, CLASS_FAULT,
		conf_line_of(ctx, draft->node, "virtual_router_id"), 0,
		"'%s' has virtual_router_id %u as well, with the same interface and family; give one of them another number",
		all->instances[other].vi.name, draft->vi.vrid);
	draft->dropped = true;
}

/* Leave out the dropped instances; the others' numbers close the gaps. */
static void vrrp_blocks_place_instances(struct conf_ctx *ctx,
					struct vrrp_conf *vrrp,
					struct pair_conf *pair)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_conf_instance *instances = arena_alloc(
		ctx->arena, (all->nr_instances + 1) * sizeof(*instances));
	struct pair_notify *notify = arena_alloc(
		ctx->arena, (all->nr_instances + 1) * sizeof(*notify));
	uint32_t i, n = 0;

	for (i = 0; i < all->nr_instances; i++) {
		if (all->instances[i].dropped)
			continue;
		instances[n] = all->instances[i].vi;
		notify[n++] = all->instances[i].notify;
	}
	vrrp->instances = instances;
	vrrp->nr_instances = n;
	pair->instances = notify;
}

/* Members still have the draft's number of their group. */
static void vrrp_blocks_place_groups(struct conf_ctx *ctx,
				     struct vrrp_conf *vrrp,
				     struct pair_conf *pair)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_conf_group *groups =
		arena_alloc(ctx->arena, (all->nr_groups + 1) * sizeof(*groups));
	struct pair_notify *notify =
		arena_alloc(ctx->arena, (all->nr_groups + 1) * sizeof(*notify));
	uint32_t *moved = arena_alloc(ctx->scratch,
				      (all->nr_groups + 1) * sizeof(*moved));
	uint32_t i, n = 0;

	for (i = 0; i < all->nr_groups; i++) {
		moved[i] = all->groups[i].dropped ? VRRP_NO_GROUP : n;
		if (all->groups[i].dropped)
			continue;
		groups[n] = all->groups[i].group;
		notify[n++] = all->groups[i].notify;
	}
	for (i = 0; i < all->nr_instances; i++) {
		if (all->instances[i].vi.sync_group != VRRP_NO_GROUP)
			all->instances[i].vi.sync_group =
				moved[all->instances[i].vi.sync_group];
	}
	vrrp->groups = groups;
	vrrp->nr_groups = n;
	pair->groups = notify;
}

/* Static addresses have no instance to take the interface from. */
static void vrrp_blocks_settle_static(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_address_list *list = &all->static_addresses;
	size_t i, kept = 0;

	for (i = 0; i < list->nr; i++) {
		if (!list->items[i].dev)
			list->items[i].dev = all->global.vrrp.default_ifname;
		if (!list->items[i].dev) {
			conf_say(
				ctx, CLASS_FAULT, list->nodes[i], 0,
				"a static address needs a 'dev', or a 'default_interface' in global_defs; to keepalived it is eth0");
			list->items[i].dev = "eth0";
		}
		list->items[kept++] = list->items[i];
	}
	list->nr = kept;
}

/* static_ipaddress, static_routes, static_rules. */
static void vrrp_blocks_place_static(struct conf_ctx *ctx,
				     struct vrrp_conf *vrrp)
{
	const struct vrrp_draft *all = ctx->draft->vrrp;

	vrrp->addresses = arena_copy(ctx->arena, all->static_addresses.items,
				     all->static_addresses.nr,
				     sizeof(*vrrp->addresses));
	vrrp->nr_addresses = (uint32_t)all->static_addresses.nr;
	vrrp->routes = arena_copy(ctx->arena, all->static_routes.items,
				  all->static_routes.nr, sizeof(*vrrp->routes));
	vrrp->nr_routes = (uint32_t)all->static_routes.nr;
	vrrp->rules = arena_copy(ctx->arena, all->static_rules.items,
				 all->static_rules.nr, sizeof(*vrrp->rules));
	vrrp->nr_rules = (uint32_t)all->static_rules.nr;
	vrrp->delays = arena_copy(ctx->arena, all->delays, all->nr_delays,
				  sizeof(*vrrp->delays));
	vrrp->nr_delays = (uint32_t)all->nr_delays;
	vrrp->linkbeats = arena_copy(ctx->arena, all->linkbeats,
				     all->nr_linkbeats,
				     sizeof(*vrrp->linkbeats));
	vrrp->nr_linkbeats = (uint32_t)all->nr_linkbeats;
	vrrp->linkbeat_all = all->linkbeat_all;
	vrrp->garp_groups = arena_copy(ctx->arena, all->garp_groups,
				       all->nr_garp_groups,
				       sizeof(*vrrp->garp_groups));
	vrrp->nr_garp_groups = (uint32_t)all->nr_garp_groups;
}

void conf_vrrp_finish(struct conf_ctx *ctx)
{
	struct vrrp_conf *vrrp = arena_alloc(ctx->arena, sizeof(*vrrp));
	struct pair_conf *pair = arena_alloc(ctx->arena, sizeof(*pair));
	struct vrrp_draft *all = ctx->draft->vrrp;
	uint32_t i;

	*vrrp = all->global.vrrp.conf;
	*pair = all->global.vrrp.pair;
	for (i = 0; i < all->nr_instances; i++) {
		conf_vrrp_settle(ctx, &all->instances[i]);
		if (!all->instances[i].dropped)
			vrrp_blocks_check_vrid(ctx, i);
	}
	for (i = 0; i < all->nr_instances; i++)
		conf_vrrp_number_rules(ctx, all->instances[i].vi.rules,
				       all->instances[i].vi.nr_rules);
	conf_vrrp_number_rules(ctx, all->static_rules.items,
			       (uint32_t)all->static_rules.nr);
	vrrp_blocks_settle_static(ctx);
	conf_vrrp_resolve_track_groups(ctx);
	conf_vrrp_resolve_groups(ctx);
	conf_vrrp_resolve_tracks(ctx);
	conf_vrrp_advise(ctx);
	vrrp_blocks_place_groups(ctx, vrrp, pair);
	vrrp_blocks_place_instances(ctx, vrrp, pair);
	vrrp_blocks_place_static(ctx, vrrp);
	conf_vrrp_resolve_sync(ctx, vrrp, &pair->sync);
	vrrp->trackers = arena_copy(ctx->arena, all->trackers, all->nr_trackers,
				    sizeof(*all->trackers));
	vrrp->nr_trackers = (uint32_t)all->nr_trackers;
	pair->watches = arena_copy(ctx->arena, all->watches, all->nr_watches,
				   sizeof(*all->watches));
	pair->nr_watches = (uint32_t)all->nr_watches;
	ctx->conf->vrrp = vrrp;
	ctx->conf->pair = pair;
	conf_bfd_finish(ctx);
}

void conf_vrrp_free(struct vrrp_draft *draft)
{
	free(draft->instances);
	free(draft->groups);
	free(draft->members);
	free(draft->sources);
	free(draft->refs);
	free(draft->addresses.items);
	free(draft->addresses.nodes);
	free(draft->excluded.items);
	free(draft->excluded.nodes);
	free(draft->peers);
	free(draft->routes.items);
	free(draft->rules.items);
	free(draft->static_addresses.items);
	free(draft->static_addresses.nodes);
	free(draft->static_routes.items);
	free(draft->static_rules.items);
	free(draft->delays);
	free(draft->linkbeats);
	free(draft->track_groups);
	free(draft->group_uses);
	free(draft->static_devs);
	index_free(&draft->track_group_set);
	free(draft->garp_groups);
	free(draft->garp_ifnames);
	free(draft->trackers);
	free(draft->watches);
	free(draft->tracks);
	free(draft->on_list);
	index_free(&draft->instance_set);
	index_free(&draft->group_set);
	index_free(&draft->source_set);
	index_free(&draft->tracker_set);
	index_free(&draft->pool_set);
	index_free(&draft->vrid_set);
	index_free(&draft->vmac_set);
	index_free(&draft->bfd_set);
}
