/* SPDX-License-Identifier: GPL-2.0-or-later */
/* real_server: its keywords, and its validation when its block ends. */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define RS(member) offsetof(struct rs_draft, member)

static const struct conf_keyword rs_keywords[] = {
	{ "weight", conf_bind_u32, .offset = RS(server.weight), .least = 1,
	  .most = 1, .min = 0, .max = INT32_MAX },
	{ "inhibit_on_failure", conf_bind_bool, .offset = RS(inhibit),
	  .most = 1 },
	{ "lvs_method", conf_bind_forward, .offset = RS(method), .least = 1,
	  .most = 6 },
	{ "uthreshold", conf_bind_u32, .offset = RS(server.u_threshold),
	  .least = 1, .most = 1, .min = 0, .max = UINT32_MAX },
	{ "lthreshold", conf_bind_u32, .offset = RS(server.l_threshold),
	  .least = 1, .most = 1, .min = 0, .max = UINT32_MAX },
	{ "notify_up", conf_bind_script, .offset = RS(server.notify_up),
	  .least = 1, .most = 3, .flags = KW_SCRIPT },
	{ "notify_down", conf_bind_script, .offset = RS(server.notify_down),
	  .least = 1, .most = 3, .flags = KW_SCRIPT },
	{ "virtualhost", conf_bind_string, .offset = RS(virtualhost),
	  .least = 1, .most = 1 },
	{ "connect_timeout", .type = &conf_type_time,
	  .offset = RS(timing.connect_timeout), .least = 1, .most = 1,
	  .min = TIME_MIN, .max = TIME_MAX, .preset = CONF_UNSET },
	{ "retry", .type = &conf_type_u32, .offset = RS(timing.retry),
	  .least = 1, .most = 1, .min = 1, .max = RETRY_MAX,
	  .preset = CONF_UNSET },
	{ "drain_timeout", conf_bind_time, .offset = RS(server.drain_timeout),
	  .least = 1, .most = 1, .min = 0, .max = TIME_MAX },
	{ "slow_start", conf_bind_slow_start, .offset = RS(slow_start),
	  .flags = KW_BLOCK },
	{ "backup", conf_bind_true, .offset = RS(server.backup) },
	KW_MISSED("smtp_alert", "no mail is sent"),
	KW_NOTHING("snmp_name"),
};

const struct conf_block conf_block_real_server = CONF_BLOCK(
	BLOCK_REAL_SERVER, "real_server", rs_keywords, &conf_block_checks);

/* A server as it is before anything is bound; made for the first one. */
static const struct rs_draft *rs_fresh(struct conf_ctx *ctx)
{
	struct rs_draft **fresh = &ctx->draft->fresh_server;

	if (!*fresh) {
		*fresh = arena_alloc(ctx->scratch, sizeof(**fresh));
		conf_block_preset(&conf_block_real_server, *fresh);
	}
	return *fresh;
}

void conf_bind_real_server(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vs_draft *vs = target;
	struct rs_draft draft = *rs_fresh(ctx);

	draft.vs = vs;
	vs->has_servers = true;
	if (!conf_get_endpoint(ctx, node, 1, &draft.server.addr) ||
	    !conf_sane_address(ctx, node, &draft.server.addr.addr))
		draft.server.addr.addr.family = AF_UNSPEC;
	conf_settle_virtual_server(ctx, vs, draft.server.addr.addr.family);
	draft.server.weight = vs->weight;
	draft.server.drain_timeout = vs->drain_timeout;
	draft.server.pos = (struct conf_pos){ node->file, node->line };
	draft.inhibit = vs->inhibit;
	draft.slow_start = vs->slow_start;
	ctx->draft->nr_uses[0] = 0;
	ctx->draft->nr_uses[1] = 0;
	conf_bind_block(ctx, &conf_block_real_server, node, &draft);
	conf_finish_server(ctx, &draft, node);
}
