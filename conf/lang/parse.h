/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the configuration language. The way of a file:
 *
 *   read.c     files -> one text; markers carry names and line numbers
 *   tree_build.c  the text, line by line, through the next three
 *   lex.c      lines -> words and braces
 *   expand.c   @ID, $VAR, ~SEQ, ~LST: only for lines that hold them
 *   tree.c     words and braces -> tree of statements
 *   bind.c     tree -> structs, by the keyword tables of the other files
 *   resolve.c  references between blocks, defaults
 *
 * The state of a parse is in struct conf_ctx. The tables are constant. No file
 * outside conf/ includes this header, except for the language's tests.
 */
#ifndef EVENKEEL_CONF_LANG_PARSE_H
#define EVENKEEL_CONF_LANG_PARSE_H

#include <stdarg.h>

#include "conf/conf.h"
#include "conf/lang/intern.h"
#include "lib/arena.h"

/* The longest line, expanded or not, and the largest text. */
#define CONF_LINE_MAX ((size_t)1024 * 1024)
#define CONF_TEXT_MAX ((size_t)256 * 1024 * 1024)
/* Limits of the text that $VAR, ~SEQ and ~LST may produce in one file. */
#define CONF_EXPANDED_LINES ((size_t)4 * 1024 * 1024)
#define CONF_EXPANDED_BYTES ((size_t)64 * 1024 * 1024)
#define CONF_DEPTH_MAX 64

/*
 * A marker is a line of the text that begins with this byte, which cannot occur
 * in a file: conf_read() takes it out. The second byte is its kind.
 */
#define CONF_MARK '\0'
enum conf_mark {
	MARK_FILE = 'F', /* "3 12 name": the next line is line 12 of file 3 */
	MARK_ID = 'I', /* the configuration's name for "@name" */
	MARK_FOLDER = 'D', /* the file's folder, for ${_PWD} */
	MARK_SEED = 'R', /* for ${_RANDOM}: all processes draw the same */
	MARK_ENV = 'V', /* "NAME=value", for ${_ENV NAME} */
	MARK_TABLE = 'T', /* "NUMBER NAME": of a routing table */
	MARK_SAY =
		'!', /* class letter, text: about the next line, which is skipped */
};

struct conf_word {
	const char *text; /* not ended by NUL */
	uint32_t len;
	bool quoted;
};

/*
 * A statement: a keyword with its values, and perhaps a block. Nodes are in the
 * order of the file, so a block's content is the nodes behind it up to END.
 */
struct conf_node {
	uint32_t words; /* index of the first */
	uint32_t nr_words : 31;
	uint32_t block : 1; /* has a { } */
	uint32_t end; /* the next node that is not inside this one */
	uint32_t source; /* where its line begins in the text */
	uint32_t line;
	uint16_t file;
	uint16_t slot; /* bind.c: where its keyword was found */
};

/* The most blocks of the language, see enum conf_block_id. */
#define CONF_BLOCKS_MAX 64

/* More files cannot be told apart. */
#define CONF_FILES_MAX 65535

/*
 * The severity of a complaint, before it is known whether the file is compat.
 */
enum conf_class {
	CLASS_NOTE,
	CLASS_ODD, /* a note under keepalived_compat, else a warning */
	CLASS_WARNING,
	CLASS_FAULT, /* a warning under keepalived_compat, else an error */
	CLASS_ERROR,
};

struct conf_place {
	uint32_t source;
	uint32_t line; /* 0: no place */
	uint32_t file;
	uint32_t column;
};

struct conf_complaint {
	struct conf_place place;
	enum conf_class class;
	uint32_t order;
	const char *text;
};

struct conf_shared;
struct conf_draft;

struct conf_table_name {
	const char *name;
	uint32_t number;
};

struct conf_ctx {
	struct arena *arena; /* the result's memory */
	struct arena *scratch; /* gone when the parse ends */
	struct conf *conf;
	const char *text;
	size_t length;
	bool compat;
	bool vrrp_only; /* virtual servers are passed over */

	struct conf_complaint *complaints;
	size_t nr_complaints, room_complaints;
	uint32_t dropped; /* complaints beyond the limit */
	enum conf_class dropped_class; /* the worst of them */
	uint32_t faults; /* complaints of CLASS_FAULT and worse */

	const char **files;
	size_t nr_files, room_files;
	const char *config_id;
	struct conf_table_name *tables; /* of the host's routing tables */
	size_t nr_tables, room_tables;

	struct conf_node *nodes; /* nodes[0] is the file itself */
	size_t nr_nodes, room_nodes;
	struct conf_word *words;
	size_t nr_words, room_words;

	const void **noted; /* keywords already reported as not acted on */
	size_t nr_noted, room_noted;
	struct conf_word unknown; /* the last one */
	uint32_t unknown_source;
	uint32_t quiet; /* inside a block that is not acted on */

	struct conf_shared *shared; /* strings and structs, each once */
	size_t nr_shared, room_shared;
	struct index shared_set;
	struct conf_outside *outside; /* names that main has to look for */
	size_t nr_outside, room_outside;
	struct index outside_set;

	struct conf_draft *draft; /* of the rooms that hold the blocks */
};

/* More complaints than this are counted, but not kept. */
#define CONF_COMPLAINTS_MAX 1000

static inline bool conf_complaints_full(const struct conf_ctx *ctx)
{
	return ctx->nr_complaints >= CONF_COMPLAINTS_MAX;
}

/* message.c */
struct conf_place conf_place_at(const struct conf_ctx *ctx,
				const struct conf_node *node, uint32_t word);
void conf_complain(struct conf_ctx *ctx, enum conf_class class,
		   struct conf_place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void conf_vcomplain(struct conf_ctx *ctx, enum conf_class class,
		    struct conf_place place, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));
/* Sort the complaints by place and hand them to REPORT. */
void conf_complain_all(struct conf_ctx *ctx, struct conf_report *report);
/* Whether a line or word of this name may hold a secret. */
bool conf_is_secret_word(const char *text, size_t len);

/* About the word at index WORD of NODE's line: 0 is the keyword itself. */
#define conf_say(ctx, class, node, word, ...) \
	conf_complain(ctx, class, conf_place_at(ctx, node, word), __VA_ARGS__)

/* tree_build.c: fills ctx->nodes and ctx->words from ctx->text. */
void conf_tree_build(struct conf_ctx *ctx);

static inline const struct conf_word *
conf_word(const struct conf_ctx *ctx, const struct conf_node *node, uint32_t i)
{
	return &ctx->words[node->words + i];
}

static inline bool conf_word_is(const struct conf_word *word, const char *text,
				size_t len)
{
	return word->len == len && __builtin_memcmp(word->text, text, len) == 0;
}

/* WORD is the constant TEXT. */
#define conf_is(word, text) conf_word_is(word, text, sizeof(text) - 1)

/* The parts of a format "%.*s" for a word; long ones are cut. */
#define CONF_SHOW(word) \
	((int)((word)->len > 60 ? 60 : (word)->len)), (word)->text

#endif
