/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs, users and files that a configuration names. A parse opens nothing,
 * so it only keeps a list, each name once, with the first line that holds it;
 * main looks whether the named things exist (daemon/outside_names.c).
 */
#include <string.h>

#include "conf/lang/outside.h"

static bool outside_same(const struct conf_ctx *ctx, uint32_t index,
			 const void *key)
{
	const struct conf_outside *have = &ctx->outside[index], *want = key;

	/* Equal strings are one. */
	return have->kind == want->kind && have->name == want->name &&
	       have->user == want->user && have->group == want->group;
}

static void outside_add(struct conf_ctx *ctx, const struct conf_outside *want)
{
	const void *key[4] = { (const void *)(uintptr_t)want->kind, want->name,
			       want->user, want->group };
	uint32_t hash = conf_hash(key, sizeof(key));

	if (conf_index_find(ctx, &ctx->outside_set, hash, outside_same, want) !=
	    UINT32_MAX)
		return;
	ctx->outside = array_grow(ctx->outside, ctx->nr_outside,
				  &ctx->room_outside, sizeof(*want));
	index_put(&ctx->outside_set, hash, (uint32_t)ctx->nr_outside);
	ctx->outside[ctx->nr_outside++] = *want;
}

void conf_outside_script(struct conf_ctx *ctx, const struct conf_node *node,
			 const char *keyword, const struct conf_script *script)
{
	struct conf_outside want = { .kind = CONF_OUTSIDE_SCRIPT,
				     .keyword = keyword,
				     .name = script->argv[0],
				     .user = script->user,
				     .group = script->group,
				     .pos = { node->file, node->line } };

	outside_add(ctx, &want);
}

void conf_outside_name(struct conf_ctx *ctx, const struct conf_node *node,
		       const char *keyword, enum conf_outside_kind kind,
		       const char *name)
{
	struct conf_outside want = { .kind = kind,
				     .keyword = keyword,
				     .name = name,
				     .pos = { node->file, node->line } };

	if (name)
		outside_add(ctx, &want);
}

void conf_outside_user(struct conf_ctx *ctx, const struct conf_node *node,
		       const char *keyword, const char *user, const char *group)
{
	conf_outside_name(ctx, node, keyword, CONF_OUTSIDE_USER, user);
	conf_outside_name(ctx, node, keyword, CONF_OUTSIDE_GROUP, group);
}

void conf_bind_outside(struct conf_ctx *ctx, const struct conf_keyword *kw,
		       const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);

	conf_bind_string(ctx, kw, node, target);
	conf_outside_name(ctx, node, kw->name, (enum conf_outside_kind)kw->min,
			  conf_string(ctx, word->text, word->len));
}
