/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces whose link is asked for: linkbeat_interfaces, and linkbeat_use_polling
 * for all of them or for that of an instance.
 */
#include <stddef.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

static const char *const linkbeat_words[VRRP_LINKBEATS] = {
	[VRRP_LINKBEAT_MII] = "MII",
	[VRRP_LINKBEAT_ETHTOOL] = "ETHTOOL",
	[VRRP_LINKBEAT_IOCTL] = "IOCTL",
};

void conf_vrrp_add_linkbeat(struct vrrp_draft *all, const char *ifname,
			    enum vrrp_linkbeat first)
{
	all->linkbeats = array_grow(all->linkbeats, all->nr_linkbeats,
				    &all->room_linkbeats,
				    sizeof(*all->linkbeats));
	all->linkbeats[all->nr_linkbeats++] =
		(struct vrrp_conf_linkbeat){ ifname, first };
}

/* "INTERFACE [MII | ETHTOOL | IOCTL]" */
static void vrrp_linkbeat_bind_line(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node)
{
	const char *ifname = conf_vrrp_ifname(ctx, node, 0);
	enum vrrp_linkbeat first = VRRP_LINKBEAT_MII;
	const struct conf_word *word;

	if (!ifname)
		return;
	if (node->nr_words > 1) {
		word = conf_word(ctx, node, 1);
		for (first = 0; first < VRRP_LINKBEATS; first++)
			if (conf_word_is(word, linkbeat_words[first],
					 strlen(linkbeat_words[first])))
				break;
	}
	if (first == VRRP_LINKBEATS || node->nr_words > 2) {
		conf_bad_value(ctx, kw, node, 1, "MII, ETHTOOL or IOCTL");
		first = VRRP_LINKBEAT_MII;
	}
	conf_vrrp_add_linkbeat(ctx->draft->vrrp, ifname, first);
}

static void vrrp_linkbeat_bind(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
		vrrp_linkbeat_bind_line(ctx, kw, &ctx->nodes[i]);
}

static void vrrp_linkbeat_print(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *final)
{
	const struct vrrp_conf *conf = final;
	uint32_t i;

	if (conf->nr_linkbeats == 0)
		return;
	fprintf(out, "%s%s {\n", indent, kw->name);
	for (i = 0; i < conf->nr_linkbeats; i++)
		fprintf(out, "%s\t%s %s\n", indent, conf->linkbeats[i].ifname,
			linkbeat_words[conf->linkbeats[i].first]);
	fprintf(out, "%s}\n", indent);
}

static bool vrrp_linkbeat_equal(const void *a, const void *b)
{
	const struct vrrp_conf *one = a, *other = b;
	uint32_t i;

	if (one->nr_linkbeats != other->nr_linkbeats)
		return false;
	for (i = 0; i < one->nr_linkbeats; i++)
		if (!str_equal(one->linkbeats[i].ifname,
			       other->linkbeats[i].ifname) ||
		    one->linkbeats[i].first != other->linkbeats[i].first)
			return false;
	return true;
}

const struct conf_type vrrp_type_linkbeats = {
	.bind = vrrp_linkbeat_bind,
	.print = vrrp_linkbeat_print,
	.equal = vrrp_linkbeat_equal,
};

static void vrrp_linkbeat_bind_all(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	(void)kw;
	(void)node;
	(void)target;
	ctx->draft->vrrp->linkbeat_all = true;
}

static void vrrp_linkbeat_print_all(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	if (*(const bool *)member)
		fprintf(out, "%s%s\n", indent, kw->name);
}

const struct conf_type vrrp_type_linkbeat_all = {
	.bind = vrrp_linkbeat_bind_all,
	.print = vrrp_linkbeat_print_all,
	.equal = conf_equal_bool,
};
