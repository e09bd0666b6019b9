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
	KW_NOTHING("no_track"),
	KW_MISSED("use_vmac", "the address goes to the interface itself"),
};

const struct conf_block conf_block_address_idle = CONF_BLOCK(
	BLOCK_ADDRESS_IDLE, "a line of virtual_ipaddress", idle_words, NULL);

struct address_line {
	struct vrrp_line line;
	uint32_t broadcast; /* the word that is '+' or '-'; 0: none */
};

static struct address_line *address_line(struct vrrp_line *line)
{
	return container_of(line, struct address_line, line);
}

/* The address itself stands without a word before it. */
static bool vrrp_address_bare(struct vrrp_line *line)
{
	struct vrrp_conf_address *address = line->target;

	if (addr_is_set(&address->addr))
		return vrrp_line_bad(line, "a word of virtual_ipaddress");
	return conf_vrrp_prefix(line->ctx, line->node, line->word - 1,
				&address->addr, &address->prefix);
}

static bool address_read_peer(struct vrrp_line *line,
			      const struct vrrp_option *option, void *target)
{
	struct vrrp_conf_address *address = target;

	(void)option;
	return conf_vrrp_prefix(line->ctx, line->node, line->word - 1,
				&address->peer, &address->prefix);
}

/* "ADDRESS/LENGTH" or "ADDRESS peer PEER/LENGTH" */
static void address_print_peer(struct vrrp_line_out *out,
			       const struct vrrp_option *option,
			       const void *target)
{
	const struct vrrp_conf_address *address = target;
	char text[ADDR_TEXT_MAX];

	vrrp_line_put(out, "%s", addr_format(&address->addr, text));
	vrrp_option_print_host(out, option, target);
	fprintf(out->file, "/%u", address->prefix);
}

static bool address_equal_peer(const struct vrrp_option *option, const void *a,
			       const void *b)
{
	const struct vrrp_conf_address *one = a, *other = b;

	return addr_cmp(&one->addr, &other->addr) == 0 &&
	       vrrp_option_equal_network(option, a, b);
}

static const struct vrrp_option_type address_peer = {
	.read = address_read_peer,
	.print = address_print_peer,
	.equal = address_equal_peer,
};

static bool address_read_label(struct vrrp_line *line,
			       const struct vrrp_option *option, void *target)
{
	const struct conf_word *value = vrrp_line_word(line);
	struct vrrp_conf_address *address = target;

	(void)option;
	if (value->len > VRRP_IFNAME_MAX || value->len == 0)
		return vrrp_line_bad(line, "a label of 1 to 15 bytes");
	address->label = conf_string(line->ctx, value->text, value->len);
	return true;
}

static const struct vrrp_option_type address_label = {
	.read = address_read_label,
	.print = vrrp_option_print_name,
	.equal = vrrp_option_equal_name,
};

static bool address_read_lifetime(struct vrrp_line *line,
				  const struct vrrp_option *option,
				  void *target)
{
	const struct conf_word *value = vrrp_line_word(line);
	struct vrrp_conf_address *address = target;
	uint64_t seconds;

	(void)option;
	if (conf_is(value, "forever"))
		seconds = VRRP_LFT_FOREVER;
	else if (!conf_get_number(value, VRRP_LFT_FOREVER - 1, &seconds))
		return vrrp_line_bad(line, "a number of seconds, or 'forever'");
	address->preferred_lft = (uint32_t)seconds;
	return true;
}

static void address_print_lifetime(struct vrrp_line_out *out,
				   const struct vrrp_option *option,
				   const void *target)
{
	const struct vrrp_conf_address *address = target;

	if (address->preferred_lft == VRRP_LFT_FOREVER)
		vrrp_line_put(out, "%s forever", option->word);
	else if (address->preferred_lft != VRRP_LFT_DEFAULT)
		vrrp_line_put(out, "%s %u", option->word,
			      address->preferred_lft);
}

static const struct vrrp_option_type address_lifetime = {
	.read = address_read_lifetime,
	.print = address_print_lifetime,
	.equal = vrrp_option_equal_bytes,
};

static bool address_read_broadcast(struct vrrp_line *line,
				   const struct vrrp_option *option,
				   void *target)
{
	const struct conf_word *value = vrrp_line_word(line);

	if (conf_is(value, "+") || conf_is(value, "-")) {
		address_line(line)->broadcast = line->word - 1;
		return true;
	}
	return vrrp_option_host.read(line, option, target);
}

static const struct vrrp_option_type address_broadcast = {
	.read = address_read_broadcast,
	.print = vrrp_option_print_host,
	.equal = vrrp_option_equal_host,
};

static bool address_read_track_group(struct vrrp_line *line,
				     const struct vrrp_option *option,
				     void *target)
{
	static const struct conf_keyword idle = KW_NOTHING("track_group");

	(void)option;
	(void)target;
	conf_note_idle(line->ctx, &idle, line->node);
	return true;
}

static const struct vrrp_option_type address_track_group = {
	.read = address_read_track_group,
};

static bool address_read_scope(struct vrrp_line *line,
			       const struct vrrp_option *option, void *target)
{
	struct vrrp_conf_address *address = target;

	(void)option;
	return conf_vrrp_scope(vrrp_line_word(line), &address->scope) ||
	       vrrp_line_bad(line,
			     "global, site, link, host, nowhere or a number");
}

static const struct vrrp_option_type address_scope = {
	.read = address_read_scope,
	.print = vrrp_option_print_number,
	.equal = vrrp_option_equal_bytes,
};

#define ADDRESS(word, type, member) \
	VRRP_OPTION(word, type, vrrp_conf_address, member)
#define FLAG(word, flag) ADDRESS(word, &vrrp_option_bit, flags), .value = (flag)

static const struct vrrp_option address_list[] = {
	{ ADDRESS("peer", &address_peer, peer),
	  .prefix = (uint32_t)offsetof(struct vrrp_conf_address, prefix) },
	{ ADDRESS("brd", &address_broadcast, broadcast) },
	{ ADDRESS("broadcast", &address_broadcast, broadcast), .alias = true },
	{ ADDRESS("dev", &vrrp_option_ifname, dev) },
	{ ADDRESS("scope", &address_scope, scope) },
	{ ADDRESS("label", &address_label, label) },
	{ FLAG("home", IFA_F_HOMEADDRESS) },
	{ FLAG("mngtmpaddr", IFA_F_MANAGETEMPADDR) },
	{ FLAG("noprefixroute", IFA_F_NOPREFIXROUTE) },
	{ FLAG("autojoin", IFA_F_MCAUTOJOIN) },
	{ ADDRESS("-nodad", &vrrp_option_word, dad), .value = true },
	{ ADDRESS("preferred_lft", &address_lifetime, preferred_lft) },
	{ ADDRESS("track_group", &address_track_group, addr), .alias = true },
};

/* About the line's first word, the address. */
static bool vrrp_address_bad_family(struct vrrp_line *line,
				    const char *expected)
{
	line->word = 1;
	return vrrp_line_bad(line, expected);
}

/* brd + is the highest address of the network, brd - the lowest. */
static void vrrp_address_set_broadcast(struct address_line *line)
{
	struct vrrp_conf_address *address = line->line.target;
	uint32_t host = address->prefix == 0  ? UINT32_MAX :
			address->prefix >= 32 ? 0 :
						UINT32_MAX >> address->prefix;
	bool plus = conf_is(conf_word(line->line.ctx, line->line.node,
				      line->broadcast),
			    "+");

	address->broadcast = address->addr;
	if (plus)
		address->broadcast.v4.s_addr |= htonl(host);
	else
		address->broadcast.v4.s_addr &= htonl(~host);
}

/* Check the words that only make sense in one family. */
static bool vrrp_address_check(struct vrrp_line *base)
{
	struct address_line *line = address_line(base);
	struct vrrp_conf_address *address = base->target;

	if (!addr_is_set(&address->addr)) {
		conf_say(base->ctx, CLASS_FAULT, base->node, 0,
			 "the line has no address");
		return false;
	}
	if (address->addr.family == AF_INET6 &&
	    (address->label || line->broadcast ||
	     addr_is_set(&address->broadcast))) {
		conf_say(base->ctx, CLASS_WARNING, base->node, 0,
			 "IPv6 addresses have no %s; this is ignored",
			 address->label ? "label" : "broadcast address");
		address->label = NULL;
		address->broadcast = (struct addr){ 0 };
		line->broadcast = 0;
	}
	if (addr_is_set(&address->broadcast) &&
	    address->broadcast.family != address->addr.family)
		return vrrp_address_bad_family(
			base, "a broadcast address of its family");
	if (addr_is_set(&address->peer) &&
	    address->peer.family != address->addr.family)
		return vrrp_address_bad_family(base, "a peer of its family");
	if (line->broadcast && address->prefix > 30)
		conf_say(
			base->ctx, CLASS_WARNING, base->node, line->broadcast,
			"a network with the prefix length %u has no broadcast address; this is ignored",
			address->prefix);
	else if (line->broadcast)
		vrrp_address_set_broadcast(line);
	return true;
}

const struct vrrp_options vrrp_address_options = {
	.lines = "addresses",
	.list = address_list,
	.nr = ARRAY_SIZE(address_list),
	.size = sizeof(struct vrrp_conf_address),
	.idle_flags = &conf_block_address_idle,
	.bare = vrrp_address_bare,
	.check = vrrp_address_check,
};

bool vrrp_address_equal(const struct vrrp_conf_address *a,
			const struct vrrp_conf_address *b)
{
	return vrrp_line_equal(&vrrp_address_options, a, b);
}

bool vrrp_addresses_equal(const struct vrrp_conf_address *a, uint32_t nr_a,
			  const struct vrrp_conf_address *b, uint32_t nr_b)
{
	return vrrp_lines_equal(&vrrp_address_options, a, nr_a, b, nr_b);
}

bool conf_vrrp_address(struct conf_ctx *ctx, const struct conf_node *node,
		       struct vrrp_conf_address *address)
{
	struct address_line line = {
		.line = { .ctx = ctx,
			  .node = node,
			  .options = &vrrp_address_options,
			  .target = address },
	};

	memset(address, 0, sizeof(*address));
	address->preferred_lft = VRRP_LFT_DEFAULT;
	return vrrp_line_read(&line.line);
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

/* "min_ttl N", "max_ttl N" from word 1 on. */
static bool vrrp_address_peer_words(struct conf_ctx *ctx,
				    const struct conf_node *node,
				    struct vrrp_conf_peer *peer)
{
	const struct conf_word *word;
	uint64_t value;
	uint8_t *ttl;
	uint32_t i;

	for (i = 1; i < node->nr_words; i += 2) {
		word = conf_word(ctx, node, i);
		ttl = conf_is(word, "min_ttl") ? &peer->min_ttl :
		      conf_is(word, "max_ttl") ? &peer->max_ttl :
						 NULL;
		if (!ttl || i + 1 == node->nr_words ||
		    !conf_get_number(conf_word(ctx, node, i + 1), UINT8_MAX,
				     &value)) {
			conf_say(
				ctx, CLASS_FAULT, node, i,
				"'min_ttl N' or 'max_ttl N', up to 255, is expected behind a peer");
			return false;
		}
		*ttl = (uint8_t)value;
	}
	if (peer->min_ttl <= peer->max_ttl)
		return true;
	conf_say(ctx, CLASS_FAULT, node, 0,
		 "min_ttl %u is above max_ttl %u: no packet could arrive",
		 peer->min_ttl, peer->max_ttl);
	return false;
}

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
		if (conf_get_host(ctx, &ctx->nodes[i], 0, &peer->addr) &&
		    vrrp_address_peer_words(ctx, &ctx->nodes[i], peer))
			draft->nr_peers++;
	}
}
