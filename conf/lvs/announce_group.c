/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce_group: addresses that several balancers serve at the same time, and
 * the interface whose addresses a routing daemon announces; and `announce NAME`,
 * by which a virtual server says that its health counts for a group.
 *
 * Virtual servers are bound when all groups are known.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lvs/draft.h"
#include "conf/vrrp/vrrp_blocks.h"

/* A lease is renewed every third of it, and the kernel counts whole seconds. */
#define ANNOUNCE_LEASE_MIN (3 * USEC_PER_SEC)
#define ANNOUNCE_DELAY_MAX (86400 * USEC_PER_SEC)
#define ANNOUNCE_MIN_PRESET 1
#define ANNOUNCE_OTHERS_MAX 64

#define ANNOUNCE(member)                                        \
	.offset = offsetof(struct announce_draft, group) +      \
		  offsetof(struct conf_announce_group, member), \
	.kept = CONF_KEPT(struct conf_announce_group, member)

static uint32_t announce_hash(const struct addr *addr)
{
	return conf_hash_add(conf_hash(addr->bytes, sizeof(addr->bytes)),
			     addr->family);
}

/* The number of the group that has ADDR; CONF_NO_GROUP: none. */
static uint32_t announce_find_address(const struct conf_ctx *ctx,
				      const struct addr *addr)
{
	const struct conf_draft *all = ctx->draft;
	struct index_walk walk;
	uint32_t i;

	index_for_each (&all->announced_set, announce_hash(addr), &walk, i)
		if (addr_cmp(&all->announced[i].addr, addr) == 0)
			return all->announced[i].group;
	return CONF_NO_GROUP;
}

/* ADDR is in the group at hand, which gets the next number. */
static void announce_note_address(const struct conf_ctx *ctx,
				  const struct addr *addr)
{
	struct conf_draft *all = ctx->draft;

	index_put(&all->announced_set, announce_hash(addr),
		  (uint32_t)all->nr_announced);
	all->announced = array_grow(all->announced, all->nr_announced,
				    &all->room_announced,
				    sizeof(*all->announced));
	all->announced[all->nr_announced++] =
		(struct announced){ .addr = *addr,
				    .group = (uint32_t)all->nr_announces };
}

static uint32_t announce_find(const struct conf_ctx *ctx,
			      const struct conf_word *name)
{
	const struct conf_draft *all = ctx->draft;
	struct index_walk walk;
	uint32_t i;

	index_for_each (&all->announce_set, conf_hash(name->text, name->len),
			&walk, i) {
		const char *known = all->announces[i].group.name;

		if (strlen(known) == name->len &&
		    memcmp(known, name->text, name->len) == 0)
			return i;
	}
	return CONF_NO_GROUP;
}

/* Why no group can have ADDR/PREFIX; NULL: one can. */
static const char *announce_absurd(const struct conf_ctx *ctx,
				   const struct addr *addr, uint8_t prefix)
{
	const char *why = conf_addr_absurd(addr);
	uint32_t group;

	if (why)
		return why;
	if (prefix != (addr->family == AF_INET6 ? 128 : 32))
		return "an announced address is that of one host: /32, or /128";
	if (addr->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&addr->v6))
		return "a link-local address cannot be routed";
	group = announce_find_address(ctx, addr);
	if (group == CONF_NO_GROUP)
		return NULL;
	return group == ctx->draft->nr_announces ?
		       "it is in this group already" :
		       "it is in another announce_group already";
}

static void announce_bind_addresses(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct announce_draft *draft = target;
	const struct conf_node *line;
	struct addr addr;
	uint8_t prefix;
	const char *why;
	uint32_t i;

	(void)kw;
	conf_for_each(ctx, node, i)
	{
		line = &ctx->nodes[i];
		if (!conf_vrrp_prefix(ctx, line, 0, &addr, &prefix))
			continue;
		why = line->nr_words > 1 ?
			      "nothing but the address can stand here: its interface is the group's" :
			      announce_absurd(ctx, &addr, prefix);
		if (why) {
			conf_say(ctx, CLASS_FAULT, line, 0,
				 "'%.*s' cannot be announced: %s",
				 CONF_SHOW(conf_word(ctx, line, 0)), why);
			continue;
		}
		draft->addresses =
			array_grow(draft->addresses, draft->nr_addresses,
				   &draft->room_addresses, sizeof(addr));
		draft->addresses[draft->nr_addresses++] = addr;
		announce_note_address(ctx, &addr);
	}
}

static void announce_print_addresses(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *member)
{
	const struct conf_announce_group *group = member;
	char text[ADDR_TEXT_MAX];
	uint32_t i;

	fprintf(out, "%s%s {\n", indent, kw->name);
	for (i = 0; i < group->nr_addresses; i++)
		fprintf(out, "%s\t%s\n", indent,
			addr_format(&group->addresses[i], text));
	fprintf(out, "%s}\n", indent);
}

static bool announce_equal_addresses(const void *a, const void *b)
{
	const struct conf_announce_group *x = a, *y = b;
	uint32_t i;

	if (x->nr_addresses != y->nr_addresses)
		return false;
	for (i = 0; i < x->nr_addresses; i++)
		if (addr_cmp(&x->addresses[i], &y->addresses[i]) != 0)
			return false;
	return true;
}

static const struct conf_type announce_addresses = {
	.bind = announce_bind_addresses,
	.print = announce_print_addresses,
	.equal = announce_equal_addresses,
};

static const struct conf_choice announce_whens[] = {
	{ "quorum", ANNOUNCE_QUORUM },
	{ "serving", ANNOUNCE_SERVING },
	{ "always", ANNOUNCE_ALWAYS },
	{ 0 },
};

static const struct conf_keyword announce_keywords[] = {
	{ "interface", conf_bind_interface, .type = &conf_type_string,
	  ANNOUNCE(ifname), .least = 1, .most = 1, .preset_text = "evk-up" },
	{ "virtual_ipaddress", .type = &announce_addresses,
	  .kept = CONF_KEPT_WHOLE, .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "when", .type = &conf_type_choice, .data = announce_whens,
	  ANNOUNCE(when), .least = 1, .most = 1 },
	{ "announce_delay", .type = &conf_type_time, ANNOUNCE(announce_delay),
	  .least = 1, .most = 1, .min = 0, .max = ANNOUNCE_DELAY_MAX,
	  .preset = 15 * USEC_PER_SEC },
	{ "withdraw_delay", .type = &conf_type_time, ANNOUNCE(withdraw_delay),
	  .least = 1, .most = 1, .min = 0, .max = ANNOUNCE_DELAY_MAX,
	  .preset = 2 * USEC_PER_SEC },
	{ "linger", .type = &conf_type_time, ANNOUNCE(linger), .least = 1,
	  .most = 1, .min = 0, .max = ANNOUNCE_DELAY_MAX,
	  .preset = 30 * USEC_PER_SEC },
	{ "lease", .type = &conf_type_time, ANNOUNCE(lease), .least = 1,
	  .most = 1, .min = 0, .max = ANNOUNCE_DELAY_MAX },
	{ "min_announcers", .type = &conf_type_u32, ANNOUNCE(min_announcers),
	  .least = 1, .most = 1, .min = 0, .max = ANNOUNCE_OTHERS_MAX,
	  .preset = ANNOUNCE_MIN_PRESET },
	{ "drain_interface", conf_bind_interface, .type = &conf_type_string,
	  ANNOUNCE(drain_ifname), .least = 1, .most = 1 },
};

const struct conf_block conf_block_announce =
	CONF_BLOCK(BLOCK_ANNOUNCE, "announce_group", announce_keywords, NULL);

static void announce_settle(struct conf_ctx *ctx, struct announce_draft *draft)
{
	struct conf_announce_group *group = &draft->group;

	if (draft->nr_addresses == 0)
		conf_say(
			ctx, CLASS_FAULT, draft->node, 1,
			"the announce_group has no address: it needs a 'virtual_ipaddress' block");
	if (group->lease > 0 && group->lease < ANNOUNCE_LEASE_MIN) {
		conf_say(
			ctx, CLASS_FAULT,
			conf_line_of(ctx, draft->node, "lease"), 1,
			"a lease is 3 seconds at least, since it is renewed every third of it; 0 is none");
		group->lease = ANNOUNCE_LEASE_MIN;
	}
	if (group->drain_ifname &&
	    strcmp(group->drain_ifname, group->ifname) == 0) {
		conf_say(
			ctx, CLASS_FAULT,
			conf_line_of(ctx, draft->node, "drain_interface"), 1,
			"'drain_interface' has to be another interface than 'interface', or a drained balancer stays announced");
		group->drain_ifname = NULL;
	}
	if (group->lease % USEC_PER_SEC) /* in whole seconds */
		group->lease += USEC_PER_SEC - group->lease % USEC_PER_SEC;
}

void conf_bind_announce_group(struct conf_ctx *ctx,
			      const struct conf_keyword *kw,
			      const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	struct conf_draft *all = ctx->draft;
	struct announce_draft draft = { .node = node };
	uint32_t number = (uint32_t)all->nr_announces;

	if (ctx->vrrp_only)
		return;
	if (announce_find(ctx, name) != CONF_NO_GROUP) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is an announce_group '%.*s' already",
			 CONF_SHOW(name));
		return;
	}
	conf_block_preset(&conf_block_announce, &draft);
	conf_bind_block(ctx, &conf_block_announce, node, &draft);
	announce_settle(ctx, &draft);
	draft.group.name = conf_string(ctx, name->text, name->len);
	draft.group.pos = (struct conf_pos){ node->file, node->line };
	draft.group.nr_addresses = (uint32_t)draft.nr_addresses;
	draft.group.addresses = arena_copy(ctx->arena, draft.addresses,
					   draft.nr_addresses,
					   sizeof(*draft.addresses));
	free(draft.addresses);
	draft.addresses = NULL;
	all->announces = array_grow(all->announces, all->nr_announces,
				    &all->room_announces, sizeof(draft));
	all->announces[all->nr_announces++] = draft;
	index_put(&all->announce_set, conf_hash(name->text, name->len), number);
}

void conf_bind_announce(struct conf_ctx *ctx, const struct conf_keyword *kw,
			const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	uint32_t number = announce_find(ctx, name);
	struct vs_draft *draft = target;

	(void)kw;
	if (number == CONF_NO_GROUP) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is no announce_group '%.*s' in the file",
			 CONF_SHOW(name));
		return;
	}
	ctx->draft->announces[number].used = true;
	draft->vs.announce = ctx->draft->announces[number].group.name;
	draft->vs.announce_group = number;
}

void conf_check_announce(struct conf_ctx *ctx, const struct vs_draft *vs)
{
	char text[ADDR_TEXT_MAX];
	uint32_t i;

	if (!vs->vs.announce)
		return;
	for (i = 0; i < vs->vs.nr_keys; i++) {
		const struct service_key *key = &vs->vs.keys[i];

		if (key->fwmark || announce_find_address(ctx, &key->vip.addr) ==
					   vs->vs.announce_group)
			continue;
		conf_say(
			ctx, CLASS_WARNING,
			conf_line_of(ctx, vs->node, "announce"), 1,
			"%s is not in the virtual_ipaddress of the announce_group '%s': nobody announces it",
			addr_format(&key->vip.addr, text), vs->vs.announce);
		return;
	}
}

/* An address that moves between the two of a pair is not announced by both. */
static void announce_check_held(struct conf_ctx *ctx,
				const struct vrrp_conf_instance *vi,
				const struct vrrp_conf_address *addresses,
				uint32_t nr)
{
	char text[ADDR_TEXT_MAX];
	uint32_t i, group;

	for (i = 0; i < nr; i++) {
		group = announce_find_address(ctx, &addresses[i].addr);
		if (group == CONF_NO_GROUP)
			continue;
		conf_say(
			ctx, CLASS_FAULT, ctx->draft->announces[group].node, 1,
			"%s is an address of the vrrp_instance '%s' too: one balancer at a time has those, and all announce these",
			addr_format(&addresses[i].addr, text), vi->name);
	}
}

/* Words on the other balancers, of which none or too few are known. */
static void announce_check_others(struct conf_ctx *ctx,
				  const struct announce_draft *draft)
{
	const struct conf_node *line =
		conf_line_of(ctx, draft->node, "min_announcers");
	uint32_t peers = ctx->conf->global.nr_operator_peers;

	if (draft->group.min_announcers == ANNOUNCE_MIN_PRESET)
		return;
	if (peers == 0)
		conf_say(
			ctx, CLASS_WARNING, line, 0,
			"'min_announcers' does nothing without 'operator_peer' in global_defs: nobody tells how many others announce");
	else if (draft->group.min_announcers > peers && peers == 1)
		conf_say(
			ctx, CLASS_WARNING, line, 1,
			"there is one 'operator_peer', so that never more than 1 other is known to announce: the health of the pools withdraws nothing");
	else if (draft->group.min_announcers > peers)
		conf_say(
			ctx, CLASS_WARNING, line, 1,
			"there are %u 'operator_peer', so that never more than %u others are known to announce: the health of the pools withdraws nothing",
			peers, peers);
}

void conf_finish_announce(struct conf_ctx *ctx)
{
	const struct vrrp_conf *vrrp = ctx->conf->vrrp;
	struct conf_draft *all = ctx->draft;
	struct conf_announce_group *groups = arena_alloc(
		ctx->arena, (all->nr_announces + 1) * sizeof(*groups));
	uint32_t i;

	for (i = 0; all->nr_announces && i < vrrp->nr_instances; i++) {
		const struct vrrp_conf_instance *vi = &vrrp->instances[i];

		announce_check_held(ctx, vi, vi->addresses, vi->nr_addresses);
		announce_check_held(ctx, vi, vi->excluded, vi->nr_excluded);
	}
	for (i = 0; i < all->nr_announces; i++) {
		const struct announce_draft *draft = &all->announces[i];

		groups[i] = draft->group;
		announce_check_others(ctx, draft);
		if (!draft->used)
			conf_say(
				ctx, CLASS_WARNING, draft->node, 1,
				"no virtual_server says 'announce %s': the address is announced whether its service works or not",
				draft->group.name);
	}
	ctx->conf->announce_groups = groups;
	ctx->conf->nr_announce_groups = (uint32_t)all->nr_announces;
}
