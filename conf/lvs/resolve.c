/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From drafts to the configuration: references between blocks, combinations
 * that the kernel would accept though they make no sense, and the final arrays.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define CHUNK_USES 1024

void conf_fix_port(struct conf_ctx *ctx, const struct vs_draft *draft,
		   const struct conf_forward *forward, struct endpoint *ep,
		   const struct conf_node *node)
{
	uint16_t port = draft->addr.port;

	if (ep->port == port)
		return;
	/* Only NAT can change a port; marks and groups have none of their own. */
	if (forward->method == FORWARD_NAT || !addr_is_set(&draft->addr.addr)) {
		if (ep->port == 0)
			ep->port = port;
		return;
	}
	if (ep->port != 0)
		conf_say(ctx, CLASS_WARNING, node, 2,
			 "only NAT can change the port: %u is taken instead",
			 port);
	ep->port = port;
}

/*
 * The key of a server within its virtual server in the kernel. Without NAT the
 * port is the service's and no part of the key (see conf_dest_endpoint()).
 */
static struct endpoint resolve_server_identity(const struct conf_server *server)
{
	struct endpoint addr = server->addr;

	if (server->forward.method != FORWARD_NAT)
		addr.port = 0;
	return addr;
}

static bool resolve_server_same(const struct conf_ctx *ctx, uint32_t index,
				const void *key)
{
	const struct conf_server *have = &ctx->draft->servers[index],
				 *want = key;
	struct endpoint a = resolve_server_identity(have),
			b = resolve_server_identity(want);

	return have->vs == want->vs && endpoint_cmp(&a, &b) == 0;
}

static uint32_t resolve_server_hash(const struct conf_server *server)
{
	struct {
		struct endpoint addr;
		uint32_t vs;
	} key;

	memset(&key, 0, sizeof(key));
	key.addr = resolve_server_identity(server);
	key.vs = server->vs;
	return conf_hash(&key, sizeof(key));
}

/* Does the kernel take the server, and does the server make sense? */
static bool resolve_server_fits(struct conf_ctx *ctx,
				const struct rs_draft *draft,
				const struct conf_node *node)
{
	const struct conf_server *server = &draft->server;
	uint32_t family = server->addr.addr.family == AF_INET6 ? 2 : 1;

	if (server->forward.method != FORWARD_TUN &&
	    (draft->vs->families & ~family)) {
		conf_say(
			ctx, CLASS_FAULT, node, 1,
			"an %s server of an %s virtual server needs 'lvs_method TUN'",
			family == 2 ? "IPv6" : "IPv4",
			family == 2 ? "IPv4" : "IPv6");
		return false;
	}
	if (server->l_threshold && server->l_threshold > server->u_threshold) {
		conf_say(
			ctx, CLASS_FAULT, node, 1,
			"'lthreshold' is above 'uthreshold': the server would never be used again");
		return false;
	}
	return true;
}

/* The server's uses of checks, into pool memory. */
static void resolve_server_keep_uses(struct conf_ctx *ctx,
				     struct conf_server *server)
{
	struct conf_draft *draft = ctx->draft;
	size_t n = draft->nr_uses;

	if (n == 0)
		return;
	if (n > draft->chunk_left) {
		draft->chunk_left = n > CHUNK_USES ? n : CHUNK_USES;
		draft->chunk = arena_alloc(
			ctx->arena, draft->chunk_left * sizeof(*draft->chunk));
	}
	memcpy(draft->chunk, draft->uses, n * sizeof(*draft->chunk));
	server->uses = draft->chunk;
	server->nr_uses = (uint32_t)n;
	draft->chunk += n;
	draft->chunk_left -= n;
}

static void resolve_server_drop_uses(struct conf_ctx *ctx)
{
	struct conf_draft *draft = ctx->draft;
	size_t i;

	for (i = 0; i < draft->nr_uses; i++)
		draft->checks[draft->uses[i].check].nr_users--;
}

/*
 * A server with checks of which none is run does not count as a server without
 * checks.
 */
static void resolve_server_note_checks(struct conf_ctx *ctx,
				       const struct rs_draft *draft,
				       const struct conf_node *node)
{
	struct vs_draft *vs = draft->vs;
	size_t i;

	vs->checks_wanted |= draft->nr_checks > 0;
	vs->nr_unchecked += draft->nr_checks == 0;
	for (i = 0; i < ctx->draft->nr_uses; i++) {
		const struct conf_check *check =
			&ctx->draft->checks[ctx->draft->uses[i].check];

		vs->counts |= check->traits.counts_connections;
		vs->reports |= check->traits.reports_weight;
	}
	vs->nr_unended += !draft->ends_sessions;
	vs->nr_unloaded += !draft->sends_payload;
	if (draft->nr_checks && ctx->draft->nr_uses == 0)
		conf_say(
			ctx, CLASS_WARNING, node, 0,
			"nothing checks this server, since none of its checks is run: it is always up");
}

void conf_finish_server(struct conf_ctx *ctx, struct rs_draft *draft,
			const struct conf_node *node)
{
	struct conf_draft *all = ctx->draft;
	struct conf_server *server = &draft->server;
	struct vs_draft *vs = draft->vs;
	uint32_t hash;

	server->vs = (uint32_t)all->nr_vss;
	server->forward = draft->method.forward;
	server->alpha = draft->timing.alpha;
	if (vs->broken || server->addr.addr.family == AF_UNSPEC ||
	    !resolve_server_fits(ctx, draft, node)) {
		resolve_server_drop_uses(ctx);
		return;
	}
	conf_fix_port(ctx, vs, &server->forward, &server->addr, node);
	hash = resolve_server_hash(server);
	if (conf_index_find(ctx, &all->server_set, hash, resolve_server_same,
			    server) != UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "this real_server is in its virtual_server already");
		resolve_server_drop_uses(ctx);
		return;
	}
	conf_sane_server(ctx, vs, &server->addr, &server->forward, node);
	resolve_server_note_checks(ctx, draft, node);
	vs->vs.weights_move |= server->slow_start->time > 0;
	vs->starts_slowly |= server->slow_start->time > 0;
	vs->weights += server->weight;
	resolve_server_keep_uses(ctx, server);
	all->servers = array_grow(all->servers, all->nr_servers,
				  &all->room_servers, sizeof(*server));
	index_put(&all->server_set, hash, (uint32_t)all->nr_servers);
	all->servers[all->nr_servers++] = *server;
}

/* Compare all members but the number of users, which stands in the middle. */
static bool resolve_check_same(const struct conf_ctx *ctx, uint32_t index,
			       const void *key)
{
	const struct conf_check *a = &ctx->draft->checks[index], *b = key;

	return memcmp(a, b, offsetof(struct conf_check, nr_users)) == 0 &&
	       a->log_all_failures == b->log_all_failures &&
	       a->params == b->params;
}

void conf_use_check(struct conf_ctx *ctx, const struct check_draft *draft)
{
	struct conf_draft *all = ctx->draft;
	uint32_t hash = conf_hash(&draft->check,
				  offsetof(struct conf_check, nr_users)) ^
			(uint32_t)((uintptr_t)draft->check.params >> 4);
	uint32_t index = conf_index_find(ctx, &all->check_set, hash,
					 resolve_check_same, &draft->check);
	struct conf_use *use;

	if (index == UINT32_MAX) {
		index = (uint32_t)all->nr_checks;
		all->checks = array_grow(all->checks, index, &all->room_checks,
					 sizeof(draft->check));
		all->checks[all->nr_checks++] = draft->check;
		index_put(&all->check_set, hash, index);
	}
	all->checks[index].nr_users++;
	all->uses = array_grow(all->uses, all->nr_uses, &all->room_uses,
			       sizeof(*use));
	use = &all->uses[all->nr_uses++];
	memset(use, 0, sizeof(*use));
	use->check = index;
	use->alpha = draft->timing.alpha;
}
