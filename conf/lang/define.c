/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of variables, by name, and the built-in ones. conf_read() puts all
 * inputs of the built-ins into the text: so all processes see the same values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/expand.h"
#include "lib/util.h"

static struct conf_definition *define_slot(const struct conf_expander *ex,
					   const char *name, size_t len)
{
	uint32_t hash = 2166136261u;
	struct conf_definition *slot;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619u;
	for (i = hash;; i++) {
		slot = &ex->definitions[i & (ex->room_definitions - 1)];
		if (!slot->name || (slot->name_len == len &&
				    memcmp(slot->name, name, len) == 0))
			return slot;
	}
}

static void define_grow(struct conf_expander *ex)
{
	struct conf_definition *old = ex->definitions;
	size_t room = ex->room_definitions, i;

	if (2 * (ex->nr_definitions + 1) <= room)
		return;
	ex->room_definitions = room ? room * 2 : 64;
	ex->definitions = xcalloc(ex->room_definitions, sizeof(*old));
	for (i = 0; i < room; i++) {
		if (old[i].name)
			*define_slot(ex, old[i].name, old[i].name_len) = old[i];
	}
	free(old);
}

const struct conf_definition *conf_expand_find(const struct conf_expander *ex,
					       const char *name, size_t len)
{
	const struct conf_definition *slot;

	if (ex->room_definitions == 0)
		return NULL;
	slot = define_slot(ex, name, len);
	return slot->name ? slot : NULL;
}

void conf_expand_define(struct conf_lexer *lx, const char *name,
			size_t name_len, const char *value, size_t len)
{
	struct conf_definition *slot;

	if (!lx->expander)
		lx->expander = xcalloc(1, sizeof(*lx->expander));
	define_grow(lx->expander);
	slot = define_slot(lx->expander, name, name_len);
	if (!slot->name) {
		slot->name = arena_strndup(lx->ctx->scratch, name, name_len);
		slot->name_len = name_len;
		lx->expander->nr_definitions++;
	}
	slot->value = arena_strndup(lx->ctx->scratch, value, len);
	slot->len = len;
}

/* Good enough for spreading values; equal in every process. */
static uint32_t define_random(struct conf_expander *ex)
{
	ex->random = ex->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(ex->random >> 33);
}

/* The next number of TEXT, if there is one; false if there is something else. */
static bool define_number(const char **text, uint32_t *value)
{
	const char *p = *text + strspn(*text, " \t");
	size_t digits = strspn(p, "0123456789"), i;

	if (digits == 0 || digits > 9 || p == *text) {
		*text = p;
		return *p == '\0';
	}
	for (i = 0, *value = 0; i < digits; i++)
		*value = *value * 10 + (uint32_t)(p[i] - '0');
	*text = p + digits;
	return true;
}

/* "[MIN [MAX]]" of "_RANDOM" */
static bool define_random_between(struct conf_lexer *lx, const char *text,
				  struct conf_buf *out)
{
	uint32_t min = 0, max = 32767;
	char digits[16];

	if (!define_number(&text, &min) || !define_number(&text, &max) ||
	    text[strspn(text, " \t")] || max < min)
		return false;
	snprintf(digits, sizeof(digits), "%u",
		 min + define_random(lx->expander) % (max - min + 1));
	conf_buf_add(out, digits, strlen(digits));
	return true;
}

bool conf_expand_builtin(struct conf_lexer *lx, const char *text, size_t len,
			 struct conf_buf *out)
{
	const struct conf_definition *def;
	const char *id;
	char name[128];

	if (len == 0 || len >= sizeof(name) || text[0] != '_')
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	if (strcmp(name, "_HASH") == 0) {
		conf_buf_char(out, '#');
		return true;
	}
	if (strcmp(name, "_BANG") == 0) {
		conf_buf_char(out, '!');
		return true;
	}
	if (strncmp(name, "_RANDOM", 7) == 0)
		return define_random_between(lx, name + 7, out);
	if (strcmp(name, "_INSTANCE") == 0) {
		id = lx->ctx->config_id ? lx->ctx->config_id : "";
		conf_buf_add(out, id, strlen(id));
		return true;
	}
	/* "_PWD", "_ENV NAME" */
	def = conf_expand_find(lx->expander, name, len);
	if (!def || memchr(def->value, '\n', def->len))
		return false;
	conf_buf_add(out, def->value, def->len);
	return true;
}
