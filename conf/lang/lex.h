/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the files that turn text into a tree: tree_build.c, lex.c, expand.c,
 * seq.c, tree.c, each calling those behind it.
 */
#ifndef EVENKEEL_CONF_LANG_LEX_H
#define EVENKEEL_CONF_LANG_LEX_H

#include "conf/lang/parse.h"

#define CONF_NO_NODE UINT32_MAX

/* A growing piece of text; all zeroes is empty. */
struct conf_buf {
	char *text;
	size_t len, room;
};

/* buf.c: append LEN bytes of TEXT, or one byte. */
void conf_buf_add(struct conf_buf *buf, const char *text, size_t len);
void conf_buf_char(struct conf_buf *buf, char c);
/* The text may hold passwords: no copy of it is left behind in freed memory. */
void conf_buf_free(struct conf_buf *buf);
/* Room for buf->room bytes, which has just been raised. */
void conf_buf_move(struct conf_buf *buf);

struct conf_expander;

struct conf_lexer {
	struct conf_ctx *ctx;
	const char *p, *end; /* the unread text; END is behind a '\n' */
	uint32_t source, line; /* the line being read */
	uint32_t file;

	/* tree.c */
	uint32_t stack[CONF_DEPTH_MAX]; /* nodes whose blocks are open */
	uint32_t depth;
	uint32_t too_deep; /* blocks open beyond the limit */
	uint32_t last; /* the statement that a '{' would belong to */
	bool watch_indent; /* look for a '}' that is indented oddly */
	uint32_t odd_close; /* line of a '}' that is indented oddly; 0: none */
	uint32_t odd_node; /* the block that it closes */

	struct conf_expander *expander; /* NULL until a line needs one */
};

/* The place of AT in the line being read, for complaints; NULL: of the line. */
static inline struct conf_place conf_lex_place(const struct conf_lexer *lx,
					       const char *at)
{
	const char *line = lx->ctx->text + lx->source;
	struct conf_place place = { lx->source, lx->line, lx->file, 0 };

	if (at >= line && at < lx->p)
		place.column = (uint32_t)(at - line) + 1;
	return place;
}

/* lex.c: the words and braces of one finished line, ended by '\n'. */
void conf_lex_words(struct conf_lexer *lx, const char *line);
/*
 * Lex all plain lines from here on. True if it ends behind a LINE that is not
 * plain, or longer than CONF_LINE_MAX; false at a marker or the end.
 */
bool conf_lex_plain(struct conf_lexer *lx, const char **line);
/* The next line of the text, for a multi-line $VAR; false at the end. */
bool conf_lex_next_line(struct conf_lexer *lx, const char **line, size_t *len);
/*
 * A comment begins at AT, directly behind a character of the value of KEYWORD:
 * rarely intended.
 */
void conf_lex_say_cut(struct conf_lexer *lx, const char *keyword, size_t len,
		      const char *at);

/* tree.c: add to ctx->nodes, from the root on. */
void conf_tree_begin(struct conf_lexer *lx);
void conf_tree_statement(struct conf_lexer *lx, uint32_t first_word);
void conf_tree_open(struct conf_lexer *lx, const char *at);
void conf_tree_close(struct conf_lexer *lx, const char *at);
/* The blocks that are open at the end of the file. */
void conf_tree_finish(struct conf_lexer *lx);

/* expand.c: a line that holds one of \ $, or begins with @ or ~. */
void conf_expand_line(struct conf_lexer *lx, const char *line, size_t len);
/* A marker that only expansion needs. */
void conf_expand_mark(struct conf_lexer *lx, enum conf_mark mark,
		      const char *text, size_t len);
void conf_expand_define(struct conf_lexer *lx, const char *name,
			size_t name_len, const char *value, size_t len);
void conf_expand_free(struct conf_lexer *lx);

/* seq.c: ~SEQ and ~LST. */
struct conf_loop {
	struct conf_loop *outer;
	const char **names; /* the variables */
	const char ***rows; /* ~LST: values[row][name]; NULL: ~SEQ */
	size_t nr_names, nr_rows, row;
	long next, step, last; /* ~SEQ */
	bool done, hex;
	const char *text; /* the line to repeat */
	size_t len;
};

/* LINE begins with '~'. NULL after complaining, or if it is no loop. */
struct conf_loop *conf_seq_parse(struct conf_lexer *lx, const char *line,
				 size_t len);
/* Define the variables for the next round; false when there is none. */
bool conf_seq_next(struct conf_lexer *lx, struct conf_loop *loop);

#endif
