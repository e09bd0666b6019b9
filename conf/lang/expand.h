/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between expand.c and define.c. */
#ifndef EVENKEEL_CONF_LANG_EXPAND_H
#define EVENKEEL_CONF_LANG_EXPAND_H

#include "conf/lang/lex.h"

/* A value with a '\n' is a multi-line one. The bytes are in the scratch arena. */
struct conf_definition {
	const char *name, *value;
	size_t name_len, len;
};

/* Lines still to come from a multi-line value (each ended by '\n') or a loop. */
struct conf_pending {
	struct conf_pending *below;
	const char *text;
	size_t len;
	struct conf_loop *loop; /* NULL: the text */
};

struct conf_expander {
	struct conf_definition
		*definitions; /* open addressing; name NULL: free */
	size_t nr_definitions, room_definitions; /* room is a power of two */
	struct conf_pending *pending;
	unsigned nr_pending;
	struct conf_buf now, next;
	size_t lines, bytes; /* produced so far */
	bool more; /* the line at hand ends in a backslash */
	bool overflow; /* the line at hand is given up */
	uint64_t random;
};

const struct conf_definition *conf_expand_find(const struct conf_expander *ex,
					       const char *name, size_t len);
/*
 * ${_HASH} and the like. TEXT is between the braces; false if it is no
 * built-in.
 */
bool conf_expand_builtin(struct conf_lexer *lx, const char *text, size_t len,
			 struct conf_buf *out);

#endif
