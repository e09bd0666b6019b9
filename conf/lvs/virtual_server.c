/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtual_server: its keywords, and the blocks that only it and its servers have. */
#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/lvs/draft.h"
#include "lib/text.h"

/* A message to the checker has room for those of several pools. */
#define VS_SPARE_MAX 512

#define VS(member) offsetof(struct vs_draft, member)
#define KEPT(member) \
	CONF_BOTH(struct vs_draft, vs, struct conf_virtual_server, member)
#define FLAG(word, bit)                                            \
	{                                                          \
		(word), .type = &vs_flag, .kept = CONF_KEPT_WHOLE, \
			.min = (bit)                               \
	}

/* The kernel's schedulers, and two names of our own. */
static const struct conf_sched scheds[] = {
	{ .word = "rr", .kernel = "rr" },
	{ .word = "wrr", .kernel = "wrr" },
	{ .word = "lc", .kernel = "lc" },
	{ .word = "wlc", .kernel = "wlc" },
	{ .word = "lblc", .kernel = "lblc" },
	{ .word = "lblcr", .kernel = "lblcr" },
	{ .word = "sh", .kernel = "sh" },
	{ .word = "mh", .kernel = "mh", .steady = true },
	{ .word = "dh", .kernel = "dh" },
	{ .word = "fo", .kernel = "fo" },
	{ .word = "ovf", .kernel = "ovf" },
	{ .word = "sed", .kernel = "sed" },
	{ .word = "nq", .kernel = "nq" },
	{ .word = "twos", .kernel = "twos" },
	/* The hash includes the source port and so is as good as random. */
	{ .word = "random", .kernel = "mh", .flags = SERVICE_SCHED2 },
	{ .word = "fastest", .kernel = "wlc", .fastest = true },
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

static void vs_print_sched(FILE *out, const char *indent,
			   const struct conf_keyword *kw, const void *member)
{
	fprintf(out, "%s%s %s\n", indent, kw->name,
		*(const char *const *)member);
}

static const struct conf_type vs_sched = {
	.bind = vs_bind_sched,
	.print = vs_print_sched,
	.equal = conf_equal_string,
};

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

/* The protocol of its services, 0 if it has marks alone. */
static uint16_t vs_protocol_of(const struct conf_virtual_server *vs)
{
	uint32_t i;

	for (i = 0; i < vs->nr_keys; i++) {
		if (vs->keys[i].fwmark == 0)
			return vs->keys[i].protocol;
	}
	return 0;
}

static void vs_print_protocol(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	uint16_t protocol = vs_protocol_of(member);

	if (protocol)
		fprintf(out, "%s%s %s\n", indent, kw->name,
			protocol == IPPROTO_TCP ? "TCP" :
			protocol == IPPROTO_UDP ? "UDP" :
						  "SCTP");
}

static bool vs_equal_protocol(const void *a, const void *b)
{
	return vs_protocol_of(a) == vs_protocol_of(b);
}

static const struct conf_type vs_protocol = {
	.bind = vs_bind_protocol,
	.print = vs_print_protocol,
	.equal = vs_equal_protocol,
};

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
			ctx, CLASS_WARNING, node, 1,
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

/* A granularity by family is none of the file's. */
static uint32_t vs_granularity_of(const struct conf_virtual_server *vs)
{
	return vs->group_prefix_set ? vs->prefix : 0;
}

static void vs_print_granularity(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *member)
{
	if (vs_granularity_of(member))
		fprintf(out, "%s%s %u\n", indent, kw->name,
			vs_granularity_of(member));
}

static bool vs_equal_granularity(const void *a, const void *b)
{
	return vs_granularity_of(a) == vs_granularity_of(b);
}

static const struct conf_type vs_granularity = {
	.bind = vs_bind_granularity,
	.print = vs_print_granularity,
	.equal = vs_equal_granularity,
};

static void vs_bind_engine(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	if (conf_is(conf_word(ctx, node, 1), "sip"))
		strcpy(draft->vs.pe_name, "sip");
	else
		conf_bad_value(ctx, kw, node, 1, "sip, which is the only one,");
}

/* Without persistence nothing asks for the engine. */
static const char *vs_engine_of(const struct conf_virtual_server *vs)
{
	return vs->persistence ? vs->pe_name : "";
}

static void vs_print_engine(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (vs_engine_of(member)[0])
		fprintf(out, "%s%s %s\n", indent, kw->name,
			vs_engine_of(member));
}

static bool vs_equal_engine(const void *a, const void *b)
{
	return strcmp(vs_engine_of(a), vs_engine_of(b)) == 0;
}

static const struct conf_type vs_engine = {
	.bind = vs_bind_engine,
	.print = vs_print_engine,
	.equal = vs_equal_engine,
};

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

/* The flags that a file gives, without those of the scheduler's name. */
static uint32_t vs_flags_of(const struct conf_virtual_server *vs)
{
	uint32_t flags = vs->flags & (SERVICE_ONEPACKET | SERVICE_SCHED1 |
				      SERVICE_SCHED2 | SERVICE_SCHED3);

	if (strcmp(vs->sched_word, "random") == 0)
		flags &= ~(uint32_t)SERVICE_SCHED2;
	return flags;
}

static void vs_print_flag(FILE *out, const char *indent,
			  const struct conf_keyword *kw, const void *member)
{
	if (vs_flags_of(member) & (uint32_t)kw->min)
		fprintf(out, "%s%s\n", indent, kw->name);
}

static bool vs_equal_flags(const void *a, const void *b)
{
	return vs_flags_of(a) == vs_flags_of(b);
}

static const struct conf_type vs_flag = {
	.bind = vs_bind_flag,
	.print = vs_print_flag,
	.equal = vs_equal_flags,
};

/* A group says the family of its marks itself. */
static uint16_t vs_family_of(const struct conf_virtual_server *vs)
{
	return vs->keys[0].fwmark && !conf_vs_group(vs) ? vs->keys[0].family :
							  0;
}

static void vs_bind_sorry(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;
	struct endpoint addr;

	/* A bad line must not take a good one before it away by halves. */
	if (!conf_get_endpoint(ctx, node, 1, &addr) ||
	    !conf_sane_address(ctx, node, &addr.addr))
		return;
	draft->sorry.addr = addr;
	draft->sorry.node = node;
}

static void vs_print_sorry(FILE *out, const char *indent,
			   const struct conf_keyword *kw, const void *member)
{
	const struct endpoint *addr = member;

	if (!addr_is_set(&addr->addr))
		return;
	fprintf(out, "%s%s ", indent, kw->name);
	conf_print_endpoint(out, addr);
	fputc('\n', out);
}

static bool vs_equal_sorry(const void *a, const void *b)
{
	return endpoint_cmp(a, b) == 0;
}

static const struct conf_type vs_sorry = {
	.bind = vs_bind_sorry,
	.print = vs_print_sorry,
	.equal = vs_equal_sorry,
};

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

static void vs_print_family(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	uint16_t family = vs_family_of(member);

	if (family)
		fprintf(out, "%s%s %s\n", indent, kw->name,
			family == AF_INET6 ? "inet6" : "inet");
}

static bool vs_equal_family(const void *a, const void *b)
{
	return vs_family_of(a) == vs_family_of(b);
}

static const struct conf_type vs_family = {
	.bind = vs_bind_family,
	.print = vs_print_family,
	.equal = vs_equal_family,
};

/* "N%" or "off" */
static void vs_bind_percent(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	if (conf_is(conf_word(ctx, node, 1), "off"))
		*(uint32_t *)(void *)((char *)target + kw->offset) = 0;
	else
		conf_bind_percent(ctx, kw, node, target);
}

static void vs_print_percent(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	if (*(const uint32_t *)member > 0)
		conf_type_percent.print(out, indent, kw, member);
	else if (!(kw->flags & KW_ZERO_UNSET))
		fprintf(out, "%s%s off\n", indent, kw->name);
}

static void vs_preset_percent(const struct conf_keyword *kw, void *member)
{
	*(uint32_t *)member = (uint32_t)kw->preset;
}

static const struct conf_type vs_percent = {
	.bind = vs_bind_percent,
	.print = vs_print_percent,
	.equal = conf_equal_u32,
	.preset = vs_preset_percent,
};

static void vs_bind_fastest(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	struct vs_draft *draft = target;

	draft->fastest = node;
	conf_bind_inner(ctx, kw, node, target);
}

static void vs_print_fastest(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	const struct conf_virtual_server *vs = member;

	if (vs->fastest)
		conf_print_inner(out, indent, kw, &vs->fastest_response);
}

/* The block is ignored with another scheduler. */
static bool vs_equal_fastest(const void *a, const void *b)
{
	const struct conf_virtual_server *x = a, *y = b;

	return x->fastest == y->fastest &&
	       (!x->fastest ||
		conf_block_equal(&conf_block_fastest, &x->fastest_response,
				 &y->fastest_response));
}

static void vs_preset_fastest(const struct conf_keyword *kw, void *member)
{
	conf_block_preset(kw->block, member);
}

static const struct conf_type vs_fastest = {
	.bind = vs_bind_fastest,
	.print = vs_print_fastest,
	.equal = vs_equal_fastest,
	.preset = vs_preset_fastest,
};

/* "on", "off" and the like, "1", "0", or nothing, which is on. */
static bool vs_get_switch(struct conf_ctx *ctx, const struct conf_node *node,
			  bool *on)
{
	const struct conf_word *word = conf_word(ctx, node, 1);

	*on = true;
	if (node->nr_words < 2 || conf_is(word, "1"))
		return true;
	*on = false;
	return conf_is(word, "0") || conf_get_bool(word, on);
}

/*
 * To keepalived these flags of virtual_server take no value, so that even "off"
 * switches them on.
 */
static void vs_bind_switch(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	bool *member = (bool *)target + kw->offset;
	bool compat = ctx->compat || ctx->conf->global.compat, on;

	if (!vs_get_switch(ctx, node, &on))
		conf_bad_value(ctx, kw, node, 1, "on or off");
	else if (!on && compat)
		conf_say(
			ctx, CLASS_WARNING, node, 1,
			"to keepalived '%s' takes no value: it is on; leave the line out",
			kw->name);
	*member = on || compat;
}

static void vs_print_switch(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (*(const bool *)member)
		fprintf(out, "%s%s\n", indent, kw->name);
}

static const struct conf_type vs_switch = {
	.bind = vs_bind_switch,
	.print = vs_print_switch,
	.equal = conf_equal_bool,
};

static const struct conf_choice vs_failbacks[] = {
	{ "automatic", false },
	{ "manual", true },
	{ 0 },
};

/* The names of KILL_SPARE, one a line, as a message to the checker has them. */
static void vs_bind_spare(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	const char **member =
		(const char **)(void *)((char *)target + kw->offset);
	char text[VS_SPARE_MAX];
	struct text line = text_in(text, sizeof(text));
	size_t length = *member ? strlen(*member) : 0;
	uint32_t i;

	if (*member)
		text_add(&line, "%s", *member);
	for (i = 1; i < node->nr_words; i++) {
		const struct conf_word *word = conf_word(ctx, node, i);

		length += word->len + 1;
		if (word->len == 0 || memchr(word->text, '\n', word->len) ||
		    length >= sizeof(text)) {
			conf_bad_value(ctx, kw, node, i,
				       "names of users, 500 bytes in all");
			return;
		}
		/* Whole: a name that is cut would spare nobody. */
		text_add(&line, "%s%.*s", text[0] ? "\n" : "", (int)word->len,
			 word->text);
	}
	*member = conf_string(ctx, text, strlen(text));
}

static void vs_print_spare(FILE *out, const char *indent,
			   const struct conf_keyword *kw, const void *member)
{
	const char *at = *(const char *const *)member;
	char name[VS_SPARE_MAX];

	while (at && *at) {
		size_t length = strcspn(at, "\n");

		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		conf_print_quoted(out, indent, kw->name, name);
		at += length + (at[length] != '\0');
	}
}

static const struct conf_type vs_spare = {
	.bind = vs_bind_spare,
	.print = vs_print_spare,
	.equal = conf_equal_string,
};

static const struct conf_choice vs_leaves[] = {
	{ "keep", LEAVE_KEEP },
	{ "cut", LEAVE_CUT },
	{ "kill", LEAVE_KILL },
	{ 0 },
};

static const struct conf_keyword vs_keywords[] = {
	{ "real_server", conf_bind_real_server, .least = 1, .most = 2,
	  .flags = KW_BLOCK | KW_LATE | KW_REPEAT },
	{ "ip_family", .type = &vs_family, .kept = CONF_KEPT_WHOLE, .least = 1,
	  .most = 1 },
	{ "protocol", .type = &vs_protocol, .kept = CONF_KEPT_WHOLE, .least = 1,
	  .most = 1 },
	{ "lvs_sched", .type = &vs_sched,
	  .kept = CONF_KEPT(struct conf_virtual_server, sched_word), .least = 1,
	  .most = 1 },
	{ "lb_algo", .type = &vs_sched, .least = 1, .most = 1,
	  .same = "lvs_sched" },
	{ "lvs_method", .type = &conf_type_forward, .offset = VS(method),
	  .kept = CONF_KEPT(struct conf_virtual_server, forward), .least = 1,
	  .most = 6 },
	{ "lb_kind", .type = &conf_type_forward, .offset = VS(method),
	  .least = 1, .most = 6, .same = "lvs_method" },
	FLAG("ops", SERVICE_ONEPACKET),
	FLAG("hashed", 0),
	FLAG("flag-1", SERVICE_SCHED1),
	FLAG("flag-2", SERVICE_SCHED2),
	FLAG("flag-3", SERVICE_SCHED3),
	{ "sh-fallback", vs_bind_flag, .min = SERVICE_SCHED1, .data = "sh" },
	{ "sh-port", vs_bind_flag, .min = SERVICE_SCHED2, .data = "sh" },
	{ "mh-fallback", vs_bind_flag, .min = SERVICE_SCHED1, .data = "mh" },
	{ "mh-port", vs_bind_flag, .min = SERVICE_SCHED2, .data = "mh" },
	{ "persistence_timeout", vs_bind_persistence, .type = &conf_type_u32,
	  KEPT(persistence), .most = 1, .max = 2678400,
	  .flags = KW_ZERO_UNSET },
	{ "persistence_granularity", .type = &vs_granularity,
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 1 },
	{ "persistence_engine", .type = &vs_engine, .kept = CONF_KEPT_WHOLE,
	  .least = 1, .most = 1 },
	{ "alpha", .type = &vs_switch, .offset = VS(timing.alpha),
	  .kept = CONF_KEPT(struct conf_virtual_server, alpha), .most = 1 },
	{ "omega", .type = &conf_type_true, KEPT(omega), .most = KW_ANY },
	{ "ha_suspend", .type = &conf_type_true, KEPT(ha_suspend),
	  .flags = KW_IDLE,
	  .missed =
		  "the checks run, whether this host has the address or not" },
	{ "quorum", .type = &conf_type_u32, KEPT(quorum), .least = 1, .most = 1,
	  .min = 1, .max = UINT32_MAX, .preset = 1 },
	{ "hysteresis", .type = &conf_type_u32, KEPT(hysteresis), .least = 1,
	  .most = 1, .min = 0, .max = UINT32_MAX },
	{ "quorum_up", .type = &conf_type_script, KEPT(quorum_up), .least = 1,
	  .most = 3, .flags = KW_SCRIPT },
	{ "quorum_down", .type = &conf_type_script, KEPT(quorum_down),
	  .least = 1, .most = 3, .flags = KW_SCRIPT },
	{ "sorry_server", .type = &vs_sorry,
	  .kept = CONF_KEPT(struct conf_virtual_server, sorry.addr), .least = 1,
	  .most = 2 },
	{ "sorry_server_lvs_method", .type = &conf_type_forward_sorry,
	  .offset = VS(sorry.method),
	  .kept = CONF_KEPT(struct conf_virtual_server, sorry), .least = 1,
	  .most = 6 },
	{ "sorry_server_inhibit", .type = &vs_switch,
	  .offset = VS(sorry.inhibit),
	  .kept = CONF_KEPT(struct conf_virtual_server, sorry.inhibit),
	  .most = 1 },
	{ "min_serving", .type = &conf_type_share, KEPT(min_serving),
	  .least = 1, .most = 1, .preset = -50 },
	{ "writers", .type = &conf_type_u32, KEPT(writers), .least = 1,
	  .most = 1, .min = 1, .max = UINT32_MAX, .flags = KW_ZERO_UNSET },
	{ "failback", .type = &conf_type_either, .data = vs_failbacks,
	  KEPT(failback_manual), .least = 1, .most = 1,
	  .flags = KW_ZERO_UNSET },
	{ "on_leave", .type = &conf_type_choice, .data = vs_leaves,
	  KEPT(on_leave), .least = 1, .most = 1, .flags = KW_ZERO_UNSET },
	{ "kill_spare", .type = &vs_spare, KEPT(kill_spare), .least = 1,
	  .most = KW_ANY, .flags = KW_REPEAT },
	{ "correlated_failure", .type = &vs_percent, KEPT(correlated),
	  .least = 1, .most = 1, .min = 1, .max = 100, .preset = 60 },
	{ "cold_pool_limit", .type = &vs_percent, KEPT(cold_pool_limit),
	  .least = 1, .most = 1, .min = 1, .max = 99, .flags = KW_ZERO_UNSET },
	/* Without it settle.c takes 1, or 100 where weights move. */
	{ "base_weight", .type = &conf_type_u32, KEPT(base_weight), .least = 1,
	  .most = 1, .min = 1, .max = 1000000 },
	{ "announce", conf_bind_announce, .type = &conf_type_string,
	  KEPT(announce), .least = 1, .most = 1 },
	{ "headroom", .type = &conf_type_inner, .block = &conf_block_headroom,
	  KEPT(headroom), .flags = KW_BLOCK },
	{ "integrity", .type = &conf_type_integrity,
	  .block = &conf_block_integrity, KEPT(integrity), .flags = KW_BLOCK },
	{ "fastest_response", .type = &vs_fastest, .block = &conf_block_fastest,
	  .offset = VS(vs.fastest_response), .kept = CONF_KEPT_WHOLE,
	  .flags = KW_BLOCK },
	/* Handed down to the servers, which print it. */
	{ "weight", .type = &conf_type_u32, .offset = VS(weight), .least = 1,
	  .most = 1, .min = 1, .max = INT32_MAX, .preset = 1 },
	{ "inhibit_on_failure", .type = &vs_switch, .offset = VS(inhibit),
	  .most = 1 },
	{ "drain_timeout", .type = &conf_type_time, .offset = VS(drain_timeout),
	  .least = 1, .most = 1, .min = 0, .max = TIME_MAX,
	  .preset = 300 * USEC_PER_SEC },
	{ "slow_start", .type = &conf_type_slow_start,
	  .block = &conf_block_slow_start, .offset = VS(slow_start),
	  .flags = KW_BLOCK },
	{ "virtualhost", .type = &conf_type_string, .offset = VS(virtualhost),
	  .least = 1, .most = 1 },
	{ "connect_timeout", .type = &conf_type_time,
	  .offset = VS(timing.connect_timeout), .least = 1, .most = 1,
	  .min = TIME_MIN, .max = TIME_MAX, .preset = 5 * USEC_PER_SEC },
	{ "retry", .type = &conf_type_u32, .offset = VS(timing.retry),
	  .least = 1, .most = 1, .min = 1, .max = RETRY_MAX,
	  .preset = CONF_UNSET },
	{ "smtp_alert", conf_bind_smtp_alert, .type = &conf_type_maybe,
	  KEPT(smtp_alert), .preset = CONF_UNSET, .most = 1 },
	{ "probe_path", .type = &conf_type_either, .data = conf_probe_paths,
	  .offset = VS(timing.client), .least = 1, .most = 1 },
	KW_NOTHING("snmp_name"),
	/* keepalived has not known it since its version 2. */
	KW_MISSED("nat_mask", "IPVS has no such mask"),
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

/* A virtual server before anything is bound; made for the first one. */
static const struct vs_draft *vs_fresh(struct conf_ctx *ctx)
{
	struct vs_draft **fresh = &ctx->draft->fresh_vs;

	if (!*fresh) {
		*fresh = arena_alloc(ctx->scratch, sizeof(**fresh));
		conf_block_preset(&conf_block_virtual_server, *fresh);
	}
	return *fresh;
}

void conf_bind_virtual_server(struct conf_ctx *ctx,
			      const struct conf_keyword *kw,
			      const struct conf_node *node, void *target)
{
	struct vs_draft draft;

	if (ctx->vrrp_only)
		return;
	draft = *vs_fresh(ctx);
	draft.node = node;
	draft.vs.first_server = (uint32_t)ctx->draft->nr_servers;
	draft.vs.announce_group = CONF_NO_GROUP;
	draft.vs.pos = (struct conf_pos){ node->file, node->line };
	draft.broken = !vs_identity(ctx, node, &draft);
	conf_bind_block(ctx, &conf_block_virtual_server, node, &draft);
	conf_finish_virtual_server(ctx, &draft);
}
