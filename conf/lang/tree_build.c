/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole text into the tree. Plain lines go through lex.c in one run; this
 * file takes the markers between them, and the lines that need expand.c.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/lang/lex.h"
#include "lib/util.h"

#define TREE_GUESS_MAX ((size_t)16 * 1024 * 1024)

static size_t tree_build_number(const char **text, const char *end)
{
	size_t value = 0;

	for (; *text < end && **text >= '0' && **text <= '9'; ++*text)
		value = value * 10 + (size_t)(**text - '0');
	if (*text < end)
		++*text;
	return value;
}

static void tree_build_mark_file(struct conf_lexer *lx, const char *text,
				 size_t len)
{
	struct conf_ctx *ctx = lx->ctx;
	const char *end = text + len;
	size_t file = tree_build_number(&text, end);

	lx->line = (uint32_t)tree_build_number(&text, end) -
		   1; /* of the next line */
	if (file >= ctx->nr_files && ctx->nr_files < CONF_FILES_MAX) {
		file = ctx->nr_files++;
		ctx->files = array_grow(ctx->files, file, &ctx->room_files,
					sizeof(*ctx->files));
		ctx->files[file] =
			arena_strndup(ctx->arena, text, (size_t)(end - text));
	}
	lx->file = (uint32_t)file;
}

/* conf_read() has a complaint about the next line, which is skipped. */
static void tree_build_mark_say(struct conf_lexer *lx, const char *text,
				size_t len)
{
	enum conf_class class = CLASS_ERROR;
	const char *skipped;
	size_t n;

	if (len && text[0] == 'W')
		class = CLASS_WARNING;
	else if (len && text[0] == 'F')
		class = CLASS_FAULT;
	lx->source = (uint32_t)(lx->p - lx->ctx->text);
	if (!conf_lex_next_line(lx, &skipped, &n) || len < 2)
		return;
	conf_complain(lx->ctx, class, conf_lex_place(lx, NULL), "%.*s",
		      (int)len - 1, text + 1);
}

static void tree_build_mark_table(struct conf_ctx *ctx, const char *text,
				  size_t len)
{
	const char *end = text + len;
	struct conf_table_name table = {
		.number = (uint32_t)tree_build_number(&text, end),
	};

	table.name = arena_strndup(ctx->scratch, text, (size_t)(end - text));
	ctx->tables = array_grow(ctx->tables, ctx->nr_tables, &ctx->room_tables,
				 sizeof(table));
	ctx->tables[ctx->nr_tables++] = table;
}

static void tree_build_mark(struct conf_lexer *lx)
{
	const char *text = lx->p + 1;
	const char *eol = memchr(text, '\n', (size_t)(lx->end - text));
	char mark = *text;
	size_t len;

	/* "\0\n": a NUL that conf_read() never saw, to be skipped. */
	if (text == eol) {
		lx->p = eol + 1;
		return;
	}
	text++;
	len = (size_t)(eol - text);
	lx->p = eol + 1;
	switch (mark) {
	case MARK_FILE:
		tree_build_mark_file(lx, text, len);
		break;
	case MARK_TABLE:
		tree_build_mark_table(lx->ctx, text, len);
		break;
	case MARK_ID:
		lx->ctx->config_id = arena_strndup(lx->ctx->scratch, text, len);
		break;
	case MARK_SAY:
		tree_build_mark_say(lx, text, len);
		break;
	case MARK_FOLDER:
	case MARK_SEED:
	case MARK_ENV:
		conf_expand_mark(lx, (enum conf_mark)mark, text, len);
		break;
	}
}

/* Take a line that conf_lex_plain() could not take. */
static void tree_build_slow(struct conf_lexer *lx, const char *line)
{
	size_t len = (size_t)(lx->p - 1 - line);

	if (memchr(line, '\0', len))
		conf_complain(lx->ctx, CLASS_FAULT, conf_lex_place(lx, NULL),
			      "the line holds a NUL byte and is ignored");
	else
		conf_expand_line(lx, line, len);
}

static void tree_build_text(struct conf_lexer *lx)
{
	const char *line;

	while (lx->p < lx->end) {
		if (*lx->p == CONF_MARK)
			tree_build_mark(lx);
		else if (!conf_lex_plain(lx, &line))
			continue;
		else if ((size_t)(lx->p - line) <= CONF_LINE_MAX)
			tree_build_slow(lx, line);
		else
			conf_complain(lx->ctx, CLASS_FAULT,
				      conf_lex_place(lx, NULL),
				      "the line is longer than %zu bytes",
				      CONF_LINE_MAX);
	}
}

static bool tree_build_pass(struct conf_ctx *ctx, bool watch_indent)
{
	struct conf_lexer lx = { .ctx = ctx,
				 .p = ctx->text,
				 .end = ctx->text + ctx->length,
				 .watch_indent = watch_indent };
	bool closed;

	ctx->nr_nodes = 0;
	ctx->nr_words = 0;
	ctx->nr_files = 0;
	ctx->nr_tables = 0;
	ctx->nr_complaints = 0;
	conf_tree_begin(&lx);
	tree_build_text(&lx);
	closed = lx.depth == 0;
	if (closed || watch_indent)
		conf_tree_finish(&lx);
	conf_expand_free(&lx);
	return closed;
}

void conf_tree_build(struct conf_ctx *ctx)
{
	/*
	 * A guess, so that the arrays need not grow by copying; unused room
	 * costs nothing.
	 */
	size_t guess = ctx->length < TREE_GUESS_MAX ? ctx->length :
						      TREE_GUESS_MAX;

	ctx->room_nodes = guess / 12 + 16;
	ctx->nodes = xrealloc_array(NULL, ctx->room_nodes, sizeof(*ctx->nodes));
	ctx->room_words = guess / 8 + 16;
	ctx->words = xrealloc_array(NULL, ctx->room_words, sizeof(*ctx->words));
	/* The place of a missing '}' is looked for only if one is missing. */
	if (!tree_build_pass(ctx, false))
		tree_build_pass(ctx, true);
}
