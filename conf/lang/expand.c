/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expansion of lines that hold more than words: @ID in front, definitions
 * ($NAME=value, also over several lines) and their use, ~SEQ and ~LST. The
 * order of the steps is keepalived's: comments go first, then @ID, definition,
 * loop and replacement are tried again until nothing is replaced any more.
 *
 * A line can produce many: the lines of a multi-line value and the rounds of a
 * loop. Pending lines wait on a stack, innermost on top.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/expand.h"
#include "lib/util.h"

/* A value that needs more passes than this contains itself. */
#define PASSES_MAX 100
#define PENDING_MAX 200

static struct conf_expander *expand_expander_of(struct conf_lexer *lx)
{
	if (!lx->expander)
		lx->expander = xcalloc(1, sizeof(*lx->expander));
	return lx->expander;
}

void conf_expand_free(struct conf_lexer *lx)
{
	struct conf_expander *ex = lx->expander;

	if (!ex)
		return;
	conf_buf_free(&ex->now);
	conf_buf_free(&ex->next);
	free(ex->definitions);
	free(ex);
	lx->expander = NULL;
}

void conf_expand_mark(struct conf_lexer *lx, enum conf_mark mark,
		      const char *text, size_t len)
{
	struct conf_expander *ex = expand_expander_of(lx);
	const char *equals;
	size_t i;

	if (mark == MARK_FOLDER) {
		conf_expand_define(lx, "_PWD", 4, text, len);
	} else if (mark == MARK_SEED) {
		for (i = 0; i < len; i++)
			ex->random = ex->random * 31 + (uint8_t)text[i];
	} else {
		equals = memchr(text, '=', len);
		if (!equals)
			return;
		/*
		 * A blank cannot be in a name, so it keeps the environment
		 * apart.
		 */
		conf_buf_add(&ex->next, "_ENV ", 5);
		conf_buf_add(&ex->next, text, (size_t)(equals - text));
		conf_expand_define(lx, ex->next.text, ex->next.len, equals + 1,
				   len - (size_t)(equals + 1 - text));
		ex->next.len = 0;
	}
}

/*
 * Take out the comment, the blanks around, and the backslash of "\#" and "\!".
 * Only double quotes protect a comment character. *COMMENT is where it begins,
 * or NULL. Returns whether the line ends in a backslash, even in the comment: a
 * multi-line value then goes on.
 */
static bool expand_decomment(struct conf_buf *out, const char *p, size_t len,
			     const char **comment)
{
	const char *end = p + len;
	bool quoted = false, more;

	out->len = 0;
	*comment = NULL;
	while (p < end && isspace((unsigned char)*p))
		p++;
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	more = end > p && end[-1] == '\\';
	for (; p < end; p++) {
		if (*p == '"') {
			quoted = !quoted;
		} else if (*p == '\\' && p + 1 < end) {
			p++;
			if (quoted || (*p != '#' && *p != '!'))
				conf_buf_char(out, '\\');
		} else if (!quoted && (*p == '#' || *p == '!')) {
			*comment = p;
			break;
		}
		conf_buf_char(out, *p);
	}
	while (out->len && isspace((unsigned char)out->text[out->len - 1]))
		out->len--;
	return more || (out->len && out->text[out->len - 1] == '\\');
}

/* "@ID rest", "@^ID rest": the number of bytes to skip; LEN: the whole line. */
static size_t expand_condition(const struct conf_lexer *lx, const char *line,
			       size_t len)
{
	const char *id = lx->ctx->config_id ? lx->ctx->config_id : "";
	size_t start = len > 1 && line[1] == '^' ? 2 : 1, i;
	bool same;

	for (i = start; i < len && line[i] != ' ' && line[i] != '\t'; i++)
		;
	same = i - start == strlen(id) &&
	       memcmp(line + start, id, i - start) == 0;
	if (i == len || same == (start == 2))
		return len;
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i;
}

/* The length of a name that begins at P. */
static size_t expand_name_len(const char *p, const char *end)
{
	const char *start = p;

	if (p == end || (!isalpha((unsigned char)*p) && *p != '_'))
		return 0;
	while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
		p++;
	return (size_t)(p - start);
}

/*
 * LINE had a COMMENT directly behind a character: of a value, if the line is
 * for this host, and more than a keyword or a brace. IN_VALUE: of a value that
 * goes on from the line before.
 */
static __attribute__((cold)) void expand_say_cut(struct conf_lexer *lx,
						 const struct conf_buf *line,
						 const char *comment,
						 bool in_value)
{
	const char *text = line->text, *last;
	size_t len = line->len, skip = 0, n;

	if (len && text[0] == '@')
		skip = expand_condition(lx, text, len);
	text += skip;
	len -= skip;
	for (n = 0; n < len && !strchr(" \t=", text[n]); n++)
		;
	last = text + len;
	while (last > text && last[-1] != ' ' && last[-1] != '\t')
		last--;
	/* A definition is a value from its "=" on. */
	if (len == 0 || (last == text && text[0] != '$' && !in_value) ||
	    *last == '{' || *last == '}' || text[len - 1] == '"' ||
	    text[len - 1] == '{')
		return;
	conf_lex_say_cut(lx, text, n, comment);
}

/* Take the comment out, and complain if it is a part of a value. */
static bool expand_comment(struct conf_lexer *lx, struct conf_buf *out,
			   const char *line, size_t len, bool in_value)
{
	const char *comment;
	bool more = expand_decomment(out, line, len, &comment);

	if (comment && comment > line && !isspace((unsigned char)comment[-1]))
		expand_say_cut(lx, out, comment, in_value);
	return more;
}

/* Append a line of a multi-line value, without the backslash at its end. */
static void expand_add_line(struct conf_buf *value, const char *line,
			    size_t len)
{
	if (len && line[len - 1] == '\\')
		len--;
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	if (len == 0)
		return;
	conf_buf_add(value, line, len);
	conf_buf_char(value, '\n');
}

/* The lines that follow "$NAME= \", up to a line that does not end in '\'. */
static void expand_read_value(struct conf_lexer *lx, struct conf_buf *value)
{
	struct conf_buf line = { 0 };
	const char *raw;
	bool more = true;
	size_t len;

	while (more && conf_lex_next_line(lx, &raw, &len)) {
		lx->source = (uint32_t)(raw - lx->ctx->text);
		more = expand_comment(lx, &line, raw, len, true);
		expand_add_line(value, line.text, line.len);
		if (value->len > CONF_LINE_MAX) {
			conf_complain(lx->ctx, CLASS_ERROR,
				      conf_lex_place(lx, NULL),
				      "the value is longer than %zu bytes",
				      CONF_LINE_MAX);
			break;
		}
	}
	conf_buf_free(&line);
}

/* Take a definition "$NAME=value"; false if the line is none. */
static bool expand_definition(struct conf_lexer *lx, const char *line,
			      size_t len)
{
	const char *end = line + len, *value;
	size_t n = expand_name_len(line + 1, end);
	struct conf_buf lines = { 0 };

	if (n == 0 || line + 1 + n == end || line[1 + n] != '=')
		return false;
	value = line + 2 + n;
	while (value < end && isspace((unsigned char)*value))
		value++;
	/* A line produced by a value or a loop has no next line in the file. */
	if (lx->expander->pending || !lx->expander->more) {
		conf_expand_define(lx, line + 1, n, value,
				   (size_t)(end - value));
		return true;
	}
	expand_add_line(&lines, value, (size_t)(end - value));
	expand_read_value(lx, &lines);
	/* Even of one line or none, it is a multi-line value. */
	if (lines.len == 0)
		conf_buf_char(&lines, '\n');
	conf_expand_define(lx, line + 1, n, lines.text, lines.len);
	conf_buf_free(&lines);
	return true;
}

static bool expand_push(struct conf_lexer *lx, struct conf_pending pending)
{
	struct conf_expander *ex = lx->expander;
	struct conf_pending *copy;

	if (ex->nr_pending >= PENDING_MAX) {
		conf_complain(
			lx->ctx, CLASS_ERROR, conf_lex_place(lx, NULL),
			"values and loops more than %d deep: does a value contain itself?",
			PENDING_MAX);
		ex->overflow = true;
		return false;
	}
	copy = arena_copy(lx->ctx->scratch, &pending, 1, sizeof(pending));
	copy->below = ex->pending;
	ex->pending = copy;
	ex->nr_pending++;
	return true;
}

/*
 * Expand the reference "$NAME" or "${NAME}" at P: add its value to OUT and
 * return the end of the reference; NULL if P is no reference.
 */
static const char *expand_reference(struct conf_lexer *lx, const char *p,
				    const char *end, struct conf_buf *out)
{
	bool braces = p + 1 < end && p[1] == '{';
	const char *name = p + 1 + braces;
	size_t n = expand_name_len(name, end);
	const struct conf_definition *def;
	const char *after = name + n, *eol;

	if (braces) {
		after = memchr(name, '}', (size_t)(end - name));
		if (!after)
			return NULL;
		if (conf_expand_builtin(lx, name, (size_t)(after - name), out))
			return after + 1;
		if (after != name + n)
			return NULL;
		after++;
	} else if (after < end && !strchr(" \t,)", *after)) {
		return NULL;
	}
	def = n ? conf_expand_find(lx->expander, name, n) : NULL;
	if (!def)
		return NULL;
	eol = memchr(def->value, '\n', def->len);
	if (!eol) {
		conf_buf_add(out, def->value, def->len);
		return after;
	}
	if (after != end)
		return NULL;
	conf_buf_add(out, def->value, (size_t)(eol - def->value));
	expand_push(lx,
		    (struct conf_pending){
			    .text = eol + 1,
			    .len = def->len - (size_t)(eol + 1 - def->value) });
	return end;
}

/* Whether the quotes of TEXT leave a string open; QUOTED: one is open before. */
static bool expand_quotes(const char *text, size_t len, bool quoted)
{
	const char *end = text + len;

	while (text < end && (text = memchr(text, '"', (size_t)(end - text)))) {
		quoted = !quoted;
		text++;
	}
	return quoted;
}

/* "${_HASH}" or "${_BANG}": outside of quotes a comment, as in keepalived. */
static bool expand_begins_comment(const char *p, const char *end)
{
	return end - p >= 8 &&
	       (memcmp(p, "${_HASH}", 8) == 0 || memcmp(p, "${_BANG}", 8) == 0);
}

/* A variable begins a comment behind the text produced so far. */
static void expand_cut(struct conf_lexer *lx, const char *dollar)
{
	struct conf_buf *line = &lx->expander->next;
	char last = line->len ? line->text[line->len - 1] : ' ';

	if (!isspace((unsigned char)last))
		expand_say_cut(lx, line, dollar[3] == 'H' ? "#" : "!", false);
	while (line->len && isspace((unsigned char)line->text[line->len - 1]))
		line->len--;
}

/* Run a pass of replacement over ex->now; true if anything was replaced. */
static bool expand_pass(struct conf_lexer *lx)
{
	struct conf_expander *ex = lx->expander;
	const char *p = ex->now.text, *end = p + ex->now.len, *dollar, *after;
	struct conf_buf swap;
	bool replaced = false, quoted = false;
	size_t seen = 0;

	ex->next.len = 0;
	while (p < end && (dollar = memchr(p, '$', (size_t)(end - p)))) {
		conf_buf_add(&ex->next, p, (size_t)(dollar - p));
		/* Without a byte so far there may be no text at all. */
		if (ex->next.len > seen)
			quoted = expand_quotes(ex->next.text + seen,
					       ex->next.len - seen, quoted);
		seen = ex->next.len;
		if (!quoted && expand_begins_comment(dollar, end)) {
			expand_cut(lx, dollar);
			replaced = true;
			p = end;
			break;
		}
		after = expand_reference(lx, dollar, end, &ex->next);
		replaced |= after != NULL;
		if (!after)
			conf_buf_char(&ex->next, '$');
		p = after ? after : dollar + 1;
		if (ex->next.len > CONF_LINE_MAX)
			break;
	}
	conf_buf_add(&ex->next, p, (size_t)(end - p));
	swap = ex->now;
	ex->now = ex->next;
	ex->next = swap;
	return replaced;
}

/*
 * The variable NAME was not replaced, and its braces would open blocks. SECRET:
 * a word before it announces a password.
 */
static void expand_say_undefined(struct conf_lexer *lx, const char *name,
				 size_t len, bool braces, bool secret)
{
	struct conf_expander *ex = lx->expander;
	const struct conf_word word = { .text = name, .len = (uint32_t)len };
	struct conf_place place = conf_lex_place(lx, NULL);

	/* In a password a '$' is a letter like any other. */
	if (secret) {
		if (braces)
			conf_complain(
				lx->ctx, CLASS_FAULT, place,
				"a variable of this line is not defined; a value with '{' belongs into double quotes");
	} else if (conf_expand_find(ex, name, len)) {
		conf_complain(
			lx->ctx, braces ? CLASS_FAULT : CLASS_NOTE, place,
			"the variable '%.*s' has several lines, so that nothing can follow it on its line",
			CONF_SHOW(&word));
	} else if (!braces) {
		conf_complain(
			lx->ctx, CLASS_NOTE, place,
			"the variable '%.*s' is not defined: '$%.*s' stays as it is",
			CONF_SHOW(&word), CONF_SHOW(&word));
	} else {
		conf_complain(lx->ctx, CLASS_FAULT, place,
			      "the variable '%.*s' is not defined",
			      CONF_SHOW(&word));
	}
}

/*
 * The references that are left in the finished line: said, and those with
 * braces lose these, which are no block. Strings are left alone: a shell may
 * know the variable.
 */
static void expand_undefined(struct conf_lexer *lx)
{
	struct conf_buf *line = &lx->expander->now;
	size_t i, out = 0, word = 0, n;
	bool quoted = false, secret = false, braces;

	for (i = 0; i < line->len; i++) {
		quoted ^= line->text[i] == '"';
		line->text[out++] = line->text[i];
		if (strchr(" \t\n\"{}", line->text[i])) {
			secret |= conf_is_secret_word(line->text + word,
						      out - 1 - word);
			word = out;
		}
		if (line->text[i] != '$' || quoted)
			continue;
		braces = line->text[i + 1] == '{';
		n = expand_name_len(line->text + i + 1 + braces,
				    line->text + line->len);
		if (n == 0 || (braces && line->text[i + 2 + n] != '}'))
			continue;
		expand_say_undefined(lx, line->text + i + 1 + braces, n, braces,
				     secret);
		memmove(line->text + out, line->text + i + 1 + braces, n);
		out += n;
		i += n + 2 * (size_t)braces;
	}
	line->len = out;
}

static bool expand_too_much(struct conf_lexer *lx, unsigned passes)
{
	struct conf_expander *ex = lx->expander;
	const char *what = NULL;

	if (ex->overflow)
		return true;
	if (ex->now.len > CONF_LINE_MAX)
		what = "the line gets longer than 1 MiB by what is put in for its variables";
	else if (passes > PASSES_MAX)
		what = "a variable contains itself";
	else if (ex->lines > CONF_EXPANDED_LINES ||
		 ex->bytes > CONF_EXPANDED_BYTES)
		what = "variables and loops produce too many lines";
	if (!what)
		return false;
	conf_complain(lx->ctx, CLASS_ERROR, conf_lex_place(lx, NULL), "%s",
		      what);
	/* The other pending lines are not produced either. */
	ex->overflow = true;
	return true;
}

/* Run all steps on the line in ex->now, comment gone, then lex its words. */
static void expand_steps(struct conf_lexer *lx)
{
	struct conf_expander *ex = lx->expander;
	struct conf_loop *loop;
	unsigned passes = 0;
	size_t skip;

	/* A line that becomes empty counts too: a loop has many. */
	ex->lines++;
	do {
		if (expand_too_much(lx, passes++))
			return;
		for (skip = 0; skip < ex->now.len &&
			       isspace((unsigned char)ex->now.text[skip]);)
			skip++;
		if (skip < ex->now.len && ex->now.text[skip] == '@')
			skip += expand_condition(lx, ex->now.text + skip,
						 ex->now.len - skip);
		if (skip == ex->now.len)
			return;
		ex->now.len -= skip;
		memmove(ex->now.text, ex->now.text + skip, ex->now.len);
		if (ex->now.text[0] == '$' &&
		    expand_definition(lx, ex->now.text, ex->now.len))
			return;
		if (ex->now.text[0] == '~') {
			loop = conf_seq_parse(lx, ex->now.text, ex->now.len);
			if (loop)
				expand_push(lx, (struct conf_pending){
							.loop = loop });
			return;
		}
	} while (memchr(ex->now.text, '$', ex->now.len) && expand_pass(lx));
	ex->bytes += ex->now.len;
	conf_buf_char(&ex->now, '\n');
	if (memchr(ex->now.text, '$', ex->now.len))
		expand_undefined(lx);
	/* The words outlive the buffer. */
	conf_lex_words(lx, arena_strndup(lx->ctx->scratch, ex->now.text,
					 ex->now.len));
}

/* Put the next pending line into ex->now; false if there is none. */
static bool expand_next(struct conf_lexer *lx)
{
	struct conf_expander *ex = lx->expander;
	struct conf_pending *top;
	const char *eol;

	while ((top = ex->pending)) {
		ex->now.len = 0;
		if (top->loop && !ex->overflow &&
		    conf_seq_next(lx, top->loop)) {
			conf_buf_add(&ex->now, top->loop->text, top->loop->len);
			return true;
		}
		if (!top->loop && !ex->overflow && top->len) {
			eol = memchr(top->text, '\n', top->len);
			conf_buf_add(&ex->now, top->text,
				     (size_t)(eol - top->text));
			top->len -= (size_t)(eol + 1 - top->text);
			top->text = eol + 1;
			return true;
		}
		ex->pending = top->below;
		ex->nr_pending--;
	}
	return false;
}

void conf_expand_line(struct conf_lexer *lx, const char *line, size_t len)
{
	struct conf_expander *ex = expand_expander_of(lx);

	ex->overflow = false;
	ex->more = expand_comment(lx, &ex->now, line, len, false);
	do {
		if (ex->now.len)
			expand_steps(lx);
	} while (expand_next(lx));
}
