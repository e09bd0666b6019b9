/* SPDX-License-Identifier: GPL-2.0-or-later */
/* real_server: its keywords, and its validation when its block ends. */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define RS(member) offsetof(struct rs_draft, member)
#define KEPT(member) \
	CONF_BOTH(struct rs_draft, server, struct conf_server, member)
#define INHERITS(member) CONF_INHERITS(struct vs_draft, member)

static const struct conf_keyword rs_keywords[] = {
	{ "weight", .type = &conf_type_u32, KEPT(weight), INHERITS(weight),
	  .least = 1, .most = 1, .min = 0, .max = INT32_MAX },
	{ "lvs_method", .type = &conf_type_forward, .offset = RS(method),
	  .kept = CONF_KEPT(struct conf_server, forward), INHERITS(method),
	  .least = 1, .most = 6 },
	{ "uthreshold", .type = &conf_type_u32, KEPT(u_threshold), .least = 1,
	  .most = 1, .min = 0, .max = UINT32_MAX, .flags = KW_ZERO_UNSET },
	{ "lthreshold", .type = &conf_type_u32, KEPT(l_threshold), .least = 1,
	  .most = 1, .min = 0, .max = UINT32_MAX, .flags = KW_ZERO_UNSET },
	{ "inhibit_on_failure", .type = &conf_type_bool, KEPT(inhibit),
	  INHERITS(inhibit), .most = 1 },
	{ "backup", .type = &conf_type_true, KEPT(backup) },
	{ "alpha", .type = &conf_type_bool, .offset = RS(timing.alpha),
	  .kept = CONF_KEPT(struct conf_server, alpha), INHERITS(timing.alpha),
	  .most = 1 },
	{ "drain_timeout", .type = &conf_type_time, KEPT(drain_timeout),
	  INHERITS(drain_timeout), .least = 1, .most = 1, .min = 0,
	  .max = TIME_MAX },
	{ "slow_start", .type = &conf_type_slow_start,
	  .block = &conf_block_slow_start, KEPT(slow_start),
	  INHERITS(slow_start), .flags = KW_BLOCK },
	{ "notify_up", .type = &conf_type_script, KEPT(notify_up), .least = 1,
	  .most = 3, .flags = KW_SCRIPT },
	{ "notify_down", .type = &conf_type_script, KEPT(notify_down),
	  .least = 1, .most = 3, .flags = KW_SCRIPT },
	{ "notify_spare", .type = &conf_type_script, KEPT(notify_spare),
	  .least = 1, .most = 3, .flags = KW_SCRIPT },
	/* Handed down to the checks, which print it. */
	{ "virtualhost", .type = &conf_type_string, .offset = RS(virtualhost),
	  INHERITS(virtualhost), .least = 1, .most = 1 },
	{ "connect_timeout", .type = &conf_type_time,
	  .offset = RS(timing.connect_timeout),
	  INHERITS(timing.connect_timeout), .least = 1, .most = 1,
	  .min = TIME_MIN, .max = TIME_MAX },
	/* The virtual server's may stand behind its "fall"; see check_fall(). */
	{ "retry", .type = &conf_type_u32, .offset = RS(timing.retry),
	  .least = 1, .most = 1, .min = 1, .max = RETRY_MAX,
	  .preset = CONF_UNSET },
	{ "smtp_alert", conf_bind_smtp_alert, .type = &conf_type_maybe,
	  KEPT(smtp_alert), .preset = CONF_UNSET, .most = 1 },
	/* Handed down to the checks, which print it. */
	{ "probe_path", .type = &conf_type_either, .data = conf_probe_paths,
	  .offset = RS(timing.client), INHERITS(timing.client), .least = 1,
	  .most = 1 },
	KW_NOTHING("snmp_name"),
};

const struct conf_block conf_block_real_server = CONF_BLOCK(
	BLOCK_REAL_SERVER, "real_server", rs_keywords, &conf_block_checks);

/*
 * A server of VS, which is settled, before anything is bound; made for its first
 * one.
 */
static const struct rs_draft *rs_fresh(struct conf_ctx *ctx,
				       const struct vs_draft *vs)
{
	struct conf_draft *all = ctx->draft;

	if (!all->fresh_server)
		all->fresh_server =
			arena_alloc(ctx->scratch, sizeof(*all->fresh_server));
	if (all->fresh_server_vs != vs->node) {
		conf_block_preset(&conf_block_real_server, all->fresh_server);
		conf_block_inherit(&conf_block_real_server, vs,
				   all->fresh_server);
		all->fresh_server_vs = vs->node;
	}
	return all->fresh_server;
}

void conf_bind_real_server(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vs_draft *vs = target;
	struct rs_draft draft;
	struct endpoint addr;

	vs->has_servers = true;
	if (!conf_get_endpoint(ctx, node, 1, &addr) ||
	    !conf_sane_address(ctx, node, &addr.addr))
		addr.addr.family = AF_UNSPEC;
	conf_settle_virtual_server(ctx, vs, addr.addr.family);
	draft = *rs_fresh(ctx, vs);
	draft.vs = vs;
	draft.server.addr = addr;
	draft.server.pos = (struct conf_pos){ node->file, node->line };
	ctx->draft->nr_uses = 0;
	conf_bind_block(ctx, &conf_block_real_server, node, &draft);
	conf_finish_server(ctx, &draft, node);
}
