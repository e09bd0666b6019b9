/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of virtual_ipaddress, virtual_ipaddress_excluded and unicast_peer. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "conf/vrrp/vrrp_line.h"

/* Words of keepalived's lines that are not acted on. */
static const struct conf_keyword idle_words[] = {
	FLAG_MISSED("use_vmac", "the address goes to the interface itself"),
};

const struct conf_block conf_block_address_idle =
	CONF_BLOCK(BLOCK_VRRP_ADDRESS_IDLE, "a line of virtual_ipaddress",
		   idle_words, NULL);

/* A line of addresses being read. */
struct vrrp_address_draft {
	struct vrrp_conf_address address;
	/* The index in the file of the word that is '+' or '-'; 0: none. */
	uint32_t broadcast;
};

/* The address itself stands without a word before it. */
static void vrrp_address_bare(struct conf_ctx *ctx,
			      const struct conf_keyword *kw,
			      const struct conf_node *node, void *target)
{
	struct vrrp_conf_address *address = target;

	(void)kw;
	if (addr_is_set(&address->addr))
		vrrp_line_bad(ctx, node, "a word of virtual_ipaddress");
	else
		conf_vrrp_prefix(ctx, node, 1, &address->addr,
				 &address->prefix);
}

static bool vrrp_address_stands(const void *target)
{
	const struct vrrp_conf_address *address = target;

	return addr_is_set(&address->addr);
}

static void address_bind_peer(struct conf_ctx *ctx,
			      const struct conf_keyword *kw,
			      const struct conf_node *node, void *target)
{
	struct vrrp_conf_address *address = target;

	(void)kw;
	conf_vrrp_prefix(ctx, node, 1, &address->peer, &address->prefix);
}

/* "ADDRESS/LENGTH" or "ADDRESS peer PEER/LENGTH" */
static void address_print_peer(FILE *out, const char *indent,
			       const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_address *address = final;
	char text[ADDR_TEXT_MAX];

	fprintf(out, "%s%s", indent, addr_format(&address->addr, text));
	if (addr_is_set(&address->peer))
		fprintf(out, " %s %s", kw->name,
			addr_format(&address->peer, text));
	fprintf(out, "/%u\n", address->prefix);
}

static bool address_equal_peer(const void *a, const void *b)
{
	const struct vrrp_conf_address *one = a, *other = b;

	return addr_cmp(&one->addr, &other->addr) == 0 &&
	       addr_cmp(&one->peer, &other->peer) == 0 &&
	       one->prefix == other->prefix;
}

static const struct conf_type address_peer = {
	.bind = address_bind_peer,
	.print = address_print_peer,
	.equal = address_equal_peer,
};

static void address_bind_label(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	const struct conf_word *value = conf_word(ctx, node, 1);
	struct vrrp_conf_address *address = target;

	(void)kw;
	if (value->len > VRRP_IFNAME_MAX || value->len == 0)
		vrrp_line_bad(ctx, node, "a label of 1 to 15 bytes");
	else
		address->label = conf_string(ctx, value->text, value->len);
}

static const struct conf_type address_label = {
	.bind = address_bind_label,
	.print = conf_print_string,
	.equal = conf_equal_string,
};

static void address_bind_lifetime(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	const struct conf_word *value = conf_word(ctx, node, 1);
	struct vrrp_conf_address *address = target;
	uint64_t seconds;

	(void)kw;
	if (conf_is(value, "forever"))
		seconds = VRRP_LFT_FOREVER;
	else if (!conf_get_number(value, VRRP_LFT_FOREVER - 1, &seconds)) {
		vrrp_line_bad(ctx, node, "a number of seconds, or 'forever'");
		return;
	}
	address->preferred_lft = (uint32_t)seconds;
}

static void address_print_lifetime(FILE *out, const char *indent,
				   const struct conf_keyword *kw,
				   const void *member)
{
	uint32_t seconds = *(const uint32_t *)member;

	if (seconds == VRRP_LFT_FOREVER)
		fprintf(out, "%s%s forever\n", indent, kw->name);
	else if (seconds != VRRP_LFT_DEFAULT)
		conf_print_u32(out, indent, kw, member);
}

static const struct conf_type address_lifetime = {
	.bind = address_bind_lifetime,
	.print = address_print_lifetime,
	.equal = conf_equal_u32,
};

static void address_bind_broadcast(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	const struct conf_word *value = conf_word(ctx, node, 1);
	struct vrrp_address_draft *draft = target;

	if (conf_is(value, "+") || conf_is(value, "-"))
		draft->broadcast = node->words + 1;
	else
		conf_bind_addr(ctx, kw, node, target);
}

static const struct conf_type address_broadcast = {
	.bind = address_bind_broadcast,
	.print = conf_print_addr,
	.equal = conf_equal_addr,
};

static void address_bind_scope(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	struct vrrp_conf_address *address = target;

	(void)kw;
	if (!conf_vrrp_scope(conf_word(ctx, node, 1), &address->scope))
		vrrp_line_bad(ctx, node,
			      "global, site, link, host, nowhere or a number");
}

static void address_print_scope(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *member)
{
	if (*(const uint8_t *)member != RT_SCOPE_UNIVERSE)
		conf_print_u8(out, indent, kw, member);
}

static const struct conf_type address_scope = {
	.bind = address_bind_scope,
	.print = address_print_scope,
	.equal = conf_equal_u8,
};

#define ADDRESS(member)                               \
	CONF_BOTH(struct vrrp_address_draft, address, \
		  struct vrrp_conf_address, member)
#define ADDRESS_FLAG(word, flag)                                              \
	{                                                                     \
		(word), .type = &vrrp_type_bit, ADDRESS(flags), .min = (flag) \
	}
/* Another row prints and compares the member. */
#define ADDRESS_ALIAS(member) \
	.offset = offsetof(struct vrrp_address_draft, address.member)

static const struct conf_keyword address_options[] = {
	{ "peer", .type = &address_peer, .kept = CONF_KEPT_WHOLE, .least = 1 },
	{ "brd", .type = &address_broadcast, ADDRESS(broadcast), .least = 1 },
	{ "broadcast", .type = &address_broadcast, ADDRESS_ALIAS(broadcast),
	  .least = 1 },
	{ "dev", .type = &vrrp_type_ifname, ADDRESS(dev), .least = 1 },
	{ "scope", .type = &address_scope, ADDRESS(scope), .least = 1 },
	{ "label", .type = &address_label, ADDRESS(label), .least = 1 },
	ADDRESS_FLAG("home", IFA_F_HOMEADDRESS),
	ADDRESS_FLAG("mngtmpaddr", IFA_F_MANAGETEMPADDR),
	ADDRESS_FLAG("noprefixroute", IFA_F_NOPREFIXROUTE),
	ADDRESS_FLAG("autojoin", IFA_F_MCAUTOJOIN),
	{ "-nodad", .type = &vrrp_type_word, ADDRESS(dad), .min = true },
	{ "preferred_lft", .type = &address_lifetime, ADDRESS(preferred_lft),
	  .least = 1 },
	{ "no_track", .type = &vrrp_type_word, ADDRESS(no_track), .min = true,
	  .flags = KW_APART },
	{ "track_group", .type = &vrrp_type_line_group,
	  ADDRESS_ALIAS(track_group), .least = 1 },
};

static const struct conf_block address_block =
	CONF_BLOCK(BLOCK_VRRP_ADDRESS, "a line of virtual_ipaddress",
		   address_options, &conf_block_address_idle);

/* Complain of the line's first word, the address. */
static bool vrrp_address_bad_family(struct conf_ctx *ctx,
				    const struct conf_node *node,
				    const char *expected)
{
	struct conf_node first = *node;

	first.words--;
	first.nr_words++;
	vrrp_line_bad(ctx, &first, expected);
	return false;
}

/* brd + is the highest address of the network, brd - the lowest. */
static void vrrp_address_set_broadcast(struct conf_ctx *ctx,
				       struct vrrp_address_draft *draft)
{
	struct vrrp_conf_address *address = &draft->address;
	uint32_t host = address->prefix == 0  ? UINT32_MAX :
			address->prefix >= 32 ? 0 :
						UINT32_MAX >> address->prefix;
	bool plus = conf_is(&ctx->words[draft->broadcast], "+");

	address->broadcast = address->addr;
	if (plus)
		address->broadcast.v4.s_addr |= htonl(host);
	else
		address->broadcast.v4.s_addr &= htonl(~host);
}

/* IPv6 has neither labels nor broadcast addresses. */
static void vrrp_address_drop_v4_words(struct conf_ctx *ctx,
				       const struct conf_node *node,
				       struct vrrp_address_draft *draft)
{
	struct vrrp_conf_address *address = &draft->address;

	if (address->addr.family != AF_INET6 ||
	    (!address->label && !draft->broadcast &&
	     !addr_is_set(&address->broadcast)))
		return;
	conf_say(ctx, CLASS_WARNING, node, 0,
		 "IPv6 addresses have no %s; this is ignored",
		 address->label ? "label" : "broadcast address");
	address->label = NULL;
	address->broadcast = (struct addr){ 0 };
	draft->broadcast = 0;
}

/* Check the words that only make sense in one family. */
static bool vrrp_address_check(struct conf_ctx *ctx,
			       const struct conf_node *node, void *target)
{
	struct vrrp_address_draft *draft = target;
	struct vrrp_conf_address *address = &draft->address;

	if (!addr_is_set(&address->addr)) {
		conf_say(ctx, CLASS_FAULT, node, 0, "the line has no address");
		return false;
	}
	vrrp_address_drop_v4_words(ctx, node, draft);
	if (addr_is_set(&address->broadcast) &&
	    address->broadcast.family != address->addr.family)
		return vrrp_address_bad_family(
			ctx, node, "a broadcast address of its family");
	if (addr_is_set(&address->peer) &&
	    address->peer.family != address->addr.family)
		return vrrp_address_bad_family(ctx, node,
					       "a peer of its family");
	if (draft->broadcast && address->prefix > 30)
		conf_say(
			ctx, CLASS_WARNING, node,
			draft->broadcast - node->words,
			"a network with the prefix length %u has no broadcast address; this is ignored",
			address->prefix);
	else if (draft->broadcast)
		vrrp_address_set_broadcast(ctx, draft);
	return true;
}

const struct vrrp_line_kind vrrp_address_lines = {
	.name = "addresses",
	.block = &address_block,
	.size = sizeof(struct vrrp_conf_address),
	.bare = vrrp_address_bare,
	.stands = vrrp_address_stands,
	.check = vrrp_address_check,
};

bool vrrp_address_equal(const struct vrrp_conf_address *a,
			const struct vrrp_conf_address *b)
{
	return vrrp_lines_equal(&vrrp_address_lines, a, 1, b, 1);
}

bool vrrp_addresses_equal(const struct vrrp_conf_address *a, uint32_t nr_a,
			  const struct vrrp_conf_address *b, uint32_t nr_b)
{
	return vrrp_lines_equal(&vrrp_address_lines, a, nr_a, b, nr_b);
}

bool conf_vrrp_address(struct conf_ctx *ctx, const struct conf_node *node,
		       struct vrrp_conf_address *address)
{
	struct vrrp_address_draft draft = {
		.address.preferred_lft = VRRP_LFT_DEFAULT,
	};
	bool good = vrrp_line_bind(ctx, &vrrp_address_lines, node, &draft);

	*address = draft.address;
	return good;
}

void conf_bind_addresses(struct conf_ctx *ctx, const struct conf_keyword *kw,
			 const struct conf_node *node, void *target)
{
	struct vrrp_address_list *list =
		(void *)((char *)ctx->draft->vrrp + kw->offset);
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		list->items = array_grow(list->items, list->nr, &list->room,
					 sizeof(*list->items));
		list->nodes = array_grow(list->nodes, list->nr,
					 &list->room_nodes,
					 sizeof(struct conf_node *));
		list->nodes[list->nr] = &ctx->nodes[i];
		if (conf_vrrp_address(ctx, &ctx->nodes[i],
				      &list->items[list->nr]))
			list->nr++;
	}
}

/* Peers of unicast: "ADDRESS [min_ttl N] [max_ttl N]" */

#define PEER_WORDS \
	"'min_ttl N' or 'max_ttl N', up to 255, is expected behind a peer"

static void vrrp_peer_bare(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vrrp_conf_peer *peer = target;

	(void)kw;
	if (addr_is_set(&peer->addr))
		conf_say(ctx, CLASS_FAULT, node, 1, PEER_WORDS);
	else
		conf_get_host(ctx, node, 1, &peer->addr);
}

static bool vrrp_peer_stands(const void *target)
{
	const struct vrrp_conf_peer *peer = target;

	return addr_is_set(&peer->addr);
}

static void vrrp_peer_bind_ttl(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	uint8_t *ttl = (uint8_t *)target + kw->offset;
	uint64_t value;

	if (conf_get_number(conf_word(ctx, node, 1), UINT8_MAX, &value))
		*ttl = (uint8_t)value;
	else
		conf_say(ctx, CLASS_FAULT, node, 0, PEER_WORDS);
}

static void vrrp_peer_print_min_ttl(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *final)
{
	const struct vrrp_conf_peer *peer = final;
	char text[ADDR_TEXT_MAX];

	fprintf(out, "%s%s %s %u\n", indent, addr_format(&peer->addr, text),
		kw->name, peer->min_ttl);
}

static bool vrrp_peer_equal_min_ttl(const void *a, const void *b)
{
	const struct vrrp_conf_peer *one = a, *other = b;

	return addr_cmp(&one->addr, &other->addr) == 0 &&
	       one->min_ttl == other->min_ttl;
}

/* The first row of the table; so it prints and compares the address too. */
static const struct conf_type vrrp_peer_min_ttl = {
	.bind = vrrp_peer_bind_ttl,
	.print = vrrp_peer_print_min_ttl,
	.equal = vrrp_peer_equal_min_ttl,
};

static const struct conf_type vrrp_peer_max_ttl = {
	.bind = vrrp_peer_bind_ttl,
	.print = conf_print_u8,
	.equal = conf_equal_u8,
};

static const struct conf_keyword vrrp_peer_options[] = {
	{ "min_ttl", .type = &vrrp_peer_min_ttl,
	  .offset = offsetof(struct vrrp_conf_peer, min_ttl),
	  .kept = CONF_KEPT_WHOLE, .least = 1 },
	{ "max_ttl", .type = &vrrp_peer_max_ttl,
	  CONF_MEMBER(struct vrrp_conf_peer, max_ttl), .least = 1 },
};

static const struct conf_block vrrp_peer_block = CONF_BLOCK(
	BLOCK_VRRP_PEER, "a line of unicast_peer", vrrp_peer_options, NULL);

static bool vrrp_peer_check(struct conf_ctx *ctx, const struct conf_node *node,
			    void *target)
{
	const struct vrrp_conf_peer *peer = target;

	if (peer->min_ttl <= peer->max_ttl)
		return true;
	conf_say(ctx, CLASS_FAULT, node, 0,
		 "min_ttl %u is above max_ttl %u: no packet could arrive",
		 peer->min_ttl, peer->max_ttl);
	return false;
}

const struct vrrp_line_kind vrrp_peer_lines = {
	.name = "addresses",
	.block = &vrrp_peer_block,
	.size = sizeof(struct vrrp_conf_peer),
	.missing = PEER_WORDS,
	.bare = vrrp_peer_bare,
	.stands = vrrp_peer_stands,
	.check = vrrp_peer_check,
};

void conf_bind_peers(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	struct vrrp_instance_draft *instance = target;
	struct vrrp_draft *draft = ctx->draft->vrrp;
	struct vrrp_conf_peer *peer;
	uint32_t i;

	(void)kw;
	instance->unicast = true;
	conf_for_each(ctx, node, i)
	{
		draft->peers = array_grow(draft->peers, draft->nr_peers,
					  &draft->room_peers, sizeof(*peer));
		peer = &draft->peers[draft->nr_peers];
		memset(peer, 0, sizeof(*peer));
		peer->max_ttl = 255;
		if (vrrp_line_bind(ctx, &vrrp_peer_lines, &ctx->nodes[i], peer))
			draft->nr_peers++;
	}
}
