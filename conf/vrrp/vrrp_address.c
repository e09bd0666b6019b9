/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of virtual_ipaddress, virtual_ipaddress_excluded and unicast_peer. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/* Words of keepalived's lines that are not acted on. */
static const struct conf_keyword idle_words[] = {
	KW_NOTHING("no_track"),
	KW_MISSED("use_vmac", "the address goes to the interface itself"),
};

const struct conf_block conf_block_address_idle = CONF_BLOCK(
	BLOCK_ADDRESS_IDLE, "a line of virtual_ipaddress", idle_words, NULL);

static const struct {
	const char *word;
	uint32_t flag;
} flag_words[] = {
	{ "home", IFA_F_HOMEADDRESS },
	{ "mngtmpaddr", IFA_F_MANAGETEMPADDR },
	{ "noprefixroute", IFA_F_NOPREFIXROUTE },
	{ "autojoin", IFA_F_MCAUTOJOIN },
};

/* A line being read. */
struct line {
	struct conf_ctx *ctx;
	const struct conf_node *node;
	uint32_t word; /* the next one */
	struct vrrp_conf_address *address;
	uint32_t broadcast; /* the word that is '+' or '-'; 0: none */
};

static bool vrrp_address_line_bad(struct line *line, uint32_t word,
				  const char *expected)
{
	conf_say(line->ctx, CLASS_FAULT, line->node, word,
		 "'%.*s' cannot be used: %s is expected",
		 CONF_SHOW(conf_word(line->ctx, line->node, word)), expected);
	return false;
}

static bool vrrp_address_line_label(struct line *line, uint32_t word)
{
	const struct conf_word *value = conf_word(line->ctx, line->node, word);

	if (value->len > VRRP_IFNAME_MAX || value->len == 0)
		return vrrp_address_line_bad(line, word,
					     "a label of 1 to 15 bytes");
	line->address->label = conf_string(line->ctx, value->text, value->len);
	return true;
}

static bool vrrp_address_line_lifetime(struct line *line, uint32_t word)
{
	const struct conf_word *value = conf_word(line->ctx, line->node, word);
	uint64_t seconds;

	if (conf_is(value, "forever"))
		seconds = VRRP_LFT_FOREVER;
	else if (!conf_get_number(value, VRRP_LFT_FOREVER - 1, &seconds))
		return vrrp_address_line_bad(
			line, word, "a number of seconds, or 'forever'");
	line->address->preferred_lft = (uint32_t)seconds;
	return true;
}

static bool vrrp_address_line_peer(struct line *line, uint32_t word)
{
	return conf_vrrp_prefix(line->ctx, line->node, word,
				&line->address->peer, &line->address->prefix);
}

static bool vrrp_address_line_broadcast(struct line *line, uint32_t word)
{
	const struct conf_word *value = conf_word(line->ctx, line->node, word);

	if (conf_is(value, "+") || conf_is(value, "-")) {
		line->broadcast = word;
		return true;
	}
	return conf_get_host(line->ctx, line->node, word,
			     &line->address->broadcast);
}

static bool vrrp_address_line_track_group(struct line *line, uint32_t word)
{
	static const struct conf_keyword idle = KW_NOTHING("track_group");

	(void)word;
	conf_note_idle(line->ctx, &idle, line->node);
	return true;
}

static bool vrrp_address_line_dev(struct line *line, uint32_t word)
{
	line->address->dev = conf_vrrp_ifname(line->ctx, line->node, word);
	return line->address->dev != NULL;
}

static bool vrrp_address_line_scope(struct line *line, uint32_t word)
{
	if (conf_vrrp_scope(conf_word(line->ctx, line->node, word),
			    &line->address->scope))
		return true;
	return vrrp_address_line_bad(
		line, word, "global, site, link, host, nowhere or a number");
}

static const struct {
	const char *word;
	bool (*read)(struct line *line, uint32_t word);
} value_words[] = {
	{ "dev", vrrp_address_line_dev },
	{ "scope", vrrp_address_line_scope },
	{ "label", vrrp_address_line_label },
	{ "brd", vrrp_address_line_broadcast },
	{ "broadcast", vrrp_address_line_broadcast },
	{ "peer", vrrp_address_line_peer },
	{ "preferred_lft", vrrp_address_line_lifetime },
	{ "track_group", vrrp_address_line_track_group },
	{ "track_group", vrrp_address_line_track_group },
};

/* Take a word without a value; false if WORD is none. */
static bool vrrp_address_line_flag(struct line *line,
				   const struct conf_word *word)
{
	size_t i;

	if (conf_is(word, "-nodad")) {
		line->address->dad = true;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(flag_words); i++) {
		if (conf_word_is(word, flag_words[i].word,
				 strlen(flag_words[i].word))) {
			line->address->flags |= flag_words[i].flag;
			return true;
		}
	}
	for (i = 0; i < ARRAY_SIZE(idle_words); i++) {
		if (conf_word_is(word, idle_words[i].name,
				 strlen(idle_words[i].name))) {
			conf_note_idle(line->ctx, &idle_words[i], line->node);
			return true;
		}
	}
	return false;
}

/* Read a word with its value; false after complaining. */
static bool vrrp_address_line_word(struct line *line)
{
	uint32_t at = line->word++;
	const struct conf_word *word = conf_word(line->ctx, line->node, at);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(value_words); i++) {
		if (!conf_word_is(word, value_words[i].word,
				  strlen(value_words[i].word)))
			continue;
		if (line->word < line->node->nr_words)
			return value_words[i].read(line, line->word++);
		conf_say(line->ctx, CLASS_FAULT, line->node, at,
			 "'%s' needs a value", value_words[i].word);
		return false;
	}
	if (vrrp_address_line_flag(line, word))
		return true;
	if (!addr_is_set(&line->address->addr))
		return conf_vrrp_prefix(line->ctx, line->node, at,
					&line->address->addr,
					&line->address->prefix);
	return vrrp_address_line_bad(line, at, "a word of virtual_ipaddress");
}

/* brd + is the highest address of the network, brd - the lowest. */
static void vrrp_address_line_set_broadcast(struct line *line)
{
	struct vrrp_conf_address *address = line->address;
	uint32_t host = address->prefix == 0  ? UINT32_MAX :
			address->prefix >= 32 ? 0 :
						UINT32_MAX >> address->prefix;
	bool plus =
		conf_is(conf_word(line->ctx, line->node, line->broadcast), "+");

	address->broadcast = address->addr;
	if (plus)
		address->broadcast.v4.s_addr |= htonl(host);
	else
		address->broadcast.v4.s_addr &= htonl(~host);
}

/* Check the words that only make sense in one family. */
static bool vrrp_address_line_check(struct line *line)
{
	struct vrrp_conf_address *address = line->address;

	if (!addr_is_set(&address->addr)) {
		conf_say(line->ctx, CLASS_FAULT, line->node, 0,
			 "the line has no address");
		return false;
	}
	if (address->addr.family == AF_INET6 &&
	    (address->label || line->broadcast ||
	     addr_is_set(&address->broadcast))) {
		conf_say(line->ctx, CLASS_WARNING, line->node, 0,
			 "IPv6 addresses have no %s; this is ignored",
			 address->label ? "label" : "broadcast address");
		address->label = NULL;
		address->broadcast = (struct addr){ 0 };
		line->broadcast = 0;
	}
	if (addr_is_set(&address->broadcast) &&
	    address->broadcast.family != address->addr.family)
		return vrrp_address_line_bad(
			line, 0, "a broadcast address of its family");
	if (addr_is_set(&address->peer) &&
	    address->peer.family != address->addr.family)
		return vrrp_address_line_bad(line, 0, "a peer of its family");
	if (line->broadcast && address->prefix > 30)
		conf_say(
			line->ctx, CLASS_WARNING, line->node, line->broadcast,
			"a network with the prefix length %u has no broadcast address; this is ignored",
			address->prefix);
	else if (line->broadcast)
		vrrp_address_line_set_broadcast(line);
	return true;
}

bool conf_vrrp_address(struct conf_ctx *ctx, const struct conf_node *node,
		       struct vrrp_conf_address *address)
{
	struct line line = { .ctx = ctx, .node = node, .address = address };

	memset(address, 0, sizeof(*address));
	address->preferred_lft = VRRP_LFT_DEFAULT;
	if (node->block) {
		conf_say(ctx, CLASS_ERROR, node, 0,
			 "here stand addresses, no blocks");
		return false;
	}
	while (line.word < node->nr_words) {
		if (!vrrp_address_line_word(&line))
			return false;
	}
	return vrrp_address_line_check(&line);
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
