/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_group: instances that depend on static addresses, routes and rules. A
 * line of static_ipaddress and its like names a group; its interfaces are then
 * tracked by the instances of the group, as those of an instance's own lines are.
 * The lines themselves need no tracker: a line that somebody else removes is
 * added again.
 */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "conf/vrrp/vrrp_line.h"

/* Names of instances, as many a line as one likes. */
static void track_group_bind_members(struct conf_ctx *ctx,
				     const struct conf_keyword *kw,
				     const struct conf_node *node, void *target)
{
	(void)kw;
	(void)target;
	conf_vrrp_bind_members(ctx, node);
}

static const struct conf_keyword track_group_keywords[] = {
	{ "group", track_group_bind_members,
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
};

const struct conf_block conf_block_track_group = CONF_BLOCK(
	BLOCK_TRACK_GROUP, "track_group", track_group_keywords, NULL);

static bool track_group_same_name(const struct conf_ctx *ctx, uint32_t index,
				  const void *key)
{
	const struct vrrp_track_group_draft *have =
		&ctx->draft->vrrp->track_groups[index];

	return strcmp(have->name, key) == 0;
}

static uint32_t track_group_find(struct conf_ctx *ctx, const char *name)
{
	return conf_index_find(ctx, &ctx->draft->vrrp->track_group_set,
			       conf_hash(name, strlen(name)),
			       track_group_same_name, name);
}

void conf_bind_track_group(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_track_group_draft draft = { .node = node };

	(void)kw;
	(void)target;
	draft.name = conf_string(ctx, name->text, name->len);
	draft.first_member = (uint32_t)all->nr_members;
	conf_bind_block(ctx, &conf_block_track_group, node, NULL);
	draft.nr_members = (uint32_t)all->nr_members - draft.first_member;
	if (track_group_find(ctx, draft.name) != UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is a track_group '%s' already", draft.name);
		return;
	}
	all->track_groups = array_grow(all->track_groups, all->nr_track_groups,
				       &all->room_track_groups, sizeof(draft));
	index_put(&all->track_group_set, conf_hash(draft.name, name->len),
		  (uint32_t)all->nr_track_groups);
	all->track_groups[all->nr_track_groups++] = draft;
}

static void track_group_bind_use(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vrrp_draft *all = ctx->draft->vrrp;
	const char *name = conf_string(ctx, word->text, word->len);

	*(const char **)(void *)((char *)target + kw->offset) = name;
	all->group_uses = array_grow(all->group_uses, all->nr_group_uses,
				     &all->room_group_uses,
				     sizeof(*all->group_uses));
	all->group_uses[all->nr_group_uses++] =
		(struct vrrp_group_use){ name, *node };
}

const struct conf_type vrrp_type_line_group = {
	.bind = track_group_bind_use,
};

/* The instances of the group, found by their names. */
static void track_group_resolve(struct conf_ctx *ctx,
				struct vrrp_track_group_draft *group)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_group_member *member;
	const struct conf_word *name;
	uint32_t i, found = 0;

	for (i = 0; i < group->nr_members; i++) {
		member = &all->members[group->first_member + i];
		name = conf_word(ctx, member->node, member->word);
		member->instance = conf_vrrp_find_instance(ctx, name);
		if (member->instance == UINT32_MAX) {
			member->instance = VRRP_NO_INSTANCE;
			conf_say(ctx, CLASS_FAULT, member->node, member->word,
				 "there is no vrrp_instance '%.*s' in the file",
				 CONF_SHOW(name));
		} else {
			found++;
		}
	}
	if (found == 0)
		conf_say(
			ctx, CLASS_FAULT, group->node, 1,
			"the track_group '%s' has no member; name them in 'group { }'",
			group->name);
}

static void track_group_add(struct vrrp_draft *all, uint32_t instance,
			    const char *dev)
{
	struct vrrp_instance_draft *draft = &all->instances[instance];
	struct vrrp_static_dev *one;

	all->static_devs = array_grow(all->static_devs, all->nr_static_devs,
				      &all->room_static_devs, sizeof(*one));
	one = &all->static_devs[all->nr_static_devs];
	*one = (struct vrrp_static_dev){ dev, draft->static_devs };
	draft->static_devs = (uint32_t)++all->nr_static_devs;
}

/* An interface, or NULL, of a static line with the word GROUP, or NULL. */
static void track_group_use(struct conf_ctx *ctx, const char *group,
			    const char *dev)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	const struct vrrp_track_group_draft *draft;
	uint32_t index, instance, i;

	index = group && dev ? track_group_find(ctx, group) : UINT32_MAX;
	if (index == UINT32_MAX)
		return;
	draft = &all->track_groups[index];
	for (i = 0; i < draft->nr_members; i++) {
		instance = all->members[draft->first_member + i].instance;
		if (instance != VRRP_NO_INSTANCE)
			track_group_add(all, instance, dev);
	}
}

static void track_group_use_lines(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	const struct vrrp_conf_address *address = all->static_addresses.items;
	const struct vrrp_conf_route *route = all->static_routes.items;
	const struct vrrp_conf_rule *rule = all->static_rules.items;
	size_t i;
	uint32_t k;

	for (i = 0; i < all->static_addresses.nr; i++)
		track_group_use(ctx, address[i].track_group, address[i].dev);
	for (i = 0; i < all->static_routes.nr; i++) {
		track_group_use(ctx, route[i].track_group, route[i].dev);
		for (k = 0; k < route[i].nr_nexthops; k++)
			track_group_use(ctx, route[i].track_group,
					route[i].nexthops[k].dev);
	}
	for (i = 0; i < all->static_rules.nr; i++) {
		track_group_use(ctx, rule[i].track_group, rule[i].iif);
		track_group_use(ctx, rule[i].track_group, rule[i].oif);
	}
}

void conf_vrrp_resolve_track_groups(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	size_t i;

	for (i = 0; i < all->nr_track_groups; i++)
		track_group_resolve(ctx, &all->track_groups[i]);
	for (i = 0; i < all->nr_group_uses; i++)
		if (track_group_find(ctx, all->group_uses[i].name) ==
		    UINT32_MAX)
			conf_say(ctx, CLASS_FAULT, &all->group_uses[i].node, 1,
				 "there is no track_group '%s' in the file",
				 all->group_uses[i].name);
	track_group_use_lines(ctx);
}
