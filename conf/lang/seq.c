/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loops: "~SEQ(var, [start, [step,]] end) rest" repeats a line for numbers,
 * "~LST(var, a, b) rest" and "~LST({v, w}, {a, b}, {c, d}) rest" for values.
 * The rest is kept as it is, so that an inner loop is found in each round of
 * the outer one.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/expand.h"
#include "lib/util.h"

static void *seq_bad(struct conf_lexer *lx, const char *why)
{
	conf_complain(lx->ctx, CLASS_FAULT, conf_lex_place(lx, NULL), "%s",
		      why);
	return NULL;
}

/* The text between commas, without the blanks around; moves *P behind it. */
static struct conf_word seq_item(const char **p, const char *end,
				 const char *stops)
{
	struct conf_word word = { 0 };
	const char *last;

	while (*p < end && isspace((unsigned char)**p))
		++*p;
	word.text = *p;
	while (*p < end && !strchr(stops, **p))
		++*p;
	for (last = *p; last > word.text && isspace((unsigned char)last[-1]);)
		last--;
	word.len = (uint32_t)(last - word.text);
	return word;
}

static bool seq_number(const struct conf_word *word, long *value)
{
	char digits[24], *end;

	if (word->len == 0 || word->len >= sizeof(digits))
		return false;
	memcpy(digits, word->text, word->len);
	digits[word->len] = '\0';
	*value = strtol(digits, &end, 0);
	return *end == '\0' && *value > -1000000000000 &&
	       *value < 1000000000000;
}

/*
 * The numbers may be variables: "~SEQ(x,1,$N)". The line's own expansion is
 * put off until the round, so they are looked up here.
 */
static struct conf_word seq_value(struct conf_lexer *lx, struct conf_word word)
{
	const struct conf_definition *def = NULL;

	if (word.len > 3 && word.text[1] == '{' &&
	    word.text[word.len - 1] == '}')
		def = conf_expand_find(lx->expander, word.text + 2,
				       word.len - 3);
	else if (word.len > 1)
		def = conf_expand_find(lx->expander, word.text + 1,
				       word.len - 1);
	if (word.len && word.text[0] == '$' && def)
		return (struct conf_word){ .text = def->value,
					   .len = (uint32_t)def->len };
	return word;
}

static struct conf_loop *seq_new(struct conf_lexer *lx, size_t nr_names)
{
	struct conf_loop *loop = arena_alloc(lx->ctx->scratch, sizeof(*loop));

	loop->names =
		arena_alloc(lx->ctx->scratch, nr_names * sizeof(*loop->names));
	loop->nr_names = nr_names;
	return loop;
}

static struct conf_loop *seq_parse_numbers(struct conf_lexer *lx,
					   const char **p, const char *end,
					   bool hex)
{
	struct conf_loop *loop = seq_new(lx, 1);
	struct conf_word word = seq_item(p, end, ",)");
	long numbers[3];
	size_t n = 0;

	if (word.len == 0)
		return seq_bad(
			lx,
			"~SEQ needs a variable: ~SEQ(var, start, step, end)");
	loop->names[0] = arena_strndup(lx->ctx->scratch, word.text, word.len);
	while (*p < end && **p == ',') {
		++*p;
		word = seq_value(lx, seq_item(p, end, ",)"));
		if (n == 3 || !seq_number(&word, &numbers[n++]))
			return seq_bad(
				lx,
				"~SEQ takes one to three numbers after its variable");
	}
	if (n == 0)
		return seq_bad(lx, "~SEQ needs an end: ~SEQ(var, end)");
	loop->last = numbers[n - 1];
	loop->next = n > 1 ? numbers[0] : loop->last < 0 ? -1 : 1;
	loop->step = n == 3 ? numbers[1] : loop->next <= loop->last ? 1 : -1;
	loop->hex = hex;
	if (loop->step == 0 || (loop->last > loop->next && loop->step < 0) ||
	    (loop->last < loop->next && loop->step > 0))
		return seq_bad(
			lx,
			"the step of ~SEQ does not lead from its start to its end");
	if (hex && (loop->next < 0 || loop->last < 0))
		return seq_bad(lx, "~SEQx is only for positive numbers");
	return loop;
}

/* "a" or "{a, b}" into at most ROOM words; returns how many, 0 for an error. */
static size_t seq_tuple(const char **p, const char *end,
			struct conf_word *words, size_t room)
{
	size_t n = 0;

	while (*p < end && isspace((unsigned char)**p))
		++*p;
	if (*p == end || **p != '{') {
		words[0] = seq_item(p, end, ",)");
		return 1;
	}
	do {
		++*p;
		if (n == room)
			return 0;
		words[n++] = seq_item(p, end, ",}");
	} while (*p < end && **p == ',');
	if (*p == end)
		return 0;
	++*p;
	while (*p < end && isspace((unsigned char)**p))
		++*p;
	return n;
}

static const char **seq_row(struct conf_lexer *lx,
			    const struct conf_word *words, size_t n,
			    size_t width)
{
	const char **row = arena_alloc(lx->ctx->scratch, width * sizeof(*row));
	size_t i;

	for (i = 0; i < width; i++)
		row[i] = i < n ? arena_strndup(lx->ctx->scratch, words[i].text,
					       words[i].len) :
				 "";
	return row;
}

static struct conf_loop *seq_parse_list(struct conf_lexer *lx, const char **p,
					const char *end)
{
	struct conf_word words[32];
	struct conf_loop *loop;
	const char ***rows = NULL;
	size_t n = seq_tuple(p, end, words, ARRAY_SIZE(words)), room = 0,
	       nr = 0, i;

	if (n == 0 || words[0].len == 0)
		return seq_bad(
			lx,
			"~LST needs variables: ~LST(var, a, b) or ~LST({v, w}, {a, b})");
	loop = seq_new(lx, n);
	for (i = 0; i < n; i++)
		loop->names[i] = arena_strndup(lx->ctx->scratch, words[i].text,
					       words[i].len);
	while (*p < end && **p == ',') {
		++*p;
		n = seq_tuple(p, end, words, ARRAY_SIZE(words));
		if (n == 0 || n > loop->nr_names) {
			free(rows);
			return seq_bad(
				lx,
				"~LST has more values in a group than variables");
		}
		rows = array_grow(rows, nr, &room, sizeof(*rows));
		rows[nr++] = seq_row(lx, words, n, loop->nr_names);
	}
	loop->rows = arena_copy(lx->ctx->scratch, rows, nr, sizeof(*rows));
	loop->nr_rows = nr;
	free(rows);
	if (nr == 0)
		return seq_bad(lx, "~LST has no values");
	return loop;
}

struct conf_loop *conf_seq_parse(struct conf_lexer *lx, const char *line,
				 size_t len)
{
	const char *end = line + len, *p = line + 4;
	struct conf_loop *loop;
	bool seq = len > 4 && memcmp(line, "~SEQ", 4) == 0, hex = false;

	if (!seq && (len <= 4 || memcmp(line, "~LST", 4) != 0))
		return seq_bad(
			lx,
			"a line that begins with '~' must be a ~SEQ or a ~LST");
	if (seq && *p == 'x') {
		hex = true;
		p++;
	}
	while (p < end && isspace((unsigned char)*p))
		p++;
	if (p == end || *p++ != '(')
		return seq_bad(lx, "~SEQ and ~LST are followed by '('");
	loop = seq ? seq_parse_numbers(lx, &p, end, hex) :
		     seq_parse_list(lx, &p, end);
	if (!loop)
		return NULL;
	if (p == end || *p != ')')
		return seq_bad(lx, "the ')' of ~SEQ or ~LST is missing");
	for (p++; p < end && isspace((unsigned char)*p);)
		p++;
	loop->text = arena_strndup(lx->ctx->scratch, p, (size_t)(end - p));
	loop->len = (size_t)(end - p);
	return loop;
}

bool conf_seq_next(struct conf_lexer *lx, struct conf_loop *loop)
{
	char digits[24];
	size_t i;

	if (loop->done)
		return false;
	if (loop->rows) {
		for (i = 0; i < loop->nr_names; i++)
			conf_expand_define(lx, loop->names[i],
					   strlen(loop->names[i]),
					   loop->rows[loop->row][i],
					   strlen(loop->rows[loop->row][i]));
		loop->done = ++loop->row == loop->nr_rows;
		return true;
	}
	snprintf(digits, sizeof(digits), loop->hex ? "%lx" : "%ld", loop->next);
	conf_expand_define(lx, loop->names[0], strlen(loop->names[0]), digits,
			   strlen(digits));
	/* Ranges are bounded, so this cannot overflow. */
	loop->next += loop->step;
	loop->done = loop->step > 0 ? loop->next > loop->last :
				      loop->next < loop->last;
	return true;
}
