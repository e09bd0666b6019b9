/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that are well formed but cannot be intended: addresses that no server
 * has, servers without checks, an empty file.
 */
#include <string.h>

#include "conf/lvs/draft.h"

const char *conf_addr_absurd(const struct addr *addr)
{
	static const uint8_t none[sizeof(addr->bytes)];

	if (memcmp(addr->bytes, none, sizeof(none)) == 0)
		return "it is the address that stands for any";
	if (addr->family == AF_INET6) {
		if (IN6_IS_ADDR_MULTICAST(&addr->v6))
			return "it is a multicast address";
		return NULL;
	}
	if ((addr->bytes[0] & 0xf0) == 0xe0)
		return "it is a multicast address";
	if (addr->v4.s_addr == INADDR_BROADCAST)
		return "it is the broadcast address";
	return NULL;
}

bool conf_sane_address(struct conf_ctx *ctx, const struct conf_node *node,
		       const struct addr *addr)
{
	const char *why = conf_addr_absurd(addr);

	/*
	 * A link-local address means nothing without an interface, which no
	 * table holds.
	 */
	if (!why && addr->family == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&addr->v6))
		why = "it is a link-local address, which is nothing without an interface";
	if (why)
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "'%.*s' cannot be a server: %s",
			 CONF_SHOW(conf_word(ctx, node, 1)), why);
	return !why;
}

void conf_sane_server(struct conf_ctx *ctx, const struct vs_draft *vs,
		      const struct endpoint *addr,
		      const struct conf_forward *forward,
		      const struct conf_node *node)
{
	if (!addr_is_set(&vs->addr.addr) ||
	    addr_cmp(&addr->addr, &vs->addr.addr) != 0)
		return;
	/* Under NAT another port of this host is another program. */
	if (forward->method == FORWARD_NAT && addr->port != vs->addr.port)
		return;
	conf_say(
		ctx, CLASS_WARNING, node, 1,
		"this is the virtual_server's own address: what comes for it is sent back to it");
}

static bool sane_server_has_check(struct conf_ctx *ctx,
				  const struct conf_node *node)
{
	const struct conf_keyword *kind = conf_block_checks.keywords, *kw;
	uint32_t i;

	conf_for_each(ctx, node, i)
	{
		kw = ctx->nodes[i].nr_words ?
			     conf_keyword_find(&conf_block_real_server,
					       conf_word(ctx, &ctx->nodes[i],
							 0)) :
			     NULL;
		if (kw && kw->bind == kind->bind)
			return true;
	}
	return false;
}

void conf_sane_checks(struct conf_ctx *ctx, const struct vs_draft *vs)
{
	const struct conf_node *node;
	uint32_t i;

	if (vs->nr_unchecked == 0)
		return;
	if (!vs->checks_wanted) {
		conf_say(
			ctx, CLASS_ODD, vs->node, 0,
			"nothing checks the servers of this virtual_server: they are always up");
		return;
	}
	conf_for_each(ctx, vs->node, i)
	{
		node = &ctx->nodes[i];
		if (node->nr_words &&
		    conf_is(conf_word(ctx, node, 0), "real_server") &&
		    !sane_server_has_check(ctx, node))
			conf_say(
				ctx, CLASS_WARNING, node, 0,
				"nothing checks this server, as others here are: it is always up");
	}
}

void conf_sane_client(struct conf_ctx *ctx, const struct vs_draft *vs)
{
	uint32_t first = conf_first_mark(ctx->conf), i;

	for (i = 0; i < vs->vs.nr_keys; i++)
		if (vs->vs.keys[i].fwmark &&
		    vs->vs.keys[i].fwmark - first < CONF_PROBE_MARKS)
			ctx->draft->marked = vs->node;
	ctx->draft->client_used |= vs->client_used;
	if (!vs->timing.client || vs->client_used)
		return;
	conf_say(
		ctx, CLASS_WARNING, vs->node, 0,
		"'probe_path client' does nothing here: no check goes through the service address%s%s",
		vs->client_obstacle ? "; it " : "",
		vs->client_obstacle ? vs->client_obstacle : "");
}

void conf_sane_integrity(struct conf_ctx *ctx, const struct vs_draft *vs)
{
	const struct conf_node *node = conf_line_of(ctx, vs->node, "integrity");
	uint32_t i;

	if (vs->vs.integrity.rate == 0)
		return;
	for (i = 0; i < vs->vs.nr_keys; i++)
		if (vs->vs.keys[i].fwmark == 0)
			break;
	if (i == vs->vs.nr_keys)
		conf_say(
			ctx, CLASS_WARNING, node, 0,
			"'integrity' goes to the servers' own addresses only, for this virtual_server has no address but a mark");
	else
		ctx->draft->client_used = true;
	if (vs->nr_unloaded > 0)
		conf_say(
			ctx, CLASS_WARNING, node, 0,
			"'integrity' needs a check that logs in (evenkeel.conf(5), integrity), and %u servers of this virtual_server have none: nothing is sent to them",
			vs->nr_unloaded);
}

void conf_sane_marks(struct conf_ctx *ctx)
{
	uint32_t first = conf_first_mark(ctx->conf);

	if (ctx->draft->marked && ctx->draft->client_used)
		conf_say(
			ctx, CLASS_FAULT, ctx->draft->marked, 1,
			"this mark is one of those for 'probe_path client', 0x%08x to 0x%08x; take others with 'probe_marks FIRST' in global_defs",
			first, first + CONF_PROBE_MARKS - 1);
}

void conf_sane_file(struct conf_ctx *ctx)
{
	uint32_t i;
	size_t n;

	conf_for_each(ctx, &ctx->nodes[0], i)
	{
		if (ctx->nodes[i].block)
			return;
	}
	/* An earlier error is a better reason to refuse the file. */
	for (n = 0; n < ctx->nr_complaints; n++) {
		if (ctx->complaints[n].class == CLASS_ERROR)
			return;
	}
	conf_complain(
		ctx, CLASS_ERROR, (struct conf_place){ 0 },
		"the configuration holds no block, as if it had been cut off; to want nothing at all, write 'global_defs { }'");
}
