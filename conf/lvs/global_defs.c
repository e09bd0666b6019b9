/* SPDX-License-Identifier: GPL-2.0-or-later */
/* global_defs: the words acted on; the many other words are in known.c. */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

#define GLOBAL(member) offsetof(struct conf_global, member)

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

static const struct conf_keyword global_keywords[] = {
	{ "router_id", conf_bind_string, .offset = GLOBAL(router_id),
	  .least = 1, .most = 1 },
	{ "keepalived_compat", conf_bind_bool, .offset = GLOBAL(compat),
	  .most = 1 },
	{ "control_socket", global_defs_bind_socket, .least = 1, .most = 3 },
	{ "state_file", conf_bind_string, .offset = GLOBAL(state_file),
	  .least = 1, .most = 1 },
	{ "operator_peer", global_defs_bind_operator_peer, .least = 3,
	  .most = 3 },
	{ "metrics_listen", global_defs_bind_listen, .least = 2, .most = 2,
	  .flags = KW_IDLE, .missed = "nothing listens there" },
	{ "checker_user", conf_bind_outside, .min = CONF_OUTSIDE_USER,
	  .offset = GLOBAL(checker_user), .least = 1, .most = 1 },
	{ "script_user", global_defs_bind_script_user, .least = 1, .most = 2 },
	{ "enable_script_security", conf_bind_true,
	  .offset = GLOBAL(script_security) },
	{ "lvs_flush", conf_bind_true, .offset = GLOBAL(lvs_flush) },
	{ "lvs_flush_on_stop", global_defs_bind_flush_on_stop, .most = 1 },
	{ "lvs_flush_onstop", global_defs_bind_flush_on_stop, .most = 1,
	  .same = "lvs_flush_on_stop" },
	{ "lvs_timeouts", global_defs_bind_timeouts, .least = 2, .most = 6 },
	{ "lvs_sync_tuning", conf_bind_bool, .offset = GLOBAL(lvs_sync_tuning),
	  .most = 1 },
	{ "checker_log_all_failures", conf_bind_bool,
	  .offset = GLOBAL(log_all_failures), .most = 1 },
};

const struct conf_block conf_block_global = CONF_BLOCK(
	BLOCK_GLOBAL, "global_defs", global_keywords, &conf_block_vrrp_global);
