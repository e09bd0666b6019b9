/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvs_sync_daemon, and the older spelling in an instance. */
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/* Instances have their final places by now, except those left out. */
static const struct vrrp_conf_instance *
vrrp_sync_find_placed(const struct vrrp_conf *vrrp, const char *name)
{
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++) {
		if (strcmp(vrrp->instances[i].name, name) == 0)
			return &vrrp->instances[i];
	}
	return NULL;
}

static void vrrp_sync_set_instance(const struct vrrp_conf *vrrp,
				   struct pair_sync *sync, const char *name,
				   bool id_set)
{
	const struct vrrp_conf_instance *vi = vrrp_sync_find_placed(vrrp, name);

	sync->instance = vi ? vi->name : NULL;
	if (vi && !id_set)
		sync->id = vi->vrid;
}

/* lvs_sync_daemon_interface of the first instance that has it. */
static void vrrp_sync_old_spelling(struct conf_ctx *ctx,
				   const struct vrrp_conf *vrrp,
				   struct pair_sync *sync)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	const struct vrrp_instance_draft *draft;
	bool said = sync->ifname;
	size_t i;

	for (i = 0; i < all->nr_instances; i++) {
		draft = &all->instances[i];
		if (draft->dropped || !draft->sync_ifname)
			continue;
		conf_say(
			ctx, CLASS_ODD,
			conf_line_of(ctx, draft->node,
				     "lvs_sync_daemon_interface"),
			0,
			said ? "the host has one sync daemon, and another line configures it; this one is ignored" :
			       "this is the old spelling of 'lvs_sync_daemon %s %s' in global_defs",
			draft->sync_ifname, draft->vi.name);
		if (said)
			continue;
		said = true;
		sync->ifname = draft->sync_ifname;
		vrrp_sync_set_instance(vrrp, sync, draft->vi.name, false);
	}
}

void conf_vrrp_resolve_sync(struct conf_ctx *ctx, const struct vrrp_conf *vrrp,
			    struct pair_sync *sync)
{
	const struct sync_draft *draft = &ctx->draft->vrrp->global.vrrp.sync;
	const struct conf_word *name;

	*sync = draft->sync;
	if (draft->instance) {
		name = conf_word(ctx, draft->node, draft->instance);
		if (conf_vrrp_find_instance(ctx, name) == UINT32_MAX)
			conf_say(ctx, CLASS_FAULT, draft->node, draft->instance,
				 "there is no vrrp_instance '%.*s' in the file",
				 CONF_SHOW(name));
		else
			vrrp_sync_set_instance(vrrp, sync,
					       conf_string(ctx, name->text,
							   name->len),
					       draft->id_set);
	}
	vrrp_sync_old_spelling(ctx, vrrp, sync);
}
