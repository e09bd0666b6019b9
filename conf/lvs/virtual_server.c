/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtual_server: its keywords, and the blocks that only it and its servers have. */
#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define VS(member) offsetof(struct vs_draft, member)

/* The kernel's schedulers, and two names of our own. */
static const struct conf_sched scheds[] = {
	{ "rr", "rr", 0, false },
	{ "wrr", "wrr", 0, false },
	{ "lc", "lc", 0, false },
	{ "wlc", "wlc", 0, false },
	{ "lblc", "lblc", 0, false },
	{ "lblcr", "lblcr", 0, false },
	{ "sh", "sh", 0, false },
	{ "mh", "mh", 0, false },
	{ "dh", "dh", 0, false },
	{ "fo", "fo", 0, false },
	{ "ovf", "ovf", 0, false },
	{ "sed", "sed", 0, false },
	{ "nq", "nq", 0, false },
	{ "twos", "twos", 0, false },
	/* The hash includes the source port and so is as good as random. */
	{ "random", "mh", SERVICE_SCHED2, false },
	{ "fastest", "wlc", 0, true },
};

static void vs_bind_sched(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vs_draft *draft = target;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scheds); i++) {
		if (conf_word_is(word, scheds[i].word,
				 strlen(scheds[i].word))) {
			draft->sched = &scheds[i];
			return;
		}
	}
	conf_bad_value(
		ctx, kw, node, 1,
		"rr, wrr, lc, wlc, lblc, lblcr, sh, mh, dh, fo, ovf, sed, nq, twos, "
		"random or fastest");
}

static void vs_bind_protocol(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vs_draft *draft = target;
	char name[8] = "";
	uint32_t i;

	for (i = 0; i < word->len && i < sizeof(name) - 1; i++)
		name[i] = word->text[i] & ~0x20;
	if (word->len == 3 && strcmp(name, "TCP") == 0)
		draft->protocol = IPPROTO_TCP;
	else if (word->len == 3 && strcmp(name, "UDP") == 0)
		draft->protocol = IPPROTO_UDP;
	else if (word->len == 4 && strcmp(name, "SCTP") == 0)
		draft->protocol = IPPROTO_SCTP;
	else
		conf_bad_value(ctx, kw, node, 1, "TCP, UDP or SCTP");
}

static void vs_bind_persistence(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;
	uint64_t value = 360;

	if (node->nr_words < 2 || (conf_get_number(conf_word(ctx, node, 1),
						   (uint64_t)kw->max, &value) &&
				   value > 0))
		draft->vs.persistence = (uint32_t)value;
	else if (conf_is(conf_word(ctx, node, 1), "0"))
		conf_say(
			ctx, CLASS_FAULT, node, 1,
			"'persistence_timeout 0' is no value; without this line there is no persistence");
	else
		conf_bad_value(ctx, kw, node, 1,
			       "a number of seconds from 1 to 2678400");
}

/* A prefix length, or an IPv4 mask like 255.255.255.0. */
static void vs_bind_granularity(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vs_draft *draft = target;
	struct addr mask;
	uint64_t len;
	uint32_t bits;

	if (conf_get_number(word, 128, &len) && len > 0) {
		draft->granularity = (uint32_t)len;
		return;
	}
	if (conf_get_addr(word, &mask) && mask.family == AF_INET) {
		bits = ntohl(mask.v4.s_addr);
		/* Ones, then zeroes. */
		if (bits && (~bits & (~bits + 1)) == 0) {
			draft->granularity = (uint32_t)__builtin_popcount(bits);
			return;
		}
	}
	conf_bad_value(ctx, kw, node, 1,
		       "a prefix length, or a mask like 255.255.255.0,");
}

static void vs_bind_engine(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	if (conf_is(conf_word(ctx, node, 1), "sip"))
		strcpy(draft->vs.pe_name, "sip");
	else
		conf_bad_value(ctx, kw, node, 1, "sip, which is the only one,");
}

/* MIN is the flag's bit; DATA the flag's scheduler, or NULL. */
static void vs_bind_flag(struct conf_ctx *ctx, const struct conf_keyword *kw,
			 const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	draft->sched_flags |= (uint32_t)kw->min;
	if (kw->data) {
		draft->flag_node = node;
		draft->flag_sched = kw->data;
	}
}

static void vs_bind_sorry(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	if (conf_get_endpoint(ctx, node, 1, &draft->sorry.addr) &&
	    conf_sane_address(ctx, node, &draft->sorry.addr.addr))
		draft->sorry.node = node;
}

static void vs_bind_family(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	if (conf_is(conf_word(ctx, node, 1), "inet"))
		draft->family = AF_INET;
	else if (conf_is(conf_word(ctx, node, 1), "inet6"))
		draft->family = AF_INET6;
	else
		conf_bad_value(ctx, kw, node, 1, "inet or inet6");
}

static void vs_bind_correlated(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	if (conf_is(conf_word(ctx, node, 1), "off"))
		draft->vs.correlated = 0;
	else
		conf_bind_percent(ctx, kw, node, target);
}

static void vs_bind_fastest(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	draft->fastest = node;
	conf_bind_block(ctx, &conf_block_fastest, node,
			&draft->vs.fastest_response);
}

static const struct conf_keyword vs_keywords[] = {
	{ "real_server", conf_bind_real_server, .least = 1, .most = 2,
	  .flags = KW_BLOCK | KW_LATE | KW_REPEAT },
	{ "lvs_sched", vs_bind_sched, .least = 1, .most = 1 },
	{ "lb_algo", vs_bind_sched, .least = 1, .most = 1,
	  .same = "lvs_sched" },
	{ "lvs_method", conf_bind_forward, .offset = VS(method), .least = 1,
	  .most = 6 },
	{ "lb_kind", conf_bind_forward, .offset = VS(method), .least = 1,
	  .most = 6, .same = "lvs_method" },
	{ "protocol", vs_bind_protocol, .least = 1, .most = 1 },
	{ "persistence_timeout", vs_bind_persistence, .most = 1,
	  .max = 2678400 },
	{ "persistence_granularity", vs_bind_granularity, .least = 1,
	  .most = 1 },
	{ "persistence_engine", vs_bind_engine, .least = 1, .most = 1 },
	{ "ops", vs_bind_flag, .min = SERVICE_ONEPACKET },
	{ "hashed", vs_bind_flag, .min = 0 },
	{ "flag-1", vs_bind_flag, .min = SERVICE_SCHED1 },
	{ "flag-2", vs_bind_flag, .min = SERVICE_SCHED2 },
	{ "flag-3", vs_bind_flag, .min = SERVICE_SCHED3 },
	{ "sh-fallback", vs_bind_flag, .min = SERVICE_SCHED1, .data = "sh" },
	{ "sh-port", vs_bind_flag, .min = SERVICE_SCHED2, .data = "sh" },
	{ "mh-fallback", vs_bind_flag, .min = SERVICE_SCHED1, .data = "mh" },
	{ "mh-port", vs_bind_flag, .min = SERVICE_SCHED2, .data = "mh" },
	{ "omega", conf_bind_true, .offset = VS(vs.omega), .most = KW_ANY },
	{ "ha_suspend", conf_bind_true, .offset = VS(vs.ha_suspend),
	  .flags = KW_IDLE,
	  .missed =
		  "the checks run, whether this host has the address or not" },
	{ "quorum", conf_bind_u32, .offset = VS(vs.quorum), .least = 1,
	  .most = 1, .min = 1, .max = UINT32_MAX },
	{ "hysteresis", conf_bind_u32, .offset = VS(vs.hysteresis), .least = 1,
	  .most = 1, .min = 0, .max = UINT32_MAX },
	{ "quorum_up", conf_bind_script, .offset = VS(vs.quorum_up), .least = 1,
	  .most = 3, .flags = KW_SCRIPT },
	{ "quorum_down", conf_bind_script, .offset = VS(vs.quorum_down),
	  .least = 1, .most = 3, .flags = KW_SCRIPT },
	{ "inhibit_on_failure", conf_bind_bool, .offset = VS(inhibit),
	  .most = 1 },
	{ "weight", conf_bind_u32, .offset = VS(weight), .least = 1, .most = 1,
	  .min = 0, .max = INT32_MAX },
	{ "connect_timeout", .type = &conf_type_time,
	  .offset = VS(timing.connect_timeout), .least = 1, .most = 1,
	  .min = TIME_MIN, .max = TIME_MAX, .preset = CONF_UNSET },
	{ "retry", .type = &conf_type_u32, .offset = VS(timing.retry),
	  .least = 1, .most = 1, .min = 1, .max = RETRY_MAX,
	  .preset = CONF_UNSET },
	{ "virtualhost", conf_bind_string, .offset = VS(virtualhost),
	  .least = 1, .most = 1 },
	{ "ip_family", vs_bind_family, .least = 1, .most = 1 },
	{ "sorry_server", vs_bind_sorry, .least = 1, .most = 2 },
	{ "sorry_server_inhibit", conf_bind_bool, .offset = VS(sorry.inhibit),
	  .most = 1 },
	{ "sorry_server_lvs_method", conf_bind_forward,
	  .offset = VS(sorry.method), .least = 1, .most = 6 },
	{ "drain_timeout", conf_bind_time, .offset = VS(drain_timeout),
	  .least = 1, .most = 1, .min = 0, .max = TIME_MAX },
	{ "min_serving", conf_bind_share, .offset = VS(vs.min_serving),
	  .least = 1, .most = 1 },
	{ "correlated_failure", vs_bind_correlated, .offset = VS(vs.correlated),
	  .least = 1, .most = 1, .min = 1, .max = 100 },
	{ "slow_start", conf_bind_slow_start, .offset = VS(slow_start),
	  .flags = KW_BLOCK },
	{ "fastest_response", vs_bind_fastest, .flags = KW_BLOCK },
	{ "headroom", conf_bind_inner, .block = &conf_block_headroom,
	  .offset = VS(vs.headroom), .flags = KW_BLOCK },
	{ "base_weight", conf_bind_u32, .offset = VS(vs.base_weight),
	  .least = 1, .most = 1, .min = 1, .max = 1000000 },
	KW_MISSED("smtp_alert", "no mail is sent"),
	KW_NOTHING("snmp_name"),
};

const struct conf_block conf_block_virtual_server =
	CONF_BLOCK(BLOCK_VIRTUAL_SERVER, "virtual_server", vs_keywords,
		   &conf_block_timing);

/* "ADDRESS [PORT]", "fwmark N" or "group NAME"; false if it is none. */
static bool vs_identity(struct conf_ctx *ctx, const struct conf_node *node,
			struct vs_draft *draft)
{
	const struct conf_word *word = conf_word(ctx, node, 1), *value;
	bool mark = conf_is(word, "fwmark");
	uint64_t number;

	if (!mark && !conf_is(word, "group"))
		return conf_get_endpoint(ctx, node, 1, &draft->addr);
	if (node->nr_words < 3) {
		conf_say(ctx, CLASS_ERROR, node, 1, "'%.*s' needs a %s",
			 CONF_SHOW(word), mark ? "number" : "name");
		return false;
	}
	value = conf_word(ctx, node, 2);
	if (mark) {
		if (conf_get_number(value, UINT32_MAX, &number) && number > 0) {
			draft->fwmark = (uint32_t)number;
			return true;
		}
		conf_say(ctx, CLASS_FAULT, node, 2,
			 "'%.*s' is not a mark from 1 to %u", CONF_SHOW(value),
			 UINT32_MAX);
		return false;
	}
	draft->group = conf_group_find(ctx, value);
	if (!draft->group)
		conf_say(ctx, CLASS_FAULT, node, 2,
			 "there is no virtual_server_group '%.*s' in the file",
			 CONF_SHOW(value));
	return draft->group != NULL;
}

void conf_bind_virtual_server(struct conf_ctx *ctx,
			      const struct conf_keyword *kw,
			      const struct conf_node *node, void *target)
{
	struct vs_draft draft;

	if (ctx->vrrp_only)
		return;
	memset(&draft, 0, sizeof(draft));
	conf_block_preset(&conf_block_virtual_server, &draft);
	draft.node = node;
	draft.weight = 1;
	draft.drain_timeout = 300 * USEC_PER_SEC;
	draft.slow_start = (struct conf_slow_start){ .from = 2, .gate = true };
	draft.vs.quorum = 1;
	draft.vs.min_serving = (struct conf_share){ 50, true };
	draft.vs.correlated = 60;
	draft.vs.fastest_response = (struct conf_fastest){ 50, 150, 5, 15 };
	draft.vs.headroom =
		(struct conf_headroom){ { 50, true }, 10, 80, false };
	draft.vs.first_server = (uint32_t)ctx->draft->nr_servers;
	draft.vs.pos = (struct conf_pos){ node->file, node->line };
	draft.broken = !vs_identity(ctx, node, &draft);
	conf_bind_block(ctx, &conf_block_virtual_server, node, &draft);
	conf_finish_virtual_server(ctx, &draft);
}
