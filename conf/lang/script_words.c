/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands. The words of a line are split as a shell would: both kinds of
 * quotes, pieces side by side are one word, backslash escapes. The first word
 * of the line is then the command, which is split once more into its arguments;
 * the second and third are the user and group to run it as.
 *
 * Escapes are worked off once, in the second round: an escaped quote neither
 * begins nor ends anything in both of them. keepalived before 2.3.2 works them
 * off twice, so that a backslash for the program has to be written four times.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/lex.h"
#include "conf/lang/outside.h"

static bool script_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* "\xHH", one digit or two; P is behind the 'x'. */
static const char *script_hex(const char *p, const char *end, char *out)
{
	unsigned value = 0, i;

	for (i = 0; i < 2 && p < end && isxdigit((unsigned char)*p); i++, p++)
		value = value << 4 | (unsigned)(isdigit((unsigned char)*p) ?
							*p - '0' :
							(*p | 0x20) - 'a' + 10);
	*out = (char)value;
	return p;
}

static const char *script_octal(const char *p, const char *end, char *out)
{
	unsigned value = 0, i;

	for (i = 0; i < 3 && p < end && *p >= '0' && *p <= '7'; i++, p++)
		value = value << 3 | (unsigned)(*p - '0');
	*out = (char)value;
	return p;
}

/* The escape at P, behind its backslash. */
static const char *script_escape(const char *p, const char *end, char *out)
{
	static const char letters[] = "abEfnrtv",
			  values[] = "\a\b\033\f\n\r\t\v";
	const char *letter;

	if (*p == 'x' && p + 1 < end && isxdigit((unsigned char)p[1]))
		return script_hex(p + 1, end, out);
	if (*p == 'c' && p + 1 < end) {
		*out = p[1] & 0x1f;
		return p + 2;
	}
	if (*p >= '0' && *p <= '7')
		return script_octal(p, end, out);
	letter = strchr(letters, *p);
	*out = letter && *p ? values[letter - letters] : *p;
	return p + 1;
}

/*
 * Split off a word at P; NULL after setting *ERROR. RAW: escapes stay as they
 * are.
 */
static const char *script_word(const char *p, const char *end, bool raw,
			       struct conf_buf *out, const char **error)
{
	char quote = 0, c;

	while (p < end && (quote || !script_is_blank(*p))) {
		c = *p++;
		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
			continue;
		}
		if (c == '\\') {
			if (p == end) {
				*error = "a '\\' at the end";
				return NULL;
			}
			if (raw) {
				conf_buf_char(out, c);
				c = *p++;
				/* "\cC" is one escape, be C a quote. */
				if (c == 'c' && p < end) {
					conf_buf_char(out, c);
					c = *p++;
				}
			} else {
				p = script_escape(p, end, &c);
			}
		}
		/* A NUL would end the argument, so it is refused. */
		if (c == '\0') {
			*error = "an escaped NUL";
			return NULL;
		}
		conf_buf_char(out, c);
	}
	if (quote)
		*error = quote == '"' ? "a \" that is not closed" :
					"a ' that is not closed";
	return quote ? NULL : p;
}

static struct conf_words script_split(struct arena *arena, const char *text,
				      size_t len, bool raw)
{
	const char *p = text, *end = text + len;
	struct conf_words result = { 0 };
	struct conf_buf word = { 0 };
	char **words = NULL;
	size_t room = 0;

	for (;;) {
		while (p < end && script_is_blank(*p))
			p++;
		if (p == end)
			break;
		word.len = 0;
		p = script_word(p, end, raw, &word, &result.error);
		if (!p)
			break;
		words = array_grow(words, result.nr, &room, sizeof(*words));
		words[result.nr++] = arena_strndup(
			arena, word.text ? word.text : "", word.len);
	}
	words = array_grow(words, result.nr, &room, sizeof(*words));
	words[result.nr] = NULL;
	result.words = arena_copy(arena, words, result.nr + 1, sizeof(*words));
	free(words);
	conf_buf_free(&word);
	return result;
}

struct conf_words conf_script_split(struct arena *arena, const char *text,
				    size_t len)
{
	return script_split(arena, text, len, false);
}

void conf_get_user(struct conf_ctx *ctx, const struct conf_node *node,
		   uint32_t word, const char **user, const char **group)
{
	const struct conf_word *first = conf_word(ctx, node, word), *second;
	const char *colon = memchr(first->text, ':', first->len);
	uint32_t skip;

	if (colon) {
		*user = conf_string(ctx, first->text,
				    (size_t)(colon - first->text));
		*group = conf_string(ctx, colon + 1,
				     first->len -
					     (size_t)(colon + 1 - first->text));
		return;
	}
	*user = conf_string(ctx, first->text, first->len);
	if (node->nr_words <= word + 1)
		return;
	second = conf_word(ctx, node, word + 1);
	skip = second->len > 1 && second->text[0] == ':';
	*group = conf_string(ctx, second->text + skip, second->len - skip);
}

/* The line as it stands, from the first value to the last. */
static struct conf_word script_rest(const struct conf_ctx *ctx,
				    const struct conf_node *node)
{
	const struct conf_word *first = conf_word(ctx, node, 1);
	const struct conf_word *last = conf_word(ctx, node, node->nr_words - 1);
	struct conf_word rest = { .text = first->text - first->quoted };

	rest.len =
		(uint32_t)(last->text + last->len + last->quoted - rest.text);
	return rest;
}

static struct conf_words script_fail(struct conf_ctx *ctx,
				     const struct conf_keyword *kw,
				     const struct conf_node *node,
				     struct conf_words words, const char *what)
{
	conf_say(ctx, CLASS_FAULT, node, 1, "the command of '%s' %s%s",
		 kw->name, words.error ? "holds " : "",
		 words.error ? words.error : what);
	words.nr = 0;
	return words;
}

const char conf_user_elsewhere[] = "user";

void conf_bind_script(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	struct conf_word rest = script_rest(ctx, node);
	struct conf_words line =
		script_split(ctx->scratch, rest.text, rest.len, true);
	const struct conf_script *shared;
	struct conf_script script = { 0 };
	struct conf_words argv, plain = { 0 };
	size_t i;

	if (line.error || line.nr == 0) {
		script_fail(ctx, kw, node, line, "is empty");
		return;
	}
	argv = conf_script_split(ctx->scratch, line.words[0],
				 strlen(line.words[0]));
	if (argv.error || argv.nr == 0) {
		script_fail(ctx, kw, node, argv, "is empty");
		return;
	}
	for (i = 0; i < argv.nr; i++)
		argv.words[i] = (char *)(uintptr_t)conf_string(
			ctx, argv.words[i], strlen(argv.words[i]));
	script.argv = (char **)(uintptr_t)conf_share(
		ctx, argv.words, (argv.nr + 1) * sizeof(*argv.words));
	script.command = conf_string(ctx, line.words[0], strlen(line.words[0]));
	/* The words that would be dropped are a part of the command. */
	if (line.nr > kw->most)
		conf_say(
			ctx, CLASS_FAULT, node, 0,
			kw->most == 1 ?
				"'%s' takes one word; put the command in quotes, arguments included" :
				"'%s' takes a command, a user and a group; put the command in quotes, arguments included",
			kw->name);
	if (line.nr > 1 && kw->most > 1)
		plain = conf_script_split(ctx->scratch, rest.text, rest.len);
	if (plain.nr > 1)
		script.user = conf_string(ctx, plain.words[1],
					  strlen(plain.words[1]));
	if (plain.nr > 2)
		script.group = conf_string(ctx, plain.words[2],
					   strlen(plain.words[2]));
	shared = conf_share(ctx, &script, sizeof(script));
	if (kw->data != conf_user_elsewhere)
		conf_outside_script(ctx, node, kw->name, shared);
	*(const struct conf_script **)(void *)((char *)target + kw->offset) =
		shared;
}
