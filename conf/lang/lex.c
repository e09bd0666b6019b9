/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text into words and braces. Nearly all lines of a large file are plain: they
 * hold no $ and no backslash, and do not begin with @ or ~. The words of plain
 * lines are slices of the text, found in one walk over its bytes, without a
 * copy. The others go through expand.c, which hands back finished lines.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/lang/lex.h"
#include "lib/util.h"

enum char_class {
	CHAR_WORD = 0,
	CHAR_BLANK,
	CHAR_EOL,
	CHAR_COMMENT,
	CHAR_QUOTE,
	CHAR_BRACE,
	CHAR_SPECIAL,
};

/* The classes for lines as the file has them. */
static const uint8_t raw_classes[256] = {
	[' '] = CHAR_BLANK,    ['\t'] = CHAR_BLANK,   ['\r'] = CHAR_BLANK,
	['\f'] = CHAR_BLANK,   ['\v'] = CHAR_BLANK,   ['\n'] = CHAR_EOL,
	['#'] = CHAR_COMMENT,  ['!'] = CHAR_COMMENT,  ['"'] = CHAR_QUOTE,
	['{'] = CHAR_BRACE,    ['}'] = CHAR_BRACE,    ['$'] = CHAR_SPECIAL,
	['\\'] = CHAR_SPECIAL, ['\0'] = CHAR_SPECIAL,
};

/* The classes for lines whose comments and variables are dealt with. */
static const uint8_t done_classes[256] = {
	[' '] = CHAR_BLANK,  ['\t'] = CHAR_BLANK, ['\r'] = CHAR_BLANK,
	['\f'] = CHAR_BLANK, ['\v'] = CHAR_BLANK, ['\n'] = CHAR_EOL,
	['"'] = CHAR_QUOTE,  ['{'] = CHAR_BRACE,  ['}'] = CHAR_BRACE,
};

/* Room for one more word; END is behind the last one. Returns the new END. */
static struct conf_word *lex_more_words(struct conf_ctx *ctx,
					struct conf_word *end)
{
	size_t used = (size_t)(end - ctx->words);

	ctx->words =
		array_grow(ctx->words, used, &ctx->room_words, sizeof(*end));
	return ctx->words + used;
}

/* The closing quote of the string at P, or NULL if something is in the way. */
static const char *lex_quoted(const char *p, const uint8_t *classes)
{
	while (*p != '"') {
		uint8_t class = classes[(uint8_t)*p];

		if (class == CHAR_EOL || class == CHAR_SPECIAL)
			return NULL;
		p++;
	}
	return p;
}

/*
 * Once a brace was acted on, a line cannot be started anew: is there anything
 * in the rest of it that a raw line may not hold?
 */
static bool lex_rest_is_plain(const char *p)
{
	for (;; p++) {
		switch (raw_classes[(uint8_t)*p]) {
		case CHAR_EOL:
		case CHAR_COMMENT:
			return true;
		case CHAR_SPECIAL:
			return false;
		case CHAR_QUOTE:
			p = lex_quoted(p + 1, raw_classes);
			if (!p)
				return false;
			break;
		}
	}
}

/* The state of a walk over a line. */
struct lex_walk {
	const uint8_t *classes;
	struct conf_word *word, *limit; /* the next one; where room ends */
	uint32_t first; /* of the statement at hand */
	bool plain; /* the rest of the line holds nothing special */
};

/* The words since FIRST are a statement, unless there are none. */
static inline void lex_statement(struct conf_lexer *lx,
				 const struct lex_walk *walk)
{
	lx->ctx->nr_words = (size_t)(walk->word - lx->ctx->words);
	if (lx->ctx->nr_words > walk->first)
		conf_tree_statement(lx, walk->first);
}

static inline void lex_keep(struct conf_ctx *ctx, struct lex_walk *walk,
			    const char *text, const char *end, bool quoted)
{
	if (walk->word == walk->limit) {
		walk->word = lex_more_words(ctx, walk->word);
		walk->limit = ctx->words + ctx->room_words;
	}
	walk->word->text = text;
	walk->word->len = (uint32_t)(end - text);
	walk->word->quoted = quoted;
	walk->word++;
}

/* The brace at P; false if the line must be started anew. */
static inline bool lex_brace(struct conf_lexer *lx, struct lex_walk *walk,
			     const char *p)
{
	if (!walk->plain && p[1] != '\n' && !lex_rest_is_plain(p))
		return false;
	walk->plain = true;
	lex_statement(lx, walk);
	if (*p == '{')
		conf_tree_open(lx, p);
	else
		conf_tree_close(lx, p);
	walk->first = (uint32_t)lx->ctx->nr_words;
	walk->word = lx->ctx->words + walk->first;
	return true;
}

__attribute__((cold)) void conf_lex_say_cut(struct conf_lexer *lx,
					    const char *keyword, size_t len,
					    const char *at)
{
	struct conf_place place = conf_lex_place(lx, at);
	const struct conf_word word = { .text = keyword, .len = (uint32_t)len };

	/* The column would tell the character's position in a password. */
	if (conf_is_secret_word(keyword, len))
		place.column = 0;
	conf_complain(
		lx->ctx, CLASS_WARNING, place,
		"a comment begins inside the value of '%.*s' and cuts it short; if the '%c' belongs to the value, put that in double quotes, else put a blank before it",
		CONF_SHOW(&word), *at);
}

/* The word that ends at P, where a comment begins, is a value. */
static __attribute__((cold)) void
lex_say_cut(struct conf_lexer *lx, const struct lex_walk *walk, const char *p)
{
	const struct conf_word *first = &lx->ctx->words[walk->first];

	if (walk->word - first > 1)
		conf_lex_say_cut(lx, first->text, first->len, p);
}

static __attribute__((cold)) void lex_say_quote(struct conf_lexer *lx)
{
	conf_complain(lx->ctx, CLASS_FAULT, conf_lex_place(lx, NULL),
		      "a \" is not closed on its line");
}

/*
 * The words and braces of the line at P. Returns the start of the next line, or
 * NULL, having done nothing, if the line needs conf_expand_line(); with
 * done_classes no line does. Most of the time of a large file goes here.
 */
static inline __attribute__((always_inline)) const char *
lex_line(struct conf_lexer *lx, const char *p, const uint8_t *classes)
{
	struct conf_ctx *ctx = lx->ctx;
	const uint32_t before = (uint32_t)ctx->nr_words;
	struct lex_walk walk = { classes, ctx->words + before,
				 ctx->words + ctx->room_words, before,
				 classes == done_classes };
	const char *start;
	uint8_t class;

	for (;; p++) {
		start = p;
		while ((class = classes[(uint8_t)*p]) == CHAR_WORD)
			p++;
		if (p > start)
			lex_keep(ctx, &walk, start, p, false);
		if (class == CHAR_BLANK)
			continue;
		if (class == CHAR_COMMENT && p > start)
			lex_say_cut(lx, &walk, p);
		if (class == CHAR_EOL || class == CHAR_COMMENT)
			break;
		if (class == CHAR_BRACE && lex_brace(lx, &walk, p))
			continue;
		if (class != CHAR_QUOTE)
			goto special;
		start = ++p;
		p = lex_quoted(start, classes);
		if (!p)
			goto special;
		lex_keep(ctx, &walk, start, p, true);
	}
	lex_statement(lx, &walk);
	if (class == CHAR_COMMENT)
		p = memchr(p, '\n', (size_t)(lx->end - p));
	return p + 1;
special:
	/* In a finished line only a quote can be in the way. */
	if (classes == done_classes) {
		lex_say_quote(lx);
		lex_statement(lx, &walk);
	} else {
		ctx->nr_words = before;
	}
	return NULL;
}

void conf_lex_words(struct conf_lexer *lx, const char *line)
{
	lex_line(lx, line, done_classes);
}

bool conf_lex_next_line(struct conf_lexer *lx, const char **line, size_t *len)
{
	const char *eol;

	if (lx->p >= lx->end || *lx->p == CONF_MARK)
		return false;
	eol = memchr(lx->p, '\n', (size_t)(lx->end - lx->p));
	*line = lx->p;
	*len = (size_t)(eol - lx->p);
	lx->p = eol + 1;
	lx->line++;
	return true;
}

bool conf_lex_plain(struct conf_lexer *lx, const char **line)
{
	while (lx->p < lx->end && *lx->p != CONF_MARK) {
		const char *p = lx->p;

		*line = p;
		lx->line++;
		lx->source = (uint32_t)(p - lx->ctx->text);
		while (raw_classes[(uint8_t)*p] == CHAR_BLANK)
			p++;
		if (*p != '@' && *p != '~') {
			/*
			 * Places in complaints are below P; lex_line() finds
			 * the end.
			 */
			lx->p = lx->end;
			p = lex_line(lx, p, raw_classes);
		} else {
			p = NULL;
		}
		lx->p = p;
		if (!p) {
			lx->p = (const char *)memchr(
					*line, '\n',
					(size_t)(lx->end - *line)) +
				1;
			return true;
		}
		if ((size_t)(p - *line) > CONF_LINE_MAX)
			return true;
	}
	return false;
}
