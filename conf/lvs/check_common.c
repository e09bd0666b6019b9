/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The common part of all checks: their timing, which is inherited, and their
 * target. Every kind of check has a file of its own with a struct
 * conf_check_type.
 */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"

/* At the same place in the draft around, which inherits in its turn. */
#define TIMING(member)                                  \
	.offset = offsetof(struct conf_timing, member), \
	CONF_INHERITS(struct conf_timing, member)
#define CHECK(member) .offset = offsetof(struct check_draft, member)
#define KEPT(member) .kept = CONF_KEPT(struct conf_check, member)
#define UNSET .preset = CONF_UNSET

const struct conf_choice conf_probe_paths[] = {
	{ "direct", false },
	{ "client", true },
	{ 0 },
};

static const struct conf_keyword timing_keywords[] = {
	{ "delay_loop", .type = &conf_type_time, TIMING(delay_loop),
	  KEPT(delay_loop), .least = 1, .most = 1, .min = TIME_MIN,
	  .max = TIME_MAX, .preset = 60 * USEC_PER_SEC },
	{ "delay_before_retry", .type = &conf_type_time,
	  TIMING(delay_before_retry), KEPT(delay_before_retry), .least = 1,
	  .most = 1, .min = 0, .max = TIME_MAX, UNSET },
	{ "warmup", .type = &conf_type_time, TIMING(warmup), KEPT(warmup),
	  .least = 1, .most = 1, .min = 0, .max = TIME_MAX, UNSET,
	  .flags = KW_APART },
	{ "rise", .type = &conf_type_u32, TIMING(rise), KEPT(rise), .least = 1,
	  .most = 1, .min = 1, .max = RISE_MAX, .preset = 1 },
	/* The default is the kind's; "retry" of an inner block is nearer. */
	{ "fall", .type = &conf_type_u32,
	  .offset = offsetof(struct conf_timing, fall), KEPT(fall), .least = 1,
	  .most = 1, .min = 1, .max = FALL_MAX, .preset = CONF_UNSET },
};

const struct conf_block conf_block_timing =
	CONF_BLOCK(BLOCK_TIMING, "a check", timing_keywords, NULL);

static const struct conf_keyword connect_keywords[] = {
	{ "connect_ip", .type = &conf_type_addr, CHECK(connect_ip),
	  KEPT(dst.addr), .least = 1, .most = 1 },
	{ "connect_port", .type = &conf_type_port, CHECK(connect_port),
	  KEPT(dst.port), .least = 1, .most = 1, .min = 1 },
	/* The kind names the word that conf_check.timeout is printed as. */
	{ "connect_timeout", .type = &conf_type_time,
	  .offset = offsetof(struct conf_timing, connect_timeout), .least = 1,
	  .most = 1, .min = TIME_MIN, .max = TIME_MAX, UNSET },
	{ "bindto", .type = &conf_type_addr, CHECK(bind_ip), KEPT(bind.addr),
	  .least = 1, .most = 1 },
	{ "bind_port", .type = &conf_type_port, CHECK(bind_port),
	  KEPT(bind.port), .least = 1, .most = 1, .min = 1 },
	{ "bind_if", .type = &conf_type_string, CHECK(check.bind_if),
	  KEPT(bind_if), .least = 1, .most = 1 },
	/* Main makes the socket: the checker must not have CAP_NET_ADMIN. */
	{ "fwmark", .type = &conf_type_u32, CHECK(check.fwmark), KEPT(fwmark),
	  .least = 1, .most = 1, .min = 0, .max = UINT32_MAX,
	  .flags = KW_ZERO_UNSET },
	/* Becomes "fall". */
	{ "retry", .type = &conf_type_u32,
	  .offset = offsetof(struct conf_timing, retry), .least = 1, .most = 1,
	  .min = 0, .max = RETRY_MAX, UNSET },
	/* Of the use, not of the check, which prints it. */
	{ "alpha", .type = &conf_type_bool, TIMING(alpha), .most = 1 },
	{ "probe_path", .type = &conf_type_either, .data = conf_probe_paths,
	  TIMING(client), KEPT(client), .least = 1, .most = 1,
	  .flags = KW_ZERO_UNSET },
	{ "log_all_failures", .type = &conf_type_maybe, CHECK(log_all_failures),
	  .most = 1, UNSET },
};

const struct conf_block conf_block_connect = CONF_BLOCK(
	BLOCK_CONNECT, "a check", connect_keywords, &conf_block_timing);

/* The innermost level that has "fall" or "retry" decides. */
static uint32_t check_fall(const struct check_draft *draft, uint32_t retry)
{
	const struct conf_timing *levels[] = { &draft->timing,
					       &draft->rs->timing,
					       &draft->rs->vs->timing };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		if (levels[i]->fall != UNSET_U32)
			return levels[i]->fall;
		if (levels[i]->retry != UNSET_U32)
			return levels[i]->retry + 1;
	}
	return retry + 1;
}

/* Values that neither the file nor the table gives are the kind's. */
static void check_settle_timing(struct check_draft *draft,
				const struct conf_check_type *type)
{
	const struct conf_timing *timing = &draft->timing;
	struct conf_check *check = &draft->check;

	check->delay_loop = timing->delay_loop;
	check->delay_before_retry = timing->delay_before_retry;
	if (check->delay_before_retry == UNSET_TIME)
		check->delay_before_retry = type->delay_before_retry;
	if (check->delay_before_retry == UNSET_TIME)
		check->delay_before_retry = check->delay_loop;
	check->warmup = timing->warmup;
	if (check->timeout == 0)
		check->timeout = timing->connect_timeout != UNSET_TIME ?
					 timing->connect_timeout :
					 draft->rs->timing.connect_timeout;
	check->rise = timing->rise;
	check->fall = check_fall(draft, type->retry);
}

bool conf_aim_check(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_check *check = &draft->check;

	check->dst = draft->rs->server.addr;
	if (addr_is_set(&draft->connect_ip))
		check->dst.addr = draft->connect_ip;
	if (draft->connect_port)
		check->dst.port = draft->connect_port;
	if (check->dst.port == 0)
		check->dst.port = draft->rs->vs->addr.port;
	check->bind.addr = draft->bind_ip;
	check->bind.port = draft->bind_port;
	if (!conf_check_type(check->kind)->portless && check->dst.port == 0) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"%s has no port to connect to; give it a 'connect_port'",
			check_kind_name(check->kind));
		return false;
	}
	if (addr_is_set(&check->bind.addr) &&
	    check->bind.addr.family != check->dst.addr.family) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"'bindto' of %s is not of the family of the address it connects to",
			check_kind_name(check->kind));
		return false;
	}
	return true;
}

/* The address that clients of the virtual server use; NULL: there are marks only. */
static const struct endpoint *check_service(const struct vs_draft *vs)
{
	uint32_t i;

	for (i = 0; i < vs->vs.nr_keys; i++)
		if (vs->vs.keys[i].fwmark == 0)
			return &vs->vs.keys[i].vip;
	return NULL;
}

/* Why the check cannot go through the service address; NULL: it can. */
static const char *check_client_obstacle(const struct check_draft *draft,
					 const struct conf_check_type *type,
					 const struct endpoint *service)
{
	const struct addr *server = &draft->rs->server.addr.addr;

	if (!type->by_service)
		return "is for checks over TCP";
	if (!service)
		return "needs an address of the virtual_server, which has a mark only";
	if (addr_cmp(&draft->check.dst.addr, server) != 0)
		return "has no effect beside 'connect_ip', which names another host";
	if (service->addr.family != server->family)
		return "needs a server of the family of the virtual_server's address";
	return NULL;
}

uint32_t conf_fall_at_once(const struct check_draft *draft)
{
	const struct conf_timing *levels[] = { &draft->timing,
					       &draft->rs->timing,
					       &draft->rs->vs->timing };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(levels); i++)
		if (levels[i]->fall != UNSET_U32)
			return levels[i]->fall;
	return 1;
}

/* The sockets of some kinds are not main's to make. */
static void check_settle_mark(struct conf_ctx *ctx, struct check_draft *draft,
			      const struct conf_check_type *type)
{
	struct conf_check *check = &draft->check;

	if (!check->fwmark || type->marks)
		return;
	conf_say(ctx, CLASS_WARNING, draft->node, 0,
		 "'fwmark' is not for %s: its packets carry no mark",
		 check_kind_name(check->kind));
	check->fwmark = 0;
}

/*
 * probe_path client. A check that cannot do it goes to the server, with a
 * warning if its own block has the word.
 */
static void check_aim_client(struct conf_ctx *ctx, struct check_draft *draft,
			     const struct conf_check_type *type)
{
	const struct endpoint *service = check_service(draft->rs->vs);
	struct conf_check *check = &draft->check;
	const char *obstacle;

	check_settle_mark(ctx, draft, type);
	if (!draft->timing.client)
		return;
	obstacle = check_client_obstacle(draft, type, service);
	if (obstacle) {
		if (!draft->rs->timing.client)
			conf_say(
				ctx, CLASS_WARNING, draft->node, 0,
				"'probe_path client' %s: this check goes to the server's own address",
				obstacle);
		else if (!draft->rs->vs->client_obstacle)
			draft->rs->vs->client_obstacle = obstacle;
		return;
	}
	if (check->bind_if)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"with 'probe_path client' the routes choose the interface: 'bind_if' counts for the server's own address only");
	if (check->fwmark)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'fwmark' has no effect with 'probe_path client', which has marks of its own");
	check->client = true;
	check->service = *service;
	check->service.port = check->dst.port;
	check->forward = draft->rs->method.forward;
	draft->rs->vs->client_used = true;
}

/* Values of a kind without these words come first. */
static void check_refresh(struct check_fresh *fresh,
			  const struct conf_check_type *type,
			  const struct rs_draft *rs)
{
	memset(fresh, 0, sizeof(*fresh));
	fresh->timing = rs->timing;
	fresh->virtualhost = rs->virtualhost;
	fresh->draft.check.kind = type->kind;
	fresh->draft.check.traits = type->traits;
	conf_block_preset(&conf_block_connect, &fresh->draft);
	conf_block_inherit(&conf_block_connect, rs, &fresh->draft);
	conf_block_preset(type->block, &fresh->draft);
	conf_block_inherit(type->block, rs, &fresh->draft);
}

/*
 * A check of TYPE as it is before anything is bound. Servers mostly hand down
 * the same, so it is made anew only for one that does not. Bytes between the
 * members may differ as well: then it is made anew once more.
 */
static const struct check_draft *
check_fresh_draft(struct conf_ctx *ctx, const struct conf_check_type *type,
		  const struct rs_draft *rs)
{
	struct check_fresh **fresh = &ctx->draft->fresh_checks[type->kind];

	if (!*fresh)
		*fresh = arena_alloc(ctx->scratch, sizeof(**fresh));
	else if ((*fresh)->virtualhost == rs->virtualhost &&
		 memcmp((const char *)&(*fresh)->timing,
			(const char *)&rs->timing, sizeof(rs->timing)) == 0)
		return &(*fresh)->draft;
	check_refresh(*fresh, type, rs);
	return &(*fresh)->draft;
}

void conf_bind_check(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node, void *target)
{
	const struct conf_check_type *type = kw->data;
	struct check_draft draft = *check_fresh_draft(ctx, type, target);
	bool good;

	draft.rs = target;
	draft.node = node;
	draft.check.pos = (struct conf_pos){ node->file, node->line };
	conf_bind_block(ctx, type->block, node, &draft);
	check_settle_timing(&draft, type);
	draft.check.log_all_failures =
		draft.log_all_failures == UNSET_BOOL ?
			ctx->conf->global.log_all_failures :
			draft.log_all_failures;
	draft.rs->nr_checks++;
	draft.rs->ends_sessions |= type->traits.ends_sessions;
	draft.rs->sends_payload |= type->traits.sends_payload;
	good = !type->connects || conf_aim_check(ctx, &draft);
	/* Call finish() in any case: it also frees the draft's members. */
	if (type->finish)
		good &= type->finish(ctx, &draft);
	if (!good)
		return;
	check_aim_client(ctx, &draft, type);
	conf_use_check(ctx, &draft);
}
