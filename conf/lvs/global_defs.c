/* SPDX-License-Identifier: GPL-2.0-or-later */
/* global_defs: the words acted on; the many other words are in known.c. */
#include <stddef.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

#define GLOBAL(member) CONF_MEMBER(struct conf_global, member)

/* "PATH [USER [GROUP]]" */
static void global_defs_bind_socket(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct conf_global *global = target;
	const char **members[] = { &global->control_socket,
				   &global->control_user,
				   &global->control_group };
	const struct conf_word *word;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(members) && i + 1 < node->nr_words; i++) {
		word = conf_word(ctx, node, i + 1);
		*members[i] = conf_string(ctx, word->text, word->len);
	}
	conf_outside_user(ctx, node, kw->name, global->control_user,
			  global->control_group);
}

static void global_defs_print_socket(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *member)
{
	const struct conf_global *global = member;

	if (!global->control_socket)
		return;
	fprintf(out, "%s%s \"%s\"", indent, kw->name, global->control_socket);
	if (global->control_user)
		fprintf(out, " \"%s\"", global->control_user);
	if (global->control_group)
		fprintf(out, " \"%s\"", global->control_group);
	fputc('\n', out);
}

static const struct conf_type global_defs_socket = {
	.bind = global_defs_bind_socket, .print = global_defs_print_socket
};

/* "USER [[:]GROUP]", also "USER:GROUP" */
static void global_defs_bind_script_user(struct conf_ctx *ctx,
					 const struct conf_keyword *kw,
					 const struct conf_node *node,
					 void *target)
{
	struct conf_global *global = target;

	conf_get_user(ctx, node, 1, &global->script_user,
		      &global->script_group);
	conf_outside_user(ctx, node, kw->name, global->script_user,
			  global->script_group);
}

static void global_defs_print_script_user(FILE *out, const char *indent,
					  const struct conf_keyword *kw,
					  const void *member)
{
	const struct conf_global *global = member;

	conf_print_user(out, indent, kw->name, global->script_user,
			global->script_group);
}

static const struct conf_type global_defs_script_user = {
	.bind = global_defs_bind_script_user,
	.print = global_defs_print_script_user
};

static void global_defs_bind_listen(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct conf_global *global = target;
	struct endpoint ep;

	if (!conf_get_endpoint(ctx, node, 1, &ep))
		return;
	if (ep.port == 0)
		conf_bad_value(ctx, kw, node, 2, "a port from 1 to 65535");
	else
		global->metrics_listen = ep;
}

static void global_defs_print_listen(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *member)
{
	const struct endpoint *ep = member;

	if (!addr_is_set(&ep->addr))
		return;
	fprintf(out, "%s%s ", indent, kw->name);
	conf_print_endpoint(out, ep);
	fputc('\n', out);
}

static const struct conf_type global_defs_listen = {
	.bind = global_defs_bind_listen, .print = global_defs_print_listen
};

/* "ADDRESS PORT KEY_FILE" */
static void global_defs_bind_operator_peer(struct conf_ctx *ctx,
					   const struct conf_keyword *kw,
					   const struct conf_node *node,
					   void *target)
{
	struct conf_global *global = target;
	const struct conf_word *path = conf_word(ctx, node, 3);
	struct endpoint ep;

	if (!conf_get_endpoint(ctx, node, 1, &ep))
		return;
	if (ep.port == 0) {
		conf_bad_value(ctx, kw, node, 2, "a port from 1 to 65535");
		return;
	}
	if (path->len == 0 || path->text[0] != '/') {
		conf_bad_value(ctx, kw, node, 3, "an absolute path");
		return;
	}
	global->operator_peer = ep;
	global->operator_key_file = conf_string(ctx, path->text, path->len);
	conf_outside_name(ctx, node, kw->name, CONF_OUTSIDE_SECRET,
			  global->operator_key_file);
}

static void global_defs_print_operator_peer(FILE *out, const char *indent,
					    const struct conf_keyword *kw,
					    const void *member)
{
	const struct conf_global *global = member;

	if (!addr_is_set(&global->operator_peer.addr))
		return;
	fprintf(out, "%s%s ", indent, kw->name);
	conf_print_endpoint(out, &global->operator_peer);
	fprintf(out, " \"%s\"\n", global->operator_key_file);
}

static const struct conf_type global_defs_operator_peer = {
	.bind = global_defs_bind_operator_peer,
	.print = global_defs_print_operator_peer
};

/* "lvs_flush_on_stop [VS]" */
static void global_defs_bind_flush_on_stop(struct conf_ctx *ctx,
					   const struct conf_keyword *kw,
					   const struct conf_node *node,
					   void *target)
{
	struct conf_global *global = target;

	global->lvs_flush_on_stop = true;
	if (node->nr_words < 2)
		return;
	if (conf_is(conf_word(ctx, node, 1), "VS"))
		global->lvs_flush_on_stop_vs = true;
	else
		conf_bad_value(ctx, kw, node, 1, "VS, or nothing,");
}

static void global_defs_print_flush_on_stop(FILE *out, const char *indent,
					    const struct conf_keyword *kw,
					    const void *member)
{
	const struct conf_global *global = member;

	if (global->lvs_flush_on_stop)
		fprintf(out, "%s%s%s\n", indent, kw->name,
			global->lvs_flush_on_stop_vs ? " VS" : "");
}

static const struct conf_type global_defs_flush_on_stop = {
	.bind = global_defs_bind_flush_on_stop,
	.print = global_defs_print_flush_on_stop
};

/* "[tcp S] [tcpfin S] [udp S]" */
static void global_defs_bind_timeouts(struct conf_ctx *ctx,
				      const struct conf_keyword *kw,
				      const struct conf_node *node,
				      void *target)
{
	struct conf_global *global = target;
	const struct conf_word *word;
	uint32_t *member, i;
	uint64_t value;

	for (i = 1; i < node->nr_words; i += 2) {
		word = conf_word(ctx, node, i);
		member = conf_is(word, "tcp")	 ? &global->timeout_tcp :
			 conf_is(word, "tcpfin") ? &global->timeout_tcp_fin :
			 conf_is(word, "udp")	 ? &global->timeout_udp :
						   NULL;
		if (!member || i + 1 == node->nr_words) {
			conf_bad_value(ctx, kw, node, i,
				       "'tcp S', 'tcpfin S' or 'udp S'");
			return;
		}
		if (conf_get_number(conf_word(ctx, node, i + 1),
				    INT32_MAX / 1000, &value) &&
		    value > 0)
			*member = (uint32_t)value;
		else
			conf_bad_value(ctx, kw, node, i + 1,
				       "a number of seconds");
	}
}

static void global_defs_print_timeouts(FILE *out, const char *indent,
				       const struct conf_keyword *kw,
				       const void *member)
{
	const struct conf_global *global = member;

	if (!global->timeout_tcp && !global->timeout_tcp_fin &&
	    !global->timeout_udp)
		return;
	fprintf(out, "%s%s", indent, kw->name);
	if (global->timeout_tcp)
		fprintf(out, " tcp %u", global->timeout_tcp);
	if (global->timeout_tcp_fin)
		fprintf(out, " tcpfin %u", global->timeout_tcp_fin);
	if (global->timeout_udp)
		fprintf(out, " udp %u", global->timeout_udp);
	fputc('\n', out);
}

static const struct conf_type global_defs_timeouts = {
	.bind = global_defs_bind_timeouts, .print = global_defs_print_timeouts
};

static const struct conf_keyword global_keywords[] = {
	{ "router_id", .type = &conf_type_string, GLOBAL(router_id), .least = 1,
	  .most = 1 },
	{ "keepalived_compat", .type = &conf_type_flag, GLOBAL(compat),
	  .most = 1 },
	{ "control_socket", .type = &global_defs_socket,
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 3 },
	{ "state_file", .type = &conf_type_string, GLOBAL(state_file),
	  .least = 1, .most = 1 },
	{ "operator_peer", .type = &global_defs_operator_peer,
	  .kept = CONF_KEPT_WHOLE, .least = 3, .most = 3 },
	{ "metrics_listen", .type = &global_defs_listen, GLOBAL(metrics_listen),
	  .least = 2, .most = 2, .flags = KW_IDLE,
	  .missed = "nothing listens there" },
	{ "checker_user", .type = &conf_type_outside, GLOBAL(checker_user),
	  .min = CONF_OUTSIDE_USER, .least = 1, .most = 1 },
	{ "script_user", .type = &global_defs_script_user,
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 2 },
	{ "enable_script_security", .type = &conf_type_true,
	  GLOBAL(script_security) },
	{ "lvs_flush", .type = &conf_type_true, GLOBAL(lvs_flush) },
	{ "lvs_flush_on_stop", .type = &global_defs_flush_on_stop,
	  .kept = CONF_KEPT_WHOLE, .most = 1 },
	{ "lvs_flush_onstop", .type = &global_defs_flush_on_stop, .most = 1,
	  .same = "lvs_flush_on_stop" },
	{ "lvs_timeouts", .type = &global_defs_timeouts,
	  .kept = CONF_KEPT_WHOLE, .least = 2, .most = 6 },
	{ "lvs_sync_tuning", .type = &conf_type_bool, GLOBAL(lvs_sync_tuning),
	  .most = 1 },
	/* Inherited by each check, which prints it. */
	{ "checker_log_all_failures", .type = &conf_type_bool,
	  .offset = offsetof(struct conf_global, log_all_failures), .most = 1 },
};

const struct conf_block conf_block_global = CONF_BLOCK(
	BLOCK_GLOBAL, "global_defs", global_keywords, &conf_block_vrrp_global);
