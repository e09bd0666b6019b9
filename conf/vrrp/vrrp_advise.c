/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advice on settings that are legal but rarely intended. The file is used as it
 * stands: a warning where its effect differs from the apparent intention, a
 * note where a better way exists.
 */
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

static bool vrrp_advise_is_link_local(const struct addr *addr)
{
	return IN6_IS_ADDR_LINKLOCAL(&addr->v6);
}

static void advise_link_local(struct conf_ctx *ctx,
			      const struct vrrp_instance_draft *draft)
{
	const struct vrrp_conf_instance *vi = &draft->vi;

	if (vi->family != AF_INET6 || vi->nr_addresses == 0 ||
	    vrrp_advise_is_link_local(&vi->addresses[0].addr))
		return;
	conf_say(
		ctx, vi->strict ? CLASS_FAULT : CLASS_WARNING,
		conf_line_of(ctx, draft->node, "virtual_ipaddress"), 0,
		"the first IPv6 address of an instance should be a link-local one (fe80::...), says RFC 9568: a router's advertisements name it; other VRRP routers may refuse the adverts of '%s'",
		vi->name);
}

/* Weights choose the master; with nopreempt they have no effect. */
static void advise_nopreempt(struct conf_ctx *ctx,
			     const struct vrrp_instance_draft *draft)
{
	const struct vrrp_conf_instance *vi = &draft->vi;
	const struct vrrp_draft *all = ctx->draft->vrrp;
	const struct vrrp_conf_group *group =
		vi->sync_group == VRRP_NO_GROUP ?
			NULL :
			&all->groups[vi->sync_group].group;
	const struct vrrp_conf_track *track = NULL;
	uint32_t i;

	for (i = 0; i < vi->nr_tracks && !track; i++)
		track = vi->tracks[i].weight ? &vi->tracks[i] : NULL;
	for (i = 0; group && i < group->nr_tracks && !track; i++)
		track = group->tracks[i].weight ? &group->tracks[i] : NULL;
	if (vi->preempt || !track)
		return;
	conf_say(
		ctx, CLASS_WARNING, conf_line_of(ctx, draft->node, "nopreempt"),
		0,
		"with 'nopreempt' a backup never takes over from a master that still sends adverts, however low its priority: the weight of '%s' will not move '%s'; track it without a weight, so that a failure gives the addresses up, or leave 'nopreempt' out",
		all->trackers[track->tracker].name, vi->name);
}

static void advise_duplicates(struct conf_ctx *ctx,
			      const struct vrrp_instance_draft *draft)
{
	const struct vrrp_conf_instance *vi = &draft->vi;
	uint32_t i, k;

	for (i = 1; i < vi->nr_addresses; i++) {
		for (k = 0; k < i; k++) {
			if (addr_cmp(&vi->addresses[i].addr,
				     &vi->addresses[k].addr) != 0)
				continue;
			conf_say(
				ctx, CLASS_ODD,
				conf_line_of(ctx, draft->node,
					     "virtual_ipaddress"),
				0,
				"'%s' has an address twice; it counts twice in its adverts",
				vi->name);
			return;
		}
	}
}

/* A busy host may hold a process up for longer than three such intervals. */
#define INTERVAL_BUSY (100 * USEC_PER_MSEC)

static void advise_interval(struct conf_ctx *ctx,
			    const struct vrrp_instance_draft *draft)
{
	const struct vrrp_conf_instance *vi = &draft->vi;

	if (vi->interval >= INTERVAL_BUSY ||
	    ctx->draft->vrrp->global.vrrp.conf.scheduling.rt_priority)
		return;
	/* Only a note: on a host that is less busy the setting works. */
	conf_say(
		ctx, CLASS_NOTE, conf_line_of(ctx, draft->node, "advert_int"),
		0,
		"with adverts of '%s' so close together a busy host can be taken for a dead one; set 'vrrp_rt_priority' in global_defs, and 'vrrp_no_swap'",
		vi->name);
}

/* A fault that both balancers see must not put both out of service. */
static void advise_pool(struct conf_ctx *ctx, const struct track_ref *ref)
{
	if (ref->kind == VRRP_TRACK_POOL && ref->weight == 0)
		conf_say(
			ctx, CLASS_WARNING, ref->node, 0,
			"without a weight both balancers give the addresses up when no server is up; with a weight, only the balancer with fewer servers up does");
}

/* A hanging script is noticed after its timeout, not after its interval. */
static void advise_script(struct conf_ctx *ctx,
			  const struct vrrp_source_draft *source)
{
	if (source->kind != VRRP_TRACK_SCRIPT || source->dropped)
		return;
	if (source->script.timeout > source->script.interval)
		conf_say(
			ctx, CLASS_ODD,
			conf_line_of(ctx, source->node, "timeout"), 0,
			"a hanging '%s' is noticed after its timeout, and the next run waits for it: the interval is not kept",
			source->name);
}

/* A backup would take over before a change of the link counts. */
static void advise_delays(struct conf_ctx *ctx,
			  const struct vrrp_instance_draft *draft)
{
	const struct vrrp_conf_instance *vi = &draft->vi;
	const struct vrrp_draft *all = ctx->draft->vrrp;
	size_t i;

	for (i = 0; i < all->nr_delays; i++)
		if (str_equal(all->delays[i].ifname, vi->ifname) &&
		    all->delays[i].down >=
			    (vi->down_adverts - 1) * vi->interval)
			conf_say(
				ctx, CLASS_WARNING, draft->node, 1,
				"the down delay of '%s' in interface_up_down_delays is not less than %u adverts of '%s': the other balancer takes over before",
				vi->ifname, vi->down_adverts - 1, vi->name);
}

void conf_vrrp_advise(struct conf_ctx *ctx)
{
	const struct vrrp_draft *all = ctx->draft->vrrp;
	size_t i;

	for (i = 0; i < all->nr_instances; i++) {
		if (all->instances[i].dropped)
			continue;
		advise_link_local(ctx, &all->instances[i]);
		advise_nopreempt(ctx, &all->instances[i]);
		advise_duplicates(ctx, &all->instances[i]);
		advise_interval(ctx, &all->instances[i]);
		advise_delays(ctx, &all->instances[i]);
	}
	for (i = 0; i < all->nr_refs; i++)
		advise_pool(ctx, &all->refs[i]);
	for (i = 0; i < all->nr_sources; i++)
		advise_script(ctx, &all->sources[i]);
}
