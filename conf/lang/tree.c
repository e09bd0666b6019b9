/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words and braces into a tree of statements. A '{' belongs to the statement
 * before it, on the same line or above. The tree is one array in the order of
 * the file; nothing is allocated for a statement.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/lang/lex.h"
#include "lib/util.h"

static inline struct conf_node *tree_add(struct conf_lexer *lx)
{
	struct conf_ctx *ctx = lx->ctx;
	struct conf_node *node;

	if (ctx->nr_nodes == ctx->room_nodes)
		ctx->nodes = array_grow(ctx->nodes, ctx->nr_nodes,
					&ctx->room_nodes, sizeof(*node));
	node = &ctx->nodes[ctx->nr_nodes];
	lx->last = (uint32_t)ctx->nr_nodes++;
	node->end = (uint32_t)ctx->nr_nodes;
	node->source = lx->source;
	node->line = lx->line;
	node->file = (uint16_t)lx->file;
	node->block = false;
	node->slot = 0;
	return node;
}

void conf_tree_statement(struct conf_lexer *lx, uint32_t first_word)
{
	struct conf_ctx *ctx = lx->ctx;
	struct conf_node *node;

	if (lx->too_deep) {
		ctx->nr_words = first_word;
		return;
	}
	node = tree_add(lx);
	node->words = first_word;
	node->nr_words = (uint32_t)ctx->nr_words - first_word;
}

void conf_tree_open(struct conf_lexer *lx, const char *at)
{
	struct conf_ctx *ctx = lx->ctx;
	struct conf_node *node;

	if (lx->too_deep || lx->depth + 1 >= CONF_DEPTH_MAX) {
		if (lx->too_deep++ == 0)
			conf_complain(ctx, CLASS_ERROR, conf_lex_place(lx, at),
				      "more than %d blocks inside each other",
				      CONF_DEPTH_MAX - 1);
		return;
	}
	if (lx->last == CONF_NO_NODE) {
		conf_complain(ctx, CLASS_ERROR, conf_lex_place(lx, at),
			      "a '{' without a keyword before it");
		/* Give its '}' a node to close. */
		node = tree_add(lx);
		node->words = 0;
		node->nr_words = 0;
	}
	ctx->nodes[lx->last].block = true;
	lx->stack[++lx->depth] = lx->last;
	lx->last = CONF_NO_NODE;
}

/* How far a line is indented, if AT is the first thing on it; else UINT32_MAX. */
static uint32_t tree_indent(const struct conf_ctx *ctx, uint32_t source,
			    const char *at)
{
	const char *line = ctx->text + source, *p = line;

	while (*p == ' ' || *p == '\t')
		p++;
	return p == at ? (uint32_t)(p - line) : UINT32_MAX;
}

/*
 * The first '}' that is not indented like its block's keyword. If a '}' is
 * missing at the end, then probably before this one.
 */
static void tree_watch_indent(struct conf_lexer *lx,
			      const struct conf_node *node, const char *at)
{
	const struct conf_ctx *ctx = lx->ctx;
	uint32_t here, there;

	if (lx->odd_close || node->nr_words == 0)
		return;
	here = tree_indent(ctx, lx->source, at);
	there = tree_indent(ctx, node->source, ctx->words[node->words].text);
	if (here == there || here == UINT32_MAX || there == UINT32_MAX)
		return;
	lx->odd_close = lx->line;
	lx->odd_node = (uint32_t)(node - ctx->nodes);
}

void conf_tree_close(struct conf_lexer *lx, const char *at)
{
	struct conf_ctx *ctx = lx->ctx;
	struct conf_node *node;

	lx->last = CONF_NO_NODE;
	if (lx->too_deep) {
		lx->too_deep--;
		return;
	}
	if (lx->depth == 0) {
		conf_complain(ctx, CLASS_FAULT, conf_lex_place(lx, at),
			      "a '}' without a block to close");
		return;
	}
	node = &ctx->nodes[lx->stack[lx->depth--]];
	node->end = (uint32_t)ctx->nr_nodes;
	if (lx->watch_indent)
		tree_watch_indent(lx, node, at);
}

static void tree_say_open(struct conf_lexer *lx, const struct conf_node *node)
{
	struct conf_ctx *ctx = lx->ctx;
	const struct conf_node *odd = &ctx->nodes[lx->odd_node];

	if (node->nr_words == 0)
		return;
	if (lx->odd_close && odd->file == node->file && odd >= node)
		conf_say(
			ctx, CLASS_ERROR, node, 0,
			"the block of '%.*s' is never closed: a '}' is missing, probably before "
			"line %u, where one closes the '%.*s' of line %u",
			CONF_SHOW(conf_word(ctx, node, 0)), lx->odd_close,
			CONF_SHOW(conf_word(ctx, odd, 0)), odd->line);
	else
		conf_say(
			ctx, CLASS_ERROR, node, 0,
			"the block of '%.*s' is never closed: a '}' is missing",
			CONF_SHOW(conf_word(ctx, node, 0)));
}

void conf_tree_finish(struct conf_lexer *lx)
{
	struct conf_ctx *ctx = lx->ctx;

	for (; lx->depth > 0; lx->depth--) {
		ctx->nodes[lx->stack[lx->depth]].end = (uint32_t)ctx->nr_nodes;
		tree_say_open(lx, &ctx->nodes[lx->stack[lx->depth]]);
	}
	ctx->nodes[0].end = (uint32_t)ctx->nr_nodes;
}

void conf_tree_begin(struct conf_lexer *lx)
{
	struct conf_node *root = tree_add(lx);

	memset(root, 0, sizeof(*root));
	root->block = true;
	lx->last = CONF_NO_NODE;
}
