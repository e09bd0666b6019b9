/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vrrp_sync_group, and the words that it shares with vrrp_instance. */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

#define NOTIFY(member) CONF_MEMBER(struct pair_notify, member)

_Static_assert(offsetof(struct vrrp_instance_draft, notify) == 0 &&
		       offsetof(struct vrrp_group_draft, notify) == 0,
	       "the words below are bound to both");

#define BIND_TRACKS(word, kind)                                   \
	{                                                         \
		(word), conf_bind_tracks,                         \
			.min = (kind),                            \
			.flags = KW_BLOCK | KW_VALUES | KW_REPEAT \
	}
#define NOTIFY_SCRIPT(word, member)                                            \
	{                                                                      \
		(word), .type = &conf_type_script, NOTIFY(member), .least = 1, \
			.most = 3, .flags = KW_SCRIPT                          \
	}

/* The targets begin with a struct pair_notify, which keeps the notify words. */
static const struct conf_keyword member_keywords[] = {
	BIND_TRACKS("track_interface", VRRP_TRACK_INTERFACE),
	BIND_TRACKS("track_script", VRRP_TRACK_SCRIPT),
	BIND_TRACKS("track_file", VRRP_TRACK_FILE),
	BIND_TRACKS("track_process", VRRP_TRACK_PROCESS),
	BIND_TRACKS("track_bfd", VRRP_TRACK_BFD),
	{ "track_virtual_server", conf_bind_track_pool, .least = 2, .most = 5,
	  .flags = KW_REPEAT },
	NOTIFY_SCRIPT("notify", any),
	NOTIFY_SCRIPT("notify_master", master),
	NOTIFY_SCRIPT("notify_backup", backup),
	NOTIFY_SCRIPT("notify_fault", fault),
	NOTIFY_SCRIPT("notify_stop", stop),
	{ "notify_deleted", .type = &vrrp_type_deleted, NOTIFY(deleted),
	  .most = 3, .flags = KW_SCRIPT },
	NOTIFY_SCRIPT("notify_master_rx_lower_pri", master_rx_lower_pri),
	{ "notify_priority_changes", .type = &conf_type_bool,
	  NOTIFY(priority_changes), .flags = KW_ZERO_UNSET, .most = 1 },
	{ "smtp_alert", conf_bind_smtp_alert, .type = &conf_type_maybe,
	  NOTIFY(smtp_alert), .preset = CONF_UNSET, .most = 1 },
};

const struct conf_block conf_block_vrrp_member =
	CONF_BLOCK(BLOCK_VRRP_MEMBER, "vrrp_instance", member_keywords, NULL);

/* Names, as many a line as one likes. */
void conf_vrrp_bind_members(struct conf_ctx *ctx, const struct conf_node *node)
{
	struct vrrp_draft *draft = ctx->draft->vrrp;
	const struct conf_node *child;
	uint32_t i, word;

	conf_for_each(ctx, node, i)
	{
		child = &ctx->nodes[i];
		if (child->block)
			conf_say(ctx, CLASS_ERROR, child, 0,
				 "here are names, not blocks");
		for (word = 0; word < child->nr_words; word++) {
			draft->members = array_grow(draft->members,
						    draft->nr_members,
						    &draft->room_members,
						    sizeof(*draft->members));
			draft->members[draft->nr_members++] =
				(struct vrrp_group_member){ child, word,
							    VRRP_NO_INSTANCE };
		}
	}
}

static void vrrp_group_bind_members(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	(void)kw;
	(void)target;
	conf_vrrp_bind_members(ctx, node);
}

static const struct conf_keyword group_keywords[] = {
	{ "group", vrrp_group_bind_members,
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "global_tracking", .type = &conf_type_true,
	  .offset = offsetof(struct vrrp_group_draft, global_tracking) },
	{ "sync_group_tracking_weight", .type = &conf_type_true,
	  .offset = offsetof(struct vrrp_group_draft, weights) },
};

const struct conf_block conf_block_vrrp_group =
	CONF_BLOCK(BLOCK_VRRP_GROUP, "vrrp_sync_group", group_keywords,
		   &conf_block_vrrp_member);

static bool vrrp_group_same_name(const struct conf_ctx *ctx, uint32_t index,
				 const void *key)
{
	const struct vrrp_group_draft *draft = &ctx->draft->vrrp->groups[index];

	return conf_word_is(key, draft->group.name, draft->name_len);
}

void conf_bind_vrrp_group(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	uint32_t hash = conf_hash(name->text, name->len);
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_group_draft draft = { .node = node };
	bool known = conf_index_find(ctx, &all->group_set, hash,
				     vrrp_group_same_name, name) != UINT32_MAX;

	(void)kw;
	(void)target;
	if (known)
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is a vrrp_sync_group '%.*s' already",
			 CONF_SHOW(name));
	draft.group.name = conf_string(ctx, name->text, name->len);
	draft.name_len = name->len;
	draft.notify.smtp_alert = CONF_UNSET;
	draft.first_member = (uint32_t)all->nr_members;
	draft.refs.first = (uint32_t)all->nr_refs;
	conf_bind_block(ctx, &conf_block_vrrp_group, node, &draft);
	draft.nr_members = (uint32_t)all->nr_members - draft.first_member;
	draft.refs.nr = (uint32_t)all->nr_refs - draft.refs.first;
	if (known)
		return;
	all->groups = array_grow(all->groups, all->nr_groups, &all->room_groups,
				 sizeof(draft));
	index_put(&all->group_set, hash, (uint32_t)all->nr_groups);
	all->groups[all->nr_groups++] = draft;
}
