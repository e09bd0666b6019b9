/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bfd_instance: a neighbour that is watched by BFD, for BFD_CHECK and track_bfd. To
 * an instance it is a tracker's source like a script, and so it is bound as one
 * (vrrp_track.c); here are its words.
 */
#include <netinet/in.h>
#include <stddef.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "lib/bfd_ipc.h"

#define BFD(member)                                                        \
	CONF_BOTH(struct vrrp_source_draft, bfd, struct bfd_conf_instance, \
		  member)
/* In ms. */
#define BFD_INTERVAL(lowest) \
	.least = 1, .most = 1, .min = (lowest), .max = 10000

static const struct conf_keyword bfd_keywords[] = {
	{ "neighbor_ip", .type = &conf_type_addr, BFD(neighbor), .least = 1,
	  .most = 1 },
	{ "neighbour_ip", conf_bind_addr,
	  .offset = offsetof(struct vrrp_source_draft, bfd.neighbor),
	  .least = 1, .most = 1, .same = "neighbor_ip" },
	{ "source_ip", .type = &conf_type_addr, BFD(source), .least = 1,
	  .most = 1 },
	{ "min_rx", .type = &conf_type_u32, BFD(min_rx), .preset = 10,
	  BFD_INTERVAL(1) },
	{ "min_tx", .type = &conf_type_u32, BFD(min_tx), .preset = 10,
	  BFD_INTERVAL(1) },
	{ "idle_tx", .type = &conf_type_u32, BFD(idle_tx), .preset = 1000,
	  BFD_INTERVAL(1000) },
	{ "multiplier", .type = &conf_type_u32, BFD(multiplier), .preset = 5,
	  .least = 1, .most = 1, .min = 1, .max = 255 },
	{ "passive", .type = &conf_type_true, BFD(passive) },
	{ "ttl", .type = &conf_type_u32, BFD(ttl), .preset = 255, .least = 1,
	  .most = 1, .min = 1, .max = 255 },
	{ "hoplimit", conf_bind_u32,
	  .offset = offsetof(struct vrrp_source_draft, bfd.ttl), .least = 1,
	  .most = 1, .min = 1, .max = 255, .same = "ttl" },
	/* The default follows from multihop. */
	{ "max_hops", .type = &conf_type_u32, BFD(max_hops),
	  .preset = CONF_UNSET, .least = 1, .most = 1, .min = 0, .max = 255 },
	{ "multihop", .type = &conf_type_true, BFD(multihop) },
	/* Of the lines in track_bfd that say none. */
	{ "weight", conf_bind_source_weight, .least = 1, .most = 2 },
	{ "vrrp", .type = &conf_type_true, BFD(for_vrrp) },
	{ "checker", .type = &conf_type_true, BFD(for_checker) },
};

const struct conf_block conf_block_bfd =
	CONF_BLOCK(BLOCK_BFD, "bfd_instance", bfd_keywords, NULL);

static uint32_t vrrp_bfd_hash(const struct bfd_conf_instance *bfd)
{
	return addr_hash(&bfd->neighbor) * 2 + bfd->multihop;
}

static bool vrrp_bfd_same(const struct conf_ctx *ctx, uint32_t index,
			  const void *key)
{
	const struct bfd_conf_instance *have =
		&ctx->draft->vrrp->sources[index].bfd;
	const struct bfd_conf_instance *want = key;

	return have->multihop == want->multihop &&
	       addr_cmp(&have->neighbor, &want->neighbor) == 0;
}

/* Why no session can be had with the address; NULL: it can. */
static const char *vrrp_bfd_obstacle(const struct addr *neighbor)
{
	static const struct addr none;
	struct addr any = none;

	any.family = neighbor->family;
	if (addr_cmp(neighbor, &any) == 0 || conf_vrrp_is_multicast(neighbor))
		return "not the address of one host";
	if (neighbor->family == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&neighbor->v6))
		return "link-local, and no interface is said with it; give a global or unique local address";
	return NULL;
}

static bool vrrp_bfd_is_fit(struct conf_ctx *ctx,
			    const struct vrrp_source_draft *draft)
{
	const struct bfd_conf_instance *bfd = &draft->bfd;
	const char *obstacle = vrrp_bfd_obstacle(&bfd->neighbor);
	char text[ADDR_TEXT_MAX];

	if (obstacle)
		conf_say(ctx, CLASS_FAULT, draft->node, 1,
			 "the neighbor_ip %s of '%s' is %s",
			 addr_format(&bfd->neighbor, text), draft->name,
			 obstacle);
	else if (addr_is_set(&bfd->source) &&
		 bfd->source.family != bfd->neighbor.family)
		conf_say(
			ctx, CLASS_FAULT, draft->node, 1,
			"source_ip and neighbor_ip of '%s' are of two families",
			draft->name);
	else
		return true;
	return false;
}

static bool vrrp_bfd_is_alone(struct conf_ctx *ctx,
			      const struct vrrp_source_draft *draft)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	const struct bfd_conf_instance *bfd = &draft->bfd;
	uint32_t hash = vrrp_bfd_hash(bfd);
	uint32_t other =
		conf_index_find(ctx, &all->bfd_set, hash, vrrp_bfd_same, bfd);

	if (other != UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, draft->node, 1,
			 "'%s' has the neighbor_ip of '%s' already",
			 all->sources[other].name, draft->name);
		return false;
	}
	if (all->nr_bfd == IPC_BFD_SESSIONS_MAX) {
		conf_say(ctx, CLASS_FAULT, draft->node, 1,
			 "there are more than %u instances of bfd_instance",
			 IPC_BFD_SESSIONS_MAX);
		return false;
	}
	all->nr_bfd++;
	/* The number that it gets when it is put into the list. */
	index_put(&all->bfd_set, hash, (uint32_t)all->nr_sources);
	return true;
}

bool conf_bfd_is_for(struct conf_ctx *ctx,
		     const struct vrrp_source_draft *draft,
		     const struct conf_node *node, bool check)
{
	const struct bfd_conf_instance *bfd = &draft->bfd;

	if (bfd->for_vrrp == bfd->for_checker || bfd->for_checker == check)
		return true;
	conf_say(
		ctx, CLASS_FAULT, node, check ? 1 : 0,
		check ? "the bfd_instance '%s' says 'vrrp', so it is not for checks; say 'checker' there too" :
			"the bfd_instance '%s' says 'checker', so it is not for VRRP; say 'vrrp' there too",
		draft->name);
	return false;
}

bool conf_bfd_settle(struct conf_ctx *ctx, struct vrrp_source_draft *draft)
{
	struct bfd_conf_instance *bfd = &draft->bfd;

	bfd->name = draft->name;
	if (bfd->max_hops == UNSET_U32)
		bfd->max_hops = bfd->multihop ? 255 : 0;
	return vrrp_bfd_is_fit(ctx, draft) && vrrp_bfd_is_alone(ctx, draft);
}

void conf_bfd_finish(struct conf_ctx *ctx)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct bfd_conf *bfd = arena_alloc(ctx->arena, sizeof(*bfd));
	struct bfd_conf_instance *instances =
		arena_alloc(ctx->arena, (all->nr_bfd + 1) * sizeof(*instances));
	size_t i;

	for (i = 0; i < all->nr_sources; i++)
		if (all->sources[i].kind == VRRP_TRACK_BFD &&
		    !all->sources[i].dropped)
			instances[bfd->nr_instances++] = all->sources[i].bfd;
	bfd->instances = instances;
	ctx->conf->bfd = bfd;
}
