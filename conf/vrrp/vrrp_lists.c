/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lists of an instance, when its block ends: its family is found, addresses
 * that do not fit are put elsewhere, and the lists move to the configuration's
 * memory.
 */
#include "conf/vrrp/vrrp_blocks.h"

static uint16_t vrrp_lists_find_family(const struct vrrp_draft *all,
				       const struct vrrp_instance_draft *draft)
{
	if (all->addresses.nr)
		return all->addresses.items[0].addr.family;
	if (draft->native_ipv6)
		return AF_INET6;
	if (all->nr_peers)
		return all->peers[0].addr.family;
	if (all->excluded.nr)
		return all->excluded.items[0].addr.family;
	return AF_INET;
}

/* An advert holds one family; addresses of the other are left out. */
static void vrrp_lists_keep_family(struct conf_ctx *ctx,
				   const struct vrrp_instance_draft *draft)
{
	struct vrrp_address_list *list = &ctx->draft->vrrp->addresses;
	size_t i, kept = 0;

	for (i = 0; i < list->nr; i++) {
		if (list->items[i].addr.family == draft->vi.family) {
			list->nodes[kept] = list->nodes[i];
			list->items[kept++] = list->items[i];
			continue;
		}
		conf_say(
			ctx, CLASS_FAULT, list->nodes[i], 0,
			"the other addresses of '%s' are %s, and an advert has one family; put this one into virtual_ipaddress_excluded, or into an instance of its own",
			draft->vi.name,
			draft->vi.family == AF_INET6 ? "IPv6" : "IPv4");
	}
	list->nr = kept;
}

/*
 * Addresses that do not fit into an advert are held all the same, as in
 * keepalived.
 */
static void vrrp_lists_keep_room(struct conf_ctx *ctx,
				 const struct vrrp_instance_draft *draft)
{
	struct vrrp_address_list *list = &ctx->draft->vrrp->addresses;
	struct vrrp_address_list *excluded = &ctx->draft->vrrp->excluded;
	size_t most = VRRP_ADDRESSES_MAX, i;

	if (draft->vi.family == AF_INET6)
		most = draft->hmac ? VRRP_ADDRESSES_MAX_SIGNED_V6 :
				     VRRP_ADDRESSES_MAX_V6;
	if (list->nr <= most)
		return;
	conf_say(
		ctx, CLASS_FAULT, list->nodes[most], 0,
		"an advert has room for %zu addresses, and '%s' has %zu; put the others into virtual_ipaddress_excluded",
		most, draft->vi.name, list->nr);
	for (i = most; i < list->nr; i++) {
		excluded->items = array_grow(excluded->items, excluded->nr,
					     &excluded->room,
					     sizeof(*excluded->items));
		excluded->items[excluded->nr++] = list->items[i];
	}
	list->nr = most;
}

static void vrrp_lists_keep_peers(struct conf_ctx *ctx,
				  const struct vrrp_instance_draft *draft)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	size_t i, kept = 0;

	for (i = 0; i < all->nr_peers; i++) {
		if (all->peers[i].addr.family == draft->vi.family)
			all->peers[kept++] = all->peers[i];
	}
	if (kept < all->nr_peers)
		conf_say(
			ctx, CLASS_FAULT,
			conf_line_of(ctx, draft->node, "unicast_peer"), 0,
			"the addresses of '%s' are %s, its peers must be as well",
			draft->vi.name,
			draft->vi.family == AF_INET6 ? "IPv6" : "IPv4");
	all->nr_peers = kept;
}

void conf_vrrp_settle_addresses(struct conf_ctx *ctx,
				struct vrrp_instance_draft *draft)
{
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_conf_instance *vi = &draft->vi;

	vi->family = vrrp_lists_find_family(all, draft);
	vrrp_lists_keep_family(ctx, draft);
	vrrp_lists_keep_room(ctx, draft);
	vrrp_lists_keep_peers(ctx, draft);
	vi->nr_addresses = (uint32_t)all->addresses.nr;
	vi->nr_excluded = (uint32_t)all->excluded.nr;
	vi->nr_peers = (uint32_t)all->nr_peers;
	vi->addresses = arena_copy(ctx->arena, all->addresses.items,
				   all->addresses.nr, sizeof(*vi->addresses));
	vi->excluded = arena_copy(ctx->arena, all->excluded.items,
				  all->excluded.nr, sizeof(*vi->excluded));
	vi->peers = arena_copy(ctx->arena, all->peers, all->nr_peers,
			       sizeof(*vi->peers));
	vi->nr_routes = (uint32_t)all->routes.nr;
	vi->routes = arena_copy(ctx->arena, all->routes.items, all->routes.nr,
				sizeof(*vi->routes));
	vi->nr_rules = (uint32_t)all->rules.nr;
	vi->rules = arena_copy(ctx->arena, all->rules.items, all->rules.nr,
			       sizeof(*vi->rules));
}
