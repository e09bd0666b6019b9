/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words about interfaces as a whole: garp_group and interface_up_down_delays,
 * and the announcements on interfaces beside an instance's own.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

#define DELAY_MAX (255 * USEC_PER_SEC)
#define EXTRA_MAX (86400 * USEC_PER_SEC)

/* "INTERFACE DOWN [UP]" */
static bool vrrp_links_bind_delay(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node,
				  struct vrrp_conf_delay *delay)
{
	uint32_t i;

	delay->ifname = conf_vrrp_ifname(ctx, node, 0);
	if (!delay->ifname)
		return false;
	for (i = 1; i < 3 && i < node->nr_words; i++)
		if (!conf_get_time(conf_word(ctx, node, i),
				   i == 1 ? &delay->down : &delay->up) ||
		    (i == 1 ? delay->down : delay->up) > DELAY_MAX)
			break;
	if (node->nr_words < 2 || i < node->nr_words) {
		conf_bad_value(ctx, kw, node, i < node->nr_words ? i : 0,
			       "INTERFACE DOWN [UP], up to 255 seconds each,");
		return false;
	}
	if (node->nr_words == 2)
		delay->up = delay->down;
	return true;
}

static void vrrp_links_bind_delays(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_conf_delay delay;
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		memset(&delay, 0, sizeof(delay));
		if (!vrrp_links_bind_delay(ctx, kw, &ctx->nodes[i], &delay))
			continue;
		all->delays = array_grow(all->delays, all->nr_delays,
					 &all->room_delays, sizeof(delay));
		all->delays[all->nr_delays++] = delay;
	}
}

static void vrrp_links_print_delays(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *final)
{
	const struct vrrp_conf *conf = final;
	uint32_t i;

	if (conf->nr_delays == 0)
		return;
	fprintf(out, "%s%s {\n", indent, kw->name);
	for (i = 0; i < conf->nr_delays; i++) {
		const struct vrrp_conf_delay *delay = &conf->delays[i];

		fprintf(out, "%s\t%s %lld.%06lld %lld.%06lld\n", indent,
			delay->ifname, (long long)(delay->down / USEC_PER_SEC),
			(long long)(delay->down % USEC_PER_SEC),
			(long long)(delay->up / USEC_PER_SEC),
			(long long)(delay->up % USEC_PER_SEC));
	}
	fprintf(out, "%s}\n", indent);
}

static bool vrrp_links_equal_delays(const void *a, const void *b)
{
	const struct vrrp_conf *one = a, *other = b;
	uint32_t i;

	if (one->nr_delays != other->nr_delays)
		return false;
	for (i = 0; i < one->nr_delays; i++)
		if (!str_equal(one->delays[i].ifname,
			       other->delays[i].ifname) ||
		    one->delays[i].down != other->delays[i].down ||
		    one->delays[i].up != other->delays[i].up)
			return false;
	return true;
}

const struct conf_type vrrp_type_delays = {
	.bind = vrrp_links_bind_delays,
	.print = vrrp_links_print_delays,
	.equal = vrrp_links_equal_delays,
};

static void vrrp_links_add_ifname(struct conf_ctx *ctx,
				  const struct conf_node *node, uint32_t word)
{
	const char *ifname = conf_vrrp_ifname(ctx, node, word);
	struct vrrp_draft *all = ctx->draft->vrrp;

	if (!ifname)
		return;
	if (conf_vrrp_garp_group(all, ifname)) {
		conf_say(ctx, CLASS_WARNING, node, word,
			 "'%s' is in another garp_group already", ifname);
		return;
	}
	all->garp_ifnames = array_grow(all->garp_ifnames, all->nr_garp_ifnames,
				       &all->room_garp_ifnames,
				       sizeof(const char *));
	all->garp_ifnames[all->nr_garp_ifnames++] = ifname;
}

static void vrrp_links_bind_ifname(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	(void)kw;
	(void)target;
	vrrp_links_add_ifname(ctx, node, 1);
}

static void vrrp_links_bind_ifnames(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	uint32_t i, k;

	(void)kw;
	(void)target;
	conf_for_each(ctx, node, i) for (k = 0; k < ctx->nodes[i].nr_words; k++)
		vrrp_links_add_ifname(ctx, &ctx->nodes[i], k);
}

static void vrrp_links_print_ifnames(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *final)
{
	const struct vrrp_conf_garp_group *group = final;
	uint32_t i;

	fprintf(out, "%s%s {\n", indent, kw->name);
	for (i = 0; i < group->nr_ifnames; i++)
		fprintf(out, "%s\t%s\n", indent, group->ifnames[i]);
	fprintf(out, "%s}\n", indent);
}

static bool vrrp_links_equal_ifnames(const void *a, const void *b)
{
	const struct vrrp_conf_garp_group *one = a, *other = b;
	uint32_t i;

	if (one->nr_ifnames != other->nr_ifnames)
		return false;
	for (i = 0; i < one->nr_ifnames; i++)
		if (!str_equal(one->ifnames[i], other->ifnames[i]))
			return false;
	return true;
}

static const struct conf_type vrrp_links_ifnames = {
	.bind = vrrp_links_bind_ifnames,
	.print = vrrp_links_print_ifnames,
	.equal = vrrp_links_equal_ifnames,
};

#define GROUP(member) CONF_MEMBER(struct vrrp_conf_garp_group, member)

static const struct conf_keyword garp_group_keywords[] = {
	{ "garp_interval", .type = &conf_type_time, GROUP(arp_interval),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 0,
	  .max = TIME_MAX },
	{ "gna_interval", .type = &conf_type_time, GROUP(na_interval),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 0,
	  .max = TIME_MAX },
	{ "interface", vrrp_links_bind_ifname, .least = 1, .most = 1 },
	{ "interfaces", .type = &vrrp_links_ifnames, .kept = CONF_KEPT_WHOLE,
	  .flags = KW_BLOCK | KW_VALUES },
};

const struct conf_block conf_block_garp_group =
	CONF_BLOCK(BLOCK_GARP_GROUP, "garp_group", garp_group_keywords, NULL);

static void vrrp_links_bind_group(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_conf_garp_group group = { 0 };

	(void)kw;
	(void)target;
	all->nr_garp_ifnames = 0;
	conf_bind_block(ctx, &conf_block_garp_group, node, &group);
	if (all->nr_garp_ifnames == 0) {
		conf_say(
			ctx, CLASS_FAULT, node, 0,
			"a garp_group needs an 'interface' or 'interfaces { }'");
		return;
	}
	group.ifnames = arena_copy(ctx->arena, all->garp_ifnames,
				   all->nr_garp_ifnames,
				   sizeof(*group.ifnames));
	group.nr_ifnames = (uint32_t)all->nr_garp_ifnames;
	all->garp_groups = array_grow(all->garp_groups, all->nr_garp_groups,
				      &all->room_garp_groups, sizeof(group));
	all->garp_groups[all->nr_garp_groups++] = group;
}

static void vrrp_links_print_groups(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *final)
{
	const struct vrrp_conf *conf = final;
	uint32_t i;

	for (i = 0; i < conf->nr_garp_groups; i++) {
		fprintf(out, "%s%s {\n", indent, kw->name);
		conf_block_print(out, "\t", kw->block, &conf->garp_groups[i]);
		fprintf(out, "%s}\n", indent);
	}
}

static bool vrrp_links_equal_groups(const void *a, const void *b)
{
	const struct vrrp_conf *one = a, *other = b;
	uint32_t i;

	if (one->nr_garp_groups != other->nr_garp_groups)
		return false;
	for (i = 0; i < one->nr_garp_groups; i++)
		if (!conf_block_equal(&conf_block_garp_group,
				      &one->garp_groups[i],
				      &other->garp_groups[i]))
			return false;
	return true;
}

const struct conf_type vrrp_type_garp_group = {
	.bind = vrrp_links_bind_group,
	.print = vrrp_links_print_groups,
	.equal = vrrp_links_equal_groups,
};

uint32_t conf_vrrp_garp_group(const struct vrrp_draft *all, const char *ifname)
{
	uint32_t i, k;

	for (i = 0; i < all->nr_garp_groups; i++)
		for (k = 0; k < all->garp_groups[i].nr_ifnames; k++)
			if (str_equal(all->garp_groups[i].ifnames[k], ifname))
				return i + 1;
	return 0;
}

/* "[all] SECONDS" */
static void vrrp_links_bind_extra(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	struct vrrp_conf_garp *garp = (void *)((char *)target + kw->offset);
	bool all = conf_is(conf_word(ctx, node, 1), "all");
	usec_t interval;

	if (node->nr_words != (all ? 3u : 2u) ||
	    !conf_get_time(conf_word(ctx, node, all ? 2 : 1), &interval) ||
	    interval > EXTRA_MAX) {
		conf_bad_value(ctx, kw, node, 1,
			       "[all] and up to 86400 seconds");
		return;
	}
	garp->extra_interval = interval;
	garp->extra_all = all;
}

static void vrrp_links_print_extra(FILE *out, const char *indent,
				   const struct conf_keyword *kw,
				   const void *member)
{
	const struct vrrp_conf_garp *garp = member;
	char name[64];

	if (garp->extra_interval == 0)
		return;
	snprintf(name, sizeof(name), "%s%s", kw->name,
		 garp->extra_all ? " all" : "");
	conf_print_time(out, indent, name, garp->extra_interval);
}

static bool vrrp_links_equal_extra(const void *a, const void *b)
{
	const struct vrrp_conf_garp *one = a, *other = b;

	return one->extra_interval == other->extra_interval &&
	       one->extra_all == other->extra_all;
}

static void vrrp_links_preset_extra(const struct conf_keyword *kw, void *member)
{
	((struct vrrp_conf_garp *)member)->extra_interval = kw->preset;
}

const struct conf_type vrrp_type_extra = {
	.bind = vrrp_links_bind_extra,
	.print = vrrp_links_print_extra,
	.equal = vrrp_links_equal_extra,
	.preset = vrrp_links_preset_extra,
};
